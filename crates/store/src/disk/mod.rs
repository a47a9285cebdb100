//! A data directory.
//!
//! ```text
//! LOCK              held for as long as anything of the directory is in use
//! VERSION           format and chain, written once
//! log.0000000001 …  what was appended and is not yet behind the stored state
//! state.redb        the state and its tree, the flushed blocks with their bodies and receipts,
//!                   indexes, undo
//! ```
//!
//! A flush moves the bodies of the blocks at or below its height from the log into the database, in
//! its one transaction. So the log stays short, nothing is ever rewritten in it, and a segment is
//! removed once all in it is of no more use. The other way, bodies that stay in the log for good
//! and are indexed there, would write each once instead of twice; but then no record could ever be
//! freed, and what the database says would depend on files that it does not control.
//!
//! Order of a flush: begin a segment; commit the transaction, which says that what was appended
//! before that segment is judged by the new tip; remove segments. A crash between any two leaves
//! a directory that opens: an empty segment too many goes on being written, one that is of no
//! more use is removed.
mod archive;
mod dir;
mod failure;
mod frame;
mod log;
mod segment;
mod tables;
mod view;

pub use dir::DISK_VERSION;
pub use failure::OpenError;

use crate::{Store, keep::fits};
use dir::Lock;
use failure::{Failure, guarded, opening};
use isonomy_chain::{Append, Archive, Flush, Recovered, StoreFailed, Tip};
use isonomy_consensus::BELOW_MAX;
use isonomy_crypto::Hash;
use isonomy_ledger::{Layer, StateTree, View};
use isonomy_types::{Decode, Encode};
use log::Log;
use redb::{Database, ReadableDatabase, WriteTransaction};
use segment::{Line, Reader, Segments, Spot};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tables::{BLOCKS, Head, Row};

const STATE_FILE: &str = "state.redb";
const STATE_NEW: &str = "state.redb.new";

/// A store in a directory of the file system.
///
/// After a failed write it takes no more: what the medium holds by then shows only when the
/// directory is opened again. The directory is in use until the store, its archives and its views
/// are all dropped.
pub struct Disk {
    opened: Arc<Opened>,
    log: Log,
    head: Head,
    failed: Option<StoreFailed>,
}

/// What a closed directory holds; see [`Disk::peek`].
pub struct Peeked {
    /// The stored tip.
    pub tip: Tip,
    /// The state after it. The directory is in use while it is held.
    pub view: Arc<dyn View>,
}

/// What readers on other threads share with the writer.
struct Opened {
    // Closed before the directory is unlocked.
    database: Database,
    dir: PathBuf,
    /// Where in the log the bodies are.
    spots: RwLock<BTreeMap<Hash, Spot>>,
    _lock: Lock,
}

impl Opened {
    fn spot(&self, id: &Hash) -> Option<Spot> {
        self.spots.read().unwrap_or_else(PoisonError::into_inner).get(id).copied()
    }

    fn add_spots(&self, lines: &[Line]) {
        let mut spots = self.spots.write().unwrap_or_else(PoisonError::into_inner);
        spots.extend(lines.iter().filter_map(|line| Some((line.kind.block()?, line.spot))));
    }

    fn remove_spots(&self, lines: &[Line]) {
        let mut spots = self.spots.write().unwrap_or_else(PoisonError::into_inner);
        for id in lines.iter().filter_map(|line| line.kind.block()) {
            spots.remove(&id);
        }
    }
}

