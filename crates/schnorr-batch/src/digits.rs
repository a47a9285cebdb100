//! Scalars in signed digits, and the terms of some windows sorted into buckets.
use crate::glv::Half;
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
    /// The index of a term, doubled, plus one where its point counts negated.
    pub(crate) entries: Vec<u32>,
    /// Where each bucket's entries begin, and where the last one's end.
    pub(crate) starts: Vec<u32>,
    /// The bucket and sign of every digit, in order.
    places: Vec<u32>,
}

/// The place of a digit of zero, which goes into no bucket.
const NOWHERE: u32 = u32::MAX;

impl Sorted {
    /// Sorts by counting. A digit's place is its bucket, doubled, plus one where it is negative.
    pub(crate) fn sort(&mut self, digits: &Digits, windows: Range<usize>) {
        let buckets = windows.len() * digits.buckets();
        self.places.clear();
        self.starts.clear();
        self.starts.resize(buckets + 2, 0);
        for (at, window) in windows.enumerate() {
            let first = (at * digits.buckets()) as u32;
            for digit in digits.digits(window) {
                if digit == 0 {
                    self.places.push(NOWHERE);
                    continue;
                }
                let bucket = first + digit.unsigned_abs() - 1;
                self.starts[bucket as usize + 2] += 1;
                self.places.push(bucket << 1 | u32::from(digit < 0));
            }
        }
        for at in 2..self.starts.len() {
            self.starts[at] += self.starts[at - 1];
        }
        self.place(digits.len());
        self.starts.pop();
    }

    /// Puts every entry at its bucket's next place: `starts`, one ahead, moves on to where it belongs.
    fn place(&mut self, terms: usize) {
        self.entries.clear();
        self.entries.resize(self.starts.last().map_or(0, |end| *end as usize), 0);
        for window in self.places.chunks(terms) {
            for (term, place) in window.iter().enumerate() {
                if *place != NOWHERE {
                    let next = &mut self.starts[(place >> 1) as usize + 1];
                    self.entries[*next as usize] = (term as u32) << 1 | (place & 1);
                    *next += 1;
                }
            }
        }
    }
}
