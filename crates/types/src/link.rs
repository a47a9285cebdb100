use crate::Blob;
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;
use isonomy_crypto::Hash;

/// One connection. Not an identity: a peer that comes back has another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link(pub u64);

/// Who a peer is, whatever connection it uses: the X25519 key it proved in the transport's
/// handshake. For people it is 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct NodeKey(pub [u8; 32]);

impl fmt::Display for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&const_hex::encode(self.0))
    }
}

impl fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&const_hex::encode(&self.0[..4]))
    }
}

impl serde::Serialize for NodeKey {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&Hash::from_bytes(self.0), to)
    }
}

impl<'de> serde::Deserialize<'de> for NodeKey {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // The one spelling that a hash has.
        let bytes: Hash = serde::Deserialize::deserialize(from)?;
        Ok(Self(bytes.to_bytes()))
    }
}

/// What engines say to each other, in bytes that only engines read. Bounded so that one message
/// stays far below a frame.
pub type EngineMessage = Blob<65_536>;
