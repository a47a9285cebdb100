use isonomy_crypto::Hash;

/// Spreads keys over the slots of a hash table. Mixes as wyhash does, by multiplying wide and folding
/// the halves.
///
/// Its two words must be unknown to whoever chooses the keys: else they could be chosen to fall
/// together (attack 28). What it gives is no digest, and reaches no block.
///
/// ```
/// use isonomy_ledger::Spread;
///
/// let spread = Spread::new([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344]);
/// assert_ne!(spread.hash(b"one key"), spread.hash(b"two keys"));
/// ```
#[derive(Clone, Copy)]
pub struct Spread([u64; 2]);

impl Spread {
    /// By two secret words.
    #[must_use]
    pub const fn new(words: [u64; 2]) -> Self {
        Self(words)
    }

    /// By the first words of a hash.
    pub(crate) fn seeded(hash: Hash) -> Self {
        let (words, _) = hash.as_bytes().as_chunks();
        let word = |at: usize| words.get(at).copied().map_or(0, u64::from_le_bytes);
        Self([word(0), word(1)])
    }

    /// Where a key falls. All bits are equally good.
    #[must_use]
    #[inline]
    pub fn hash(&self, key: &[u8]) -> u64 {
        let [first, second] = self.0;
        let mut state = first;
        let (blocks, rest) = key.as_chunks::<16>();
        let mut last = [0; 16];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        for block in blocks.iter().chain([&last]) {
            let block = u128::from_le_bytes(*block);
            state = fold(state ^ block as u64, second ^ (block >> 64) as u64);
        }
        // Last, where nobody can make up for it: zeros at the end are not keys of another length.
        fold(state ^ key.len() as u64, second)
    }
}

const fn fold(a: u64, b: u64) -> u64 {
    let wide = (a as u128).wrapping_mul(b as u128);
    (wide as u64) ^ (wide >> 64) as u64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;
    use alloc::{collections::BTreeSet, vec, vec::Vec};

    const SPREAD: Spread = Spread::new([0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344]);

    #[test]
    fn lengths_and_single_bits_count() {
        let mut keys: Vec<Vec<u8>> = (0..70).map(|len| vec![0; len]).collect();
        for bit in 0..35 * 8 {
            let mut key = vec![0; 35];
            key[bit / 8] ^= 1 << (bit % 8);
            keys.push(key);
        }
        let hashes: BTreeSet<u64> = keys.iter().map(|key| SPREAD.hash(key)).collect();
        assert_eq!(hashes.len(), keys.len());
        let other = Spread::seeded(Hash::from_bytes([9; 32]));
        assert!(keys.iter().all(|key| SPREAD.hash(key) != other.hash(key)));
    }

    #[test]
    fn low_and_high_bits_fill_their_slots_evenly() {
        const KEYS: u64 = 64 * 256;
        for shift in [0, 24, 40, 56] {
            let mut slots = [0_u32; 256];
            for number in 0..KEYS {
                let key = [&[0; 3], &number.to_be_bytes()[..], &[0; 24]].concat();
                slots[(SPREAD.hash(&key) >> shift) as u8 as usize] += 1;
            }
            // 64 each, with a standard deviation of 8.
            assert!(slots.iter().all(|count| (16..=112).contains(count)), "{shift}: {slots:?}");
        }
    }
}
