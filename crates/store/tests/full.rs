//! A full disk, as a limit on the size of files: the system cuts writes off in their middle, here in
//! the making of a directory, in an append and in a flush. Nothing acknowledged is lost, and the
//! directory opens again once there is room.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Block, append_all, body, first, flush, genesis, keep, layer, open, pairs};
use isonomy_chain::Append;
use isonomy_store::{Disk, Store};
use std::path::Path;
use std::process::Command;

const DIR: &str = "ISONOMY_STORE_FULL_DIR";
const FLUSHES: &str = "ISONOMY_STORE_FULL_FLUSHES";
/// Blocks that do not fit the limit, in the log or in the state.
const BLOCKS: u64 = 60;

fn blocks() -> Vec<Block> {
    let mut blocks = vec![first()];
    for height in 1..=BLOCKS {
        blocks.push(blocks.last().unwrap().child_with(1, body(height, &[30_000; 4])));
    }
    blocks
}

fn flush_one(block: &Block) -> isonomy_chain::Flush {
    let key = block.trail.height.to_be_bytes();
    flush(std::slice::from_ref(block), layer(&[(&key, Some(&[7; 100_000])), (b"tip", Some(&key))]))
}

/// Run by the tests below, in a process whose files may not grow past a limit.
#[test]
fn child_fills_the_disk() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let mut disk = match Disk::open(Path::new(&dir), &genesis()) {
        Ok(disk) => disk,
        Err(error) => return println!("\nopen {error}"),
    };
    for block in &blocks()[1..] {
        if let Err(failed) = append_all(&mut disk, std::slice::from_ref(block)) {
            return println!("\nappend {}", failed.why);
        }
        println!("\nappended {}", block.trail.height);
        if std::env::var_os(FLUSHES).is_some() {
            if let Err(failed) = keep(&mut disk, &flush_one(block)) {
                return println!("\nflush {}", failed.why);
            }
            println!("\nflushed {}", block.trail.height);
        }
    }
}

/// What the child said: how far it was acknowledged, and why it ended.
struct Said {
    appended: u64,
    flushed: u64,
    ended: String,
}

fn fill(dir: &Path, blocks_of_512: u32, flushes: bool) -> Said {
    // Ignored signals stay ignored: without SIGXFSZ the write fails instead of the process.
    let script = format!("trap '' XFSZ; ulimit -f {blocks_of_512}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "child_fills_the_disk", "--nocapture"]).env(DIR, dir);
    if flushes {
        command.env(FLUSHES, "1");
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut said = Said { appended: 0, flushed: 0, ended: String::new() };
    for line in text.lines() {
        match line.split_once(' ') {
            Some(("appended", number)) => said.appended = number.parse().unwrap(),
            Some(("flushed", number)) => said.flushed = number.parse().unwrap(),
            Some(("open" | "append" | "flush", _)) => said.ended = line.to_owned(),
            _ => {}
        }
    }
    let why = &said.ended;
    assert!(why.contains("Free some room, then start again"), "{why:?}, {text}");
    said
}

/// All that was acknowledged is there, and the store goes on from it.
fn goes_on(dir: &Path, said: &Said) {
    let (mut disk, blocks) = (open(dir), blocks());
    let recovered = disk.recover().unwrap();
    let tip = recovered.tip.header.height;
    assert!(tip >= said.flushed, "{tip}");
    let state = pairs(&*recovered.view);
    assert_eq!(state.contains_key(&b"tip"[..]), tip > 0);
    assert_eq!(state.len() as u64, if tip == 0 { 1 } else { tip + 2 });
    let height = |append: &Append| match append {
        Append::Block { entry, .. } => entry.header.height,
        _ => panic!("nothing else was appended"),
    };
    let logged: Vec<u64> = recovered.log.iter().map(height).collect();
    let top = logged.last().copied().unwrap_or(tip);
    assert_eq!(logged, (tip + 1..=top).collect::<Vec<_>>());
    assert!(top == said.appended || top == said.appended + 1, "{top}, {}", said.appended);
    for block in &blocks[1..=top as usize] {
        assert_eq!(disk.archive().body(&block.id()).unwrap().as_ref(), Some(&block.body));
    }
    append_all(&mut disk, &blocks[top as usize + 1..]).unwrap();
    for block in &blocks[tip as usize + 1..] {
        keep(&mut disk, &flush_one(block)).unwrap();
    }
    assert_eq!(disk.recover().unwrap().tip.header.height, BLOCKS);
}

#[test]
fn a_disk_full_while_a_directory_is_made() {
    for limit in [0, 1, 8, 64] {
        let dir = tempfile::tempdir().unwrap();
        let said = fill(dir.path(), limit, false);
        assert!(said.ended.starts_with("open "), "{}", said.ended);
        goes_on(dir.path(), &said);
    }
}

#[test]
fn a_disk_full_in_an_append() {
    // Not a multiple of a frame, so that some are cut off in their middle.
    for limit in [3_000, 3_101, 3_333] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let said = fill(dir.path(), limit, false);
        assert!(said.ended.starts_with("append ") && said.appended > 2, "{}", said.ended);
        goes_on(dir.path(), &said);
    }
}

#[test]
fn a_disk_full_in_a_flush() {
    for limit in [4_200, 6_001, 8_500] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()));
        let said = fill(dir.path(), limit, true);
        assert!(said.ended.starts_with("flush ") && said.appended > 2, "{}", said.ended);
        goes_on(dir.path(), &said);
    }
}
