//! What stands in `state.redb`, and the one transaction of a flush.
use super::{Failure, OpenError};
use crate::keep::{undo_from, vanished};
use borsh::{BorshDeserialize, BorshSerialize};
use isonomy_chain::{Flush, Flushed, Tip};
use isonomy_consensus::Trail;
use isonomy_crypto::Hash;
use isonomy_ledger::{Key, Span, StateTree, Value};
use isonomy_types::{Decode, DecodeError, Encode, Entry};
use redb::{
    Builder, Database, DatabaseError, ReadOnlyDatabase, ReadableDatabase, StorageError,
    Table as Open, TableDefinition, WriteTransaction,
};
use std::io::ErrorKind;
use std::ops::Bound;
use std::path::Path;

/// Memory that the database may use to keep pages at hand, in bytes. A bound, since the state may
/// be far larger than the memory.
const CACHE_BYTES: usize = 128 * 1024 * 1024;

type Table<K, V> = TableDefinition<'static, K, V>;
type Id = &'static [u8; Hash::LEN];
type Bytes = &'static [u8];

/// One row: [`Head`].
const HEAD: Table<(), Bytes> = Table::new("head");
/// The state, as modules see it.
pub(super) const STATE: Table<Bytes, Bytes> = Table::new("state");
/// The pages of the state's tree, by place.
pub(super) const PAGES: Table<Bytes, Bytes> = Table::new("tree pages");
/// Flushed blocks by height: [`Row`].
pub(super) const BLOCKS: Table<u64, Bytes> = Table::new("blocks");
/// The heights of flushed blocks.
pub(super) const HEIGHTS: Table<Id, u64> = Table::new("heights");
/// Receipts by height: `Vec<Receipt>`.
pub(super) const RECEIPTS: Table<u64, Bytes> = Table::new("receipts");
/// Bodies that left the log: `Body`.
pub(super) const BODIES: Table<Id, Bytes> = Table::new("bodies");
/// The height of each transaction's block, and its place there.
pub(super) const TRANSACTIONS: Table<Id, (u64, u32)> = Table::new("transactions");
/// Values that a flush replaced, by the height of its tip, many in a row: see [`FormerValues`].
const FORMER_VALUES: Table<(u64, u32), Bytes> = Table::new("former values");
/// What else it takes to undo that flush: [`Former`].
const FORMER_TIPS: Table<u64, Bytes> = Table::new("former tips");

/// Bytes of a row of former values, unless a single one is longer: with what the database adds they
/// fill its page of 64 KiB. A row for each value would cost as much as writing the value itself.
const FORMER_ROW_BYTES: usize = 63 * 1024;

/// Where the state stands, and where the log goes on from it.
#[derive(Clone, BorshSerialize, BorshDeserialize)]
pub(super) struct Head {
    pub(super) tip: Tip,
    /// The first segment that still holds something.
    pub(super) first: u64,
    /// The first segment begun after the last flush.
    pub(super) mark: u64,
}

#[derive(BorshSerialize, BorshDeserialize)]
pub(super) struct Row {
    pub(super) entry: Entry,
    pub(super) trail: Trail,
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Former {
    tip: Tip,
    /// Ids of the transactions that the flush indexed.
    transactions: Vec<Hash>,
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

pub(super) fn create(path: &Path) -> Result<Database, OpenError> {
    builder().create(path).map_err(|error| refused(path, error))
}

pub(super) fn open(path: &Path) -> Result<Database, OpenError> {
    builder().open(path).map_err(|error| refused(path, error))
}

/// A database that needs no repair, without writing to it as opening does.
pub(super) fn peek(path: &Path) -> Result<Option<ReadOnlyDatabase>, OpenError> {
    match builder().open_read_only(path) {
        Ok(database) => Ok(Some(database)),
        Err(DatabaseError::RepairAborted) => Ok(None),
        Err(error) => Err(refused(path, error)),
    }
}

fn refused(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => {
            OpenError::InUse { dir: path.parent().unwrap_or(path).into() }
        }
        DatabaseError::Storage(StorageError::Io(source))
            if source.kind() != ErrorKind::InvalidData =>
        {
            OpenError::io(path)(source)
        }
        error => OpenError::Corrupt { what: format!("{}: {error}", path.display()) },
    }
}

pub(super) fn head(database: &impl ReadableDatabase) -> Result<Head, Failure> {
    let row = database.begin_read()?.open_table(HEAD)?.get_owned(())?.ok_or(Failure::NoTip)?;
    Ok(Head::decode_exact(row.value())?)
}

pub(super) fn put_head(transaction: &WriteTransaction, head: &Head) -> Result<(), Failure> {
    transaction.open_table(HEAD)?.insert((), &*head.encode())?;
    Ok(())
}

pub(super) fn put_body(
    transaction: &WriteTransaction,
    id: &Hash,
    body: &[u8],
) -> Result<(), Failure> {
    transaction.open_table(BODIES)?.insert(id.as_bytes(), body)?;
    Ok(())
}

/// Makes the one table that readers open and genesis does not fill.
pub(super) fn make(transaction: &WriteTransaction) -> Result<(), Failure> {
    transaction.open_table(BODIES)?;
    Ok(())
}

/// Writes what a flush replaces: keys and former values, one after the other.
struct FormerValues<'a> {
    table: Open<'a, (u64, u32), Bytes>,
    height: u64,
    rows: u32,
    row: Vec<u8>,
}

impl<'a> FormerValues<'a> {
    fn begin(transaction: &'a WriteTransaction, height: u64) -> Result<Self, Failure> {
        let table = transaction.open_table(FORMER_VALUES)?;
        Ok(Self { table, height, rows: 0, row: Vec::new() })
    }

