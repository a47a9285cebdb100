//! The file: made whole or not at all, and refused if it is not this chain's.
use crate::Block;
use crate::error::{Failure, OpenError};
use crate::tables::{self, BLOCKS, HEAD, Head, INDEX_VERSION};
use isonomy_chain::Flush;
use isonomy_crypto::Hash;
use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase};
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

/// Memory that the database may use to keep pages at hand, in bytes. A bound, since an index may be
/// far larger than the memory.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Opens it, or makes it with the first block alone.
pub(crate) fn open(path: &Path, genesis: &Flush) -> Result<Result<Database, OpenError>, Failure> {
    let wanted = genesis.tip.trail.id;
    if !path.try_exists()? {
        create(path, genesis)?;
    }
    // Looked at first, so that a file which is refused stays as it is.
    match builder().open_read_only(path) {
        Ok(found) => {
            if let Err(refused) = check(path, &found, wanted)? {
                return Ok(Err(refused));
            }
        }
        // A crash left it to be repaired.
        Err(DatabaseError::RepairAborted) => {}
        Err(error) => return Err(error.into()),
    }
    let database = builder().open(path)?;
    Ok(check(path, &database, wanted)?.map(|_| database))
}

fn check(
    path: &Path,
    database: &impl ReadableDatabase,
    wanted: Hash,
) -> Result<Result<(), OpenError>, Failure> {
    let reading = database.begin_read()?;
    let row = reading.open_table(HEAD)?.get_owned(())?.ok_or(Failure::Wrong("the head"))?;
    let version = row.value().first_chunk().copied().map(u32::from_le_bytes);
    let limit = INDEX_VERSION;
    match version.ok_or(Failure::Wrong("the version"))? {
        got if got != limit => return Ok(Err(OpenError::Format { path: path.into(), got, limit })),
        _ => {}
    }
    let Head { genesis: got, height, .. } = tables::head(row.value())?;
    if got != wanted {
        return Ok(Err(OpenError::OtherChain { path: path.into(), got, wanted }));
    }
    let tip = reading.open_table(BLOCKS)?.get_owned(height)?;
    tip.map(|_| Ok(())).ok_or(Failure::Wrong("the last block"))
}

/// Readable by its owner alone. Under another name until it is whole, so that a crash leaves none or
/// one that opens.
fn create(path: &Path, genesis: &Flush) -> Result<(), Failure> {
    let new = path.with_added_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let database = builder().create_with_backend(FileBackend::new(options.open(&new)?)?)?;
    let (transaction, first) = (database.begin_write()?, Block::genesis(genesis));
    let rows = first.rows().map_err(|_| Failure::Wrong("what genesis gave"))?;
    tables::make(&transaction)?;
    tables::put_block(&transaction, &first, &rows)?;
    tables::put_head(&transaction, first.id, first.height)?;
    transaction.commit()?;
    drop(database);
    fs::rename(&new, path)?;
    // Windows does so by itself, and cannot be asked.
    if cfg!(unix) {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty());
        File::open(dir.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
