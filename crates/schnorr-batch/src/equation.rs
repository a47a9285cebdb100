//! The batch equation, BIP340's "batch verification":
//! Σ aᵢRᵢ + Σ aᵢeᵢPᵢ − (Σ aᵢsᵢ)G = 0 for random aᵢ.
//!
//! If a signature of a set is wrong, the sum over that set is zero with a chance of at most 2⁻¹²⁸: it is
//! for at most one value of that signature's coefficient, whatever the others. The sums over the halves of
//! a set use the same coefficients; there are at most 2n sets, so all of them tell the truth but for a
//! chance of 2n·2⁻¹²⁸.
use crate::backend::Backend;
use crate::curve::{GENERATOR, Point};
use crate::digits::Digits;
use crate::field::{Affine, Limbs, MAX_LANES};
use crate::glv::{Half, split, whole};
use crate::spread::Spread;
use crate::{scalar, windows};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// A signature's part in the equation.
pub(crate) struct Part {
    /// R, the point of even y with the x-coordinate r.
    pub(crate) r: Affine,
    /// aᵢ, between −2¹²⁷ and 2¹²⁷.
    pub(crate) coefficient: i128,
    /// aᵢeᵢ modulo n.
    pub(crate) key_scalar: Limbs,
    /// aᵢsᵢ modulo n.
    pub(crate) generator_scalar: Limbs,
    /// Which of the keys.
    pub(crate) key: u32,
}

/// The signatures that have their points, and how to add.
pub(crate) struct Equation<'a> {
    pub(crate) parts: &'a [Part],
    pub(crate) keys: &'a [Affine],
    /// λ times each key.
    pub(crate) images: &'a [Affine],
    pub(crate) backend: Backend,
    pub(crate) spread: Spread,
}

/// A key that has no term yet.
const NONE: u32 = u32::MAX;

impl Equation<'_> {
    /// The left side, over some of the parts.
    pub(crate) fn sum(&self, range: Range<usize>) -> Point {
        let (points, scalars) = self.terms(&self.parts[range]);
        let width = self.backend.width(points.len());
        let digits = Digits::new(&scalars, width);
        let sums = self.spread.windows(digits.windows(), |windows| {
            self.backend.window_sums(&points, &digits, windows)
        });
        windows::combine(&sums, width)
    }

    /// The points and their scalars. The terms of equal keys are merged.
    fn terms(&self, parts: &[Part]) -> (Vec<Affine>, Vec<Half>) {
        let mut points: Vec<Affine> = parts.iter().map(|part| part.r).collect();
        let mut scalars: Vec<Half> = parts.iter().map(|part| whole(part.coefficient)).collect();
        let (keys, key_scalars, generator) = self.merge(parts);
        for (key, scalar) in keys.iter().zip(&key_scalars) {
            points.extend([self.keys[*key as usize], self.images[*key as usize]]);
            scalars.extend(split(scalar));
        }
        let mut image = [GENERATOR; MAX_LANES];
        self.backend.endomorphism(&[GENERATOR], &mut image[..1]);
        points.extend([GENERATOR, image[0]]);
        scalars.extend(split(&scalar::negate(&generator)));
        (points, scalars)
    }

    /// The keys that occur, Σ aᵢeᵢ of each, and Σ aᵢsᵢ.
    fn merge(&self, parts: &[Part]) -> (Vec<u32>, Vec<Limbs>, Limbs) {
        let mut term_of = vec![NONE; self.keys.len()];
        let (mut keys, mut scalars) = (Vec::new(), Vec::<Limbs>::new());
        let mut generator = [0; 4];
        for part in parts {
            let term = &mut term_of[part.key as usize];
            if *term == NONE {
                *term = keys.len() as u32;
                keys.push(part.key);
                scalars.push(part.key_scalar);
            } else {
                let sum = &mut scalars[*term as usize];
                *sum = scalar::add(sum, &part.key_scalar);
            }
            generator = scalar::add(&generator, &part.generator_scalar);
        }
        (keys, scalars, generator)
    }
}
