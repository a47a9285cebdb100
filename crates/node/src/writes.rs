//! What was handed to the store, and what waits for it to be durable.
use crate::{Node, Output, Ticket, limits::COMMIT_BYTES_MAX};
use alloc::{boxed::Box, collections::BTreeMap, collections::BTreeSet, sync::Arc, vec, vec::Vec};
use isonomy_chain::{Append, Flush};
use isonomy_consensus::{self as consensus, Ask};
use isonomy_crypto::Hash;
use isonomy_ledger::View;
use isonomy_types::{Authority, Encode};

/// What happens once a commit is durable.
pub(crate) enum Promise {
    Nothing,
    /// The engine may rely on its record.
    Record(Ask),
    /// The engine hears that a block of our own is executed, and so may show it.
    Own {
        id: Hash,
        authority: Arc<Authority>,
    },
    /// The chain stands on a new base.
    Flush {
        id: Hash,
        height: u64,
    },
}

#[derive(Default)]
pub(crate) struct Writes {
    tickets: BTreeMap<Ticket, (Promise, usize)>,
    serial: u64,
    bytes: usize,
    /// Blocks above the base that the log holds already.
    logged: BTreeSet<Hash>,
    flushing: bool,
    /// The newest block that may become the base.
    settled: Option<Hash>,
}

impl Writes {
    /// Whether the store is so far behind that import must wait.
    pub(crate) const fn full(&self) -> bool {
        self.bytes >= COMMIT_BYTES_MAX
    }

    pub(crate) fn settle(&mut self, id: Hash) {
        self.settled = Some(id);
    }

    pub(crate) fn logged(&mut self, id: Hash) {
        self.logged.insert(id);
    }

    /// Whether the log holds this block above the base, or will once what was handed over is
    /// durable.
    pub(crate) fn holds(&self, id: &Hash) -> bool {
        self.logged.contains(id)
    }
}

impl Node {
    pub(crate) fn commit(&mut self, promise: Promise, append: Vec<Append>, flush: Option<Flush>) {
        let bytes = append.encoded_len();
        self.writes.serial = self.writes.serial.saturating_add(1);
        self.writes.bytes = self.writes.bytes.saturating_add(bytes);
        let ticket = Ticket(self.writes.serial);
        self.writes.tickets.insert(ticket, (promise, bytes));
        self.out.push_back(Output::Commit { ticket, append, flush: flush.map(Box::new) });
    }

    /// Into the log, before anything that the engine says about it. A block out of the log is
    /// there already.
    pub(crate) fn keep(&mut self, id: Hash, promise: Promise) {
        if !self.writes.logged.insert(id) {
            return self.kept(promise, None);
        }
        if let (Some(entry), Some(body)) = (self.chain.entry(&id), self.chain.body(&id)) {
            self.commit(promise, vec![Append::Block { entry: Box::new(entry), body }], None);
        }
    }

    pub(crate) fn committed(&mut self, ticket: Ticket, view: Option<Arc<dyn View>>) {
        let Some((promise, bytes)) = self.writes.tickets.remove(&ticket) else { return };
        self.writes.bytes = self.writes.bytes.saturating_sub(bytes);
        self.kept(promise, view);
        self.flush();
        self.advance();
    }

    fn kept(&mut self, promise: Promise, view: Option<Arc<dyn View>>) {
        match (promise, view) {
            (Promise::Nothing, _) => {}
            (Promise::Record(ask), _) => self.facts.push_back(consensus::Input::Recorded { ask }),
            (Promise::Own { id, authority }, _) => {
                self.facts.push_back(consensus::Input::Executed { id, authority });
            }
            (Promise::Flush { id, height }, Some(view)) => {
                self.writes.flushing = false;
                self.chain.rebase(id, view);
                let chain = &self.chain;
                let above = |id: &Hash| chain.trail(id).is_some_and(|t| t.height > height);
                self.writes.logged.retain(above);
                self.restored.retain(|id, _| above(id));
                self.out.push_back(Output::Event(crate::Event::Flushed { id, height }));
            }
            (Promise::Flush { .. }, None) => {
                self.halt("a flush was acknowledged without its view: a fault of the host".into());
            }
        }
    }

    /// Flushes what is settled, once it is worth a write and the one before is durable.
    pub(crate) fn flush(&mut self) {
        let Some(id) = self.writes.settled.filter(|_| !self.writes.flushing) else { return };
        let Some(height) = self.chain.trail(&id).map(|trail| trail.height) else { return };
        let above = height.saturating_sub(self.chain.base().height);
        if above < self.config.flush_blocks.max(1) {
            return;
        }
        if let Some(flush) = self.chain.finalise(id) {
            self.writes.flushing = true;
            self.commit(Promise::Flush { id, height }, Vec::new(), Some(flush));
        }
    }
}
