//! The verdict on a list of items: which are not valid.
use crate::backend::Backend;
use crate::challenge::challenge;
use crate::curve::Point;
use crate::equation::{Equation, Part};
use crate::field::{Affine, Limbs, P, below, from_bytes};
use crate::item::{Item, ItemKey};
use crate::keys::Keys;
use crate::scalar::{self, N};
use crate::spread::Spread;
use crate::verdict::Flaw;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use rand_core::CryptoRng;

/// An item read and hashed; its points are not known yet.
#[derive(Clone, Copy)]
pub(crate) struct Read {
    key: Affine,
    /// Whether the key's y is known.
    parsed: bool,
    r: Limbs,
    s: Limbs,
    challenge: Limbs,
}

impl Read {
    /// Nothing where a number is out of its range, so that the item is not valid.
    pub(crate) fn of(item: &Item<'_>) -> Option<Self> {
        let (r_bytes, s_bytes) = item.signature.split_first_chunk::<32>()?;
        let (r, s) = (from_bytes(r_bytes), from_bytes(s_bytes.first_chunk()?));
        let (key, parsed) = match &item.key {
            ItemKey::Bytes(bytes) => (Affine { x: from_bytes(bytes), y: [0; 4] }, false),
            ItemKey::Parsed(key) => (key.0, true),
        };
        if !below(&key.x, &P) || !below(&r, &P) || !below(&s, &N) || s == [0; 4] {
            return None;
        }
        let challenge = challenge(r_bytes, &item.key.bytes(), item.message);
        Some(Self { key, parsed, r, s, challenge })
    }
}

/// Judges items, each by its place in the list.
pub(crate) struct Judge<'a> {
    pub(crate) backend: Backend,
    pub(crate) spread: Spread,
    /// What one item's own check says: the last word on whatever the batch does not accept.
    pub(crate) single: &'a (dyn Fn(usize) -> Result<(), Flaw> + Sync),
}

