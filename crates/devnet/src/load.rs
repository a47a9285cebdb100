//! Real transfers, signed with the accounts' keys and handed to the nodes.
use crate::account::Account;
use isonomy_client::Client;
use isonomy_wallet::Wallet;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinHandle};

/// The nodes that run, by a serial number that each process has for itself.
pub(crate) type Running = BTreeMap<u64, Client>;

pub(crate) struct Load {
    /// Here while nothing is sent.
    accounts: Vec<Account>,
    rate: u32,
    running: watch::Sender<Running>,
    task: Option<Task>,
    sent: Arc<AtomicU64>,
    paused: Arc<AtomicBool>,
}

struct Task {
    handle: JoinHandle<Vec<Account>>,
    /// Dropped to end the task.
    _go_on: watch::Sender<()>,
}

impl Load {
    /// Sends nothing yet.
    pub(crate) fn new(wallets: Vec<Wallet>, rate: u32) -> Self {
        let accounts = wallets.into_iter().enumerate();
        let accounts = accounts.map(|(place, wallet)| Account::new(place, wallet)).collect();
        let (running, _) = watch::channel(Running::new());
        Self { accounts, rate, running, task: None, sent: Arc::default(), paused: Arc::default() }
    }

    pub(crate) fn start(&mut self) {
        let Some(pause) = Duration::from_secs(1).checked_div(self.rate) else { return };
        let accounts = std::mem::take(&mut self.accounts);
        let (go_on, ended) = watch::channel(());
        let (running, sent) = (self.running.subscribe(), self.sent.clone());
        let counts = Counts { sent, paused: self.paused.clone() };
        let handle = tokio::spawn(run(accounts, running, pause, counts, ended));
        self.task = Some(Task { handle, _go_on: go_on });
    }

    /// Ends the load, once the transfer that is under way is acknowledged or not.
    ///
    /// # Panics
    /// If the load did, which is a bug: without its accounts nothing would be known to be lost.
    pub(crate) async fn stop(&mut self) {
        if let Some(Task { handle, _go_on }) = self.task.take() {
            drop(_go_on);
            match handle.await.map_err(JoinError::try_into_panic) {
                Ok(accounts) => self.accounts = accounts,
                Err(Ok(panic)) => resume_unwind(panic),
                // The runtime is ending, and everything with it.
                Err(Err(_)) => {}
            }
        }
    }

    /// Whether any transfers are to be sent.
    pub(crate) const fn is_asked(&self) -> bool {
        self.rate > 0
    }

    /// With what nodes acknowledged. None while transfers are sent.
    pub(crate) fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Transfers that a node has acknowledged.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Whether nothing is sent for now.
    pub(crate) fn is_paused(&self) -> bool {
        self.paused.load(Ordering::Relaxed)
    }

    /// Sends nothing until it is told otherwise.
    pub(crate) fn pause(&self, pause: bool) {
        self.paused.store(pause, Ordering::Relaxed);
    }

    /// The nodes that run, from now on.
    pub(crate) fn running(&self) -> watch::Receiver<Running> {
        self.running.subscribe()
    }

    /// A node runs, and can be sent transfers.
    pub(crate) fn add(&self, serial: u64, client: Client) {
        self.running.send_modify(|running| drop(running.insert(serial, client)));
    }

    /// A node is about to end.
    pub(crate) fn remove(&self, serial: u64) {
        self.running.send_modify(|running| drop(running.remove(&serial)));
    }
}

/// What the load and whoever watches it share.
struct Counts {
    sent: Arc<AtomicU64>,
    paused: Arc<AtomicBool>,
}

async fn run(
    mut accounts: Vec<Account>,
    running: watch::Receiver<Running>,
    pause: Duration,
    Counts { sent, paused }: Counts,
    mut ended: watch::Receiver<()>,
) -> Vec<Account> {
    let addresses: Vec<_> = accounts.iter().map(Account::address).collect();
    for turn in 0_u64.. {
        let amount = u128::from(turn % 1_000) + 1;
        for (account, to) in accounts.iter_mut().zip(addresses.iter().cycle().skip(1)) {
            let nodes = running.borrow().clone();
            let sends = !paused.load(Ordering::Relaxed);
            if sends && account.send(&nodes, *to, amount).await.is_some() {
                sent.fetch_add(1, Ordering::Relaxed);
            }
            // Only ever closed.
            if tokio::time::timeout(pause, ended.changed()).await.is_ok() {
                return accounts;
            }
        }
    }
    accounts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    #[should_panic(expected = "a bug of the load")]
    async fn a_load_that_panicked_does_not_pass_for_one_that_lost_nothing() {
        let mut load = Load::new(Vec::new(), 1);
        let (_go_on, _) = watch::channel(());
        let handle = tokio::spawn(async { panic!("a bug of the load") });
        load.task = Some(Task { handle, _go_on });
        load.stop().await;
    }
}
