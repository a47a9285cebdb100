//! The owner's transactions: each is answered once, those of a lane in the order of their nonces.
use crate::job::{Incoming, Shared};
use crate::jobs::From;
use crate::limits::HELD_MAX;
use crate::{Event, Node, Output, Refusal, Request};
use alloc::{boxed::Box, collections::BTreeMap, collections::BTreeSet, collections::VecDeque};
use alloc::{vec, vec::Vec};
use isonomy_chain::PoolRefused;
use isonomy_crypto::Hash;
use isonomy_ledger::Standing;
use isonomy_types::{Address, Intent, Transaction};

/// Why a submitted transaction does not wait in the mempool.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubmitError {
    /// The chain would not take it.
    #[error(transparent)]
    Refused(Refusal),
    /// The mempool would not.
    #[error(transparent)]
    Pool(PoolRefused),
    /// The node could not look: it has too much to do, or its store fails.
    #[error("the node cannot look at it now: try again")]
    Unready,
}

/// What the owner submitted and was not yet answered. Jobs end in any order, so one of a lane may be
/// judged before those that go before it: it is held until they are answered.
///
/// Only payers' lanes count. If those of all signers did, two could be ahead of each other, each in
/// another lane, and neither would ever be answered.
#[derive(Default)]
pub(crate) struct Submissions {
    open: BTreeMap<Request, Submission>,
    /// The places of all that are open.
    places: BTreeSet<(Place, Request)>,
    held: usize,
}

struct Submission {
    place: Place,
    held: Option<Held>,
}

/// An account, a lane of its, and the counter that a transaction spends there.
pub(crate) type Place = (Address, u16, u64);

/// Every place that a transaction takes, the payer's first.
pub(crate) fn places(intent: &Intent) -> impl Iterator<Item = Place> {
    intent.signers.iter().map(|signer| (signer.account, signer.nonce.lane, signer.nonce.seq))
}

/// A transaction that passed its checks, and what the state of `tip` says of it.
pub(crate) struct Held {
    pub(crate) tip: Hash,
    pub(crate) transaction: Shared,
    pub(crate) standing: Standing,
}

impl Submissions {
    fn open(&mut self, request: Request, intent: &Intent) {
        // Without a signer it is soon refused, and nothing waits for it.
        if let Some(place) = places(intent).next() {
            self.places.insert((place, request));
            self.open.insert(request, Submission { place, held: None });
        }
    }

    /// Whether an open one goes before this one in its payer's lane.
    fn is_ahead(&self, submission: &Submission) -> bool {
        let (of, lane, _) = submission.place;
        let before = ((of, lane, 0), Request(0))..(submission.place, Request(0));
        self.places.range(before).next().is_some()
    }

    /// Keeps a transaction for later, if there is something to wait for.
    pub(crate) fn hold(&mut self, request: Request, held: Held) -> bool {
        let waits = self.open.get(&request).is_some_and(|open| self.is_ahead(open));
        let Some(open) = self.open.get_mut(&request).filter(|_| waits && self.held < HELD_MAX)
        else {
            return false;
        };
        open.held = Some(held);
        self.held = self.held.saturating_add(1);
        true
    }

    /// One is answered. Returns those that have nothing to wait for any more.
    fn close(&mut self, request: Request) -> Vec<(Request, Held)> {
        let Some(Submission { place, .. }) = self.open.remove(&request) else { return Vec::new() };
        self.places.remove(&(place, request));
        let (of, lane, _) = place;
        let after = (place, Request(0))..=((of, lane, u64::MAX), Request(u64::MAX));
        let mut after = self.places.range(after).peekable();
        let first = after.peek().map(|(place, _)| *place);
        let after = after.take_while(|(place, _)| Some(*place) == first);
        let next: Vec<Request> = after.map(|(_, request)| *request).collect();
        next.into_iter().filter_map(|request| Some((request, self.free(request)?))).collect()
    }

    fn free(&mut self, request: Request) -> Option<Held> {
        let waits = self.open.get(&request).is_some_and(|open| self.is_ahead(open));
        let open = self.open.get_mut(&request).filter(|_| !waits)?;
        let held = open.held.take()?;
        self.held = self.held.saturating_sub(1);
        Some(held)
    }
}

impl Node {
    pub(crate) fn submit(&mut self, request: Request, transaction: Box<Transaction>) {
        if self.jobs.len() >= self.config.limits.jobs.saturating_mul(2) {
            return self.unready(From::Owner(request));
        }
        self.submissions.open(request, transaction.intent());
        self.admit(From::Owner(request), vec![Incoming::Whole(transaction)]);
    }

    /// Answers, and judges what waited for this answer.
    pub(crate) fn answer(&mut self, request: Request, result: Result<Hash, SubmitError>) {
        let mut answers = VecDeque::from([(request, result)]);
        while let Some((request, result)) = answers.pop_front() {
            self.out.push_back(Output::Event(Event::Submitted { request, result }));
            for (request, held) in self.submissions.close(request) {
                answers.extend(self.judge_held(request, held).map(|result| (request, result)));
            }
        }
    }

    fn judge_held(&mut self, request: Request, held: Held) -> Option<Result<Hash, SubmitError>> {
        let Held { tip, transaction, standing } = held;
        if tip != self.chain.best().id {
            self.admit(From::Owner(request), vec![Incoming::Again(transaction)]);
            return None;
        }
        let (id, height) = (transaction.id(), self.chain.best().height);
        let new = transaction.clone();
        let inserted = self.pool.insert(transaction, &standing, height, self.now.mono);
        if inserted.is_ok() {
            self.peers.announce_transactions(self.now, vec![id], None);
            self.admit_after(&[new]);
        }
        Some(inserted.map(|_| id).map_err(SubmitError::Pool))
    }
}
