use super::rights::{holds, moves, named};
use super::{confirm::confirm, gather::Signer, submit::submit};
use crate::cli::{Cost, Send, Signing};
use crate::exit::Failure;
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Asset};
use isonomy::types::{Address, Amount, Nonce, TooLong};
use isonomy::wallet::{Draft, Transfer, Wallet, act, meter_for};

pub(crate) async fn send(arguments: Send) -> Result<(), Failure> {
    let Send { signing, to, amount, asset, memo, cost } = arguments;
    if amount == Amount::ZERO {
        return Err(Failure::usage("nothing to send: --amount is 0, must be at least 1"));
    }
    if signing.policy.is_some() || asset.is_some() || !memo.is_empty() {
        return other(signing, asset, to, amount, memo, cost).await;
    }
    let Signing { rpc, key, yes, wait, json, .. } = signing;
    let wallet = Wallet::open(&key).map_err(Failure::failed)?;
    apart(wallet.address(), to)?;
    let client = crate::cli::client(&rpc)?;
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
        price: cost.price(&client).await?,
        meter_limit: 0,
        expires: status.height.saturating_add(cost.blocks),
    };
    transfer.meter_limit = meter_for(&transfer);
    let draft = wallet.transfer(status.genesis, transfer);
    covered(&draft, amount, account.balance)?;
    if !yes {
        confirm(&draft.describe(), "Send?")?;
    }
    let signed = wallet.sign(draft).map_err(Failure::failed)?;
    submit(&client, &signed, wait, json).await
}

/// Whatever is not a plain payment by one key.
async fn other(
    signing: Signing,
    asset: Option<Hash>,
    to: Address,
    amount: Amount,
    memo: String,
    cost: Cost,
) -> Result<(), Failure> {
    let memo = memo.try_into().map_err(|TooLong { got, limit }| {
        Failure::usage(format!("--memo has {got} bytes, limit {limit}"))
    })?;
    let signer = Signer::open(signing)?;
    apart(signer.address(), to)?;
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

fn apart(from: Address, to: Address) -> Result<(), Failure> {
    if from == to {
        return Err(Failure::usage(format!(
            "--to is the sender {from}: nothing would move but the fee; name another account"
        )));
    }
    Ok(())
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
