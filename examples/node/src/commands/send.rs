use super::confirm::confirm;
use crate::cli::Send;
use crate::exit::Failure;
use isonomy::client::api::{TransactionReply, TransactionStatus, code};
use isonomy::client::{Client, ClientError};
use isonomy::crypto::Hash;
use isonomy::types::{Amount, Nonce};
use isonomy::wallet::{Draft, Transfer, Wallet, meter_for};
use std::time::Duration;

/// Blocks that the transfer may wait.
const LIFETIME: u64 = 1_000;
/// Blocks within which a transfer should be in one, where no price is given.
const SOON: u32 = 2;
/// Milliseconds between two looks for the block.
const LOOK_MS: u64 = 300;

pub(crate) async fn send(arguments: Send) -> Result<(), Failure> {
    let Send { rpc, key, to, amount, price, yes, wait, json } = arguments;
    let wallet = Wallet::open(&key).map_err(Failure::failed)?;
    let client = Client::new(&rpc)?;
    let status = client.status().await?;
    let account = client.account(wallet.address()).await?;
    let behind = status.target.saturating_sub(status.height);
    if behind > 0 {
        eprintln!("isonomy: the node may be {behind} blocks behind; what it knows may be old");
    }
    let price = match price {
        Some(price) => price,
        None => client.estimate(SOON).await?.price,
    };
    let seq = account.next;
    let mut transfer = Transfer {
        to,
        amount,
        nonce: Nonce { lane: 0, seq },
        price,
        meter_limit: 0,
        expires: status.height.saturating_add(LIFETIME),
    };
    transfer.meter_limit = meter_for(&transfer);
    let draft = wallet.transfer(status.genesis, transfer);
    covered(&draft, amount, account.balance)?;
    if !yes {
        confirm(&draft.describe(), "Send?")?;
    }
    let signed = wallet.sign(draft).map_err(Failure::failed)?;
    let id = signed.intent().id();
    client.submit(&signed).await.map_err(|error| unsure(id, error))?;
    let reply = if wait { Some(confirmed(&client, id).await?) } else { None };
    show(id, reply.as_ref().map_or(TransactionStatus::Waiting, |reply| reply.status), json);
    match reply.and_then(|reply| reply.receipt).map(|receipt| (receipt.code, receipt.fee)) {
        None | Some((0, _)) => Ok(()),
        Some((code, fee)) => Err(Failure::refused(format!(
            "it took no effect (code {code}) and cost its fee of {fee}; see what the account holds"
        ))),
    }
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

/// Without an answer it may be on its way all the same, and sent again it would be paid twice.
fn unsure(id: Hash, error: ClientError) -> Failure {
    match error {
        error @ (ClientError::Unreachable { .. }
        | ClientError::TimeLimit { .. }
        | ClientError::BadAnswer { .. }
        | ClientError::Refused { code: code::UNREADY | code::INTERNAL, .. }) => {
            Failure::from(error).with(format_args!(
                "the transfer may have been taken all the same: ask for transaction {id} before \
                 you send again"
            ))
        }
        error => error.into(),
    }
}

/// Waits without end: whoever asked for it can stop it.
async fn confirmed(client: &Client, id: Hash) -> Result<TransactionReply, Failure> {
    loop {
        match client.transaction(id).await {
            Ok(reply) => {
                if let TransactionStatus::Confirmed { .. } = reply.status {
                    return Ok(reply);
                }
            }
            Err(error) if error.is_not_found() => {
                return Err(Failure::failed(format!(
                    "transaction {id} was dropped; send it again"
                )));
            }
            Err(error) => return Err(unsure(id, error)),
        }
        tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
    }
}

fn show(id: Hash, status: TransactionStatus, json: bool) {
    match (json, status) {
        (true, _) => println!("{}", serde_json::json!({ "id": id, "status": status })),
        (false, TransactionStatus::Waiting) => println!("{id} waits for a block"),
        (false, TransactionStatus::Confirmed { block, height, .. }) => {
            println!("{id} is in block {block} at height {height}");
        }
    }
}
