//! Real transfers, signed with the accounts' keys and handed to the nodes in turn.
use isonomy_client::Client;
use isonomy_types::{Amount, Nonce};
use isonomy_wallet::{Transfer, Wallet, meter_for};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// What a meter unit is paid, in coins: above the least, so that replacing has room.
const PRICE: u64 = 2;
/// Blocks that a transfer may wait.
const LIFETIME: u64 = 1_000;

pub(crate) struct Load {
    task: JoinHandle<()>,
    sent: Arc<AtomicU64>,
}

/// One account, which always uses the same node: its transactions reach it in order.
struct Account {
    wallet: Wallet,
    client: Client,
    /// Unknown at first, and after a refusal.
    next: Option<u64>,
}

impl Load {
    pub(crate) fn start(wallets: Vec<Wallet>, clients: Vec<Client>, rate: u32) -> Self {
        let sent = Arc::new(AtomicU64::new(0));
        let accounts = wallets.into_iter().zip(clients.into_iter().cycle());
        let accounts: Vec<Account> =
            accounts.map(|(wallet, client)| Account { wallet, client, next: None }).collect();
        let task = tokio::spawn(run(accounts, rate, sent.clone()));
        Self { task, sent }
    }

    /// Transfers that a node has taken.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.task.abort();
    }
}

async fn run(mut accounts: Vec<Account>, rate: u32, sent: Arc<AtomicU64>) {
    let Some(pause) = Duration::from_secs(1).checked_div(rate) else { return };
    let addresses: Vec<_> = accounts.iter().map(|account| account.wallet.address()).collect();
    for turn in 0_u64.. {
        for (account, to) in accounts.iter_mut().zip(addresses.iter().cycle().skip(1)) {
            let amount = Amount(u128::from(turn % 1_000) + 1);
            let transfer = Transfer {
                to: *to,
                amount,
                nonce: Nonce { lane: 0, seq: 0 },
                price: PRICE,
                meter_limit: 0,
                expires: 0,
            };
            if account.send(transfer).await.is_some() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(pause).await;
        }
    }
}

impl Account {
    /// `None` if the node refuses or does not answer: the nonce is asked anew next time.
    async fn send(&mut self, mut transfer: Transfer) -> Option<()> {
        let seq = match self.next.take() {
            Some(seq) => seq,
            None => self.client.account(self.wallet.address()).await.ok()?.next,
        };
        let status = self.client.status().await.ok()?;
        transfer.nonce.seq = seq;
        transfer.expires = status.height.saturating_add(LIFETIME);
        transfer.meter_limit = meter_for(&transfer);
        let signed = self.wallet.sign(self.wallet.transfer(status.genesis, transfer)).ok()?;
        self.client.submit(&signed).await.ok()?;
        self.next = Some(seq.saturating_add(1));
        Some(())
    }
}
