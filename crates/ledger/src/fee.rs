use crate::{AdmitError, Context, Fault, Inadmissible, Modules, Purse, session::Session};
use alloc::vec::Vec;
use isonomy_types::{Address, Amount, Checked, Transaction};

/// Takes the highest fee from the payer.
pub(crate) fn reserve(
    session: &mut Session,
    modules: &Modules,
    transaction: &Transaction<Checked>,
) -> Result<(), AdmitError> {
    let limit = transaction.intent().max_fee();
    let taken = purse(session, modules, payer(transaction), Purse::Take(limit));
    session.intact()?;
    Ok(taken.map_err(|fault| Inadmissible::Payer { limit, fault })?)
}

/// What each signer holds in the purse: if there is none, as much as there can be.
pub(crate) fn means(
    session: &mut Session,
    modules: &Modules,
    transaction: &Transaction<Checked>,
) -> Result<Vec<Amount>, AdmitError> {
    let mut means = Vec::new();
    for signer in transaction.intent().signers.iter() {
        let held = held(session, modules, signer.account);
        session.intact()?;
        let limit = transaction.intent().max_fee();
        means.push(held.map_err(|fault| Inadmissible::Payer { limit, fault })?);
    }
    Ok(means)
}

fn held(session: &mut Session, modules: &Modules, of: Address) -> Result<Amount, Fault> {
    let Some(id) = modules.fees_through() else { return Ok(Amount::MAX) };
    modules.get(id)?.means(&mut Context::new(session, id, None), of)
}

/// The most that a transaction takes from each signer's means.
pub(crate) fn claims(modules: &Modules, transaction: &Transaction<Checked>) -> Vec<Amount> {
    let intent = transaction.intent();
    let mut claims: Vec<Amount> = intent.signers.iter().map(|_| Amount::ZERO).collect();
    let Some(id) = modules.fees_through() else { return claims };
    let add = |sum: &mut Amount, more| *sum = sum.checked_add(more).unwrap_or(Amount::MAX);
    if let Some(payer) = claims.first_mut() {
        add(payer, intent.max_fee());
    }
    for action in intent.actions.iter().filter(|action| action.module == id) {
        if let (Ok(purse), Some(sum)) = (modules.get(id), claims.get_mut(usize::from(action.by))) {
            add(sum, purse.takes(&action.payload));
        }
    }
    claims
}

/// The first signer. Checking saw to it that there is one.
pub(crate) fn payer(transaction: &Transaction<Checked>) -> Address {
    transaction.intent().signers.first().map(|signer| signer.account).unwrap_or_default()
}

/// Changes an account's means in the chain's purse, if it has one.
pub(crate) fn purse(
    session: &mut Session,
    modules: &Modules,
    of: Address,
    change: Purse,
) -> Result<(), Fault> {
    let Some(id) = modules.fees_through() else { return Ok(()) };
    let (Purse::Take(amount) | Purse::Give(amount) | Purse::Burn(amount)) = change;
    if amount == Amount::ZERO {
        return Ok(());
    }
    modules.get(id)?.purse(&mut Context::new(session, id, None), of, change)
}
