//! How long writes take on this machine: `cargo test --release --test timing -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
#![allow(clippy::disallowed_methods, clippy::print_stdout)]
mod common;

use common::{Block, append_all, body, first, flush, keep, open};
use isonomy_ledger::Layer;
use isonomy_store::{Disk, Store};
use isonomy_types::Encode;
use std::sync::Arc;
use std::time::Instant;

/// Blocks of about 100 KiB: 400 transactions of 256 bytes, which write 800 values of 40 bytes.
fn blocks(count: u64) -> Vec<Block> {
    let mut blocks = vec![first()];
    for salt in 0..count {
        let body = body(salt, &[130; 400]);
        blocks.push(blocks.last().unwrap().child_with(salt, body));
    }
    blocks.split_off(1)
}

fn writes(blocks: &[Block]) -> Layer {
    let mut layer = Layer::default();
    for (block, index) in blocks.iter().flat_map(|block| (0..800u64).map(move |n| (block, n))) {
        let key = common::hash(block.trail.height * 10_000 + index);
        layer.writes.insert(Arc::from(&key.as_bytes()[..]), Some(Arc::from([7; 40])));
    }
    layer
}

fn timed<T>(what: &str, act: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = act();
    println!("{what}: {:.1?}", start.elapsed());
    done
}

fn one_by_one(disk: &mut Disk, blocks: &[Block]) {
    for block in blocks {
        append_all(disk, std::slice::from_ref(block)).unwrap();
    }
}

#[test]
#[ignore = "prints times, asserts nothing"]
fn appends_and_flushes() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = blocks(303);
    println!("a body has {} bytes", blocks[0].body.encoded_len());
    let mut disk = timed("make a directory", || open(dir.path()));
    timed("append 1 block", || append_all(&mut disk, &blocks[..1]).unwrap());
    timed("append 100 blocks, one by one", || one_by_one(&mut disk, &blocks[1..101]));
    timed("append 100 blocks at once", || append_all(&mut disk, &blocks[101..201]).unwrap());
    one_by_one(&mut disk, &blocks[201..]);
    drop(disk);
    let mut disk = timed("open with 303 blocks in the log", || open(dir.path()));
    timed("recover them", || drop(disk.recover().unwrap()));
    for range in [0..1, 1..101, 101..201, 201..202, 202..302, 302..303] {
        let flush = flush(&blocks[range.clone()], writes(&blocks[range.clone()]));
        timed(&format!("flush {} blocks", range.len()), || keep(&mut disk, &flush).unwrap());
    }
    timed("unwind 102 blocks", || assert!(disk.unwind(200).unwrap()));
    timed("close", || drop(disk));
    drop(timed("open", || open(dir.path())));
}
