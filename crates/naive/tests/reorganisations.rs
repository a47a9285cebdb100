//! What a reorganisation leaves behind: nothing, in memory or on disk.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::mutant::Mutant;
use common::pair::Pair;
use isonomy_chain::Flush;
use isonomy_crypto::Hash;
use isonomy_ledger::{Order, Span};
use isonomy_store::{Disk, Store};
use std::collections::BTreeMap;

type Bytes = Vec<(Vec<u8>, Vec<u8>)>;

fn bytes(pair: &Pair, id: &Hash) -> Bytes {
    let view = pair.chain.view(id).unwrap();
    let pairs = view.scan(&Span::all(), Order::Up).map(Result::unwrap);
    pairs.map(|(key, value)| (key.to_vec(), value.to_vec())).collect()
}

/// Whether both indexes of the harbour hold something.
fn indexed(bytes: &Bytes) -> bool {
    [[0, 8, 2], [0, 8, 4]].iter().all(|index| bytes.iter().any(|(key, _)| key.starts_with(index)))
}

/// Two branches grow in turns from one block; best goes back and forth. Each state stays what it was
/// when it was made, byte for byte, indexes included.
#[test]
fn attack_26_a_reorganisation_leaves_state_behind() {
    let mut pair = Pair::new(Mutant::None);
    let mut draw = Draw::new(26);
    let root = (0..5).fold(pair.chain.genesis(), |tip, _| pair.grow(&mut draw, tip).unwrap());
    let (mut tips, mut made) = ([root, root], BTreeMap::from([(root, bytes(&pair, &root))]));
    for round in 0..24 {
        let tip = &mut tips[round % 2];
        *tip = pair.grow(&mut draw, *tip).unwrap();
        made.insert(*tip, bytes(&pair, tip));
        pair.adopt(*tip).unwrap();
        for (id, state) in &made {
            assert_eq!(bytes(&pair, id), *state);
        }
    }
    assert_ne!(made[&tips[0]], made[&tips[1]]);
    assert!(
        made.values().filter(|state| indexed(state)).count() > 12,
        "hardly anything is indexed"
    );
    assert!(pair.counts["reorganisations"] > 20);
}

/// The same where the base goes up and down on a disk, whose undo is made of values replaced.
#[test]
fn attack_26_undo_on_disk_leaves_state_behind() {
    let mut counts = common::Counts::new();
    for seed in 0..24 {
        let parent = tempfile::tempdir().unwrap();
        let open = |genesis: &Flush| -> Box<dyn Store> {
            Box::new(Disk::open(&parent.path().join("data"), genesis).unwrap())
        };
        let mut pair = Pair::on(Mutant::None, open);
        let mut draw = Draw::new(seed);
        for _ in 0..40 {
            pair.step(&mut draw).unwrap_or_else(|what| panic!("history {seed}: {what}"));
        }
        for (name, count) in &pair.counts {
            *counts.entry(name.clone()).or_default() += count;
        }
    }
    for (name, least) in [("undone", 4), ("flushes", 10), ("reorganisations", 10), ("blocks", 100)]
    {
        assert!(counts[name] >= least, "{name} in {counts:#?}");
    }
}
