//! A transaction comes to wait: at the end of its lanes, or in the place of others.
use super::{LaneKey, Pool, spends};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    vec::Vec,
};
use isonomy_crypto::Hash;
use isonomy_ledger::Standing;
use isonomy_types::{Address, Checked, Transaction};

/// By how much a transaction must out-price each one whose place it takes, in per cent. Every node
/// relays a replacement, so it must cost something; the number is Bitcoin's and Ethereum's custom.
pub const REPLACE_PERCENT: u64 = 10;
/// Transactions that one replacement may drive out: those whose place it takes, and those that wait
/// for them (BIP125, rule 5). Stops one cheap message from undoing the relay of many.
pub const REPLACED_MAX: usize = 100;

/// What left when a transaction came.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Inserted {
    /// Those whose place it took, and those that waited for them.
    pub replaced: Vec<Hash>,
    /// Those that paid too little to stay in a full pool.
    pub evicted: Vec<Hash>,
}

/// Why a transaction does not wait here. The pool is then as before.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PoolRefused {
    /// It waits already.
    #[error("the transaction waits already")]
    Known,
    /// No block to come may hold it.
    #[error("expires at height {got}, the next block's is {limit}")]
    Expired {
        /// The last height that may hold it.
        got: u64,
        /// The next block's.
        limit: u64,
    },
    /// A block has spent this nonce.
    #[error("nonce {got} is spent, the lane's next is {limit}")]
    Spent {
        /// The counter it names.
        got: u64,
        /// The lane's next.
        limit: u64,
    },
    /// Something before it in a lane is missing: send that first.
    #[error("nonce {got} is ahead, the lane's next is {limit}")]
    Gap {
        /// The counter it names.
        got: u64,
        /// The lane's next, after all that waits and would stay.
        limit: u64,
    },
    /// It would take the place of another, and pays too little more.
    #[error("replacing takes a price of {limit}, got {got}")]
    Underpriced {
        /// Its price.
        got: u64,
        /// The least that would do.
        limit: u64,
    },
    /// It would take the place of too many.
    #[error("{got} transactions would be replaced, limit {limit}")]
    Replaces {
        /// How many.
        got: usize,
        /// [`REPLACED_MAX`].
        limit: usize,
    },
    /// An account has enough waiting.
    #[error("{account} would have {got} transactions waiting, limit {limit}")]
    AccountFull {
        /// Whose.
        account: Address,
        /// How many.
        got: usize,
        /// [`PoolLimits::per_account`](super::PoolLimits::per_account).
        limit: usize,
    },
    /// There is no room, and what is here pays as much.
    #[error(
        "the pool is full: the price, or that of what goes before, is {got}, must be above {limit}"
    )]
    Full {
        /// The least price of the transaction and of what must go before it.
        got: u64,
        /// The least such price that stays in the pool.
        limit: u64,
    },
}

impl Pool {
    /// Takes in a transaction that the ledger admits to the block after best, whose height is
    /// `height`. `standing` is of best's state too.
    ///
    /// It goes to the end of each lane that it spends; if another waits in its place, it replaces
    /// that one, and what waits for that one leaves. If there is no room, those leave whose price,
    /// or whose predecessors' price, is lowest.
    ///
    /// # Errors
    /// See [`PoolRefused`].
    pub fn insert(
        &mut self,
        transaction: Arc<Transaction<Checked>>,
        standing: &Standing,
        height: u64,
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
        self.judge_accounts(&transaction, &replaced)?;
        let evicted = self.make_room(&transaction, &replaced)?;
        let replaced = self.drop(&replaced.into_iter().collect::<Vec<_>>());
        let evicted = self.drop(&evicted);
        self.put(transaction);
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

    fn judge_price(
        &self,
        transaction: &Transaction<Checked>,
        rivals: &[Hash],
    ) -> Result<(), PoolRefused> {
        let got = transaction.intent().price;
        let prices = rivals.iter().filter_map(|id| Some(self.get(id)?.intent().price));
        let least = prices.max().map_or(0, price_to_replace);
        if u128::from(got) < least {
            let limit = u64::try_from(least).unwrap_or(u64::MAX);
            return Err(PoolRefused::Underpriced { got, limit });
        }
        Ok(())
    }

    /// The rivals and all that waits for them, if that is not too much and the newcomer waits for
    /// none of it.
    fn replaced(
        &self,
        transaction: &Transaction<Checked>,
        rivals: &[Hash],
    ) -> Result<BTreeSet<Hash>, PoolRefused> {
        let (mut pending, mut replaced) = (rivals.to_vec(), BTreeSet::new());
        while let Some(id) = pending.pop() {
            if !replaced.insert(id) {
                continue;
            }
            if replaced.len() > REPLACED_MAX {
                let got = replaced.len();
                return Err(PoolRefused::Replaces { got, limit: REPLACED_MAX });
            }
            for (key, seq) in self.get(&id).into_iter().flat_map(|found| spends(found)) {
                let Some(lane) = self.lanes.get(&key) else { continue };
                pending.extend(lane.ids.iter().skip(lane.place(seq).unwrap_or_default()));
            }
        }
        let ends = self.ends_without(&replaced);
        for (key, got) in spends(transaction) {
            if let Some(limit) = ends.get(&key).copied().filter(|end| got > *end) {
                return Err(PoolRefused::Gap { got, limit });
            }
        }
        Ok(replaced)
    }

    /// Where the lanes of these end once they are gone.
    fn ends_without(&self, gone: &BTreeSet<Hash>) -> BTreeMap<LaneKey, u64> {
        let mut ends = BTreeMap::new();
        let gone = gone.iter().filter_map(|id| self.get(id));
        for (key, seq) in gone.flat_map(|transaction| spends(transaction)) {
            let end = ends.entry(key).or_insert(seq);
            *end = seq.min(*end);
        }
        ends
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

/// The least price that replaces `price`: so many per cent more, rounded up, and at least one more.
fn price_to_replace(price: u64) -> u128 {
    let percent = u128::from(REPLACE_PERCENT).saturating_add(100);
    let least = u128::from(price).saturating_mul(percent).div_ceil(100);
    least.max(u128::from(price).saturating_add(1))
}
