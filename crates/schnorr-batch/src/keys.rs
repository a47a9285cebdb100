//! Finds equal keys, so that their terms become one.
use crate::field::Limbs;
use alloc::vec;
use alloc::vec::Vec;

/// A slot without a key.
const EMPTY: u32 = u32::MAX;

/// The keys met so far, each with an index from zero. A hash table of open addressing.
///
/// Where a key goes depends on random multipliers, so that who does not foresee them cannot choose keys
/// that crowd it
/// (multilinear hashing, Carter and Wegman 1979).
pub(crate) struct Keys {
    /// At least twice as many slots as keys.
    slots: Vec<u32>,
    keys: Vec<Limbs>,
    multipliers: [u128; 4],
}

impl Keys {
    /// For at most so many keys.
    pub(crate) fn new(capacity: usize, multipliers: [u128; 4]) -> Self {
        let slots = vec![EMPTY; (2 * capacity).next_power_of_two().max(2)];
        Self { slots, keys: Vec::with_capacity(capacity), multipliers }
    }

    /// The key's index, and whether it is new.
    pub(crate) fn index(&mut self, key: &Limbs) -> (u32, bool) {
        let mask = self.slots.len() - 1;
        let mut at = self.hash(key) & mask;
        loop {
            let index = self.slots[at];
            if index == EMPTY {
                let index = self.keys.len() as u32;
                self.slots[at] = index;
                self.keys.push(*key);
                return (index, true);
            }
            if self.keys[index as usize] == *key {
                return (index, false);
            }
            at = (at + 1) & mask;
        }
    }

    fn hash(&self, key: &Limbs) -> usize {
        let terms = key.iter().zip(self.multipliers);
        let sum = terms.fold(0_u128, |sum, (limb, multiplier)| {
            sum.wrapping_add(multiplier.wrapping_mul(u128::from(*limb)))
        });
        (sum >> 64) as usize
    }
}
