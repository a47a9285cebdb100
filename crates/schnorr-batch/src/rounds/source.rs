//! Where a round's points come from.
use super::Table;
use crate::field::{Affine, Field};
use crate::groups::Group;

/// Where a round's points come from.
pub(super) trait Source<F: Field> {
    /// Asks for the points of a pair that is soon to come.
    #[inline(always)]
    fn fetch(&self, _group: &Group, _pair: usize, _forward: bool) {}
    /// Which lanes of the pair's first and second row hold a point.
    fn full(&self, table: &Table<F>, group: &Group, pair: usize) -> (u8, u8);
    /// The x-coordinates of the pair's rows. What no point has is meaningless.
    fn x(&self, table: &Table<F>, group: &Group, pair: usize) -> (F, F);
    /// The y-coordinates likewise.
    fn y(&self, table: &Table<F>, group: &Group, pair: usize) -> (F, F);
}

/// The first round's: the entries of the buckets.
pub(super) struct Entries<'a> {
    pub(super) entries: &'a [u32],
    pub(super) points: &'a [Affine],
}

/// How many pairs before their turn points are fetched into the cache.
const AHEAD: usize = 2;

impl Entries<'_> {
    /// The entries of a pair's rows.
    #[inline(always)]
    fn rows<F: Field>(&self, group: &Group, pair: usize) -> (&[u32], &[u32]) {
        let first = 2 * (group.offset + pair) * F::LANES;
        self.entries[first..first + 2 * F::LANES].split_at(F::LANES)
    }

    #[inline(always)]
    fn gather_x<F: Field>(&self, row: &[u32]) -> F {
        F::gather(|lane| &self.points[(row[lane] >> 1) as usize].x)
    }

    #[inline(always)]
    fn gather_y<F: Field>(&self, row: &[u32]) -> F {
        let mut negative = 0;
        for (lane, entry) in row.iter().enumerate() {
            negative |= ((entry & 1) as u8) << lane;
        }
        F::gather(|lane| &self.points[(row[lane] >> 1) as usize].y).negate_if(negative)
    }
}

impl<F: Field> Source<F> for Entries<'_> {
    #[inline(always)]
    fn fetch(&self, group: &Group, pair: usize, forward: bool) {
        let pair = group.offset + pair;
        let pair = if forward { pair + AHEAD } else { pair.wrapping_sub(AHEAD) };
        let first = pair.wrapping_mul(2 * F::LANES);
        if let Some(row) = self.entries.get(first..first.wrapping_add(2 * F::LANES)) {
            for entry in row {
                F::fetch(&self.points[(entry >> 1) as usize]);
            }
        }
    }

    #[inline(always)]
    fn full(&self, _: &Table<F>, group: &Group, pair: usize) -> (u8, u8) {
        if 2 * pair + 1 < group.len[F::LANES - 1] as usize {
            return (F::ALL, F::ALL);
        }
        let (mut first, mut second) = (0, 0);
        for lane in 0..F::LANES {
            first |= u8::from(2 * pair < group.len[lane] as usize) << lane;
            second |= u8::from(2 * pair + 1 < group.len[lane] as usize) << lane;
        }
        (first, second)
    }

    #[inline(always)]
    fn x(&self, _: &Table<F>, group: &Group, pair: usize) -> (F, F) {
        let (first, second) = self.rows::<F>(group, pair);
        (self.gather_x(first), self.gather_x(second))
    }

    #[inline(always)]
    fn y(&self, _: &Table<F>, group: &Group, pair: usize) -> (F, F) {
        let (first, second) = self.rows::<F>(group, pair);
        (self.gather_y(first), self.gather_y(second))
    }
}

/// The later rounds': the rows the round before left, which the sums replace from the front.
pub(super) struct Rows;

impl Rows {
    /// Where the pair's rows are. The last of an odd number stands twice.
    #[inline(always)]
    fn at(group: &Group, pair: usize) -> (usize, usize) {
        (group.offset + 2 * pair, group.offset + (2 * pair + 1).min(group.rows - 1))
    }
}

impl<F: Field> Source<F> for Rows {
    #[inline(always)]
    fn full(&self, table: &Table<F>, group: &Group, pair: usize) -> (u8, u8) {
        let (first, second) = Self::at(group, pair);
        (table.full[first], if first == second { 0 } else { table.full[second] })
    }

    #[inline(always)]
    fn x(&self, table: &Table<F>, group: &Group, pair: usize) -> (F, F) {
        let (first, second) = Self::at(group, pair);
        (table.rows[first].x, table.rows[second].x)
    }

    #[inline(always)]
    fn y(&self, table: &Table<F>, group: &Group, pair: usize) -> (F, F) {
        let (first, second) = Self::at(group, pair);
        (table.rows[first].y, table.rows[second].y)
    }
}
