//! What a block wrote, in one piece of memory.
use crate::filter::{Filter, Mark};
use crate::{Key, Span, Value};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt;
use core::slice;

/// New values by key, each key once, in the keys' order. `None` is a removal.
///
/// Keys and values lie one behind the other, so that many writes cost few allocations and are walked
/// as fast as memory is read. Adding to them costs as much as copying them: gather what there is to
/// add, and [`extend`](Extend::extend) once.
///
/// ```
/// use isonomy_ledger::{Key, Writes};
///
/// let pairs = [(b"b".as_slice(), None), (b"a", Some(b"1".as_slice()))];
/// let owned = pairs.map(|(key, value)| (Key::from(key), value.map(Into::into)));
/// let writes = Writes::from_iter(owned);
/// assert!(writes.iter().eq([pairs[1], pairs[0]]));
/// assert_eq!(writes.get(b"b"), Some(None));
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Writes {
    bytes: Vec<u8>,
    /// Of each key, the first eight bytes. They lie close together: a search stays within them until
    /// few keys are left, and reads those alone from `bytes`.
    heads: Vec<u64>,
    places: Vec<Place>,
    /// Of all keys: most that are asked for are in none of many layers.
    filter: Filter,
}

/// The first bytes of a key as a number, in the keys' order where they differ.
fn head(key: &[u8]) -> u64 {
    let mut head = [0; 8];
    head.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    u64::from_be_bytes(head)
}

/// Where a key begins; its value follows it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    start: usize,
    key: usize,
    value: Option<usize>,
}

impl Place {
    fn key<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        part(bytes, self.start, self.key)
    }

    /// Of key and value.
    fn len(&self) -> usize {
        self.key.saturating_add(self.value.unwrap_or_default())
    }

    fn write<'a>(&self, bytes: &'a [u8]) -> (&'a [u8], Option<&'a [u8]>) {
        let value = self.start.saturating_add(self.key);
        (self.key(bytes), self.value.map(|len| part(bytes, value, len)))
    }
}

fn part(bytes: &[u8], start: usize, len: usize) -> &[u8] {
    bytes.get(start..start.saturating_add(len)).unwrap_or_default()
}

impl Writes {
    /// Those that `fill` pushes: about so many writes, and bytes of keys and values.
    pub(crate) fn build(writes: usize, bytes: usize, fill: impl FnOnce(&mut Pushed)) -> Self {
        let (heads, places) = (Vec::with_capacity(writes), Vec::with_capacity(writes));
        let bytes = Vec::with_capacity(bytes);
        let mut pushed = Pushed(Self { bytes, heads, places, filter: Filter::default() });
        fill(&mut pushed);
        let Pushed(mut all) = pushed;
        all.filter = Filter::of(all.len(), all.keys().map(Mark::of));
        all
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// What is written under `key`, if it is.
    #[must_use]
    pub fn get(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.get_marked(key, Mark::of(key))
    }

    /// The same, for who has made the key's mark already.
    pub(crate) fn get_marked(&self, key: &[u8], mark: Mark) -> Option<Option<&[u8]>> {
        if !self.filter.may_hold(mark) {
            return None;
        }
        let place = self.places.get(self.below(key))?;
        (place.key(&self.bytes) == key).then(|| place.write(&self.bytes).1)
    }

    /// How many keys are lower than `key`.
    fn below(&self, key: &[u8]) -> usize {
        let head = head(key);
        let from = self.heads.partition_point(|at| *at < head);
        let alike = self.heads.get(from..).unwrap_or_default();
        let alike = alike.partition_point(|at| *at == head);
        let places = self.places.get(from..from.saturating_add(alike)).unwrap_or_default();
        from.saturating_add(places.partition_point(|at| at.key(&self.bytes) < key))
    }

    /// All, in the keys' order.
    #[must_use]
    pub fn iter(&self) -> WritesIter<'_> {
        WritesIter { bytes: &self.bytes, places: self.places.iter() }
    }

    /// Those whose keys are in `span`, in the keys' order.
    #[must_use]
    pub fn within(&self, span: &Span) -> WritesIter<'_> {
        let to = span.to.as_ref().map_or(self.len(), |to| self.below(to));
        let places = self.places.get(self.below(&span.from)..to).unwrap_or_default();
        WritesIter { bytes: &self.bytes, places: places.iter() }
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        self.iter().map(|(key, _)| key)
    }

    /// The values, in the keys' order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = Option<&[u8]>> {
        self.iter().map(|(_, value)| value)
    }

    /// Adds one write, or replaces the one of this key.
    pub fn insert(&mut self, key: Key, value: Option<Value>) {
        self.extend([(key, value)]);
    }

    /// What `all` come to, the newest first: of one key the newest write counts.
    pub(crate) fn joined(all: &[&Self]) -> Self {
        if all.len() > AT_ONCE {
            let parts: Vec<_> = all.chunks(AT_ONCE).map(Self::joined).collect();
            return Self::joined(&parts.iter().collect::<Vec<_>>());
        }
        let sum = |of: fn(&Self) -> usize| {
            all.iter().fold(0_usize, |sum, writes| sum.saturating_add(of(writes)))
        };
        let mut fronts: Vec<_> = all.iter().filter_map(|writes| Front::of(writes)).collect();
        let bytes = sum(|writes| writes.bytes.len());
        let mut one = Self::build(sum(Self::len), bytes, |one| {
            // Of those that are equal, `min_by` takes the first: the newest.
            while let Some(lowest) = fronts.iter().min_by(|a, b| a.order(b)).map(Front::write) {
                one.push_write(&lowest);
                fronts.retain_mut(|front| !front.is_at(&lowest) || front.advance());
            }
        });
        one.bytes.shrink_to_fit();
        one.heads.shrink_to_fit();
        one.places.shrink_to_fit();
        one
    }
}

