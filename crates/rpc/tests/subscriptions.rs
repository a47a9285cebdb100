//! What subscribers are told, out of looks alone: no event reaches these servers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, miner, post, serve};
use isonomy_client::api::{
    EventNotice, Notice, SUBSCRIPTIONS_MAX, SubscribeQuestion, Topic, TransactionStatus, code,
};
use isonomy_client::{Client, ClientError, Subscriptions};
use isonomy_crypto::Hash;
use isonomy_ledger::assets;
use isonomy_sim::coin::Coin;
use isonomy_types::{Address, Blob};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const NOBODY: Address = Address(Hash::from_bytes([7; 32]));

async fn one() -> (Coin, Hosts, Client) {
    let coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0)]);
    let (_, client) = serve(hosts.source(0)).await;
    (coin, hosts, client)
}

async fn next(told: &mut Subscriptions) -> Notice {
    let next = tokio::time::timeout(Duration::from_secs(60), told.next());
    next.await.expect("a notice in time").unwrap().notice
}

#[tokio::test]
async fn a_head_is_told_when_best_moved_and_nothing_from_before() {
    let (_, hosts, client) = one().await;
    hosts.mine(0, 2);
    let mut told = client.subscriptions().await.unwrap();
    let number = told.subscribe(Topic::Heads).await.unwrap();
    for height in 3..6 {
        hosts.mine(0, 1);
        let first = told.next().await.unwrap();
        assert_eq!(first.subscription, number);
        let Notice::Heads(head) = first.notice else { panic!("{first:?}") };
        let header = client.header(head.id).await.unwrap();
        assert_eq!((head.height, header.header.height, head.left), (height, height, 0));
        assert_eq!((head.parent, head.time), (header.header.parent, header.header.time));
        assert_eq!((head.state_root, head.transactions), (header.header.state_root, 0));
    }
}

#[tokio::test]
async fn blocks_are_told_once_each() {
    let (_, hosts, client) = one().await;
    hosts.mine(0, 1);
    let mut told = client.subscriptions().await.unwrap();
    told.subscribe(Topic::Blocks).await.unwrap();
    hosts.mine(0, 3);
    for height in 2..5 {
        let Notice::Blocks(block) = next(&mut told).await else { panic!("no block") };
        assert_eq!((block.height, block.best, block.transactions), (height, true, 0));
        assert_eq!(client.header(height).await.unwrap().id, block.id);
    }
    let Notice::Heads(_) = ({
        told.subscribe(Topic::Heads).await.unwrap();
        hosts.mine(0, 1);
        let first = next(&mut told).await;
        let second = next(&mut told).await;
        // Of one moment the blocks come before the head.
        assert!(matches!(&first, Notice::Blocks(block) if block.height == 5), "{first:?}");
        second
    }) else {
        panic!("no head")
    };
}

#[tokio::test]
async fn the_mempool_is_told_as_it_changes() {
    let (mut coin, hosts, client) = one().await;
    let mut told = client.subscriptions().await.unwrap();
    told.subscribe(Topic::Mempool).await.unwrap();
    let mut sent = BTreeSet::new();
    for _ in 0..3 {
        sent.insert(client.submit(&coin.wallets[1].transfer(NOBODY, 5)).await.unwrap().id);
    }
    let (mut came, mut went, mut last) = (BTreeSet::new(), BTreeSet::new(), None);
    while came != sent {
        let Notice::Mempool(notice) = next(&mut told).await else { panic!("no mempool") };
        notice.joined.into_iter().for_each(|id| assert!(came.insert(id), "twice"));
        assert!(notice.left.is_empty());
        last = Some((notice.transactions, notice.bytes > 0, notice.least_price > 0));
    }
    assert!(last.is_some_and(|(transactions, bytes, _)| transactions == 3 && bytes));
    hosts.mine(0, 2);
    while went != sent {
        let Notice::Mempool(notice) = next(&mut told).await else { panic!("no mempool") };
        notice.left.into_iter().for_each(|id| assert!(went.insert(id), "twice"));
        last = Some((notice.transactions, notice.bytes > 0, notice.least_price > 0));
    }
    assert!(last.is_some_and(|(transactions, bytes, _)| transactions == 0 && !bytes));
}

