//! What became of a network.
use crate::Tally;
use crate::account::Account;
use crate::load::Running;
use isonomy_client::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_types::Amount;
use serde::Serialize;
use std::collections::BTreeMap;

/// The nodes that run, by number.
pub(crate) type Clients = BTreeMap<usize, Client>;

/// Milliseconds between two tries to find all nodes at one tip.
pub(crate) const PAUSE_MS: u64 = 200;

/// What a network must come to.
#[derive(Clone, Copy)]
pub(crate) struct Due {
    /// The least height.
    pub(crate) blocks: u64,
    /// Coins of all accounts at genesis.
    pub(crate) endowed: u128,
    /// Coins minted for a block.
    pub(crate) reward: u128,
    /// Whether transfers were sent.
    pub(crate) transfers: bool,
}

/// The verdict on a network.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Report {
    /// How many nodes.
    pub nodes: usize,
    /// Of the common tip.
    pub height: u64,
    /// The common tip.
    pub tip: Option<Hash>,
    /// The state after it.
    pub state_root: Option<Hash>,
    /// In the blocks up to it.
    pub transactions: u64,
    /// What there is of the coin.
    pub supply: Option<Amount>,
    /// Whether every node has this tip and root, at least one transfer succeeded if any were sent,
    /// every node counts the supply that genesis and the rewards make, and nothing was lost that was
    /// acknowledged by a node which has run ever since.
    pub agreed: bool,
    /// What is wrong, for people; empty if nothing is.
    pub why: String,
    /// Of a network that was broken on purpose, what was done to it.
    #[serde(flatten)]
    pub chaos: Option<Tally>,
}

impl Report {
    pub(crate) fn none(nodes: usize) -> Self {
        let why = "no node was asked".into();
        let (tip, state_root, supply) = (None, None, None);
        Self {
            nodes,
            height: 0,
            tip,
            state_root,
            transactions: 0,
            supply,
            agreed: false,
            why,
            chaos: None,
        }
    }
}

/// Nodes that go on mining are compared between two of their blocks: asked twice, and judged if
/// none has moved meanwhile.
pub(crate) async fn judge(clients: &Clients, due: Due) -> Report {
    let none = Report::none(clients.len());
    match compare(clients, due, none.clone()).await {
        Ok(report) => report,
        Err(error) => Report { why: error.to_string(), ..none },
    }
}

async fn compare(
    clients: &Clients,
    Due { blocks, endowed, reward, transfers }: Due,
    mut report: Report,
) -> Result<Report, ClientError> {
    let Some((first_number, first)) = clients.first_key_value() else { return Ok(report) };
    let status = first.status().await?;
    report.height = status.height;
    (report.tip, report.state_root) = (Some(status.tip), Some(status.state_root));
    if status.height < blocks {
        report.why = format!("height {} of {blocks}", status.height);
        return Ok(report);
    }
    for (number, client) in clients {
        let supply = client.supply().await?.supply;
        let other = client.status().await?;
        if (other.tip, other.state_root) != (status.tip, status.state_root) {
            report.why = format!(
                "node {number} is at {:?}, node {first_number} at {:?}",
                other.tip, status.tip
            );
            return Ok(report);
        }
        let minted = reward.saturating_mul(status.height.into());
        let due = Amount(endowed.saturating_add(minted));
        report.supply = Some(supply);
        if supply != due {
            report.why = format!("node {number} counts a supply of {supply}, due are {due}");
            return Ok(report);
        }
    }
    let (transactions, succeeded) = count(first, status.height).await?;
    report.transactions = transactions;
    report.agreed = succeeded || !transfers;
    report.why = if report.agreed { String::new() } else { "no transfer succeeded".into() };
    Ok(report)
}

/// Transactions in the blocks up to `height`, and whether one of them succeeded.
async fn count(client: &Client, height: u64) -> Result<(u64, bool), ClientError> {
    let (mut transactions, mut succeeded) = (0_u64, false);
    for at in 1..=height {
        let block = client.block(at).await?;
        transactions = transactions.saturating_add(block.transactions.len() as u64);
        if let Some(one) = block.transactions.first().filter(|_| !succeeded) {
            let reply = client.transaction(one.id).await?;
            succeeded = reply.receipt.is_some_and(|receipt| receipt.code == 0);
        }
    }
    Ok((transactions, succeeded))
}

/// Of the transfers that were acknowledged and are neither confirmed nor pooled: one that a node
/// lost though it ran all the while, and how many went with nodes that ended.
pub(crate) async fn lost(
    accounts: &[Account],
    running: &Running,
) -> Result<(Option<Hash>, u64), ClientError> {
    let (mut forgotten, mut dropped) = (None, 0_u64);
    for kept in accounts.iter().flat_map(Account::kept) {
        let Some(node) = kept.taken else { continue };
        if kept.forgotten {
            forgotten = Some(kept.id);
        }
        if !known(running, kept.id).await? {
            match running.contains_key(&node) {
                true => forgotten = Some(kept.id),
                false => dropped = dropped.saturating_add(1),
            }
        }
    }
    Ok((forgotten, dropped))
}

async fn known(running: &Running, id: Hash) -> Result<bool, ClientError> {
    for client in running.values() {
        match client.transaction(id).await {
            Ok(_) => return Ok(true),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}
