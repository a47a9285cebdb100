use crate::shared::{Memo, NAME_BYTES_MAX};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Text};
use serde::{Deserialize, Serialize};

/// Bytes of one item's metadata in any collection: a title and where to find the rest. The rest is
/// bound by its hash, and does not weigh on every node.
pub const METADATA_BYTES_MAX: usize = 1_024;

/// What may be done with a collection beside sending its items. Declared when it is created, then
/// only ever fewer.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    Debug,
    Default,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(deny_unknown_fields, default)]
pub struct Rights {
    /// The issuer may make items.
    pub mint: bool,
    /// Whoever owns an item may destroy it. Nobody ever destroys another's.
    pub burn: bool,
}

/// A new collection.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Not blank, no control characters. Not unique.
    pub name: Text<NAME_BYTES_MAX>,
    /// The most items that may exist at one time, not zero; a burned one makes room. `None`: 2⁶⁴ - 1.
    pub cap: Option<u64>,
    /// The most bytes of metadata of one item: at most [`METADATA_BYTES_MAX`].
    pub metadata_bytes: u16,
    /// What may be done with it. Without `mint` it stays empty.
    pub rights: Rights,
}

/// A collection as it stands.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Collection {
    /// Who exercises the rights. They may be handed over.
    pub issuer: Address,
    /// As created.
    pub name: Text<NAME_BYTES_MAX>,
    /// As created.
    pub cap: Option<u64>,
    /// As created.
    pub metadata_bytes: u16,
    /// Those not renounced.
    pub rights: Rights,
    /// How many items exist.
    pub items: u64,
}

/// Names one item: its collection's id, and its number there, which the issuer chose.
pub type ItemId = (Hash, u64);

/// An item as it stands.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Item {
    /// Whose it is.
    pub owner: Address,
    /// The digest of what it stands for, under the hash function that the issuer names. The ledger
    /// does not look.
    pub content: Hash,
    /// For people and programs; the ledger does not look.
    pub metadata: Text<METADATA_BYTES_MAX>,
}

/// What an account can do.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Makes a collection. Returns its id.
    Create(Create),
    /// The issuer makes an item. The number of one that was burned is free again.
    Mint {
        /// Which.
        id: ItemId,
        /// Who receives.
        to: Address,
        /// See [`Item::content`].
        content: Hash,
        /// See [`Item::metadata`].
        metadata: Text<METADATA_BYTES_MAX>,
    },
    /// Moves an item from the caller. To oneself it changes nothing, but one must own it.
    Transfer {
        /// Which.
        id: ItemId,
        /// Who receives.
        to: Address,
        /// For the receiver; all can read it.
        #[serde(default)]
        memo: Memo,
    },
    /// Destroys an item of the caller's own.
    Burn {
        /// Which.
        id: ItemId,
    },
    /// The issuer gives rights up for good.
    Renounce {
        /// On which collection.
        collection: Hash,
        /// Those that end: at least one, and all of them in force.
        rights: Rights,
    },
    /// The issuer makes another account the issuer. Items stay with their owners.
    HandOver {
        /// Of which collection.
        collection: Hash,
        /// The next issuer.
        to: Address,
    },
}

/// What can be asked.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// A collection as it stands: an `Option` of a [`Collection`].
    Collection(Hash),
    /// An item as it stands: an `Option` of an [`Item`].
    Item(ItemId),
    /// What an account owns, in order: a [`Page`](crate::Page) of [`ItemId`]s.
    Owned {
        /// Whose.
        of: Address,
        /// The last of the page before.
        after: Option<ItemId>,
    },
}

/// What happened. An event is found under the keys of the table: accounts first, then the collection's
/// id, then the item, as the collection's id and the number in 8 bytes, big-endian.
///
/// | event | keys |
/// |---|---|
/// | create | the issuer, the collection |
/// | mint | who received, the collection, the item |
/// | transfer | who gave, who received, the collection, the item |
/// | burn | whose it was, the collection, the item |
/// | renounce | the collection |
/// | hand-over | the next issuer, the collection |
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UniqueEvent {
    /// There is a new collection.
    Create {
        /// Its id.
        collection: Hash,
        /// Its issuer.
        issuer: Address,
    },
    /// An item was made.
    Mint {
        /// Which.
        id: ItemId,
        /// Who received it.
        to: Address,
        /// What it stands for.
        content: Hash,
    },
    /// An item moved.
    Transfer {
        /// Which.
        id: ItemId,
        /// Who gave it.
        from: Address,
        /// Who received it.
        to: Address,
        /// What was said.
        memo: Memo,
    },
    /// An item was destroyed.
    Burn {
        /// Which.
        id: ItemId,
        /// Whose it was.
        from: Address,
    },
    /// Rights ended.
    Renounce {
        /// On which collection.
        collection: Hash,
        /// Those that ended.
        rights: Rights,
    },
    /// A collection has another issuer.
    HandOver {
        /// Which collection.
        collection: Hash,
        /// The next issuer.
        to: Address,
    },
}
