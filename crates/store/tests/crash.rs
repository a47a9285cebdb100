//! Crashes: a process killed while it writes, and every order in which a flush's steps may be
//! found done.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{
    Block, append_all, files, first, flush_marked, keep, line, open, pairs, record, restore,
};
use isonomy_chain::Append;
use isonomy_store::{Disk, Store};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

const DIR: &str = "ISONOMY_STORE_CRASH_DIR";
/// Blocks that the child appends before it flushes the older half of them.
const ROUND: usize = 4;

/// The state, the tip and the log belong together: the state is that of the tip, and the log
/// leads on from it without a gap.
fn check(disk: &mut Disk, blocks: &[Block]) -> (u64, u64) {
    let recovered = disk.recover().unwrap();
    let tip = recovered.tip.header.height;
    let state = pairs(&*recovered.view);
    let marked = state.get(&b"tip"[..]).map(|height| height.as_slice().try_into().unwrap());
    assert_eq!(marked.map_or(0, u64::from_be_bytes), tip);
    let mut next = tip;
    for append in recovered.log {
        let Append::Block { entry, body } = append else { continue };
        next += 1;
        let expected = &blocks[next as usize - 1];
        assert_eq!((&*entry, &body), (&expected.entry, &expected.body));
    }
    let archive = disk.archive();
    for block in &blocks[..next as usize] {
        assert_eq!(archive.body(&block.id()).unwrap().as_ref(), Some(&block.body));
        let flushed = block.trail.height <= tip;
        assert_eq!(archive.entry(&block.id()).unwrap().is_some(), flushed);
    }
    (tip, next)
}

/// Run by the test below, in a process of its own, until it is killed.
#[test]
fn child_writes() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let (mut disk, blocks) = (open(Path::new(&dir)), line(&first(), 4_000, 1));
    let (tip, mut appended) = check(&mut disk, &blocks);
    let mut flushed = tip as usize;
    loop {
        let next = &blocks[appended as usize];
        append_all(&mut disk, std::slice::from_ref(next)).unwrap();
        disk.append(&[record(next.trail.height, b"vote")]).unwrap();
        appended += 1;
        println!("\nappended {appended}");
        if appended as usize >= flushed + ROUND {
            let upto = flushed + ROUND / 2;
            keep(&mut disk, &flush_marked(&blocks[flushed..upto])).unwrap();
            flushed = upto;
            println!("\nflushed {flushed}");
        }
    }
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let (dir, blocks) = (tempfile::tempdir().unwrap(), line(&first(), 4_000, 1));
    let (mut least_appended, mut least_flushed) = (0, 0);
    for life in 1..=6 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_writes", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = 0;
        for line in lines.map(Result::unwrap) {
            match line.split_once(' ') {
                Some(("appended", number)) => least_appended = number.parse().unwrap(),
                Some(("flushed", number)) => least_flushed = number.parse().unwrap(),
                _ => continue,
            }
            acknowledged += 1;
            if acknowledged == 7 * life {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acknowledged >= 7 * life, "the child stopped by itself");
        let (flushed, appended) = check(&mut open(dir.path()), &blocks);
        assert!(flushed >= least_flushed && appended >= least_appended, "life {life}");
        // At most the one that was under way when it was killed.
        assert!(appended <= least_appended + 1 && flushed <= least_flushed + ROUND as u64 / 2);
    }
    assert!(least_flushed > 20, "the test killed nothing of interest");
}

/// A copy of an open directory is what a crash at that moment leaves.
#[test]
fn a_crash_between_any_two_writes_loses_nothing() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let blocks = line(&first(), 9, 1);
    let mut disk = open(dir.path());
    let mut flushed = 0;
    for (height, block) in (1..).zip(&blocks) {
        append_all(&mut disk, std::slice::from_ref(block)).unwrap();
        if height % 3 == 0 {
            keep(&mut disk, &flush_marked(&blocks[flushed..height - 1])).unwrap();
            flushed = height - 1;
        }
        restore(copy.path(), &files(dir.path()));
        let found = check(&mut open(copy.path()), &blocks);
        assert_eq!(found, (flushed as u64, height as u64));
    }
}

