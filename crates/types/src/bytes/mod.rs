//! Encoding, and containers whose bound is their type.
mod blob;
mod list;
mod text;
mod version;

pub use blob::Blob;
pub use list::List;
pub use text::Text;
pub use version::Version;

use alloc::{string::String, vec::Vec};
use borsh::{BorshDeserialize, BorshSerialize, io};
use isonomy_crypto::{Domain, Hash};

/// The only bytes of a value: borsh, little-endian, no padding, no alternatives.
pub trait Encode {
    /// The bytes. Two values of a type are equal exactly if their bytes are.
    fn encode(&self) -> Vec<u8>;

    /// Writes the bytes.
    ///
    /// # Errors
    /// What `to` says: memory says nothing.
    fn encode_to<W: io::Write>(&self, to: &mut W) -> io::Result<()>;

    /// The hash of the bytes, without writing them down first.
    fn digest(&self, domain: &Domain) -> Hash;

    /// How many bytes there are.
    fn encoded_len(&self) -> usize;
}

impl<T: BorshSerialize> Encode for T {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.encoded_len());
        // Writing to memory cannot fail, and every container here is shorter than 2³².
        let _ = self.serialize(&mut bytes);
        bytes
    }

    fn encode_to<W: io::Write>(&self, to: &mut W) -> io::Result<()> {
        self.serialize(to)
    }

    fn digest(&self, domain: &Domain) -> Hash {
        let mut hasher = domain.hasher();
        let _ = self.serialize(&mut hasher);
        hasher.finalize()
    }

    fn encoded_len(&self) -> usize {
        borsh::object_length(self).unwrap_or(usize::MAX)
    }
}

/// These bytes are those of no value of the type. The text is for people.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("cannot be decoded: {0}")]
pub struct DecodeError(pub String);

/// A value from its only bytes.
pub trait Decode: Sized {
    /// Reads `bytes` as one value, to the end.
    ///
    /// # Errors
    /// If a bound is passed, a field is not canonical, a byte is missing or one is left over.
    fn decode_exact(bytes: &[u8]) -> Result<Self, DecodeError>;
}

impl<T: BorshDeserialize> Decode for T {
    fn decode_exact(bytes: &[u8]) -> Result<Self, DecodeError> {
        borsh::from_slice(bytes).map_err(|error| DecodeError(alloc::format!("{error}")))
    }
}

/// An error of ours in the codec's clothes.
pub(crate) fn invalid(error: impl core::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, alloc::format!("{error}"))
}

/// More elements, bytes or characters than the type holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("got {got} elements, limit {limit}")]
pub struct TooLong {
    /// How many there were.
    pub got: usize,
    /// How many fit.
    pub limit: usize,
}
