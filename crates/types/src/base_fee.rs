//! The price of a meter unit follows how full blocks are (EIP-1559, in integers).
use crate::params::Bound;
use crate::{Amount, Params};

/// Units of the base fee to a coin: it is counted in thousandths of a coin a meter unit, so that an
/// eighth more is an eighth more where a meter unit costs one coin too. Prices are whole coins.
pub const BASE_FEE_SCALE: u64 = 1_000;
/// The highest base fee any chain may come to, in thousandths of a coin a meter unit: a thousand
/// million coins. At the least change a block, 2 700 empty blocks bring it down to the floor: no
/// rush makes a chain dear for good (attack 58).
pub const BASE_FEE_MAX: u64 = 1 << 40;
/// The highest floor any chain may set, in thousandths of a coin a meter unit: what it costs to use an empty chain,
/// and so to lower its floor again (attack 58).
pub const BASE_FEE_FLOOR_MAX: u64 = 1 << 30;
/// The least target: blocks that are nine tenths empty. Below it the base fee would hardly ever
/// fall (attack 58).
pub const TARGET_PER_MILLE_MIN: u32 = 100;
/// The highest target: above it a few transactions left out would look like idle blocks.
pub const TARGET_PER_MILLE_MAX: u32 = 900;
/// The least change a block: a rush must pass in hours, not in months (attack 58).
pub const CHANGE_PER_MILLE_MIN: u32 = 10;
/// The highest change a block: a half. Beyond it, one producer's full block of his own could price
/// others out at once.
pub const CHANGE_PER_MILLE_MAX: u32 = 500;

/// Whole, in thousandths.
const WHOLE: u128 = 1_000;

pub(crate) fn bounds(params: &Params) -> [Bound; 6] {
    let share =
        |name, got: u32, least: u32, limit: u32| (name, got.into(), least.into(), limit.into());
    let Params { base_fee, base_fee_floor: floor, base_fee_ceiling: ceiling, .. } = *params;
    let (target, change) = (params.target_per_mille, params.change_per_mille);
    [
        ("base_fee_floor", floor, 0, BASE_FEE_FLOOR_MAX),
        ("base_fee_ceiling", ceiling, floor, BASE_FEE_MAX),
        ("base_fee", base_fee, floor, ceiling),
        share("target_per_mille", target, TARGET_PER_MILLE_MIN, TARGET_PER_MILLE_MAX),
        share("change_per_mille", change, CHANGE_PER_MILLE_MIN, CHANGE_PER_MILLE_MAX),
        share("burned_per_mille", params.burned_per_mille, 0, WHOLE as u32),
    ]
}

impl Params {
    /// The base fee after a block whose body has so many `bytes` and used so many units of `meter`.
    ///
    /// A block at its target leaves the base fee as it is. One that is full raises it by
    /// [`change_per_mille`](Self::change_per_mille), one that is empty lowers it by as much, others
    /// in proportion; by a thousandth of a coin at least, so that it neither sticks above the floor
    /// nor at it. Of bytes and meter, the one that is scarcer decides.
    ///
    /// The result is within this block's own floor and ceiling. Where the block's modules set others
    /// for the next, it has to be brought [`within`](Self::within) those too: a ceiling that falls
    /// binds the next block at once, and one that rises lets the base fee pass the old one a block
    /// later.
    #[must_use]
    pub fn next_base_fee(&self, bytes: u64, meter: u64) -> u64 {
        let moved =
            self.moved(bytes, self.body_bytes.into()).max(self.moved(meter, self.body_meter));
        self.within(moved)
    }

    /// The base fee nearest to `base_fee` that floor and ceiling allow.
    #[must_use]
    pub const fn within(&self, base_fee: u64) -> u64 {
        let low = if base_fee > self.base_fee_ceiling { self.base_fee_ceiling } else { base_fee };
        if low < self.base_fee_floor { self.base_fee_floor } else { low }
    }

    /// The least that a transaction must offer for a meter unit, in coins: the base fee without what
    /// it has beyond whole coins.
    ///
    /// The rest is not lost. It says how near the next coin is, so a demand that lies between two
    /// prices sees now the one and now the other, and blocks come to their target on the whole.
    #[must_use]
    pub const fn base_price(&self) -> u64 {
        self.base_fee / BASE_FEE_SCALE
    }

    /// What of the fees for so many units of `meter`, each at the [base price](Self::base_price) or
    /// above, is burned.
    #[must_use]
    pub fn burned(&self, meter: u64) -> Amount {
        let base = Amount::cost(meter, self.base_price()).0;
        let share = u128::from(self.burned_per_mille).min(WHOLE);
        // In two parts, so that no product leaves 128 bits.
        let (thousands, rest) = (base / WHOLE, base % WHOLE);
        Amount(thousands.saturating_mul(share).saturating_add(rest.saturating_mul(share) / WHOLE))
    }

    /// Where a block leads the base fee that used so much of one limit.
    fn moved(&self, used: u64, limit: u64) -> u64 {
        let target = u128::from(limit).saturating_mul(self.target_per_mille.into()) / WHOLE;
        let (used, limit) = (u128::from(used.min(limit)), u128::from(limit));
        let share = |by: u128, of: u128| {
            let full = u128::from(self.base_fee).saturating_mul(self.change_per_mille.into());
            let part = full.saturating_mul(by) / of.saturating_mul(WHOLE).max(1);
            u64::try_from(part.max(1)).unwrap_or(u64::MAX)
        };
        match used.cmp(&target) {
            core::cmp::Ordering::Equal => self.base_fee,
            core::cmp::Ordering::Greater => {
                let by = share(used.saturating_sub(target), limit.saturating_sub(target));
                self.base_fee.saturating_add(by)
            }
            core::cmp::Ordering::Less => {
                self.base_fee.saturating_sub(share(target.saturating_sub(used), target))
            }
        }
    }
}
