//! Bytes as text and as serde values: one spelling for each value.

use crate::ParseHashError;
use core::fmt;
use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;

/// Reads exactly `2 * N` lower-case hex digits.
pub(crate) fn decode<const N: usize>(text: &str) -> Result<[u8; N], ParseHashError> {
    let want = N.saturating_mul(2);
    let foreign = |digit: &char| !matches!(digit, '0'..='9' | 'a'..='f');
    if let Some(got) = text.chars().find(foreign) {
        return Err(ParseHashError::Digit { got });
    }
    const_hex::decode_to_array(text).map_err(|_| ParseHashError::Length { got: text.len(), want })
}

/// Gives a tuple struct over bytes its text and serde forms.
macro_rules! text {
    ($bytes:ident) => {
        impl core::fmt::Display for $bytes {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::hex::write(&self.0, f)
            }
        }

        impl core::fmt::LowerHex for $bytes {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::hex::write(&self.0, f)
            }
        }

        /// The first eight hex digits.
        impl core::fmt::Debug for $bytes {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::hex::write(&self.0[..4], f)
            }
        }

        impl serde::Serialize for $bytes {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::hex::serialize(&self.0, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $bytes {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::hex::deserialize(deserializer).map(Self)
            }
        }
    };
}
pub(crate) use text;

/// Writes `bytes` as lower-case hex digits.
pub(crate) fn write(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Serialises a hex string for people, bytes for machines.
pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.serialize_str(&const_hex::encode(bytes))
    } else {
        serializer.serialize_bytes(bytes)
    }
}

/// Reads what [`serialize`] writes.
pub(crate) fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(Text)
    } else {
        deserializer.deserialize_bytes(Bytes)
    }
}

struct Text<const N: usize>;

impl<const N: usize> Visitor<'_> for Text<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} lower-case hex digits", N.saturating_mul(2))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        decode(text).map_err(E::custom)
    }
}

struct Bytes<const N: usize>;

impl<const N: usize> Visitor<'_> for Bytes<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        bytes.try_into().map_err(|_| E::invalid_length(bytes.len(), &self))
    }
}
