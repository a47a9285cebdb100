//! Affine additions in rounds that share one inversion each (Montgomery's trick).
//!
//! A round adds the rows of each group's table in pairs: (x₁, y₁) + (x₂, y₂) has the slope
//! (y₂ − y₁)/(x₂ − x₁). It first multiplies all denominators up, inverts the product, and then walks
//! back, taking each denominator's inverse out of it.
//!
//! A denominator of zero, that is equal or opposite points, would spoil them all. It shows in the
//! product; the round then starts over carefully: twins are doubled, with the slope 3x²/2y (no
//! point of this curve has y = 0), opposites leave their lane empty. This costs at most another pass of
//! multiplications, however many there are. An empty lane counts as infinity and is passed over.
use crate::field::{Affine, Element, Field, Limbs, MAX_LANES};
use crate::groups::Group;
use alloc::vec::Vec;

/// A point in each lane.
#[derive(Clone, Copy)]
pub(crate) struct Row<F> {
    pub(crate) x: F,
    pub(crate) y: F,
}

/// The groups' rows, and what a round needs besides. Kept for its memory.
pub(crate) struct Table<F> {
    pub(crate) rows: Vec<Row<F>>,
    /// Which lanes of each row hold a point.
    pub(crate) full: Vec<u8>,
    /// The product of the denominators before each one.
    products: Vec<F>,
    /// Which lanes of each pair are twins, and which are opposites; of a careful round alone.
    meets: Vec<(u8, u8)>,
}

/// Where a round's points come from.
trait Source<F: Field> {
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
struct Entries<'a> {
    entries: &'a [u32],
    points: &'a [Affine],
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
struct Rows;

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

impl<F> Table<F> {
    pub(crate) const fn new() -> Self {
        Self { rows: Vec::new(), full: Vec::new(), products: Vec::new(), meets: Vec::new() }
    }
}

impl<F: Field> Table<F> {
    /// Adds up the entries of every bucket: each group's first row holds its buckets' sums.
    #[inline(always)]
    pub(crate) fn add_up(&mut self, entries: &[u32], points: &[Affine], groups: &mut [Group]) {
        let rows = groups.last().map_or(0, |group| group.offset + group.pairs());
        let zero = F::splat(&[0; 4]);
        self.rows.resize(rows, Row { x: zero, y: zero });
        self.full.resize(rows, 0);
        self.round(&Entries { entries, points }, groups);
        let mut many = groups.len();
        loop {
            many = groups[..many].partition_point(|group| group.rows > 1);
            if many == 0 {
                return;
            }
            self.round(&Rows, &mut groups[..many]);
        }
    }

    #[inline(always)]
    fn round(&mut self, source: &impl Source<F>, groups: &mut [Group]) {
        let product = self.multiply::<false>(source, groups);
        if product.zeros() == 0 {
            self.add::<false>(source, groups, inverse(product));
        } else {
            let product = self.multiply::<true>(source, groups);
            self.add::<true>(source, groups, inverse(product));
        }
        groups.iter_mut().for_each(|group| group.rows = group.pairs());
    }

    /// The product of all denominators, last to first.
    #[inline(always)]
    fn multiply<const CAREFUL: bool>(&mut self, source: &impl Source<F>, groups: &[Group]) -> F {
        let one = F::splat(&[1, 0, 0, 0]);
        let mut product = one;
        self.products.clear();
        self.meets.clear();
        for group in groups.iter().rev() {
            for pair in (0..group.pairs()).rev() {
                source.fetch(group, pair, false);
                let (first, second) = source.full(self, group, pair);
                let both = first & second;
                if both == 0 {
                    continue;
                }
                let (x1, x2) = source.x(self, group, pair);
                if !CAREFUL && both == F::ALL {
                    self.products.push(product);
                    product = product.mul_difference(x2, x1);
                    continue;
                }
                let mut denominator = x2.sub(x1);
                if CAREFUL {
                    let same = denominator.zeros() & both;
                    let (y1, y2) = source.y(self, group, pair);
                    let opposites = y1.add(y2).zeros() & same;
                    let meet = (same & !opposites, opposites);
                    denominator = meeting_denominator(denominator, y1, meet);
                    self.meets.push(meet);
                }
                if both != F::ALL {
                    denominator = F::select(both, denominator, one);
                }
                self.products.push(product);
                product = product.mul(denominator);
            }
        }
        product
    }

