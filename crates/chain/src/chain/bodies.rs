//! Bodies: which are missing, which are kept.
use super::{Body, Chain};
use crate::Transactions;
use alloc::vec::Vec;
use isonomy_consensus::Trail;
use isonomy_crypto::Hash;
use isonomy_types::{BODY_BYTES_MAX, List};

/// Bytes of the bodies that wait to be executed: sixteen of the largest, so that fetching keeps
/// ahead of executing. It stops a peer that shows a long branch from filling memory with bodies that
/// nobody has judged. Beyond it only the next block to execute is taken.
pub const WAITING_BODY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Missing bodies named at once: more than are fetched at a time. A branch can be as long as memory
/// holds headers; looking at all of it each time would let a long one slow down every step.
pub const MISSING_MAX: usize = 256;

impl Chain {
    /// The blocks on the way to `id` whose bodies are missing, oldest first, out of the next
    /// [`MISSING_MAX`] to execute: as many as find room if they are as large as those that wait, so
    /// that none is fetched in vain. While there is no room for a large body to wait, the very next
    /// at most.
    #[must_use]
    pub fn missing(&self, id: Hash) -> Vec<Hash> {
        let room = WAITING_BODY_BYTES_MAX.saturating_sub(self.waiting_bytes);
        let many = if room < BODY_BYTES_MAX as usize { 1 } else { MISSING_MAX };
        let Some(done) = self.executed_below(&id) else { return Vec::new() };
        let top = self.tree.ancestor(&id, done.height.saturating_add(many as u64));
        let mut path = self.path(&done.id, top.map_or(id, |trail| trail.id));
        path.retain(|id| !self.bodies.contains_key(id));
        let usual = self.waiting_bytes.checked_div(self.waiting).unwrap_or(0);
        path.truncate(room.checked_div(usual).unwrap_or(MISSING_MAX).max(1));
        path
    }

    /// The oldest block on the way to `id` that is not executed.
    #[must_use]
    pub fn next_to_execute(&self, id: Hash) -> Option<Hash> {
        let next = self.executed_below(&id)?.height.checked_add(1)?;
        self.tree.ancestor(&id, next).map(|trail| trail.id)
    }

    /// The highest executed block that `id` stands on or is. `None` if there is no executing `id`:
    /// it is unknown or condemned, or does not stand on the base.
    fn executed_below(&self, id: &Hash) -> Option<&Trail> {
        let stands = self.tree.leads_through(id, &self.base().id) && !self.tree.is_condemned(id);
        let (mut done, top) = (self.base(), self.tree.get(id).filter(|_| stands)?);
        // Executed blocks have no gap, so halving finds the last: `above` is not executed.
        let mut above = top.height.checked_add(1)?;
        while above.saturating_sub(done.height) > 1 {
            let middle = self.tree.ancestor(id, done.height.midpoint(above))?;
            if self.states.contains_key(&middle.id) {
                done = middle;
            } else {
                above = middle.height;
            }
        }
        Some(done)
    }

    /// Keeps a body, and says whether it did: the header must be here and neither condemned nor off
    /// the base, the body new, and memory left (see [`WAITING_BODY_BYTES_MAX`]: ask again later).
    ///
    /// The caller has compared it with the header's root, and checked its transactions. A body of
    /// another root blames its sender and does not get here, so the header stays clean.
    pub fn import_body(&mut self, id: Hash, transactions: Transactions) -> bool {
        let Some((done, header)) = self.executed_below(&id).zip(self.header(&id)) else {
            return false;
        };
        let (held, next) = (done.id == id, done.id == header.parent);
        let bytes = transactions.iter().fold(0_usize, |sum, tx| sum.saturating_add(tx.bytes()));
        let waiting = self.waiting_bytes.saturating_add(bytes);
        let room = next || waiting <= WAITING_BODY_BYTES_MAX;
        if held || !room || self.bodies.contains_key(&id) {
            return false;
        }
        self.waiting = self.waiting.saturating_add(1);
        self.waiting_bytes = waiting;
        self.body_bytes = self.body_bytes.saturating_add(bytes);
        self.bodies.insert(id, Body { transactions, bytes });
        true
    }

    /// The transactions of a body held, shared.
    #[must_use]
    pub fn transactions(&self, id: &Hash) -> Option<&Transactions> {
        self.bodies.get(id).map(|body| &body.transactions)
    }

    /// A body held, as it travels.
    #[must_use]
    pub fn body(&self, id: &Hash) -> Option<isonomy_types::Body> {
        let transactions = self.bodies.get(id)?.transactions.iter();
        let transactions = List::truncated(transactions.map(|tx| tx.to_unchecked()).collect());
        Some(isonomy_types::Body { transactions })
    }

    /// Bodies that wait to be executed.
    #[must_use]
    pub const fn waiting_bodies(&self) -> usize {
        self.waiting
    }

    /// Bytes of all bodies held, as encoded.
    #[must_use]
    pub const fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    /// Bodies are dropped before states, so what has none here was waiting.
    pub(super) fn drop_body(&mut self, id: &Hash) {
        let Some(Body { bytes, .. }) = self.bodies.remove(id) else { return };
        self.body_bytes = self.body_bytes.saturating_sub(bytes);
        if !self.states.contains_key(id) {
            self.waits_no_more(bytes);
        }
    }

    pub(super) const fn waits_no_more(&mut self, bytes: usize) {
        self.waiting = self.waiting.saturating_sub(1);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes);
    }
}
