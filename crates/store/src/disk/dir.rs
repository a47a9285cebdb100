//! Whose directory it is, and who may write in it.
use super::OpenError;
use isonomy_crypto::Hash;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// The format of a data directory. One of another format is refused, never guessed at.
pub const DISK_VERSION: u32 = 4;

const LOCK: &str = "LOCK";
const VERSION: &str = "VERSION";
const VERSION_NEW: &str = "VERSION.new";
const TITLE: &str = "isonomy data";

/// A directory that nobody else may use, for as long as this lives.
pub(super) struct Lock(File);

impl Drop for Lock {
    /// Closing would not do: a child process that is just being started shares the open file, and
    /// with it the lock, until it runs its own program.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Makes the directory if there is none, locks it, and names it.
pub(super) fn claim(dir: &Path, genesis: Hash) -> Result<Lock, OpenError> {
    named(dir, genesis)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir).map_err(OpenError::io(dir))?;
    let lock = lock(dir)?;
    // Another process may have named it between the first look and the lock.
    if !named(dir, genesis)? {
        name(dir, genesis).map_err(OpenError::io(&dir.join(VERSION)))?;
    }
    Ok(lock)
}

/// Whether it is this chain's already. If not it is new.
pub(super) fn named(dir: &Path, genesis: Hash) -> Result<bool, OpenError> {
    let path = dir.join(VERSION);
    let text = match fs::read(&path) {
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_default(),
        Err(error) if error.kind() == ErrorKind::NotFound => return new(dir).map(|()| false),
        Err(source) => return Err(OpenError::io(&path)(source)),
    };
    let foreign = || OpenError::Foreign { dir: dir.into() };
    let (first, rest) = text.split_once('\n').ok_or_else(foreign)?;
    let version = first.strip_prefix(TITLE).and_then(|number| number.trim().parse::<u32>().ok());
    match version.ok_or_else(foreign)? {
        got if got > DISK_VERSION => {
            return Err(OpenError::NewerVersion { dir: dir.into(), got, limit: DISK_VERSION });
        }
        DISK_VERSION => {}
        got @ 1..DISK_VERSION => {
            return Err(OpenError::OlderVersion { dir: dir.into(), got, limit: DISK_VERSION });
        }
        _ => return Err(foreign()),
    }
    let got = rest.trim().parse().map_err(|_| foreign())?;
    if got == genesis {
        return Ok(true);
    }
    Err(OpenError::OtherChain { dir: dir.into(), got, wanted: genesis })
}

/// Absent, empty, or left by a crash before it had a name.
fn new(dir: &Path) -> Result<(), OpenError> {
    let names = match fs::read_dir(dir) {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(source) => return Err(OpenError::io(dir)(source)),
    };
    for name in names {
        let name = name.map_err(OpenError::io(dir))?.file_name();
        if name != LOCK && name != VERSION_NEW {
            return Err(OpenError::Foreign { dir: dir.into() });
        }
    }
    Ok(())
}

pub(super) fn lock(dir: &Path) -> Result<Lock, OpenError> {
    let path = dir.join(LOCK);
    let open = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = open.map_err(OpenError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { dir: dir.into() }),
        Err(TryLockError::Error(source)) => Err(OpenError::io(&path)(source)),
    }
}

fn name(dir: &Path, genesis: Hash) -> io::Result<()> {
    let new = dir.join(VERSION_NEW);
    let mut file = File::create(&new)?;
    file.write_all(format!("{TITLE} {DISK_VERSION}\n{genesis}\n").as_bytes())?;
    file.sync_all()?;
    fs::rename(new, dir.join(VERSION))?;
    sync(dir)
}

/// Makes it durable which files there are. Windows does so by itself, and cannot be asked.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::lock;
    use crate::OpenError;

    #[test]
    fn a_lock_ends_with_its_holder_though_a_starting_child_shares_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path()).unwrap();
        let of_child = held.0.try_clone().unwrap();
        assert!(matches!(lock(dir.path()), Err(OpenError::InUse { .. })));
        drop(held);
        lock(dir.path()).unwrap();
        drop(of_child);
    }
}
