//! From a signed transaction to its block.
use crate::exit::Failure;
use isonomy::client::api::{EventReply, ReceiptReply, TransactionReply, TransactionStatus, code};
use isonomy::client::{Client, ClientError};
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, AssetsEvent};
use isonomy::ledger::locks::{self, LocksEvent};
use isonomy::ledger::unique::{self, UniqueEvent};
use isonomy::types::{Decode, ModuleId, Transaction};
use std::time::Duration;

/// Milliseconds between two looks for the block.
const LOOK_MS: u64 = 300;

/// Hands it to the node, waits for its block if that is wanted, and says what came of it.
pub(crate) async fn submit(
    client: &Client,
    signed: &Transaction,
    wait: bool,
    json: bool,
) -> Result<(), Failure> {
    let id = signed.intent().id();
    client.submit(signed).await.map_err(|error| unsure(id, error))?;
    let reply = if wait { Some(confirmed(client, id).await?) } else { None };
    let made = reply.as_ref().and_then(|reply| reply.receipt.as_ref()).map(made);
    let status = reply.as_ref().map_or(TransactionStatus::Waiting, |reply| reply.status);
    show(id, status, &made.unwrap_or_default(), json);
    match reply.and_then(|reply| reply.receipt).map(|receipt| (receipt.code, receipt.fee)) {
        None | Some((0, _)) => Ok(()),
        Some((code, fee)) => Err(Failure::refused(format!(
            "it took no effect (code {code}) and cost its fee of {fee}; see what the account holds"
        ))),
    }
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

/// What there is since: each by the word of the command that shows it, and its id.
fn made(receipt: &ReceiptReply) -> Vec<(&'static str, Hash)> {
    let events = receipt.events.iter();
    events.filter_map(|EventReply { module, payload, .. }| new(*module, payload)).collect()
}

fn new(module: ModuleId, said: &[u8]) -> Option<(&'static str, Hash)> {
    match module {
        assets::ID => match AssetsEvent::decode_exact(said).ok()? {
            AssetsEvent::Issue { asset, .. } => Some(("asset", asset)),
            _ => None,
        },
        unique::ID => match UniqueEvent::decode_exact(said).ok()? {
            UniqueEvent::Create { collection, .. } => Some(("collection", collection)),
            _ => None,
        },
        locks::ID => match LocksEvent::decode_exact(said).ok()? {
            LocksEvent::Lock { id, .. } => Some(("lock", id)),
            _ => None,
        },
        _ => None,
    }
}

fn show(id: Hash, status: TransactionStatus, made: &[(&str, Hash)], json: bool) {
    if json {
        let mut line = serde_json::json!({ "id": id, "status": status });
        made.iter().for_each(|(what, id)| line[what] = serde_json::json!(id));
        println!("{line}");
        return;
    }
    match status {
        TransactionStatus::Waiting => println!("{id} waits for a block"),
        TransactionStatus::Confirmed { block, height, .. } => {
            println!("{id} is in block {block} at height {height}");
        }
    }
    made.iter().for_each(|(what, id)| println!("{what} {id}"));
}
