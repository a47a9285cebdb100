//! The key file: JSON, since it can be read without a copy of the secret.
use crate::WalletError;
use isonomy_crypto::{Secret, SecretError};
use isonomy_types::{Address, Policy};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes of a key file; one has about 200. Stops a path to something endless from filling memory.
pub const KEY_FILE_BYTES_MAX: u64 = 4_096;

/// The format of what follows it.
const VERSION: u64 = 1;
/// How a key file tells what it is.
const KIND: &str = "isonomy key";

/// Read first: the rest of another version may have another shape.
#[derive(Deserialize)]
struct Head {
    version: u64,
    kind: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile<'a> {
    version: u64,
    kind: &'a str,
    /// Follows from the secret: shows people whose key it is, and a changed digit.
    address: Address,
    /// 64 hex digits. Borrowed, so that no copy of it stays behind.
    secret: &'a str,
}

pub(crate) fn address(secret: &Secret) -> Address {
    Policy::Key(secret.public()).address()
}

/// Writes a new key file.
pub(crate) fn create(path: &Path, secret: &Secret) -> Result<(), WalletError> {
    let text = text(secret).map_err(|source| io(path, source))?;
    keep(path, &text)
}

/// Writes a new file: under a passing name at first, then all at once under its own.
pub(crate) fn keep(path: &Path, text: &[u8]) -> Result<(), WalletError> {
    let directory = directory(path);
    let written = || {
        // Else the reason would name the passing name.
        directory.metadata()?;
        // Of mode 0600 from its first moment.
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(text)?;
        file.as_file().sync_all()?;
        file.persist_noclobber(path)?;
        sync(directory)
    };
    written().map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => WalletError::Exists { path: path.into() },
        _ => io(path, source),
    })
}

/// Reads a file that holds no secret, and is no longer than `limit` bytes. `make` says where such a
/// file comes from.
pub(crate) fn load(path: &Path, limit: u64, make: &'static str) -> Result<Vec<u8>, WalletError> {
    let (file, mut text) = (existing(path, make)?, Vec::new());
    let read = file.take(limit.saturating_add(1)).read_to_end(&mut text);
    read.map_err(|source| io(path, source))?;
    match text.len() as u64 > limit {
        true => Err(WalletError::Large { path: path.into(), limit }),
        false => Ok(text),
    }
}

fn text(secret: &Secret) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut hex = Zeroizing::new([0; 64]);
    let digits = const_hex::encode_to_str(secret.to_bytes().as_slice(), hex.as_mut());
    let secret_hex = digits.map_err(std::io::Error::other)?;
    let file =
        KeyFile { version: VERSION, kind: KIND, address: address(secret), secret: secret_hex };
    // Never grows, so that it leaves no copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(1_024));
    serde_json::to_writer_pretty(&mut *text, &file)?;
    text.push(b'\n');
    Ok(text)
}

/// Makes the new name durable where directories can be synced.
fn sync(directory: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

pub(crate) fn open(path: &Path) -> Result<Secret, WalletError> {
    let text = read(path)?;
    let malformed = |why: String| WalletError::Malformed { path: path.into(), why };
    let unreadable = |error: serde_json::Error| malformed(place(&error));
    let head: Head = serde_json::from_slice(&text).map_err(unreadable)?;
    if head.kind != KIND {
        return Err(malformed(format!("its kind is not {KIND:?}")));
    }
    if head.version != VERSION {
        let (path, got) = (path.into(), head.version);
        return Err(WalletError::Version { path, got, limit: VERSION });
    }
    let file: KeyFile<'_> = serde_json::from_slice(&text).map_err(unreadable)?;
    let mut bytes = Zeroizing::new([0; 32]);
    const_hex::decode_to_slice(file.secret, bytes.as_mut())
        .map_err(|_| malformed("its secret is not 64 hex digits".into()))?;
    let secret = Secret::from_bytes(&bytes)
        .map_err(|source: SecretError| WalletError::Secret { path: path.into(), source })?;
    let (got, want) = (file.address, address(&secret));
    if got != want {
        return Err(WalletError::Damaged { path: path.into(), got, want });
    }
    Ok(secret)
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, WalletError> {
    let read = secret(path, KEY_FILE_BYTES_MAX, "make a key with `isonomy keys new`");
    read.map_err(|error| match error {
        WalletError::Large { path, limit } => {
            WalletError::Malformed { path, why: format!("it has more than {limit} bytes") }
        }
        error => error,
    })
}

/// Reads a file that its owner alone can read, and that is no longer than `limit` bytes.
pub(crate) fn secret(
    path: &Path,
    limit: u64,
    make: &'static str,
) -> Result<Zeroizing<Vec<u8>>, WalletError> {
    let file = existing(path, make)?;
    private(path, &file)?;
    // Room for all of it: growing would leave copies behind.
    let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(64);
    let mut text = Zeroizing::new(Vec::with_capacity(room));
    file.take(limit.saturating_add(1)).read_to_end(&mut text).map_err(|source| io(path, source))?;
    match text.len() as u64 > limit {
        true => Err(WalletError::Large { path: path.into(), limit }),
        false => Ok(text),
    }
}

/// Writes `new` over a private file that still holds `old`, all at once. `false` if it holds anything
/// else by now: whoever writes next waits for the lock, and then sees another file.
pub(crate) fn replace(
    path: &Path,
    old: &[u8],
    new: &[u8],
    limit: u64,
    make: &'static str,
) -> Result<bool, WalletError> {
    let held = existing(path, make)?;
    // A link stays one: what it leads to is replaced.
    let path = &path.canonicalize().map_err(|source| io(path, source))?;
    held.lock().map_err(|source| io(path, source))?;
    if secret(path, limit, make)?.as_slice() != old {
        return Ok(false);
    }
    let directory = directory(path);
    let written = || {
        let mut file = tempfile::NamedTempFile::new_in(directory)?;
        file.write_all(new)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        sync(directory)
    };
    written().map(|()| true).map_err(|source| io(path, source))
}

/// The first line of a file that its owner alone can read.
pub(crate) fn line(path: &Path, limit: u64, make: &'static str) -> Result<Line, WalletError> {
    let text = secret(path, limit, make)?;
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|_| WalletError::Text { path: path.into() })?;
    Ok(Zeroizing::new(text.to_owned()))
}

type Line = Zeroizing<String>;

fn directory(path: &Path) -> &Path {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    directory.unwrap_or(Path::new("."))
}

/// Asked of the open file, so that nobody can put another in its place.
#[cfg(unix)]
fn private(path: &Path, file: &File) -> Result<(), WalletError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = file.metadata().map_err(|source| io(path, source))?;
    if metadata.is_dir() {
        return Err(io(path, ErrorKind::IsADirectory.into()));
    }
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o077 != 0 => Err(WalletError::Readable { path: path.into(), mode }),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn private(_: &Path, _: &File) -> Result<(), WalletError> {
    Ok(())
}

/// Where the JSON stops making sense. The error's own text would repeat what stands there.
fn place(error: &serde_json::Error) -> String {
    format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column())
}

fn existing(path: &Path, make: &'static str) -> Result<File, WalletError> {
    File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => WalletError::Missing { path: path.into(), make },
        _ => io(path, source),
    })
}

fn io(path: &Path, source: std::io::Error) -> WalletError {
    WalletError::Io { path: path.into(), source }
}
