//! How the target follows the clock: absolutely scheduled, exponentially rising (ASERT).

use super::target::{Compact, CompactError, Target};
use borsh::{BorshDeserialize, BorshSerialize};
use primitive_types::{U256, U512};
use serde::{Deserialize, Serialize};
use thiserror::Error;

#[cfg(test)]
#[path = "tests_asert.rs"]
mod tests;

/// When blocks are due, and how the target answers when they are early or late.
///
/// The block `n` heights above genesis is due `n * interval_ms` after it. The target of the next
/// block is the anchor's, doubled for each half-life that the chain is behind this schedule and
/// halved for each that it is ahead:
///
/// `target = anchor * 2^((elapsed_ms - interval_ms * blocks) / half_life_ms)`
///
/// The exponent has 16 fractional bits and is rounded towards zero; the power is a cubic within
/// 0.012 % of the true one; the product is rounded down, then brought within its bounds.
///
/// It depends on the height and time of one block alone. So it needs no window of past headers,
/// rounding errors do not add up, and time borrowed by a false clock is paid back by the next
/// true one: there is no window whose ends a timewarp could move.
///
/// This is [aserti3-2d] of Bitcoin Cash, bit for bit, in milliseconds. The reference measures from
/// the parent of its anchor, hence its `height_delta + 1`; a genesis block has no parent, so here
/// both height and time count from genesis itself.
///
/// [aserti3-2d]: https://reference.cash/protocol/forks/2020-11-15-asert
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct Schedule {
    /// The target of a chain on schedule. The first block above genesis has it.
    pub anchor: Compact,
    /// The time between blocks, in milliseconds. At least 1.
    pub interval_ms: u64,
    /// How far off schedule doubles or halves the target, in milliseconds. At least 1; hundreds of
    /// intervals keep the target calm (the reference has 288).
    pub half_life_ms: u64,
    /// The target is never easier than this, however late the chain is. It bounds how cheap a
    /// header can be, which is what stops chains of nearly free headers.
    pub easiest: Compact,
}

impl Schedule {
    /// Checks that the targets decode, that the anchor is not above the easiest and that no
    /// duration is zero.
    ///
    /// # Errors
    /// [`ScheduleError`] says which of these does not hold.
    pub fn check(&self) -> Result<(), ScheduleError> {
        let anchor = self.anchor.target().map_err(ScheduleError::Anchor)?;
        let easiest = self.easiest.target().map_err(ScheduleError::Easiest)?;
        if anchor > easiest {
            let (got, limit) = (self.anchor.bits(), self.easiest.bits());
            return Err(ScheduleError::AnchorTooEasy { got, limit });
        }
        if self.interval_ms == 0 {
            return Err(ScheduleError::ZeroInterval);
        }
        if self.half_life_ms == 0 {
            return Err(ScheduleError::ZeroHalfLife);
        }
        Ok(())
    }

    /// The target that binds the child of the block `blocks_since_anchor` heights above genesis
    /// and `elapsed_ms` milliseconds after it, from [`Target::MIN`] to `easiest`.
    ///
    /// Exact for every input: nothing overflows. It is not rounded to its compact form. A schedule
    /// that fails [`Schedule::check`] may give [`Target::MIN`].
    pub fn target(&self, blocks_since_anchor: u64, elapsed_ms: u64) -> Target {
        let (Ok(anchor), Ok(easiest)) = (self.anchor.target(), self.easiest.target()) else {
            return Target::MIN;
        };
        match self.half_lives_late(blocks_since_anchor, elapsed_ms) {
            Some(exponent) => scale(anchor, exponent).min(easiest),
            None => Target::MIN,
        }
    }

    /// How late the chain is, in half-lives with [`RADIX_BITS`] fractional bits, rounded towards
    /// zero. `None` if the half-life is zero.
    ///
    /// What saturates here is 2^111 ms off schedule or more, which is at least 2^47 half-lives:
    /// far past the 2^8 that take any target to either end.
    fn half_lives_late(&self, blocks: u64, elapsed_ms: u64) -> Option<i128> {
        let due_ms = i128::from(self.interval_ms).saturating_mul(i128::from(blocks));
        let late_ms = i128::from(elapsed_ms).saturating_sub(due_ms);
        late_ms.saturating_mul(1 << RADIX_BITS).checked_div(i128::from(self.half_life_ms))
    }
}

/// Fractional bits of an exponent and of [`two_to_the`].
const RADIX_BITS: u32 = 16;

/// `anchor * 2^(exponent / 2^16)`, rounded down, from [`Target::MIN`] to [`Target::MAX`].
fn scale(anchor: Target, exponent: i128) -> Target {
    // The low 16 bits of a two's complement number are its fraction, negative ones included.
    let product = anchor.value().full_mul(U256::from(two_to_the(exponent as u16)));
    let shift = (exponent >> RADIX_BITS).saturating_sub(i128::from(RADIX_BITS));
    let power = power_of_two(shift.unsigned_abs());
    let scaled = if shift < 0 {
        power.and_then(|power| product.checked_div(power)).unwrap_or_default()
    } else {
        power.and_then(|power| product.checked_mul(power)).unwrap_or(U512::MAX)
    };
    Target::clamped(U256::try_from(scaled).unwrap_or(U256::MAX))
}

/// `2^(fraction / 2^16)` with 16 fractional bits, from 65 536 to 131 071.
///
/// The reference's cubic, within 0.012 % of the true value:
/// `2^16 + (195766423245049 f + 971821376 f^2 + 5127 f^3 + 2^47) / 2^48`, rounded down. For the
/// greatest fraction the sum is 1.8e14 below 2^64, so nothing saturates.
fn two_to_the(fraction: u16) -> u64 {
    let f = u64::from(fraction);
    let sum = f
        .saturating_mul(5_127)
        .saturating_add(971_821_376)
        .saturating_mul(f)
        .saturating_add(195_766_423_245_049)
        .saturating_mul(f)
        .saturating_add(1 << 47);
    (sum >> 48).saturating_add(1 << RADIX_BITS)
}

/// `2^exponent`, or `None` if it does not fit.
fn power_of_two(exponent: u128) -> Option<U512> {
    let mut words = [0; 8];
    // The shift counts modulo 64.
    *words.get_mut(usize::try_from(exponent / 64).ok()?)? = 1_u64.wrapping_shl(exponent as u32);
    Some(U512(words))
}

/// Why a schedule cannot be followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum ScheduleError {
    /// The anchor is not a target.
    #[error("anchor: {0}")]
    Anchor(CompactError),
    /// The easiest target is not a target.
    #[error("easiest: {0}")]
    Easiest(CompactError),
    /// The anchor is above the easiest target.
    #[error("anchor {got:#010x} is easier than the easiest target {limit:#010x}")]
    AnchorTooEasy {
        /// The anchor, compact.
        got: u32,
        /// The easiest target, compact.
        limit: u32,
    },
    /// Every block would be due at once.
    #[error("interval of 0 ms is below 1 ms")]
    ZeroInterval,
    /// The slightest delay would change the target without bound.
    #[error("half-life of 0 ms is below 1 ms")]
    ZeroHalfLife,
}
