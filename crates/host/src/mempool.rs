//! What waits in the mempool, in a file of its own.
//!
//! ```text
//! file = "isonpool"  version (u32)  chain (32)  count (u32)  entry ...  check (32)
//! entry = length (u32)  transaction
//! ```
//!
//! Nothing rests on it: whatever is wrong with it is told and the file set aside.
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Decode, Encode, Transaction};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// The version of the file. One of a higher version is set aside, never guessed at.
pub const MEMPOOL_FILE_VERSION: u32 = 1;

/// Bytes of the file at most; what came last is left out. Twice what a mempool holds by default.
/// Stops a file that somebody else made large from filling the memory at the start.
pub const MEMPOOL_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Milliseconds between two writes of the file, if anything changed: what a crash may lose. A full
/// mempool of 32 MiB is then written at a megabyte a second.
pub const MEMPOOL_WRITE_MS: u64 = 30_000;

const CHECK: Domain = Domain::new("isonomy mempool file 1");
const MAGIC: [u8; 8] = *b"isonpool";
/// Before the first entry.
const HEAD_BYTES: usize = MAGIC.len() + 4 + Hash::LEN + 4;

/// Where what waits is kept for the time after a restart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MempoolFile {
    /// The file. Beside it stand `.new` while it is written, and `.aside` if one could not be read.
    pub path: PathBuf,
    /// The chain's id: the transactions of another are set aside.
    pub genesis: Hash,
    /// Milliseconds between two writes; [`MEMPOOL_WRITE_MS`] for instance.
    pub write_ms: u64,
}

/// Why a file is set aside.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("it is damaged, or no mempool file")]
    Damaged,
    #[error("its version is {got}, this program knows {limit}: a newer one wrote it")]
    Newer { got: u32, limit: u32 },
    #[error("it is of the chain {got}, not of {wanted}")]
    Foreign { got: Hash, wanted: Hash },
    #[error("it has {got} bytes, limit {limit}")]
    Large { got: u64, limit: u64 },
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl MempoolFile {
    /// What was kept. A file that cannot be read is told and set aside.
    pub(crate) fn load(&self) -> Vec<Transaction> {
        match self.read() {
            Ok(transactions) => transactions,
            Err(why) => {
                let aside = self.path.with_extension("aside");
                let (path, to) = (self.path.display(), aside.display());
                tracing::warn!(%path, %why, "what waited before the restart is lost: set aside as {to}");
                if let Err(why) = fs::rename(&self.path, &aside) {
                    tracing::warn!(%path, %why, "cannot set the mempool file aside");
                }
                Vec::new()
            }
        }
    }

    fn read(&self) -> Result<Vec<Transaction>, Unreadable> {
        let got = match fs::metadata(&self.path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let limit = MEMPOOL_FILE_BYTES_MAX as u64;
        if got > limit {
            return Err(Unreadable::Large { got, limit });
        }
        decode(&fs::read(&self.path)?, self.genesis)
    }

    /// Replaces the file as a whole: whenever the power fails, one of the two is there.
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let new = self.path.with_extension("new");
        let written = write_new(&new, bytes).and_then(|()| fs::rename(&new, &self.path));
        if written.is_err() {
            // It may be a part of it, on a disk that is full.
            let _ = fs::remove_file(&new);
        }
        written.and_then(|()| sync(self.path.parent().unwrap_or(Path::new("."))))
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes the renaming durable. Windows does so by itself, and cannot be asked.
fn sync(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

fn encode(transactions: &[Transaction], genesis: Hash) -> Vec<u8> {
    let (mut entries, mut count) = (Vec::new(), 0_u32);
    let room = MEMPOOL_FILE_BYTES_MAX.saturating_sub(HEAD_BYTES + Hash::LEN);
    for transaction in transactions {
        let bytes = transaction.encode();
        let Ok(length) = u32::try_from(bytes.len()) else { break };
        if entries.len().saturating_add(4).saturating_add(bytes.len()) > room {
            break;
        }
        entries.extend(length.to_le_bytes());
        entries.extend(bytes);
        count = count.saturating_add(1);
    }
    let head = [&MAGIC[..], &MEMPOOL_FILE_VERSION.to_le_bytes(), genesis.as_bytes()].concat();
    let mut file = [&head[..], &count.to_le_bytes(), &entries].concat();
    file.extend(CHECK.hash(&file).as_bytes());
    file
}

fn decode(file: &[u8], wanted: Hash) -> Result<Vec<Transaction>, Unreadable> {
    let (version, rest) = file
        .strip_prefix(&MAGIC)
        .and_then(|rest| rest.split_first_chunk())
        .ok_or(Unreadable::Damaged)?;
    let got = u32::from_le_bytes(*version);
    if got > MEMPOOL_FILE_VERSION {
        return Err(Unreadable::Newer { got, limit: MEMPOOL_FILE_VERSION });
    }
    let (checked, check) = file.split_last_chunk().ok_or(Unreadable::Damaged)?;
    if got != MEMPOOL_FILE_VERSION || CHECK.hash(checked) != Hash::from_bytes(*check) {
        return Err(Unreadable::Damaged);
    }
    let (genesis, rest) = rest.split_first_chunk().ok_or(Unreadable::Damaged)?;
    let got = Hash::from_bytes(*genesis);
    if got != wanted {
        return Err(Unreadable::Foreign { got, wanted });
    }
    entries(rest).ok_or(Unreadable::Damaged)
}

/// The check was right, so only a bug of ours could have written anything else.
fn entries(bytes: &[u8]) -> Option<Vec<Transaction>> {
    let (count, mut rest) = bytes.split_first_chunk()?;
    let mut found = Vec::new();
    for _ in 0..u32::from_le_bytes(*count) {
        let (length, after) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (entry, after) = after.split_at_checked(length)?;
        found.push(Transaction::decode_exact(entry).ok()?);
        rest = after;
    }
    Some(found)
}

/// Starts the thread that writes the file. Ends, with the last written, when the sender is dropped.
pub(crate) fn start(
    file: MempoolFile,
) -> io::Result<(SyncSender<Vec<Transaction>>, JoinHandle<()>)> {
    let (sender, lists) = sync_channel(1);
    let thread = std::thread::Builder::new()
        .name("isonomy-mempool".into())
        .spawn(move || write_all(&file, &lists))?;
    Ok((sender, thread))
}

fn write_all(file: &MempoolFile, lists: &Receiver<Vec<Transaction>>) {
    let mut written = None;
    while let Ok(list) = lists.recv() {
        // A disk that is slow gets the newest.
        let bytes = encode(&lists.try_iter().last().unwrap_or(list), file.genesis);
        let check = bytes.last_chunk::<{ Hash::LEN }>().copied();
        if check == written {
            continue;
        }
        match file.write(&bytes) {
            Ok(()) => written = check,
            Err(why) => {
                let path = file.path.display();
                tracing::warn!(%path, %why, "cannot keep what waits for the time after a restart");
            }
        }
    }
}

#[cfg(test)]
mod tests;