impl Disk {
    /// Opens a directory, or makes one, readable by its owner alone, that holds the genesis block
    /// and its state. Cuts off the log what a crash tore.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(dir: &Path, genesis: &Flush) -> Result<Self, OpenError> {
        opening(dir, || Self::open_unguarded(dir, genesis))
    }

    fn open_unguarded(dir: &Path, genesis: &Flush) -> Result<Self, OpenError> {
        let lock = dir::claim(dir, genesis.tip.header.id())?;
        let path = dir.join(STATE_FILE);
        if !path.exists() {
            create(dir, &path, genesis)?;
        }
        let segments = Segments::load(dir)?;
        if let Some(database) = tables::peek(&path)? {
            Log::check(dir, &segments, &tables::head(&database)?)?;
        }
        let database = tables::open(&path)?;
        let head = tables::head(&database)?;
        let log = Log::open(dir, &segments, &head)?;
        let opened = Opened { database, dir: dir.into(), spots: RwLock::default(), _lock: lock };
        opened.add_spots(log.lines());
        Ok(Self { opened: Arc::new(opened), log, head, failed: None })
    }

    /// Whether the directory is this chain's already, be it half made. Nothing is changed.
    ///
    /// # Errors
    /// Those of [`open`](Self::open) that show in its name.
    pub fn exists(dir: &Path, genesis: &Flush) -> Result<bool, OpenError> {
        dir::named(dir, genesis.tip.header.id())
    }

    /// The stored tip and its state, without changing a byte of the directory. Nothing if it is new,
    /// or if a crash left it to [`open`](Self::open) to repair. It is in use until the view is
    /// dropped.
    ///
    /// # Errors
    /// Those that opening it would have, as far as they show without writing.
    pub fn peek(dir: &Path, genesis: &Flush) -> Result<Option<Peeked>, OpenError> {
        opening(dir, || Self::peek_unguarded(dir, genesis))
    }

    fn peek_unguarded(dir: &Path, genesis: &Flush) -> Result<Option<Peeked>, OpenError> {
        let path = dir.join(STATE_FILE);
        if !dir::named(dir, genesis.tip.header.id())? || !path.exists() {
            return Ok(None);
        }
        let lock = dir::lock(dir)?;
        let segments = Segments::load(dir)?;
        let Some(database) = tables::peek(&path)? else { return Ok(None) };
        let head = tables::head(&database)?;
        Log::check(dir, &segments, &head)?;
        let database = Arc::new((database, lock));
        let view = view::Snapshot::new(&database.0, database.clone())?;
        Ok(Some(Peeked { tip: head.tip, view: Arc::new(view) }))
    }

    /// Lets `write` write, unless an earlier one failed.
    fn writing<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, StoreFailed> {
        if let Some(failed) = &self.failed {
            return Err(failed.clone());
        }
        let written = guarded(|| write(self)).map_err(StoreFailed::from);
        self.failed = written.as_ref().err().cloned();
        written
    }

    fn write_flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, Failure> {
        let mark = self.log.rotate()?;
        let (stay, go) = self.log.split(flush.tip.header.height);
        let first = stay.first().map_or(mark, |line| line.spot.segment);
        let head = Head { tip: flush.tip.clone(), first, mark };
        let transaction = begin(&self.opened.database)?;
        move_bodies(&transaction, &self.opened.dir, &go)?;
        tables::put_flush(&transaction, flush)?;
        tables::put_former(&transaction, flush, &self.head.tip)?;
        tables::put_head(&transaction, &head)?;
        transaction.commit()?;
        self.head = head;
        self.opened.remove_spots(&go);
        self.log.prune(stay, first);
        Ok(Arc::new(self.view()?))
    }

    fn write_unwind(&mut self, height: u64) -> Result<bool, Failure> {
        if self.head.tip.header.height <= height {
            return Ok(true);
        }
        let before = StateTree::stored(Arc::new(self.view()?))?;
        let transaction = begin(&self.opened.database)?;
        let (mut head, mut undone) = (self.head.clone(), Vec::new());
        while head.tip.header.height > height {
            match tables::undo(&transaction, head.tip.header.height, &mut undone)? {
                Some(tip) => head.tip = tip,
                None => return Ok(false),
            }
        }
        // Of a key that several flushes wrote, the oldest value comes last, and counts.
        let undone = Layer { writes: undone.into_iter().collect() };
        tables::put_pages(&transaction, &before, &before.update(&undone)?)?;
        let mark = self.log.rotate()?;
        (head.first, head.mark) = (mark, mark);
        move_bodies(&transaction, &self.opened.dir, self.log.lines())?;
        tables::put_head(&transaction, &head)?;
        transaction.commit()?;
        self.head = head;
        self.opened.remove_spots(self.log.lines());
        self.log.prune(Vec::new(), mark);
        Ok(true)
    }

    fn view(&self) -> Result<view::Snapshot, Failure> {
        view::Snapshot::new(&self.opened.database, self.opened.clone())
    }

    fn read(&self) -> Result<Recovered, Failure> {
        let tip = self.head.tip.clone();
        let blocks = self.opened.database.begin_read()?.open_table(BLOCKS)?;
        let from = tip.header.height.saturating_sub(BELOW_MAX as u64);
        let mut below = Vec::new();
        for row in blocks.range_owned(from..tip.header.height)? {
            below.push(Row::decode_exact(row?.1.value())?.trail);
        }
        let view = Arc::new(self.view()?);
        let tree = StateTree::stored(view.clone())?;
        Ok(Recovered { tip, below, view, tree, log: self.log.entries()? })
    }
}

/// Fills a new directory. The state gets its name last, so a crash leaves none or all of it.
fn create(dir: &Path, path: &Path, genesis: &Flush) -> Result<(), OpenError> {
    Log::create(dir)?;
    let new = dir.join(STATE_NEW);
    if new.exists() {
        fs::remove_file(&new).map_err(OpenError::io(&new))?;
    }
    let database = tables::create(&new)?;
    let transaction = begin(&database)?;
    tables::make(&transaction)?;
    tables::put_flush(&transaction, genesis)?;
    let head = Head { tip: genesis.tip.clone(), first: 1, mark: 1 };
    tables::put_head(&transaction, &head)?;
    transaction.commit().map_err(Failure::from)?;
    drop(database);
    fs::rename(new, path).and_then(|()| dir::sync(dir)).map_err(OpenError::io(path))
}

/// Two syncs a commit instead of one. In return the file opens at once after a crash, however large
/// it is, and bytes that peers chose cannot make half a commit look whole.
fn begin(database: &Database) -> Result<WriteTransaction, Failure> {
    let mut transaction = database.begin_write()?;
    transaction.set_quick_repair(true);
    Ok(transaction)
}

fn move_bodies(transaction: &WriteTransaction, dir: &Path, lines: &[Line]) -> Result<(), Failure> {
    let mut reader = Reader::new(dir);
    for line in lines {
        if let Some(id) = line.kind.block()
            && let Append::Block { body, .. } = reader.take(line.spot)?
        {
            tables::put_body(transaction, &id, &body.encode())?;
        }
    }
    Ok(())
}

impl Store for Disk {
    fn append(&mut self, entries: &[Append]) -> Result<(), StoreFailed> {
        self.writing(|disk| {
            disk.opened.add_spots(disk.log.append(entries)?);
            Ok(())
        })
    }

    fn flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed> {
        let view = guarded(|| self.view())?;
        fits(flush, &self.head.tip, Arc::new(view))?;
        self.writing(|disk| disk.write_flush(flush))
    }

    fn recover(&mut self) -> Result<Recovered, StoreFailed> {
        Ok(guarded(|| self.read())?)
    }

    fn unwind(&mut self, height: u64) -> Result<bool, StoreFailed> {
        self.writing(|disk| disk.write_unwind(height))
    }

    fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(archive::Shelf(self.opened.clone()))
    }
}
