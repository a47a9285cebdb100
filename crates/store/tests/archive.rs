//! What left the machine's memory, asked of both backends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Block, append_all, body, first, flush_marked, hash, keep, line, on_both};
use isonomy_chain::Archive;
use isonomy_crypto::Hash;
use isonomy_store::Store;
use isonomy_types::Encode;

/// Genesis and nine blocks, flushed in two steps, and one more in the log.
fn ten(store: &mut dyn Store) -> Vec<Block> {
    let mut blocks = vec![first()];
    blocks.extend(line(&first(), 10, 1));
    append_all(store, &blocks[1..]).unwrap();
    keep(store, &flush_marked(&blocks[1..4])).unwrap();
    keep(store, &flush_marked(&blocks[4..10])).unwrap();
    blocks
}

#[test]
fn a_new_store_knows_genesis_and_nothing_else() {
    on_both(|store| {
        let (archive, genesis) = (store.archive(), first());
        assert_eq!(archive.entry_at(0).unwrap(), Some(genesis.entry.clone()));
        assert_eq!(archive.entry(&genesis.id()).unwrap(), Some(genesis.entry.clone()));
        assert_eq!(archive.receipts(&genesis.id()).unwrap(), Some(Vec::new()));
        assert_eq!(archive.body(&genesis.id()).unwrap(), None);
        assert_eq!(archive.headers(&[genesis.id()], usize::MAX, 9).unwrap(), Vec::new());
        assert_eq!(archive.entry_at(1).unwrap(), None);
        assert_eq!(archive.entry(&hash(1)).unwrap(), None);
        assert_eq!(archive.body(&hash(1)).unwrap(), None);
        assert_eq!(archive.receipts(&hash(1)).unwrap(), None);
        assert_eq!(archive.transaction(&hash(1)).unwrap(), None);
    });
}

#[test]
fn every_flushed_block_is_found_by_height_id_and_transaction() {
    on_both(|store| {
        let blocks = ten(store);
        let archive = store.archive();
        for (height, block) in (0..10).zip(&blocks) {
            assert_eq!(archive.entry_at(height).unwrap().as_ref(), Some(&block.entry));
            assert_eq!(archive.entry(&block.id()).unwrap().as_ref(), Some(&block.entry));
            assert_eq!(archive.receipts(&block.id()).unwrap(), Some(block.receipts()));
            for (id, index) in block.transactions().iter().zip(0..) {
                assert_eq!(archive.transaction(id).unwrap(), Some((block.id(), index)));
            }
        }
    });
}

#[test]
fn a_block_of_the_log_shows_its_body_alone() {
    on_both(|store| {
        let waiting = ten(store).pop().unwrap();
        let archive = store.archive();
        assert_eq!(archive.body(&waiting.id()).unwrap(), Some(waiting.body.clone()));
        assert_eq!(archive.entry_at(10).unwrap(), None);
        assert_eq!(archive.entry(&waiting.id()).unwrap(), None);
        assert_eq!(archive.receipts(&waiting.id()).unwrap(), None);
        assert_eq!(archive.transaction(&waiting.transactions()[0]).unwrap(), None);
    });
}

#[test]
fn bodies_stay_from_the_log_on_and_those_of_lost_branches_too() {
    on_both(|store| {
        let (kept, lost) = (line(&first(), 4, 1), line(&first(), 3, 2));
        let archive = store.archive();
        append_all(store, &kept).unwrap();
        append_all(store, &lost).unwrap();
        for upto in 0..=kept.len() {
            for block in kept.iter().chain(&lost) {
                let found = archive.body(&block.id()).unwrap();
                assert_eq!(found.as_ref(), Some(&block.body), "flushed up to {upto}");
            }
            if let Some(next) = kept.get(upto) {
                keep(store, &flush_marked(std::slice::from_ref(next))).unwrap();
            }
        }
    });
}

