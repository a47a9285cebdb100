//! What a block under way read ahead and wrote, over the state before.
mod sort;
#[cfg(test)]
mod tests;

use crate::expect::Keys;
use crate::gaps::{Gaps, Leaping};
use crate::layer::{Layer, over};
use crate::merge::{Merge, Source};
use crate::{Key, Order, ReadFailed, Span, Spread, Value, View, Writes};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::hint::black_box;
use hashbrown::HashTable;
use isonomy_crypto::Hash;

/// Entries that are fetched together: more than a core has reads under way at once.
const AT_ONCE: usize = 32;

/// Bytes that room is made for with each key: for itself, a hash under a module's prefix, and for a
/// few values of amounts.
const HELD_BYTES: usize = 80;

/// The state of an execution under way. Its table has no order that shows: keys are put in theirs
/// when a module first scans, and when the block is done.
pub(crate) struct Draft {
    base: Arc<dyn View>,
    spread: Spread,
    /// Places in `entries`, by the key's hash.
    index: HashTable<usize>,
    entries: Vec<Entry>,
    /// Their keys and values, one behind the other. A value that was written over stays until the
    /// block is done: the meter bounds how many there are.
    bytes: Vec<u8>,
    /// The writes since the last [`settle`](Self::settle).
    journal: Vec<Undo>,
    /// Places of what was written, by key: from the first scan on.
    ordered: Option<BTreeMap<Key, usize>>,
    /// The place asked for last: what is read is often written next.
    last: usize,
}

struct Entry {
    hash: u64,
    key: Piece,
    known: Known,
}

/// What is known under a key.
#[derive(Clone, Copy)]
struct Known {
    /// Without bytes: there is none.
    value: Piece,
    /// Whether the block left it so; else it was so before.
    written: bool,
}

/// Where a key or a value lies.
#[derive(Clone, Copy)]
struct Piece {
    start: usize,
    len: usize,
}

impl Piece {
    fn of<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        bytes.get(self.start..self.start.saturating_add(self.len)).unwrap_or_default()
    }
}

impl Known {
    fn value<'a>(&self, bytes: &'a [u8]) -> Option<&'a [u8]> {
        Some(self.value.of(bytes)).filter(|value| !value.is_empty())
    }
}

/// How to take a write back.
struct Undo {
    at: usize,
    /// What was known of the key; `None` if nothing was.
    before: Option<Known>,
    /// Bytes that there were.
    bytes: usize,
}

impl Draft {
    /// `seed` is a hash of all that decides which keys a block touches. So whoever chose the keys
    /// did not know where they would fall, and cannot make them fall together (attack 28).
    pub(crate) fn new(base: Arc<dyn View>, seed: Hash) -> Self {
        Self {
            base,
            spread: Spread::seeded(seed),
            index: HashTable::new(),
            entries: Vec::new(),
            bytes: Vec::new(),
            journal: Vec::new(),
            ordered: None,
            last: 0,
        }
    }

    /// Makes room for so many more keys.
    pub(crate) fn reserve(&mut self, keys: usize) {
        let Self { index, entries, .. } = self;
        index.reserve(keys, |at| entries.get(*at).map_or(0, |entry| entry.hash));
        entries.reserve(keys);
        self.bytes.reserve(keys.saturating_mul(HELD_BYTES));
    }

    pub(crate) fn get(&mut self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        match self.known(key) {
            Some(known) => Ok(known.value(&self.bytes).map(Value::from)),
            None => self.base.get(key),
        }
    }

    /// What `read` makes of the value, which it borrows.
    pub(crate) fn read<T>(
        &mut self,
        key: &[u8],
        read: impl FnOnce(Option<&[u8]>) -> T,
    ) -> Result<T, ReadFailed> {
        match self.known(key) {
            Some(known) => Ok(read(known.value(&self.bytes))),
            None => Ok(read(self.base.get(key)?.as_deref())),
        }
    }

