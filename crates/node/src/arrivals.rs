//! Transactions of peers, gathered while others are judged: many signatures cost less together.
use crate::job::Incoming;
use crate::jobs::{From, Source};
use crate::limits::{ARRIVALS_TAKEN, ARRIVALS_WAIT_MS};
use crate::{Limits, Node};
use alloc::{collections::VecDeque, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_peer::TransactionBytes;
use isonomy_types::{Link, Mono};

/// What came and is not yet being judged, oldest first.
#[derive(Default)]
pub(crate) struct Arrivals(VecDeque<Arrival>);

/// What one message brought.
struct Arrival {
    link: Link,
    at: Mono,
    transactions: Vec<Incoming>,
}

impl Arrivals {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    fn of(&self, link: Link) -> usize {
        self.0.iter().filter(|arrival| arrival.link == link).count()
    }

    /// When the oldest has waited long enough.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.0.front().map(|oldest| oldest.at.plus(ARRIVALS_WAIT_MS))
    }

    /// About [`ARRIVALS_TAKEN`] transactions, and whose they are.
    fn take(&mut self) -> (Vec<Source>, Vec<Incoming>) {
        let (mut sources, mut taken) = (Vec::new(), Vec::new());
        while taken.len() < ARRIVALS_TAKEN
            && let Some(Arrival { link, mut transactions, .. }) = self.0.pop_front()
        {
            sources.push(Source { link, count: transactions.len() });
            taken.append(&mut transactions);
        }
        (sources, taken)
    }
}

impl Node {
    pub(crate) fn received(&mut self, link: Link, items: Vec<(Hash, TransactionBytes)>) {
        let Limits { jobs, link_jobs, .. } = self.config.limits;
        let all = self.jobs.len().saturating_add(self.arrivals.len());
        let own = self.jobs.admits(link).saturating_add(self.arrivals.of(link));
        if all >= jobs || own >= link_jobs {
            return items.iter().for_each(|(id, _)| self.peers.retry_transaction(self.now, *id));
        }
        let incoming = items.into_iter().map(|(id, bytes)| Incoming::Bytes(id, bytes));
        let arrival = Arrival { link, at: self.now.mono, transactions: incoming.collect() };
        self.arrivals.0.push_back(arrival);
    }

    /// Judges at once what came while nothing else is being judged. What comes meanwhile gathers, the
    /// more the busier it is, until that is done or the oldest has waited long enough.
    pub(crate) fn admit_arrivals(&mut self) {
        while !self.halted && self.arrivals.len() > 0 {
            let late = self.arrivals.deadline().is_some_and(|at| at <= self.now.mono);
            if self.jobs.admits_peers() && !late {
                return;
            }
            let (sources, transactions) = self.arrivals.take();
            self.admit(From::Peers(sources), transactions);
        }
    }
}
