//! From a header to a state: bodies are fetched, blocks executed in order.
use crate::jobs::Subject;
use crate::limits::READS_FAILED_MAX;
use crate::writes::Promise;
use crate::{BodyError, Job, Node, job::Shared};
use alloc::{boxed::Box, collections::BTreeSet, sync::Arc, vec::Vec};
use isonomy_chain::Outcome;
use isonomy_consensus as consensus;
use isonomy_crypto::Hash;
use isonomy_ledger::{ExecuteError, Executed};
use isonomy_peer::{BodyBytes, Worth};
use isonomy_types::Link;

impl Node {
    /// Fetches and runs what is missing on the way to what the engine wants.
    pub(crate) fn advance(&mut self) {
        let known = |id: &&Hash| self.chain.trail(id).is_some();
        let wanted: Vec<Hash> = self.wanted.iter().filter(known).copied().collect();
        let next = wanted.iter().filter_map(|id| self.chain.next_to_execute(*id));
        let next: Vec<Hash> = next.collect();
        for id in &next {
            if let Some(body) = self.restored.remove(id) {
                self.chain.import_body(*id, body);
            }
        }
        self.fetch(&wanted);
        if self.writes.full() {
            return;
        }
        for id in next {
            if self.running.contains(&id) {
                continue;
            }
            if let Ok(execute) = self.chain.execute(id) {
                self.running.insert(id);
                self.job(Subject::Execute(id), Job::Execute(Box::new(execute)));
            }
        }
    }

    fn fetch(&mut self, wanted: &[Hash]) {
        let mut seen = BTreeSet::new();
        let missing = wanted.iter().flat_map(|id| self.chain.missing(*id));
        let missing = missing.filter(|id| !self.restored.contains_key(id) && seen.insert(*id));
        let missing = missing.collect();
        self.peers.want(self.now, missing);
    }

    pub(crate) fn body_arrived(&mut self, link: Link, id: Hash, bytes: BodyBytes) {
        let Some(root) = self.chain.header(&id).map(|header| header.body_root) else { return };
        let genesis = self.config.genesis;
        self.job(Subject::Body { link, id }, Job::Body { genesis, root, bytes });
    }

    pub(crate) fn body(&mut self, link: Link, id: Hash, result: Result<Arc<[Shared]>, BodyError>) {
        match result {
            Ok(transactions) => {
                self.chain.import_body(id, transactions);
                self.peers.worth(link, Worth::Good);
            }
            Err(BodyError::Mismatch) => {
                self.peers.worth(link, Worth::Bad(alloc::format!("{}", BodyError::Mismatch)));
            }
            Err(BodyError::Invalid(why)) => {
                let ids = self.chain.condemn(id);
                self.condemned(id, ids, why);
            }
        }
        self.advance();
    }

    /// One read that failed may be the medium's passing trouble, and is tried again. A damaged page or
    /// value fails every time, and its owner must hear of it.
    pub(crate) fn count_reads(&mut self, result: &Result<Executed, ExecuteError>) {
        let failed = matches!(result, Err(ExecuteError::Read(_)));
        self.reads_failed = if failed { self.reads_failed.saturating_add(1) } else { 0 };
        if self.reads_failed >= READS_FAILED_MAX {
            self.halt(alloc::format!(
                "the state could not be read for {READS_FAILED_MAX} executions in a row: the disk \
                 fails, or what it holds is damaged; `isonomy check` names what is"
            ));
        }
    }

    pub(crate) fn executed(&mut self, id: Hash, result: Result<Executed, ExecuteError>) {
        self.running.remove(&id);
        match self.chain.executed(id, result) {
            Outcome::Executed { authority } => {
                self.keep(id, Promise::Nothing);
                self.facts.push_back(consensus::Input::Executed { id, authority });
            }
            Outcome::Condemned { ids, why } => {
                self.condemned(id, ids, alloc::format!("{why}"));
            }
            // Dropped meanwhile, or the medium failed: tried again in the next pass, if wanted.
            Outcome::Nothing => return,
        }
        self.advance();
    }
}
