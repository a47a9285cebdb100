//! How many may wait on one another.
use super::{Pool, PoolRefused, REPLACED_MAX, spends};
use alloc::{collections::BTreeSet, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{Checked, Transaction};

/// Transactions that one may wait for, and that may wait for one, through all lanes. They leave with
/// it, so this bounds what one block, one eviction or one payer costs; and together they are as many
/// as one replacement may drive out, so that nobody makes a transaction irreplaceable by what he
/// chains to it. Stops a graph of transactions that is dear to walk (CVE-2024-52914).
pub const CHAINED_MAX: usize = REPLACED_MAX - 1;

impl Pool {
    /// Whether it may wait for what is before it, once `replaced` are gone. None of those is.
    pub(super) fn judge_chain(
        &self,
        transaction: &Transaction<Checked>,
        replaced: &BTreeSet<Hash>,
    ) -> Result<(), PoolRefused> {
        let limit = CHAINED_MAX;
        let within = |got: usize| {
            if got > limit { Err(PoolRefused::Chained { got, limit }) } else { Ok(()) }
        };
        let before =
            self.walk(self.before(transaction).collect(), |found| self.before(found).collect());
        within(before.len())?;
        // What waits for one that waits for another waits for that one: the first of all have most.
        let first = before.iter().filter(|id| {
            self.get(id).is_some_and(|transaction| self.before(transaction).next().is_none())
        });
        for id in first {
            let after = self.walk(alloc::vec![*id], |found| self.after(found, replaced));
            // The first itself is counted, and the newcomer is not.
            within(after.len())?;
        }
        Ok(())
    }

    /// All that is reached from these, or more than enough of it.
    fn walk(
        &self,
        mut pending: Vec<Hash>,
        next: impl Fn(&Transaction<Checked>) -> Vec<Hash>,
    ) -> BTreeSet<Hash> {
        let mut found = BTreeSet::new();
        while let Some(id) = pending.pop().filter(|_| found.len() <= CHAINED_MAX) {
            if let Some(transaction) = self.get(&id).filter(|_| found.insert(id)) {
                pending.extend(next(transaction));
            }
        }
        found
    }

    /// Those that wait just after it, on each lane where one does.
    fn after(&self, transaction: &Transaction<Checked>, without: &BTreeSet<Hash>) -> Vec<Hash> {
        let after = spends(transaction).filter_map(|(key, seq)| {
            let lane = self.lanes.get(&key)?;
            lane.ids.get(lane.place(seq)?.saturating_add(1)).copied()
        });
        after.filter(|id| !without.contains(id)).collect()
    }
}
