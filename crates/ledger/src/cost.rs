//! What work costs, in meter units: table 1.
//!
//! The meter is a transaction's weight: work and bytes are one number, which the price multiplies
//! and the block's limit bounds, so that nothing is cheap in one and free in the other.
//!
//! One unit stands for about 100 ns on one slow core with a cold cache: a block of
//! [`Params::default`](isonomy_types::Params::default)'s ten million units takes no more than a second,
//! whatever it is full of (attack 28). What stays in every node's state or log costs more than the
//! time it takes. Prices are consensus: a change of any is a new table under a new rules version,
//! never an edit.
//!
//! # Measured
//! Nanoseconds a unit takes in a block full of one kind of work, its root included, on 500 000 pairs
//! below 96 layers of 10 000 writes each, the most that a node holds by default:
//! `cargo run --release -p isonomy-benches -- figures --only unit-price`.
//!
//! | kind | ns | | kind | ns |
//! |---|---|---|---|---|
//! | scan one down | 96.1 | | scan fifty | 5.4 |
//! | read from the base | 90.1 | | events | 4.7 |
//! | remove, then scan | 83.2 | | read a large value | 4.6 |
//! | scan one | 82.2 | | remove what is not there | 3.0 |
//! | write, then scan | 81.9 | | events with keys | 1.6 |
//! | signature | 54.0 | | call | 1.0 |
//! | scan many removals | 43.4 | | large events | 0.7 |
//! | scan removals | 41.3 | | transaction | 0.6 |
//! | read again | 14.5 | | savepoint | 0.6 |
//! | read what is not there | 13.2 | | write and take back | 0.5 |
//! | scan large values | 8.1 | | query | 0.4 |
//! | write a new key | 8.0 | | write again | 0.3 |
//! | write over | 7.1 | | write a large value | 0.1 |
//! | remove | 6.6 | |  |  |
use isonomy_types::{Checked, Transaction};

/// Which table this is.
pub const VERSION: u32 = 1;

/// A transaction as such: two changes of the payer's purse, which is read once, and the receipt.
pub const TRANSACTION: u64 = 2_000;
/// A byte of a transaction: it is relayed, hashed and stored by all, for ever.
pub const TRANSACTION_BYTE: u64 = 2;
/// A signer: policy and lane are read, the lane is written.
pub const SIGNER: u64 = 2_500;
/// A signature: one verification, about 80 µs where no batch helps.
pub const SIGNATURE: u64 = 1_000;
/// A lane's first use: an entry of the state that stays.
pub const LANE: u64 = 1_000;
/// An action, or a call or query across modules: a savepoint and a dispatch.
pub const CALL: u64 = 200;
/// A savepoint opened by a module.
pub const SAVEPOINT: u64 = 50;
/// A read, or one step of a scan, over a removal of the same block too: a descent of every layer that a
/// node holds above its store, and of the store's tree.
pub const READ: u64 = 1_500;
/// A scan, beside its steps: the same in every layer at once.
pub const SCAN: u64 = 2_000;
/// Every 32 bytes read: they are copied, and hashed where they came from.
pub const READ_32_BYTES: u64 = 1;
/// A write or a removal: the store's tree and the path in the state tree change.
pub const WRITE: u64 = 500;
/// A byte written, key and value: it stays in every node's state.
pub const WRITE_BYTE: u64 = 8;
/// An event: an entry of the receipt.
pub const EVENT: u64 = 100;
/// A key of an event: an entry in the index of every explorer.
pub const EVENT_KEY: u64 = 50;
/// A byte of an event, keys and payload: it is hashed and stored by all who keep receipts.
pub const EVENT_BYTE: u64 = 2;
/// The most that one query from outside may spend: about a second, so that no question can occupy
/// a node.
pub const QUERY_MAX: u64 = 10_000_000;

/// What a transaction costs before its actions begin. It needs no state: a lane whose counter is
/// zero is a new one.
#[must_use]
pub fn intrinsic(transaction: &Transaction<Checked>) -> u64 {
    let signers = &transaction.intent().signers;
    let signed = transaction.witnesses().iter().map(|witness| witness.signatures.iter().flatten());
    let lanes = signers.iter().filter(|signer| signer.nonce.seq == 0);
    TRANSACTION
        .saturating_add(times(transaction.bytes(), TRANSACTION_BYTE))
        .saturating_add(times(signers.len(), SIGNER))
        .saturating_add(times(signed.map(Iterator::count).sum(), SIGNATURE))
        .saturating_add(times(lanes.count(), LANE))
}

/// What the bytes read cost, beside [`READ`].
pub(crate) const fn bytes_read(bytes: usize) -> u64 {
    times(bytes.div_ceil(32), READ_32_BYTES)
}

/// Writing so many bytes of key and value.
pub(crate) const fn write(bytes: usize) -> u64 {
    WRITE.saturating_add(times(bytes, WRITE_BYTE))
}

/// Emitting an event of so many keys, and so many bytes with them.
pub(crate) const fn event(keys: usize, bytes: usize) -> u64 {
    EVENT.saturating_add(times(keys, EVENT_KEY)).saturating_add(times(bytes, EVENT_BYTE))
}

const fn times(count: usize, each: u64) -> u64 {
    (count as u64).saturating_mul(each)
}
