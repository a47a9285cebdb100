//! What only grows or weighs, with nothing beside it.
use crate::memory::bytes;
use crate::pairs::{after, KEYS, batch, filling, layer, tree};
use isonomy_benches::measure::{cpu_ns, median};
use isonomy_ledger::{Layer, StateTree};
use serde_json::{Value, json};
use std::hint::black_box;

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// Odd, so that a median is one of them.
const ROUNDS: u64 = 9;

/// An update's cost by the size of the state. Each starts at the same version.
pub(crate) fn scaling() -> Value {
    let cost = |keys: u64| {
        let before = tree(keys);
        let update = |round| {
            let layer = layer(&batch(round, keys));
            cpu_ns(|| drop(black_box(after(&before, &layer))))
        };
        median((0..ROUNDS).map(update).collect())
    };
    json!({ "keys": SIZES, "ns": SIZES.map(cost) })
}

/// A state's pairs in memory and its tree.
pub(crate) fn memory() -> Value {
    let start = bytes();
    let mut tree = StateTree::default();
    for pairs in filling(KEYS) {
        tree = after(&tree, &layer(&pairs));
    }
    let alone = bytes() - start;
    let mut state = Layer::default();
    filling(KEYS).for_each(|pairs| state.cover(&layer(&pairs)));
    let all = bytes() - start;
    black_box((tree, state));
    let a_key = |bytes: usize| bytes as f64 / KEYS as f64;
    json!({ "tree": a_key(alone), "state": a_key(all) })
}
