//! The node's transport key, in a file of its own.
use isonomy_host::Identity;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::Zeroizing;

/// Its place in the data directory.
const FILE: &str = "node.key";

/// Reads the key, or makes one that its owner alone can read.
pub(crate) fn open_or_create(dir: &Path) -> std::io::Result<Identity> {
    let path = dir.join(FILE);
    match File::open(&path) {
        Ok(file) => read(file),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => create(&path),
        Err(error) => Err(error),
    }
}

fn read(mut file: File) -> std::io::Result<Identity> {
    let open = file.metadata()?.permissions().mode() & 0o077;
    if open != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    let mut secret = Zeroizing::new([0; 32]);
    file.read_exact(&mut *secret)?;
    Identity::from_secret(*secret).map_err(std::io::Error::other)
}

fn create(path: &Path) -> std::io::Result<Identity> {
    let identity = Identity::generate().map_err(std::io::Error::other)?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&*identity.secret())?;
    file.sync_all()?;
    Ok(identity)
}
