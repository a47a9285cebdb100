//! What a transaction must pay to take the place of others.
use super::{LEAST_PRICE_STEP, LaneKey, Pool, PoolRefused, spends};
use alloc::collections::{BTreeMap, BTreeSet};
use isonomy_crypto::Hash;
use isonomy_ledger::cost;
use isonomy_types::{Amount, Checked, Transaction};

/// By how much a transaction must out-price each one whose place it takes, in per cent. Every node
/// relays a replacement, so it must cost something; the number is Bitcoin's and Ethereum's custom.
pub const REPLACE_PERCENT: u64 = 10;
/// Transactions that one replacement may drive out: those whose place it takes, and those that wait
/// for them (BIP125, rule 5). Stops one cheap message from undoing the relay of many.
pub const REPLACED_MAX: usize = 100;

impl Pool {
    pub(super) fn judge_price(
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
    pub(super) fn replaced(
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

    /// Whether it out-pays all that it drives out (BIP125, rules 3 and 4).
    ///
    /// What counts is the fee that is sure to be paid: the price for what being in a block costs
    /// whatever the actions do, its bytes and signatures above all. Those are what the network spent
    /// on those driven out. A fee's limit would not do: it costs nothing to declare a high one and
    /// use little, either to drive out others or not to be driven out.
    pub(super) fn judge_fee(
        &self,
        transaction: &Transaction<Checked>,
        replaced: &BTreeSet<Hash>,
    ) -> Result<(), PoolRefused> {
        let fees = replaced.iter().filter_map(|id| self.get(id)).map(|old| sure_fee(old).0);
        let relay = Amount::cost(cost::intrinsic(transaction), LEAST_PRICE_STEP);
        let (got, limit) = (sure_fee(transaction), fees.fold(relay.0, u128::saturating_add));
        if got.0 < limit && !replaced.is_empty() {
            return Err(PoolRefused::Underpays { got, limit: Amount(limit) });
        }
        Ok(())
    }
}

/// The fee of a transaction in a block whose actions do nothing.
fn sure_fee(transaction: &Transaction<Checked>) -> Amount {
    Amount::cost(cost::intrinsic(transaction), transaction.intent().price)
}

/// The least price that replaces `price`: so many per cent more, rounded up, and at least one more.
fn price_to_replace(price: u64) -> u128 {
    let percent = u128::from(REPLACE_PERCENT).saturating_add(100);
    let least = u128::from(price).saturating_mul(percent).div_ceil(100);
    least.max(u128::from(price).saturating_add(1))
}
