//! Tells of most keys at once that they are not in a list.
use alloc::{vec, vec::Vec};

/// Bits kept for each key: with four probes, about one absent key of two hundred is not told.
const KEY_BITS: usize = 16;
/// Where in a mark the numbers of the bits lie that a key sets in its word.
const PROBES: [u32; 4] = [0, 6, 12, 18];

/// A Bloom filter in which all bits of a key lie in one word, so that a question reads one line of
/// memory ("Cache-, Hash- and Space-Efficient Bloom Filters", Putze, Sanders, Singler, 2007).
///
/// It saves a search where it answers "no". Whoever chooses keys that it cannot tell from others makes
/// it useless, and nothing worse: then every question costs a search, as it would without.
#[derive(Clone, PartialEq, Eq, Default)]
pub(crate) struct Filter(Vec<u64>);

/// What a filter knows of a key: made once, asked of many filters.
#[derive(Clone, Copy)]
pub(crate) struct Mark(u64);

impl Mark {
    /// Of the key's first eight bytes and its last eight: between them lie few keys of a kind.
    pub(crate) fn of(key: &[u8]) -> Self {
        let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let (first, last) = match key.len() {
            0..8 => (key.iter().fold(1, |all, byte| all << 8 | u64::from(*byte)), 0),
            _ => (word(key.first_chunk()), word(key.last_chunk())),
        };
        // Odd numbers without a pattern: the first digits of pi.
        let wide = u128::from(first ^ 0x243f_6a88_85a3_08d3)
            .wrapping_mul(u128::from(last.rotate_left(32) ^ 0x1319_8a2e_0370_7345));
        Self((wide as u64 ^ (wide >> 64) as u64).wrapping_mul(0xa409_3822_299f_31d1))
    }

    /// Which of so many words, by the upper half.
    fn word(self, words: usize) -> usize {
        ((self.0 >> 32).wrapping_mul(words as u64) >> 32) as usize
    }

    /// Which of its bits, by the lower.
    fn bits(self) -> u64 {
        PROBES.iter().fold(0, |bits, probe| bits | 1 << (self.0 >> probe & 63))
    }
}

impl Filter {
    /// Of these keys' marks; so many there are.
    pub(crate) fn of(count: usize, marks: impl Iterator<Item = Mark>) -> Self {
        let mut words = vec![0; count.saturating_mul(KEY_BITS).div_ceil(64)];
        let len = words.len();
        for mark in marks {
            if let Some(word) = words.get_mut(mark.word(len)) {
                *word |= mark.bits();
            }
        }
        Self(words)
    }

    /// Whether the key may be among them. "No" is certain.
    pub(crate) fn may_hold(&self, mark: Mark) -> bool {
        let bits = mark.bits();
        self.0.get(mark.word(self.0.len())).is_some_and(|word| word & bits == bits)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;

    fn keys(from: u64, count: u64, len: usize) -> impl Iterator<Item = Vec<u8>> {
        (from..from + count).map(move |number| {
            let mut key = vec![0; len];
            let digits = number.to_be_bytes();
            let (at, digits) =
                if len < 8 { (0, &digits[8 - len..]) } else { (len - 8, &digits[..]) };
            key[at..].copy_from_slice(digits);
            key
        })
    }

    #[test]
    fn what_is_there_is_never_denied_and_what_is_not_mostly() {
        for len in [3, 7, 8, 12, 35, 40] {
            for count in [1, 2, 3, 10, 1_000, 20_000] {
                let filter =
                    Filter::of(count as usize, keys(0, count, len).map(|key| Mark::of(&key)));
                let held = |key: &Vec<u8>| filter.may_hold(Mark::of(key));
                assert!(keys(0, count, len).all(|key| held(&key)), "{count} of {len} bytes");
                let wrong = keys(1_000_000, 20_000, len).filter(held).count();
                assert!(wrong < 300, "{wrong} of 20 000, {count} keys of {len} bytes");
            }
        }
        assert!(!Filter::default().may_hold(Mark::of(b"")));
    }
}
