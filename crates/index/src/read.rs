//! Questions. Each is answered out of one snapshot.
use crate::error::{Failure, guarded};
use crate::tables::{
    BLOCKS, BlockRow, COUNTS, EVENTS, EntryRow, HEAD, HISTORY, HOLDERS, KEYS, TRANSACTIONS,
};
use crate::{Index, IndexError, Place, Roles, Tip};
use isonomy_crypto::Hash;
use isonomy_ledger::Event;
use isonomy_ledger::assets::Asset;
use isonomy_types::{Address, Amount, Decode, Encode, ModuleId, Wall};
use redb::{Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, Value};
use std::ops::Bound;

/// Entries of one page at most. Stops a long list as one answer.
pub const PAGE_MAX: usize = isonomy_ledger::PAGE_MAX;
/// Bytes of the events of one page, about: the one that passes it is the last. Stops a page of the
/// largest events from filling memory.
pub const PAGE_BYTES_MAX: usize = 256 * 1024;
/// Events that a page of one module's passes over at most, since they are another's. Stops a key
/// under which others say much from occupying a node for one short page.
pub const PASSED_MAX: usize = 4_096;

/// A transaction that concerns an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HistoryEntry {
    /// Its id. `None`: what the block itself brought its producer, a reward or fees.
    pub transaction: Option<Hash>,
    /// Its block.
    pub block: Hash,
    /// The block's height.
    pub height: u64,
    /// Its place in the block, from 0; the block's own is after the last.
    pub index: u32,
    /// The time in the block's header.
    pub time: Wall,
    /// How it concerns the address.
    pub roles: Roles,
    /// Zero if its actions took effect, else a fault's code.
    pub code: u16,
}

/// An event under one of its keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventEntry {
    /// The id of its transaction. `None`: said outside of transactions.
    pub transaction: Option<Hash>,
    /// Its block.
    pub block: Hash,
    /// Where it stands.
    pub place: Place,
    /// What was said.
    pub event: Event,
}

/// A part of a list, as it is after one block.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed<T, N> {
    /// The block.
    pub at: Tip,
    /// At most [`PAGE_MAX`].
    pub entries: Vec<T>,
    /// Where the next page goes on. `None`: that was all.
    pub next: Option<N>,
}

/// Who holds an asset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holders {
    /// Some of them, by address, and how much each holds.
    pub page: Listed<(Address, Amount), Address>,
    /// How many there are in all.
    pub count: u64,
}

/// Is shown a row: its table, its key, its value.
pub type Show<'a> = dyn FnMut(&str, &[u8], &[u8]) + 'a;

impl Index {
    /// Where the index stands.
    ///
    /// # Errors
    /// If the file fails.
    pub fn tip(&self) -> Result<Tip, IndexError> {
        self.read(|snapshot| Ok(snapshot.at.clone()))
    }

    /// The block of the indexed branch at a height, or `None` above its end.
    ///
    /// # Errors
    /// If the file fails.
    pub fn tip_at(&self, height: u64) -> Result<Option<Tip>, IndexError> {
        self.read(|snapshot| match height > snapshot.at.height {
            true => Ok(None),
            false => Ok(Some(snapshot.block(height)?.tip(height))),
        })
    }

    /// The transactions that concern an address, youngest first: those `before` a place, or all.
    ///
    /// # Errors
    /// If the file fails.
    pub fn history(
        &self,
        of: Address,
        before: Option<Place>,
        limit: usize,
    ) -> Result<Listed<HistoryEntry, Place>, IndexError> {
        self.read(|snapshot| {
            let (before, of) = (before.unwrap_or(Place::END), of.0.as_bytes());
            let all = (of, 0, 0)..(of, before.height, before.index);
            let rows = snapshot.reading.open_table(HISTORY)?.range_owned(all)?.rev();
            let mut page = Pager::new(limit);
            for row in rows {
                let (key, roles) = row?;
                let (_, height, index) = key.value();
                if page.is_full() {
                    return Ok(page.end(&snapshot, true));
                }
                let (block, said) = (snapshot.block(height)?, snapshot.entry(height, index)?);
                let entry = HistoryEntry {
                    transaction: said.as_ref().map(|entry| entry.id),
                    block: block.id,
                    height,
                    index,
                    time: block.time,
                    roles: Roles(roles.value()),
                    code: said.map_or(0, |entry| entry.code),
                };
                page.add(entry, Place { height, index, event: 0 }, 0);
            }
            Ok(page.end(&snapshot, false))
        })
    }

    /// The events under a key, of all modules or of one, youngest first: those `before` a place, or
    /// all. A page of one module's can be empty and have others behind it.
    ///
    /// # Errors
    /// If the file fails.
    pub fn events(
        &self,
        module: Option<ModuleId>,
        key: &[u8],
        before: Option<Place>,
        limit: usize,
    ) -> Result<Listed<EventEntry, Place>, IndexError> {
        self.read(|snapshot| {
            let Place { height, index, event } = before.unwrap_or(Place::END);
            let all = (key, 0, 0, 0)..(key, height, index, event);
            let rows = snapshot.reading.open_table(KEYS)?.range_owned(all)?.rev();
            let (mut page, mut passed) = (Pager::new(limit), 0);
            for row in rows {
                let (key, said_by) = row?;
                let (_, height, index, event) = key.value();
                let place = Place { height, index, event };
                if page.is_full() || passed == PASSED_MAX {
                    return Ok(page.end(&snapshot, true));
                }
                if module.is_some_and(|module| module != said_by.value()) {
                    passed = passed.saturating_add(1);
                    page.pass(place);
                    continue;
                }
                let event = snapshot.event(place)?;
                let transaction = snapshot.entry(height, index)?.map(|entry| entry.id);
                let (block, bytes) = (snapshot.block(height)?.id, event.encoded_len());
                page.add(EventEntry { transaction, block, place, event }, place, bytes);
            }
            Ok(page.end(&snapshot, false))
        })
    }

