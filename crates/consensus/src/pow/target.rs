//! How rare a hash must be, and what finding one is worth.

use borsh::{BorshDeserialize, BorshSerialize};
use primitive_types::U256;
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(test)]
#[path = "tests_target.rs"]
mod tests;

/// The number a block's hash must not exceed: never zero, and the greater the easier.
///
/// A hash is read as a 256-bit big-endian number, its first byte the most significant. The order
/// is that of the numbers, so the greatest target is the easiest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Target(U256);

impl Target {
    /// The easiest target: every hash meets it.
    pub const MAX: Self = Self(U256::MAX);

    /// The hardest target: two of the 2^256 hashes meet it.
    pub const MIN: Self = Self(U256::one());

    /// The easiest target that takes at least `hashes` hashes on average to meet.
    ///
    /// Zero and one both give [`Target::MAX`].
    pub fn for_work(hashes: u128) -> Self {
        // floor(2^256 / hashes) - 1 within 256 bits; dividing by zero is what gives the greatest.
        let hashes = U256::from(hashes);
        let spare = U256::MAX.saturating_sub(hashes.saturating_sub(U256::one()));
        Self::clamped(spare.checked_div(hashes).unwrap_or(U256::MAX))
    }

    /// The hashes it takes on average to meet this target: `floor(2^256 / (target + 1))`.
    ///
    /// At least one. Targets so hard that the number does not fit give [`u128::MAX`].
    pub fn work(&self) -> u128 {
        // 2^256 / (t + 1) is (2^256 - 1 - t) / (t + 1) + 1, which stays within 256 bits.
        let Some(divisor) = self.0.checked_add(U256::one()) else { return 1 };
        let others = (!self.0).checked_div(divisor).unwrap_or_default();
        u128::try_from(others).unwrap_or(u128::MAX).saturating_add(1)
    }

    /// Whether `hash`, as a big-endian number, does not exceed this target.
    pub fn met_by(&self, hash: &[u8; 32]) -> bool {
        U256::from_big_endian(hash) <= self.0
    }

    /// The greatest target that has a compact form and does not exceed this one.
    ///
    /// Sixteen leading bits or more survive, so the loss is below one part in 2^15.
    pub fn compact(self) -> Compact {
        let bytes = self.0.to_little_endian();
        // One bit more than the number has, since the mantissa's top bit is a sign. At most 33.
        let size = (self.0.bits() / 8).saturating_add(1);
        let mut digits = (0..size).rev().map(|place| bytes.get(place).copied().unwrap_or(0));
        let mut digit = || digits.next().unwrap_or(0);
        Compact(u32::from_be_bytes([size as u8, digit(), digit(), digit()]))
    }

    /// The target nearest to `value`, which is [`Target::MIN`] for zero.
    pub(super) fn clamped(value: U256) -> Self {
        Self(value).max(Self::MIN)
    }

    /// The number itself, never zero.
    pub(super) const fn value(self) -> U256 {
        self.0
    }
}

/// A target in four bytes, as in Bitcoin's `nBits`: a byte count, then the first three bytes.
///
/// `0xSSMMMMMM` stands for `0xMMMMMM * 256^(0xSS - 3)`. The mantissa's top bit is a sign and must
/// be clear. Any four bytes can be held and travel; [`Compact::target`] judges them, and accepts
/// exactly one encoding of each target. JSON shows the four bytes as one number.
///
/// Source: `arith_uint256::SetCompact` and `GetCompact` of Bitcoin Core, which also accept
/// encodings that are not the shortest; those are refused here.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Compact(u32);

impl Compact {
    /// Takes the four bytes as they are, most significant first.
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The four bytes, most significant first.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The target these bytes stand for.
    ///
    /// # Errors
    /// [`CompactError`] unless they are the encoding [`Target::compact`] gives of a target.
    pub fn target(self) -> Result<Target, CompactError> {
        let got = self.0;
        let [size, mantissa @ ..] = got.to_be_bytes();
        if mantissa[0] & 0x80 != 0 {
            return Err(CompactError::Negative { got });
        }
        let mut bytes = [0; 32];
        for (digit, place) in mantissa.into_iter().zip((0..size).rev()) {
            match bytes.get_mut(usize::from(place)) {
                Some(byte) => *byte = digit,
                None if digit == 0 => {}
                None => return Err(CompactError::Overflow { got }),
            }
        }
        let value = U256::from_little_endian(&bytes);
        if value.is_zero() {
            return Err(CompactError::Zero { got });
        }
        let canonical = Target(value).compact().bits();
        if canonical != got {
            return Err(CompactError::NotCanonical { got, canonical });
        }
        Ok(Target(value))
    }
}

/// Why four bytes are not the compact form of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum CompactError {
    /// The sign bit is set.
    #[error("compact target {got:#010x} is negative")]
    Negative {
        /// The bytes given.
        got: u32,
    },
    /// No hash but zero would meet it.
    #[error("compact target {got:#010x} is zero")]
    Zero {
        /// The bytes given.
        got: u32,
    },
    /// It does not fit 256 bits.
    #[error("compact target {got:#010x} exceeds 256 bits")]
    Overflow {
        /// The bytes given.
        got: u32,
    },
    /// The same target has another encoding, which is the only one accepted.
    #[error("compact target {got:#010x} must be written {canonical:#010x}")]
    NotCanonical {
        /// The bytes given.
        got: u32,
        /// The bytes accepted for the same target.
        canonical: u32,
    },
}
