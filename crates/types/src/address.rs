use alloc::string::String;
use bech32::{Bech32m, Hrp};
use borsh::{BorshDeserialize, BorshSerialize};
use core::{fmt, str::FromStr};
use isonomy_crypto::Hash;

/// The human-readable part of every address text.
const PREFIX: Hrp = Hrp::parse_unchecked("iso");

/// Names an account for good: the hash of its first [`Policy`](crate::Policy). Not a key: the
/// policy may change later, the address does not.
///
/// Its text is bech32m (BIP350) in lower case, its only spelling.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Address(pub Hash);

/// Why a text names no account.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseAddressError {
    /// A character is wrong, missing or swapped: the checksum shows it.
    #[error("the address {got:?} has a typing error: check it against its source")]
    Checksum {
        /// What was given.
        got: String,
    },
    /// Sound, but of another kind of network.
    #[error("the address starts with {got:?}, expected \"iso\"")]
    Prefix {
        /// The prefix found.
        got: String,
    },
    /// Upper case is valid bech32m, and refused so that an account has one spelling.
    #[error("the address is not in lower case")]
    Case,
    /// Sound, but not 32 bytes.
    #[error("the address holds {got} bytes, expected 32")]
    Length {
        /// How many bytes it holds.
        got: usize,
    },
    /// Sound, but the last character holds four bits beyond the 32 bytes and they are not zero: the
    /// same account would have sixteen spellings.
    #[error("the address ends in bits that are not zero")]
    Padding,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32m, _>(f, PREFIX, self.0.as_bytes())
            .map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "iso1[{:?}]", self.0)
    }
}

impl FromStr for Address {
    type Err = ParseAddressError;

    fn from_str(text: &str) -> Result<Self, ParseAddressError> {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(ParseAddressError::Case);
        }
        let parsed = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(text)
            .map_err(|_| ParseAddressError::Checksum { got: text.into() })?;
        if parsed.hrp() != PREFIX {
            return Err(ParseAddressError::Prefix { got: parsed.hrp().as_str().into() });
        }
        let bytes: alloc::vec::Vec<u8> = parsed.byte_iter().collect();
        let got = bytes.len();
        let hash = <[u8; 32]>::try_from(bytes).map_err(|_| ParseAddressError::Length { got })?;
        parsed.validate_segwit_padding().map_err(|_| ParseAddressError::Padding)?;
        Ok(Self(Hash::from_bytes(hash)))
    }
}

impl serde::Serialize for Address {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
