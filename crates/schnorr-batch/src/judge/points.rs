//! The points of the items' keys.
use super::Judge;
use crate::field::Affine;
use crate::keys::Keys;
use crate::read::Read;
use alloc::vec;
use alloc::vec::Vec;
use rand_core::CryptoRng;

/// The keys of some items.
pub(super) struct KeyList {
    /// Each item's key, by its index.
    pub(super) of: Vec<u32>,
    /// Whether each key is on the curve.
    pub(super) on_curve: Vec<bool>,
}

impl Judge<'_> {
    /// Adds every key to the points, once.
    pub(super) fn keys(
        &self,
        read: &[&Read],
        rng: &mut impl CryptoRng,
        points: &mut Vec<Affine>,
    ) -> KeyList {
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

    pub(super) fn lift(&self, points: &mut [Affine], on_curve: &mut [bool]) {
        self.spread.chunks(points, on_curve, |points, on_curve| {
            self.backend.lift(points, on_curve);
        });
    }
}
