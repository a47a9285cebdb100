//! An account's part in something that happened.
use super::past::moved;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::{EventEntry, EventReply, HistoryEntry, TransactionReply};
use isonomy::index::Place;
use isonomy::ledger::assets::{self, Asset, AssetsEvent};
use isonomy::types::{Address, Amount, Blob, Decode};
use isonomy::wallet::Entry;
use std::collections::BTreeMap;

/// What came and went, by asset.
#[derive(Default)]
struct Sums {
    came: BTreeMap<Asset, Amount>,
    went: BTreeMap<Asset, Amount>,
}

impl Sums {
    fn of(address: Address, events: &[EventReply]) -> Self {
        let mut sums = Self::default();
        for EventReply { payload, .. } in events.iter().filter(|event| event.module == assets::ID) {
            if let Ok(event) = AssetsEvent::decode_exact(payload) {
                sums.count(address, &event);
            }
        }
        sums
    }

    fn count(&mut self, address: Address, event: &AssetsEvent) {
        let (asset, from, to, amount) = match *event {
            AssetsEvent::Transfer { asset, from, to, amount, .. } => {
                (asset, Some(from), Some(to), amount)
            }
            AssetsEvent::Reward { to, amount } => (Asset::Coin, None, Some(to), amount),
            AssetsEvent::Mint { asset, to, amount } => {
                (Asset::Issued(asset), None, Some(to), amount)
            }
            AssetsEvent::Burn { asset, from, amount } => {
                (Asset::Issued(asset), Some(from), None, amount)
            }
            _ => return,
        };
        for (who, sums) in [(from, &mut self.went), (to, &mut self.came)] {
            if who == Some(address) {
                let sum = sums.entry(asset).or_default();
                *sum = sum.checked_add(amount).unwrap_or(Amount::MAX);
            }
        }
    }
}

/// An account's part in it.
pub(super) struct Part<'a> {
    account: &'a Entry,
    roles: Vec<String>,
    sums: Sums,
    fee: Option<Amount>,
}

impl<'a> Part<'a> {
    pub(super) async fn of(
        client: &Client,
        entry: &HistoryEntry,
        account: &'a Entry,
        roles: Vec<String>,
        reply: Option<&TransactionReply>,
    ) -> Result<Self, Failure> {
        let receipt = reply.and_then(|reply| reply.receipt.as_ref());
        let sums = match (receipt, entry.transaction) {
            (Some(receipt), _) => Sums::of(account.address, &receipt.events),
            (None, Some(_)) => Sums::default(),
            (None, None) => Sums::of(account.address, &said(client, account.address, entry).await?),
        };
        let pays = roles.iter().any(|role| role == "payer");
        let fee = receipt.filter(|_| pays).map(|receipt| receipt.fee);
        Ok(Self { account, roles, sums, fee })
    }

    pub(super) fn text(&self) -> String {
        let mut words = Vec::new();
        let Sums { came, went } = &self.sums;
        words.extend(came.iter().map(|(asset, amount)| format!("in {amount} {asset}")));
        words.extend(went.iter().map(|(asset, amount)| format!("out {amount} {asset}")));
        words.extend(self.fee.map(|fee| format!("fee {fee} coins")));
        if words.is_empty() {
            words.push(self.roles.join(", "));
        }
        format!("{}: {}", self.account.label, words.join(", "))
    }

    pub(super) fn json(&self) -> serde_json::Value {
        let list = |sums: &BTreeMap<Asset, Amount>| -> serde_json::Value {
            let each = sums.iter().map(|(asset, amount)| {
                let asset = match asset {
                    Asset::Coin => None,
                    Asset::Issued(id) => Some(id),
                };
                serde_json::json!({ "asset": asset, "amount": amount })
            });
            each.collect()
        };
        let mut said = super::json(self.account);
        said["roles"] = serde_json::json!(self.roles);
        said["in"] = list(&self.sums.came);
        said["out"] = list(&self.sums.went);
        said["fee"] = serde_json::json!(self.fee);
        said
    }
}

/// What was said of an account in a block and outside of its transactions.
async fn said(
    client: &Client,
    of: Address,
    entry: &HistoryEntry,
) -> Result<Vec<EventReply>, Failure> {
    let HistoryEntry { height, index, .. } = *entry;
    let key = Blob::truncated(of.0.to_bytes().to_vec());
    let after = Place { height, index: index.saturating_add(1), event: 0 };
    let (mut said, mut next) = (Vec::new(), Some(after.to_string()));
    while next.is_some() {
        let page = client.events(Some(assets::ID), key.clone(), next).await?;
        let here = |event: &EventEntry| (event.height, event.index) == (height, index);
        if page.entries.iter().any(|event| here(event) && event.block != entry.block) {
            return Err(moved());
        }
        next = page.next.filter(|_| page.entries.iter().all(here));
        said.extend(page.entries.into_iter().filter(here).map(|event| event.event));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy::crypto::Hash;
    use isonomy::ledger::Memo;
    use isonomy::types::Encode;

    const ME: Address = Address(Hash::ZERO);

    fn said(events: &[AssetsEvent]) -> Vec<EventReply> {
        let said = |event: &AssetsEvent| EventReply {
            module: assets::ID,
            keys: Vec::new(),
            payload: Blob::truncated(event.encode()),
        };
        events.iter().map(said).collect()
    }

    fn part(events: &[EventReply], fee: Option<Amount>) -> String {
        let entry = Entry {
            label: "main".parse().unwrap(),
            address: ME,
            holder: isonomy::wallet::Holder::Watched,
        };
        let (account, roles) = (&entry, vec!["payer".into(), "event".into()]);
        Part { account, roles, sums: Sums::of(ME, events), fee }.text()
    }

    #[test]
    fn what_came_and_went_is_summed_by_asset() {
        let (you, asset) = (Address(Hash::from_bytes([1; 32])), Hash::from_bytes([2; 32]));
        let give = |from, to, amount| AssetsEvent::Transfer {
            asset: Asset::Coin,
            from,
            to,
            amount: Amount(amount),
            memo: Memo::default(),
        };
        let events = said(&[
            give(ME, you, 5),
            give(ME, you, 6),
            give(you, ME, 7),
            give(you, you, 100),
            AssetsEvent::Mint { asset, to: ME, amount: Amount(8) },
            AssetsEvent::Burn { asset, from: ME, amount: Amount(3) },
            AssetsEvent::Burn { asset, from: you, amount: Amount(1) },
        ]);
        let units = format!("units of the asset {asset}");
        let want =
            format!("main: in 7 coins, in 8 {units}, out 11 coins, out 3 {units}, fee 9 coins");
        assert_eq!(part(&events, Some(Amount(9))), want);
        let whole = said(&[give(you, ME, u128::MAX), give(you, ME, 1)]);
        assert_eq!(part(&whole, None), format!("main: in {} coins", u128::MAX));
    }

    #[test]
    fn where_nothing_moves_the_roles_are_said() {
        assert_eq!(part(&[], None), "main: payer, event");
        // Another module's bytes, and bytes that are no event.
        let mut events = said(&[AssetsEvent::Reward { to: ME, amount: Amount(5) }]);
        events[0].module = assets::ID.wrapping_add(1);
        let mut broken = said(&[AssetsEvent::Reward { to: ME, amount: Amount(5) }]);
        broken[0].payload = Blob::default();
        assert_eq!(part(&[events, broken].concat(), None), "main: payer, event");
    }
}
