//! Which directories are opened, which are refused, and that a refusal changes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{
    append_all, files, first, flush, flush_marked, genesis, hash, keep, layer, line, newest_log,
};
use common::{open, record, restore};
use isonomy_chain::{Flush, StoreFailed};
use isonomy_ledger::{Order, Span};
use isonomy_store::{DISK_VERSION, Disk, OpenError, Peeked, Store};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

const DIR: &str = "ISONOMY_STORE_TEST_DIR";

fn try_open(dir: &Path) -> Result<(), OpenError> {
    Disk::open(dir, &genesis()).map(|_| ())
}

/// Another chain's first flush.
fn other() -> Flush {
    let mut other = first();
    other.entry.header.producer.0 = hash(99);
    other.trail = isonomy_consensus::Trail::trusted(&other.entry.header);
    flush(&[other], layer(&[]))
}

/// A closed directory with a flushed block, one in the log, and its files.
fn closed() -> (tempfile::TempDir, BTreeMap<String, Vec<u8>>) {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    let blocks = line(&first(), 2, 1);
    append_all(&mut disk, &blocks).unwrap();
    keep(&mut disk, &flush_marked(&blocks[..1])).unwrap();
    disk.append(&[record(7, b"later")]).unwrap();
    drop(disk);
    let files = files(dir.path());
    (dir, files)
}

#[test]
fn a_directory_is_made_for_its_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("chains").join("one");
    open(&dir).append(&[record(1, b"kept")]).unwrap();
    assert_eq!(open(&dir).recover().unwrap().log.len(), 1);
    let names: Vec<_> = files(&dir).into_keys().collect();
    assert_eq!(names, ["LOCK", "VERSION", "log.0000000001", "state.redb"]);
    #[cfg(unix)]
    for made in [dir.as_path(), dir.parent().unwrap()] {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(made).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o700, "{}", made.display());
    }
}

#[test]
fn an_existing_empty_directory_will_do() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(open(dir.path()).recover().unwrap().tip, genesis().tip);
}

#[test]
fn a_second_handle_is_refused_until_the_last_reader_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    let in_use = |what: &str| {
        let error = try_open(dir.path()).unwrap_err();
        assert!(matches!(&error, OpenError::InUse { dir: got } if got == dir.path()), "{what}");
    };
    in_use("open");
    let (archive, view) = (disk.archive(), disk.recover().unwrap().view);
    drop(disk);
    in_use("an archive is left");
    drop(archive);
    in_use("a view is left");
    assert_eq!(common::pairs(&*view).len(), 1, "the view outlives the store");
    drop(view);
    try_open(dir.path()).unwrap();
}

/// Run by the test below, in a process of its own.
#[test]
fn child_is_refused() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    assert!(matches!(try_open(Path::new(&dir)), Err(OpenError::InUse { .. })));
    println!("refused as it should be");
}

#[test]
fn a_second_process_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    let before = files(dir.path());
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child_is_refused", "--nocapture"]).env(DIR, dir.path());
    let output = child.output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("refused as it should be"));
    assert!(files(dir.path()) == before);
    disk.append(&[record(1, b"undisturbed")]).unwrap();
}

#[test]
fn another_chain_is_refused() {
    let (dir, before) = closed();
    let error = Disk::open(dir.path(), &other()).map(|_| ()).unwrap_err();
    let (ours, theirs) = (genesis().tip.header.id(), other().tip.header.id());
    let right = matches!(error, OpenError::OtherChain { got, wanted, .. } if got == ours && wanted == theirs);
    assert!(right, "{error:?}");
    assert!(files(dir.path()) == before);
    try_open(dir.path()).unwrap();
}

/// What opening a directory of this format says. It must stay as it is.
fn open_format(format: u32) -> OpenError {
    let (dir, mut before) = closed();
    let version = String::from_utf8(before["VERSION"].clone()).unwrap();
    let other = version.replacen(&format!(" {DISK_VERSION}\n"), &format!(" {format}\n"), 1);
    assert_ne!(other, version);
    before.insert("VERSION".into(), other.into_bytes());
    restore(dir.path(), &before);
    let error = try_open(dir.path()).unwrap_err();
    assert!(files(dir.path()) == before);
    error
}