#[test]
fn headers_follow_the_first_id_that_is_flushed() {
    on_both(|store| {
        let blocks = ten(store);
        let stray = line(&first(), 2, 9);
        append_all(store, &stray).unwrap();
        let archive = store.archive();
        let id = |height: usize| blocks[height].id();
        let bytes = |heights: std::ops::Range<usize>| {
            blocks[heights].iter().map(|block| block.entry.encoded_len()).sum::<usize>()
        };
        let all = usize::MAX;
        type Case = (&'static str, Vec<Hash>, usize, usize, std::ops::Range<usize>);
        let table: [Case; 13] = [
            ("no locator", vec![], all, 99, 0..0),
            ("none known", vec![hash(1), hash(2)], all, 99, 0..0),
            ("from genesis", vec![id(0)], all, 99, 1..10),
            ("first known wins", vec![hash(1), id(7), id(2)], all, 99, 8..10),
            ("first wins, even if lower", vec![id(2), id(7)], all, 99, 3..10),
            ("the tip", vec![id(9)], all, 99, 0..0),
            ("in the log is not flushed", vec![id(10), id(8)], all, 99, 9..10),
            ("a stray block is not flushed", vec![stray[1].id(), id(8)], all, 99, 9..10),
            ("count", vec![id(0)], all, 4, 1..5),
            ("no count", vec![id(0)], all, 0, 0..0),
            ("bytes, to the byte", vec![id(3)], bytes(4..7), 99, 4..7),
            ("bytes, one short", vec![id(3)], bytes(4..7) - 1, 99, 4..6),
            ("not even one", vec![id(3)], bytes(4..5) - 1, 99, 0..0),
        ];
        for (what, locator, limit_bytes, limit, expected) in table {
            let got = archive.headers(&locator, limit_bytes, limit).unwrap();
            let expected: Vec<_> = blocks[expected].iter().map(|b| b.entry.clone()).collect();
            assert_eq!(got, expected, "{what}");
        }
    });
}

#[test]
fn a_batch_of_blocks_is_read_block_by_block() {
    on_both(|store| {
        let blocks: Vec<_> =
            (0..20).map(|salt| first().child_with(salt, body(salt, &[3]))).collect();
        append_all(store, &blocks).unwrap();
        let archive = store.archive();
        for block in blocks.iter().rev() {
            assert_eq!(archive.body(&block.id()).unwrap().as_ref(), Some(&block.body));
        }
    });
}

#[test]
fn an_archive_reads_while_the_writer_writes() {
    on_both(|store| {
        let blocks = line(&first(), 60, 1);
        append_all(store, &blocks).unwrap();
        let archives: Vec<_> = (0..2).map(|_| store.archive()).collect();
        std::thread::scope(|scope| {
            let readers: Vec<_> = archives
                .iter()
                .map(|archive| scope.spawn(|| read_until_flushed(archive.as_ref(), &blocks)))
                .collect();
            for block in &blocks {
                keep(store, &flush_marked(std::slice::from_ref(block))).unwrap();
            }
            for reader in readers {
                reader.join().unwrap();
            }
        });
    });
}

/// No body may be missed at any moment, and what is found together belongs together.
fn read_until_flushed(archive: &dyn Archive, blocks: &[Block]) {
    let last = blocks.last().unwrap();
    while archive.entry(&last.id()).unwrap().is_none() {
        for block in blocks {
            assert_eq!(archive.body(&block.id()).unwrap().as_ref(), Some(&block.body));
            let place = archive.transaction(&block.transactions()[1]).unwrap();
            assert!(place.is_none_or(|place| place == (block.id(), 1)));
        }
        let headers = archive.headers(&[first().id()], usize::MAX, usize::MAX).unwrap();
        let expected = blocks.iter().take(headers.len()).map(|block| block.entry.clone());
        assert_eq!(headers, expected.collect::<Vec<_>>());
    }
}
