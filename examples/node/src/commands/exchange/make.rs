use super::Signer;
use crate::cli::{Move, Offer, Quantity};
use crate::exit::Failure;
use isonomy::types::{Action, Address, Amount};
use isonomy::wallet::give;

pub(super) async fn make(arguments: Offer) -> Result<(), Failure> {
    let Offer { signing, taker, give: given, get, also, lane, cost } = arguments;
    let signer = Signer::open(signing)?;
    let maker = signer.address();
    if taker == maker {
        return Err(Failure::usage("--taker is the account that makes the offer; name another"));
    }
    let own =
        [Move { from: maker, what: given, to: taker }, Move { from: taker, what: get, to: maker }];
    let own = own.into_iter().filter(|own| own.what.amount > Amount::ZERO);
    let moves: Vec<_> = own.chain(also).collect();
    let mut accounts = vec![taker, maker];
    let actions =
        moves.iter().map(|each| action(&mut accounts, each)).collect::<Result<Vec<_>, _>>()?;
    if actions.is_empty() {
        return Err(Failure::usage("nothing changes hands; add --give, --get or --also"));
    }
    let offer = signer.together(&accounts, actions, cost, lane).await?;
    signer.gather(offer, "Sign this offer?").await
}

/// Whoever gives signs.
fn action(accounts: &mut Vec<Address>, each: &Move) -> Result<Action, Failure> {
    let Move { from, what: Quantity { amount, asset }, to } = *each;
    if amount == Amount::ZERO || from == to {
        return Err(Failure::usage(format!(
            "{from} gives {to} {amount} {asset}: that moves nothing"
        )));
    }
    if !accounts.contains(&from) {
        accounts.push(from);
    }
    let by = accounts.iter().position(|account| *account == from).and_then(|by| by.try_into().ok());
    Ok(give(by.ok_or_else(|| Failure::usage("too many accounts give"))?, to, amount, asset))
}
