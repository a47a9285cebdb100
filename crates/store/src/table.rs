//! Writes that do not change any more, found by hash and walked by key.
use isonomy_ledger::{Layer, Order, Span, Spread};
use std::cmp::Ordering;
use std::hint::black_box;
use std::ops::Range;

/// Bytes before a key and its value: the length of each.
const HEAD_BYTES: usize = 8;
/// Keys that are looked for together: more reads than a core has under way at once.
pub(crate) const AT_ONCE: usize = 32;
/// The low bits of a slot say where a write begins, the others are the highest of its key's hash.
const OFFSET_BITS: u32 = 40;
const OFFSET: u64 = (1 << OFFSET_BITS) - 1;
/// No write begins there: a slot that is free.
const FREE: u64 = u64::MAX;

/// Writes in the order of their keys, in one piece of memory, and an index over it: 32 bytes a write
/// beside its key and value, and two cache lines to find one.
pub(crate) struct Table {
    /// The lengths, the key and the value of each write. A removal has a value without bytes.
    bytes: Vec<u8>,
    /// Where each write begins.
    starts: Vec<usize>,
    /// A power of two of slots, at most half of them taken.
    index: Vec<u64>,
    /// The state's own, by which all its tables are searched.
    spread: Spread,
}

impl Table {
    /// Lays `newer` writes over these. Without `removals`, which at the bottom mean nothing.
    pub(crate) fn cover(&self, newer: &Self, removals: bool) -> Self {
        let bytes = self.bytes.len() + newer.bytes.len();
        let mut table = Self::empty(bytes, self.len() + newer.len(), self.spread);
        let (mut olds, mut news) = (self.writes().peekable(), newer.writes().peekable());
        loop {
            let order = match (olds.peek(), news.peek()) {
                (Some((old, _)), Some((new, _))) => old.cmp(new),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            let old = olds.next_if(|_| order.is_le());
            let new = news.next_if(|_| order.is_ge());
            let Some((key, value)) = new.or(old) else { break };
            if removals || !value.is_empty() {
                table.push(key, value);
            }
        }
        table.bytes.shrink_to_fit();
        table.starts.shrink_to_fit();
        table.indexed()
    }

    /// What a block wrote; `removals` as in [`cover`](Self::cover).
    pub(crate) fn new(layer: &Layer, spread: Spread, removals: bool) -> Self {
        let bytes = |(key, value): (&[u8], Option<&[u8]>)| {
            HEAD_BYTES + key.len() + value.map_or(0, <[u8]>::len)
        };
        let bytes = layer.writes.iter().map(bytes).sum();
        let mut table = Self::empty(bytes, layer.writes.len(), spread);
        for (key, value) in layer.writes.iter().filter(|(_, value)| removals || value.is_some()) {
            table.push(key, value.unwrap_or_default());
        }
        table.indexed()
    }

    fn empty(bytes: usize, writes: usize, spread: Spread) -> Self {
        let (bytes, starts) = (Vec::with_capacity(bytes), Vec::with_capacity(writes));
        Self { bytes, starts, index: Vec::new(), spread }
    }

    pub(crate) const fn len(&self) -> usize {
        self.starts.len()
    }

    /// Keys come in order. Keys and values are far shorter than 2³² bytes.
    fn push(&mut self, key: &[u8], value: &[u8]) {
        self.starts.push(self.bytes.len());
        self.bytes.extend((key.len() as u32).to_le_bytes());
        self.bytes.extend((value.len() as u32).to_le_bytes());
        self.bytes.extend(key);
        self.bytes.extend(value);
    }

    fn indexed(mut self) -> Self {
        let mut index = vec![FREE; (self.len() * 2).next_power_of_two()];
        for start in &self.starts {
            let Some((key, _)) = self.write(*start) else { continue };
            let hash = self.hash(key);
            let free = |at: &usize| index.get(*at) == Some(&FREE);
            if let Some(at) = slots(hash, index.len()).find(free)
                && let Some(slot) = index.get_mut(at)
            {
                *slot = hash & !OFFSET | *start as u64;
            }
        }
        self.index = index;
        self
    }

    fn hash(&self, key: &[u8]) -> u64 {
        self.spread.hash(key)
    }

    /// The key and the value that begin here.
    fn write(&self, start: usize) -> Option<(&[u8], &[u8])> {
        let (head, rest) = self.bytes.get(start..)?.split_first_chunk::<HEAD_BYTES>()?;
        let [a, b, c, d, e, f, g, h] = *head;
        let (key, value) = (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
        let (key, rest) = rest.split_at_checked(key as usize)?;
        Some((key, rest.get(..value as usize)?))
    }

    fn writes(&self) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
        self.starts.iter().filter_map(|start| self.write(*start))
    }

    /// What was written under `key`; a removal has no bytes. `hash` is the key's.
    pub(crate) fn get(&self, hash: u64, key: &[u8]) -> Option<&[u8]> {
        for at in slots(hash, self.index.len()) {
            let slot = *self.index.get(at)?;
            if slot == FREE {
                return None;
            }
            if (slot ^ hash) & !OFFSET == 0
                && let Some((_, value)) =
                    self.write((slot & OFFSET) as usize).filter(|(found, _)| *found == key)
            {
                return Some(value);
            }
        }
        None
    }

    /// Brings what lies under these hashes into the cache, with all reads under way at once.
    pub(crate) fn touch(&self, hashes: &[u64; AT_ONCE]) {
        let mask = self.index.len().wrapping_sub(1);
        black_box(hashes.map(|hash| self.index.get(hash as usize & mask).copied()));
        let starts = hashes.map(|hash| self.likely(hash));
        let byte = |start: u64| {
            let start = start as usize;
            let (first, last) = (self.bytes.get(start), self.bytes.get(start.saturating_add(60)));
            first.unwrap_or(&0) | last.unwrap_or(&0)
        };
        black_box(starts.map(byte));
    }

    /// Where the write under a hash begins, most likely: keys are not compared. Of no write there is
    /// no byte here.
    fn likely(&self, hash: u64) -> u64 {
        let slots = slots(hash, self.index.len()).filter_map(|at| self.index.get(at));
        let mut ends = slots.filter(|slot| **slot == FREE || (**slot ^ hash) & !OFFSET == 0);
        ends.next().map_or(OFFSET, |slot| slot & OFFSET)
    }

    /// The writes of `span`.
    pub(crate) fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = (&'a [u8], &'a [u8])> + 'a> {
        let places = self.range(span);
        let starts = self.starts.get(places).unwrap_or_default().iter();
        let write = |start: &usize| self.write(*start);
        match order {
            Order::Up => Box::new(starts.filter_map(write)),
            Order::Down => Box::new(starts.rev().filter_map(write)),
        }
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let below = |end: &[u8]| {
            let less = |start: &usize| self.write(*start).is_some_and(|(key, _)| key < end);
            self.starts.partition_point(less)
        };
        below(&span.from)..span.to.as_ref().map_or(self.len(), |to| below(to))
    }
}

/// Where a hash may stand, in turn, until a free slot ends the search.
fn slots(hash: u64, count: usize) -> impl Iterator<Item = usize> {
    let mask = count.wrapping_sub(1);
    (0..count).map(move |step| (hash as usize).wrapping_add(step) & mask)
}