    fn known(&mut self, key: &[u8]) -> Option<Known> {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|entry| entry.known)
    }

    /// Reads ahead what is likely to be asked for: together, so that one read need not wait for
    /// another. No savepoint may be open, and where it fails nothing may be read any more.
    pub(crate) fn expect(&mut self, keys: &Keys) -> Result<(), ReadFailed> {
        let (first, mut unknown) = (self.entries.len(), Vec::with_capacity(keys.len()));
        for key in keys.iter() {
            let hash = self.spread.hash(key);
            if self.place(hash, key).is_none() {
                let value = self.hold(&[]);
                self.insert(hash, key, Known { value, written: false });
                unknown.push(key);
            }
        }
        let Self { base, entries, bytes, .. } = self;
        let mut made = entries.get_mut(first..).unwrap_or_default().iter_mut();
        base.get_all(&unknown, &mut |value| {
            if let Some(entry) = made.next() {
                entry.known.value = hold(bytes, value.unwrap_or_default());
            }
        })
    }

    /// An empty value is a removal.
    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) {
        let bytes = self.bytes.len();
        let known = Known { value: self.hold(value), written: true };
        let (at, before) = match self.find(key) {
            Ok(at) => {
                let Some(entry) = self.entries.get_mut(at) else { return };
                (at, Some(core::mem::replace(&mut entry.known, known)))
            }
            Err(hash) => (self.insert(hash, key, known), None),
        };
        if !before.is_some_and(|before| before.written)
            && let Some(ordered) = &mut self.ordered
        {
            ordered.insert(key.into(), at);
        }
        self.journal.push(Undo { at, before, bytes });
    }

    /// Writes since the last [`settle`](Self::settle).
    pub(crate) const fn written(&self) -> usize {
        self.journal.len()
    }

    /// Takes back all writes but the first so many since the last [`settle`](Self::settle).
    pub(crate) fn roll_back(&mut self, written: usize) {
        while self.journal.len() > written {
            let Some(Undo { at, before, bytes }) = self.journal.pop() else { break };
            let Some(entry) = self.entries.get_mut(at) else { break };
            let forget = !before.is_some_and(|before| before.written);
            if let Some(ordered) = self.ordered.as_mut().filter(|_| forget) {
                ordered.remove(entry.key.of(&self.bytes));
            }
            match before {
                Some(known) => entry.known = known,
                None => self.drop_last(),
            }
            self.bytes.truncate(bytes);
        }
    }

    /// Makes final what was written so far.
    pub(crate) fn settle(&mut self) {
        self.journal.clear();
    }

    /// What a scan pays for: the pairs, and the removals that this block wrote.
    pub(crate) fn steps<'a>(
        &'a mut self,
        span: &Span,
        order: Order,
        gaps: &'a mut Gaps,
    ) -> Merge<'a> {
        let Self { base, entries, bytes, ordered, .. } = self;
        let ordered = ordered.get_or_insert_with(|| {
            let places = entries.iter().enumerate();
            let written = places.filter(|(_, entry)| entry.known.written);
            written.map(|(at, entry)| (entry.key.of(bytes).into(), at)).collect()
        });
        let write = |(key, at): (&Key, &usize)| {
            Some(Ok((key.clone(), entries.get(*at)?.known.value(bytes).map(Value::from))))
        };
        let own = span.bounds().map(|bounds| ordered.range::<[u8], _>(bounds)).into_iter();
        let own: Source<'_> = match order {
            Order::Up => Box::new(own.flatten().filter_map(write)),
            Order::Down => Box::new(own.flat_map(Iterator::rev).filter_map(write)),
        };
        let base = Leaping::new(&**base, span.clone(), order, gaps);
        over([own], Box::new(base), order)
    }

    /// What the block wrote, in the keys' order.
    pub(crate) fn layer(&self) -> Layer {
        let (mut order, mut bytes) = (Vec::with_capacity(self.entries.len()), 0_usize);
        for (at, Entry { key, known, .. }) in self.entries.iter().enumerate() {
            if known.written {
                order.push((sort::head(key.of(&self.bytes)), at));
                bytes = bytes.saturating_add(key.len).saturating_add(known.value.len);
            }
        }
        let key = |at: usize| self.entries.get(at).map(|entry| entry.key.of(&self.bytes));
        sort::sort(&mut order, |a, b| key(a).cmp(&key(b)));
        let writes = Writes::build(order.len(), bytes, |writes| {
            for places in order.chunks(AT_ONCE) {
                let entries = || places.iter().filter_map(|(_, at)| self.entries.get(*at));
                // They lie far apart, and so does what they hold: all reads are under way at once.
                for Entry { key, known, .. } in entries() {
                    let (key, value) = (key.of(&self.bytes), known.value.of(&self.bytes));
                    black_box((key.last(), value.first()));
                }
                for Entry { key, known, .. } in entries() {
                    writes.push(key.of(&self.bytes), known.value(&self.bytes));
                }
            }
        });
        Layer { writes }
    }

    /// The place of a key, or else the hash under which to put one.
    fn find(&mut self, key: &[u8]) -> Result<usize, u64> {
        if self.entries.get(self.last).is_some_and(|entry| entry.key.of(&self.bytes) == key) {
            return Ok(self.last);
        }
        let hash = self.spread.hash(key);
        self.last = self.place(hash, key).ok_or(hash)?;
        Ok(self.last)
    }

    fn place(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let same = |at: &usize| {
            let entry = self.entries.get(*at);
            entry.is_some_and(|entry| entry.hash == hash && entry.key.of(&self.bytes) == key)
        };
        self.index.find(hash, same).copied()
    }

    fn hold(&mut self, piece: &[u8]) -> Piece {
        hold(&mut self.bytes, piece)
    }

    fn insert(&mut self, hash: u64, key: &[u8], known: Known) -> usize {
        let (at, key) = (self.entries.len(), self.hold(key));
        let Self { index, entries, .. } = self;
        index.insert_unique(hash, at, |at| entries.get(*at).map_or(0, |entry| entry.hash));
        entries.push(Entry { hash, key, known });
        at
    }

    /// Writes are taken back in reverse, so an entry that one of them made is the last.
    fn drop_last(&mut self) {
        let Some(entry) = self.entries.pop() else { return };
        let at = self.entries.len();
        if let Ok(found) = self.index.find_entry(entry.hash, |place| *place == at) {
            found.remove();
        }
    }
}

fn hold(bytes: &mut Vec<u8>, piece: &[u8]) -> Piece {
    let start = bytes.len();
    bytes.extend_from_slice(piece);
    Piece { start, len: piece.len() }
}
