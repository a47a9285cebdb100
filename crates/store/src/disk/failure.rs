use super::STATE_FILE;
use isonomy_chain::StoreFailed;
use isonomy_crypto::Hash;
use isonomy_ledger::ReadFailed;
use isonomy_types::DecodeError;
use redb::{CommitError, StorageError, TableError, TransactionError};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
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
    #[error("{} holds the chain {got}, not {wanted}: choose another directory or the other chain", dir.display())]
    OtherChain {
        /// The directory.
        dir: PathBuf,
        /// The chain it holds.
        got: Hash,
        /// The chain asked for.
        wanted: Hash,
    },
    /// A later version of this software made it.
    #[error("{} holds data of format {got}, this software reads {limit}: upgrade it", dir.display())]
    NewerVersion {
        /// The directory.
        dir: PathBuf,
        /// Its format.
        got: u32,
        /// [`DISK_VERSION`](crate::DISK_VERSION).
        limit: u32,
    },
    /// An earlier version of this software made it.
    #[error(
        "{} holds data of format {got}, this software reads {limit} alone: run the version that \
         made it, or choose another directory and fetch the chain anew", dir.display()
    )]
    OlderVersion {
        /// The directory.
        dir: PathBuf,
        /// Its format.
        got: u32,
        /// [`DISK_VERSION`](crate::DISK_VERSION).
        limit: u32,
    },
    /// It is not empty, and what it holds is not ours.
    #[error(
        "{} holds other files, or its file VERSION is damaged: choose an empty directory or a new \
         one, or restore a copy", dir.display()
    )]
    Foreign {
        /// The directory.
        dir: PathBuf,
    },
    /// Something that was written is missing or changed.
    #[error("damaged: {what}. {RESTORE}")]
    Corrupt {
        /// What, and where.
        what: String,
    },
    /// The disk, a quota or a limit on the size of files is exhausted. What was kept still is.
    #[error("no room for {}: {source}. {FREE}", path.display())]
    Full {
        /// What was to be written.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The operating system refuses.
    #[error("cannot use {}: {source}. {}", path.display(), step(source.kind()))]
    Io {
        /// What it was asked for.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
}

impl OpenError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            kind if is_full(kind) => Self::Full { path: path.into(), source },
            _ => Self::Io { path: path.into(), source },
        }
    }
}

const FREE: &str = "Free some room, then start again: nothing that was acknowledged is lost";
const RESTORE: &str = "Restore a copy, or move the directory away and fetch the chain anew";

const fn is_full(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

/// What its owner can do about it.
const fn step(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "Let this user write there, or choose another directory"
        }
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "Choose a directory, not a file",
        _ => "See that the disk is there and sound, or choose another directory",
    }
}

/// Anything that goes wrong once a directory is open.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("log: {0}")]
    Log(#[from] io::Error),
    #[error("state.redb: {0}")]
    Begin(#[from] Box<TransactionError>),
    #[error("state.redb: {0}")]
    Table(#[from] TableError),
    #[error("state.redb: {0}")]
    Storage(#[from] StorageError),
    #[error("state.redb: {0}")]
    Commit(#[from] CommitError),
    #[error("state.redb: {0}")]
    Decode(#[from] DecodeError),
    #[error("state.redb: {0}")]
    Read(#[from] ReadFailed),
    #[error("state.redb holds no tip")]
    NoTip,
    #[error("state.redb makes no sense to the database")]
    Panicked,
}

impl Failure {
    /// The system's reason, if it is the system that failed and not the data.
    fn io(&self) -> Option<&io::Error> {
        let storage = match self {
            Self::Log(source) => {
                return Some(source).filter(|e| e.kind() != ErrorKind::InvalidData);
            }
            Self::Begin(error) => match error.as_ref() {
                TransactionError::Storage(storage) => storage,
                _ => return None,
            },
            Self::Table(TableError::Storage(storage))
            | Self::Storage(storage)
            | Self::Commit(CommitError::Storage(storage)) => storage,
            _ => return None,
        };
        match storage {
            StorageError::Io(source) => Some(source),
            _ => None,
        }
    }
}

/// The database panics on some damage. That is an answer, not an end.
pub(super) fn guarded<T, E: From<Failure>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Failure::Panicked.into()))
}

/// The same where a directory is opened: the answer names it.
pub(super) fn opening<T>(
    dir: &Path,
    work: impl FnOnce() -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| {
        let path = dir.join(STATE_FILE);
        let what = format!("{} makes no sense to the database", path.display());
        Err(OpenError::Corrupt { what })
    })
}

impl From<TransactionError> for Failure {
    fn from(error: TransactionError) -> Self {
        Self::Begin(Box::new(error))
    }
}

impl From<Failure> for StoreFailed {
    fn from(failure: Failure) -> Self {
        let step = match failure.io().map(io::Error::kind) {
            Some(kind) if is_full(kind) => FREE,
            Some(kind) => step(kind),
            None => RESTORE,
        };
        Self { why: format!("{failure}. {step}") }
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        match failure.io().map(|source| io::Error::new(source.kind(), failure.to_string())) {
            Some(source) => Self::io(Path::new("the data directory"))(source),
            None => Self::Corrupt { what: failure.to_string() },
        }
    }
}
