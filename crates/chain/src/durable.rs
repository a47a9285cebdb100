//! What survives: the words between a machine and its store. Which medium keeps them is the
//! store's own.
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use borsh::io::{Read, Result as IoResult, Write};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_consensus::{Record, Trail};
use isonomy_crypto::Hash;
use isonomy_ledger::{Layer, Receipt, StateTree, View};
use isonomy_types::{Authority, Body, Certificate, Entry, Header, Params};

/// Enough to go on from a block without anything below it.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub struct Tip {
    /// The block's header.
    pub header: Header,
    /// What its child's check needs.
    pub trail: Trail,
    /// Binds its child.
    #[borsh(serialize_with = "write_authority", deserialize_with = "read_authority")]
    pub authority: Arc<Authority>,
    /// Bind its child too.
    pub params: Params,
    /// Proof that it is final, which others may still need from us.
    pub certificate: Option<Certificate>,
}

fn write_authority<W: Write>(authority: &Arc<Authority>, writer: &mut W) -> IoResult<()> {
    authority.as_ref().serialize(writer)
}

fn read_authority<R: Read>(reader: &mut R) -> IoResult<Arc<Authority>> {
    Authority::deserialize_reader(reader).map(Arc::new)
}

/// One entry of the log. Durable once the commit that holds it is acknowledged.
#[derive(Clone, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize)]
pub enum Append {
    /// An executed block.
    Block {
        /// With the authority that a child may need before this block is run again.
        entry: Box<Entry>,
        /// Matches the header's root.
        body: Body,
    },
    /// Proof that a block is final, learnt after the block.
    Certificate {
        /// The block.
        id: Hash,
        /// The proof, accepted by the rules.
        certificate: Certificate,
    },
    /// What an engine must remember through a crash.
    Record {
        /// The record may go once a block of this height is flushed.
        height: u64,
        /// Opaque to all but engines.
        record: Record,
    },
}

/// One block that leaves the machine's memory for good.
#[derive(Clone, PartialEq, Debug)]
pub struct Flushed {
    /// The header and what stands beside it.
    pub entry: Entry,
    /// What its child's check needs.
    pub trail: Trail,
    /// Ids of its transactions, in block order.
    pub transactions: Vec<Hash>,
    /// What they came to, in the same order; then the block's own, if its modules had anything to
    /// say outside of transactions.
    pub receipts: Vec<Receipt>,
}

/// Moves the stored state up to a block: all or nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Flush {
    /// What changes in the state, over all the blocks together.
    pub layer: Layer,
    /// The tree of the state before, which the store's last view keeps.
    pub before: StateTree,
    /// The tree of the state after. The store writes the pages in which it differs.
    pub tree: StateTree,
    /// Where a restart goes on.
    pub tip: Tip,
    /// Oldest first, the tip's last. Each stands on the one before, the first on the former tip.
    pub blocks: Vec<Flushed>,
}

/// What a restart finds.
pub struct Recovered {
    /// The last flush's.
    pub tip: Tip,
    /// Headers below the tip, oldest first, up to [`BELOW_MAX`](isonomy_consensus::BELOW_MAX).
    pub below: Vec<Trail>,
    /// The state after the tip. Keeps the pages of its tree.
    pub view: Arc<dyn View>,
    /// The tree of which `view` keeps the pages, its top in memory: whether its root is the one which
    /// the tip's header commits is for the reader to compare.
    pub tree: StateTree,
    /// Everything appended since the tip, oldest first.
    pub log: Vec<Append>,
}

/// The medium failed. Never a verdict on what was read or written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the store failed: {why}")]
pub struct StoreFailed {
    /// For people.
    pub why: String,
}

/// The readers' side of a store: what left the machine's memory. Shared by jobs on any thread.
///
/// Every method fails if the medium does. All but [`body`](Self::body) know flushed blocks alone,
/// and these are canonical.
pub trait Archive: Send + Sync {
    /// A body that was ever logged.
    ///
    /// # Errors
    /// If the medium fails.
    fn body(&self, id: &Hash) -> Result<Option<Body>, StoreFailed>;

    /// What follows the first id of `locator` that is flushed, oldest first: at most `limit`
    /// entries and `limit_bytes` of their encoding. Nothing if none of the ids is flushed.
    ///
    /// # Errors
    /// If the medium fails.
    fn headers(
        &self,
        locator: &[Hash],
        limit_bytes: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreFailed>;

    /// The block of a height.
    ///
    /// # Errors
    /// If the medium fails.
    fn entry_at(&self, height: u64) -> Result<Option<Entry>, StoreFailed>;

    /// The block of an id.
    ///
    /// # Errors
    /// If the medium fails.
    fn entry(&self, id: &Hash) -> Result<Option<Entry>, StoreFailed>;

    /// The block that holds a transaction, and the transaction's place in it.
    ///
    /// # Errors
    /// If the medium fails.
    fn transaction(&self, id: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed>;

    /// What a block's transactions came to, in block order.
    ///
    /// # Errors
    /// If the medium fails.
    fn receipts(&self, block: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed>;
}
