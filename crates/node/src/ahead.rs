//! Transactions of peers that came too early.
use crate::Node;
use crate::job::{Incoming, Shared};
use crate::jobs::From;
use crate::limits::{AHEAD_MAX, AHEAD_SEQ_MAX};
use crate::submissions::{Place, places};
use alloc::{collections::BTreeMap, vec::Vec};

/// Peers tell of each transaction once, in any order. One that is ahead of what waits would be
/// refused and not come again, so it is kept until those before it in its payer's lane come.
#[derive(Default)]
pub(crate) struct Ahead {
    kept: BTreeMap<Place, (u64, Shared)>,
    /// The same places, as they came.
    arrivals: BTreeMap<u64, Place>,
    serial: u64,
}

impl Ahead {
    /// Keeps it, the first of its place, if it is ahead by a counter of `got` where `limit` is next.
    /// The one that was kept longest leaves if there is no room.
    pub(crate) fn keep(&mut self, transaction: Shared, got: u64, limit: u64) {
        let place = places(transaction.intent()).next();
        let near = got.saturating_sub(limit) <= AHEAD_SEQ_MAX;
        let Some(place) = place.filter(|place| near && !self.kept.contains_key(place)) else {
            return;
        };
        if self.arrivals.len() >= AHEAD_MAX
            && let Some((_, oldest)) = self.arrivals.pop_first()
        {
            self.kept.remove(&oldest);
        }
        self.serial = self.serial.saturating_add(1);
        self.arrivals.insert(self.serial, place);
        self.kept.insert(place, (self.serial, transaction));
    }

    /// These wait now, or a block holds them. Takes out those that come after them without a gap, and
    /// lets go of what stood in their places.
    fn after(&mut self, done: &[Shared]) -> Vec<Shared> {
        let mut next = Vec::new();
        for (of, lane, seq) in done.iter().flat_map(|done| places(done.intent())) {
            self.take((of, lane, seq));
            let seqs = (seq..=u64::MAX).skip(1);
            next.extend(seqs.map_while(|seq| self.take((of, lane, seq))));
        }
        next
    }

    fn take(&mut self, place: Place) -> Option<Shared> {
        let (arrival, transaction) = self.kept.remove(&place)?;
        self.arrivals.remove(&arrival);
        Some(transaction)
    }
}

impl Node {
    /// Admits what was ahead of these and is not any more.
    pub(crate) fn admit_after(&mut self, done: &[Shared]) {
        let next = self.ahead.after(done);
        if !next.is_empty() {
            self.admit(From::Ahead, next.into_iter().map(Incoming::Again).collect());
        }
    }
}
