//! Transactions that wait for a block.
mod candidates;
mod chained;
mod cover;
mod estimate;
mod insert;
mod least;
mod limits;
mod moved;
mod refused;
mod replace;

pub use chained::CHAINED_MAX;
pub use estimate::{ESTIMATE_BLOCKS_MAX, ESTIMATE_FULL_BLOCKS};
pub use insert::Inserted;
pub use least::{LEAST_PRICE_HALF_LIFE_MS, LEAST_PRICE_STEP};
pub use limits::{AGE_MS_MAX, PoolLimits};
pub use moved::Moved;
pub use refused::PoolRefused;
pub use replace::{REPLACE_PERCENT, REPLACED_MAX};

use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
    vec::Vec,
};
use core::cmp::Reverse;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Checked, Mono, Nonce, Transaction};
use least::LeastPrice;

/// Transactions that wait for a block: each the next of every lane it spends, but for those that
/// wait before it.
///
/// It knows of the state what it was told: where each lane stands, what each transaction may take
/// from whom. Whether accounts still hold as much, and policies are still theirs, is the ledger's
/// question; its owner asks again when best moves, [`drop`](Self::drop)s what no longer stands, and
/// tells the rest by [`cover`](Self::cover).
#[derive(Debug)]
pub struct Pool {
    limits: PoolLimits,
    waiting: BTreeMap<Hash, Waiting>,
    /// Lanes on which something waits, with no gap by their very shape.
    lanes: BTreeMap<LaneKey, Lane>,
    ranks: BTreeSet<Rank>,
    expiries: BTreeSet<(u64, Hash)>,
    ages: BTreeSet<(Mono, Hash)>,
    least: LeastPrice,
    bytes: usize,
    arrivals: u64,
}

#[derive(Debug)]
struct Waiting {
    transaction: Arc<Transaction<Checked>>,
    /// Those that wait before it in a lane arrived earlier.
    arrival: u64,
    /// When it came.
    since: Mono,
    /// The most that it takes from each signer, in the signers' order.
    pays: Vec<Amount>,
    /// The least price of itself and of all that must go before it: what a block can hope for that
    /// wants it.
    floor: u64,
}

#[derive(Debug, Default)]
struct Lane {
    /// What the state expects.
    next: u64,
    /// The transactions that spend `next`, the one after, and so on.
    ids: VecDeque<Hash>,
}

type LaneKey = (Address, u16);

/// The first to leave when room is needed: the lowest floor, of equals the last to arrive. Nothing
/// that waits for another leaves after it, so leaving in this order makes no gap.
type Rank = (u64, Reverse<u64>, Hash);

impl Pool {
    /// An empty pool.
    #[must_use]
    pub const fn new(limits: PoolLimits) -> Self {
        Self {
            limits,
            waiting: BTreeMap::new(),
            lanes: BTreeMap::new(),
            ranks: BTreeSet::new(),
            expiries: BTreeSet::new(),
            ages: BTreeSet::new(),
            least: LeastPrice::NONE,
            bytes: 0,
            arrivals: 0,
        }
    }

    /// A transaction that waits.
    #[must_use]
    pub fn get(&self, id: &Hash) -> Option<&Arc<Transaction<Checked>>> {
        self.waiting.get(id).map(|waiting| &waiting.transaction)
    }

