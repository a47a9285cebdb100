//! What a restart finds in the log, on both backends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{
    append_all, certificate, first, flush, flush_marked, genesis, keep, layer, line, on_both,
};
use common::{open, pairs, record};
use isonomy_chain::Append;
use isonomy_consensus::BELOW_MAX;
use isonomy_crypto::Hash;
use isonomy_store::Store;

fn prove(id: Hash) -> Append {
    Append::Certificate { id, certificate: certificate(1) }
}

#[test]
fn a_new_store_recovers_genesis() {
    on_both(|store| {
        let recovered = store.recover().unwrap();
        assert_eq!(recovered.tip, genesis().tip);
        assert_eq!(recovered.below, Vec::new());
        assert_eq!(recovered.log, Vec::new());
        assert_eq!(pairs(&*recovered.view).len(), 1);
    });
}

#[test]
fn what_was_appended_comes_back_in_order() {
    on_both(|store| {
        let blocks = line(&first(), 2, 1);
        let appended =
            [record(1, b"vote"), blocks[0].append(), prove(blocks[0].id()), blocks[1].append()];
        store.append(&appended[..1]).unwrap();
        store.append(&[]).unwrap();
        store.append(&appended[1..]).unwrap();
        assert_eq!(store.recover().unwrap().log, appended);
        assert_eq!(store.recover().unwrap().log, appended, "reading changes nothing");
    });
}

#[test]
fn a_flush_prunes_what_is_at_its_height_or_below() {
    on_both(|store| {
        let (kept, lost) = (line(&first(), 4, 1), line(&first(), 3, 2));
        let early = prove(kept[3].id());
        let table = [
            (true, record(3, b"above")),
            (false, record(2, b"at the height")),
            (false, record(0, b"below")),
            (false, early),
            (false, kept[0].append()),
            (false, kept[1].append()),
            (true, kept[2].append()),
            (false, prove(kept[1].id())),
            (true, prove(kept[2].id())),
            (true, kept[3].append()),
            (true, prove(kept[3].id())),
            (false, lost[0].append()),
            (false, prove(lost[0].id())),
            (true, lost[2].append()),
            (true, prove(lost[2].id())),
            (true, record(u64::MAX, b"never")),
        ];
        let all: Vec<_> = table.iter().map(|(_, append)| append.clone()).collect();
        store.append(&all).unwrap();
        keep(store, &flush_marked(&kept[..2])).unwrap();
        let stays = table.iter().filter(|(stays, _)| *stays).map(|(_, append)| append.clone());
        assert_eq!(store.recover().unwrap().log, stays.collect::<Vec<_>>());
    });
}

#[test]
fn what_comes_after_a_flush_waits_for_the_next() {
    on_both(|store| {
        let blocks = line(&first(), 2, 1);
        append_all(store, &blocks[..1]).unwrap();
        keep(store, &flush_marked(&blocks[..1])).unwrap();
        let late = [record(1, b"late"), prove(blocks[0].id()), blocks[1].append()];
        store.append(&late).unwrap();
        assert_eq!(store.recover().unwrap().log, late);
        keep(store, &flush_marked(&blocks[1..])).unwrap();
        assert_eq!(store.recover().unwrap().log, Vec::new());
    });
}

#[test]
fn a_flush_that_does_not_stand_on_the_tip_changes_nothing() {
    on_both(|store| {
        let (blocks, other) = (line(&first(), 3, 1), line(&first(), 3, 2));
        append_all(store, &blocks).unwrap();
        keep(store, &flush_marked(&blocks[..1])).unwrap();
        let mixed = [blocks[1].clone(), other[2].clone()];
        let mut no_blocks = flush_marked(&blocks[1..]);
        no_blocks.blocks.clear();
        let mut other_tip = flush_marked(&blocks[1..]);
        other_tip.tip = flush_marked(&other).tip;
        let table = [
            ("the same again", flush_marked(&blocks[..1])),
            ("a gap", flush_marked(&blocks[2..])),
            ("another branch", flush_marked(&other[1..])),
            ("a jump between branches", flush_marked(&mixed)),
            ("no blocks", no_blocks),
            ("blocks that lead elsewhere", other_tip),
        ];
        let before = store.recover().unwrap();
        for (what, flush) in table {
            assert!(keep(store, &flush).is_err(), "{what}");
            let after = store.recover().unwrap();
            assert_eq!((&after.tip, &after.log), (&before.tip, &before.log), "{what}");
            assert_eq!(pairs(&*after.view), pairs(&*before.view), "{what}");
        }
        keep(store, &flush_marked(&blocks[1..])).unwrap();
    });
}

#[test]
fn headers_below_the_tip_come_back_up_to_their_limit() {
    on_both(|store| {
        let blocks = line(&first(), BELOW_MAX as u64 + 3, 1);
        keep(store, &flush(&blocks[..2], layer(&[]))).unwrap();
        let below: Vec<_> = store.recover().unwrap().below.iter().map(|t| t.height).collect();
        assert_eq!(below, [0, 1]);
        keep(store, &flush(&blocks[2..], layer(&[]))).unwrap();
        let below = store.recover().unwrap().below;
        let expected: Vec<_> = blocks[2..BELOW_MAX + 2].iter().map(|b| b.trail.clone()).collect();
        assert_eq!(below, expected);
    });
}

#[test]
fn a_clone_of_memory_is_a_medium_of_its_own() {
    let mut memory = isonomy_store::Memory::new(&genesis());
    let blocks = line(&first(), 2, 1);
    append_all(&mut memory, &blocks).unwrap();
    let mut copy = memory.clone();
    keep(&mut memory, &flush_marked(&blocks)).unwrap();
    assert_eq!(copy.recover().unwrap().tip, genesis().tip);
    assert_eq!(copy.recover().unwrap().log.len(), 2);
    assert_eq!(copy.archive().entry(&blocks[0].id()).unwrap(), None);
    copy.append(&[record(9, b"only here")]).unwrap();
    assert_eq!(memory.recover().unwrap().log, Vec::new());
}

#[test]
fn a_long_log_is_cut_into_segments_and_freed_with_them() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    let mut blocks = vec![first()];
    for salt in 0..30 {
        let body = common::body(salt, &[65_536; 16]);
        blocks.push(blocks.last().unwrap().child_with(salt, body));
        append_all(&mut disk, &blocks[blocks.len() - 1..]).unwrap();
    }
    let logs = || common::files(dir.path()).into_keys().filter(|n| n.starts_with("log.")).count();
    assert_eq!(logs(), 2, "30 blocks of 1 MiB, 16 MiB a segment");
    let log: Vec<_> = blocks[1..].iter().map(common::Block::append).collect();
    assert_eq!(disk.recover().unwrap().log, log);
    drop(disk);
    let mut disk = open(dir.path());
    assert_eq!(disk.recover().unwrap().log, log);
    keep(&mut disk, &flush_marked(&blocks[1..=20])).unwrap();
    assert_eq!(logs(), 2, "the full segment went, an empty one came");
    assert_eq!(disk.recover().unwrap().log, log[20..]);
    keep(&mut disk, &flush_marked(&blocks[21..])).unwrap();
    assert_eq!(logs(), 1);
    assert_eq!(disk.recover().unwrap().log, Vec::new());
    let archive = disk.archive();
    for block in &blocks[1..] {
        assert_eq!(archive.body(&block.id()).unwrap().as_ref(), Some(&block.body));
    }
}
