//! What a node knows that would make an act fail, said before it is signed: it would cost its fee all
//! the same.
use crate::exit::{Failure, plain};
use isonomy::client::Client;
use isonomy::client::api::{AssetReply, BalanceReply};
use isonomy::crypto::Hash;
use isonomy::ledger::Fault;
use isonomy::types::{Address, Amount};

/// An asset in one line. Symbol and name are a stranger's words.
pub(super) fn named(asset: &AssetReply) -> String {
    let AssetReply { id, issuer, symbol, name, decimals, .. } = asset;
    let (symbol, name) = (plain(symbol), plain(name));
    format!("asset {id}: {symbol}, {name:?}, {decimals} decimals, issued by {issuer}")
}

pub(super) fn positive(flag: &str, amount: Amount) -> Result<(), Failure> {
    match amount {
        Amount::ZERO => Err(Failure::usage(format!("{flag} is 0, must be at least 1"))),
        _ => Ok(()),
    }
}

/// Whether an account may give so much of an asset now.
pub(super) async fn holds(
    client: &Client,
    account: Address,
    asset: Hash,
    amount: Amount,
) -> Result<(), Failure> {
    let balance = moves(client, account, asset).await?;
    if balance < amount {
        return Err(Failure::refused(format!(
            "the account {account} holds {balance} units of the asset {asset}, and {amount} are \
             needed"
        )));
    }
    Ok(())
}

/// Whether an account may give and receive an asset, and what it holds.
pub(super) async fn moves(
    client: &Client,
    account: Address,
    asset: Hash,
) -> Result<Amount, Failure> {
    let BalanceReply { balance, frozen, .. } = client.balance(account, Some(asset)).await?;
    if frozen {
        return Err(Failure::refused(format!(
            "the account {account} is frozen for the asset {asset}; its issuer can thaw it"
        )));
    }
    Ok(balance)
}

/// Whether `account` issued what `issuer` issued.
pub(super) fn own(account: Address, issuer: Address, id: Hash) -> Result<(), Failure> {
    if account != issuer {
        return Err(Failure::refused(format!(
            "only the issuer may: that of {id} is {issuer}, not {account}"
        )));
    }
    Ok(())
}

/// Whether a right that is wanted is in force. None wanted is none too few.
pub(super) fn right(wanted: bool, held: bool, name: &str, id: Hash) -> Result<(), Failure> {
    if wanted && !held {
        return Err(Failure::refused(format!(
            "the right to {name} on {id} was never declared or was renounced"
        )));
    }
    Ok(())
}

/// What no chain would take, whatever its state. Names that people typed are in it.
pub(super) fn impossible(fault: Fault) -> Failure {
    match fault {
        Fault::Refused { why, .. } => Failure::usage(plain(&why)),
        other => Failure::usage(other),
    }
}

/// A text of a bounded length out of the command line.
pub(super) fn bounded<const MAX: usize>(
    flag: &str,
    text: String,
) -> Result<isonomy::types::Text<MAX>, Failure> {
    let got = text.len();
    let long = |_| Failure::usage(format!("{flag} has {got} bytes, limit {MAX}"));
    isonomy::types::Text::try_from(text).map_err(long)
}
