use crate::error::{Failure, OpenError, guarded};
use crate::follow::changes;
use crate::tables::{self, BLOCKS, BlockRow, HEAD};
use crate::{Change, IndexError, Source, Tip, file};
use isonomy_chain::Flush;
use isonomy_crypto::Hash;
use isonomy_types::Decode;
use redb::{Database, ReadableTable, WriteTransaction};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long an index waits before it reads a node's archive again that failed. Twice as long each
/// time it fails anew, up to [`RETRY_MAX`].
pub const RETRY_MIN: Duration = Duration::from_secs(1);
/// The longest such wait: a disk that is gone costs one try a minute, and one that comes back is
/// noticed within one.
pub const RETRY_MAX: Duration = Duration::from_secs(60);

const RETRY: &str = "The index tries again by itself; see that the disk with the node's data is \
    sound, and restart the node if this lasts";

/// An index in a file. One writer, [`follow`](Self::follow) or [`step`](Self::step); readers on any
/// thread, who never wait for it.
pub struct Index {
    pub(crate) database: Database,
    genesis: Hash,
    failed: Mutex<Option<String>>,
}

impl Index {
    /// Opens the file, or makes one, readable by its owner alone, that holds the first block.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: &Path, genesis: &Flush) -> Result<Self, OpenError> {
        let opened = guarded(|| file::open(path, genesis));
        let database = opened.map_err(|failure| OpenError::of(path, failure))??;
        Ok(Self { database, genesis: genesis.tip.trail.id, failed: Mutex::default() })
    }

    /// Why it does not go on, for people. If the node's archive failed it tries again by itself, and
    /// says nothing here once that works; else it stays where it is until the node is started again.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Follows a node until that stops, or until it cannot go on: then [`failed`](Self::failed) says
    /// why. An archive that fails is asked again, after [`RETRY_MIN`] at first and never more than
    /// [`RETRY_MAX`]. Takes the calling thread.
    pub fn follow(&self, mut source: Source) {
        let mut retry = RETRY_MIN;
        loop {
            let stepped = self.step(&source);
            if stepped.is_ok() {
                retry = RETRY_MIN;
                self.set_failed(None);
            }
            let waited = match stepped {
                Ok(true) => Ok(()),
                Ok(false) => (source.wait)(),
                Err(IndexError::Stopped(stopped)) => Err(stopped),
                Err(error @ IndexError::Archive(_)) => {
                    tracing::warn!(%error, ?retry, "the index tries again");
                    self.set_failed(Some(format!("{error}. {RETRY}")));
                    let pause = retry;
                    retry = retry.saturating_mul(2).min(RETRY_MAX);
                    (source.pause)(pause)
                }
                Err(error) => {
                    tracing::error!(%error, "the index goes on no further");
                    self.set_failed(Some(error.to_string()));
                    return;
                }
            };
            if waited.is_err() {
                return;
            }
        }
    }

    fn set_failed(&self, why: Option<String>) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    /// Goes one batch towards the node's best block, in one transaction. Says whether there was
    /// anything to do.
    ///
    /// # Errors
    /// See [`IndexError`]. Then nothing changes.
    pub fn step(&self, source: &Source) -> Result<bool, IndexError> {
        let tip = self.tip()?;
        let mut at = |height| {
            let found = self.tip_at(height)?;
            found.ok_or_else(|| Failure::Wrong("a block below the last one").into())
        };
        let changes = changes(source, &tip, &mut at)?;
        self.apply(&changes)?;
        Ok(!changes.is_empty())
    }

    /// Writes changes, oldest first, in one transaction.
    ///
    /// # Errors
    /// [`IndexError::Order`] if one does not stand on those before, and if it makes no sense or the
    /// file fails. Then nothing changes.
    pub fn apply(&self, changes: &[Change]) -> Result<(), IndexError> {
        if changes.is_empty() {
            return Ok(());
        }
        guarded(|| self.write_all(changes))
    }

    fn write_all(&self, changes: &[Change]) -> Result<(), IndexError> {
        let transaction = self.database.begin_write().map_err(Failure::from)?;
        let mut tip = stored_tip(&transaction)?;
        for change in changes {
            tip = write(&transaction, &tip, change)?;
        }
        tables::put_head(&transaction, self.genesis, tip.height)?;
        Ok(transaction.commit().map_err(Failure::from)?)
    }
}

fn stored_tip(transaction: &WriteTransaction) -> Result<Tip, Failure> {
    let table = transaction.open_table(HEAD)?;
    let head = table.get(())?.ok_or(Failure::Wrong("the head"))?;
    tip_at(transaction, tables::head(head.value())?.height)
}

fn tip_at(transaction: &WriteTransaction, height: u64) -> Result<Tip, Failure> {
    let table = transaction.open_table(BLOCKS)?;
    let row = table.get(height)?.ok_or(Failure::Wrong("a block"))?;
    Ok(BlockRow::decode_exact(row.value())?.tip(height))
}

/// Answers with the tip after it.
fn write(transaction: &WriteTransaction, tip: &Tip, change: &Change) -> Result<Tip, IndexError> {
    let order = |got| IndexError::Order { got, tip: tip.height };
    match change {
        Change::Joined(block) => {
            let above = tip.height.checked_add(1);
            if block.parent != tip.id || above != Some(block.height) {
                return Err(order(block.height));
            }
            tables::put_block(transaction, block, &block.rows()?)?;
            Ok(block.tip())
        }
        &Change::Left { id, height } => {
            let below = height.checked_sub(1).filter(|_| (id, height) == (tip.id, tip.height));
            let below = below.ok_or_else(|| order(height))?;
            tables::take_block(transaction, height)?;
            Ok(tip_at(transaction, below)?)
        }
    }
}
