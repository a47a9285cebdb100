use crate::{AdmitError, Context, Fault, Inadmissible, Purse, session::Session};
use isonomy_types::{Address, Amount, Checked, Transaction};

/// Takes the highest fee from the payer.
pub(crate) fn reserve(
    session: &mut Session,
    transaction: &Transaction<Checked>,
) -> Result<(), AdmitError> {
    let limit = transaction.intent().max_fee();
    let taken = purse(session, payer(transaction), Purse::Take(limit));
    session.intact()?;
    Ok(taken.map_err(|fault| Inadmissible::Payer { limit, fault })?)
}

/// The first signer. Checking saw to it that there is one.
pub(crate) fn payer(transaction: &Transaction<Checked>) -> Address {
    transaction.intent().signers.first().map(|signer| signer.account).unwrap_or_default()
}

/// Changes an account's means in the chain's purse, if it has one.
pub(crate) fn purse(session: &mut Session, of: Address, change: Purse) -> Result<(), Fault> {
    let Some(id) = session.modules.fees_through() else { return Ok(()) };
    if matches!(change, Purse::Take(Amount::ZERO) | Purse::Give(Amount::ZERO)) {
        return Ok(());
    }
    let modules = session.modules.clone();
    modules.get(id)?.purse(&mut Context::new(session, id, None), of, change)
}