/// The events of a transaction as its receipt has them, and its place.
async fn events_of(client: &Client, id: Hash) -> Vec<EventNotice> {
    let found = client.transaction(id).await.unwrap();
    let TransactionStatus::Confirmed { block, height, .. } = found.status else {
        panic!("{found:?}")
    };
    let events = found.receipt.unwrap().events.into_iter().enumerate();
    let notice = |(index, event)| {
        let index = u32::try_from(index).unwrap();
        EventNotice::Joined { block, height, transaction: id, index, event }
    };
    events.map(notice).collect()
}

#[tokio::test]
async fn events_are_told_by_module_and_by_key() {
    let (mut coin, hosts, client) = one().await;
    let id = client.submit(&coin.wallets[1].transfer(NOBODY, 5)).await.unwrap().id;
    hosts.mine(0, 2);
    let EventNotice::Joined { event, .. } = events_of(&client, id).await.remove(0) else {
        panic!("an event")
    };
    let key = event.keys[0].clone();
    let filters = [
        (None, None, true),
        (Some(assets::ID), None, true),
        (None, Some(key.clone()), true),
        (Some(assets::ID), Some(key.clone()), true),
        (Some(assets::ID + 1), None, false),
        (Some(assets::ID + 1), Some(key.clone()), false),
        (None, Some(Blob::truncated(vec![9; 8])), false),
    ];
    let mut told = client.subscriptions().await.unwrap();
    let mut hears = BTreeSet::new();
    for (module, key, hear) in filters {
        let question = SubscribeQuestion { topic: Topic::Events, module, key };
        let number = told.subscribe(question).await.unwrap();
        if hear {
            hears.insert(number);
        }
    }
    let id = client.submit(&coin.wallets[1].transfer(NOBODY, 6)).await.unwrap().id;
    hosts.mine(0, 2);
    let wanted = events_of(&client, id).await;
    let fits = |notice: &EventNotice| matches!(notice, EventNotice::Joined { event, .. } if event.keys.contains(&key));
    assert!(wanted.iter().all(fits) && !wanted.is_empty());
    let mut heard = BTreeMap::<u64, Vec<EventNotice>>::new();
    let whole = |heard: &BTreeMap<u64, Vec<EventNotice>>| {
        hears.iter().all(|number| heard.get(number).is_some_and(|all| all.len() == wanted.len()))
    };
    while !whole(&heard) {
        let notice = told.next().await.unwrap();
        assert!(hears.contains(&notice.subscription), "{notice:?}");
        let Notice::Events(event) = notice.notice else { panic!("no event") };
        // Whoever makes a block is paid for it, which is an event too.
        if matches!(&event, EventNotice::Joined { transaction, .. } if *transaction == id) {
            heard.entry(notice.subscription).or_default().push(event);
        }
    }
    assert!(heard.values().all(|events| *events == wanted));
}

