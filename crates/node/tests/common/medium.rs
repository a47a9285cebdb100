//! What survives a crash: a store that is a few maps.
use super::coin::{genesis, secret};
use isonomy_chain::{Append, Archive, Flush, Flushed, Recovered, StoreFailed, Tip};
use isonomy_consensus::BELOW_MAX;
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_ledger::*;
use isonomy_node::Lent;
use isonomy_types::{Body, Entry};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A state that is a plain map.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Plain(pub BTreeMap<Key, Value>);

impl Plain {
    pub fn with(mut self, layer: &Layer) -> Self {
        for (key, value) in &layer.writes {
            match value {
                Some(value) => self.0.insert(key.into(), value.into()),
                None => self.0.remove(key),
            };
        }
        self
    }
}

impl View for Plain {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(self.0.get(key).cloned())
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let span = span.clone();
        let within = self.0.iter().filter(move |(key, _)| span.contains(key));
        let pairs = within.map(|(key, value)| Ok((key.clone(), value.clone())));
        match order {
            Order::Up => Box::new(pairs),
            Order::Down => Box::new(pairs.collect::<Vec<_>>().into_iter().rev()),
        }
    }
}

/// The log and the flushed blocks. It also is what a host lends to jobs.
#[derive(Clone)]
pub struct Medium {
    state: Plain,
    tip: Tip,
    blocks: Vec<Flushed>,
    pub log: Vec<Append>,
    bodies: BTreeMap<Hash, Body>,
}

impl Medium {
    pub fn new() -> Self {
        Self::on(genesis())
    }

    pub fn on(first: &Flush) -> Self {
        Self {
            state: Plain::default().with(&first.layer),
            tip: first.tip.clone(),
            blocks: first.blocks.clone(),
            log: Vec::new(),
            bodies: BTreeMap::new(),
        }
    }

    /// Bytes on the medium change, and nobody wrote them.
    pub fn rot(&mut self, layer: &Layer) {
        self.state = std::mem::take(&mut self.state).with(layer);
    }

    /// The height that the last flush reached.
    pub fn height(&self) -> u64 {
        self.tip.header.height
    }

    pub fn append(&mut self, append: Vec<Append>) {
        for one in &append {
            if let Append::Block { entry, body } = one {
                self.bodies.insert(entry.header.id(), body.clone());
            }
        }
        self.log.extend(append);
    }

    /// Answers with the new state. Insists on the order of blocks.
    pub fn flush(&mut self, flush: &Flush) -> Arc<dyn View> {
        assert_eq!(flush.blocks[0].trail.parent, self.tip.trail.id);
        assert_eq!(flush.blocks.last().unwrap().trail, flush.tip.trail);
        let height = flush.tip.header.height;
        self.state = std::mem::take(&mut self.state).with(&flush.layer);
        self.tip = flush.tip.clone();
        self.blocks.extend(flush.blocks.clone());
        let mut kept = Vec::new();
        self.log.retain(|append| match append {
            Append::Block { entry, .. } if entry.header.height > height => {
                kept.push(entry.header.id());
                true
            }
            Append::Block { .. } => false,
            Append::Certificate { id, .. } => kept.contains(id),
            Append::Record { height: until, .. } => *until > height,
        });
        Arc::new(self.state.clone())
    }

    pub fn recover(&self) -> Recovered {
        let below = self.blocks.iter().rev().skip(1).take(BELOW_MAX);
        let mut below: Vec<_> = below.map(|block| block.trail.clone()).collect();
        below.reverse();
        let view = Arc::new(self.state.clone());
        let tree = StateTree::of(&*view).unwrap();
        Recovered { tip: self.tip.clone(), below, view, tree, log: self.log.clone() }
    }

    /// The blocks of the log, oldest first.
    pub fn logged(&self) -> Vec<Hash> {
        let block = |append: &Append| match append {
            Append::Block { entry, .. } => Some(entry.header.id()),
            Append::Certificate { .. } | Append::Record { .. } => None,
        };
        self.log.iter().filter_map(block).collect()
    }
}

impl Archive for Medium {
    fn body(&self, id: &Hash) -> Result<Option<Body>, StoreFailed> {
        Ok(self.bodies.get(id).cloned())
    }

    fn headers(&self, locator: &[Hash], _: usize, limit: usize) -> Result<Vec<Entry>, StoreFailed> {
        let place = |id: &Hash| self.blocks.iter().position(|block| block.trail.id == *id);
        let after = locator.iter().find_map(place).map_or(self.blocks.len(), |place| place + 1);
        Ok(self.blocks[after..].iter().take(limit).map(|block| block.entry.clone()).collect())
    }

    fn entry_at(&self, height: u64) -> Result<Option<Entry>, StoreFailed> {
        Ok(self.blocks.get(height as usize).map(|block| block.entry.clone()))
    }

    fn entry(&self, id: &Hash) -> Result<Option<Entry>, StoreFailed> {
        let found = self.blocks.iter().find(|block| block.trail.id == *id);
        Ok(found.map(|block| block.entry.clone()))
    }

    fn transaction(&self, _: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
        Ok(None)
    }

    fn receipts(&self, _: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
        Ok(None)
    }
}

impl Lent for Medium {
    fn sign(&self, key: &PublicKey, digest: &Hash) -> Option<Signature> {
        let own = secret(0);
        (own.public() == *key).then(|| own.sign(digest, &[0; 32]).unwrap())
    }

    fn archive(&self) -> &dyn Archive {
        self
    }
}