    /// Adds the pairs, first to last, given the inverse of that product.
    #[inline(always)]
    fn add<const CAREFUL: bool>(
        &mut self,
        source: &impl Source<F>,
        groups: &[Group],
        mut inverse: F,
    ) {
        let one = F::splat(&[1, 0, 0, 0]);
        let mut left = self.products.len();
        for group in groups {
            for pair in 0..group.pairs() {
                source.fetch(group, pair, true);
                let (first, second) = source.full(self, group, pair);
                let both = first & second;
                let ((x1, x2), (y1, y2)) =
                    (source.x(self, group, pair), source.y(self, group, pair));
                let at = group.offset + pair;
                self.full[at] = first | second;
                if both == 0 {
                    self.rows[at] =
                        Row { x: F::select(first, x1, x2), y: F::select(first, y1, y2) };
                    continue;
                }
                left -= 1;
                let before = inverse.mul(self.products[left]);
                if !CAREFUL && both == F::ALL {
                    inverse = inverse.mul_difference(x2, x1);
                    self.rows[at] = sum((x1, x2), y1, before.mul_difference(y2, y1));
                    continue;
                }
                let (mut denominator, mut rise) = (x2.sub(x1), y2.sub(y1));
                if CAREFUL {
                    let (twins, opposites) = self.meets[left];
                    denominator = meeting_denominator(denominator, y1, (twins, opposites));
                    rise = F::select(twins, x1.square().times::<3>(), rise);
                    self.full[at] &= !opposites;
                }
                if both != F::ALL {
                    denominator = F::select(both, denominator, one);
                }
                inverse = inverse.mul(denominator);
                let Row { mut x, mut y } = sum((x1, x2), y1, rise.mul(before));
                if both != F::ALL {
                    x = F::select(both, x, F::select(first, x1, x2));
                    y = F::select(both, y, F::select(first, y1, y2));
                }
                self.rows[at] = Row { x, y };
            }
        }
    }
}

/// The sum of two points, given the slope between them.
#[inline(always)]
fn sum<F: Field>((x1, x2): (F, F), y1: F, slope: F) -> Row<F> {
    let x = slope.square_sub(x1, x2);
    Row { x, y: slope.mul_difference_sub(x1, x, y1) }
}

/// What stands in for the denominator where points meet: 2y for twins, one for opposites.
#[inline(always)]
fn meeting_denominator<F: Field>(denominator: F, y: F, (twins, opposites): (u8, u8)) -> F {
    let denominator = F::select(twins, y.add(y), denominator);
    F::select(opposites, F::splat(&[1, 0, 0, 0]), denominator)
}

/// Each lane's inverse, by one inversion for all. No lane is zero.
#[inline(always)]
fn inverse<F: Field>(value: F) -> F {
    let mut lanes = value.scatter();
    invert(&mut lanes[..F::LANES]);
    F::gather(|lane| &lanes[lane])
}

fn invert(lanes: &mut [Limbs]) {
    let count = lanes.len();
    let mut before = [Element::ONE; MAX_LANES];
    let mut product = Element::ONE;
    for (before, lane) in before.iter_mut().zip(lanes.iter()) {
        *before = product;
        product = product.mul(Element::new(*lane));
    }
    let mut inverse = product.inverse();
    for (before, lane) in before[..count].iter().zip(lanes).rev() {
        let value = Element::new(*lane);
        *lane = inverse.mul(*before).normalised();
        inverse = inverse.mul(value);
    }
}
