use crate::backend::Backend;
use crate::bundles::Bundles;
use crate::item::{Item, ItemKey};
use crate::judge::Judge;
use crate::read::Read;
use crate::single;
use crate::spread::Spread;
use crate::verdict::Invalid;
use alloc::vec::Vec;
use core::ops::Range;
use rand_core::CryptoRng;

/// Items of a list, at most: twice three terms each, and a sign, are counted in 32 bits.
const ITEMS_MAX: usize = 1 << 29;

/// Verifies signatures together: accepts exactly the lists whose every item
/// [`verify`](crate::verify) accepts, but for a chance below 2⁻¹¹⁰ for lists of up to 2¹⁶.
///
/// Nobody may foresee what `rng` yields: who knows the coefficients can make wrong signatures cancel.
/// It is asked for 16 bytes an item and 64 more. An empty list is valid.
///
/// # Errors
/// Names every invalid item.
///
/// # Panics
/// Beyond 2²⁹ items, which is some 60 GB of them.
pub fn verify_batch(items: &[Item<'_>], rng: &mut impl CryptoRng) -> Result<(), Invalid> {
    verify_batch_on(Backend::best(), items, rng)
}

/// The same on a back end of the caller's choice.
///
/// # Errors
/// Names every invalid item.
pub fn verify_batch_on(
    backend: Backend,
    items: &[Item<'_>],
    rng: &mut impl CryptoRng,
) -> Result<(), Invalid> {
    verify_list(backend, Spread::One, Bundles::Apart, items, rng)
}

/// The same for items in bundles, each of which is valid if all its items are: the first items up to
/// the first of `ends`, then up to the second, and so on; what is left is one more bundle. `ends` rise.
///
/// Of a bundle that is not valid, one invalid item is named, and no other looked for. So a list that is
/// one bundle, without any `ends`, costs at most about twice what a valid one does, and a few items'
/// own checks, however many are invalid.
///
/// # Errors
/// Names an invalid item of each bundle that holds any.
pub fn verify_bundles(
    backend: Backend,
    items: &[Item<'_>],
    ends: &[usize],
    rng: &mut impl CryptoRng,
) -> Result<(), Invalid> {
    verify_list(backend, Spread::One, Bundles::Ends(ends), items, rng)
}

/// [`verify_bundles`] on all threads of the rayon pool it is called in, else of the global one.
///
/// # Errors
/// Names an invalid item of each bundle that holds any.
#[cfg(feature = "rayon")]
pub fn verify_bundles_parallel(
    backend: Backend,
    items: &[Item<'_>],
    ends: &[usize],
    rng: &mut impl CryptoRng,
) -> Result<(), Invalid> {
    verify_list(backend, Spread::Pool, Bundles::Ends(ends), items, rng)
}

/// The same on all threads of the rayon pool it is called in, else of the global one.
///
/// # Errors
/// Names every invalid item.
#[cfg(feature = "rayon")]
pub fn verify_batch_parallel(
    backend: Backend,
    items: &[Item<'_>],
    rng: &mut impl CryptoRng,
) -> Result<(), Invalid> {
    verify_list(backend, Spread::Pool, Bundles::Apart, items, rng)
}

fn verify_list(
    backend: Backend,
    spread: Spread,
    bundles: Bundles<'_>,
    items: &[Item<'_>],
    rng: &mut impl CryptoRng,
) -> Result<(), Invalid> {
    let judge = Judge { backend, spread, bundles, single: &|at| single::verify(&items[at]) };
    assert!(items.len() <= ITEMS_MAX, "got {} items, limit {ITEMS_MAX}", items.len());
    if judge.few(items.len()) {
        return Invalid::of(judge.each(items.len()));
    }
    let read = spread.map(items, Read::of);
    Invalid::of(judge.flaws(&read, rng))
}

/// Items gathered while other work goes on: each is read and hashed as it comes.
///
/// Keeps its own copy of every message.
///
/// ```
/// use schnorr_batch::{Backend, Batch, Item};
/// # use chacha20::{ChaCha20Rng, rand_core::SeedableRng};
/// # let mut rng = ChaCha20Rng::from_seed([7; 32]);
/// let mut batch = Batch::new(Backend::best());
/// let index = batch.push(&Item::new([2; 32], b"a message", &[3; 64]));
/// let invalid = batch.verify(&mut rng).unwrap_err();
/// assert_eq!(invalid.indices().collect::<Vec<_>>(), [index]);
/// ```
#[derive(Clone)]
pub struct Batch {
    backend: Backend,
    entries: Vec<Entry>,
    read: Vec<Option<Read>>,
    messages: Vec<u8>,
}

#[derive(Clone)]
struct Entry {
    key: ItemKey,
    signature: [u8; 64],
    message: Range<usize>,
}

impl Batch {
    /// An empty one.
    #[must_use]
    pub const fn new(backend: Backend) -> Self {
        Self { backend, entries: Vec::new(), read: Vec::new(), messages: Vec::new() }
    }

    /// How many items it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds an item and returns its index. Costs its hash.
    ///
    /// # Panics
    /// Beyond 2²⁹ items.
    pub fn push(&mut self, item: &Item<'_>) -> usize {
        let start = self.messages.len();
        self.messages.extend_from_slice(item.message);
        let message = start..self.messages.len();
        self.entries.push(Entry { key: item.key, signature: *item.signature, message });
        self.read.push(Read::of(item));
        assert!(self.entries.len() <= ITEMS_MAX, "the batch is full: limit {ITEMS_MAX}");
        self.entries.len() - 1
    }

    /// Forgets all items and keeps the memory.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.read.clear();
        self.messages.clear();
    }

    /// Verifies all items, as [`verify_batch`] does.
    ///
    /// # Errors
    /// Names every invalid item.
    pub fn verify(&self, rng: &mut impl CryptoRng) -> Result<(), Invalid> {
        self.verify_spread(Spread::One, rng)
    }

    /// Verifies all items on all threads, as [`verify_batch_parallel`] does.
    ///
    /// # Errors
    /// Names every invalid item.
    #[cfg(feature = "rayon")]
    pub fn verify_parallel(&self, rng: &mut impl CryptoRng) -> Result<(), Invalid> {
        self.verify_spread(Spread::Pool, rng)
    }

    fn verify_spread(&self, spread: Spread, rng: &mut impl CryptoRng) -> Result<(), Invalid> {
        let single = |at: usize| {
            let Entry { key, signature, message } = &self.entries[at];
            let message = &self.messages[message.clone()];
            single::verify(&Item { key: *key, message, signature })
        };
        let judge =
            Judge { backend: self.backend, spread, bundles: Bundles::Apart, single: &single };
        Invalid::of(judge.flaws(&self.read, rng))
    }
}
