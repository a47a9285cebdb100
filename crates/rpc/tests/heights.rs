//! The state of a recent height, read and proved while blocks come.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, miner, serve};
use isonomy_client::api::{PROVE_KEYS_MAX, code};
use isonomy_client::{Client, ClientError, Known, Proof, balance_key};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset};
use isonomy_sim::coin::{Coin, FUNDS, REWARD};
use isonomy_types::{Address, Amount};
use std::collections::BTreeMap;
use std::sync::mpsc::sync_channel;

const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

#[test]
fn a_balances_key_is_the_ledgers() {
    let id = Hash::from_bytes([7; 32]);
    for (asset, known) in [(Asset::Coin, None), (Asset::Issued(id), Some(id))] {
        assert_eq!(balance_key(NOBODY, known), assets::balance_key(NOBODY, asset));
    }
}

/// What the state after the block of this height says, asked in every way, agrees with the header of
/// that height, and its proof says the same.
async fn agrees(node: &Client, height: u64) -> Amount {
    let header = node.header(height).await.unwrap();
    let then = node.at_height(height);
    let account = then.account(NOBODY).await.unwrap();
    let supply = then.supply().await.unwrap();
    let balance = then.balance(NOBODY, None).await.unwrap();
    for at in [account.at, supply.at, balance.at] {
        assert_eq!((at.height, at.block), (height, header.id));
    }
    assert_eq!(supply.supply.0, 3 * FUNDS.0 + REWARD.0 * u128::from(height));
    assert_eq!(account.balance, balance.balance);
    let absent = balance_key(Address::default(), None);
    let keys = [balance_key(NOBODY, None), absent.clone()];
    let proven = node.prove(&header.header, &keys).await.unwrap();
    assert_eq!(proven.balance(NOBODY, None), Ok(balance.balance));
    assert_eq!(proven.value(&absent), Ok(None));
    assert_eq!(proven.header(), &header.header);
    balance.balance
}

#[tokio::test]
async fn every_height_keeps_its_state_while_blocks_come() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0)]);
    let (_, node) = serve(hosts.source(0)).await;
    // At most two blocks come amid the questions of a round, however slow these are; and none after a
    // failure.
    let (more, wanted) = sync_channel(1);
    let moving = hosts.clone();
    let miner = tokio::task::spawn_blocking(move || {
        while wanted.recv().is_ok() {
            moving.mine(0, 1);
        }
    });
    let (mut seen, mut tips) = (BTreeMap::<u64, Amount>::new(), Vec::new());
    for amount in 1..=24 {
        node.submit(&coin.wallets[1].transfer(NOBODY, amount)).await.unwrap();
        let _ = more.try_send(());
        let status = node.status().await.unwrap();
        tips.push(status.height);
        // Far enough above the base that no flush comes between two questions.
        for height in [status.height, status.height.saturating_sub(7).max(status.base + 1)] {
            let held = agrees(&node, height.min(status.height)).await;
            let before = *seen.entry(height).or_insert(held);
            assert_eq!(held, before, "height {height} has changed");
        }
    }
    drop(more);
    miner.await.unwrap();
    tips.dedup();
    assert!(tips.len() > 12, "the chain hardly moved: {tips:?}");
    assert!(seen.values().is_sorted(), "nobody takes from it: {seen:?}");
    assert!(seen.values().collect::<std::collections::BTreeSet<_>>().len() > 5, "{seen:?}");
}