    fn add(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), Failure> {
        let pair = (key, value).encode();
        let bytes = self.row.len().saturating_add(pair.len());
        if !self.row.is_empty() && bytes > FORMER_ROW_BYTES {
            self.put()?;
        }
        self.row.extend(pair);
        Ok(())
    }

    fn put(&mut self) -> Result<(), Failure> {
        self.table.insert((self.height, self.rows), &*self.row)?;
        self.rows = self.rows.saturating_add(1);
        self.row.clear();
        Ok(())
    }

    fn end(mut self) -> Result<(), Failure> {
        if self.row.is_empty() { Ok(()) } else { self.put() }
    }
}

/// Takes a key and its former value from the front of a row.
fn former_value(rest: &mut &[u8]) -> Result<(Vec<u8>, Option<Vec<u8>>), Failure> {
    Ok(<_>::deserialize(rest).map_err(|error| DecodeError(error.to_string()))?)
}

/// Writes all of a flush but its tip.
pub(super) fn put_flush(transaction: &WriteTransaction, flush: &Flush) -> Result<(), Failure> {
    let height = flush.tip.header.height;
    let mut state = transaction.open_table(STATE)?;
    let mut former = FormerValues::begin(transaction, height)?;
    for (key, value) in &flush.layer.writes {
        let replaced = match value {
            Some(value) => state.insert(key, value)?,
            None => state.remove(key)?,
        };
        former.add(key, replaced.as_ref().map(|value| value.value()))?;
    }
    former.end()?;
    put_pages(transaction, &flush.before, &flush.tree)?;
    flush.blocks.iter().try_for_each(|block| put_block(transaction, block))
}

/// Makes the pages those of `tree`; they are those of `before`.
pub(super) fn put_pages(
    transaction: &WriteTransaction,
    before: &StateTree,
    tree: &StateTree,
) -> Result<(), Failure> {
    let mut pages = transaction.open_table(PAGES)?;
    tree.pages_since(before, |at, page| {
        let old = pages.insert(at, page)?;
        let gone = old.map(|old| vanished(at, old.value(), page)).transpose()?;
        for place in gone.into_iter().flatten() {
            let Span { from, to } = Span::prefix(&place);
            let to = to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
            pages.retain_in::<&[u8], _>((Bound::Included(&*from), to), |_, _| false)?;
        }
        Ok(())
    })
}

fn put_block(transaction: &WriteTransaction, block: &Flushed) -> Result<(), Failure> {
    let height = block.trail.height;
    let row = Row { entry: block.entry.clone(), trail: block.trail.clone() };
    transaction.open_table(BLOCKS)?.insert(height, &*row.encode())?;
    transaction.open_table(HEIGHTS)?.insert(block.trail.id.as_bytes(), height)?;
    transaction.open_table(RECEIPTS)?.insert(height, &*block.receipts.encode())?;
    let mut transactions = transaction.open_table(TRANSACTIONS)?;
    for (id, index) in block.transactions.iter().zip(0..) {
        transactions.insert(id.as_bytes(), (height, index))?;
    }
    Ok(())
}

/// Remembers how to undo a flush on `tip`, and forgets how to undo what is too deep by now.
pub(super) fn put_former(
    transaction: &WriteTransaction,
    flush: &Flush,
    tip: &Tip,
) -> Result<(), Failure> {
    let height = flush.tip.header.height;
    let transactions = flush.blocks.iter().flat_map(|block| block.transactions.clone()).collect();
    let row = Former { tip: tip.clone(), transactions };
    let mut tips = transaction.open_table(FORMER_TIPS)?;
    tips.insert(height, &*row.encode())?;
    let from = undo_from(height);
    tips.retain_in(..from, |_, _| false)?;
    let mut values = transaction.open_table(FORMER_VALUES)?;
    values.retain_in(..(from, 0), |_, _| false)?;
    Ok(())
}

/// Undoes the flush whose tip has this height, and answers with the tip before. Nothing if that is
/// forgotten or never was. The former values join `undone`; the tree's pages stay.
pub(super) fn undo(
    transaction: &WriteTransaction,
    height: u64,
    undone: &mut Vec<(Key, Option<Value>)>,
) -> Result<Option<Tip>, Failure> {
    let mut tips = transaction.open_table(FORMER_TIPS)?;
    let Some(row) = tips.remove(height)? else { return Ok(None) };
    let former = Former::decode_exact(row.value())?;
    undo_state(transaction, height, undone)?;
    let mut transactions = transaction.open_table(TRANSACTIONS)?;
    for id in &former.transactions {
        transactions.remove(id.as_bytes())?;
    }
    let mut blocks = transaction.open_table(BLOCKS)?;
    let mut heights = transaction.open_table(HEIGHTS)?;
    let mut receipts = transaction.open_table(RECEIPTS)?;
    for height in former.tip.header.height.saturating_add(1)..=height {
        if let Some(row) = blocks.remove(height)? {
            heights.remove(Row::decode_exact(row.value())?.trail.id.as_bytes())?;
        }
        receipts.remove(height)?;
    }
    Ok(Some(former.tip))
}

fn undo_state(
    transaction: &WriteTransaction,
    height: u64,
    undone: &mut Vec<(Key, Option<Value>)>,
) -> Result<(), Failure> {
    let mut state = transaction.open_table(STATE)?;
    let mut former = transaction.open_table(FORMER_VALUES)?;
    for row in former.extract_from_if((height, 0)..=(height, u32::MAX), |_, _| true)? {
        let row = row?.1;
        let mut rest = row.value();
        while !rest.is_empty() {
            let (key, value) = former_value(&mut rest)?;
            match &value {
                Some(value) => state.insert(&*key, &**value)?,
                None => state.remove(&*key)?,
            };
            undone.push((key.into(), value.map(Into::into)));
        }
    }
    Ok(())
}
