//! What became of a network.
use isonomy_client::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_types::Amount;
use serde::Serialize;

/// Milliseconds between two tries to find all nodes at one tip.
pub(crate) const PAUSE_MS: u64 = 200;

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
    /// Whether every node has this tip and root, at least one transfer succeeded, and every node
    /// counts the supply that genesis and the rewards make.
    pub agreed: bool,
    /// What is wrong, for people; empty if nothing is.
    pub why: String,
}

impl Report {
    pub(crate) fn none(nodes: usize) -> Self {
        let why = "no node was asked".into();
        let (tip, state_root, supply) = (None, None, None);
        Self { nodes, height: 0, tip, state_root, transactions: 0, supply, agreed: false, why }
    }
}

/// Nodes that go on mining are compared between two of their blocks: asked twice, and judged if
/// none has moved meanwhile.
pub(crate) async fn judge(clients: &[Client], blocks: u64, endowed: u128, reward: u128) -> Report {
    let none = Report::none(clients.len());
    match compare(clients, blocks, endowed, reward, none.clone()).await {
        Ok(report) => report,
        Err(error) => Report { why: error.to_string(), ..none },
    }
}

async fn compare(
    clients: &[Client],
    blocks: u64,
    endowed: u128,
    reward: u128,
    mut report: Report,
) -> Result<Report, ClientError> {
    let Some(first) = clients.first() else { return Ok(report) };
    let status = first.status().await?;
    report.height = status.height;
    (report.tip, report.state_root) = (Some(status.tip), Some(status.state_root));
    if status.height < blocks {
        report.why = format!("height {} of {blocks}", status.height);
        return Ok(report);
    }
    for (number, client) in (1..).zip(clients) {
        let supply = client.supply().await?.supply;
        let other = client.status().await?;
        if (other.tip, other.state_root) != (status.tip, status.state_root) {
            report.why = format!("node {number} is at {:?}, node 1 at {:?}", other.tip, status.tip);
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
    report.why = if succeeded { String::new() } else { "no transfer succeeded".into() };
    report.agreed = succeeded;
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
