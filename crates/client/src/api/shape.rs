//! The shape of the chain, and finding one's way in it.
use isonomy_crypto::Hash;
use isonomy_types::{Amount, Blob, TRANSACTION_BYTES_MAX, Transaction, Wall};
use serde::{Deserialize, Serialize};

/// The end of a branch. The answer to `tips` is a list of them, the heaviest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct TipReply {
    /// The block's id.
    pub id: Hash,
    /// Its height.
    pub height: u64,
    /// Whether it is the best block.
    pub best: bool,
    /// Whether it was executed: of the others only headers are known, or bodies that wait.
    pub executed: bool,
    /// Height of the last block that its branch shares with the best one. `None`: it is not in memory.
    pub since: Option<u64>,
}

/// For `branches`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BranchesQuestion {
    /// How far below the best block. `None`: as far as may be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u64>,
}

/// A header on any branch. The answer to `branches` is a list of them, the lowest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BranchBlock {
    /// The block's id.
    pub id: Hash,
    /// The block under it.
    pub parent: Hash,
    /// Its height.
    pub height: u64,
    /// The time in its header.
    pub time: Wall,
    /// Whether it is on the best branch.
    pub best: bool,
}

/// For `series`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesQuestion {
    /// How many blocks of the best branch, from its end down.
    pub blocks: u64,
}

/// One block in numbers. The answer to `series` is a list of them, the lowest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeriesEntry {
    /// The block's height.
    pub height: u64,
    /// The time in its header.
    pub time: Wall,
    /// How many transactions it has.
    pub transactions: u64,
    /// What they paid.
    pub fees: Amount,
    /// The meter units that they used.
    pub meter: u64,
    /// Length of its encoded body, in bytes. `None`: the body is not in memory.
    pub size: Option<u64>,
}

/// For `find`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindQuestion {
    /// A height, an id, an address, or `COLLECTION/NUMBER`.
    pub text: String,
}

/// Something with the name that was looked for. The answer to `find` is a list of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// Its id, its address, or `COLLECTION/NUMBER`.
    pub id: String,
    /// Of a block, or of the block that a transaction is in.
    pub height: Option<u64>,
}

/// What can be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A block, on the best branch or off it.
    Block,
    /// A transaction that waits or is on the best branch.
    Transaction,
    /// An account, used or not.
    Account,
    /// An issued asset.
    Asset,
    /// A collection of unique items.
    Collection,
    /// A unique item.
    Item,
    /// A conditional payment.
    Lock,
}

/// For `decode`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecodeQuestion {
    /// The transaction's bytes, signed or not.
    pub transaction: Blob<TRANSACTION_BYTES_MAX>,
}

/// What a transaction says, to `decode`. Nothing of it was checked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DecodeReply {
    /// Its id.
    pub id: Hash,
    /// The transaction.
    pub transaction: Transaction,
    /// Its actions in plain words.
    pub words: Vec<String>,
}
