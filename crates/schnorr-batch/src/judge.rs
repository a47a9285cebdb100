//! The verdict on a list of items: which are not valid.
use crate::backend::Backend;
use crate::bundles::Bundles;
use crate::curve::Point;
use crate::equation::{Equation, Part};
use crate::field::Affine;
use crate::keys::Keys;
use crate::read::Read;
use crate::spread::Spread;
use crate::verdict::Flaw;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use rand_core::CryptoRng;

/// The keys of some items.
struct KeyList {
    /// Each item's key, by its index.
    of: Vec<u32>,
    /// Whether each key is on the curve.
    on_curve: Vec<bool>,
}

/// The items' parts, with random coefficients.
fn parts(read: &[&Read], key_of: &[u32], rng: &mut impl CryptoRng) -> Vec<Part> {
    let mut random = vec![0; 16 * read.len()];
    rng.fill_bytes(&mut random);
    let part = |((item, bytes), key): ((&&Read, &[u8; 16]), &u32)| {
        // Zero would leave the item out: a generator that fails must not make all items valid.
        let coefficient = match i128::from_le_bytes(*bytes) {
            0 => 1,
            random => random,
        };
        Part { coefficient, challenge: item.challenge, s: item.s, key: *key }
    };
    read.iter().zip(random.as_chunks().0).zip(key_of).map(part).collect()
}

/// Judges items, each by its place in the list.
pub(crate) struct Judge<'a> {
    pub(crate) backend: Backend,
    pub(crate) spread: Spread,
    /// In a bundle that has a flaw, no other is looked for.
    pub(crate) bundles: Bundles<'a>,
    /// What one item's own check says: the last word on whatever the batch does not accept.
    pub(crate) single: &'a (dyn Fn(usize) -> Result<(), Flaw> + Sync),
}

/// What was found so far.
#[derive(Default)]
struct Found {
    flaws: Vec<(usize, Flaw)>,
    /// The bundles in which it was found.
    spoilt: BTreeSet<usize>,
}

impl Judge<'_> {
    /// Whether so few are better checked one by one.
    pub(crate) fn few(&self, count: usize) -> bool {
        count < self.backend.least()
    }

    /// The flaws of so many items that are checked one by one.
    pub(crate) fn each(&self, count: usize) -> Vec<(usize, Flaw)> {
        let mut found = Found::default();
        self.singly(&Vec::from_iter(0..count), &mut found);
        found.flaws
    }

    /// Adds what the items' own checks find, a bundle after the other. The places rise.
    fn singly(&self, places: &[usize], found: &mut Found) {
        let together = |a: &usize, b: &usize| self.bundles.of(*a) == self.bundles.of(*b);
        let sound = |places: &&[usize]| !self.is_spoilt(places, found);
        let bundles: Vec<&[usize]> = places.chunk_by(together).filter(sound).collect();
        let first =
            |places: &&[usize]| places.iter().find_map(|at| Some((*at, (self.single)(*at).err()?)));
        for flaw in self.spread.map(&bundles, first).into_iter().flatten() {
            found.spoilt.insert(self.bundles.of(flaw.0));
            found.flaws.push(flaw);
        }
    }

    /// Whether all these places, which rise, are in one bundle that has a flaw.
    fn is_spoilt(&self, places: &[usize], found: &Found) -> bool {
        let ends = places.first().zip(places.last());
        let bundles = ends.map(|(first, last)| (self.bundles.of(*first), self.bundles.of(*last)));
        bundles.is_some_and(|(first, last)| first == last && found.spoilt.contains(&first))
    }

    /// The flaws of all items, but one of each bundle; items that could not be read are none of the
    /// batch's.
    pub(crate) fn flaws(
        &self,
        items: &[Option<Read>],
        rng: &mut impl CryptoRng,
    ) -> Vec<(usize, Flaw)> {
        let read = items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_ref()?)));
        let (places, read): (Vec<usize>, Vec<&Read>) = read.unzip();
        if self.few(read.len()) {
            return self.each(items.len());
        }
        let mut found = Found::default();
        let unread = (0..items.len()).filter(|at| items[*at].is_none());
        let mut aside: Vec<usize> = unread.collect();
        let mut points = Vec::with_capacity(3 * read.len() + 2);
        points.extend(read.iter().map(|item| Affine { x: item.r, y: [0; 4] }));
        let mut on_curve = vec![false; read.len()];
        self.lift(&mut points, &mut on_curve);
        let keys = self.keys(&read, rng, &mut points);
        let mut parts = parts(&read, &keys.of, rng);
        for (at, part) in parts.iter_mut().enumerate() {
            if !on_curve[at] || !keys.on_curve[part.key as usize] {
                part.coefficient = 0;
                aside.push(places[at]);
            }
        }
        aside.sort_unstable();
        self.singly(&aside, &mut found);
        let mut equation = Equation::new(parts, points, self.backend, self.spread);
        let all = 0..read.len();
        let sum = equation.sum(all.clone());
        if !sum.is_infinity() {
            self.bisect(&mut equation, &places, all, sum, &mut found);
        }
        found.flaws
    }

    /// Adds every key to the points, once.
    fn keys(&self, read: &[&Read], rng: &mut impl CryptoRng, points: &mut Vec<Affine>) -> KeyList {
        let mut multipliers = [[0; 16]; 4];
        multipliers.iter_mut().for_each(|bytes| rng.fill_bytes(bytes));
        let mut known = Keys::new(read.len(), multipliers.map(u128::from_le_bytes));
        let first = points.len();
        let mut list = KeyList { of: Vec::with_capacity(read.len()), on_curve: Vec::new() };
        for item in read {
            let (index, new) = known.index(&item.key.x);
            if new {
                points.push(item.key);
                list.on_curve.push(item.parsed);
            } else if item.parsed {
                points[first + index as usize] = item.key;
                list.on_curve[index as usize] = true;
            }
            list.of.push(index);
        }
        let unknown = || (0..list.on_curve.len()).filter(|at| !list.on_curve[*at]);
        let unknown: Vec<usize> = unknown().collect();
        let mut lifted: Vec<Affine> = unknown.iter().map(|at| points[first + at]).collect();
        let mut on_curve = vec![false; lifted.len()];
        self.lift(&mut lifted, &mut on_curve);
        for ((at, point), on_curve) in unknown.into_iter().zip(lifted).zip(on_curve) {
            points[first + at] = point;
            list.on_curve[at] = on_curve;
        }
        list
    }

    fn lift(&self, points: &mut [Affine], on_curve: &mut [bool]) {
        self.spread.chunks(points, on_curve, |points, on_curve| {
            self.backend.lift(points, on_curve);
        });
    }

    /// Finds what makes a sum wrong: halves until few are left. The second half's sum is what the first's
    /// lacks.
    fn bisect(
        &self,
        equation: &mut Equation,
        places: &[usize],
        range: Range<usize>,
        sum: Point,
        found: &mut Found,
    ) {
        if self.is_spoilt(&places[range.clone()], found) {
            return;
        }
        if self.few(range.len() / 2) {
            // What was set aside has been checked.
            let in_sum = range.filter(|at| equation.parts[*at].coefficient != 0);
            let in_sum: Vec<usize> = in_sum.map(|at| places[at]).collect();
            self.singly(&in_sum, found);
            return;
        }
        let middle = range.start + range.len() / 2;
        let first = equation.sum(range.start..middle);
        let second = sum.add(first.negate());
        if !first.is_infinity() {
            self.bisect(equation, places, range.start..middle, first, found);
        }
        if !second.is_infinity() {
            self.bisect(equation, places, middle..range.end, second, found);
        }
    }
}

