//! Keep blocks, records and state, and give back what was kept.
//!
//! Out of scope: what is worth keeping (`isonomy-node` says when to append and when to flush), what
//! a block means (`isonomy-ledger`, `isonomy-consensus`), threads (the host's: a store is one
//! writer, and its archives and views go to any thread). Nothing that comes back is judged again
//! but for damage.
//!
//! ```text
//!   append ──▶ log ──┐ blocks and records above the tip
//!                    ├──▶ recover ──▶ tip, headers below it, view and its tree, log
//!   flush ───▶ state ┘ tip, values, the tree's pages, undo
//!                │ └──▶ view      the state, unchanged whatever is flushed later
//!                └────▶ archive   headers, bodies, receipts, transactions by id
//! ```
//!
//! Two media: [`Disk`], a directory, and [`Memory`], which a simulator can copy and throw away. Both
//! show the same.
//!
//! ```
//! use isonomy_chain::{Append, Genesis};
//! use isonomy_consensus::pow::{Schedule, Target, Work};
//! use isonomy_ledger::Modules;
//! use isonomy_store::{Disk, OpenError, Store};
//! use isonomy_types::{Authority, Blob, Params, Text, Wall};
//! use std::sync::Arc;
//!
//! let easy = Target::for_work(16).compact();
//! let schedule =
//!     Schedule { anchor: easy, interval_ms: 1_000, half_life_ms: 60_000, easiest: easy };
//! let genesis = Genesis {
//!     name: Text::try_from(String::from("example"))?,
//!     time: Wall(1_000),
//!     params: Params::default(),
//!     authority: Authority::default(),
//!     settings: Blob::default(),
//!     modules: Vec::new(),
//! };
//! let genesis = genesis.build(&Work { schedule }, Arc::new(Modules::default()))?;
//!
//! // A new directory holds the genesis state. What is appended is durable.
//! let parent = tempfile::tempdir()?;
//! let dir = parent.path().join("data");
//! let mut disk = Disk::open(&dir, &genesis)?;
//! let vote = Append::Record { height: 1, record: Blob::try_from(b"a vote".to_vec())? };
//! disk.append(std::slice::from_ref(&vote))?;
//! assert!(matches!(Disk::open(&dir, &genesis), Err(OpenError::InUse { .. })));
//!
//! // The process dies. The next one goes on from what was kept.
//! drop(disk);
//! let mut disk = Disk::open(&dir, &genesis)?;
//! let recovered = disk.recover()?;
//! assert_eq!((recovered.tip, recovered.log), (genesis.tip, vec![vote]));
//!
//! let first = disk.archive().entry_at(0)?;
//! assert_eq!(first, Some(genesis.blocks[0].entry.clone()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//! - What an acknowledged [`append`](Store::append) wrote survives a crash, all of each call or, if
//!   it was not acknowledged, perhaps none of it. What comes back is a prefix of the calls.
//! - A [`flush`](Store::flush) happens whole or not at all, and so does
//!   [`unwind`](Store::unwind). State, tip and indexes always belong to one block.
//! - A log damaged where a sound call follows is refused, with the place named; what a crash tore at
//!   its end is cut off (attack 77). A peer's bytes cannot make the one look like the other.
//! - A directory that is refused is not changed, unless a crash left `state.redb` to be repaired.
//!   [`Disk::peek`] changes nothing at all.
//! - A full disk costs nothing that was acknowledged: the write fails, and the directory opens again
//!   once there is room.
//! - Views and archives never wait for the writer, nor it for them.
//!
//! # Not guaranteed
//! - Damage in the last call of the log cannot be told from a crash, and loses that call.
//! - Damage within `state.redb` after a clean end shows when it is read, if at all: the database
//!   checks its sums only after a crash. A page of the tree shows its damage by its hash. A value
//!   does not, until it is compared: [`StateTree::compare`](isonomy_ledger::StateTree::compare).
//! - A view held for long keeps the pages it shows, and the file grows meanwhile.
//! - Disks that acknowledge a sync before it is done lose what they lose.
//!
//! # Limits
//! - [`UNDO_BLOCKS`] blocks can be taken back: former values do not pile up for ever.
//! - A log segment ends at 16 MiB and is removed with its last useful entry: records of an engine
//!   that votes for years do not fill the disk. One call appends at most 4 GiB.
//! - The database keeps at most 128 MiB of pages in memory, however large the state is.
//! - The largest block, value, record and certificate that a chain may have fit every medium
//!   (attack 76): no limit of a database becomes a rule of a chain.
//!
//! # Features
//! None. The crate needs std, and files that can be locked: those of Linux, macOS and Windows.

mod base;
mod disk;
mod keep;
mod memory;
mod state;
mod table;

pub use disk::{DISK_VERSION, Disk, OpenError, Peeked};
pub use keep::UNDO_BLOCKS;
pub use memory::Memory;

use isonomy_chain::{Append, Archive, Flush, Recovered, StoreFailed};
use isonomy_ledger::View;
use std::sync::Arc;

/// The writer's side of a medium. One at a time.
///
/// What it answers with, an archive or a view, may be read from any thread while it writes.
pub trait Store: Send {
    /// Writes to the log, all or nothing. Durable when this returns.
    ///
    /// # Errors
    /// If the medium fails. Then whether the entries were written is unknown until a restart.
    fn append(&mut self, entries: &[Append]) -> Result<(), StoreFailed>;

    /// Moves the stored state up to a block, in one transaction: state, pages of its tree, tip,
    /// indexes, receipts and what it takes to undo it. Blocks and records of its height or below leave the log;
    /// certificates leave with their blocks. Bodies stay readable.
    ///
    /// Answers with the new state, which stays as it is whatever is flushed later, and keeps the pages
    /// of its tree.
    ///
    /// # Errors
    /// If the medium fails, or if the flush does not stand on the stored tip and tree: then nothing
    /// changes.
    fn flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed>;

    /// What a restart goes on from.
    ///
    /// # Errors
    /// If the medium fails.
    fn recover(&mut self) -> Result<Recovered, StoreFailed>;

    /// Takes back whole flushes until the tip stands at `height` or lower. The last
    /// [`UNDO_BLOCKS`] blocks are within reach. State and indexes are then what they were, byte
    /// for byte; bodies stay readable. Says whether it reached so far; if not, nothing changes.
    ///
    /// Where it takes anything back, the log is empty then: its blocks and records stand on what is
    /// gone, and a node that found them again would go up the same branch. So never use it where an
    /// engine relies on its records. For chains without finality, after a reorganisation deeper than
    /// the state was meant to follow. Holds all that it takes back in memory.
    ///
    /// # Errors
    /// If the medium fails.
    fn unwind(&mut self, height: u64) -> Result<bool, StoreFailed>;

    /// The readers' side.
    fn archive(&self) -> Arc<dyn Archive>;
}
