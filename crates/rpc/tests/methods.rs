//! Every method, asked with the client over a real socket.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, miner, serve};
use isonomy_client::api::{BlockAt, Direction, TransactionStatus, code};
use isonomy_client::{Client, ClientError};
use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::Fault;
use isonomy_ledger::assets::{Asset, AssetsEvent};
use isonomy_rpc::MEMPOOL_IDS_MAX;
use isonomy_sim::Sim;
use isonomy_sim::coin::{Coin, FUNDS, METER, REWARD};
use isonomy_sim::work::Role;
use isonomy_types::{Address, Amount, Decode, Encode, Nonce, Transaction};
use isonomy_wallet::{Transfer, Wallet, meter_for};

const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

/// One miner and its client, on a chain of so many wallets.
async fn one(wallets: usize) -> (Hosts, Client, Coin) {
    let coin = Coin::new(wallets).unwrap();
    let hosts = Hosts::start(wallets, vec![miner(&coin, 0)]);
    let (_, client) = serve(hosts.source(0)).await;
    (hosts, client, coin)
}

#[tokio::test]
async fn a_fresh_node_stands_at_genesis() {
    let (_hosts, node, coin) = one(1).await;
    let status = node.status().await.unwrap();
    assert_eq!((status.genesis, status.tip), (coin.id(), coin.id()));
    assert_eq!((status.height, status.base, status.target), (0, 0, 0));
    assert_eq!((status.peers, status.mempool, status.protocol), (0, 0, 2));
    assert_eq!((&*status.name, &*status.version), ("test chain", "9.9.9"));
    assert!(status.mining);
    let block = node.block(0).await.unwrap();
    assert_eq!((block.id, block.size, block.confirmations), (coin.id(), 4, Some(1)));
    assert_eq!(block.header.state_root, status.state_root);
    assert_eq!(block.transactions, []);
    assert_eq!(node.header(coin.id()).await.unwrap().header, block.header);
}

