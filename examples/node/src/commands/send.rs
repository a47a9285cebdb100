use super::{confirm::confirm, gather::Signer, submit::submit};
use crate::cli::{Send, Signing};
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::types::{Amount, Nonce};
use isonomy::wallet::{Draft, Transfer, Wallet, meter_for, pay};

pub(crate) async fn send(arguments: Send) -> Result<(), Failure> {
    let Send { signing, to, amount, cost } = arguments;
    if signing.policy.is_some() {
        let signer = Signer::open(signing)?;
        let offer = signer.alone(vec![pay(0, to, amount)], cost, None).await?;
        return signer.gather(offer, "Sign?").await;
    }
    let Signing { rpc, key, yes, wait, json, .. } = signing;
    let wallet = Wallet::open(&key).map_err(Failure::failed)?;
    let client = Client::new(&rpc)?;
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

/// A transfer that cannot take effect would still cost its fee.
fn covered(draft: &Draft, amount: Amount, balance: Amount) -> Result<(), Failure> {
    if amount == Amount(0) {
        return Err(Failure::usage("nothing to send: --amount is 0"));
    }
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
