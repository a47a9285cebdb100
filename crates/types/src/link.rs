use crate::Blob;
use borsh::{BorshDeserialize, BorshSerialize};
use core::fmt;

/// One connection. Not an identity: a peer that comes back has another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Link(pub u64);

/// Who a peer is, whatever connection it uses: the X25519 key it proved in the transport's
/// handshake.
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

/// What engines say to each other, in bytes that only engines read. Bounded so that one message
/// stays far below a frame.
pub type EngineMessage = Blob<65_536>;