    /// Whether it waits.
    #[must_use]
    pub fn contains(&self, id: &Hash) -> bool {
        self.waiting.contains_key(id)
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes of those that wait, as encoded.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The ids of those that wait, ascending.
    #[must_use]
    pub fn ids(&self) -> Vec<Hash> {
        self.waiting.keys().copied().collect()
    }

    /// Those that wait, in the order in which they came: what waits for another comes after it.
    #[must_use]
    pub fn in_order(&self) -> Vec<Arc<Transaction<Checked>>> {
        let mut waiting: Vec<&Waiting> = self.waiting.values().collect();
        waiting.sort_unstable_by_key(|waiting| waiting.arrival);
        waiting.into_iter().map(|waiting| waiting.transaction.clone()).collect()
    }

    /// The least price that is accepted now, be there room or not: more than what was last driven
    /// out for lack of room paid, and half as much after each [`LEAST_PRICE_HALF_LIFE_MS`].
    #[must_use]
    pub const fn least_price(&self, now: Mono) -> u64 {
        self.least.at(now)
    }

    /// The counter that a lane's next transaction would spend. `None` if nothing waits on the lane:
    /// then the state knows.
    #[must_use]
    pub fn next(&self, address: &Address, lane: u16) -> Option<u64> {
        self.lanes.get(&(*address, lane)).map(Lane::end)
    }

    /// Lets go of transactions and of all that waits for them. Returns every id that left.
    pub fn drop(&mut self, ids: &[Hash]) -> Vec<Hash> {
        let left = self.take(ids);
        self.sweep(left.iter().map(|waiting| &waiting.transaction));
        left.iter().map(Waiting::id).collect()
    }

    /// Lets go of what has waited for [`AGE_MS_MAX`], and of all that waits for it. Returns every id
    /// that left.
    pub fn expire(&mut self, now: Mono) -> Vec<Hash> {
        let old = self.ages.iter().take_while(|(since, _)| now.since(*since) >= AGE_MS_MAX);
        let old: Vec<Hash> = old.map(|(_, id)| *id).collect();
        self.drop(&old)
    }

    /// Removes transactions and all that waits for them. Lanes stay, even empty ones.
    fn take(&mut self, ids: &[Hash]) -> Vec<Waiting> {
        let (mut pending, mut taken) = (ids.to_vec(), Vec::new());
        while let Some(id) = pending.pop() {
            let Some(waiting) = self.waiting.remove(&id) else { continue };
            self.ranks.remove(&waiting.rank());
            self.expiries.remove(&(waiting.transaction.intent().expires, id));
            self.ages.remove(&(waiting.since, id));
            self.bytes = self.bytes.saturating_sub(waiting.transaction.bytes());
            for (key, seq) in spends(&waiting.transaction) {
                let Some(lane) = self.lanes.get_mut(&key) else { continue };
                pending.extend(lane.cut(seq));
            }
            taken.push(waiting);
        }
        taken
    }

    /// Puts a transaction at the end of every lane it spends. Whether it belongs there is settled.
    fn put(&mut self, transaction: Arc<Transaction<Checked>>, pays: Vec<Amount>, since: Mono) {
        let (id, floor) = (transaction.id(), self.floor(&transaction));
        self.arrivals = self.arrivals.saturating_add(1);
        for (key, seq) in spends(&transaction) {
            let lane = self.lanes.entry(key).or_insert_with(|| Lane::at(seq));
            lane.ids.push_back(id);
        }
        self.bytes = self.bytes.saturating_add(transaction.bytes());
        self.expiries.insert((transaction.intent().expires, id));
        self.ages.insert((since, id));
        let arrival = self.arrivals;
        let waiting = Waiting { transaction, arrival, since, pays, floor };
        self.ranks.insert(waiting.rank());
        self.waiting.insert(id, waiting);
    }

    /// The floor it would have, given what waits just before it.
    fn floor(&self, transaction: &Transaction<Checked>) -> u64 {
        let before = self.before(transaction).filter_map(|id| self.waiting.get(&id));
        before.map(|waiting| waiting.floor).fold(transaction.intent().price, u64::min)
    }

    /// Those that wait just before it, on each lane where one does.
    fn before(&self, transaction: &Transaction<Checked>) -> impl Iterator<Item = Hash> {
        spends(transaction).filter_map(|(key, seq)| {
            let lane = self.lanes.get(&key)?;
            lane.ids.get(lane.place(seq)?.checked_sub(1)?).copied()
        })
    }

    /// Forgets the lanes of these transactions where nothing waits.
    fn sweep<'a>(&mut self, left: impl Iterator<Item = &'a Arc<Transaction<Checked>>>) {
        for (key, _) in left.flat_map(|transaction| spends(transaction)) {
            if self.lanes.get(&key).is_some_and(|lane| lane.ids.is_empty()) {
                self.lanes.remove(&key);
            }
        }
    }
}

impl Waiting {
    fn id(&self) -> Hash {
        self.transaction.id()
    }

    fn rank(&self) -> Rank {
        (self.floor, Reverse(self.arrival), self.id())
    }
}

impl Lane {
    const fn at(next: u64) -> Self {
        Self { next, ids: VecDeque::new() }
    }

    /// The first counter that nothing spends.
    fn end(&self) -> u64 {
        self.next.saturating_add(self.ids.len() as u64)
    }

    /// Where the transaction that spends `seq` stands, if the state has not passed it.
    fn place(&self, seq: u64) -> Option<usize> {
        usize::try_from(seq.checked_sub(self.next)?).ok()
    }

    /// Ends the lane before `seq`, and returns what stood there and after.
    fn cut(&mut self, seq: u64) -> VecDeque<Hash> {
        let place = self.place(seq).unwrap_or_default().min(self.ids.len());
        self.ids.split_off(place)
    }
}

/// The lanes that a transaction spends from, and the counter of each.
fn spends(transaction: &Transaction<Checked>) -> impl Iterator<Item = (LaneKey, u64)> {
    let signers = transaction.intent().signers.iter();
    signers.map(|signer| {
        let Nonce { lane, seq } = signer.nonce;
        ((signer.account, lane), seq)
    })
}
