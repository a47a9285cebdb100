//! The node's transport key, in a file of its own.
use isonomy_host::Identity;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Its place in the data directory, …
const FILE: &str = "node.key";
/// … and before it is whole: a crash leaves no half of a key under its name.
const FILE_NEW: &str = "node.key.new";
const BYTES: usize = 32;

/// Why the node's key cannot be used. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The system refuses.
    #[error("cannot use the node's key {path}: {source}; {ANEW}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// Others may have copied it, and pass for this node.
    #[error(
        "others can read the node's key {path} (mode {mode:03o}); run: chmod 600 {path}, or, if \
         somebody else uses this machine, remove it for a new one", path = .path.display()
    )]
    Readable {
        /// The file.
        path: PathBuf,
        /// Its permissions, as `chmod` takes them.
        mode: u32,
    },
    /// It is no key.
    #[error("the node's key {path} is damaged: {why}; {ANEW}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

const ANEW: &str =
    "restore a copy, or remove it: the node then makes another, and peers know it by that";

/// Reads the key, if there is one. As `ssh` does, it refuses one that others can read rather than
/// hide that they could.
pub(crate) fn read(dir: &Path) -> Result<Option<Identity>, KeyError> {
    let path = dir.join(FILE);
    let io = |source| KeyError::Io { path: path.clone(), source };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(io(error)),
    };
    let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * BYTES));
    file.take(BYTES as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
    if mode & 0o077 != 0 {
        return Err(KeyError::Readable { path, mode });
    }
    let damaged = |why: String| KeyError::Damaged { path: path.clone(), why };
    let secret = <[u8; BYTES]>::try_from(bytes.as_slice()).map(Zeroizing::new);
    let secret = secret.map_err(|_| damaged(format!("it has not {BYTES} bytes")))?;
    if *secret == [0; BYTES] {
        return Err(damaged("it holds nothing but zeros".into()));
    }
    Identity::from_secret(*secret).map(Some).map_err(|error| damaged(error.to_string()))
}

/// Makes a key that its owner alone can read.
pub(crate) fn create(dir: &Path) -> Result<Identity, KeyError> {
    let (path, new) = (dir.join(FILE), dir.join(FILE_NEW));
    let written = || {
        let identity = Identity::generate().map_err(std::io::Error::other)?;
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(&*identity.secret())?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(dir)?.sync_all()?;
        Ok(identity)
    };
    written().map_err(|source| KeyError::Io { path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn with(bytes: &[u8], mode: u32) -> (tempfile::TempDir, Result<Option<Identity>, KeyError>) {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), bytes).unwrap();
        fs::set_permissions(dir.path().join(FILE), Permissions::from_mode(mode)).unwrap();
        let found = read(dir.path());
        assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), bytes);
        (dir, found)
    }

    #[test]
    fn a_key_is_made_once_and_comes_back() {
        let dir = tempfile::tempdir().unwrap();
        assert!(read(dir.path()).unwrap().is_none());
        // What a crash left of an earlier attempt, which anybody may read.
        fs::write(dir.path().join(FILE_NEW), b"half").unwrap();
        let made = create(dir.path()).unwrap();
        assert_eq!(read(dir.path()).unwrap().unwrap().public(), made.public());
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
        assert_eq!(names.len(), 1);
    }

    #[test]
    fn attack_79_the_nodes_key_is_its_owners_alone() {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path()).unwrap();
        let mode = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
        for mode in [0o604, 0o640, 0o660, 0o644, 0o601, 0o777] {
            let (dir, found) = with(&[7; 32], mode);
            let error = found.unwrap_err();
            assert!(matches!(&error, KeyError::Readable { mode: got, .. } if *got == mode));
            assert!(error.to_string().contains("chmod 600"), "{error}");
            let kept = fs::metadata(dir.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(kept & 0o777, mode, "a refusal changes nothing");
        }
        for mode in [0o600, 0o400, 0o700] {
            assert!(with(&[7; 32], mode).1.unwrap().is_some());
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bytes in [&[][..], &[7; 31], &[7; 33], &[7; 4_096], &[0; 32]] {
            let error = with(bytes, 0o600).1.unwrap_err();
            assert!(matches!(error, KeyError::Damaged { .. }), "{error}");
            assert!(error.to_string().contains("remove it"), "{error}");
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(FILE)).unwrap();
        assert!(matches!(read(dir.path()), Err(KeyError::Io { .. })));
    }
}
