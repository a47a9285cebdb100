//! The token of whoever can read the node's directory: another one each time that it starts.
use isonomy_rpc::Token;
use rand::{TryRng, rngs::SysRng};
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Its place in the data directory.
const FILE: &str = "rpc.cookie";
/// The same until all of it is written: whoever finds the file finds a whole token.
const FILE_NEW: &str = "rpc.cookie.new";
const BYTES: usize = 32;

/// A token in a file that its owner alone can read. The file goes when this is dropped.
pub(crate) struct Cookie {
    path: PathBuf,
    pub(crate) token: Token,
}

impl Cookie {
    /// Writes another one in the place of whatever an earlier node left.
    pub(crate) fn write(dir: &Path) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        SysRng.try_fill_bytes(&mut *bytes).map_err(Error::other)?;
        let mut text = Zeroizing::new(String::with_capacity(2 * BYTES));
        for byte in &*bytes {
            // A string takes everything.
            let _ = write!(text, "{byte:02x}");
        }
        let token = Token::new(&text).map_err(Error::other)?;
        let (path, new) = (dir.join(FILE), dir.join(FILE_NEW));
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file: File =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        fs::rename(&new, &path)?;
        Ok(Self { path, token })
    }
}

impl Drop for Cookie {
    fn drop(&mut self) {
        // One that stays opens nothing: the next start makes another.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn attack_79_each_start_has_a_token_of_its_own_that_its_owner_alone_can_read() {
        let dir = tempfile::tempdir().unwrap();
        let (path, elsewhere) = (dir.path().join(FILE), dir.path().join("elsewhere"));
        fs::write(&elsewhere, b"kept").unwrap();
        // Neither a file that others can read nor a link is written through.
        fs::write(&path, b"left by another").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        symlink(&elsewhere, dir.path().join(FILE_NEW)).unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let cookie = Cookie::write(dir.path()).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!((text.len(), &*text), (2 * BYTES, cookie.token.expose()));
            assert!(!seen.contains(&text));
            seen.push(text);
        }
        assert!(!path.exists() && fs::read(&elsewhere).unwrap() == b"kept");
    }
}
