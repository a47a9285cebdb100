//! Keys and values by number, and batches of them.
use isonomy_ledger::{Layer, StateTree};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const KEYS: u64 = 1_000_000;
pub(crate) const BATCH: u64 = 10_000;
/// Keys of one step while a state is filled, at least.
const FILL: u64 = 50_000;
/// Steps at most, since each copies nearly the whole of a large tree.
const FILL_STEPS: u64 = 20;

pub(crate) type Pairs = Vec<([u8; 32], [u8; 64])>;

/// The first `keys` pairs of a state, step by step.
pub(crate) fn filling(keys: u64) -> impl Iterator<Item = Pairs> {
    let step = FILL.max(keys / FILL_STEPS);
    let steps = (0..keys).step_by(step as usize).map(move |from| from..keys.min(from + step));
    steps.map(|numbers| numbers.map(|number| (key(number), value(number))).collect())
}

/// The tree of a state of so many keys.
pub(crate) fn tree(keys: u64) -> StateTree {
    filling(keys).fold(StateTree::default(), |tree, pairs| after(&tree, &layer(&pairs)))
}

/// The tree after these writes. All of it is in memory, so nothing is read that could fail.
#[allow(clippy::expect_used)]
pub(crate) fn after(tree: &StateTree, layer: &Layer) -> StateTree {
    tree.update(layer).expect("nothing is read")
}

/// Half of them are in a state of `keys`, half are new.
pub(crate) fn batch(round: u64, keys: u64) -> Pairs {
    let number = |at: u64| match at % 2 {
        0 => mix(round << 32 | at) % keys,
        _ => keys + round * BATCH + at,
    };
    let pairs: BTreeMap<_, _> =
        (0..BATCH).map(|at| (key(number(at)), value(round << 32 | at))).collect();
    pairs.into_iter().collect()
}

pub(crate) fn layer(pairs: &Pairs) -> Layer {
    let write =
        |(key, value): &([u8; 32], [u8; 64])| (Arc::from(&key[..]), Some(Arc::from(&value[..])));
    Layer { writes: pairs.iter().map(write).collect() }
}

pub(crate) fn key(number: u64) -> [u8; 32] {
    *blake3::hash(&number.to_le_bytes()).as_bytes()
}

pub(crate) fn value(number: u64) -> [u8; 64] {
    let mut value = [0; 64];
    blake3::Hasher::new().update(&number.to_be_bytes()).finalize_xof().fill(&mut value);
    value
}

/// SplitMix64's last step.
pub(crate) fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
