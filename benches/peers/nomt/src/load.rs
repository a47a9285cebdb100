//! What both sides write: the same keys and values in the same order.
use std::collections::BTreeMap;

/// Keys of the state.
pub(crate) const KEYS: u64 = 1_000_000;
/// Keys that a block updates.
const BATCH: u64 = 10_000;
/// Keys that a block writes while the state is filled: most of the largest body.
const FILL: u64 = 50_000;
/// Blocks that fill the state.
pub(crate) const FILLING: u64 = KEYS / FILL;

pub(crate) type Key = [u8; 32];
pub(crate) type Value = [u8; 40];
pub(crate) type Pairs = BTreeMap<Key, Value>;

/// What the block of this height writes: first each key once, then random ones.
pub(crate) fn batch(height: u64) -> Pairs {
    let pair = |number, round| (key(number), value(round));
    match height {
        0 => Pairs::new(),
        1..=FILLING => ((height - 1) * FILL..height * FILL).map(|at| pair(at, at)).collect(),
        _ => {
            let seed = |at| height << 32 | at;
            (0..BATCH).map(|at| pair(mix(seed(at)) % KEYS, seed(at))).collect()
        }
    }
}

fn key(number: u64) -> Key {
    *blake3::hash(&number.to_le_bytes()).as_bytes()
}

fn value(number: u64) -> Value {
    let mut value = [0; 40];
    blake3::Hasher::new().update(&number.to_be_bytes()).finalize_xof().fill(&mut value);
    value
}

/// SplitMix64's last step.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
