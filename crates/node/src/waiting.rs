//! What waits survives a restart: it is told, and taken back.
use crate::Node;
use crate::job::Incoming;
use crate::jobs::From;
use crate::limits::{RESTORE_RUN, RESTORE_WAIT_MS};
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};
use isonomy_types::{Mono, Transaction};

/// What waited before a restart and is not yet judged.
#[derive(Default)]
pub(crate) struct Restored {
    queue: VecDeque<Transaction>,
    /// How many of the first are being judged.
    running: usize,
    /// When it is judged even if the log is not yet executed.
    latest: Mono,
}

impl Restored {
    /// Those being judged have their verdicts, or never will.
    pub(crate) fn judged(&mut self) {
        let done = core::mem::take(&mut self.running).min(self.queue.len());
        self.queue.drain(..done);
    }

    /// They could not be judged now.
    pub(crate) fn again(&mut self) {
        self.running = 0;
    }
}

impl Node {
    /// What a host should keep for the time after a restart, and give back as
    /// [`Input::Restore`](crate::Input::Restore): all that waits, what waits for another after it.
    #[must_use]
    pub fn waiting(&self) -> Vec<Transaction> {
        let pooled = self.pool.in_order();
        let queued = self.waited.queue.iter();
        let queued = queued.filter(|transaction| !self.pool.contains(&transaction.intent().id()));
        pooled.iter().map(|transaction| transaction.to_unchecked()).chain(queued.cloned()).collect()
    }

    /// The least price that the mempool takes now; see
    /// [`Pool::least_price`](isonomy_chain::Pool::least_price).
    #[must_use]
    pub const fn least_price(&self) -> u64 {
        self.pool.least_price(self.now.mono)
    }

    /// What a meter unit should pay to be in one of the next `blocks` blocks; see
    /// [`Pool::estimate`](isonomy_chain::Pool::estimate).
    #[must_use]
    pub fn estimate(&self, blocks: u32) -> u64 {
        let params = self.chain.params_after(&self.chain.best().id);
        params.map_or_else(
            || self.least_price(),
            |params| self.pool.estimate(params, blocks, self.now.mono),
        )
    }

    pub(crate) fn restore_waiting(&mut self, transactions: Vec<Transaction>) {
        let room = self.config.pool.transactions.saturating_sub(self.waited.queue.len());
        self.waited.queue.extend(transactions.into_iter().take(room));
        self.waited.latest = self.now.mono.plus(RESTORE_WAIT_MS);
    }

    /// Judges the next run of what waited before a restart. One at a time, so that a lane keeps its
    /// order.
    pub(crate) fn admit_waiting(&mut self) {
        let Restored { queue, running, latest } = &self.waited;
        if self.halted
            || queue.is_empty()
            || *running > 0
            || self.jobs.len() >= self.config.limits.jobs
        {
            return;
        }
        if self.now.mono < *latest && !self.is_replayed() {
            return;
        }
        let run = queue.iter().take(RESTORE_RUN).cloned();
        let run: Vec<Incoming> = run.map(|tx| Incoming::Whole(Box::new(tx))).collect();
        self.waited.running = run.len();
        self.admit(From::Disk, run);
    }

    /// Whether all is executed that can be without anyone's help.
    fn is_replayed(&self) -> bool {
        let at_hand = |id| self.restored.contains_key(&id) || self.chain.body(&id).is_some();
        let mut next = self.wanted.iter().filter_map(|id| self.chain.next_to_execute(*id));
        self.running.is_empty() && !next.any(at_hand)
    }
}
