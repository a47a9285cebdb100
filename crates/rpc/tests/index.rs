//! What a node with an index answers, and what one without.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, miner, serve};
use isonomy_client::api::{IndexStatus, code};
use isonomy_client::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_index::{Index, Source as Node, Stopped};
use isonomy_ledger::assets::{self, Call};
use isonomy_rpc::{PAGE_MAX, Source};
use isonomy_sim::coin::Coin;
use isonomy_types::{Address, Amount, Blob, Encode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;

const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

struct World {
    hosts: Hosts,
    address: SocketAddr,
    node: Client,
    coin: Coin,
    index: Arc<Index>,
    _dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let coin = Coin::new(3).unwrap();
        let hosts = Hosts::start(3, vec![miner(&coin, 0)]);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index.redb");
        let index = Arc::new(Index::open(&path, &coin.spec.genesis).unwrap());
        let source = Source { index: Some(index.clone()), ..hosts.source(0) };
        let (address, node) = serve(source).await;
        Self { hosts, address, node, coin, index, _dir: dir }
    }

    /// So many blocks on, and the index with them.
    fn mine(&self, blocks: u64) {
        self.hosts.mine(0, blocks);
        self.hosts.index(0, &self.index);
    }

    async fn pay(&mut self, amount: u128) -> Hash {
        let call = Call::pay(NOBODY, Amount(amount));
        let signed = self.coin.wallets[1].call(assets::ID, call.encode());
        self.node.submit(&signed).await.unwrap().id
    }

    async fn post(&self, method: &str, params: Value) -> Value {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        common::post(self.address, &request.to_string()).await
    }
}

