//! What the chain answers: refusals, verdicts, what a move of best changed.
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_ledger::ExecuteError;
use isonomy_types::{Authority, Checked, Transaction};

/// A body in memory. Pool, bodies and execution share its transactions.
pub type Transactions = Arc<[Arc<Transaction<Checked>>]>;

/// Why headers are not followed or imported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HeaderRefused {
    /// The header is held already, and so is what stands beside it.
    #[error("the header is known")]
    Known,
    /// Nothing is known of the header before it.
    #[error("the parent {parent} is unknown")]
    Orphan {
        /// The id that is missing.
        parent: Hash,
    },
    /// Nobody has yet shown the authority that binds it.
    #[error("the authority that binds the header is unknown")]
    AuthorityUnknown,
    /// It is, or stands on, a block that was found invalid.
    #[error("the header stands on an invalid block")]
    Condemned,
    /// The tree holds as many headers as it may.
    #[error("{got} headers, limit {limit}")]
    Full {
        /// How many there are.
        got: usize,
        /// [`HEADERS_MAX`](isonomy_consensus::HEADERS_MAX).
        limit: usize,
    },
}

/// Why a block cannot be executed now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExecuteRefused {
    /// Never seen, dropped, condemned, or below the base.
    #[error("no such block above the base")]
    Unknown,
    /// Its header alone is here.
    #[error("the body is missing")]
    BodyMissing,
    /// There is no state to run it on.
    #[error("the parent {parent} is not executed")]
    ParentNotExecuted {
        /// What must run before it.
        parent: Hash,
    },
    /// Its state exists.
    #[error("executed already")]
    Done,
}

/// What became of an execution.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The header told the truth; the state exists.
    Executed {
        /// Binds the child.
        authority: Arc<Authority>,
    },
    /// The block is invalid for good, and so is all that descends from it.
    Condemned {
        /// The rule broken.
        why: BlockInvalid,
        /// All that are condemned with it, itself first, parents before children.
        ids: Vec<Hash>,
    },
    /// The block is gone or settled already, or the medium failed: nothing new is known.
    Nothing,
}

/// The rule that a block with the right body breaks.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BlockInvalid {
    /// It cannot be executed.
    #[error(transparent)]
    Execute(ExecuteError),
    /// Executed, it comes to something else than its header says.
    #[error("the header commits {what} {limit}, execution makes {got}")]
    Commitment {
        /// Which field of the header.
        what: &'static str,
        /// What execution makes.
        got: Hash,
        /// What the header says.
        limit: Hash,
    },
}

/// What a move of best leaves and joins. Both in block order, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Adopted {
    /// No longer on best's branch.
    pub left: Vec<(Hash, Transactions)>,
    /// Now on it.
    pub joined: Vec<(Hash, Transactions)>,
}
