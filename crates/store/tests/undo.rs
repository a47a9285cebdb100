//! Flushes taken back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{
    Block, Pairs, append_all, first, flush, keep, layer, line, on_both, open, pairs, record,
};
use isonomy_chain::{Archive, Tip};
use isonomy_consensus::Trail;
use isonomy_ledger::{Layer, Receipt};
use isonomy_store::{Store, UNDO_BLOCKS};
use isonomy_types::Entry;
use std::sync::Arc;

/// All that depends on the tip, and none of what does not.
#[derive(Clone, PartialEq, Debug)]
struct Shown {
    tip: Tip,
    below: Vec<Trail>,
    state: Pairs,
    entries: Vec<(Option<Entry>, Option<Entry>)>,
    transactions: Vec<Option<(isonomy_crypto::Hash, u32)>>,
    receipts: Vec<Option<Vec<Receipt>>>,
    headers: Vec<Entry>,
}

fn show(store: &mut dyn Store, blocks: &[Block]) -> Shown {
    let (recovered, archive) = (store.recover().unwrap(), store.archive());
    let entries = |block: &Block| {
        let by_height = archive.entry_at(block.trail.height).unwrap();
        (by_height, archive.entry(&block.id()).unwrap())
    };
    let transactions = blocks.iter().flat_map(Block::transactions);
    Shown {
        tip: recovered.tip,
        below: recovered.below,
        state: pairs(&*recovered.view),
        entries: blocks.iter().map(entries).collect(),
        transactions: transactions.map(|id| archive.transaction(&id).unwrap()).collect(),
        receipts: blocks.iter().map(|block| archive.receipts(&block.id()).unwrap()).collect(),
        headers: archive.headers(&[first().id()], usize::MAX, usize::MAX).unwrap(),
    }
}

/// Writes keys of the last height, over and over, so that undo restores, removes and brings back.
fn step(blocks: &[Block]) -> isonomy_chain::Flush {
    let height = blocks.last().unwrap().trail.height as u8;
    let value = [height; 3];
    let removed = [height - 1];
    flush(blocks, layer(&[(b"last", Some(&value)), (&[height], Some(b"new")), (&removed, None)]))
}

#[test]
fn attack_26_undo_restores_state_and_indexes() {
    on_both(|store| {
        let blocks = line(&first(), 9, 1);
        append_all(store, &blocks).unwrap();
        let mut shown = vec![(0, show(store, &blocks))];
        for range in [0..1, 1..4, 4..5, 5..9] {
            keep(store, &step(&blocks[range.clone()])).unwrap();
            shown.push((range.end as u64, show(store, &blocks)));
        }
        // Each flush is taken back whole: a height within one leads to the tip before it.
        for (height, expected) in [(9, 4), (8, 3), (5, 3), (3, 1), (0, 0)] {
            assert!(store.unwind(height).unwrap());
            assert_eq!(show(store, &blocks), shown[expected].1, "to {height}");
            assert_eq!(show(store, &blocks).tip.header.height, shown[expected].0);
        }
        // And forward again, on another branch.
        let other = line(&first(), 3, 2);
        append_all(store, &other).unwrap();
        keep(store, &step(&other)).unwrap();
        assert_eq!(store.recover().unwrap().tip.trail, other[2].trail);
        assert_eq!(store.archive().entry(&blocks[0].id()).unwrap(), None);
        for block in blocks.iter().chain(&other) {
            assert_eq!(store.archive().body(&block.id()).unwrap().as_ref(), Some(&block.body));
        }
    });
}

