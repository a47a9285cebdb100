//! What a node answers that keeps an index: what concerned an address, what was said under a key, who
//! holds an asset.
//!
//! A node without one refuses with [`code::METHOD`](super::code::METHOD). Each reply is of one moment
//! and says after which block: an index lags a little behind its node. Lists come in pages of at most
//! 64 entries; `next` is what to ask the following page with, to be passed on as it is.
use super::{At, EventReply};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Blob, EVENT_KEY_BYTES_MAX, ModuleId, Wall};
use serde::{Deserialize, Serialize};

/// For `history`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuestion {
    /// Whose.
    pub address: Address,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How many entries at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What concerned an address, to `history`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryReply {
    /// When.
    pub at: At,
    /// Youngest first.
    pub entries: Vec<HistoryEntry>,
    /// Where the next page goes on.
    pub next: Option<String>,
}

/// A transaction of the best branch that concerned an address.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// Its id. `None`: what a block itself brought its producer, a reward or fees.
    pub transaction: Option<Hash>,
    /// Its block.
    pub block: Hash,
    /// The block's height.
    pub height: u64,
    /// Its place in the block, from 0; the block's own is after the last.
    pub index: u32,
    /// The time in the block's header.
    pub time: Wall,
    /// How it concerned the address: `payer`, `signer`, `from` and `to` (of coins, units or items),
    /// `event` (named by an event that moves nothing), `producer` (of the block). There may be more
    /// one day.
    pub roles: Vec<String>,
    /// Zero if its actions took effect, else a fault's code.
    pub code: u16,
}

/// For `events`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsQuestion {
    /// Of which module. `None`: of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<ModuleId>,
    /// Under which key: an address's 32 bytes, an asset's id, or whatever a module chose.
    pub key: Blob<EVENT_KEY_BYTES_MAX>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How many entries at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What was said under a key, to `events`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventsReply {
    /// When.
    pub at: At,
    /// Youngest first. A page of one module's can be empty and have others behind it.
    pub entries: Vec<EventEntry>,
    /// Where the next page goes on.
    pub next: Option<String>,
}

/// An event of the best branch.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventEntry {
    /// The id of its transaction. `None`: said outside of transactions.
    pub transaction: Option<Hash>,
    /// Its block.
    pub block: Hash,
    /// The block's height.
    pub height: u64,
    /// The transaction's place in the block, from 0.
    pub index: u32,
    /// What was said.
    pub event: EventReply,
}

/// For `holders`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldersQuestion {
    /// Of which asset. `None`: of the chain's coin.
    #[serde(default)]
    pub asset: Option<Hash>,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How many holders at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Who holds an asset, to `holders`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HoldersReply {
    /// When.
    pub at: At,
    /// By address.
    pub holders: Vec<Holder>,
    /// How many there are in all.
    pub count: u64,
    /// Where the next page goes on.
    pub next: Option<String>,
}

/// So much of an asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holder {
    /// Who.
    pub address: Address,
    /// How much.
    pub amount: Amount,
}

/// Where a node's index stands, in `status`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IndexStatus {
    /// Height of the last block that is in it.
    pub height: u64,
    /// That block's id.
    pub tip: Hash,
    /// Why it does not go on, and what to do or that it tries again by itself. `None`: it follows
    /// the node.
    pub failed: Option<String>,
}
