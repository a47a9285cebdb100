//! A log that was cut or changed: a committed prefix comes back, or the directory is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{
    append_all, certificate, files, first, flush_marked, genesis, keep, line, newest_log,
};
use common::{open, record, restore};
use isonomy_chain::Append;
use isonomy_store::{Disk, OpenError, Store};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of a segment before its first frame.
const HEAD_BYTES: usize = 32;

/// A closed directory, and what its newest segment holds.
struct Closed {
    dir: tempfile::TempDir,
    files: BTreeMap<String, Vec<u8>>,
    log: PathBuf,
    /// The calls of append, and where each ends.
    calls: Vec<(usize, Vec<Append>)>,
}

impl Closed {
    /// Four calls: a record, a block, a batch of two, nothing but a vote.
    fn new() -> Self {
        let block = first().child_with(1, common::body(1, &[5]));
        let prove = Append::Certificate { id: block.id(), certificate: certificate(1) };
        Self::with([
            vec![record(1, b"a")],
            vec![block.append()],
            vec![record(2, b"b"), prove],
            vec![record(3, b"vote")],
        ])
    }

    fn with(calls: [Vec<Append>; 4]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (mut disk, mut ends) = (open(dir.path()), Vec::new());
        let log = newest_log(dir.path());
        for call in calls {
            disk.append(&call).unwrap();
            ends.push((fs::metadata(&log).unwrap().len() as usize, call));
        }
        drop(disk);
        Self { files: files(dir.path()), dir, log, calls: ends }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn bytes(&self) -> Vec<u8> {
        self.files[self.log.file_name().unwrap().to_str().unwrap()].clone()
    }

    /// Opens the directory with the newest segment changed to this.
    fn open_with(&self, log: &[u8]) -> Result<Disk, OpenError> {
        restore(self.path(), &self.files);
        fs::write(&self.log, log).unwrap();
        Disk::open(self.path(), &genesis())
    }

    /// What the calls that end at or before this byte appended.
    fn prefix(&self, end: usize) -> Vec<Append> {
        let whole = self.calls.iter().filter(|(at, _)| *at <= end);
        whole.flat_map(|(_, call)| call.clone()).collect()
    }

    /// Cut here, nothing but whole calls comes back, and every one of them.
    fn opens_with_a_prefix(&self, end: usize) {
        match self.open_with(&self.bytes()[..end]) {
            Ok(mut disk) => {
                assert!(end >= HEAD_BYTES, "cut at {end}: it looks as if nothing was lost");
                assert_eq!(disk.recover().unwrap().log, self.prefix(end), "cut at {end}");
            }
            Err(error) => assert!(end < HEAD_BYTES, "cut at {end}: {error}"),
        }
    }

    fn refused_untouched(&self, log: &[u8], what: &str) {
        let error = self.open_with(log).err();
        assert!(matches!(error, Some(OpenError::Corrupt { .. })), "{what}: {error:?}");
        let mut expected = self.files.clone();
        let name = self.log.file_name().unwrap().to_str().unwrap();
        expected.insert(name.to_owned(), log.to_vec());
        assert!(files(self.path()) == expected, "{what}: refused, but not untouched");
    }
}

#[test]
fn attack_77_log_cut_at_every_byte() {
    // Short, since each byte is an opening that syncs.
    let batch = vec![record(2, b"b"), record(3, b"c")];
    let calls = [vec![record(1, b"a")], batch, vec![record(4, b"")], vec![record(5, b"vote")]];
    let closed = Closed::with(calls);
    for end in 0..=closed.bytes().len() {
        closed.opens_with_a_prefix(end);
    }
}

#[test]
fn attack_77_log_cut_within_a_block() {
    let closed = Closed::new();
    let (start, end) = (closed.calls[0].0, closed.calls[1].0);
    for end in [start, start + 1, start + 15, start + 16, start + 200, end - 1, end, end + 1] {
        closed.opens_with_a_prefix(end);
        // And goes on from there.
        let (mut expected, next) = (closed.prefix(end), record(9, b"next"));
        open(closed.path()).append(std::slice::from_ref(&next)).unwrap();
        expected.push(next);
        assert_eq!(open(closed.path()).recover().unwrap().log, expected, "cut at {end}");
    }
}

#[test]
fn attack_77_a_log_without_its_beginning_is_refused() {
    let closed = Closed::new();
    for end in 0..HEAD_BYTES {
        closed.refused_untouched(&closed.bytes()[..end], &format!("cut at {end}"));
    }
}

#[test]
fn attack_77_a_byte_flipped_in_the_last_call_loses_that_call() {
    let closed = Closed::new();
    let start = closed.calls[2].0;
    assert_eq!(closed.calls[3].0, closed.bytes().len());
    for at in start..closed.bytes().len() {
        let mut bytes = closed.bytes();
        bytes[at] ^= 0x10;
        let mut disk = closed.open_with(&bytes).unwrap();
        assert_eq!(disk.recover().unwrap().log, closed.prefix(start), "flipped at {at}");
    }
}

#[test]
fn attack_77_a_byte_flipped_before_a_sound_call_is_refused() {
    let closed = Closed::new();
    for at in 0..closed.calls[2].0 {
        let mut bytes = closed.bytes();
        bytes[at] ^= 0x10;
        closed.refused_untouched(&bytes, &format!("flipped at {at}"));
    }
}

#[test]
fn attack_77_a_hole_in_the_log_is_refused() {
    let closed = Closed::new();
    let (bytes, ends) = (closed.bytes(), [HEAD_BYTES, closed.calls[0].0, closed.calls[1].0]);
    for hole in [ends[0] + 3..ends[1] - 2, ends[1] + 1..ends[1] + 90, ends[0] + 1..ends[2] - 1] {
        let mut zeroed = bytes.clone();
        zeroed[hole.clone()].fill(0);
        closed.refused_untouched(&zeroed, &format!("zeroed {hole:?}"));
        let without = [&bytes[..hole.start], &bytes[hole.end..]].concat();
        closed.refused_untouched(&without, &format!("cut out {hole:?}"));
    }
}

#[test]
fn attack_77_what_a_crash_left_behind_the_log_is_cut_off() {
    let closed = Closed::new();
    let bytes = closed.bytes();
    let last = &bytes[closed.calls[2].0..];
    let stranger = Closed::new().bytes();
    let table: [(&str, Vec<u8>); 5] = [
        ("a page never written", vec![0; 4_096]),
        ("noise", (0..4_096u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
        ("a head whose payload is missing", last[..16].to_vec()),
        ("a frame without its first page", [&[0; 20], &last[20..]].concat()),
        ("frames that another log would believe", stranger[HEAD_BYTES..].to_vec()),
    ];
    for (what, tail) in table {
        let mut disk = closed.open_with(&[&bytes[..], &tail].concat()).unwrap();
        assert_eq!(disk.recover().unwrap().log, closed.prefix(bytes.len()), "{what}");
        assert_eq!(fs::read(&closed.log).unwrap(), bytes, "{what}: not cut off");
    }
}

#[test]
fn attack_77_damage_in_an_older_segment_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    let blocks = line(&first(), 2, 1);
    append_all(&mut disk, &blocks).unwrap();
    let older = newest_log(dir.path());
    keep(&mut disk, &flush_marked(&blocks[..1])).unwrap();
    disk.append(&[record(5, b"in a segment of its own")]).unwrap();
    drop(disk);
    let (files, bytes) = (files(dir.path()), fs::read(&older).unwrap());
    for step in 0..40 {
        let at = step * bytes.len() / 40;
        for change in ["cut", "flip"] {
            restore(dir.path(), &files);
            let mut bytes = bytes.clone();
            if change == "cut" {
                bytes.truncate(at)
            } else {
                bytes[at] ^= 1
            }
            fs::write(&older, &bytes).unwrap();
            let opened = Disk::open(dir.path(), &genesis()).map(|_| ());
            // Cut between two calls there is nothing to see but that the file ends.
            let refused = matches!(opened, Err(OpenError::Corrupt { .. }));
            assert!(refused || change == "cut" && at == HEAD_BYTES, "{change} at {at}: {opened:?}");
            assert_eq!(fs::read(&older).unwrap(), bytes, "{change} at {at}: not touched");
        }
    }
    restore(dir.path(), &files);
    assert_eq!(open(dir.path()).recover().unwrap().log.len(), 2);
}