/// More former values than a row of the database takes, of lengths around a row's, and keys that
/// look like lengths.
#[test]
fn many_values_of_every_length_are_undone() {
    let key = |number: u32| Arc::<[u8]>::from([&number.to_le_bytes()[..], &[0; 30]].concat());
    let lengths = [1, 40, 63 * 1_024 - 60, 63 * 1_024 - 48, 63 * 1_024, 64 * 1_024, 131_072];
    let long = |number: u32| lengths[number as usize % lengths.len()];
    let first_value = |number: u32| match number {
        ..70 => Some(Arc::from(vec![number as u8; long(number)])),
        _ if number.is_multiple_of(5) => None,
        _ => Some(Arc::from([number as u8; 40])),
    };
    let next_value = |number: u32| (!number.is_multiple_of(3)).then(|| Arc::from([7; 8]));
    on_both(|store| {
        let blocks = line(&first(), 2, 1);
        for (block, value) in blocks.iter().zip([&first_value as &dyn Fn(u32) -> _, &next_value]) {
            let writes = (0..5_000).map(|number| (key(number), value(number))).collect();
            keep(store, &flush(std::slice::from_ref(block), Layer { writes })).unwrap();
        }
        let shown = pairs(&*store.recover().unwrap().view);
        assert_eq!(shown.len(), 1 + (0..5_000).filter_map(next_value).count());
        assert!(store.unwind(1).unwrap());
        let shown = pairs(&*store.recover().unwrap().view);
        assert_eq!(shown.len(), 1 + (0..5_000).filter_map(first_value).count());
        for number in 0..5_000 {
            assert!(shown.get(&*key(number)).map(|v| &v[..]) == first_value(number).as_deref());
        }
        assert!(store.unwind(0).unwrap());
        assert_eq!(pairs(&*store.recover().unwrap().view), pairs_of_genesis());
    });
}

fn pairs_of_genesis() -> Pairs {
    Pairs::from([(b"genesis".to_vec(), b"state".to_vec())])
}

#[test]
fn a_view_of_what_is_taken_back_stays() {
    on_both(|store| {
        let blocks = line(&first(), 2, 1);
        let view = keep(store, &step(&blocks)).unwrap();
        let shown = pairs(&*view);
        assert!(store.unwind(0).unwrap());
        assert_eq!(pairs(&*view), shown);
    });
}

#[test]
fn the_log_goes_with_what_it_stood_on() {
    let blocks = line(&first(), 4, 1);
    let fill = |store: &mut dyn Store| {
        append_all(store, &blocks).unwrap();
        store.append(&[record(4, b"vote")]).unwrap();
        keep(store, &step(&blocks[..2])).unwrap();
    };
    on_both(|store| {
        fill(store);
        let log = store.recover().unwrap().log;
        assert!(store.unwind(2).unwrap(), "at or below already");
        assert_eq!(store.recover().unwrap().log, log);
        assert!(store.unwind(0).unwrap());
        assert_eq!(store.recover().unwrap().log, []);
        let body = |block: &Block| store.archive().body(&block.id()).unwrap();
        assert!(blocks.iter().all(|block| body(block).as_ref() == Some(&block.body)));
    });
    // Nor does it return, though what the first flush moved was in the same segment as the rest.
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    fill(&mut disk);
    assert!(disk.unwind(0).unwrap());
    drop(disk);
    assert_eq!(open(dir.path()).recover().unwrap().log, []);
}

#[test]
fn undo_reaches_so_far_and_no_further() {
    let depth = UNDO_BLOCKS;
    for (count, reaches) in [(depth, true), (depth + 1, false)] {
        on_both(|store| {
            let blocks = line(&first(), count, 1);
            for half in [&blocks[..1], &blocks[1..]] {
                keep(store, &flush(half, Layer::default())).unwrap();
            }
            let before = show(store, &blocks[..1]);
            assert_eq!(store.unwind(0).unwrap(), reaches);
            let after = store.recover().unwrap();
            let height = if reaches { 0 } else { count };
            assert_eq!(after.tip.header.height, height);
            assert_eq!(show(store, &blocks[..1]) == before, !reaches, "refused, so unchanged");
        });
    }
}

#[test]
fn genesis_cannot_be_taken_back() {
    on_both(|store| {
        assert!(store.unwind(0).unwrap());
        assert!(store.unwind(7).unwrap(), "at or below already");
        assert_eq!(store.recover().unwrap().tip.header.height, 0);
    });
}

#[test]
fn what_is_taken_back_stays_so_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = line(&first(), 4, 1);
    let mut disk = open(dir.path());
    append_all(&mut disk, &blocks).unwrap();
    keep(&mut disk, &step(&blocks[..2])).unwrap();
    let shown = show(&mut disk, &blocks);
    keep(&mut disk, &step(&blocks[2..])).unwrap();
    assert!(disk.unwind(2).unwrap());
    drop(disk);
    let mut disk = open(dir.path());
    assert_eq!(show(&mut disk, &blocks), shown);
    keep(&mut disk, &step(&blocks[2..])).unwrap();
    let archive: std::sync::Arc<dyn Archive> = disk.archive();
    assert_eq!(archive.entry_at(4).unwrap().as_ref(), Some(&blocks[3].entry));
}
