use isonomy_chain::StoreFailed;
use isonomy_crypto::Hash;
use isonomy_ledger::ReadFailed;
use isonomy_types::DecodeError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a directory is not opened. Nothing that was kept in it is changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A running node holds it, or something still reads from it in this process.
    #[error("{} is in use: stop the node that runs on it, or choose another directory", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// It belongs to another chain.
    #[error("holds the chain {got}, not {wanted}: choose another directory or the other chain")]
    OtherChain {
        /// The chain it holds.
        got: Hash,
        /// The chain asked for.
        wanted: Hash,
    },
    /// A later version of this software made it.
    #[error("holds data of format {got}, this software reads up to {limit}: upgrade it")]
    NewerVersion {
        /// Its format.
        got: u32,
        /// [`DISK_VERSION`](crate::DISK_VERSION).
        limit: u32,
    },
    /// It is not empty, and what it holds is not ours.
    #[error("{} holds other files: choose an empty directory or a new one", dir.display())]
    Foreign {
        /// The directory.
        dir: PathBuf,
    },
    /// Something that was written is missing or changed.
    #[error("damaged: {what}. Restore a copy, or move the directory away and fetch the chain anew")]
    Corrupt {
        /// What, and where.
        what: String,
    },
    /// The operating system refuses.
    #[error("{}: {source}", path.display())]
    Io {
        /// What it was asked for.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
}

impl OpenError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { path: path.into(), source }
    }
}

/// Anything that goes wrong once a directory is open.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("log: {0}")]
    Log(#[from] io::Error),
    #[error("state.redb: {0}")]
    Begin(#[from] Box<redb::TransactionError>),
    #[error("state.redb: {0}")]
    Table(#[from] redb::TableError),
    #[error("state.redb: {0}")]
    Storage(#[from] redb::StorageError),
    #[error("state.redb: {0}")]
    Commit(#[from] redb::CommitError),
    #[error("state.redb: {0}")]
    Decode(#[from] DecodeError),
    #[error("state.redb: {0}")]
    Read(#[from] ReadFailed),
    #[error("state.redb holds no tip")]
    NoTip,
}

impl From<redb::TransactionError> for Failure {
    fn from(error: redb::TransactionError) -> Self {
        Self::Begin(Box::new(error))
    }
}

impl From<Failure> for StoreFailed {
    fn from(failure: Failure) -> Self {
        Self { why: failure.to_string() }
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Log(source) => Self::Io { path: "log".into(), source },
            other => Self::Corrupt { what: other.to_string() },
        }
    }
}