#[tokio::test]
async fn blocks_are_found_by_height_and_id_in_memory_and_in_the_archive() {
    let (hosts, node, _) = one(1).await;
    hosts.mine(0, 70);
    let status = node.status().await.unwrap();
    assert!(status.base >= 16, "the test needs blocks below the base");
    let mut parent = Hash::ZERO;
    for height in 0..=status.height {
        let by_height = node.header(height).await.unwrap();
        assert_eq!(by_height.header.height, height);
        assert_eq!(by_height.header.parent, parent);
        assert_eq!(by_height.header.id(), by_height.id);
        assert_eq!(by_height.confirmations, Some(status.height - height + 1));
        assert!(by_height.best);
        assert_eq!(node.header(by_height.id).await.unwrap(), by_height);
        parent = by_height.id;
    }
    assert_eq!(parent, status.tip);
    for height in [0, 1, status.base - 1, status.base, status.base + 1, status.height] {
        let block = node.block(height).await.unwrap();
        assert_eq!(node.block(block.id).await.unwrap(), block);
        assert_eq!(block.header, node.header(height).await.unwrap().header);
        assert_eq!((block.size, block.transactions.len()), (4, 0));
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (hosts, node, _) = one(1).await;
    hosts.mine(0, 2);
    let height = node.status().await.unwrap().height;
    for at in [BlockAt::Height(height + 1), BlockAt::Height(u64::MAX), BlockAt::Id(Hash::ZERO)] {
        let errors = [node.header(at).await.unwrap_err(), node.block(at).await.unwrap_err()];
        for error in errors {
            assert!(error.is_not_found(), "{at:?} {error:?}");
        }
    }
    let error = node.header(height + 1).await.unwrap_err();
    assert!(error.to_string().contains(&format!("the best has {height}")), "{error}");
    let error = node.transaction(Hash::ZERO).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    assert!(error.to_string().contains(&Hash::ZERO.to_string()), "{error}");
}

#[tokio::test]
async fn a_transaction_waits_is_confirmed_and_is_archived() {
    let (hosts, node, mut coin) = one(2).await;
    let (payer, payee) = (coin.wallets[1].address(), NOBODY);
    let transfer = coin.wallets[1].transfer(payee, 500);
    let id = node.submit(&transfer).await.unwrap().id;
    assert_eq!(id, transfer.intent().id());

    let waiting = node.transaction(id).await.unwrap();
    assert_eq!(waiting.status, TransactionStatus::Waiting);
    assert_eq!((waiting.id, &waiting.receipt), (id, &None));
    assert_eq!(waiting.transaction, transfer);

    hosts.mine(0, 3);
    let confirmed = node.transaction(id).await.unwrap();
    let TransactionStatus::Confirmed { block, height, index, confirmations } = confirmed.status
    else {
        panic!("{confirmed:?}");
    };
    let status = node.status().await.unwrap();
    assert_eq!((index, confirmations), (0, status.height - height + 1));
    assert_eq!(confirmed.transaction, transfer);
    let receipt = confirmed.receipt.clone().unwrap();
    assert_eq!((receipt.code, receipt.fee), (0, Amount(receipt.meter.into())));
    assert!((1_000..METER).contains(&receipt.meter));
    let event = AssetsEvent::decode_exact(&receipt.events[0].payload).unwrap();
    let (asset, amount, memo) = (Asset::Coin, Amount(500), isonomy_ledger::Memo::default());
    assert_eq!(event, AssetsEvent::Transfer { asset, from: payer, to: payee, amount, memo });

    let of = node.block(block).await.unwrap();
    let summary = &of.transactions[0];
    assert_eq!((summary.id, summary.payer, summary.actions), (id, payer, 1));
    assert_eq!(summary.size, transfer.encoded_len() as u64);
    assert_eq!(of.size, 4 + summary.size);

    hosts.mine(0, 60);
    let status = node.status().await.unwrap();
    assert!(status.base > height, "the test needs the block below the base");
    let archived = node.transaction(id).await.unwrap();
    let confirmations = status.height - height + 1;
    let want = TransactionStatus::Confirmed { block, height, index, confirmations };
    assert_eq!(archived.status, want);
    assert_eq!(archived.receipt, Some(receipt));
    assert_eq!(archived.transaction, transfer);
    let archived = node.block(block).await.unwrap();
    assert_eq!((archived.transactions, archived.size), (of.transactions, of.size));
    assert_eq!(archived.confirmations, Some(confirmations));
}

#[tokio::test]
async fn the_blocks_own_receipt_is_no_transaction() {
    let (hosts, node, mut coin) = one(2).await;
    node.submit(&coin.wallets[1].transfer(NOBODY, 1)).await.unwrap();
    hosts.mine(0, 2);
    let own = hosts.act(|sim: &mut Sim| {
        let chain = sim.node(0).chain();
        chain.receipts(&chain.best().id).unwrap().last().unwrap().transaction
    });
    assert!(node.transaction(own).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_transaction_that_failed_says_so_in_its_receipt() {
    let (hosts, node, mut coin) = one(2).await;
    let id = node.submit(&coin.wallets[1].call(99, Vec::new())).await.unwrap().id;
    hosts.mine(0, 3);
    let receipt = node.transaction(id).await.unwrap().receipt.unwrap();
    assert_eq!(receipt.code, Fault::UnknownModule(99).code());
    assert!(receipt.fee > Amount::ZERO);
    assert_eq!(receipt.events, []);
}

#[tokio::test]
async fn an_account_tells_balance_lanes_and_the_nonce_after_what_waits() {
    let (hosts, node, mut coin) = one(2).await;
    let address = coin.wallets[1].address();
    let fresh = node.account(address).await.unwrap();
    assert_eq!((fresh.address, fresh.balance, fresh.policy), (address, FUNDS, None));
    assert_eq!((fresh.lanes.len(), fresh.next), (0, 0));

    for seq in 0..3 {
        assert_eq!(node.account(address).await.unwrap().next, seq);
        node.submit(&coin.wallets[1].transfer(NOBODY, 10)).await.unwrap();
    }
    let waiting = node.account(address).await.unwrap();
    assert_eq!((waiting.balance, waiting.lanes.len(), waiting.next), (FUNDS, 0, 3));

    hosts.mine(0, 3);
    let spent = node.account(address).await.unwrap();
    assert_eq!((spent.lanes[0].lane, spent.lanes[0].next, spent.next), (0, 3, 3));
    assert!(spent.balance.0 < FUNDS.0 - 30);
    let nobody = node.account(NOBODY).await.unwrap();
    assert_eq!((nobody.balance, nobody.next), (Amount(30), 0));
    let unused = node.account(Address::default()).await.unwrap();
    assert_eq!((unused.balance, unused.lanes.len(), unused.next), (Amount::ZERO, 0, 0));
}

#[tokio::test]
async fn the_supply_is_what_genesis_and_rewards_made() {
    let (hosts, node, mut coin) = one(3).await;
    for _ in 0..4 {
        node.submit(&coin.wallets[1].transfer(NOBODY, 7)).await.unwrap();
        hosts.mine(0, 2);
        let height = u128::from(node.status().await.unwrap().height);
        let supply = node.supply().await.unwrap().supply;
        assert_eq!(supply.0, 3 * FUNDS.0 + REWARD.0 * height);
        let mut sum = node.account(NOBODY).await.unwrap().balance.0;
        for wallet in &coin.wallets {
            sum += node.account(wallet.address()).await.unwrap().balance.0;
        }
        assert_eq!(sum, supply.0);
    }
}

#[tokio::test]
async fn the_mempool_lists_what_waits() {
    let (hosts, node, mut coin) = one(3).await;
    let empty = node.mempool().await.unwrap();
    assert_eq!((empty.transactions, empty.bytes, empty.ids.len()), (0, 0, 0));
    let sent: Vec<Transaction> =
        [1, 2, 2].map(|wallet| coin.wallets[wallet].transfer(NOBODY, 7)).into();
    for transaction in &sent {
        node.submit(transaction).await.unwrap();
    }
    let full = node.mempool().await.unwrap();
    let mut ids: Vec<Hash> = sent.iter().map(|transaction| transaction.intent().id()).collect();
    ids.sort();
    assert_eq!((full.transactions, full.ids), (3, ids));
    let bytes: usize = sent.iter().map(Encode::encoded_len).sum();
    assert_eq!(full.bytes, bytes as u64);
    assert_eq!(node.status().await.unwrap().mempool, 3);
    hosts.mine(0, 3);
    assert_eq!(node.mempool().await.unwrap(), empty);
}

#[tokio::test]
async fn the_estimate_is_the_nodes() {
    let (_hosts, node, mut coin) = one(2).await;
    let idle = node.estimate(1).await.unwrap();
    assert_eq!((idle.price, idle.base_price), (1, 1));
    node.submit(&coin.wallets[1].transfer(NOBODY, 7)).await.unwrap();
    assert_eq!(node.estimate(3).await.unwrap(), idle, "one that waits fills no block");
}

#[tokio::test]
async fn a_long_mempool_is_listed_in_part() {
    const ACCOUNTS: usize = 17;
    let mut coin = Coin::new(ACCOUNTS).unwrap();
    let hosts = Hosts::start(ACCOUNTS, vec![Role::default()]);
    let (_, node) = serve(hosts.source(0)).await;
    let sent: Vec<Transaction> = (0..60 * ACCOUNTS)
        .map(|number| coin.wallets[number % ACCOUNTS].transfer(NOBODY, 1))
        .collect();
    let length = sent.len() as u64;
    hosts.act(move |sim| {
        for transaction in sent {
            sim.submit(0, transaction);
            sim.run_for(20);
        }
    });
    let mempool = node.mempool().await.unwrap();
    assert_eq!((mempool.transactions, mempool.ids.len()), (length, MEMPOOL_IDS_MAX));
    assert!(length > MEMPOOL_IDS_MAX as u64);
}

#[tokio::test]
async fn handing_over_twice_is_handing_over_once() {
    let (_hosts, node, mut coin) = one(2).await;
    let transfer = coin.wallets[1].transfer(NOBODY, 7);
    let first = node.submit(&transfer).await.unwrap();
    assert_eq!(node.submit(&transfer).await.unwrap(), first);
    assert_eq!(node.mempool().await.unwrap().transactions, 1);
}

#[tokio::test]
async fn a_transaction_that_the_chain_does_not_take_is_refused_with_the_reason() {
    let (hosts, node, mut coin) = one(3).await;
    let foreign = Coin::new(4).unwrap().wallets[3].transfer(NOBODY, 1);
    let good = coin.wallets[1].transfer(NOBODY, 1);
    let first = coin.wallets[2].transfer(NOBODY, 1);
    let ahead = coin.wallets[2].transfer(NOBODY, 1);
    let forged = Transaction::new(good.intent().clone(), first.witnesses().clone());
    node.submit(&good).await.unwrap();
    hosts.mine(0, 2);
    let table = [
        (&foreign, "signature"),
        (&forged, "signature"),
        (&ahead, "nonce 1 is ahead, the lane's next is 0"),
        (&good, "nonce is 0, the lane's next is 1"),
    ];
    for (transaction, reason) in table {
        let error = node.submit(transaction).await.unwrap_err();
        let ClientError::Refused { code, message } = &error else { panic!("{error:?}") };
        assert_eq!(*code, code::REFUSED, "{message}");
        assert!(message.contains(reason), "{message}");
    }
    assert_eq!(node.mempool().await.unwrap().transactions, 0);
}

#[tokio::test]
async fn peers_see_each_other() {
    let coin = Coin::new(1).unwrap();
    let peers = vec![Sim::address_of(0)];
    let hosts = Hosts::start(1, vec![miner(&coin, 0), Role { peers, ..Role::default() }]);
    let (_, first) = serve(hosts.source(0)).await;
    let (_, second) = serve(hosts.source(1)).await;
    hosts.mine(1, 2);
    let keys = hosts.act(|sim| [0, 1].map(|host| sim.host(host).key().to_string()));
    let (inbound, outbound) = (&first.peers().await.unwrap()[0], &second.peers().await.unwrap()[0]);
    assert_eq!((inbound.direction, outbound.direction), (Direction::Inbound, Direction::Outbound));
    assert_eq!([&outbound.key, &inbound.key], [&keys[0], &keys[1]]);
    assert!(inbound.ready && outbound.ready);
    assert_eq!(outbound.address, Some(Sim::address_of(0).to_string()));
    assert!(outbound.agent.starts_with("isonomy/"), "{}", outbound.agent);
    assert!(outbound.height >= 1 && outbound.bytes_in > 0 && outbound.bytes_out > 0);
    let status = second.status().await.unwrap();
    assert_eq!(status.peers, 1);
    assert!(status.target >= status.height);
}

/// From a wallet's draft to a receipt, with nothing but what the node tells.
#[tokio::test]
async fn a_wallet_pays_through_the_node() {
    let (hosts, node, mut coin) = one(2).await;
    let wallet = Wallet::new(Secret::from_bytes(&[3; 32]).unwrap());
    node.submit(&coin.wallets[1].transfer(wallet.address(), 1_000_000)).await.unwrap();
    hosts.mine(0, 2);
    for seq in 0..2 {
        let status = node.status().await.unwrap();
        let next = node.account(wallet.address()).await.unwrap().next;
        assert_eq!(next, seq);
        let nonce = Nonce { lane: 0, seq: next };
        let (price, expires) = (1, status.height + 20);
        let transfer =
            Transfer { to: NOBODY, amount: Amount(5), nonce, price, meter_limit: 0, expires };
        let transfer = Transfer { meter_limit: meter_for(&transfer), ..transfer };
        let signed = wallet.sign(wallet.transfer(status.genesis, transfer)).unwrap();
        let id = node.submit(&signed).await.unwrap().id;
        hosts.mine(0, 2);
        let receipt = node.transaction(id).await.unwrap().receipt.unwrap();
        assert_eq!(receipt.code, 0);
        assert!(receipt.meter <= transfer.meter_limit);
    }
    assert_eq!(node.account(NOBODY).await.unwrap().balance, Amount(10));
}