#[test]
fn another_version_is_refused() {
    let newer = open_format(7);
    let right = matches!(newer, OpenError::NewerVersion { got: 7, limit: DISK_VERSION, .. });
    assert!(right, "{newer:?}");
    let older = open_format(1);
    let right = matches!(older, OpenError::OlderVersion { got: 1, limit: DISK_VERSION, .. });
    assert!(right, "{older:?}");
}

#[test]
fn other_peoples_files_are_refused() {
    let (dir, ours) = closed();
    let one = |name: &str, bytes: &[u8]| BTreeMap::from([(name.to_owned(), bytes.to_vec())]);
    let mut nameless = ours.clone();
    nameless.remove("VERSION");
    let mut renamed = ours.clone();
    renamed.insert("VERSION".into(), b"a diary\n".to_vec());
    let chainless = format!("isonomy data {DISK_VERSION}\n");
    let table = [
        ("a letter", one("letter.txt", b"dear")),
        ("another program's version", one("VERSION", b"14\n")),
        ("not text", one("VERSION", &[0xff; 9])),
        ("a version without a chain", one("VERSION", chainless.as_bytes())),
        ("version zero", one("VERSION", b"isonomy data 0\n00\n")),
        ("ours without its name", nameless),
        ("ours under another name", renamed),
    ];
    for (what, files_there) in table {
        restore(dir.path(), &files_there);
        let error = try_open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::Foreign { .. }), "{what}: {error:?}");
        assert!(files(dir.path()) == files_there, "{what}");
    }
}

#[test]
fn a_file_in_the_place_of_the_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"contents").unwrap();
    assert!(matches!(try_open(&file), Err(OpenError::Io { .. })));
    assert_eq!(fs::read(&file).unwrap(), b"contents");
}

#[test]
fn missing_and_damaged_files_are_refused() {
    type Change = fn(&mut BTreeMap<String, Vec<u8>>);
    let table: [(&str, Change); 6] = [
        ("no state", |files| drop(files.remove("state.redb"))),
        ("an empty state", |files| drop(files.insert("state.redb".into(), vec![]))),
        ("a state of noise", |files| drop(files.insert("state.redb".into(), vec![7; 9_000]))),
        ("half a state", |files| {
            let state = files.get_mut("state.redb").unwrap();
            state.truncate(state.len() / 2);
        }),
        ("no oldest segment", |files| drop(files.remove("log.0000000001"))),
        ("no newest segment", |files| drop(files.remove("log.0000000002"))),
    ];
    let (dir, good) = closed();
    for (what, change) in table {
        let mut bad = good.clone();
        change(&mut bad);
        restore(dir.path(), &bad);
        let error = try_open(dir.path()).unwrap_err();
        assert!(matches!(error, OpenError::Corrupt { .. }), "{what}: {error:?}");
        assert!(files(dir.path()) == bad, "{what}");
    }
    restore(dir.path(), &good);
    assert_eq!(open(dir.path()).recover().unwrap().log.len(), 2);
}

fn io(path: &Path, kind: ErrorKind) -> OpenError {
    OpenError::Io { path: path.into(), source: kind.into() }
}

#[test]
fn every_error_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let table = [
        (OpenError::InUse { dir: dir.path().into() }, "stop the node"),
        (
            OpenError::OtherChain { dir: dir.path().into(), got: hash(1), wanted: hash(2) },
            "choose another directory",
        ),
        (OpenError::NewerVersion { dir: dir.path().into(), got: 3, limit: 2 }, "upgrade"),
        (OpenError::OlderVersion { dir: dir.path().into(), got: 1, limit: 2 }, "another directory"),
        (OpenError::Foreign { dir: dir.path().into() }, "choose an empty directory"),
        (OpenError::Corrupt { what: "a file".into() }, "fetch the chain anew"),
        (
            OpenError::Full { path: dir.path().into(), source: ErrorKind::StorageFull.into() },
            "Free some room",
        ),
        (io(dir.path(), ErrorKind::PermissionDenied), "Let this user write there"),
        (io(dir.path(), ErrorKind::ReadOnlyFilesystem), "choose another directory"),
        (io(dir.path(), ErrorKind::NotADirectory), "Choose a directory, not a file"),
        (io(dir.path(), ErrorKind::Other), "See that the disk is there"),
    ];
    for (error, step) in table {
        assert!(error.to_string().contains(step), "{error}");
    }
}

