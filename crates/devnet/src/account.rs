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

    /// Signs a transfer and has a node acknowledge it: its id. `None` if it refuses or does not answer:
    /// then it is asked for the next counter before the next transfer.
    pub(crate) async fn send(
        &mut self,
        running: &Running,
        to: Address,
        amount: u128,
    ) -> Option<Hash> {
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
        Some(id)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, TO};
    use crate::judge::lost;

    fn account() -> Account {
        let dir = tempfile::tempdir().unwrap();
        Account::new(0, Wallet::create(&dir.path().join("key")).unwrap())
    }

    fn running(nodes: &[(u64, &Fake)]) -> Running {
        nodes.iter().map(|(serial, fake)| (*serial, fake.client.clone())).collect()
    }

    fn ids(account: &Account) -> Vec<Hash> {
        account.kept().map(|kept| kept.id).collect()
    }

    #[tokio::test]
    async fn a_node_that_is_gone_is_replaced_and_its_successor_gets_the_same_bytes() {
        let (mut account, first, second) = (account(), Fake::start(), Fake::start());
        let both = running(&[(1, &first), (2, &second)]);
        for amount in 1..=3 {
            account.send(&both, TO, amount).await.unwrap();
        }
        assert_eq!((first.ids(), second.ids()), (ids(&account), Vec::new()));
        // The first of them had reached the second node.
        let one = ids(&account)[..1].to_vec();
        second.held.lock().unwrap().ids = one;
        let left = running(&[(2, &second)]);
        account.send(&left, TO, 4).await.unwrap();
        assert_eq!(second.ids(), ids(&account));
        assert_eq!(second.held.lock().unwrap().submitted, 3, "the first is not sent again");
        let taken: Vec<_> = account.kept().map(|kept| kept.taken).collect();
        assert_eq!(taken, [Some(1), Some(2), Some(2), Some(2)]);
        assert_eq!(lost(&[account], &left).await, Ok((None, 0)));
    }

    #[tokio::test]
    async fn a_refusal_leaves_no_gap() {
        let (mut account, node) = (account(), Fake::start());
        let nodes = running(&[(1, &node)]);
        account.send(&nodes, TO, 1).await.unwrap();
        node.held.lock().unwrap().refuses = true;
        assert_eq!(account.send(&nodes, TO, 2).await, None);
        assert_eq!(account.send(&nodes, TO, 3).await, None);
        node.held.lock().unwrap().refuses = false;
        account.send(&nodes, TO, 4).await.unwrap();
        assert_eq!((node.ids().len(), node.ids()), (2, ids(&account)));
    }

    #[tokio::test]
    async fn a_transfer_whose_answer_is_lost_is_not_made_twice() {
        let (mut account, node) = (account(), Fake::start());
        let nodes = running(&[(1, &node)]);
        node.held.lock().unwrap().breaks_off = true;
        assert_eq!(account.send(&nodes, TO, 1).await, None);
        assert!(account.kept().all(|kept| kept.taken.is_none()), "it was not acknowledged");
        node.held.lock().unwrap().breaks_off = false;
        account.send(&nodes, TO, 2).await.unwrap();
        assert_eq!((node.ids().len(), node.ids()), (2, ids(&account)));
    }

    #[tokio::test]
    async fn without_any_node_nothing_is_sent() {
        let mut account = account();
        assert_eq!(account.send(&Running::new(), TO, 1).await, None);
        assert_eq!(ids(&account), []);
    }

    #[tokio::test]
    async fn what_a_running_node_lost_is_found_out_and_what_went_with_another_is_counted() {
        let (mut account, first, second) = (account(), Fake::start(), Fake::start());
        let both = running(&[(1, &first), (2, &second)]);
        for amount in 1..=2 {
            account.send(&both, TO, amount).await.unwrap();
        }
        let last = ids(&account)[1];
        first.held.lock().unwrap().ids.pop();
        let accounts = [account];
        assert_eq!(lost(&accounts, &both).await, Ok((Some(last), 0)));
        assert_eq!(lost(&accounts, &running(&[(2, &second)])).await, Ok((None, 2)));
        second.held.lock().unwrap().ids.push(last);
        assert_eq!(lost(&accounts, &both).await, Ok((None, 0)), "another has it");
    }

    /// Handing it over once more does not hide that it was lost.
    #[tokio::test]
    async fn a_node_that_asks_again_for_what_it_acknowledged_has_lost_it() {
        let (mut account, node) = (account(), Fake::start());
        let nodes = running(&[(1, &node)]);
        account.send(&nodes, TO, 1).await.unwrap();
        node.held.lock().unwrap().ids.clear();
        assert_eq!(account.send(&nodes, TO, 2).await, None, "a gap");
        account.send(&nodes, TO, 3).await.unwrap();
        assert_eq!(node.ids(), ids(&account), "all is there in the end");
        let first = ids(&account)[0];
        assert_eq!(lost(&[account], &nodes).await, Ok((Some(first), 0)));
    }
}
