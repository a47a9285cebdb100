//! How many may wait on one another.
use super::{Pool, PoolRefused, REPLACED_MAX, spends};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
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
        let before = self.all_before(transaction);
        within(before.len())?;
        within(self.most_after(&before, replaced))
    }

    /// How many wait for the one of `before` for which most do, itself counted and `without` left out.
    ///
    /// Looks at each once, be it reached from one or from all of them: who waits for many would else
    /// be dear to judge, and refused at no cost of his (attack 62).
    fn most_after(&self, before: &BTreeSet<Hash>, without: &BTreeSet<Hash>) -> usize {
        // Who is reached from whom: a bit for each of `before`, of which there are no more.
        const { assert!(CHAINED_MAX <= u128::BITS as usize) };
        let mut counts = [0_usize; u128::BITS as usize];
        let bits = (0..u128::BITS).map(|bit| 1_u128.wrapping_shl(bit));
        let turn = |id: &Hash| Some((self.waiting.get(id)?.arrival, *id));
        let mut open: BTreeMap<(u64, Hash), u128> =
            before.iter().filter_map(turn).zip(bits).collect();
        // Whoever waits for another arrived later, so all that reach one are known at its turn.
        while let Some(((_, id), reached)) = open.pop_first() {
            for (bit, count) in (0..u128::BITS).zip(&mut counts) {
                *count = count.saturating_add((reached.wrapping_shr(bit) & 1) as usize);
            }
            let after = self.get(&id).map(|transaction| self.after(transaction, without));
            for next in after.iter().flatten().filter_map(turn) {
                *open.entry(next).or_default() |= reached;
            }
        }
        counts.into_iter().max().unwrap_or_default()
    }

    /// All that it waits for, or more than enough of it.
    fn all_before(&self, transaction: &Transaction<Checked>) -> BTreeSet<Hash> {
        let mut pending: Vec<Hash> = self.before(transaction).collect();
        let mut found = BTreeSet::new();
        while let Some(id) = pending.pop().filter(|_| found.len() <= CHAINED_MAX) {
            if let Some(transaction) = self.get(&id).filter(|_| found.insert(id)) {
                pending.extend(self.before(transaction));
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
