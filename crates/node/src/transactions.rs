//! Transactions: announced, asked for, admitted in jobs, pooled, shown to others.
use crate::job::{AdmitAll, Incoming};
use crate::jobs::{From, Subject};
use crate::machine::Recheck;
use crate::{Event, Job, Limits, Node, Output, Refusal, Request, Verdict};
use alloc::{boxed::Box, vec, vec::Vec};
use isonomy_chain::PoolRefused;
use isonomy_crypto::Hash;
use isonomy_ledger::AdmitError;
use isonomy_peer::{TransactionBytes, Worth};
use isonomy_types::{Address, Encode, Link, Transaction, Wall};

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

impl Node {
    pub(crate) fn submit(&mut self, request: Request, transaction: Box<Transaction>) {
        if self.jobs.len() >= self.config.limits.jobs.saturating_mul(2) {
            return self.unready(From::Owner(request));
        }
        self.admit(From::Owner(request), vec![Incoming::Whole(transaction)]);
    }

    pub(crate) fn announced(&mut self, link: Link, ids: Vec<Hash>) {
        let unknown: Vec<Hash> = ids.into_iter().filter(|id| !self.pool.contains(id)).collect();
        if !unknown.is_empty() && self.jobs.len() < self.config.limits.jobs {
            self.peers.request_transactions(self.now, link, unknown);
        }
    }

    pub(crate) fn received(&mut self, link: Link, items: Vec<(Hash, TransactionBytes)>) {
        let Limits { jobs, link_jobs, .. } = self.config.limits;
        if self.jobs.len() >= jobs || self.jobs.admits(link) >= link_jobs {
            return items.iter().for_each(|(id, _)| self.peers.retry_transaction(self.now, *id));
        }
        let incoming = items.into_iter().map(|(id, bytes)| Incoming::Bytes(id, bytes));
        self.admit(From::Peer(link), incoming.collect());
    }

    pub(crate) fn answer_transactions(&mut self, link: Link, ids: &[Hash]) {
        let found = ids
            .iter()
            .filter_map(|id| Some((*id, TransactionBytes::truncated(self.pool.get(id)?.encode()))));
        let found = found.collect();
        self.peers.answer_transactions(link, found);
    }

    /// Compares everything that waits with the new tip: a payer may have spent elsewhere.
    pub(crate) fn recheck_pool(&mut self) {
        if self.recheck != Recheck::Idle {
            self.recheck = Recheck::Again;
            return;
        }
        let waiting: Vec<Incoming> = self
            .pool
            .ids()
            .iter()
            .filter_map(|id| self.pool.get(id).cloned())
            .map(Incoming::Again)
            .collect();
        if !waiting.is_empty() {
            self.recheck = Recheck::Running;
            self.admit(From::Pool, waiting);
        }
    }

    fn admit(&mut self, from: From, transactions: Vec<Incoming>) {
        let (tip, before) = (self.chain.best().id, self.chain.best().time);
        let time = Wall(before.0.saturating_add(1).max(self.now.wall.0));
        let env = self.chain.next_env(&tip, time, Address::default());
        let (Some(env), Some(view)) = (env, self.chain.view(&tip)) else {
            return self.unready(from);
        };
        let modules = self.config.modules.clone();
        let admit = AdmitAll { env, modules, view, transactions };
        self.job(Subject::Admit { tip, from }, Job::Admit(Box::new(admit)));
    }

    pub(crate) fn unready(&mut self, from: From) {
        match from {
            From::Owner(request) => self.answer(request, Err(SubmitError::Unready)),
            From::Pool => self.recheck = Recheck::Idle,
            From::Peer(_) => {}
        }
    }

    pub(crate) fn admitted(&mut self, tip: Hash, from: From, verdicts: Vec<Verdict>) {
        if from == From::Pool {
            return self.rechecked(tip, verdicts);
        }
        let (best, height) = (self.chain.best().id, self.chain.best().height);
        let (mut fresh, mut again) = (Vec::new(), Vec::new());
        for Verdict { id, result } in verdicts {
            let pooled = match result {
                // What was checked stays checked; the state that answered is not there any more.
                Ok((transaction, _)) if tip != best => {
                    again.push(Incoming::Again(transaction));
                    continue;
                }
                Ok((transaction, Ok(standing))) => {
                    let inserted = self.pool.insert(transaction, &standing, height);
                    inserted.map(|_| id).map_err(SubmitError::Pool)
                }
                Ok((_, Err(error))) => Err(SubmitError::Refused(Refusal::State(error))),
                Err(refusal) => Err(SubmitError::Refused(refusal)),
            };
            fresh.extend(pooled.as_ref().ok().copied());
            self.judged(from, id, pooled);
        }
        let source = if let From::Peer(link) = from { Some(link) } else { None };
        if !fresh.is_empty() {
            self.peers.announce_transactions(self.now, fresh, source);
        }
        if !again.is_empty() {
            self.admit(from, again);
        }
    }

    fn judged(&mut self, from: From, id: Hash, pooled: Result<Hash, SubmitError>) {
        match (from, pooled) {
            (From::Owner(request), result) => self.answer(request, result),
            (From::Peer(link), Err(SubmitError::Refused(refusal))) if refusal.is_fault() => {
                self.peers.worth(link, Worth::Bad(alloc::format!("transaction: {refusal}")));
            }
            (From::Peer(_), Err(SubmitError::Refused(refusal))) if refusal.is_of_witnesses() => {
                self.peers.retry_transaction(self.now, id);
            }
            _ => {}
        }
    }

    fn answer(&mut self, request: Request, result: Result<Hash, SubmitError>) {
        self.out.push_back(Output::Event(Event::Submitted { request, result }));
    }

    /// Lets go what the new tip refuses.
    fn rechecked(&mut self, tip: Hash, verdicts: Vec<Verdict>) {
        let again = self.recheck == Recheck::Again || tip != self.chain.best().id;
        self.recheck = Recheck::Idle;
        if again {
            return self.recheck_pool();
        }
        let refused = |verdict: &&Verdict| {
            matches!(&verdict.result, Ok((_, Err(AdmitError::Inadmissible(_)))))
        };
        let gone: Vec<Hash> = verdicts.iter().filter(refused).map(|verdict| verdict.id).collect();
        self.pool.drop(&gone);
    }
}
