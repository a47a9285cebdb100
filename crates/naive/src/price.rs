//! Table 1 of prices, in meter units; and what a unit costs.
use isonomy_types::{Encode, Params, Transaction};

/// An action's dispatch.
pub const CALL: u64 = 200;
/// A savepoint.
pub const SAVEPOINT: u64 = 50;

/// What a transaction costs before its actions: 2 000 for itself, 2 a byte, 2 500 a signer, 1 000 a
/// signature and 1 000 a lane that is new.
#[must_use]
pub fn intrinsic(transaction: &Transaction) -> u64 {
    let signers = &transaction.intent().signers;
    let places = transaction.witnesses().iter().flat_map(|witness| witness.signatures.iter());
    let signatures = places.filter(|place| place.is_some()).count() as u64;
    let new_lanes = signers.iter().filter(|signer| signer.nonce.seq == 0).count() as u64;
    let bytes = transaction.encode().len() as u64;
    2_000 + 2 * bytes + 2_500 * signers.len() as u64 + 1_000 * signatures + 1_000 * new_lanes
}

/// A read: 1 500, and 1 for every 32 bytes begun.
#[must_use]
pub const fn read(bytes: usize) -> u64 {
    1_500 + bytes.div_ceil(32) as u64
}

/// A write: 500, and 8 a byte of key and value.
#[must_use]
pub const fn write(bytes: usize) -> u64 {
    500 + 8 * bytes as u64
}

/// An event: 100, 50 a key, and 2 a byte of keys and payload.
#[must_use]
pub const fn event(keys: usize, bytes: usize) -> u64 {
    100 + 50 * keys as u64 + 2 * bytes as u64
}

/// The base fee after a block under these params, with so many bytes and units used: moved by at
/// least one unless the block is at its target, by the scarcer of the two, between their floor and
/// ceiling. Those of the next params bound it once more.
#[must_use]
pub fn next_base_fee(params: &Params, bytes: u64, meter: u64) -> u64 {
    let base = i128::from(params.base_fee);
    let after = |used: u64, limit: u64| {
        let (used, limit) = (i128::from(used.min(limit)), i128::from(limit));
        let target = limit * i128::from(params.target_per_mille) / 1_000;
        let most = base * i128::from(params.change_per_mille);
        match used - target {
            0 => base,
            over if over > 0 => base + (most * over / ((limit - target) * 1_000)).max(1),
            under => base - (most * -under / (target * 1_000)).max(1),
        }
    };
    let after = after(bytes, params.body_bytes.into()).max(after(meter, params.body_meter));
    bounded(params, u64::try_from(after).unwrap_or(0))
}

/// The base fee that is as near as floor and ceiling allow.
#[must_use]
pub fn bounded(params: &Params, base_fee: u64) -> u64 {
    base_fee.min(params.base_fee_ceiling).max(params.base_fee_floor)
}

/// What is burned of the fees for so many units, at a base fee in thousandths of a coin.
#[must_use]
pub fn burned(params: &Params, meter: u64) -> u128 {
    u128::from(meter) * u128::from(params.base_fee / 1_000) * u128::from(params.burned_per_mille)
        / 1_000
}
