use super::confirm::confirm;
use crate::cli::Send;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::TransactionStatus;
use isonomy::crypto::Hash;
use isonomy::types::Nonce;
use isonomy::wallet::{Transfer, Wallet, meter_for};
use std::time::Duration;

/// Blocks that the transfer may wait.
const LIFETIME: u64 = 1_000;
/// Milliseconds between two looks for the block.
const LOOK_MS: u64 = 300;

pub(crate) async fn send(arguments: Send) -> Result<(), Failure> {
    let Send { rpc, key, to, amount, price, yes, wait, json } = arguments;
    let wallet = Wallet::open(&key).map_err(Failure::failed)?;
    let client = Client::new(&rpc)?;
    let status = client.status().await?;
    let seq = client.account(wallet.address()).await?.next;
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
    if !yes {
        confirm(&draft.describe(), "Send?")?;
    }
    let signed = wallet.sign(draft).map_err(Failure::failed)?;
    let id = client.submit(&signed).await?.id;
    let status = if wait { confirmed(&client, id).await? } else { TransactionStatus::Waiting };
    show(id, status, json);
    Ok(())
}

/// Waits without end: whoever asked for it can stop it.
async fn confirmed(client: &Client, id: Hash) -> Result<TransactionStatus, Failure> {
    loop {
        match client.transaction(id).await {
            Ok(reply) => {
                if let TransactionStatus::Confirmed { .. } = reply.status {
                    return Ok(reply.status);
                }
            }
            Err(error) if error.is_not_found() => {
                return Err(Failure::failed(format!(
                    "transaction {id} was dropped; send it again"
                )));
            }
            Err(error) => return Err(error.into()),
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
