//! Update a large state beside jmt, and print both costs as JSON.
mod peer;

use isonomy_benches::measure::{cpu_ns, of};
use isonomy_ledger::{Layer, StateTree};
use peer::Peer;
use std::collections::BTreeMap;
use std::sync::Arc;

const KEYS: u64 = 1_000_000;
const BATCH: u64 = 10_000;
const ROUNDS: u64 = 15;
/// Keys of one step while the state is filled.
const FILL: u64 = 50_000;

type Pairs = Vec<([u8; 32], [u8; 64])>;

fn main() -> anyhow::Result<()> {
    let (mut ours, mut peer) = (StateTree::default(), Peer::default());
    for from in (0..KEYS).step_by(FILL as usize) {
        let pairs = (from..from + FILL).map(|number| (key(number), value(number))).collect();
        ours = ours.update(&layer(&pairs));
        peer.update(pairs)?;
    }
    let mut rounds = Vec::new();
    for round in 0..ROUNDS {
        let pairs = batch(round);
        let layer = layer(&pairs);
        let our_ns = cpu_ns(|| {
            ours = ours.update(&layer);
            std::hint::black_box(ours.root());
        });
        let mut updated = Ok(());
        let peer_ns = cpu_ns(|| updated = peer.update(pairs));
        updated?;
        rounds.push((our_ns, peer_ns));
    }
    let cost = of(rounds);
    let (ours_ns, beside_ns, ratio) = (cost.ours_ns, cost.beside_ns, cost.ratio);
    let line = serde_json::json!({ "ours_ns": ours_ns, "beside_ns": beside_ns, "ratio": ratio });
    println!("{line}");
    Ok(())
}

/// Half of them are in the state, half are new.
fn batch(round: u64) -> Pairs {
    let number = |at: u64| match at % 2 {
        0 => mix(round << 32 | at) % KEYS,
        _ => KEYS + round * BATCH + at,
    };
    let pairs: BTreeMap<_, _> =
        (0..BATCH).map(|at| (key(number(at)), value(round << 32 | at))).collect();
    pairs.into_iter().collect()
}

fn layer(pairs: &Pairs) -> Layer {
    let write =
        |(key, value): &([u8; 32], [u8; 64])| (Arc::from(&key[..]), Some(Arc::from(&value[..])));
    Layer { writes: pairs.iter().map(write).collect() }
}

fn key(number: u64) -> [u8; 32] {
    *blake3::hash(&number.to_le_bytes()).as_bytes()
}

fn value(number: u64) -> [u8; 64] {
    let mut value = [0; 64];
    blake3::Hasher::new().update(&number.to_be_bytes()).finalize_xof().fill(&mut value);
    value
}

/// SplitMix64's last step.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