/// Writes on the way to be [`Writes`].
pub(crate) struct Pushed(Writes);

impl Pushed {
    /// Adds a write behind all others, whose keys are lower.
    pub(crate) fn push(&mut self, key: &[u8], value: Option<&[u8]>) {
        let Self(Writes { bytes, heads, places, .. }) = self;
        heads.push(head(key));
        places.push(Place { start: bytes.len(), key: key.len(), value: value.map(<[u8]>::len) });
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(value.unwrap_or_default());
    }

    /// Adds one of other writes as it lies there, behind all others.
    fn push_write(&mut self, write: &Write<'_>) {
        let Self(Writes { bytes, heads, places, .. }) = self;
        heads.push(write.head);
        places.push(Place { start: bytes.len(), ..write.place });
        bytes.extend_from_slice(part(write.bytes, write.place.start, write.place.len()));
    }
}

/// Lists that are joined in one pass. Each write looks at the first of every list: beyond so many,
/// copying twice costs less.
const AT_ONCE: usize = 8;

/// One write, and where it lies.
#[derive(Clone, Copy)]
struct Write<'a> {
    head: u64,
    place: Place,
    bytes: &'a [u8],
}

impl<'a> Write<'a> {
    fn key(&self) -> &'a [u8] {
        self.place.key(self.bytes)
    }
}

/// The first of a list that is being joined, and the rest.
struct Front<'a> {
    head: u64,
    place: &'a Place,
    bytes: &'a [u8],
    heads: slice::Iter<'a, u64>,
    places: slice::Iter<'a, Place>,
}

impl<'a> Front<'a> {
    fn of(Writes { bytes, heads, places, .. }: &'a Writes) -> Option<Self> {
        let (mut heads, mut places) = (heads.iter(), places.iter());
        Some(Self { head: *heads.next()?, place: places.next()?, bytes, heads, places })
    }

    /// Keys are read only where heads do not decide.
    fn order(&self, other: &Self) -> Ordering {
        let keys = || self.place.key(self.bytes).cmp(other.place.key(other.bytes));
        self.head.cmp(&other.head).then_with(keys)
    }

    const fn write(&self) -> Write<'a> {
        Write { head: self.head, place: *self.place, bytes: self.bytes }
    }

    /// Whether its first is of the same key.
    fn is_at(&self, write: &Write<'_>) -> bool {
        self.head == write.head && self.place.key(self.bytes) == write.key()
    }

    /// Whether there was a next.
    fn advance(&mut self) -> bool {
        let next = self.heads.next().zip(self.places.next());
        next.inspect(|(head, place)| (self.head, self.place) = (**head, *place)).is_some()
    }
}

/// Of one key the last write counts.
impl FromIterator<(Key, Option<Value>)> for Writes {
    fn from_iter<I: IntoIterator<Item = (Key, Option<Value>)>>(writes: I) -> Self {
        let mut writes: Vec<_> = writes.into_iter().collect();
        writes.sort_by(|one, other| one.0.cmp(&other.0));
        Self::build(writes.len(), 0, |all| {
            for same in writes.chunk_by(|one, other| one.0 == other.0) {
                if let Some((key, value)) = same.last() {
                    all.push(key, value.as_deref());
                }
            }
        })
    }
}

impl<const COUNT: usize> From<[(Key, Option<Value>); COUNT]> for Writes {
    fn from(writes: [(Key, Option<Value>); COUNT]) -> Self {
        writes.into_iter().collect()
    }
}

impl Extend<(Key, Option<Value>)> for Writes {
    fn extend<I: IntoIterator<Item = (Key, Option<Value>)>>(&mut self, writes: I) {
        *self = Self::joined(&[&writes.into_iter().collect(), self]);
    }
}

impl<'a> IntoIterator for &'a Writes {
    type Item = (&'a [u8], Option<&'a [u8]>);
    type IntoIter = WritesIter<'a>;

    fn into_iter(self) -> WritesIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for Writes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Walks [`Writes`] in either direction.
#[derive(Clone)]
pub struct WritesIter<'a> {
    bytes: &'a [u8],
    places: slice::Iter<'a, Place>,
}

impl<'a> Iterator for WritesIter<'a> {
    type Item = (&'a [u8], Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        self.places.next().map(|place| place.write(self.bytes))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.places.size_hint()
    }
}

impl DoubleEndedIterator for WritesIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.places.next_back().map(|place| place.write(self.bytes))
    }
}
