//! The batch equation, BIP340's "batch verification":
//! Σ aᵢRᵢ + Σ aᵢeᵢPᵢ − (Σ aᵢsᵢ)G = 0 for random aᵢ.
//!
//! If a signature of a set is wrong, the sum over that set is zero with a chance of at most 2⁻¹²⁷: it is
//! for at most one value of that signature's coefficient, whatever the others, and no value has a greater
//! chance (1 has two of the 2¹²⁸ draws: its own and zero's). The sums over the halves of a set use the same
//! coefficients; there are at most 2n sets, so all of them tell the truth but for a chance of 2n·2⁻¹²⁷.
use crate::backend::Backend;
use crate::curve::{GENERATOR, Point};
use crate::digits::Digits;
use crate::field::{Affine, Limbs};
use crate::glv::{Half, split, whole};
use crate::spread::Spread;
use crate::{scalar, windows};
use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// A signature's part in the equation.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    /// aᵢ, from −2¹²⁷ to 2¹²⁷ − 1; zero leaves the signature out.
    pub(crate) coefficient: i128,
    /// eᵢ, below n.
    pub(crate) challenge: Limbs,
    /// sᵢ, below n.
    pub(crate) s: Limbs,
    /// Which of the keys.
    pub(crate) key: u32,
}

/// The equation of all signatures, and how to add it up.
pub(crate) struct Equation {
    pub(crate) parts: Vec<Part>,
    /// Every part's R; every key, in the order of first use; λ times every key; G and λG.
    points: Vec<Affine>,
    /// Which term each key has in the sum that is being made.
    term_of: Vec<u32>,
    backend: Backend,
    spread: Spread,
}

/// A key that has no term yet.
const NONE: u32 = u32::MAX;

/// The terms that parts have besides their Rs'.
struct Merged {
    /// The keys, in the order of first use.
    keys: Vec<u32>,
    /// Σ aᵢeᵢ of each key.
    scalars: Vec<Limbs>,
    /// Σ aᵢsᵢ.
    generator: Limbs,
}

impl Equation {
    /// Completes the points: they begin with the parts' and the keys'.
    pub(crate) fn new(
        parts: Vec<Part>,
        mut points: Vec<Affine>,
        backend: Backend,
        spread: Spread,
    ) -> Self {
        let keys = points.len() - parts.len();
        points.push(GENERATOR);
        points.resize(points.len() + keys + 1, GENERATOR);
        let (known, images) = points.split_at_mut(parts.len() + keys + 1);
        spread.chunks(images, &mut known[parts.len()..], |images, keys| {
            backend.endomorphism(keys, images);
        });
        // The keys, G, their images, G's image: only G has to move.
        points[parts.len() + keys..].rotate_left(1);
        let last = points.len() - 2;
        points[last..].reverse();
        let term_of = vec![NONE; keys];
        Self { parts, points, term_of, backend, spread }
    }

    /// The left side, over some of the parts.
    pub(crate) fn sum(&mut self, range: Range<usize>) -> Point {
        let merged = self.merge(range.clone());
        let points = self.points(&range, &merged.keys);
        let scalars = self.scalars(&self.parts[range], &merged);
        let width = self.backend.width(points.len());
        let digits = Digits::new(scalars, width);
        let sums = self.spread.windows(digits.windows(), points.len(), |windows| {
            self.backend.window_sums(&points, &digits, windows)
        });
        windows::combine(&sums, width)
    }

    /// Adds up what multiplies the same point.
    fn merge(&mut self, range: Range<usize>) -> Merged {
        let parts = &self.parts[range];
        let mut merged = Merged { keys: Vec::new(), scalars: Vec::new(), generator: [0; 4] };
        let products =
            self.spread.map(parts, |part| [&part.challenge, &part.s].map(|by| times(part, by)));
        for (part, [key, generator]) in parts.iter().zip(products) {
            let term = &mut self.term_of[part.key as usize];
            if *term == NONE {
                *term = merged.keys.len() as u32;
                merged.keys.push(part.key);
                merged.scalars.push([0; 4]);
            }
            let sum = &mut merged.scalars[*term as usize];
            *sum = scalar::add(sum, &key);
            merged.generator = scalar::add(&merged.generator, &generator);
        }
        merged.keys.iter().for_each(|key| self.term_of[*key as usize] = NONE);
        merged
    }

    /// The points of some parts: of all parts, all.
    fn points(&self, range: &Range<usize>, keys: &[u32]) -> Cow<'_, [Affine]> {
        if range.len() == self.parts.len() {
            return Cow::Borrowed(&self.points);
        }
        let (of_keys, count) = (self.parts.len(), self.keys());
        let mut points = self.points[range.clone()].to_vec();
        for first in [of_keys, of_keys + count] {
            points.extend(keys.iter().map(|key| self.points[first + *key as usize]));
        }
        points.extend(&self.points[of_keys + 2 * count..]);
        Cow::Owned(points)
    }

    /// The points' scalars.
    fn scalars(&self, parts: &[Part], merged: &Merged) -> Vec<Half> {
        let keys = merged.keys.len();
        let mut scalars = vec![[0; 4]; parts.len() + 2 * keys];
        let (of_parts, of_keys) = scalars.split_at_mut(parts.len());
        for (scalar, part) in of_parts.iter_mut().zip(parts) {
            *scalar = whole(part.coefficient);
        }
        for (at, halves) in self.spread.map(&merged.scalars, split).into_iter().enumerate() {
            [of_keys[at], of_keys[keys + at]] = halves;
        }
        scalars.extend(split(&scalar::negate(&merged.generator)));
        scalars
    }

    fn keys(&self) -> usize {
        (self.points.len() - self.parts.len()) / 2 - 1
    }
}

/// aᵢ times a scalar.
fn times(part: &Part, scalar: &Limbs) -> Limbs {
    let product = scalar::multiply(part.coefficient.unsigned_abs(), scalar);
    if part.coefficient < 0 { scalar::negate(&product) } else { product }
}
