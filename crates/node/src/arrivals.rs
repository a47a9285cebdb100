//! Transactions of peers, gathered while others are judged: many signatures cost less together.
use crate::job::Incoming;
use crate::jobs::{From, Source};
use crate::limits::{ARRIVALS_BYTES, ARRIVALS_TAKEN, ARRIVALS_WAIT_MS};
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
    items: Vec<(Hash, TransactionBytes)>,
}

impl Arrival {
    fn bytes(&self) -> usize {
        self.items.iter().fold(0, |sum, (_, bytes)| bytes.len().saturating_add(sum))
    }
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

    /// About [`ARRIVALS_TAKEN`] transactions of [`ARRIVALS_BYTES`], and whose they are. What one message
    /// brought stays together; more bytes than that come alone.
    fn take(&mut self) -> (Vec<Source>, Vec<Incoming>) {
        let (mut sources, mut taken, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
        while let Some(next) = self.0.front() {
            bytes = bytes.saturating_add(next.bytes());
            let full = taken.len() >= ARRIVALS_TAKEN || bytes > ARRIVALS_BYTES;
            if full && !taken.is_empty() {
                break;
            }
            let Some(Arrival { link, items, .. }) = self.0.pop_front() else { break };
            sources.push(Source { link, count: items.len() });
            taken.extend(items.into_iter().map(|(id, bytes)| Incoming::Bytes(id, bytes)));
        }
        (sources, taken)
    }

    /// What came of `link`.
    fn remove(&mut self, link: Link) -> impl Iterator<Item = Hash> {
        let all = core::mem::take(&mut self.0).into_iter();
        let (gone, kept): (Vec<_>, _) = all.partition(|arrival| arrival.link == link);
        self.0 = kept.into();
        gone.into_iter().flat_map(|arrival| arrival.items).map(|(id, _)| id)
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
        self.arrivals.0.push_back(Arrival { link, at: self.now.mono, items });
    }

    /// Asks others for what came of a link that is hung up on, and is not judged yet: it brought one
    /// lie, and may have brought more.
    pub(crate) fn distrust_arrivals(&mut self, link: Link) {
        for id in self.arrivals.remove(link) {
            self.peers.retry_transaction(self.now, id);
        }
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
