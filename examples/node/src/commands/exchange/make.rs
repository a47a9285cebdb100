use super::Signer;
use crate::cli::{Move, Offer, Quantity, Thing};
use crate::exit::Failure;
use isonomy::types::{Action, Address, Amount};
use isonomy::wallet::{give, hand};

pub(super) async fn make(arguments: Offer) -> Result<(), Failure> {
    let Offer { signing, taker, give: given, get, also, lane, cost } = arguments;
    let signer = Signer::open(signing)?;
    let maker = signer.address();
    if taker == maker {
        return Err(Failure::usage("--taker is the account that makes the offer; name another"));
    }
    let to = |from, to| move |what| Move { from, what, to };
    let given = given.into_iter().map(to(maker, taker));
    let moves: Vec<_> = given.chain(get.into_iter().map(to(taker, maker))).chain(also).collect();
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
    let Move { from, what, to } = *each;
    let words = match what {
        Thing::Some(Quantity { amount, asset }) => format!("{amount} {asset}"),
        Thing::Item((collection, number)) => format!("item {number} of {collection}"),
    };
    let nothing = matches!(what, Thing::Some(Quantity { amount: Amount::ZERO, .. }));
    if nothing || from == to {
        return Err(Failure::usage(format!("{from} gives {to} {words}: that moves nothing")));
    }
    if !accounts.contains(&from) {
        accounts.push(from);
    }
    let by = accounts.iter().position(|account| *account == from).and_then(|by| by.try_into().ok());
    let by = by.ok_or_else(|| Failure::usage("too many accounts give"))?;
    Ok(match what {
        Thing::Some(Quantity { amount, asset }) => give(by, to, amount, asset),
        Thing::Item(id) => hand(by, to, id),
    })
}
