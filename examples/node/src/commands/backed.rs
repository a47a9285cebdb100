//! Whether those who give issued assets and items hold them: what cannot take effect would still cost
//! its fee.
use super::rights::moves;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::ItemId;
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Asset};
use isonomy::ledger::unique;
use isonomy::types::{Action, Address, Amount, Decode};
use isonomy::wallet::Offer;
use std::collections::BTreeMap;

/// Who holds what, as far as it matters and the node says.
struct Holdings<'a> {
    client: &'a Client,
    units: BTreeMap<(Address, Hash), Amount>,
    owners: BTreeMap<unique::ItemId, Address>,
}

/// Goes through what changes hands, in its order. What any other action brings is not known, so it
/// ends there; and where somebody gives who has not signed yet, for he may still get it. `you` are
/// about to sign.
pub(super) async fn backed(
    client: &Client,
    offer: &Offer,
    you: Option<Address>,
) -> Result<(), Failure> {
    let unsigned = offer.unsigned();
    let mut holdings = Holdings { client, units: BTreeMap::new(), owners: BTreeMap::new() };
    for action in offer.intent().actions.iter() {
        let signer = offer.intent().signers.get(usize::from(action.by));
        let Some(from) = signer.map(|signer| signer.account) else { return Ok(()) };
        let short = match given(action) {
            Some(Given::Units(asset, amount, to)) => holdings.give(from, asset, amount, to).await?,
            Some(Given::Item(id, to)) => holdings.hand(from, id, to).await?,
            Some(Given::Coins) => None,
            None => return Ok(()),
        };
        let Some(short) = short else { continue };
        if you != Some(from) && unsigned.iter().any(|unsigned| unsigned.account == from) {
            return Ok(());
        }
        return Err(Failure::refused(format!(
            "{short}: it would take no effect and cost its fee; wait until it has come, or make the \
             offer about something else"
        )));
    }
    Ok(())
}

enum Given {
    Coins,
    Units(Hash, Amount, Address),
    Item(unique::ItemId, Address),
}

fn given(action: &Action) -> Option<Given> {
    let Action { module, payload, .. } = action;
    match *module {
        assets::ID => match assets::Call::decode_exact(payload) {
            Ok(assets::Call::Transfer { asset: Asset::Coin, .. }) => Some(Given::Coins),
            Ok(assets::Call::Transfer { asset: Asset::Issued(asset), to, amount, .. }) => {
                Some(Given::Units(asset, amount, to))
            }
            _ => None,
        },
        unique::ID => match unique::Call::decode_exact(payload) {
            Ok(unique::Call::Transfer { id, to, .. }) => Some(Given::Item(id, to)),
            _ => None,
        },
        _ => None,
    }
}

impl Holdings<'_> {
    /// What is wrong with it.
    async fn give(
        &mut self,
        from: Address,
        asset: Hash,
        amount: Amount,
        to: Address,
    ) -> Result<Option<String>, Failure> {
        let held = self.units(from, asset).await?;
        let Some(left) = held.checked_sub(amount) else {
            return Ok(Some(format!(
                "the account {from} holds {held} units of the asset {asset}, and gives {amount}"
            )));
        };
        self.units.insert((from, asset), left);
        let received = self.units(to, asset).await?.checked_add(amount);
        self.units.insert((to, asset), received.unwrap_or(Amount::MAX));
        Ok(None)
    }

    /// What is wrong with it.
    async fn hand(
        &mut self,
        from: Address,
        id: unique::ItemId,
        to: Address,
    ) -> Result<Option<String>, Failure> {
        let (collection, number) = id;
        let owner = match self.owners.get(&id) {
            Some(owner) => *owner,
            None => self.client.item(ItemId { collection, number }).await?.owner,
        };
        if owner != from {
            return Ok(Some(format!(
                "{owner} owns item {number} of the collection {collection}, not {from}"
            )));
        }
        self.owners.insert(id, to);
        Ok(None)
    }

    async fn units(&mut self, account: Address, asset: Hash) -> Result<Amount, Failure> {
        if let Some(held) = self.units.get(&(account, asset)) {
            return Ok(*held);
        }
        let held = moves(self.client, account, asset).await?;
        self.units.insert((account, asset), held);
        Ok(held)
    }
}
