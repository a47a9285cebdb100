//! What only grows or weighs, with nothing beside it.
use crate::memory::bytes;
use crate::pairs::{KEYS, after, batch, filling, layer, tree};
use isonomy_benches::measure::{cpu_ns, median};
use isonomy_ledger::{Layer, StateTree};
use serde_json::{Value, json};
use std::hint::black_box;

const SIZES: [u64; 4] = [10_000, 100_000, 1_000_000, 10_000_000];
/// Odd, so that a median is one of them.
const ROUNDS: u64 = 9;

/// An update's cost by the size of the state. Each starts at the same version.
pub(crate) fn scaling() -> Value {
    let ns = SIZES.map(cost);
    plot(&ns);
    json!({ "keys": SIZES, "ns": ns })
}

fn cost(keys: u64) -> f64 {
    let before = tree(keys);
    let update = |round| {
        let layer = layer(&batch(round, keys));
        cpu_ns(|| drop(black_box(after(&before, &layer))))
    };
    median((0..ROUNDS).map(update).collect())
}

/// A bar for each size, and how it grew beside log n: 1.0 is the smallest state's.
fn plot(ns: &[f64; SIZES.len()]) {
    let most = ns.iter().copied().fold(0.0, f64::max);
    for (keys, cost) in SIZES.iter().zip(ns) {
        let log = |keys: u64| (keys as f64).ln();
        let slope = cost / ns[0] / (log(*keys) / log(SIZES[0]));
        let bar = "#".repeat((cost / most * PLOT_CHARS) as usize);
        eprintln!("{keys:>9} keys {:>7.2} ms {slope:>5.2} x log n  {bar}", cost / 1e6);
    }
}

/// The longest bar.
const PLOT_CHARS: f64 = 40.0;

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
