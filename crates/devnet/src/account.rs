//! One account of the load, and what became of its transfers.
use crate::load::Running;
use isonomy_client::api::TransactionStatus;
use isonomy_client::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Nonce, Transaction};
use isonomy_wallet::{Transfer, Wallet, meter_for};
use std::collections::VecDeque;

/// What a meter unit is paid, in coins: above the least, so that replacing has room.
const PRICE: u64 = 2;
/// Blocks that a transfer may wait.
const LIFETIME: u64 = 1_000;
/// Transfers of one account beyond which the oldest is let go, once it is settled.
const KEPT: usize = 128;
/// Confirmations after which nothing undoes a transfer: a deeper reorganisation stops a node.
const SETTLED: u64 = 64;

/// Uses one node while that runs, so that its transactions arrive in order; then another.
///
/// A transfer is signed once. A node that does not know it is handed the very same bytes, so no two
/// ever compete for one nonce.
pub(crate) struct Account {
    /// Which of several nodes it prefers.
    place: usize,
    wallet: Wallet,
    /// The counter of the next transfer.
    next: u64,
    /// The node it uses, while they agree on the next counter.
    node: Option<u64>,
    kept: VecDeque<Kept>,
}

/// A transfer that was handed over.
pub(crate) struct Kept {
    seq: u64,
    pub(crate) id: Hash,
    signed: Transaction,
    /// The last node to acknowledge it.
    pub(crate) taken: Option<u64>,
    /// That node, running all the while, asked for it again.
    pub(crate) forgotten: bool,
}

impl Account {
    pub(crate) const fn new(place: usize, wallet: Wallet) -> Self {
        Self { place, wallet, next: 0, node: None, kept: VecDeque::new() }
    }

    pub(crate) fn address(&self) -> Address {
        self.wallet.address()
    }

    pub(crate) fn kept(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter()
    }

    /// Signs a transfer and has a node acknowledge it. `None` if it refuses or does not answer:
    /// then it is asked for the next counter before the next transfer.
    pub(crate) async fn send(
        &mut self,
        running: &Running,
        to: Address,
        amount: u128,
    ) -> Option<()> {
        let used = self.node.take().and_then(|used| running.get_key_value(&used));
        let (node, client) = match used {
            Some((node, client)) => (*node, client),
            None => self.agree(running).await?,
        };
        let signed = self.sign(client, to, amount).await?;
        let id = signed.intent().id();
        let mut kept = Kept { seq: self.next, id, signed, taken: None, forgotten: false };
        match client.submit(&kept.signed).await {
            Ok(_) => kept.taken = Some(node),
            Err(ClientError::Refused { .. }) => return None,
            // It may have arrived.
            Err(_) => {}
        }
        self.next = self.next.saturating_add(1);
        let taken = kept.taken;
        self.kept.push_back(kept);
        self.node = Some(taken?);
        self.let_go(client).await;
        Some(())
    }

    /// Asks a node for the next counter, and hands it what it does not know.
    async fn agree<'a>(&mut self, running: &'a Running) -> Option<(u64, &'a Client)> {
        let place = self.place.checked_rem(running.len())?;
        let (node, client) = running.iter().nth(place)?;
        let next = client.account(self.address()).await.ok()?.next;
        for kept in self.kept.iter_mut().filter(|kept| kept.seq >= next) {
            kept.forgotten |= kept.taken == Some(*node);
            client.submit(&kept.signed).await.ok()?;
            kept.taken = Some(*node);
        }
        self.next = self.next.max(next);
        Some((*node, client))
    }

    async fn sign(&self, client: &Client, to: Address, amount: u128) -> Option<Transaction> {
        let status = client.status().await.ok()?;
        let mut transfer = Transfer {
            to,
            amount: Amount(amount),
            nonce: Nonce { lane: 0, seq: self.next },
            price: PRICE,
            meter_limit: 0,
            expires: status.height.saturating_add(LIFETIME),
        };
        transfer.meter_limit = meter_for(&transfer);
        self.wallet.sign(self.wallet.transfer(status.genesis, transfer)).ok()
    }

    async fn let_go(&mut self, client: &Client) {
        let oldest = self.kept.front().filter(|_| self.kept.len() > KEPT);
        let Some(Kept { id, .. }) = oldest else { return };
        let settled = client.transaction(*id).await.is_ok_and(|reply| match reply.status {
            TransactionStatus::Confirmed { confirmations, .. } => confirmations >= SETTLED,
            TransactionStatus::Waiting => false,
        });
        if settled {
            self.kept.pop_front();
        }
    }
}