#[test]
fn a_peek_shows_what_opening_would_and_changes_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let absent = parent.path().join("absent");
    assert!(Disk::peek(&absent, &genesis()).unwrap().is_none() && !absent.exists());
    let (dir, before) = closed();
    let Peeked { tip, view } = Disk::peek(dir.path(), &genesis()).unwrap().unwrap();
    assert!(matches!(try_open(dir.path()), Err(OpenError::InUse { .. })), "a view is left");
    let state = common::pairs(&*view);
    drop(view);
    assert!(files(dir.path()) == before);
    let recovered = open(dir.path()).recover().unwrap();
    assert_eq!((&recovered.tip, common::pairs(&*recovered.view)), (&tip, state));
    drop(recovered);

    let held = open(dir.path());
    let peek = || Disk::peek(dir.path(), &genesis()).map(|_| ()).unwrap_err();
    assert!(matches!(peek(), OpenError::InUse { .. }));
    drop(held);
    let peek = Disk::peek(dir.path(), &other()).map(|_| ()).unwrap_err();
    assert!(matches!(peek, OpenError::OtherChain { .. }), "{peek:?}");
}

/// The database panics on some of this damage; that must be a refusal like any other.
#[test]
fn a_state_damaged_anywhere_is_refused_or_read_and_never_a_panic() {
    let (dir, good) = closed();
    let state = &good["state.redb"];
    let live: Vec<usize> = (0..state.len()).filter(|at| state[*at] != 0).collect();
    // The header, and places all over the rest.
    let places = (0..320).step_by(7).chain(live.iter().copied().step_by(live.len() / 60 + 1));
    let (mut refused, mut opened) = (0, 0);
    for at in places {
        for mask in [0x41, 0x80] {
            let mut bad = good.clone();
            bad.get_mut("state.redb").unwrap()[at] ^= mask;
            restore(dir.path(), &bad);
            let peeked = Disk::peek(dir.path(), &genesis()).map(|_| ());
            assert!(files(dir.path()) == bad, "peeking at byte {at} changed something");
            let read = |mut disk: Disk| {
                let view = disk.recover()?.view;
                for pair in view.scan(&Span::all(), Order::Up) {
                    pair.map_err(|_| StoreFailed { why: "a read".into() })?;
                }
                disk.archive().entry_at(1)?;
                keep(&mut disk, &flush_marked(&line(&first(), 2, 1)[1..])).map(|_| ())
            };
            match Disk::open(dir.path(), &genesis()) {
                Err(error) => {
                    assert!(matches!(error, OpenError::Corrupt { .. }), "byte {at}: {error}");
                    refused += 1;
                }
                Ok(disk) => {
                    opened += 1;
                    if let Err(StoreFailed { why }) = read(disk) {
                        assert!(why == "a read" || why.contains("Restore a copy"), "{at}: {why}");
                    }
                    assert!(peeked.is_ok(), "byte {at}: {peeked:?}");
                }
            }
        }
    }
    assert!(refused > 20 && opened > 20, "{refused} refused, {opened} opened");
}

#[test]
fn a_directory_whose_making_was_interrupted_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()));
    let all = files(dir.path());
    let state = all["state.redb"].clone();
    let some = |names: &[&str]| {
        let named = names.iter().map(|name| ((*name).to_owned(), all[*name].clone()));
        named.collect::<BTreeMap<_, _>>()
    };
    let with = |mut files: BTreeMap<String, Vec<u8>>, name: &str, bytes: &[u8]| {
        files.insert(name.into(), bytes.to_vec());
        files
    };
    let steps = [
        ("locked", some(&["LOCK"])),
        ("half named", with(some(&["LOCK"]), "VERSION.new", b"isonomy da")),
        ("named", some(&["LOCK", "VERSION"])),
        ("a segment begun", with(some(&["LOCK", "VERSION"]), "log.0000000001", b"isol")),
        ("a segment", some(&["LOCK", "VERSION", "log.0000000001"])),
        ("half a state", with(some(&["LOCK", "VERSION"]), "state.redb.new", &[0; 4_096])),
        ("a state without its name", with(some(&["LOCK", "VERSION"]), "state.redb.new", &state)),
    ];
    for (what, left) in steps {
        restore(dir.path(), &left);
        let mut disk = open(dir.path());
        assert_eq!(disk.recover().unwrap().tip, genesis().tip, "{what}");
        disk.append(&[record(1, b"works")]).unwrap();
        drop(disk);
        assert_eq!(open(dir.path()).recover().unwrap().log.len(), 1, "{what}");
    }
    assert!(newest_log(dir.path()).exists());
}
