//! Scalars in signed digits, and the terms of some windows sorted into buckets.
use crate::glv::Half;
use crate::groups::{Group, groups};
use alloc::vec::Vec;
use core::ops::Range;

/// Scalars reach below 2¹²⁷·³⁵ in size ([`crate::glv`]); with this many bits the signed digits, whose
/// top one is at most 2^(width−1) − 1, reach beyond that for every width from 3 on.
const BITS: usize = 129;

/// Scalars as digits from −2^(width−1) to 2^(width−1) − 1.
///
/// Half a window's range is added in every window, once; each digit is then its bits less that half,
/// and no carry runs from window to window. The sum is not negative and needs no sign.
pub(crate) struct Digits {
    biased: Vec<Half>,
    width: usize,
}

impl Digits {
    pub(crate) fn new(mut scalars: Vec<Half>, width: usize) -> Self {
        let mut bias = [0_u64; 4];
        for window in 0..BITS.div_ceil(width) {
            let bit = window * width + width - 1;
            bias[bit / 64] |= 1 << (bit % 64);
        }
        for scalar in &mut scalars {
            let mut carry = false;
            for i in 0..4 {
                (scalar[i], carry) = scalar[i].carrying_add(bias[i], carry);
            }
        }
        Self { biased: scalars, width }
    }

    /// How many windows there are.
    pub(crate) fn windows(&self) -> usize {
        BITS.div_ceil(self.width)
    }

    /// How many buckets a window has: one for each size of a digit but zero.
    pub(crate) fn buckets(&self) -> usize {
        1 << (self.width - 1)
    }

    /// How many scalars there are.
    pub(crate) fn len(&self) -> usize {
        self.biased.len()
    }

    /// Every scalar's digit in a window.
    #[inline]
    pub(crate) fn digits(&self, window: usize) -> impl Iterator<Item = i32> {
        let (limb, shift) = (window * self.width / 64, window * self.width % 64);
        let half = 1 << (self.width - 1);
        self.biased.iter().map(move |scalar| {
            let bits = scalar[limb] >> shift | scalar[limb + 1] << 1 << (63 - shift);
            (bits & (2 * half - 1)) as i32 - half as i32
        })
    }
}

/// Terms of some windows by bucket. Bucket `b` of the `w`-th of these windows, which has weight
/// `b + 1`, is number `w · buckets + b`.
#[derive(Default)]
pub(crate) struct Sorted {
    /// The index of a term, doubled, plus one where its point counts negated; as the groups' rows, a
    /// lane after the other. Zero where a lane has none.
    pub(crate) entries: Vec<u32>,
    /// How many entries each bucket has; then where its next entry goes.
    buckets: Vec<u32>,
    /// The bucket and sign of every digit, in order.
    places: Vec<u32>,
}

/// The place of a digit of zero, which goes into no bucket.
const NOWHERE: u32 = u32::MAX;

impl Sorted {
    /// Sorts by counting: each group's lanes hold the entries of a bucket each.
    pub(crate) fn sort(
        &mut self,
        digits: &Digits,
        windows: Range<usize>,
        lanes: usize,
    ) -> Vec<Group> {
        self.count(digits, windows);
        let groups = groups(&self.buckets, lanes);
        let pairs = groups.last().map_or(0, |group| group.offset + group.pairs());
        self.entries.clear();
        self.entries.resize(2 * lanes * pairs, 0);
        for group in &groups {
            let first = 2 * lanes * group.offset;
            for lane in (0..lanes).filter(|lane| group.len[*lane] > 0) {
                self.buckets[group.bucket[lane] as usize] = (first + lane) as u32;
            }
        }
        for window in self.places.chunks(digits.len()) {
            for (term, place) in window.iter().enumerate() {
                if *place != NOWHERE {
                    let next = &mut self.buckets[(place >> 1) as usize];
                    self.entries[*next as usize] = (term as u32) << 1 | (place & 1);
                    *next += lanes as u32;
                }
            }
        }
        groups
    }

    /// Finds every digit's place: its bucket, doubled, plus one where it is negative.
    fn count(&mut self, digits: &Digits, windows: Range<usize>) {
        self.places.clear();
        self.buckets.clear();
        self.buckets.resize(windows.len() * digits.buckets(), 0);
        for (at, window) in windows.enumerate() {
            let first = (at * digits.buckets()) as u32;
            for digit in digits.digits(window) {
                if digit == 0 {
                    self.places.push(NOWHERE);
                } else {
                    let bucket = first + digit.unsigned_abs() - 1;
                    self.buckets[bucket as usize] += 1;
                    self.places.push(bucket << 1 | u32::from(digit < 0));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glv::whole;
    use crate::scalar::subtract;
    use alloc::vec;

    /// Σ digit · 2^(width · window), modulo 2²⁵⁶.
    fn value(digits: &Digits, term: usize) -> Half {
        let mut sum = [0; 4];
        for window in (0..digits.windows()).rev() {
            for _ in 0..digits.width {
                sum = subtract(&sum, &subtract(&[0; 4], &sum).0).0;
            }
            let digit = digits.digits(window).nth(term).unwrap();
            sum = subtract(&sum, &whole(-i128::from(digit))).0;
        }
        sum
    }

    #[test]
    fn digits_are_the_scalar_and_small() {
        // The largest k₁ there may be, and its like.
        let most = [0x2016_D0B9_17E4_DD77, 0xA2A8_918C_A85B_AFE2, 0, 0];
        let mut scalars = vec![most, subtract(&[0; 4], &most).0];
        scalars.extend([0, 1, -1, i128::MAX, i128::MIN, 1 << 64, -(1 << 64)].map(whole));
        scalars.extend((0..127).flat_map(|bit| [whole(1 << bit), whole(-(1 << bit))]));
        for width in 3..=13 {
            let digits = Digits::new(scalars.clone(), width);
            let half = digits.buckets() as i32;
            for (term, scalar) in scalars.iter().enumerate() {
                assert_eq!(value(&digits, term), *scalar, "width {width}, term {term}");
            }
            for window in 0..digits.windows() {
                assert!(digits.digits(window).all(|digit| (-half..half).contains(&digit)));
            }
        }
    }
}
