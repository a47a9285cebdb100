//! The simulator's medium, and the model of the other.
use crate::Store;
use crate::base::Base;
use crate::keep::{Above, Kind, fits, undo_from, within};
use isonomy_chain::{Append, Archive, Flush, Flushed, Recovered, StoreFailed, Tip};
use isonomy_consensus::BELOW_MAX;
use isonomy_crypto::Hash;
use isonomy_ledger::{ReadFailed, Receipt, StateTree, View};
use isonomy_types::{Body, Entry};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A store in memory. Everything in it is durable at once, and gone with the last of it.
///
/// A clone is another medium with the same contents, made by copying pointers: what a crash at this
/// moment would leave. An archive belongs to the one it was taken from.
pub struct Memory {
    kept: Arc<RwLock<Kept>>,
}

#[derive(Clone)]
struct Kept {
    tip: Tip,
    base: Base,
    log: Vec<(Kind, Arc<Append>)>,
    bodies: BTreeMap<Hash, Arc<Append>>,
    blocks: BTreeMap<u64, Arc<Flushed>>,
    heights: BTreeMap<Hash, u64>,
    transactions: BTreeMap<Hash, (u64, u32)>,
    /// What a flush replaced, by the height of its tip.
    undo: BTreeMap<u64, (Tip, Base)>,
}

impl Memory {
    /// A new medium that holds the genesis block and its state.
    #[must_use]
    pub fn new(genesis: &Flush) -> Self {
        let mut kept = Kept {
            tip: genesis.tip.clone(),
            base: Base::default(),
            log: Vec::new(),
            bodies: BTreeMap::new(),
            blocks: BTreeMap::new(),
            heights: BTreeMap::new(),
            transactions: BTreeMap::new(),
            undo: BTreeMap::new(),
        };
        // Genesis stands on no page that could be damaged.
        let _ = kept.advance(genesis);
        Self { kept: Arc::new(RwLock::new(kept)) }
    }

    fn write(&self) -> RwLockWriteGuard<'_, Kept> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(why: ReadFailed) -> StoreFailed {
    StoreFailed { why: why.to_string() }
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        Self { kept: Arc::new(RwLock::new(read(&self.kept).clone())) }
    }
}

fn read(kept: &RwLock<Kept>) -> RwLockReadGuard<'_, Kept> {
    kept.read().unwrap_or_else(PoisonError::into_inner)
}

impl Store for Memory {
    fn append(&mut self, entries: &[Append]) -> Result<(), StoreFailed> {
        let mut kept = self.write();
        for entry in entries {
            let (kind, entry) = (Kind::of(entry), Arc::new(entry.clone()));
            if let Some(id) = kind.block() {
                kept.bodies.insert(id, entry.clone());
            }
            kept.log.push((kind, entry));
        }
        Ok(())
    }

    fn flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed> {
        let mut kept = self.write();
        fits(flush, &kept.tip, Arc::new(kept.base.clone()))?;
        let height = flush.tip.header.height;
        let former = (kept.tip.clone(), kept.base.clone());
        kept.advance(flush).map_err(failed)?;
        kept.undo.insert(height, former);
        kept.undo = kept.undo.split_off(&undo_from(height));
        Ok(Arc::new(kept.base.clone()))
    }

    fn recover(&mut self) -> Result<Recovered, StoreFailed> {
        let kept = read(&self.kept);
        let below = kept.blocks.range(..kept.tip.header.height).rev().take(BELOW_MAX);
        let mut below: Vec<_> = below.map(|(_, block)| block.trail.clone()).collect();
        below.reverse();
        let log = kept.log.iter().map(|(_, entry)| entry.as_ref().clone()).collect();
        let view = Arc::new(kept.base.clone());
        let tree = StateTree::stored(view.clone()).map_err(failed)?;
        Ok(Recovered { tip: kept.tip.clone(), below, view, tree, log })
    }

    fn unwind(&mut self, height: u64) -> Result<bool, StoreFailed> {
        let mut kept = self.write();
        if kept.tip.header.height <= height {
            return Ok(true);
        }
        let mut after = kept.clone();
        while after.tip.header.height > height {
            let Some((tip, base)) = after.undo.remove(&after.tip.header.height) else {
                return Ok(false);
            };
            (after.tip, after.base) = (tip, base);
        }
        after.cut();
        after.log.clear();
        *kept = after;
        Ok(true)
    }

    fn archive(&self) -> Arc<dyn Archive> {
        Arc::new(Reader(self.kept.clone()))
    }
}

impl Kept {
    fn advance(&mut self, flush: &Flush) -> Result<(), ReadFailed> {
        self.base.push(flush)?;
        for block in &flush.blocks {
            let height = block.trail.height;
            self.heights.insert(block.trail.id, height);
            let places = block.transactions.iter().zip(0..);
            self.transactions.extend(places.map(|(id, index)| (*id, (height, index))));
            self.blocks.insert(height, Arc::new(block.clone()));
        }
        let mut above = Above::new(flush.tip.header.height);
        self.log.retain(|(kind, _)| above.keeps(kind));
        self.tip = flush.tip.clone();
        Ok(())
    }

    /// Forgets the blocks above the tip.
    fn cut(&mut self) {
        let top = self.tip.header.height;
        self.blocks.retain(|height, _| *height <= top);
        self.heights.retain(|_, height| *height <= top);
        self.transactions.retain(|_, (height, _)| *height <= top);
    }

    fn block(&self, id: &Hash) -> Option<&Flushed> {
        self.blocks.get(self.heights.get(id)?).map(AsRef::as_ref)
    }
}

struct Reader(Arc<RwLock<Kept>>);

impl Archive for Reader {
    fn body(&self, id: &Hash) -> Result<Option<Body>, StoreFailed> {
        let found = read(&self.0).bodies.get(id).cloned();
        Ok(found.and_then(|append| match append.as_ref() {
            Append::Block { body, .. } => Some(body.clone()),
            Append::Certificate { .. } | Append::Record { .. } => None,
        }))
    }

    fn headers(
        &self,
        locator: &[Hash],
        limit_bytes: usize,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreFailed> {
        let kept = read(&self.0);
        let Some(from) = locator.iter().find_map(|id| kept.heights.get(id)) else {
            return Ok(Vec::new());
        };
        let after = kept.blocks.range(from.saturating_add(1)..);
        within(after.map(|(_, block)| Ok(block.entry.clone())), limit_bytes, limit)
    }

    fn entry_at(&self, height: u64) -> Result<Option<Entry>, StoreFailed> {
        Ok(read(&self.0).blocks.get(&height).map(|block| block.entry.clone()))
    }

    fn entry(&self, id: &Hash) -> Result<Option<Entry>, StoreFailed> {
        Ok(read(&self.0).block(id).map(|block| block.entry.clone()))
    }

    fn transaction(&self, id: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
        let kept = read(&self.0);
        let found = kept.transactions.get(id);
        let block = |&(height, index)| Some((kept.blocks.get(&height)?.trail.id, index));
        Ok(found.and_then(block))
    }

    fn receipts(&self, block: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
        Ok(read(&self.0).block(block).map(|block| block.receipts.clone()))
    }
}