#[tokio::test]
async fn history_events_and_holders_are_told_page_by_page() {
    let mut world = World::new().await;
    let mut paid = Vec::new();
    for amount in 1..=3 {
        paid.push(world.pay(amount).await);
        world.mine(2);
    }
    paid.reverse();
    let at = world.node.status().await.unwrap();
    assert_eq!(at.index, Some(IndexStatus { height: at.height, tip: at.tip, failed: None }));

    let history = world.node.history(NOBODY, None).await.unwrap();
    assert_eq!((history.at.height, history.at.block), (at.height, at.tip));
    let ids: Vec<_> = history.entries.iter().map(|entry| entry.transaction.unwrap()).collect();
    assert_eq!((ids, &history.next), (paid.clone(), &None));
    assert!(history.entries.iter().all(|entry| entry.roles == ["to"] && entry.code == 0));
    let payer = world.coin.wallets[1].address();
    let entry = world.node.history(payer, None).await.unwrap().entries[0].clone();
    assert_eq!(entry.roles, ["payer", "signer", "from"]);
    let block = world.node.block(entry.block).await.unwrap();
    assert_eq!((block.header.height, block.header.time), (entry.height, entry.time));
    let producer = world.coin.wallets[0].address();
    let made = world.node.history(producer, None).await.unwrap().entries;
    assert_eq!(made.len() as u64, at.height.min(PAGE_MAX as u64));
    assert!(made.iter().all(|entry| entry.transaction.is_none()));
    assert_eq!(made[0].roles, ["to", "producer"]);

    let key = Blob::try_from(NOBODY.0.as_bytes().to_vec()).unwrap();
    let events = world.node.events(Some(assets::ID), key.clone(), None).await.unwrap();
    let ids: Vec<_> = events.entries.iter().map(|entry| entry.transaction.unwrap()).collect();
    assert_eq!(ids, paid);
    assert!(events.entries.iter().all(|entry| entry.event.keys.contains(&key)));
    assert_eq!(world.node.events(Some(7), key, None).await.unwrap().entries, []);

    let holders = world.node.holders(None, None).await.unwrap();
    for holder in &holders.holders {
        let balance = world.node.balance(holder.address, None).await.unwrap();
        assert_eq!((balance.balance, balance.at), (holder.amount, holders.at));
    }
    assert_eq!((holders.count, holders.holders.len()), (4, 4));
    assert!(holders.holders.iter().any(|it| (it.address, it.amount) == (NOBODY, Amount(6))));
    let unknown = world.node.holders(Some(Hash::ZERO), None).await.unwrap();
    assert_eq!((unknown.count, unknown.holders), (0, Vec::new()));

    // Two pages are the whole.
    for (method, subject) in
        [("history", json!({"address": NOBODY})), ("holders", json!({"asset": null}))]
    {
        let (names, list) = match method {
            "history" => ("before", "entries"),
            _ => ("after", "holders"),
        };
        let whole = world.post(method, subject.clone()).await["result"][list].clone();
        let mut params = subject;
        params["limit"] = json!(2);
        let first = world.post(method, params.clone()).await["result"].clone();
        params["limit"] = json!(PAGE_MAX);
        params[names] = first["next"].clone();
        let second = world.post(method, params).await["result"].clone();
        let both = [&first, &second].map(|page| page[list].as_array().unwrap().clone()).concat();
        assert_eq!((json!(both), &second["next"]), (whole, &Value::Null), "{method}");
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_with_what_to_do() {
    let world = World::new().await;
    let address = NOBODY.to_string();
    let table = [
        ("history", json!({}), "missing field `address`; give {\"address\": ADDRESS}"),
        ("history", json!({"address": address, "limit": 0}), "\"limit\" is 0; give 1 to 64"),
        ("history", json!({"address": address, "limit": 65}), "\"limit\" is 65; give 1 to 64"),
        (
            "history",
            json!({"address": address, "before": "zz"}),
            "\"before\" is not a place in this list: give the `next` of the page before",
        ),
        ("events", json!({"key": "00".repeat(65)}), "65"),
        ("events", json!({"module": 1}), "missing field `key`"),
        ("events", json!({"key": "00", "before": "é".repeat(16)}), "\"before\" is not a place"),
        ("holders", json!({"after": "iso1"}), "\"after\" is no place in this list"),
        ("holders", json!({"asset": "00"}), "; give {\"asset\": HASH} or none"),
    ];
    for (method, params, words) in table {
        let answer = world.post(method, params.clone()).await;
        assert_eq!(answer["error"]["code"], code::PARAMS, "{method} {params}: {answer}");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{method} {params}: {message}");
    }
}

#[tokio::test]
async fn a_node_without_an_index_says_so() {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let (_, node) = serve(hosts.source(0)).await;
    let key = Blob::try_from(vec![1]).unwrap();
    let refused = [
        node.history(NOBODY, None).await.unwrap_err(),
        node.events(None, key, None).await.unwrap_err(),
        node.holders(None, None).await.unwrap_err(),
    ];
    for error in refused {
        let ClientError::Refused { code: code::METHOD, message } = error else { panic!("{error}") };
        assert_eq!(message, "this node keeps no index; start it with --index");
    }
    assert_eq!(node.status().await.unwrap().index, None);
}

/// What stands in it may be old by now: nobody is told so as if it were not.
#[tokio::test]
async fn an_index_that_goes_on_no_further_says_why() {
    let world = World::new().await;
    world.hosts.mine(0, 1);
    let gone = Node {
        look: Box::new(|_| Err(Stopped)),
        archive: Box::new(|| Err(Stopped)),
        wait: Box::new(|| Err(Stopped)),
        pause: Box::new(|_| Err(Stopped)),
    };
    // A node that stops is no failure.
    world.index.follow(gone);
    world.node.history(NOBODY, None).await.unwrap();
    let (hosts, other) = (world.hosts.clone(), Coin::new(1).unwrap());
    let archive = isonomy_store::Store::archive(&isonomy_store::Memory::new(&other.spec.genesis));
    let dir = tempfile::tempdir().unwrap();
    let index = Arc::new(Index::open(&dir.path().join("index.redb"), &other.spec.genesis).unwrap());
    index.follow(Node {
        look: Box::new(move |look| {
            hosts.act(move |sim| look(sim.node(0).chain()));
            Ok(())
        }),
        archive: Box::new(move || Ok(archive.clone())),
        wait: Box::new(|| Err(Stopped)),
        pause: Box::new(|_| Err(Stopped)),
    });
    let source = Source { index: Some(index.clone()), ..world.hosts.source(0) };
    let (_, node) = serve(source).await;
    let why = "the index is of another chain than the node";
    let error = node.history(NOBODY, None).await.unwrap_err();
    let ClientError::Refused { code: code::INTERNAL, message } = error else { panic!("{error}") };
    assert!(message.contains(why), "{message}");
    let failed = node.status().await.unwrap().index.unwrap().failed.unwrap();
    assert!(failed.starts_with(why), "{failed}");
}
