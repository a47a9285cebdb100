//! Many subscribers, one of which reads nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods
)]
mod common;

use common::{Hosts, miner, serve};
use isonomy_client::api::{Notice, Topic};
use isonomy_client::{Client, Subscriptions};
use isonomy_node::Event;
use isonomy_rpc::Source;
use isonomy_sim::coin::Coin;
use isonomy_types::Address;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc};

const SUBSCRIBERS: usize = 1_000;
const ROUNDS: usize = 7;
/// Of each wallet in each round, each heard 32 times by the one that reads nothing: in all more than
/// sockets and its queue hold.
const PAYMENTS: usize = 60;
const WALLETS: usize = 6;

/// Both ends of every connection are in this process.
fn allow_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
}

/// Says when each head came.
async fn listen(mut told: Subscriptions, heads: mpsc::UnboundedSender<(u64, Instant)>) {
    while let Ok(next) = told.next().await {
        if let Notice::Heads(head) = next.notice {
            heads.send((head.height, Instant::now())).unwrap_or_default();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_79_one_stalled_subscriber_makes_none_of_999_others_late() {
    allow_files();
    let mut coin = Coin::new(WALLETS).unwrap();
    let hosts = Hosts::start(WALLETS, vec![miner(&coin, 0)]);
    let (teller, _) = broadcast::channel(16);
    let events = teller.clone();
    let source = Source { events: Arc::new(move || events.subscribe()), ..hosts.source(0) };
    let (_, client): (_, Client) = serve(source).await;

    let mut stalled = client.subscriptions().await.unwrap();
    for _ in 0..32 {
        stalled.subscribe(Topic::Events).await.unwrap();
    }
    let (sender, mut heads) = mpsc::unbounded_channel();
    for _ in 1..SUBSCRIBERS {
        let mut told = client.subscriptions().await.unwrap();
        told.subscribe(Topic::Heads).await.unwrap();
        tokio::spawn(listen(told, sender.clone()));
    }
    let mut late = Vec::new();
    for _ in 0..ROUNDS {
        let wallets = coin.wallets.iter_mut();
        let nobody = Address(isonomy_crypto::Hash::from_bytes([9; 32]));
        let payments: Vec<_> = wallets
            .flat_map(|wallet| {
                (0..PAYMENTS).map(|_| wallet.transfer(nobody, 1)).collect::<Vec<_>>()
            })
            .collect();
        let (id, height) = hosts.act(move |sim| {
            for payment in payments {
                sim.submit(0, payment).unwrap();
            }
            sim.run_for(1_000);
            assert!(sim.run_until(6_000_000, |sim| sim.node(0).pool().is_empty()));
            let best = sim.node(0).chain().best();
            (best.id, best.height)
        });
        teller.send(Event::Best { id, height, left: 0 }).unwrap();
        let (mut first, mut last) = (None, None);
        let mut reached = 1;
        while reached < SUBSCRIBERS {
            let came = tokio::time::timeout(Duration::from_secs(60), heads.recv()).await;
            let (told, at) = came.expect("one hears nothing").unwrap();
            // On the way some may have been told.
            if told == height {
                reached += 1;
                first = first.min(Some(at)).or(Some(at));
                last = last.max(Some(at));
            }
        }
        late.push(last.unwrap() - first.unwrap());
    }
    // This machine may have been busy with something else once.
    late.sort();
    assert!(late[late.len() / 2] < Duration::from_secs(1), "{late:?}");

    // What the sockets had buffered comes, and then the end.
    let mut read = 0;
    let end = loop {
        match tokio::time::timeout(Duration::from_secs(60), stalled.next()).await.unwrap() {
            Ok(_) => read += 1,
            Err(end) => break end,
        }
    };
    assert!(read < ROUNDS * WALLETS * PAYMENTS * 32, "{read} notices were kept for it");
    let why = end.to_string();
    assert!(
        why.contains("too slow; ask for what you missed") || why.contains("onnection"),
        "{why}"
    );
}
