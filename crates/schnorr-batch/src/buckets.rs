//! From the sums of the buckets to the sums of the windows.
//!
//! A window's sum is Σ (b + 1)·Bᵦ over its buckets. Adding the buckets up from the last on, and adding
//! up these sums, counts each bucket as often as it should. A lane does this for a stretch of a window
//! (for a whole one where there are enough of them); stretches are put together at the end.
use crate::curve::{Point, Projective};
use crate::field::{Affine, Field};
use crate::groups::Group;
use crate::rounds::Table;
use alloc::vec::Vec;

/// The sums of some windows' buckets.
#[derive(Default)]
pub(crate) struct Buckets {
    sums: Vec<Affine>,
    /// Which buckets are not at infinity.
    full: Vec<bool>,
}

impl Buckets {
    /// Takes the sums from the first rows of the groups.
    #[inline(always)]
    pub(crate) fn fill<F: Field>(&mut self, count: usize, groups: &[Group], table: &Table<F>) {
        self.full.clear();
        self.full.resize(count, false);
        self.sums.resize(count, crate::curve::GENERATOR);
        for group in groups {
            let row = table.rows[group.offset];
            let (x, y) = (row.x.scatter(), row.y.scatter());
            for lane in 0..F::LANES {
                if group.len[lane] > 0 {
                    let bucket = group.bucket[lane] as usize;
                    self.sums[bucket] = Affine { x: x[lane], y: y[lane] };
                    self.full[bucket] = table.full[group.offset] >> lane & 1 == 1;
                }
            }
        }
    }

    /// The sums of the windows, each of which has `buckets` buckets.
    #[inline(always)]
    pub(crate) fn add_up<F: Field>(&self, buckets: usize, sums: &mut Vec<Point>) {
        let windows = self.sums.len() / buckets;
        let stretches = F::LANES.div_ceil(windows).next_power_of_two().min(buckets);
        let len = buckets / stretches;
        let mut parts = Vec::with_capacity(windows * stretches + F::LANES);
        for first in (0..windows * stretches).step_by(F::LANES) {
            parts.extend(self.stretches::<F>(first * len, len));
        }
        let parts = parts.chunks_exact(stretches).take(windows);
        sums.extend(parts.map(|parts| join(parts, len)));
    }

    /// For each lane's stretch of `len` buckets, the first beginning at bucket `first`: Σ Bᵦ, and
    /// Σ (b + 1)·Bᵦ with b counted from the stretch's beginning.
    #[inline(always)]
    fn stretches<F: Field>(&self, first: usize, len: usize) -> impl Iterator<Item = [Point; 2]> {
        let (mut plain, mut weighted) = (Projective::infinity(), Projective::infinity());
        for at in (0..len).rev() {
            let bucket = |lane| first + lane * len + at;
            let mut full = 0;
            for lane in 0..F::LANES {
                full |= u8::from(self.full.get(bucket(lane)) == Some(&true)) << lane;
            }
            let last = self.sums.len() - 1;
            let x = F::gather(|lane| &self.sums[bucket(lane).min(last)].x);
            let y = F::gather(|lane| &self.sums[bucket(lane).min(last)].y);
            plain = Projective::select(full, plain.add_affine(x, y), plain);
            weighted = weighted.add(plain);
        }
        let (plain, weighted) = (plain.scatter(), weighted.scatter());
        (0..F::LANES).map(move |lane| [plain[lane], weighted[lane]])
    }
}

/// A window's sum from its stretches: the `i`-th's buckets count `i · len` times more.
fn join(parts: &[[Point; 2]], len: usize) -> Point {
    let (mut run, mut more) = (Point::infinity(), Point::infinity());
    for [plain, _] in parts[1..].iter().rev() {
        run = run.add(*plain);
        more = more.add(run);
    }
    if parts.len() > 1 {
        more = (0..len.trailing_zeros()).fold(more, |more, _| more.double());
    }
    parts.iter().fold(more, |sum, [_, weighted]| sum.add(*weighted))
}
