//! What the next block could hold.
use super::{LaneKey, Pool, spends};
use alloc::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    vec::Vec,
};
use core::cmp::Reverse;
use isonomy_crypto::Hash;
use isonomy_types::{Checked, Transaction};

impl Pool {
    /// Transactions for the next block, the best price first, of equals the lower id; but each after
    /// all that waits before it. Together they have at most `limit_bytes` bytes, and their meter
    /// limits sum up to at most `limit_meter`.
    ///
    /// A transaction rarely uses its whole meter limit, and a block counts what is used. Whoever
    /// fills a template passes several times the block's meter, and lets execution leave out what
    /// does not fit: else one that reserves much and uses little would keep a block empty.
    #[must_use]
    pub fn candidates(
        &self,
        limit_bytes: usize,
        limit_meter: u64,
    ) -> Vec<Arc<Transaction<Checked>>> {
        let (mut bytes, mut meter) = (limit_bytes, limit_meter);
        let (mut chosen, mut places) = (Vec::new(), BTreeMap::new());
        let fronts = self.lanes.values().filter_map(|lane| lane.ids.front());
        let mut ready: BTreeSet<_> = fronts.filter_map(|id| self.ready(id, &places)).collect();
        while let Some((_, id)) = ready.pop_first() {
            let Some(transaction) = self.get(&id) else { continue };
            let left = bytes.checked_sub(transaction.bytes());
            let left = left.zip(meter.checked_sub(transaction.intent().meter_limit));
            let Some((bytes_left, meter_left)) = left else { continue };
            (bytes, meter) = (bytes_left, meter_left);
            chosen.push(transaction.clone());
            let keys: Vec<LaneKey> = spends(transaction).map(|(key, _)| key).collect();
            for key in &keys {
                let place = places.entry(*key).or_insert(0_usize);
                *place = place.saturating_add(1);
            }
            let after =
                keys.iter().filter_map(|key| self.lanes.get(key)?.ids.get(*places.get(key)?));
            ready.extend(after.filter_map(|id| self.ready(id, &places)));
        }
        chosen
    }

    /// Its rank among candidates, if every lane has come to it. `places` counts what was chosen.
    fn ready(&self, id: &Hash, places: &BTreeMap<LaneKey, usize>) -> Option<(Reverse<u64>, Hash)> {
        let transaction = self.get(id)?;
        let come = |(key, seq): (LaneKey, u64)| {
            let place = self.lanes.get(&key).and_then(|lane| lane.place(seq));
            place == Some(places.get(&key).copied().unwrap_or_default())
        };
        let price = Reverse(transaction.intent().price);
        spends(transaction).all(come).then_some((price, *id))
    }
}
