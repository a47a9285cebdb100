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
#[derive(Default)]
pub(crate) struct Submissions {
    open: BTreeMap<Request, Submission>,
    /// Every nonce that an open one spends.
    nonces: BTreeSet<(Address, u16, u64, Request)>,
    held: usize,
}

struct Submission {
    spends: Vec<(Address, u16, u64)>,
    held: Option<Held>,
}

/// A transaction that passed its checks, and what the state of `tip` says of it.
pub(crate) struct Held {
    pub(crate) tip: Hash,
    pub(crate) transaction: Shared,
    pub(crate) standing: Standing,
}

impl Submissions {
    fn open(&mut self, request: Request, intent: &Intent) {
        let signers = intent.signers.iter();
        let spends = signers.map(|signer| (signer.account, signer.nonce.lane, signer.nonce.seq));
        let spends: Vec<_> = spends.collect();
        self.nonces.extend(spends.iter().map(|(of, lane, seq)| (*of, *lane, *seq, request)));
        self.open.insert(request, Submission { spends, held: None });
    }

    /// Whether an open one goes before this one in a lane.
    fn is_ahead(&self, submission: &Submission) -> bool {
        submission.spends.iter().any(|(of, lane, seq)| {
            let before = (*of, *lane, 0, Request(0))..(*of, *lane, *seq, Request(0));
            self.nonces.range(before).next().is_some()
        })
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
        let Some(closed) = self.open.remove(&request) else { return Vec::new() };
        let mut next = BTreeSet::new();
        for (of, lane, seq) in closed.spends {
            self.nonces.remove(&(of, lane, seq, request));
            let after = (of, lane, seq, Request(0))..=(of, lane, u64::MAX, Request(u64::MAX));
            let mut after = self.nonces.range(after).peekable();
            let first = after.peek().map(|(_, _, seq, _)| *seq);
            let after = after.take_while(|(_, _, seq, _)| Some(*seq) == first);
            next.extend(after.map(|(_, _, _, request)| *request));
        }
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
        let inserted = self.pool.insert(transaction, &standing, height, self.now.mono);
        if inserted.is_ok() {
            self.peers.announce_transactions(self.now, vec![id], None);
        }
        Some(inserted.map(|_| id).map_err(SubmitError::Pool))
    }
}