/// The steps of one flush, and the files as a crash after each would leave them.
#[test]
fn a_flush_that_a_crash_cuts_short_is_whole_or_was_never_begun() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = line(&first(), 4, 1);
    let mut disk = open(dir.path());
    append_all(&mut disk, &blocks[..2]).unwrap();
    keep(&mut disk, &flush_marked(&blocks[..1])).unwrap();
    append_all(&mut disk, &blocks[2..]).unwrap();
    let before = files(dir.path());
    keep(&mut disk, &flush_marked(&blocks[1..])).unwrap();
    let after = files(dir.path());
    let (old, new) = (["log.0000000001", "log.0000000002"], "log.0000000003");
    assert!(old.iter().all(|name| before.contains_key(*name) && !after.contains_key(*name)));
    assert!(!before.contains_key(new) && after.contains_key(new));

    let mut begun = before.clone();
    begun.insert(new.into(), after[new][..9].to_vec());
    let mut made = before.clone();
    made.insert(new.into(), after[new].clone());
    let mut committed = made.clone();
    committed.insert("state.redb".into(), after["state.redb"].clone());
    let mut half_freed = committed.clone();
    half_freed.remove(old[0]);
    let mut out_of_order = committed.clone();
    out_of_order.remove(old[1]);
    let table = [
        ("before", before, (1, 4)),
        ("a segment half made", begun, (1, 4)),
        ("a segment made", made, (1, 4)),
        ("committed", committed, (4, 4)),
        ("an old segment removed", half_freed, (4, 4)),
        ("another removed first", out_of_order, (4, 4)),
        ("after", after, (4, 4)),
    ];
    drop(disk);
    for (what, left, expected) in table {
        restore(dir.path(), &left);
        for again in ["once", "twice"] {
            assert_eq!(check(&mut open(dir.path()), &blocks), expected, "{what}, {again}");
        }
        let mut disk = open(dir.path());
        if expected.0 == 1 {
            keep(&mut disk, &flush_marked(&blocks[1..])).unwrap();
        }
        append_all(&mut disk, &line(&blocks[3], 1, 1)).unwrap();
        assert_eq!(disk.recover().unwrap().log.len(), 1, "{what}: it goes on");
        drop(disk);
        let logs = files(dir.path()).into_keys().filter(|name| name.starts_with("log.")).count();
        assert_eq!(logs, 1, "{what}: what is of no more use is gone");
    }
}

/// Once a write failed nothing is promised any more, even if the medium is back.
#[test]
#[cfg(unix)]
fn after_a_failed_write_the_store_takes_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let blocks = line(&first(), 2, 1);
    let mut disk = open(dir.path());
    append_all(&mut disk, &blocks[..1]).unwrap();
    // The next segment's name is taken, so the flush cannot begin one.
    let taken = dir.path().join("log.0000000002");
    std::fs::create_dir(&taken).unwrap();
    let failed = keep(&mut disk, &flush_marked(&blocks[..1])).err().unwrap();
    std::fs::remove_dir(&taken).unwrap();
    assert_eq!(append_all(&mut disk, &blocks[1..]), Err(failed.clone()));
    assert_eq!(keep(&mut disk, &flush_marked(&blocks[..1])).err(), Some(failed.clone()));
    assert_eq!(disk.unwind(0).err(), Some(failed));
    // What stood is still readable, and a restart goes on.
    assert_eq!(check(&mut disk, &blocks), (0, 1));
    drop(disk);
    let mut disk = open(dir.path());
    keep(&mut disk, &flush_marked(&blocks[..1])).unwrap();
    append_all(&mut disk, &blocks[1..]).unwrap();
    assert_eq!(check(&mut disk, &blocks), (1, 2));
}
