//! A transaction comes to wait: at the end of its lanes, or in the place of others.
use super::{Pool, PoolRefused, spends};
use alloc::{collections::BTreeSet, sync::Arc, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_ledger::Standing;
use isonomy_types::{Address, Checked, Mono, Transaction};

/// What left when a transaction came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inserted {
    /// Those whose place it took, and those that waited for them.
    pub replaced: Vec<Hash>,
    /// Those that paid too little to stay in a full pool.
    pub evicted: Vec<Hash>,
}

impl Pool {
    /// Takes in a transaction that the ledger admits to the block after best, whose height is
    /// `height`. `standing` is of best's state too.
    ///
    /// It goes to the end of each lane that it spends; if another waits in its place, it replaces
    /// that one, and what waits for that one leaves. If there is no room, those leave whose price,
    /// or whose predecessors' price, is lowest, and the [least price](Self::least_price) rises.
    ///
    /// # Errors
    /// See [`PoolRefused`].
    pub fn insert(
        &mut self,
        transaction: Arc<Transaction<Checked>>,
        standing: &Standing,
        height: u64,
        now: Mono,
    ) -> Result<Inserted, PoolRefused> {
        if self.contains(&transaction.id()) {
            return Err(PoolRefused::Known);
        }
        let (got, limit) = (transaction.intent().expires, height.saturating_add(1));
        if got < limit {
            return Err(PoolRefused::Expired { got, limit });
        }
        let rivals = self.rivals(&transaction, standing)?;
        self.judge_price(&transaction, &rivals)?;
        let replaced = self.replaced(&transaction, &rivals)?;
        self.judge_fee(&transaction, &replaced)?;
        self.judge_accounts(&transaction, &replaced)?;
        self.judge_chain(&transaction, &replaced)?;
        self.judge_cover(&transaction, standing, &replaced)?;
        self.judge_least(&transaction, now)?;
        let evicted = self.make_room(&transaction, &replaced)?;
        let replaced = self.drop(&replaced.into_iter().collect::<Vec<_>>());
        for waiting in evicted.iter().filter_map(|id| self.waiting.get(id)) {
            self.least.raise(waiting.floor, now);
        }
        let evicted = self.drop(&evicted);
        self.put(transaction, standing.pays.clone(), now);
        Ok(Inserted { replaced, evicted })
    }

    /// Those that wait in its place.
    fn rivals(
        &self,
        transaction: &Transaction<Checked>,
        standing: &Standing,
    ) -> Result<Vec<Hash>, PoolRefused> {
        let mut rivals = Vec::new();
        for (index, (key, got)) in spends(transaction).enumerate() {
            let lane = self.lanes.get(&key);
            let stated = standing.next.get(index).copied().unwrap_or_default();
            let (next, end) = lane.map_or((stated, stated), |lane| (lane.next, lane.end()));
            if got < next {
                return Err(PoolRefused::Spent { got, limit: next });
            }
            if got > end {
                return Err(PoolRefused::Gap { got, limit: end });
            }
            rivals.extend(lane.and_then(|lane| lane.ids.get(lane.place(got)?)).copied());
        }
        Ok(rivals)
    }

    pub(super) fn judge_accounts(
        &self,
        transaction: &Transaction<Checked>,
        replaced: &BTreeSet<Hash>,
    ) -> Result<(), PoolRefused> {
        let limit = self.limits.per_account;
        let freed = |account: &Address| {
            let signers = replaced.iter().filter_map(|id| self.get(id));
            let signers = signers.flat_map(|tx| tx.intent().signers.iter());
            signers.filter(|signer| signer.account == *account).count()
        };
        for signer in transaction.intent().signers.iter() {
            let account = signer.account;
            let lanes = self.lanes.range((account, 0)..=(account, u16::MAX));
            let waiting = lanes.fold(1_usize, |sum, (_, lane)| sum.saturating_add(lane.ids.len()));
            let got = waiting.saturating_sub(freed(&account));
            if got > limit {
                return Err(PoolRefused::AccountFull { account, got, limit });
            }
        }
        Ok(())
    }

    fn judge_least(
        &self,
        transaction: &Transaction<Checked>,
        now: Mono,
    ) -> Result<(), PoolRefused> {
        let (got, limit) = (self.floor(transaction), self.least_price(now));
        if got < limit { Err(PoolRefused::Cheap { got, limit }) } else { Ok(()) }
    }

    /// Those that must leave besides `replaced`. Their floors are lower than the newcomer's, so it
    /// waits for none of them.
    fn make_room(
        &self,
        transaction: &Transaction<Checked>,
        replaced: &BTreeSet<Hash>,
    ) -> Result<Vec<Hash>, PoolRefused> {
        let bytes = |id: &Hash| self.get(id).map_or(0, |transaction| transaction.bytes());
        let freed = replaced.iter().map(bytes).fold(0, usize::saturating_add);
        let mut count = self.len().saturating_sub(replaced.len()).saturating_add(1);
        let mut size = self.bytes.saturating_sub(freed).saturating_add(transaction.bytes());
        let (got, mut evicted) = (self.floor(transaction), Vec::new());
        let mut ranks = self.ranks.iter().filter(|(_, _, id)| !replaced.contains(id));
        while count > self.limits.transactions || size > self.limits.bytes {
            match ranks.next() {
                Some((floor, _, id)) if *floor < got => {
                    evicted.push(*id);
                    count = count.saturating_sub(1);
                    size = size.saturating_sub(bytes(id));
                }
                cheapest => {
                    let limit = cheapest.map_or(u64::MAX, |(floor, ..)| *floor);
                    return Err(PoolRefused::Full { got, limit });
                }
            }
        }
        Ok(evicted)
    }
}
