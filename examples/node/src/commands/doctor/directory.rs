//! The data directory: room, speed, and who can read it.
#![allow(clippy::disallowed_methods)] // A write is timed.
use super::Finding;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

/// With less room a node stops soon, …
const ROOM_LEAST_MIB: u64 = 128;
/// … and with less than this it is time to think of more.
const ROOM_GOOD_MIB: u64 = 2_048;
/// A write of a few bytes and its sync should take less: a node waits for one with every block.
const WRITE_GOOD: Duration = Duration::from_millis(200);
/// What is tried to be written. It is removed again.
const TRIAL: &str = "doctor.tmp";
/// What its owner alone may read.
const SECRETS: [&str; 3] = ["node.key", "node.key.new", "rpc.cookie"];

pub(super) fn examine(dir: &Path, found: &mut Vec<Finding>) {
    // What is not there yet is made beside what is.
    let Some(there) = dir.ancestors().map(whole).find(|place| place.exists()) else { return };
    if !there.is_dir() {
        let says = format_args!("{} is a file", there.display());
        found.push(Finding::fail("disk", says, "choose a directory with --dir"));
        return;
    }
    found.push(room(there));
    found.push(write(there));
    found.extend(SECRETS.iter().filter_map(|name| secret(&dir.join(name))));
}

/// The last of a relative path's ancestors is an empty text.
fn whole(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

fn room(dir: &Path) -> Finding {
    let place = dir.display();
    match rustix::fs::statvfs(dir) {
        Ok(disk) => judge_room(&place.to_string(), disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => Finding::fail(
            "disk",
            format_args!("the system does not say what room {place} has: {error}"),
            "see that the disk is there and sound, or choose another directory with --dir",
        ),
    }
}

fn judge_room(place: &str, bytes: u64) -> Finding {
    let mib = bytes / 1_048_576;
    let says = format!("{mib} MiB free for {place}");
    let step = "remove what is not needed there, or choose another disk with --dir";
    match mib {
        0..ROOM_LEAST_MIB => Finding::fail("disk", says, step),
        ROOM_LEAST_MIB..ROOM_GOOD_MIB => Finding::warn("disk", says, step),
        _ => Finding::ok("disk", says),
    }
}

fn write(dir: &Path) -> Finding {
    let began = Instant::now();
    let written = try_write(&dir.join(TRIAL));
    let (spent, place) = (began.elapsed(), dir.display());
    match written {
        Err(error) => Finding::fail(
            "write",
            format_args!("cannot write to {place}: {error}"),
            "let this user write there, free some room, or choose another directory with --dir",
        ),
        Ok(()) if spent > WRITE_GOOD => Finding::warn(
            "write",
            format_args!("{place} took {} ms for a few bytes", spent.as_millis()),
            "see what else uses this disk, or choose a faster one: every block waits for it",
        ),
        Ok(()) => Finding::ok("write", format_args!("{place} takes what is written")),
    }
}

fn try_write(path: &Path) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(&[7; 4_096]).and_then(|()| file.sync_all());
    fs::remove_file(path)?;
    written
}

fn secret(path: &Path) -> Option<Finding> {
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
    let place = path.display();
    if mode & 0o077 == 0 {
        return Some(Finding::ok("keys", format_args!("{place} is its owner's alone")));
    }
    let says = format_args!("others can read {place} (mode {mode:03o})");
    let step = format_args!(
        "run: chmod 600 {place}; if somebody else uses this machine, remove it for a new one"
    );
    Some(Finding::fail("keys", says, step))
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use std::fs::Permissions;

    fn verdicts(dir: &Path) -> Vec<(&'static str, Verdict)> {
        let mut found = Vec::new();
        examine(dir, &mut found);
        found.into_iter().map(|finding| (finding.check, finding.verdict)).collect()
    }

    #[test]
    fn a_directory_to_come_is_judged_by_what_is_there_and_not_made() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a/b");
        let checks: Vec<_> = verdicts(&dir).into_iter().map(|(check, _)| check).collect();
        assert_eq!(checks, ["disk", "write"]);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "nothing is left");
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(verdicts(&file), [("disk", Verdict::Fail)]);
        assert_eq!(verdicts(&file.join("below")), [("disk", Verdict::Fail)]);
    }

    #[test]
    fn where_nobody_writes_is_told() {
        // Root included.
        let found = verdicts(Path::new("/proc/isonomy"));
        assert!(found.contains(&("write", Verdict::Fail)), "{found:?}");
    }

    #[test]
    fn attack_79_a_secret_that_others_can_read_is_told() {
        let root = tempfile::tempdir().unwrap();
        let key = root.path().join("node.key");
        fs::write(&key, [7; 32]).unwrap();
        for (mode, want) in [(0o600, Verdict::Ok), (0o644, Verdict::Fail), (0o620, Verdict::Fail)] {
            fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
            assert!(verdicts(root.path()).contains(&("keys", want)), "{mode:o}");
        }
    }

    #[test]
    fn room_is_judged_in_three_steps() {
        let mib = 1_048_576;
        let verdicts = [0, 128 * mib - 1, 128 * mib, 2_048 * mib, u64::MAX];
        let verdicts = verdicts.map(|bytes| judge_room("data", bytes).verdict);
        use Verdict::{Fail, Ok, Warn};
        assert_eq!(verdicts, [Fail, Fail, Warn, Ok, Ok]);
    }
}
