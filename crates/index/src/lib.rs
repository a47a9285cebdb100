//! Find an address's history, events by key, and who holds an asset.
//!
//! Out of scope: asking over a network (`isonomy-rpc`), proofs (an index is this node's word; what an
//! account holds can be proved from the state), lists of the richest, databases elsewhere (an exporter
//! streams the same [`Change`]s to them).
//!
//! ```text
//!   a node ── Source: look, archive, wait ──▶ changes ──▶ Change::Left, Change::Joined(Block)
//!                                                │             │
//!                                                │             ├─▶ Index::apply: a file
//!   history, events, holders ◀── one snapshot ── Index ◀───────┘
//!                                                              └─▶ an exporter's database
//! ```
//!
//! A block, its receipts and what its modules said make a [`Block`] of facts; from these alone follow
//! its [`Rows`]. So what was written is taken back exactly, however deep a reorganisation goes, and
//! nothing but the facts is kept for it.
//!
//! ```
//! use isonomy_chain::Genesis;
//! use isonomy_consensus::pow::{Schedule, Target, Work};
//! use isonomy_index::Index;
//! use isonomy_ledger::Modules;
//! use isonomy_ledger::assets::{self, Asset, Assets, Config};
//! use isonomy_types::{Address, Amount, Authority, Blob, Encode, Params, Text, Wall};
//! use std::sync::Arc;
//!
//! let easy = Target::for_work(16).compact();
//! let schedule =
//!     Schedule { anchor: easy, interval_ms: 1_000, half_life_ms: 60_000, easiest: easy };
//! let alice = Address::default();
//! let allocations = vec![(alice, Amount(500))].try_into()?;
//! let config = Config { allocations, reward: Amount(50) };
//! let genesis = Genesis {
//!     name: Text::try_from(String::from("example"))?,
//!     time: Wall(1_000),
//!     params: Params::default(),
//!     authority: Authority::default(),
//!     settings: Blob::default(),
//!     modules: vec![(assets::ID, config.encode())],
//! };
//! let modules = Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?;
//! let genesis = genesis.build(&Work { schedule }, Arc::new(modules))?;
//!
//! // A new file knows what genesis gave. `Index::follow` goes on from there, on a thread of its own.
//! let dir = tempfile::tempdir()?;
//! let index = Index::open(&dir.path().join("index.redb"), &genesis)?;
//! let holders = index.holders(Asset::Coin, None, 10)?;
//! assert_eq!((holders.page.at.height, holders.count), (0, 1));
//! assert_eq!(holders.page.entries, [(alice, Amount(500))]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//! - An answer is of one snapshot, and says after which block: holders are then what the state holds,
//!   to the unit, and lists are what a search of that block's whole branch would find.
//! - The file is the same, row by row, whichever way led to its block (attack 26).
//! - A step happens whole or not at all: the file opens after any kill, and goes on from there.
//! - The node never waits for the index but for short looks. An index that is far behind says where
//!   it stands, and catches up in batches.
//! - Nothing is passed over: where the node cannot say enough about a block, the index stops there and
//!   says why ([`Index::failed`]). Only an archive that fails to read is asked again, at most
//!   [`RETRY_MAX`] apart, and the index goes on once it answers.
//! - It can be deleted at any time: a new one is built from the node's archive.
//! - A file of another chain or format, or a damaged one, is refused by name, with what to do.
//!
//! # Not guaranteed
//! - That it stands where the node does: it lags a little, and after the node's start it may be
//!   ahead, until the node is there again.
//! - Coins and units are counted on chains whose modules 1, 2 and 3 are the toolkit's `assets`,
//!   `unique` and `locks`, with fees in coins or none. Of other modules' events, every key of 32 bytes
//!   counts as an address.
//! - A chain whose modules decide the params can be indexed only while its blocks pass through memory:
//!   [`ChangeError::Params`].
//! - Damage within the file shows when it is read, if at all.
//!
//! # Limits, and the attack each stops
//! - [`PAGE_MAX`], [`PAGE_BYTES_MAX`], [`PASSED_MAX`]: long answers, and much work for a short one.
//! - [`BATCH_CHANGES`], [`BATCH_ROWS`]: full blocks that fill memory while an index catches up.
//! - The database keeps at most 32 MiB of pages in memory, however large the file is.
//! - The file grows with the chain, by some 500 bytes for a transfer; who pays for events pays for
//!   their rows, which are bounded by the ledger's own limits.
//!
//! # Features
//! None. Needs the standard library, and files that can be locked.
mod change;
mod concerns;
mod error;
mod file;
mod follow;
mod index;
mod place;
mod read;
mod rows;
mod source;
mod tables;

pub use change::{Block, Change, ChangeError, Entry, Part, Said};
pub use error::{IndexError, OpenError};
pub use follow::{BATCH_CHANGES, BATCH_ROWS, changes};
pub use index::{Index, RETRY_MAX, RETRY_MIN};
pub use place::{ParsePlaceError, Place};
pub use read::{
    EventEntry, HistoryEntry, Holders, Listed, PAGE_BYTES_MAX, PAGE_MAX, PASSED_MAX, Show,
};
pub use rows::{Keyed, Move, Roles, Rows};
pub use source::{Look, Source, Stopped};
pub use tables::INDEX_VERSION;

use isonomy_crypto::Hash;
use isonomy_types::Params;

/// The youngest block of a branch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tip {
    /// Its id.
    pub id: Hash,
    /// Its height.
    pub height: u64,
    /// What binds the block that stands on it.
    pub params: Params,
}
