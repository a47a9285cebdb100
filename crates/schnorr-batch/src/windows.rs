//! Pippenger's method: the sum of many points times scalars, window by window.
use crate::buckets::Buckets;
use crate::curve::Point;
use crate::digits::{Digits, Sorted};
use crate::field::{Affine, Field};
use crate::rounds::Table;
use alloc::vec::Vec;
use core::ops::Range;

/// Terms of so many windows at once as give about this many entries, so that they share inversions
/// and stay in the cache.
const ENTRIES: usize = 1 << 14;

/// What adding up needs room for. Kept for its memory.
pub(crate) struct Memory<F> {
    sorted: Sorted,
    table: Table<F>,
    buckets: Buckets,
}

impl<F> Default for Memory<F> {
    fn default() -> Self {
        Self { sorted: Sorted::default(), table: Table::new(), buckets: Buckets::default() }
    }
}

/// Σ digit · point over the points, for each of the windows.
#[inline(always)]
pub(crate) fn window_sums<F: Field>(
    memory: &mut Memory<F>,
    points: &[Affine],
    digits: &Digits,
    windows: Range<usize>,
) -> Vec<Point> {
    let Memory { sorted, table, buckets } = memory;
    let step = (ENTRIES / points.len()).max(1);
    let mut sums = Vec::with_capacity(windows.len());
    for first in windows.clone().step_by(step) {
        let some = first..windows.end.min(first + step);
        let count = some.len() * digits.buckets();
        let mut groups = sorted.sort(digits, some, F::LANES);
        table.add_up(&sorted.entries, points, &mut groups);
        buckets.fill(count, &groups, table);
        buckets.add_up::<F>(digits.buckets(), &mut sums);
    }
    sums
}

/// Σ 2^(width · i) · sums\[i\].
pub(crate) fn combine(sums: &[Point], width: usize) -> Point {
    sums.iter().rev().fold(Point::infinity(), |total, sum| {
        (0..width).fold(total, |total, _| total.double()).add(*sum)
    })
}

#[cfg(test)]
mod tests;
