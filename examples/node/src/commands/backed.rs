//! Whether those who give issued assets hold them: what cannot take effect would still cost its fee.
use super::rights::moves;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Asset, Call};
use isonomy::types::{Action, Address, Amount, Decode};
use isonomy::wallet::Offer;
use std::collections::BTreeMap;

/// Who holds how much of which issued asset, as far as it matters and the node says.
#[derive(Default)]
struct Holdings(BTreeMap<(Address, Hash), Amount>);

/// Goes through the transfers in their order. What any other action brings is not known, so it ends
/// there; and where somebody gives who has not signed yet, for he may still get it. `you` are about to
/// sign.
pub(super) async fn backed(
    client: &Client,
    offer: &Offer,
    you: Option<Address>,
) -> Result<(), Failure> {
    let (unsigned, mut holdings) = (offer.unsigned(), Holdings::default());
    for action in offer.intent().actions.iter() {
        let Some((asset, to, amount)) = transfer(action) else { return Ok(()) };
        let Asset::Issued(asset) = asset else { continue };
        let signer = offer.intent().signers.get(usize::from(action.by));
        let Some(from) = signer.map(|signer| signer.account) else { return Ok(()) };
        let held = holdings.get(client, from, asset).await?;
        let Some(left) = held.checked_sub(amount) else {
            if you != Some(from) && unsigned.iter().any(|unsigned| unsigned.account == from) {
                return Ok(());
            }
            return Err(Failure::refused(format!(
                "the account {from} holds {held} units of the asset {asset}, and gives {amount}: it \
                 would take no effect and cost its fee; wait until more has come, or make it about \
                 less"
            )));
        };
        holdings.0.insert((from, asset), left);
        let received = holdings.get(client, to, asset).await?.checked_add(amount);
        holdings.0.insert((to, asset), received.unwrap_or(Amount::MAX));
    }
    Ok(())
}

fn transfer(action: &Action) -> Option<(Asset, Address, Amount)> {
    match Call::decode_exact(&action.payload) {
        Ok(Call::Transfer { asset, to, amount, .. }) if action.module == assets::ID => {
            Some((asset, to, amount))
        }
        _ => None,
    }
}

impl Holdings {
    async fn get(
        &mut self,
        client: &Client,
        account: Address,
        asset: Hash,
    ) -> Result<Amount, Failure> {
        if let Some(held) = self.0.get(&(account, asset)) {
            return Ok(*held);
        }
        let held = moves(client, account, asset).await?;
        self.0.insert((account, asset), held);
        Ok(held)
    }
}