impl Judge<'_> {
    /// Whether so few are better checked one by one.
    pub(crate) fn few(&self, count: usize) -> bool {
        count < self.backend.least()
    }

    /// What each of some items' own checks finds.
    pub(crate) fn singly(&self, places: &[usize]) -> Vec<(usize, Flaw)> {
        let found = self.spread.map(places, |at| Some((*at, (self.single)(*at).err()?)));
        found.into_iter().flatten().collect()
    }

    /// The flaws of all items; those that could not be read are none of the batch's.
    pub(crate) fn flaws(
        &self,
        items: &[Option<Read>],
        rng: &mut impl CryptoRng,
    ) -> Vec<(usize, Flaw)> {
        let read = items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_ref()?)));
        let read: Vec<(usize, &Read)> = read.collect();
        let unread = (0..items.len()).filter(|at| items[*at].is_none());
        let mut aside: Vec<usize> = unread.collect();
        if self.few(read.len()) {
            aside.extend(read.iter().map(|(at, _)| *at));
            return self.singly(&aside);
        }
        let (keys, key_of) = self.keys(&read, rng);
        let parts = self.parts(&read, &keys, &key_of, rng, &mut aside);
        let (places, parts): (Vec<usize>, Vec<Part>) = parts.into_iter().unzip();
        let mut flaws = self.singly(&aside);
        let keys: Vec<Affine> = keys.into_iter().map(|(key, _)| key).collect();
        let mut images = keys.clone();
        self.spread.chunks(&mut images, &mut keys.clone(), |images, keys| {
            self.backend.endomorphism(keys, images);
        });
        let (backend, spread) = (self.backend, self.spread);
        let equation = Equation { parts: &parts, keys: &keys, images: &images, backend, spread };
        self.search(&equation, &places, &mut flaws);
        flaws
    }

    /// Every key once, with whether it is on the curve; and each item's.
    fn keys(
        &self,
        read: &[(usize, &Read)],
        rng: &mut impl CryptoRng,
    ) -> (Vec<(Affine, bool)>, Vec<u32>) {
        let mut multipliers = [[0; 16]; 4];
        multipliers.iter_mut().for_each(|bytes| rng.fill_bytes(bytes));
        let mut known = Keys::new(read.len(), multipliers.map(u128::from_le_bytes));
        let (mut keys, mut parsed, mut key_of) = (vec![], vec![], vec![]);
        for (_, item) in read {
            let (index, new) = known.index(&item.key.x);
            if new {
                keys.push(item.key);
                parsed.push(item.parsed);
            } else if item.parsed {
                keys[index as usize] = item.key;
                parsed[index as usize] = true;
            }
            key_of.push(index);
        }
        let mut unknown: Vec<usize> = (0..keys.len()).filter(|at| !parsed[*at]).collect();
        let mut points: Vec<Affine> = unknown.iter().map(|at| keys[*at]).collect();
        let mut on_curve = vec![false; points.len()];
        self.lift(&mut points, &mut on_curve);
        for ((at, point), on_curve) in unknown.drain(..).zip(points).zip(on_curve) {
            keys[at] = point;
            parsed[at] = on_curve;
        }
        (keys.into_iter().zip(parsed).collect(), key_of)
    }

    /// The parts of the items whose points are on the curve, with their places; sets the others aside.
    fn parts(
        &self,
        read: &[(usize, &Read)],
        keys: &[(Affine, bool)],
        key_of: &[u32],
        rng: &mut impl CryptoRng,
        aside: &mut Vec<usize>,
    ) -> Vec<(usize, Part)> {
        let mut points: Vec<Affine> =
            read.iter().map(|(_, item)| Affine { x: item.r, y: [0; 4] }).collect();
        let mut on_curve = vec![false; points.len()];
        self.lift(&mut points, &mut on_curve);
        let mut parts = Vec::with_capacity(read.len());
        let mut random = vec![0; 16 * read.len()];
        rng.fill_bytes(&mut random);
        let random = random.as_chunks::<16>().0.iter();
        for (at, (((place, item), key), bytes)) in read.iter().zip(key_of).zip(random).enumerate() {
            if !on_curve[at] || !keys[*key as usize].1 {
                aside.push(*place);
                continue;
            }
            let coefficient = i128::from_le_bytes(*bytes);
            let times = |scalar: &Limbs| {
                let product = scalar::multiply(coefficient.unsigned_abs(), scalar);
                if coefficient < 0 { scalar::negate(&product) } else { product }
            };
            let (key_scalar, generator_scalar) = (times(&item.challenge), times(&item.s));
            let part =
                Part { r: points[at], coefficient, key_scalar, generator_scalar, key: *key };
            parts.push((*place, part));
        }
        parts
    }

    fn lift(&self, points: &mut [Affine], on_curve: &mut [bool]) {
        self.spread.chunks(points, on_curve, |points, on_curve| {
            self.backend.lift(points, on_curve);
        });
    }

    fn search(
        &self,
        equation: &Equation<'_>,
        places: &[usize],
        flaws: &mut Vec<(usize, Flaw)>,
    ) {
        if places.is_empty() {
            return;
        }
        let sum = equation.sum(0..places.len());
        if !sum.is_infinity() {
            self.bisect(equation, places, 0..places.len(), sum, flaws);
        }
    }

    /// Finds what makes a sum wrong: halves until few are left. The second half's sum is what the first's
    /// lacks.
    fn bisect(
        &self,
        equation: &Equation<'_>,
        places: &[usize],
        range: Range<usize>,
        sum: Point,
        flaws: &mut Vec<(usize, Flaw)>,
    ) {
        if self.few(range.len() / 2) {
            flaws.extend(self.singly(&places[range]));
            return;
        }
        let middle = range.start + range.len() / 2;
        let first = equation.sum(range.start..middle);
        let second = sum.add(first.negate());
        if !first.is_infinity() {
            self.bisect(equation, places, range.start..middle, first, flaws);
        }
        if !second.is_infinity() {
            self.bisect(equation, places, middle..range.end, second, flaws);
        }
    }
}
