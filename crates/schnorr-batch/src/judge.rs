//! The verdict on a list of items: which are not valid.
mod bisect;
mod points;

use crate::backend::Backend;
use crate::bundles::Bundles;
use crate::equation::{Equation, Part};
use crate::field::Affine;
use crate::read::Read;
use crate::spread::Spread;
use crate::verdict::Flaw;
use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;
use rand_core::CryptoRng;

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
}

#[cfg(test)]
mod tests;

#[cfg(all(test, feature = "std"))]
mod valid;
