use isonomy_crypto::Hash;
use isonomy_types::{Blob, NodeKey, TRANSACTION_BYTES_MAX};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Which block, for `header` and `block`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockAt {
    /// The block of this id, on the best branch or off it.
    Id(Hash),
    /// The block of this height on the best branch.
    Height(u64),
}

impl From<Hash> for BlockAt {
    fn from(id: Hash) -> Self {
        Self::Id(id)
    }
}

impl From<u64> for BlockAt {
    fn from(height: u64) -> Self {
        Self::Height(height)
    }
}

/// For `transaction`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransactionQuestion {
    /// Which transaction.
    pub id: Hash,
}

/// For `estimate`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimateQuestion {
    /// Within how many blocks; 0 counts as 1.
    pub blocks: u32,
}

/// For `submit`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubmitQuestion {
    /// The transaction's only bytes, signatures included.
    pub transaction: Blob<TRANSACTION_BYTES_MAX>,
}

/// For `cut` and `heal`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyQuestion {
    /// Which peer.
    pub key: NodeKey,
}

/// For `dial`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DialQuestion {
    /// Where a node accepts peers.
    pub address: SocketAddr,
}
