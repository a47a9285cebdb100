//! Transactions: announced, asked for, admitted in jobs, pooled, shown to others.
use crate::job::{AdmitAll, Incoming};
use crate::jobs::{From, Source, Subject};
use crate::machine::Recheck;
use crate::submissions::Held;
use crate::{Job, Node, Refusal, SubmitError, Verdict};
use alloc::{boxed::Box, collections::BTreeMap, vec::Vec};
use isonomy_chain::PoolRefused;
use isonomy_crypto::Hash;
use isonomy_ledger::{AdmitError, Inadmissible, Standing};
use isonomy_peer::{TransactionBytes, Worth};
use isonomy_types::{Address, Encode, Link, Wall};

impl Node {
    pub(crate) fn announced(&mut self, link: Link, ids: Vec<Hash>) {
        let unknown: Vec<Hash> = ids.into_iter().filter(|id| !self.pool.contains(id)).collect();
        if !unknown.is_empty() && self.jobs.len() < self.config.limits.jobs {
            self.peers.request_transactions(self.now, link, unknown);
        }
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

    pub(crate) fn admit(&mut self, from: From, transactions: Vec<Incoming>) {
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
            From::Disk => self.waited.again(),
            From::Peers(_) | From::Ahead => {}
        }
    }

    pub(crate) fn admitted(&mut self, tip: Hash, from: From, verdicts: Vec<Verdict>) {
        if from == From::Pool {
            return self.rechecked(tip, verdicts);
        }
        let mut fresh: BTreeMap<Option<Link>, Vec<Hash>> = BTreeMap::new();
        let (mut again, mut judged) = (Vec::new(), Vec::new());
        for (link, Verdict { id, result }) in from.links().zip(verdicts) {
            let pooled = match result {
                // What was checked stays checked; the state that answered is not there any more.
                Ok((transaction, _)) if tip != self.chain.best().id => {
                    again.push((link, Incoming::Again(transaction)));
                    continue;
                }
                Ok((transaction, Ok(standing))) => {
                    match self.insert(&from, Held { tip, transaction, standing }) {
                        Some(pooled) => pooled,
                        None => continue,
                    }
                }
                Ok((_, Err(error))) => Err(SubmitError::Refused(Refusal::State(error))),
                Err(refusal) => Err(SubmitError::Refused(refusal)),
            };
            if pooled.is_ok() {
                fresh.entry(link).or_default().push(id);
            }
            judged.push((link, id, pooled));
        }
        let known = fresh.values().flatten().filter_map(|id| self.pool.get(id).cloned());
        let pooled: Vec<_> = known.collect();
        for (source, fresh) in fresh {
            self.peers.announce_transactions(self.now, fresh, source);
        }
        self.admit_after(&pooled);
        judged.into_iter().for_each(|(link, id, pooled)| self.judged(&from, link, id, pooled));
        if !again.is_empty() {
            self.admit_again(from, again);
        } else if from == From::Disk {
            self.waited.judged();
        }
    }

    fn admit_again(&mut self, from: From, again: Vec<(Option<Link>, Incoming)>) {
        let (links, again): (Vec<_>, Vec<_>) = again.into_iter().unzip();
        let from = match from {
            From::Peers(_) => From::Peers(Source::each(links.into_iter().flatten())),
            other => other,
        };
        self.admit(from, again);
    }

    /// Into the mempool; or, if it is ahead of what the owner submitted too, nowhere yet. A peer's
    /// that is ahead is kept aside.
    fn insert(&mut self, from: &From, new: Held) -> Option<Result<Hash, SubmitError>> {
        let (id, height) = (new.transaction.id(), self.chain.best().height);
        let transaction = new.transaction.clone();
        let inserted = self.pool.insert(transaction, &new.standing, height, self.now.mono);
        if let Err(PoolRefused::Gap { got, limit }) = inserted {
            if let From::Owner(request) = from {
                if self.submissions.hold(*request, new) {
                    return None;
                }
            } else {
                self.ahead.keep(new.transaction, got, limit);
            }
        }
        Some(inserted.map(|_| id).map_err(SubmitError::Pool))
    }

    fn judged(
        &mut self,
        from: &From,
        link: Option<Link>,
        id: Hash,
        pooled: Result<Hash, SubmitError>,
    ) {
        match (from, link, pooled) {
            (From::Owner(request), _, result) => self.answer(*request, result),
            (_, Some(link), Err(SubmitError::Refused(refusal))) if refusal.is_fault() => {
                self.peers.worth(link, Worth::Bad(alloc::format!("transaction: {refusal}")));
            }
            (_, Some(_), Err(SubmitError::Refused(refusal))) if refusal.is_of_witnesses() => {
                self.peers.retry_transaction(self.now, id);
            }
            _ => {}
        }
    }

    /// Lets go what the new tip refuses. What the base fee has passed stays: it may fall again, and
    /// until then nothing in the pool is cheaper.
    fn rechecked(&mut self, tip: Hash, verdicts: Vec<Verdict>) {
        let again = self.recheck == Recheck::Again || tip != self.chain.best().id;
        self.recheck = Recheck::Idle;
        if again {
            return self.recheck_pool();
        }
        let refused = |verdict: &&Verdict| match &verdict.result {
            Ok((_, Err(AdmitError::Inadmissible(why)))) => {
                !matches!(why, Inadmissible::Price { .. })
            }
            _ => false,
        };
        let gone: Vec<Hash> = verdicts.iter().filter(refused).map(|verdict| verdict.id).collect();
        self.pool.drop(&gone);
        let standing = |verdict: Verdict| Some((verdict.id, verdict.result.ok()?.1.ok()?));
        let standings: Vec<(Hash, Standing)> = verdicts.into_iter().filter_map(standing).collect();
        self.pool.cover(&standings);
    }
}
