//! What a block under way read ahead and wrote, over the state before.
mod held;
mod sort;
#[cfg(test)]
mod tests;

use crate::expect::Keys;
use crate::gaps::{Gaps, Leaping};
use crate::layer::{Layer, over};
use crate::merge::{Merge, Source};
use crate::{Key, Order, ReadFailed, Span, Spread, Value, View, Writes};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::ops::RangeBounds;
use hashbrown::HashTable;
use held::Held;
use isonomy_crypto::Hash;

/// The state of an execution under way. Its table has no order that shows: keys are put in theirs
/// when a module first scans, and when the block is done.
pub(crate) struct Draft {
    base: Arc<dyn View>,
    spread: Spread,
    /// Places in `entries`, by the key's hash.
    index: HashTable<usize>,
    entries: Vec<Entry>,
    /// What was under each key that was written since the last [`settle`](Self::settle); `None` if
    /// nothing was known of it.
    journal: Vec<(usize, Option<Known>)>,
    /// Places of what was written, by key: from the first scan on.
    ordered: Option<BTreeMap<Key, usize>>,
    /// The place asked for last: what is read is often written next.
    last: usize,
}

struct Entry {
    hash: u64,
    key: Held,
    known: Known,
}

/// What is known under a key.
enum Known {
    /// As it was before the block.
    Read(Option<Held>),
    /// As the block left it. `None` is a removal.
    Written(Option<Held>),
}

impl Known {
    const fn value(&self) -> Option<&Held> {
        match self {
            Self::Read(value) | Self::Written(value) => value.as_ref(),
        }
    }
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
    }

    pub(crate) fn get(&mut self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        match self.known(key) {
            Some(known) => Ok(known.value().map(Held::share)),
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
            Some(known) => Ok(read(known.value().map(|value| &**value))),
            None => Ok(read(self.base.get(key)?.as_deref())),
        }
    }

    fn known(&mut self, key: &[u8]) -> Option<&Known> {
        let at = self.find(key).ok()?;
        self.entries.get(at).map(|entry| &entry.known)
    }

    /// Reads ahead what is likely to be asked for: together, so that one read need not wait for
    /// another. No savepoint may be open.
    pub(crate) fn expect(&mut self, keys: &Keys) -> Result<(), ReadFailed> {
        let mut hashes = Vec::with_capacity(keys.len());
        let mut unknown = Vec::with_capacity(keys.len());
        for key in keys.iter() {
            let hash = self.spread.hash(key);
            if self.place(hash, key).is_none() {
                hashes.push(hash);
                unknown.push(key);
            }
        }
        let (base, mut left) = (self.base.clone(), hashes.into_iter().zip(&unknown));
        base.get_all(&unknown, &mut |value| {
            let Some((hash, key)) = left.next() else { return };
            if self.place(hash, key).is_none() {
                let known = Known::Read(value.map(Held::from));
                self.insert(Entry { hash, key: (*key).into(), known });
            }
        })
    }

    /// An empty value is a removal.
    pub(crate) fn put(&mut self, key: &[u8], value: &[u8]) {
        let value = Some(value).filter(|value| !value.is_empty()).map(Held::from);
        let known = Known::Written(value);
        let (at, before) = match self.find(key) {
            Ok(at) => {
                let Some(entry) = self.entries.get_mut(at) else { return };
                (at, Some(core::mem::replace(&mut entry.known, known)))
            }
            Err(hash) => (self.insert(Entry { hash, key: key.into(), known }), None),
        };
        if !matches!(before, Some(Known::Written(_)))
            && let Some(ordered) = &mut self.ordered
        {
            ordered.insert(key.into(), at);
        }
        self.journal.push((at, before));
    }

    /// Writes since the last [`settle`](Self::settle).
    pub(crate) const fn written(&self) -> usize {
        self.journal.len()
    }

    /// Takes back all writes but the first so many since the last [`settle`](Self::settle).
    pub(crate) fn roll_back(&mut self, written: usize) {
        while self.journal.len() > written {
            let Some((at, before)) = self.journal.pop() else { break };
            let Some(entry) = self.entries.get_mut(at) else { break };
            let forget = !matches!(before, Some(Known::Written(_)));
            if let Some(ordered) = self.ordered.as_mut().filter(|_| forget) {
                ordered.remove(&*entry.key);
            }
            match before {
                Some(known) => entry.known = known,
                None => self.drop_last(),
            }
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
        let Self { base, entries, ordered, .. } = self;
        let ordered = ordered.get_or_insert_with(|| {
            let places = entries.iter().enumerate();
            let written = places.filter(|(_, entry)| matches!(entry.known, Known::Written(_)));
            written.map(|(at, entry)| (entry.key.share(), at)).collect()
        });
        let own: Source<'_> = match span.bounds() {
            Some(bounds) => own(ordered, entries, bounds, order),
            None => Box::new(core::iter::empty()),
        };
        let base = Leaping::new(&**base, span.clone(), order, gaps);
        over([own], Box::new(base), order)
    }

    /// What the block wrote, in the keys' order.
    pub(crate) fn layer(&self) -> Layer {
        let (mut order, mut bytes) = (Vec::with_capacity(self.entries.len()), 0_usize);
        for (at, Entry { key, known, .. }) in self.entries.iter().enumerate() {
            if let Known::Written(value) = known {
                order.push((sort::head(key), at));
                let value = value.as_ref().map_or(0, |value| value.len());
                bytes = bytes.saturating_add(key.len()).saturating_add(value);
            }
        }
        let key = |at: usize| self.entries.get(at).map(|entry| &*entry.key);
        sort::sort(&mut order, |a, b| key(a).cmp(&key(b)));
        let mut writes = Writes::with_capacity(order.len(), bytes);
        for Entry { key, known, .. } in order.into_iter().filter_map(|(_, at)| self.entries.get(at))
        {
            writes.push(key, known.value().map(|value| &**value));
        }
        Layer { writes }
    }

    /// The place of a key, or else the hash under which to put one.
    fn find(&mut self, key: &[u8]) -> Result<usize, u64> {
        if self.entries.get(self.last).is_some_and(|entry| *entry.key == *key) {
            return Ok(self.last);
        }
        let hash = self.spread.hash(key);
        self.last = self.place(hash, key).ok_or(hash)?;
        Ok(self.last)
    }

    fn place(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let same = |at: &usize| {
            self.entries.get(*at).is_some_and(|entry| entry.hash == hash && *entry.key == *key)
        };
        self.index.find(hash, same).copied()
    }

    fn insert(&mut self, entry: Entry) -> usize {
        let at = self.entries.len();
        let Self { index, entries, .. } = self;
        index.insert_unique(entry.hash, at, |at| entries.get(*at).map_or(0, |entry| entry.hash));
        entries.push(entry);
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

fn own<'a>(
    ordered: &'a BTreeMap<Key, usize>,
    entries: &'a [Entry],
    bounds: impl RangeBounds<[u8]>,
    order: Order,
) -> Source<'a> {
    let write = |(key, at): (&Key, &usize)| match &entries.get(*at)?.known {
        Known::Written(value) => Some(Ok((key.clone(), value.as_ref().map(Held::share)))),
        Known::Read(_) => None,
    };
    let range = ordered.range::<[u8], _>(bounds);
    match order {
        Order::Up => Box::new(range.filter_map(write)),
        Order::Down => Box::new(range.rev().filter_map(write)),
    }
}
