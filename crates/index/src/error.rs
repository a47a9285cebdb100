use crate::{ChangeError, Stopped};
use isonomy_chain::StoreFailed;
use isonomy_crypto::Hash;
use isonomy_types::DecodeError;
use redb::{CommitError, DatabaseError, StorageError, TableError, TransactionError};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// Why an index is not opened. The file is as it was, unless a crash left it to be repaired.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another chain's.
    #[error(
        "the index {} is of the chain {got}, not {wanted}: choose the directory of that chain, or \
         delete the file, and a new index is built", path.display()
    )]
    OtherChain {
        /// The file.
        path: PathBuf,
        /// The chain it is of.
        got: Hash,
        /// The chain asked for.
        wanted: Hash,
    },
    /// Of another version of this software.
    #[error(
        "the index {} has format {got}, this software reads {limit}: run the version that made it, \
         or delete the file, and a new index is built", path.display()
    )]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        got: u32,
        /// [`INDEX_VERSION`](crate::INDEX_VERSION).
        limit: u32,
    },
    /// Another process has it, or something still reads from it in this one.
    #[error("the index {} is in use: stop the node that keeps it", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Not what was written.
    #[error(
        "the index {} is damaged: {why}. Delete the file, and a new index is built: nothing else is \
         lost", path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// The operating system refuses.
    #[error(
        "cannot use the index {}: {source}. Free some room or let this user write there, or do \
         without an index", path.display()
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl OpenError {
    pub(crate) fn of(path: &Path, failure: Failure) -> Self {
        let path = path.into();
        match failure {
            Failure::Database(DatabaseError::DatabaseAlreadyOpen) => Self::InUse { path },
            failure => match failure.io() {
                Some(source) => {
                    Self::Io { path, source: io::Error::new(source.kind(), source.to_string()) }
                }
                None => Self::Damaged { path, why: failure.to_string() },
            },
        }
    }
}

/// Why an index does not answer, or goes on no further.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The node that it follows has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The node does not have all of a block any more: what follows could not be told from a gap.
    #[error(
        "the node does not keep {what} of block {height}, which an index needs: fetch the chain \
         anew in another directory, with the index from its first start on, or do without an index"
    )]
    NotKept {
        /// What is missing.
        what: &'static str,
        /// Of which block.
        height: u64,
    },
    /// What the node has of a block makes no change.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The node's archive failed.
    #[error(transparent)]
    Archive(#[from] StoreFailed),
    /// A change that does not stand on what is indexed. Nothing of its batch was written.
    #[error(
        "a change at height {got} does not stand on the indexed height {tip}: ask for changes anew"
    )]
    Order {
        /// The change's height.
        got: u64,
        /// Where the index stands.
        tip: u64,
    },
    /// The index stands on another first block than the node.
    #[error(
        "the index is of another chain than the node: stop the node, delete index.redb in its \
         directory and start it again, and a new index is built"
    )]
    OtherChain,
    /// The index's file failed.
    #[error("the index's file failed: {why}. {step}")]
    File {
        /// What happened.
        why: String,
        /// What to do.
        step: &'static str,
    },
}

const REBUILD: &str = "Stop the node, delete index.redb in its directory and start it again: a new \
    index is built, and nothing else is lost";
const ROOM: &str = "See that the disk is sound, has room and can be written to, then start the \
    node again: the index goes on from where it was";

/// Anything that goes wrong in the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Begin(Box<TransactionError>),
    #[error(transparent)]
    Table(#[from] TableError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Commit(#[from] CommitError),
    #[error(transparent)]
    Decode(#[from] DecodeError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{0} is missing or makes no sense")]
    Wrong(&'static str),
    #[error("it makes no sense to the database")]
    Panicked,
}

impl From<TransactionError> for Failure {
    fn from(error: TransactionError) -> Self {
        Self::Begin(Box::new(error))
    }
}

impl Failure {
    /// The system's reason, if it is the system that failed and not the data.
    fn io(&self) -> Option<&io::Error> {
        let begun = match self {
            Self::Begin(error) => Some(&**error),
            _ => None,
        };
        let source = match (self, begun) {
            (Self::Io(source), _)
            | (
                Self::Database(DatabaseError::Storage(StorageError::Io(source)))
                | Self::Table(TableError::Storage(StorageError::Io(source)))
                | Self::Storage(StorageError::Io(source))
                | Self::Commit(CommitError::Storage(StorageError::Io(source))),
                _,
            )
            | (_, Some(TransactionError::Storage(StorageError::Io(source)))) => source,
            _ => return None,
        };
        Some(source).filter(|source| source.kind() != ErrorKind::InvalidData)
    }
}

impl From<Failure> for IndexError {
    fn from(failure: Failure) -> Self {
        let step = if failure.io().is_some() { ROOM } else { REBUILD };
        Self::File { why: failure.to_string(), step }
    }
}

/// The database panics on some damage. That is an answer, not an end.
pub(crate) fn guarded<T, E: From<Failure>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Failure::Panicked.into()))
}
