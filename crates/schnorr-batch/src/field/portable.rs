//! Plain Rust: four limbs of 64 bits.
//!
//! Weakly normalised here means any integer below 2²⁵⁶: a value has at most two of them, v and
//! v + p. Since 2²⁵⁶ ≡ `FOLD` (33 bits), what leaves the 256th bit comes back times `FOLD`:
//! - a sum carries at most 1. Folding it may carry once more, but then what remained is below
//!   `FOLD`, so the second fold stays within the lowest limb. A difference borrows alike.
//! - a product's upper 256 bits fold to a carry of at most 2³³; that carry folds to at most 2⁶⁷,
//!   may carry 1, and then what remains is below 2⁶⁷: adding `FOLD` to it cannot carry out of 256
//!   bits, but it can carry out of the lowest limb.
//! - a multiple by at most 21 carries at most 20, which folds to less than 2³⁸, and may carry 1; then what
//!   remains is below 2³⁸.
#![allow(clippy::needless_range_loop, reason = "limbs of several numbers go side by side")]
use super::inverse::inverse;
use super::{FOLD, Field, Limbs, MAX_LANES, P, below};

/// One element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element(Limbs);

#[inline(always)]
fn multiply_add(sum: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let wide = u128::from(a) * u128::from(b) + u128::from(sum) + u128::from(carry);
    (wide as u64, (wide >> 64) as u64)
}

/// Adds `small` to `limbs`; tells whether it carried out.
#[inline(always)]
fn add_small(limbs: &mut Limbs, small: u64) -> bool {
    let mut carry;
    (limbs[0], carry) = limbs[0].overflowing_add(small);
    for limb in &mut limbs[1..] {
        (*limb, carry) = limb.overflowing_add(u64::from(carry));
    }
    carry
}

#[inline(always)]
fn subtract_small(limbs: &mut Limbs, small: u64) -> bool {
    let mut borrow;
    (limbs[0], borrow) = limbs[0].overflowing_sub(small);
    for limb in &mut limbs[1..] {
        (*limb, borrow) = limb.overflowing_sub(u64::from(borrow));
    }
    borrow
}

/// `FOLD` where it holds, else 0.
#[inline(always)]
const fn fold_if(condition: bool) -> u64 {
    FOLD & (condition as u64).wrapping_neg()
}

/// A product of 512 bits modulo p.
#[inline(always)]
fn reduce(wide: [u64; 8]) -> Element {
    let mut low = [0; 4];
    let mut carry = 0;
    for i in 0..4 {
        (low[i], carry) = multiply_add(wide[i], wide[i + 4], FOLD, carry);
    }
    let top = u128::from(carry) * u128::from(FOLD);
    let mut carry;
    (low[0], carry) = low[0].overflowing_add(top as u64);
    (low[1], carry) = low[1].carrying_add((top >> 64) as u64, carry);
    (low[2], carry) = low[2].overflowing_add(u64::from(carry));
    (low[3], carry) = low[3].overflowing_add(u64::from(carry));
    (low[0], carry) = low[0].overflowing_add(fold_if(carry));
    low[1] = low[1].wrapping_add(u64::from(carry));
    Element(low)
}

impl Element {
    pub(crate) const ONE: Self = Self([1, 0, 0, 0]);

    /// Any integer below 2²⁵⁶.
    pub(crate) const fn new(limbs: Limbs) -> Self {
        Self(limbs)
    }

    /// The value below p.
    #[inline(always)]
    pub(crate) fn normalised(self) -> Limbs {
        let mut limbs = self.0;
        if !below(&limbs, &P) {
            add_small(&mut limbs, FOLD);
        }
        limbs
    }

    /// The inverse; of zero, zero.
    pub(crate) fn inverse(self) -> Self {
        Self(inverse(&self.normalised()))
    }
}

impl Field for Element {
    const LANES: usize = 1;

    #[inline(always)]
    fn splat(value: &Limbs) -> Self {
        Self(*value)
    }

    #[inline(always)]
    fn gather<'a>(lane: impl Fn(usize) -> &'a Limbs) -> Self {
        Self(*lane(0))
    }

    #[inline(always)]
    fn scatter(self) -> [Limbs; MAX_LANES] {
        let mut limbs = [[0; 4]; MAX_LANES];
        limbs[0] = self.normalised();
        limbs
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        if mask & 1 == 1 { yes } else { no }
    }

    #[inline(always)]
    fn zeros(self) -> u8 {
        u8::from(self.0 == [0; 4] || self.0 == P)
    }

    #[inline(always)]
    fn odds(self) -> u8 {
        (self.normalised()[0] & 1) as u8
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let (mut sum, mut carry) = ([0; 4], false);
        for i in 0..4 {
            (sum[i], carry) = self.0[i].carrying_add(other.0[i], carry);
        }
        let again = add_small(&mut sum, fold_if(carry));
        sum[0] = sum[0].wrapping_add(fold_if(again));
        Self(sum)
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let (mut rest, mut borrow) = ([0; 4], false);
        for i in 0..4 {
            (rest[i], borrow) = self.0[i].borrowing_sub(other.0[i], borrow);
        }
        let again = subtract_small(&mut rest, fold_if(borrow));
        rest[0] = rest[0].wrapping_sub(fold_if(again));
        Self(rest)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut wide = [0; 8];
        for i in 0..4 {
            let mut carry = 0;
            for j in 0..4 {
                (wide[i + j], carry) = multiply_add(wide[i + j], self.0[i], other.0[j], carry);
            }
            wide[i + 4] = carry;
        }
        reduce(wide)
    }

    #[inline(always)]
    fn square(self) -> Self {
        let a = self.0;
        let mut wide = [0; 8];
        for i in 0..3 {
            let mut carry = 0;
            for j in i + 1..4 {
                (wide[i + j], carry) = multiply_add(wide[i + j], a[i], a[j], carry);
            }
            wide[i + 4] = carry;
        }
        for i in (1..8).rev() {
            wide[i] = wide[i] << 1 | wide[i - 1] >> 63;
        }
        let mut carry = false;
        for i in 0..4 {
            let (low, high) = multiply_add(0, a[i], a[i], 0);
            (wide[2 * i], carry) = wide[2 * i].carrying_add(low, carry);
            (wide[2 * i + 1], carry) = wide[2 * i + 1].carrying_add(high, carry);
        }
        reduce(wide)
    }

    #[inline(always)]
    fn times<const K: u64>(self) -> Self {
        let (mut low, mut carry) = ([0; 4], 0);
        for i in 0..4 {
            (low[i], carry) = multiply_add(0, self.0[i], K, carry);
        }
        let again = add_small(&mut low, carry * FOLD);
        low[0] = low[0].wrapping_add(fold_if(again));
        Self(low)
    }
}
