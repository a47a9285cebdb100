//! The book and the ledger agree.
use crate::book::{Book, who};
use crate::common::{PRODUCER, World};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, Rights};
use isonomy_ledger::unique::{self, ItemId};
use isonomy_ledger::{Page, locks};
use isonomy_types::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

impl Book {
    pub(crate) fn check(&self, world: &World) -> Result<(), TestCaseError> {
        for (place, metal) in self.metals.iter().enumerate() {
            let asset = self.asset(place);
            let mut sum = 0u128;
            for n in [0, 1, 2, 3, 4, PRODUCER] {
                let question = assets::Query::Balance(who(n), asset);
                let held: Amount = world.answer(assets::ID, &question);
                prop_assert_eq!(held.0, self.holds(place, n), "{} of {:?}", n, metal);
                sum = sum.checked_add(held.0).unwrap();
            }
            // Invariant 7: what was minted less what was burned, what is locked included.
            let supply: Amount = world.answer(assets::ID, &assets::Query::Supply(asset));
            prop_assert_eq!((supply.0, sum), (metal.supply, metal.supply));
            let held: Amount = world.answer(locks::ID, &locks::Query::Held(asset));
            prop_assert_eq!(held.0, self.locked(place));
            if let Asset::Issued(id) = asset {
                prop_assert_eq!(world.counted_units(id), metal.supply, "in nobody's account");
                let stands: Option<assets::Description> =
                    world.answer(assets::ID, &assets::Query::Issued(id));
                let Rights { mint, burn, freeze } = stands.as_ref().unwrap().rights;
                prop_assert_eq!([mint, burn, freeze], metal.rights);
                prop_assert_eq!(stands.unwrap().issuer, who(metal.issuer));
                for n in 0..=4 {
                    let question = assets::Query::Frozen { asset: id, account: who(n) };
                    let frozen: bool = world.answer(assets::ID, &question);
                    prop_assert_eq!(frozen, metal.frozen.contains(&n));
                }
            }
        }
        prop_assert_eq!(world.counted(), self.metals[0].supply);
        self.check_holdings(world)?;
        self.check_items(world)?;
        for chest in &self.chests {
            let lock: Option<locks::Lock> = world.answer(locks::ID, &locks::Query::Lock(chest.id));
            let amount = lock.map(|lock| (lock.maker, lock.promise.amount.0));
            prop_assert_eq!(amount, (!chest.ended).then(|| (who(chest.maker), chest.amount)));
        }
        Ok(())
    }

    pub(crate) fn check_holdings(&self, world: &World) -> Result<(), TestCaseError> {
        for n in 0..=4 {
            let issued = self.metals.iter().enumerate().skip(1);
            let held = issued.map(|(place, metal)| (metal.id, Amount(self.holds(place, n))));
            let mut want: Vec<_> = held.filter(|(_, held)| held.0 > 0).collect();
            want.sort();
            let question = assets::Query::Holdings { of: who(n), after: None };
            let got: Page<(Hash, Amount)> = world.answer(assets::ID, &question);
            prop_assert_eq!(got.into_vec(), want);
        }
        Ok(())
    }

    /// Owners and the index of what they own agree.
    pub(crate) fn check_items(&self, world: &World) -> Result<(), TestCaseError> {
        let mut owned: BTreeMap<u8, Vec<ItemId>> = BTreeMap::new();
        for shelf in &self.shelves {
            let stands: Option<unique::Collection> =
                world.answer(unique::ID, &unique::Query::Collection(shelf.id));
            prop_assert_eq!(stands.unwrap().items, shelf.items.len() as u64);
            for number in 0..4 {
                let id = (shelf.id, number);
                let found: Option<unique::Item> =
                    world.answer(unique::ID, &unique::Query::Item(id));
                let found = found.map(|item| (item.owner, item.content));
                let want = shelf.items.get(&number).copied();
                let content = |byte| Hash::from_bytes([byte; 32]);
                prop_assert_eq!(found, want.map(|(owner, byte)| (who(owner), content(byte))));
                if let Some((owner, _)) = want {
                    owned.entry(owner).or_default().push(id);
                }
            }
        }
        for n in 0..=4 {
            let mut want = owned.remove(&n).unwrap_or_default();
            want.sort();
            let question = unique::Query::Owned { of: who(n), after: None };
            let got: Page<ItemId> = world.answer(unique::ID, &question);
            prop_assert_eq!(got.into_vec(), want);
        }
        Ok(())
    }
}