#[cfg(all(test, feature = "std"))]
mod valid;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::item::Item;
    use chacha20::ChaCha20Rng;
    use chacha20::rand_core::SeedableRng;
    use k256::schnorr::SigningKey;

    /// Reads so many valid items, of so many keys.
    fn read(count: u8, keys: u8) -> Vec<Option<Read>> {
        let one = |at: u8| {
            let key = SigningKey::from_slice(&[at % keys + 1; 32]).unwrap();
            let signature = key.sign_raw(&[at], &[at; 32]).unwrap().to_bytes();
            Read::of(&Item::new((*key.verifying_key()).to_bytes().into(), &[at], &signature))
        };
        (0..count).map(one).collect()
    }

    #[test]
    fn valid_items_are_never_checked_one_by_one() {
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
            let single = |at| panic!("item {at} is checked alone");
            let judge =
                Judge { backend, spread: Spread::One, bundles: Bundles::Apart, single: &single };
            for (count, keys) in [(8, 8), (9, 1), (70, 70), (70, 3), (200, 100)] {
                let mut items = read(count, keys);
                assert_eq!(judge.flaws(&items, &mut rng), []);
                let again = items.clone();
                items.extend(again);
                assert_eq!(judge.flaws(&items, &mut rng), []);
            }
        }
    }

    #[test]
    fn hardly_more_items_are_checked_than_bundles_are_wrong() {
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
            for ends in [&[][..], &[200], &[70], &[3, 70, 71, 150]] {
                let mut items = read(200, 200);
                items.iter_mut().flatten().for_each(|item| item.challenge = [1; 4]);
                items[5] = None;
                let checked = core::sync::atomic::AtomicUsize::new(0);
                let single = |_| {
                    checked.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
                    Err(Flaw::Wrong)
                };
                let bundles = Bundles::Ends(ends);
                let judge = Judge { backend, spread: Spread::One, bundles, single: &single };
                let wrong = judge.flaws(&items, &mut rng);
                let spoilt: Vec<usize> = wrong.iter().map(|(at, _)| bundles.of(*at)).collect();
                let all: BTreeSet<usize> = (0..200).map(|at| bundles.of(at)).collect();
                assert_eq!((spoilt.len(), BTreeSet::from_iter(spoilt)), (all.len(), all.clone()));
                assert_eq!(checked.into_inner(), all.len());
            }
        }
    }

    #[test]
    fn few_items_are_checked_to_find_one_wrong() {
        let mut rng = ChaCha20Rng::from_seed([5; 32]);
        for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
            let mut items = read(200, 200);
            items.swap(17, 18);
            let checked = core::sync::atomic::AtomicUsize::new(0);
            items[17].as_mut().unwrap().challenge = [1; 4];
            let single = |at| {
                checked.fetch_add(1, core::sync::atomic::Ordering::Relaxed);
                if at == 17 { Err(Flaw::Wrong) } else { Ok(()) }
            };
            let judge =
                Judge { backend, spread: Spread::One, bundles: Bundles::Apart, single: &single };
            assert_eq!(judge.flaws(&items, &mut rng), [(17, Flaw::Wrong)]);
            assert!(checked.into_inner() < 2 * backend.least());
        }
    }
}
