//! Best moves: some come back, some are done.
use super::{LaneKey, Pool, Waiting, cover::fee_alone, spends};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    vec::Vec,
};
use isonomy_crypto::Hash;
use isonomy_types::{Checked, Mono, Transaction};

/// What a move of best did to a pool. Each list is in ascending order of ids.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Moved {
    /// They waited; now a block holds them.
    pub confirmed: Vec<Hash>,
    /// They were in a block; now they wait again.
    pub returned: Vec<Hash>,
    /// They waited, and no longer do: a block spent their nonce otherwise, what they waited for is
    /// gone, they expired, or what came back took their room.
    pub dropped: Vec<Hash>,
}

impl Pool {
    /// Best moved: `left` are the transactions of the blocks that it left, `joined` those of the
    /// blocks that it joined, each in block order; `height` is that of the new best.
    ///
    /// Every lane stands now where the new best's state has it. What a block left comes back if it
    /// is still the next of its lanes, and within the limits; it has come now. Of what that takes
    /// from accounts only the highest fees are known until [`cover`](Self::cover) tells more.
    pub fn moved(
        &mut self,
        left: &[Arc<Transaction<Checked>>],
        joined: &[Arc<Transaction<Checked>>],
        height: u64,
        now: Mono,
    ) -> Moved {
        let done: BTreeSet<Hash> = joined.iter().map(|transaction| transaction.id()).collect();
        let mut taken = self.turn(nexts(left, joined));
        taken.sort_unstable_by_key(|waiting| waiting.arrival);
        let back = left.iter().map(|transaction| (transaction, fee_alone(transaction), now));
        let stay = taken.iter().map(|old| (&old.transaction, old.pays.clone(), old.since));
        for (transaction, pays, since) in back.chain(stay) {
            if self.fits(transaction, height) {
                self.put(transaction.clone(), pays, since);
            }
        }
        let waited: Vec<_> = taken.into_iter().map(|waiting| waiting.transaction).collect();
        let mut gone = self.take_late(height);
        gone.extend(self.shrink(now));
        let gone: Vec<_> = gone.into_iter().map(|waiting| waiting.transaction).collect();
        self.sweep(left.iter().chain(joined).chain(&waited).chain(&gone));
        self.tell(left, waited.iter().chain(&gone), &done)
    }

    fn tell<'a>(
        &self,
        left: &[Arc<Transaction<Checked>>],
        moved: impl Iterator<Item = &'a Arc<Transaction<Checked>>>,
        done: &BTreeSet<Hash>,
    ) -> Moved {
        let left: BTreeSet<Hash> = left.iter().map(|transaction| transaction.id()).collect();
        let moved: BTreeSet<Hash> = moved.map(|transaction| transaction.id()).collect();
        let waited = moved.difference(&left).filter(|id| !self.contains(id));
        let (confirmed, dropped) = waited.partition(|id| done.contains(id));
        let returned = left.into_iter().filter(|id| self.contains(id)).collect();
        Moved { confirmed, returned, dropped }
    }

    /// Takes out all that waits on these lanes, and all that waits for it; then sets where the lanes
    /// stand.
    fn turn(&mut self, nexts: BTreeMap<LaneKey, u64>) -> Vec<Waiting> {
        let lanes = nexts.keys().filter_map(|key| self.lanes.get(key));
        let ids: Vec<Hash> = lanes.flat_map(|lane| lane.ids.iter().copied()).collect();
        let taken = self.take(&ids);
        for (key, next) in nexts {
            self.lanes.entry(key).or_default().next = next;
        }
        taken
    }

    /// Whether it is the next of every lane that it spends, in time, its accounts have room, and not
    /// too many go before it.
    fn fits(&self, transaction: &Transaction<Checked>, height: u64) -> bool {
        let next =
            |(key, seq): (LaneKey, u64)| self.lanes.get(&key).is_some_and(|lane| lane.end() == seq);
        transaction.intent().expires > height
            && spends(transaction).all(next)
            && self.judge_accounts(transaction, &BTreeSet::new()).is_ok()
            && self.judge_chain(transaction, &BTreeSet::new()).is_ok()
    }

    /// Takes out what no later block may hold, and what waits for it.
    fn take_late(&mut self, height: u64) -> Vec<Waiting> {
        let end = (height.saturating_add(1), Hash::ZERO);
        let expired: Vec<Hash> = self.expiries.range(..end).map(|(_, id)| *id).collect();
        self.take(&expired)
    }

    /// Takes out the cheapest until the pool is within its limits.
    fn shrink(&mut self, now: Mono) -> Vec<Waiting> {
        let mut gone = Vec::new();
        while self.len() > self.limits.transactions || self.bytes > self.limits.bytes {
            let Some((floor, _, id)) = self.ranks.first().copied() else { break };
            self.least.raise(floor, now);
            gone.extend(self.take(&[id]));
        }
        gone
    }
}

/// Where the lanes of these transactions stand afterwards.
fn nexts(
    left: &[Arc<Transaction<Checked>>],
    joined: &[Arc<Transaction<Checked>>],
) -> BTreeMap<LaneKey, u64> {
    let mut nexts = BTreeMap::new();
    for (key, seq) in left.iter().flat_map(|transaction| spends(transaction)) {
        nexts.entry(key).or_insert(seq);
    }
    for (key, seq) in joined.iter().flat_map(|transaction| spends(transaction)) {
        nexts.insert(key, seq.saturating_add(1));
    }
    nexts
}
