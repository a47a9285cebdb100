//! What waits in the pool (invariant 9).
use super::Difference;
use super::draw::Draw;
use super::mutant::Mutant;
use super::pair::{Pair, Shared, rule};
use super::plan;
use crate::same;
use isonomy_chain::Transactions;
use isonomy_crypto::Hash;
use isonomy_ledger::{AdmitError, Standing};
use isonomy_naive::{Draft, Rule};
use isonomy_types::{Address, Wall};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Pair {
    fn next_draft(&self) -> Draft {
        let best = &self.naive[&self.chain.best().id];
        best.draft(Wall(best.time.0 + 1), Address::default())
    }

    /// Some transactions want to wait: the ledger and the validator judge them alike.
    pub fn wait(&mut self, draw: &mut Draw) -> Result<(), Difference> {
        let (draft, height) = (self.next_draft(), self.chain.best().height);
        for _ in 0..draw.below(4) {
            let state = &self.naive[&self.chain.best().id];
            let next = |of: &Address, lane: u16| {
                self.pool.next(of, lane).unwrap_or_else(|| state.nonce(of, lane))
            };
            let transaction = plan::transaction(draw, &draft, height + 1, &next);
            let mut rules = draft.broken(&transaction);
            let transaction: Shared = Arc::new(transaction.trust_own_log());
            rules.retain(|rule| !self.is_gap(rule, &transaction));
            match self.admit(&transaction) {
                Ok(standing) => {
                    same!(rules, Vec::<Rule>::new(), "why a transaction may not wait");
                    let name = match self.pool.insert(transaction, &standing, height, self.now) {
                        Ok(_) => "waited",
                        Err(_) => "not let in",
                    };
                    self.count(name);
                }
                Err(AdmitError::Inadmissible(why)) => {
                    same!(rules.contains(&rule(&why)), true, format!("{why:?} among {rules:?}"));
                }
                Err(AdmitError::Read(failed)) => return Err(failed.to_string()),
            }
        }
        self.check_pool()
    }

    /// A nonce ahead of its lane may wait.
    fn is_gap(&self, rule: &Rule, transaction: &Shared) -> bool {
        let Rule::Nonce(place) = rule else { return false };
        let signer = &transaction.intent().signers[*place];
        let next = self.naive[&self.chain.best().id].nonce(&signer.account, signer.nonce.lane);
        signer.nonce.seq > next && signer.nonce.seq < u64::MAX
    }

    /// Best moved, as the node tells its pool.
    pub fn moved(
        &mut self,
        left: &[(Hash, Transactions)],
        joined: &[(Hash, Transactions)],
    ) -> Result<(), Difference> {
        let all = |blocks: &[(Hash, Transactions)]| -> Vec<Shared> {
            blocks.iter().flat_map(|(_, body)| body.iter().cloned()).collect()
        };
        let (left, joined) = (all(left), all(joined));
        let told = if self.mutant == Mutant::PoolNotTold { &[][..] } else { &left };
        let height = self.chain.best().height;
        let moved = self.pool.moved(told, &joined, height, self.now);
        moved.returned.iter().for_each(|_| self.count("returned"));
        moved.confirmed.iter().for_each(|_| self.count("confirmed"));
        let mut gone = self.judge_again();
        gone.extend(moved.dropped);
        for transaction in left {
            let valid = self.next_draft().broken(&transaction.to_unchecked()).is_empty();
            let id = transaction.id();
            if valid && !gone.contains(&id) {
                same!(self.pool.contains(&id), true, "a valid transaction came back");
            }
        }
        self.check_pool()
    }

    /// What may wait no more leaves, and so does what can no longer be paid.
    fn judge_again(&mut self) -> BTreeSet<Hash> {
        let (mut standings, mut gone): (Vec<(Hash, Standing)>, _) = (Vec::new(), BTreeSet::new());
        for transaction in self.pool.in_order() {
            match self.admit(&transaction) {
                Ok(standing) => standings.push((transaction.id(), standing)),
                Err(_) => gone.extend(self.pool.drop(&[transaction.id()])),
            }
        }
        gone.extend(self.pool.cover(&standings));
        gone
    }

    /// All that waits is valid at the tip but for those before it on its lanes, which have no gap;
    /// nothing that best's branch holds waits.
    fn check_pool(&mut self) -> Result<(), Difference> {
        let draft = self.next_draft();
        let best = &self.naive[&self.chain.best().id];
        let mut lanes: BTreeMap<(Address, u16), BTreeSet<u64>> = BTreeMap::new();
        for transaction in self.pool.in_order() {
            let mut rules = draft.broken(&transaction.to_unchecked());
            rules.retain(|rule| !self.is_gap(rule, &transaction));
            same!(rules, Vec::<Rule>::new(), "why a waiting transaction may not wait");
            for signer in transaction.intent().signers.iter() {
                let lane = lanes.entry((signer.account, signer.nonce.lane)).or_default();
                same!(lane.insert(signer.nonce.seq), true, "a nonce waits once");
            }
        }
        for ((account, lane), seqs) in lanes {
            let next = best.nonce(&account, lane);
            let want: Vec<u64> = (next..next + seqs.len() as u64).collect();
            same!(seqs.into_iter().collect::<Vec<_>>(), want, "the nonces that wait on a lane");
        }
        Ok(())
    }
}
