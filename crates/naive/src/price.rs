//! Table 1 of prices, in meter units.
use isonomy_types::{Encode, Transaction};

/// An action's dispatch.
pub const CALL: u64 = 200;
/// A savepoint.
pub const SAVEPOINT: u64 = 50;

/// What a transaction costs before its actions: 1 500 for itself, 2 a byte, 700 a signer, 1 000 a
/// signature and 1 000 a lane that is new.
#[must_use]
pub fn intrinsic(transaction: &Transaction) -> u64 {
    let signers = &transaction.intent().signers;
    let places = transaction.witnesses().iter().flat_map(|witness| witness.signatures.iter());
    let signatures = places.filter(|place| place.is_some()).count() as u64;
    let new_lanes = signers.iter().filter(|signer| signer.nonce.seq == 0).count() as u64;
    let bytes = transaction.encode().len() as u64;
    1_500 + 2 * bytes + 700 * signers.len() as u64 + 1_000 * signatures + 1_000 * new_lanes
}

/// A read: 100, and 1 for every 32 bytes begun.
#[must_use]
pub const fn read(bytes: usize) -> u64 {
    100 + bytes.div_ceil(32) as u64
}

/// A write: 500, and 8 a byte of key and value.
#[must_use]
pub const fn write(bytes: usize) -> u64 {
    500 + 8 * bytes as u64
}

/// An event: 100, and 2 a byte.
#[must_use]
pub const fn event(bytes: usize) -> u64 {
    100 + 2 * bytes as u64
}
