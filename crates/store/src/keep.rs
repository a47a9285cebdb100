//! What both backends must decide alike.
use isonomy_chain::{Append, Flush, StoreFailed, Tip};
use isonomy_crypto::Hash;
use isonomy_ledger::{ReadFailed, StateTree, View, tree_page_forks};
use isonomy_types::{Encode, Entry};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Blocks below the tip that [`Store::unwind`](crate::Store::unwind) can reach: many times the
/// depth of any reorganisation that is not an attack on the whole chain, and a bound on the disk
/// that former values take up.
pub const UNDO_BLOCKS: u64 = 1_024;

/// What decides whether an entry of the log stays.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Block { id: Hash, height: u64 },
    Certificate { id: Hash },
    Record { height: u64 },
}

impl Kind {
    pub(crate) fn of(append: &Append) -> Self {
        match append {
            Append::Block { entry, .. } => {
                Self::Block { id: entry.header.id(), height: entry.header.height }
            }
            Append::Certificate { id, .. } => Self::Certificate { id: *id },
            Append::Record { height, .. } => Self::Record { height: *height },
        }
    }

    /// The id, if it is a block.
    pub(crate) const fn block(&self) -> Option<Hash> {
        match self {
            Self::Block { id, .. } => Some(*id),
            Self::Certificate { .. } | Self::Record { .. } => None,
        }
    }
}

/// Judges the log, oldest first, at a flush to a height. A certificate stays with its block, which
/// stands before it.
pub(crate) struct Above {
    height: u64,
    blocks: BTreeSet<Hash>,
}

impl Above {
    pub(crate) const fn new(height: u64) -> Self {
        Self { height, blocks: BTreeSet::new() }
    }

    pub(crate) fn keeps(&mut self, kind: &Kind) -> bool {
        match *kind {
            Kind::Block { id, height } if height > self.height => {
                self.blocks.insert(id);
                true
            }
            Kind::Block { .. } => false,
            Kind::Certificate { id } => self.blocks.contains(&id),
            Kind::Record { height } => height > self.height,
        }
    }
}

/// Whether the flush's blocks lead from the stored tip to its own, and its tree stands on that of which
/// `view` keeps the pages.
pub(crate) fn fits(flush: &Flush, stored: &Tip, view: Arc<dyn View>) -> Result<(), StoreFailed> {
    let failed = |why: ReadFailed| StoreFailed { why: why.to_string() };
    let (got, limit) = (flush.before.root(), StateTree::stored(view).map_err(failed)?.root());
    if got != limit {
        let why = format!("a flush on a tree of the root {got}, and the stored one's is {limit}");
        return Err(StoreFailed { why });
    }
    let mut at = &stored.trail;
    for block in &flush.blocks {
        if block.trail.parent != at.id || at.height.checked_add(1) != Some(block.trail.height) {
            let (got, limit) = (block.trail.height, at.height);
            let why = format!("block {got} of a flush does not stand on block {limit}");
            return Err(StoreFailed { why });
        }
        at = &block.trail;
    }
    if flush.blocks.is_empty() || at.id != flush.tip.trail.id {
        return Err(StoreFailed { why: "the blocks of a flush do not lead to its tip".into() });
    }
    Ok(())
}

/// Below which places no page is left, once `new` stands where `old` stood.
pub(crate) fn vanished(at: &[u8], old: &[u8], new: &[u8]) -> Result<Vec<Vec<u8>>, ReadFailed> {
    let (old, new) = (tree_page_forks(old)?, tree_page_forks(new)?);
    let gone = old.into_iter().filter(|place| !new.contains(place));
    Ok(gone.map(|place| [at, &[place]].concat()).collect())
}

/// The lowest height whose flush can be taken back, once a tip of this height is flushed.
pub(crate) const fn undo_from(height: u64) -> u64 {
    height.saturating_add(1).saturating_sub(UNDO_BLOCKS)
}

/// The longest prefix within the limits.
pub(crate) fn within<E>(
    entries: impl Iterator<Item = Result<Entry, E>>,
    limit_bytes: usize,
    limit: usize,
) -> Result<Vec<Entry>, E> {
    let (mut found, mut room) = (Vec::new(), limit_bytes);
    for entry in entries.take(limit) {
        let entry = entry?;
        match room.checked_sub(entry.encoded_len()) {
            Some(left) => room = left,
            None => break,
        }
        found.push(entry);
    }
    Ok(found)
}
