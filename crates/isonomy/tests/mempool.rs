//! What waits in a node's mempool over restarts of the real thing, whatever became of its file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use isonomy::crypto::{Hash, Secret};
use isonomy::types::{Address, Amount, Nonce, Transaction};
use isonomy::wallet::{Transfer, Wallet, meter_for};
use isonomy::{Node, Settings, Spec};
use std::fs;
use std::path::Path;
use std::time::Duration;

fn wallet() -> Wallet {
    Wallet::new(Secret::from_bytes(&[5; 32]).unwrap())
}

fn spec() -> Spec {
    let text = format!(
        r#"
        version = 1
        name = "mempool test"
        time = 1700000000000
        reward = "50"
        [work]
        hashes = 1000
        interval_ms = 2000
        half_life_ms = 600000
        [allocations]
        "{}" = "1000000000"
        "#,
        wallet().address()
    );
    Spec::parse(&text).unwrap()
}

fn transfer(genesis: Hash, seq: u64) -> Transaction {
    let to = Address(Hash::from_bytes([9; 32]));
    let nonce = Nonce { lane: 0, seq };
    let transfer =
        Transfer { to, amount: Amount(1), nonce, price: 1, meter_limit: 0, expires: 1_000 };
    let transfer = Transfer { meter_limit: meter_for(&transfer), ..transfer };
    wallet().sign(wallet().transfer(genesis, transfer)).unwrap()
}

async fn start(dir: &Path) -> Node {
    let settings = Settings { rpc: None, workers: 1, ..Settings::local(dir) };
    Node::start(&spec(), settings).await.unwrap()
}

async fn fill(node: &Node, count: u64) -> Vec<Hash> {
    let mut ids = Vec::new();
    for seq in 0..count {
        ids.push(node.submit(transfer(node.genesis(), seq)).await.unwrap().unwrap());
    }
    ids
}

async fn waiting(node: &Node) -> Vec<Hash> {
    let ids = |node: &isonomy::node::Node| -> Vec<Hash> {
        node.pool().in_order().iter().map(|tx| tx.id()).collect()
    };
    node.handle().read(ids).await.unwrap()
}

/// What waits once so many do, or after ten seconds.
async fn settled(node: &Node, count: usize) -> Vec<Hash> {
    for _ in 0..200 {
        if waiting(node).await.len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    waiting(node).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_waits_again_after_a_clean_stop() {
    let dir = tempfile::tempdir().unwrap();
    let node = start(dir.path()).await;
    let ids = fill(&node, 12).await;
    node.stop().await;
    let node = start(dir.path()).await;
    assert_eq!(settled(&node, 12).await, ids);
    // It goes on where it was.
    let next = node.submit(transfer(node.genesis(), 12)).await.unwrap();
    assert!(next.is_ok(), "{next:?}");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_costs_what_waited_and_nothing_else() {
    let flip = |bytes: &mut Vec<u8>| *bytes.last_mut().unwrap() ^= 1;
    let newer = |bytes: &mut Vec<u8>| bytes[8] = 2;
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(30);
    let harms: [fn(&mut Vec<u8>); 3] = [flip, newer, cut];
    for harm in harms {
        let dir = tempfile::tempdir().unwrap();
        let node = start(dir.path()).await;
        fill(&node, 3).await;
        node.stop().await;
        let path = dir.path().join("mempool");
        let mut bytes = fs::read(&path).unwrap();
        harm(&mut bytes);
        fs::write(&path, &bytes).unwrap();

        let node = start(dir.path()).await;
        assert_eq!(
            fs::read(dir.path().join("mempool.aside")).unwrap(),
            bytes,
            "set aside as it was"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(waiting(&node).await, []);
        let ids = fill(&node, 2).await;
        node.stop().await;
        let node = start(dir.path()).await;
        assert_eq!(settled(&node, 2).await, ids);
        node.stop().await;
    }
}