/// Two branches that do not know each other: the shorter meets the longer.
#[tokio::test]
async fn a_reorganisation_is_told_even_if_every_event_was_missed() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0), miner(&coin, 1)]);
    let (_, first) = serve(hosts.source(0)).await;
    let payment = coin.wallets[2].transfer(NOBODY, 5);
    let id = first.submit(&payment).await.unwrap().id;
    hosts.mine(0, 2);
    let mut told = first.subscriptions().await.unwrap();
    for topic in [Topic::Heads, Topic::Reorganisations, Topic::Events, Topic::Blocks] {
        told.subscribe(topic).await.unwrap();
    }
    let old = first.status().await.unwrap();
    let met = hosts.act(|sim| {
        let goal = sim.node(0).chain().best().height + 3;
        sim.crash(0);
        let grown = sim.run_until(6_000_000, |sim| sim.node(1).chain().best().height >= goal);
        sim.stop_mining();
        sim.revive(0);
        sim.connect(0, 1);
        grown
            && sim.run_until(600_000, |sim| {
                sim.node(0).chain().best().id == sim.node(1).chain().best().id
            })
    });
    assert!(met, "the branches did not meet");
    let new = first.status().await.unwrap();

    // Best may have moved in more than one step.
    let (mut at, mut left, mut gone, mut came) = (old.tip, BTreeSet::new(), 0, BTreeSet::new());
    let mut blocks = BTreeSet::new();
    while at != new.tip {
        match next(&mut told).await {
            Notice::Reorganisations(notice) => {
                assert_eq!(notice.from, at);
                let ancestor = first.header(notice.ancestor).await.unwrap();
                assert_eq!(ancestor.header.height, notice.ancestor_height);
                assert!(ancestor.best && notice.left.last() == Some(&at));
                assert_eq!(notice.joined.last(), Some(&notice.to));
                let lowest = first.header(notice.left[0]).await.unwrap().header;
                assert_eq!(lowest.parent, notice.ancestor);
                left.extend(notice.left);
            }
            Notice::Heads(head) => {
                let expected = if left.is_empty() { 0 } else { 2 };
                assert!(head.left == 0 || head.left == expected);
                at = head.id;
            }
            Notice::Events(EventNotice::Left { left: block, .. }) => {
                assert!(!first.header(block).await.unwrap().best);
                gone += 1;
            }
            Notice::Events(EventNotice::Joined { block, .. }) => drop(came.insert(block)),
            Notice::Blocks(block) => drop(blocks.insert(block.id)),
            Notice::Mempool(_) => panic!("nobody asked"),
        }
    }
    assert_eq!((left.len(), gone), (2, 2));
    assert!(left.contains(&old.tip) && blocks.contains(&new.tip));
    assert_eq!(first.transaction(id).await.unwrap().status, TransactionStatus::Waiting);
}

#[tokio::test]
async fn what_is_no_longer_subscribed_is_not_told() {
    let (_, hosts, client) = one().await;
    let mut told = client.subscriptions().await.unwrap();
    let (heads, blocks) =
        (told.subscribe(Topic::Heads).await.unwrap(), told.subscribe(Topic::Blocks).await.unwrap());
    assert!(told.unsubscribe(blocks).await.unwrap());
    assert!(!told.unsubscribe(blocks).await.unwrap());
    assert!(!told.unsubscribe(99).await.unwrap());
    for _ in 0..3 {
        hosts.mine(0, 1);
        assert_eq!(told.next().await.unwrap().subscription, heads);
    }
}

#[tokio::test]
async fn attack_79_subscriptions_of_one_connection_are_bounded() {
    let (_, _hosts, client) = one().await;
    let mut told = client.subscriptions().await.unwrap();
    let mut last = 0;
    for _ in 0..SUBSCRIPTIONS_MAX {
        last = told.subscribe(Topic::Heads).await.unwrap();
    }
    for _ in 0..3_000 {
        match told.subscribe(Topic::Blocks).await {
            Err(ClientError::Refused { code: code::REQUEST, message }) => {
                assert!(message.contains("unsubscribe from one"), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(told.unsubscribe(last).await.unwrap());
    assert_ne!(told.subscribe(Topic::Blocks).await.unwrap(), last);
}

#[tokio::test]
async fn a_subscription_that_makes_no_sense_is_refused() {
    let (_, hosts, client) = one().await;
    let mut told = client.subscriptions().await.unwrap();
    let filtered = SubscribeQuestion { module: Some(1), ..Topic::Heads.into() };
    let why = told.subscribe(filtered).await.unwrap_err().to_string();
    assert!(why.contains("choose among events"), "{why}");
    let (address, _) = serve(hosts.source(0)).await;
    for (method, params) in
        [("subscribe", json!({"topic": "heads"})), ("unsubscribe", json!({"subscription": 1}))]
    {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = post(address, &body.to_string()).await;
        assert_eq!(answer["error"]["code"], code::METHOD);
        let why = answer["error"]["message"].as_str().unwrap();
        assert!(why.contains("connect to the path /ws"), "{why}");
    }
}