    /// Who holds an asset, by address, and how many do in all: those `after` an address, or all.
    ///
    /// # Errors
    /// If the file fails.
    pub fn holders(
        &self,
        asset: Asset,
        after: Option<Address>,
        limit: usize,
    ) -> Result<Holders, IndexError> {
        self.read(|snapshot| {
            let asset = asset.encode();
            let count = snapshot.reading.open_table(COUNTS)?.get_owned(&*asset)?;
            let count = count.map_or(0, |count| count.value());
            let first = match &after {
                Some(after) => Bound::Excluded((&*asset, after.0.as_bytes())),
                None => Bound::Included((&*asset, &[0; Hash::LEN])),
            };
            let last = Bound::Included((&*asset, &[u8::MAX; Hash::LEN]));
            let rows = snapshot.reading.open_table(HOLDERS)?.range_owned((first, last))?;
            let mut page = Pager::new(limit);
            for row in rows {
                let (key, amount) = row?;
                let of = Address(Hash::from_bytes(*key.value().1));
                if page.is_full() {
                    return Ok(Holders { page: page.end(&snapshot, true), count });
                }
                page.add((of, Amount(amount.value())), of, 0);
            }
            Ok(Holders { page: page.end(&snapshot, false), count })
        })
    }

    /// Shows every row, table after table, each in the order of its keys. Two indexes that stand on one block show the same, however they came there.
    ///
    /// # Errors
    /// If the file fails.
    pub fn rows(&self, show: &mut Show<'_>) -> Result<(), IndexError> {
        self.read(|Snapshot { reading, .. }| {
            rows(&reading, HEAD, "head", show)?;
            rows(&reading, BLOCKS, "blocks", show)?;
            rows(&reading, TRANSACTIONS, "transactions", show)?;
            rows(&reading, EVENTS, "events", show)?;
            rows(&reading, HISTORY, "history", show)?;
            rows(&reading, KEYS, "events by key", show)?;
            rows(&reading, HOLDERS, "holders", show)?;
            rows(&reading, COUNTS, "counts", show)
        })
    }

    fn read<T>(&self, read: impl FnOnce(Snapshot) -> Result<T, Failure>) -> Result<T, IndexError> {
        let answer = || -> Result<T, Failure> { read(Snapshot::take(&self.database)?) };
        Ok(guarded(answer)?)
    }
}

/// A page under way.
struct Pager<T, N> {
    entries: Vec<T>,
    last: Option<N>,
    limit: usize,
    room: usize,
}

impl<T, N> Pager<T, N> {
    fn new(limit: usize) -> Self {
        Self {
            entries: Vec::new(),
            last: None,
            limit: limit.clamp(1, PAGE_MAX),
            room: PAGE_BYTES_MAX,
        }
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= self.limit || self.room == 0
    }

    fn add(&mut self, entry: T, at: N, bytes: usize) {
        self.entries.push(entry);
        self.last = Some(at);
        self.room = self.room.saturating_sub(bytes);
    }

    /// Goes on behind what has no place here.
    fn pass(&mut self, at: N) {
        self.last = Some(at);
    }

    fn end(self, snapshot: &Snapshot, more: bool) -> Listed<T, N> {
        let next = self.last.filter(|_| more);
        Listed { at: snapshot.at.clone(), entries: self.entries, next }
    }
}

/// The index after one block, whatever is written meanwhile.
struct Snapshot {
    reading: ReadTransaction,
    at: Tip,
}

/// The database's plain `get` and `range` answer with bytes that do not keep their transaction alive.
/// So only the owned ones are used.
impl Snapshot {
    fn take(database: &impl ReadableDatabase) -> Result<Self, Failure> {
        let reading = database.begin_read()?;
        let head = reading.open_table(HEAD)?.get_owned(())?.ok_or(Failure::Wrong("the head"))?;
        let height = crate::tables::head(head.value())?.height;
        let at = block(&reading, height)?.tip(height);
        Ok(Self { reading, at })
    }

    fn block(&self, height: u64) -> Result<BlockRow, Failure> {
        block(&self.reading, height)
    }

    /// Nothing of the block's own.
    fn entry(&self, height: u64, index: u32) -> Result<Option<EntryRow>, Failure> {
        let found = self.reading.open_table(TRANSACTIONS)?.get_owned((height, index))?;
        Ok(found.map(|row| EntryRow::decode_exact(row.value())).transpose()?)
    }

    fn event(&self, Place { height, index, event }: Place) -> Result<Event, Failure> {
        let found = self.reading.open_table(EVENTS)?.get_owned((height, index, event))?;
        Ok(Event::decode_exact(found.ok_or(Failure::Wrong("an event"))?.value())?)
    }
}

fn block(reading: &ReadTransaction, height: u64) -> Result<BlockRow, Failure> {
    let found = reading.open_table(BLOCKS)?.get_owned(height)?;
    Ok(BlockRow::decode_exact(found.ok_or(Failure::Wrong("a block"))?.value())?)
}

fn rows<K: Key + 'static, V: Value + 'static>(
    reading: &ReadTransaction,
    table: TableDefinition<'static, K, V>,
    name: &str,
    show: &mut Show<'_>,
) -> Result<(), Failure> {
    for row in reading.open_table(table)?.iter()? {
        let (key, value) = row?;
        show(name, K::as_bytes(&key.value()).as_ref(), V::as_bytes(&value.value()).as_ref());
    }
    Ok(())
}
