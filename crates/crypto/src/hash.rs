use crate::hex;
use borsh::{BorshDeserialize, BorshSerialize};
use core::str::FromStr;

/// A 32-byte BLAKE3 digest. Its [`Domain`](crate::Domain) is chosen where it is made.
///
/// Its order is that of its bytes. Encoded it is its 32 bytes; for people, 64 lower-case hex digits.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize,
)]
pub struct Hash([u8; 32]);

impl Hash {
    /// Thirty-two zero bytes: nobody knows an input with this digest, so it can mean "none".
    pub const ZERO: Self = Self([0; 32]);

    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Takes bytes that already are a digest.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, borrowed.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The bytes.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, ParseHashError> {
        hex::decode(text).map(Self)
    }
}

hex::text!(Hash);

/// Why a text is not a [`Hash`](struct@Hash).
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ParseHashError {
    /// The number of digits is wrong.
    #[error("got {got} hex digits, want {want}")]
    Length {
        /// Digits in the text.
        got: usize,
        /// Digits of this type.
        want: usize,
    },
    /// A character is no lower-case hex digit.
    #[error("got {got:?}, want a hex digit in lower case")]
    Digit {
        /// The first such character.
        got: char,
    },
}
