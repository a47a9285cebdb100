//! The way from where somebody stands to the node's best block.
use crate::{Block, Change, IndexError, Part, Source, Tip};
use isonomy_chain::{Archive, Chain, Transactions};
use isonomy_crypto::Hash;
use isonomy_ledger::Receipt;
use isonomy_types::{Encode, Header, Intent, Params};

/// Changes of one batch at most. With [`BATCH_ROWS`] it bounds the memory of a step, and how long
/// its transaction takes.
pub const BATCH_CHANGES: usize = 256;
/// Transactions and events of one batch, about: that of the block which passes it is the last. Stops
/// a run of full blocks from filling memory.
pub const BATCH_ROWS: usize = 50_000;
/// Blocks copied out of the node's memory in one look: the node waits, some milliseconds if they are
/// full.
const LOOK_BLOCKS: usize = 4;

/// What leads from `tip` towards the node's best block, oldest first, within the bounds of a batch.
/// Nothing if the node has come no further: it may still be behind after a start.
///
/// `at` tells where the branch that leads to `tip` stood at a height below. An index asks itself; an
/// exporter asks the database that it feeds.
///
/// # Errors
/// [`IndexError::Stopped`]; [`IndexError::NotKept`] and [`IndexError::Change`] where the node cannot
/// say enough about a block, so that nothing is passed over; those of the archive, and of `at`.
pub fn changes(
    source: &Source,
    tip: &Tip,
    at: &mut dyn FnMut(u64) -> Result<Tip, IndexError>,
) -> Result<Vec<Change>, IndexError> {
    let id = tip.id;
    let (path, archive) = (source.see(move |chain| Path::of(chain, &id))?, (source.archive)()?);
    let mut fork = at(tip.height.min(path.best))?;
    while path.id(fork.height, &*archive)? != Some(fork.id) {
        let below = fork.height.checked_sub(1).ok_or(IndexError::OtherChain)?;
        fork = at(below)?;
    }
    if fork.height == path.best && !path.passed {
        return Ok(Vec::new());
    }
    let mut changes = Vec::new();
    for height in (fork.height.saturating_add(1)..=tip.height).rev().take(BATCH_CHANGES) {
        changes.push(Change::Left { id: at(height)?.id, height });
    }
    if changes.len() < BATCH_CHANGES {
        join(source, &path, &*archive, fork, &mut changes)?;
    }
    Ok(changes)
}

/// Adds the blocks above the fork, as long as there is room.
fn join(
    source: &Source,
    path: &Path,
    archive: &dyn Archive,
    fork: Tip,
    changes: &mut Vec<Change>,
) -> Result<(), IndexError> {
    let (mut params, mut rows, mut held) = (fork.params, 0_usize, Vec::new());
    for height in fork.height.saturating_add(1)..=path.best {
        if changes.len() >= BATCH_CHANGES || rows >= BATCH_ROWS {
            break;
        }
        let Some(id) = path.id(height, archive)? else { break };
        if height > path.base && held.is_empty() {
            let ids = path.above(height).iter().take(LOOK_BLOCKS).copied().collect::<Vec<_>>();
            held =
                source.see(move |chain| ids.iter().rev().map(|id| held_by(chain, id)).collect())?;
        }
        let found = match held.pop().flatten() {
            Some(found) => Some(found),
            None => kept_by(archive, &id, height)?,
        };
        // It is on no branch any more: the next look finds the way.
        let Some(Found { header, parts, receipts, next }) = found else { break };
        let block = Block::new(&header, parts, &receipts, &params, next)?;
        rows = rows.saturating_add(block.transactions.len()).saturating_add(block.events.len());
        params = block.next_params.clone();
        changes.push(Change::Joined(Box::new(block)));
    }
    Ok(())
}

/// The best branch at one moment.
struct Path {
    best: u64,
    base: u64,
    /// From the base up.
    ids: Vec<Hash>,
    /// Whether the node has executed the block that is asked about, so that best is where it is
    /// not because the node is yet to come so far.
    passed: bool,
}

impl Path {
    fn of(chain: &Chain, id: &Hash) -> Self {
        let (best, base) = (chain.best(), chain.base());
        let above = best.height.saturating_sub(base.height);
        let count = usize::try_from(above).unwrap_or(usize::MAX).saturating_add(1);
        let mut ids: Vec<_> = chain.ancestry(best.id).take(count).collect();
        ids.reverse();
        let passed = chain.params_after(id).is_some();
        Self { best: best.height, base: base.height, ids, passed }
    }

    /// From this height up, if it is not below the base.
    fn above(&self, height: u64) -> &[Hash] {
        let at = height.checked_sub(self.base).and_then(|at| usize::try_from(at).ok());
        at.and_then(|at| self.ids.get(at..)).unwrap_or_default()
    }

    fn id(&self, height: u64, archive: &dyn Archive) -> Result<Option<Hash>, IndexError> {
        if height >= self.base {
            return Ok(self.above(height).first().copied());
        }
        match archive.entry_at(height)? {
            Some(entry) => Ok(Some(entry.header.id())),
            None => Err(IndexError::NotKept { what: "the header", height }),
        }
    }
}

/// What a node has of a block.
struct Found {
    header: Header,
    parts: Vec<Part>,
    receipts: Vec<Receipt>,
    /// The params that bind the next block, of a block in memory.
    next: Option<Params>,
}

fn part(intent: &Intent, bytes: usize) -> Part {
    let signers = intent.signers.iter().map(|signer| signer.account).collect();
    Part { signers, bytes: bytes as u64 }
}

/// In memory, above the base.
fn held_by(chain: &Chain, id: &Hash) -> Option<Found> {
    let transactions: &Transactions = chain.transactions(id)?;
    Some(Found {
        header: chain.header(id)?.clone(),
        parts: transactions.iter().map(|tx| part(tx.intent(), tx.bytes())).collect(),
        receipts: chain.receipts(id)?.to_vec(),
        next: chain.params_after(id).cloned(),
    })
}

/// In the archive. Nothing if the block is not flushed.
fn kept_by(archive: &dyn Archive, id: &Hash, height: u64) -> Result<Option<Found>, IndexError> {
    let Some(entry) = archive.entry(id)? else { return Ok(None) };
    let missing = |what| IndexError::NotKept { what, height };
    let body = archive.body(id)?.ok_or_else(|| missing("the body"))?;
    let receipts = archive.receipts(id)?.ok_or_else(|| missing("the receipts"))?;
    let parts = body.transactions.iter().map(|tx| part(tx.intent(), tx.encoded_len())).collect();
    Ok(Some(Found { header: entry.header, parts, receipts, next: None }))
}
