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
mod source;

use crate::field::{Affine, Element, Field, Limbs, MAX_LANES};
use crate::groups::Group;
use alloc::vec::Vec;
use source::{Entries, Rows, Source};

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
