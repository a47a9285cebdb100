//! What is issued, held, owned and locked.
//!
//! An answer of a list is a page of bounded length. `next` is what to ask it on with; with none, that
//! was all. Ask all pages about one height: then together they show one state.
use super::At;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Wall};
use serde::{Deserialize, Serialize};

/// For `asset`, `collection` and `lock`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdQuestion {
    /// Which.
    pub id: Hash,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// What may be done with an asset or a collection beside sending, and was not renounced.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rights {
    /// The issuer may make more.
    pub mint: bool,
    /// Holders may destroy what is theirs.
    pub burn: bool,
    /// The issuer may freeze accounts. Never true of a collection.
    pub freeze: bool,
}

/// An issued asset, to `asset`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AssetReply {
    /// When.
    pub at: At,
    /// Its id.
    pub id: Hash,
    /// Who exercises the rights.
    pub issuer: Address,
    /// Short, not unique.
    pub symbol: String,
    /// In full, not unique: a stranger's words.
    pub name: String,
    /// How many digits of an amount stand behind the point.
    pub decimals: u8,
    /// The most that may exist at one time. `None`: 2¹²⁸ - 1.
    pub cap: Option<Amount>,
    /// Those in force.
    pub rights: Rights,
    /// What exists.
    pub supply: Amount,
}

/// For `holdings`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldingsQuestion {
    /// Whose.
    pub address: Address,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Hash>,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// So much of an issued asset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Holding {
    /// Of which asset.
    pub asset: Hash,
    /// How much.
    pub amount: Amount,
}

/// What an account holds beside coins, to `holdings`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HoldingsReply {
    /// When.
    pub at: At,
    /// By the assets' ids, ascending.
    pub holdings: Vec<Holding>,
    /// Where the next page goes on.
    pub next: Option<Hash>,
}

/// A collection of unique items, to `collection`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CollectionReply {
    /// When.
    pub at: At,
    /// Its id.
    pub id: Hash,
    /// Who exercises the rights.
    pub issuer: Address,
    /// Not unique: a stranger's words.
    pub name: String,
    /// The most items that may exist at one time. `None`: 2⁶⁴ - 1.
    pub cap: Option<u64>,
    /// The most bytes of one item's metadata.
    pub metadata_bytes: u16,
    /// Those in force.
    pub rights: Rights,
    /// How many items exist.
    pub items: u64,
}

/// Names one item.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemId {
    /// Its collection.
    pub collection: Hash,
    /// Its number there, its issuer's choice.
    pub number: u64,
}

/// For `item`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemQuestion {
    /// Of which collection.
    pub collection: Hash,
    /// Its number there.
    pub number: u64,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// One item, to `item`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemReply {
    /// When.
    pub at: At,
    /// Which.
    pub id: ItemId,
    /// Whose.
    pub owner: Address,
    /// The hash of what it stands for.
    pub content: Hash,
    /// A stranger's words.
    pub metadata: String,
}

/// For `items`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemsQuestion {
    /// Whose.
    pub address: Address,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ItemId>,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// What an account owns, to `items`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemsReply {
    /// When.
    pub at: At,
    /// By collection and number, ascending.
    pub items: Vec<ItemId>,
    /// Where the next page goes on.
    pub next: Option<ItemId>,
}

/// The first block in which a lock is refunded and no more claimed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deadline {
    /// That of this height.
    Height(u64),
    /// The first whose header says this time or a later one.
    Time(Wall),
}

/// A conditional payment that has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lock {
    /// Its id.
    pub id: Hash,
    /// Who made it, and is paid back.
    pub maker: Address,
    /// What. `None`: coins.
    pub asset: Option<Hash>,
    /// How much.
    pub amount: Amount,
    /// Who is paid when the preimage is shown.
    pub to: Address,
    /// The preimage's SHA-256.
    pub hash: Hash,
    /// Until when.
    pub expires: Deadline,
}

/// One lock, to `lock`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LockReply {
    /// When.
    pub at: At,
    /// The lock.
    pub lock: Lock,
}

/// For `locks`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocksQuestion {
    /// Who made them.
    pub address: Address,
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u64>,
    /// After which block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u64>,
}

/// The locks of a maker that have not ended, to `locks`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LocksReply {
    /// When.
    pub at: At,
    /// The youngest first. A page can be empty and have others behind it: those of it have ended.
    pub locks: Vec<Lock>,
    /// Where the next page goes on.
    pub next: Option<u64>,
}
