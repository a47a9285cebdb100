use super::keyring::{amount, apart};
use super::rights::{bounded, holds, moves, named};
use super::{confirm::confirm, gather::Signer, submit::submit};
use crate::cli::{Cost, Send, Signing};
use crate::exit::Failure;
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Asset};
use isonomy::types::{Address, Amount, Nonce};
use isonomy::wallet::{Draft, Transfer, act, meter_for};

pub(crate) async fn send(arguments: Send) -> Result<(), Failure> {
    let Send { signing, to, amount: given, asset, memo, cost } = arguments;
    if given == Some(Amount::ZERO) {
        return Err(Failure::usage("nothing to send: --amount is 0, must be at least 1"));
    }
    let alone = signing.policy.is_none();
    let signer = Signer::open(signing)?;
    let request = signer.keyring().resolve(to)?;
    let (to, amount) = (request.to, amount(given, &request)?);
    apart(signer.address(), to)?;
    match asset.or(request.asset) {
        None if alone && memo.is_empty() => coins(&signer, to, amount, &cost).await,
        asset => other(signer, asset, to, amount, memo, cost).await,
    }
}

/// A plain payment by one key.
async fn coins(signer: &Signer, to: Address, amount: Amount, cost: &Cost) -> Result<(), Failure> {
    let (wallet, client) = (signer.keyring().wallet(), signer.client());
    let Signing { yes, wait, json, .. } = *signer.signing();
    let status = client.status().await?;
    let account = client.account(wallet.address()).await?;
    let behind = status.target.saturating_sub(status.height);
    if behind > 0 {
        eprintln!("isonomy: the node may be {behind} blocks behind; what it knows may be old");
    }
    let seq = account.next;
    let mut transfer = Transfer {
        to,
        amount,
        nonce: Nonce { lane: 0, seq },
        price: cost.price(client, !yes).await?,
        meter_limit: 0,
        expires: status.height.saturating_add(cost.blocks),
    };
    transfer.meter_limit = meter_for(&transfer);
    let draft = wallet.transfer(status.genesis, transfer);
    covered(&draft, amount, account.balance)?;
    if !yes {
        confirm(&signer.keyring().named(draft.describe()), "Send?")?;
    }
    submit(client, &wallet.sign(draft)?, wait, json).await
}

/// Whatever is not a plain payment by one key.
async fn other(
    signer: Signer,
    asset: Option<Hash>,
    to: Address,
    amount: Amount,
    memo: String,
    cost: Cost,
) -> Result<(), Failure> {
    let memo = bounded("--memo", memo)?;
    if let Some(id) = asset {
        let terms = signer.client().asset(id).await?;
        eprintln!("{}", named(&terms));
        holds(signer.client(), signer.address(), id, amount).await?;
        moves(signer.client(), to, id).await?;
    }
    let asset = asset.map_or(Asset::Coin, Asset::Issued);
    let call = assets::Call::Transfer { asset, to, amount, memo };
    signer.act(vec![act(0, assets::ID, &call)], cost, "Send?").await
}

/// A transfer that cannot take effect would still cost its fee.
fn covered(draft: &Draft, amount: Amount, balance: Amount) -> Result<(), Failure> {
    let fee = draft.intent().max_fee();
    let needed = amount.0.saturating_add(fee.0);
    if balance.0 >= needed {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "the account {} holds {balance}, and {needed} are needed: {amount} and a fee of at most \
         {fee}; send less, or wait until more has come",
        draft.account()
    )))
}
