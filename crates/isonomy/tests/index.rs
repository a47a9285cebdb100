//! An index beside the real thing, over restarts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use isonomy::client::{Client, ClientError, api::code};
use isonomy::index::{Index, Roles};
use isonomy::ledger::assets::Asset;
use isonomy::types::{Address, Amount};
use isonomy::{Mining, Node, NodeError, Settings, Spec};
use std::fs;
use std::path::Path;
use std::time::Duration;

const REWARD: u128 = 50;

fn producer() -> Address {
    Address(isonomy::crypto::Hash::from_bytes([9; 32]))
}

fn spec(name: &str) -> Spec {
    let text = format!(
        r#"
        version = 1
        name = "{name}"
        time = 1700000000000
        reward = "{REWARD}"
        [work]
        hashes = 50
        interval_ms = 50
        half_life_ms = 600000
        [allocations]
        "{}" = "1000"
        "#,
        Address::default()
    );
    Spec::parse(&text).unwrap()
}

async fn start(dir: &Path, index: bool, mines: bool) -> Result<Node, NodeError> {
    let mining = mines.then(|| Mining { producer: producer(), hash_rate: None });
    let settings = Settings { workers: 1, index, mining, ..Settings::local(dir) };
    Node::start(&spec("index test"), settings).await
}

async fn height(node: &Node) -> u64 {
    node.handle().read(|node| node.chain().best().height).await.unwrap()
}

/// Waits until a node and its index have come so far.
async fn reach(node: &Node, goal: u64) {
    for _ in 0..1_200 {
        let index = node.index().unwrap();
        assert_eq!(index.failed(), None);
        if height(node).await >= goal && index.tip().unwrap().height >= goal {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("block {goal} did not come");
}

/// What the state of every indexed block says of the producer.
fn check(index: &Index) {
    let holders = index.holders(Asset::Coin, None, 10).unwrap();
    let (height, held) = (holders.page.at.height, holders.page.entries);
    let minted = Amount(u128::from(height) * REWARD);
    assert!(held.contains(&(producer(), minted)), "{height}: {held:?}");
    assert!(held.contains(&(Address::default(), Amount(1_000))));
    assert_eq!(holders.count, 2);
    let history = index.history(producer(), None, 3).unwrap();
    let heights: Vec<_> = history.entries.iter().map(|entry| entry.height).collect();
    let top = history.at.height;
    assert_eq!(heights, [top, top - 1, top - 2]);
    let roles = Roles::PRODUCER.and(Roles::TO);
    assert!(history.entries.iter().all(|entry| entry.roles == roles));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_follows_rests_and_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("index.redb");
    let node = start(dir.path(), true, true).await.unwrap();
    reach(&node, 5).await;
    check(&node.index().unwrap());
    node.stop().await;
    // The directory is free, though the old node is still held.
    assert!(node.index().is_none());

    let without = start(dir.path(), false, true).await.unwrap();
    let client = Client::from(without.rpc().unwrap());
    let refused = client.history(producer(), None).await.unwrap_err();
    let ClientError::Refused { code, message, .. } = refused else { panic!("{refused}") };
    assert_eq!(code, code::METHOD);
    assert_eq!(message, "this node keeps no index; start it with --index");
    assert_eq!(client.status().await.unwrap().index, None);
    let goal = height(&without).await + 5;
    while height(&without).await < goal {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    without.stop().await;

    let again = start(dir.path(), true, true).await.unwrap();
    reach(&again, goal).await;
    check(&again.index().unwrap());
    let client = Client::from(again.rpc().unwrap());
    let status = client.status().await.unwrap().index.unwrap();
    assert!(status.height >= goal && status.failed.is_none());
    again.stop().await;

    // It can be deleted at any time.
    fs::remove_file(&file).unwrap();
    let anew = start(dir.path(), true, false).await.unwrap();
    reach(&anew, goal).await;
    check(&anew.index().unwrap());
    anew.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_this_chains_stops_the_start_with_what_to_do() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = dir.path().join("index.redb");
    start(dir.path(), true, false).await.unwrap().stop().await;
    let foreign = Settings { index: true, ..Settings::local(other.path()) };
    Node::start(&spec("another"), foreign).await.unwrap().stop().await;
    fs::copy(other.path().join("index.redb"), &file).unwrap();
    let refused = start(dir.path(), true, false).await.err().unwrap().to_string();
    assert!(
        refused.contains("is of the chain") && refused.contains("delete the file"),
        "{refused}"
    );
    fs::write(&file, b"nonsense").unwrap();
    let refused = start(dir.path(), true, false).await.err().unwrap().to_string();
    assert!(refused.contains("damaged") && refused.contains("Delete the file"), "{refused}");
    // Nothing else is lost, and without an index the file is nobody's business.
    start(dir.path(), false, false).await.unwrap().stop().await;
}