#[tokio::test]
async fn states_from_the_base_to_the_best_block_are_there_and_no_others() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0)]);
    let (_, node) = serve(hosts.source(0)).await;
    for _ in 0..6 {
        node.submit(&coin.wallets[1].transfer(NOBODY, 5)).await.unwrap();
        hosts.mine(0, 15);
    }
    let status = node.status().await.unwrap();
    let (oldest, newest) = (status.base, status.height);
    assert!(oldest > 0, "the test needs states that are gone");
    for height in [oldest, oldest + 1, newest - 1, newest] {
        agrees(&node, height).await;
    }
    let waits = coin.wallets[1].transfer(NOBODY, 5);
    node.submit(&waits).await.unwrap();
    let payer = coin.wallets[1].address();
    assert_eq!(node.account(payer).await.unwrap().next, 7, "with what waits");
    assert_eq!(node.at_height(newest).account(payer).await.unwrap().next, 6, "as it stood");

    let header = node.header(newest).await.unwrap().header;
    for height in [0, oldest - 1, newest + 1, u64::MAX] {
        let then = node.at_height(height);
        let header = isonomy_types::Header { height, ..header.clone() };
        let id = Hash::ZERO;
        let errors = [
            then.account(NOBODY).await.map(drop),
            then.balance(NOBODY, None).await.map(drop),
            then.supply().await.map(drop),
            then.asset(id).await.map(drop),
            then.holdings(NOBODY, None).await.map(drop),
            then.collection(id).await.map(drop),
            then.items(NOBODY, None).await.map(drop),
            then.lock(id).await.map(drop),
            then.locks(NOBODY, None).await.map(drop),
            then.prove(&header, &[vec![0]]).await.map(drop),
        ];
        for error in errors {
            let ClientError::Refused { code: code::NO_STATE, message } = error.unwrap_err() else {
                panic!("height {height}");
            };
            let range = format!(
                "no state of height {height} is kept here; ask for one from \
                {oldest} to {newest}"
            );
            assert_eq!(message, range);
        }
    }
}

#[tokio::test]
async fn a_proof_is_of_the_block_that_was_asked_about() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0)]);
    let (_, node) = serve(hosts.source(0)).await;
    node.submit(&coin.wallets[1].transfer(NOBODY, 5)).await.unwrap();
    hosts.mine(0, 3);
    let tip = node.status().await.unwrap().height;
    let header = node.header(tip).await.unwrap().header;
    // A header that nobody mined, for one: a fork that lost looks the same.
    let foreign = isonomy_types::Header { producer: NOBODY, ..header.clone() };
    let error = node.prove(&foreign, &[vec![0]]).await.unwrap_err();
    assert!(matches!(error, ClientError::Moved { .. }), "{error:?}");

    let proven = node.prove_at(tip, &[vec![0]]).await.unwrap();
    assert_eq!(proven.header(), &header);
    assert_eq!(node.prove_at(header.id(), &[vec![0]]).await, Ok(proven));

    let many: Vec<_> = (0..PROVE_KEYS_MAX as u8)
        .map(|n| balance_key(Address(Hash::from_bytes([n; 32])), None))
        .collect();
    let proven = node.prove(&header, &many).await.unwrap();
    assert_eq!(proven.balances().unwrap().len(), PROVE_KEYS_MAX);
    assert_eq!(proven.balance(NOBODY, None), Ok(Amount(5)));
    let twice = node.prove(&header, &[many[9].clone(), many[9].clone()]).await.unwrap();
    assert_eq!(twice.balance(NOBODY, None), Ok(Amount(5)));

    let error = node.prove(&header, &[]).await.unwrap_err();
    assert!(error.to_string().contains("got 0 keys, give 1 to 32"), "{error}");

    // As text it convinces who knows the block or its state, and nobody of another block.
    let text = proven.proof().to_text();
    hosts.mine(0, 2);
    let read = || Proof::from_text(text.as_bytes()).unwrap();
    assert_eq!(read().check(Known::Block(header.id())).unwrap(), proven);
    assert_eq!(read().check(Known::StateRoot(header.state_root)).unwrap(), proven);
    let later = node.header(tip + 1).await.unwrap();
    read().check(Known::Block(later.id)).unwrap_err();
    read().check(Known::StateRoot(later.header.state_root)).unwrap_err();
}

/// Sent without the client, which would not send them.
#[tokio::test]
async fn attack_79_more_keys_or_longer_ones_than_allowed_are_refused() {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let (address, _) = serve(hosts.source(0)).await;
    let ask = async |keys: serde_json::Value| {
        let call =
            serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "prove", "params": [keys]});
        common::post(address, &call.to_string()).await
    };
    let table = [
        (vec!["00".to_owned(); PROVE_KEYS_MAX + 1], "got 33 elements, limit 32"),
        (vec!["00".repeat(isonomy_types::KEY_BYTES_MAX + 1)], "limit 1024"),
        (vec![], "got 0 keys, give 1 to 32"),
    ];
    for (keys, words) in table {
        let answer = ask(serde_json::json!(keys)).await;
        assert_eq!(answer["error"]["code"], code::PARAMS, "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(words), "{answer}");
    }
    let answer = ask(serde_json::json!(["00"])).await;
    assert_eq!(answer["result"]["values"], serde_json::json!([null]), "{answer}");
}
