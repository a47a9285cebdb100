use super::{TooLong, invalid};
use alloc::{format, string::String, vec::Vec};
use borsh::io::{Read, Result, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use core::{fmt, ops::Deref};
use serde::de::Error as _;

/// Bytes read at a time, so that memory follows what arrives and not what is claimed.
const STEP_BYTES: usize = 16 * 1024;

/// At most `MAX` bytes whose meaning is somebody else's. People see hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Blob<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Blob<MAX> {
    /// How many bytes fit.
    pub const MAX: usize = MAX;

    /// The longest prefix of `bytes` that fits: for what we make ourselves, never for input.
    #[must_use]
    pub fn truncated(mut bytes: Vec<u8>) -> Self {
        bytes.truncate(MAX);
        Self(bytes)
    }

    /// The bytes.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> TryFrom<Vec<u8>> for Blob<MAX> {
    type Error = TooLong;

    fn try_from(bytes: Vec<u8>) -> core::result::Result<Self, TooLong> {
        let got = bytes.len();
        if got > MAX { Err(TooLong { got, limit: MAX }) } else { Ok(Self(bytes)) }
    }
}

impl<const MAX: usize> Deref for Blob<MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Blob<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<u8> = self.0.iter().take(16).copied().collect();
        write!(f, "{} bytes {}", self.0.len(), const_hex::encode(shown))
    }
}

impl<const MAX: usize> BorshSerialize for Blob<MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<const MAX: usize> BorshDeserialize for Blob<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let got = u32::deserialize_reader(reader)? as usize;
        if got > MAX {
            return Err(invalid(TooLong { got, limit: MAX }));
        }
        let mut bytes = Vec::new();
        while bytes.len() < got {
            let from = bytes.len();
            let step = got.saturating_sub(from).min(STEP_BYTES);
            bytes.resize(from.saturating_add(step), 0);
            reader.read_exact(bytes.get_mut(from..).unwrap_or_default())?;
        }
        Ok(Self(bytes))
    }
}

impl<const MAX: usize> serde::Serialize for Blob<MAX> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> core::result::Result<S::Ok, S::Error> {
        to.serialize_str(&const_hex::encode(&self.0))
    }
}

impl<'de, const MAX: usize> serde::Deserialize<'de> for Blob<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> core::result::Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(from)?;
        // const-hex also reads upper case and a leading "0x": other spellings of the same bytes.
        if let Some(got) = text.chars().find(|digit| !matches!(digit, '0'..='9' | 'a'..='f')) {
            return Err(D::Error::custom(format!("got {got:?}, want a hex digit in lower case")));
        }
        let bytes = const_hex::decode(text).map_err(D::Error::custom)?;
        Self::try_from(bytes).map_err(D::Error::custom)
    }
}
