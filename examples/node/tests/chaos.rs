//! Networks of processes that are broken on purpose, and hold.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods
)]
mod common;

use common::{children, isonomy, run, runs, signal, stderr, stdout, until};
use isonomy::client::{Client, ClientError};
use isonomy::crypto::Hash;
use isonomy_devnet::{Act, Network, Settings, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// A network whose blocks come about every `interval_ms`.
async fn network(nodes: u8, interval_ms: u64) -> Network {
    let program = env!("CARGO_BIN_EXE_isonomy").into();
    let settings = Settings { nodes, interval_ms, rate: 10, ..Settings::new(program) };
    Network::start(settings).await.unwrap()
}

/// Looks until the nodes are as wanted, for two minutes at most.
async fn look(network: &mut Network, what: &str, wanted: impl Fn(&Snapshot) -> bool) -> Snapshot {
    for _ in 0..1_200 {
        let snapshot = network.look().await.unwrap();
        if wanted(&snapshot) {
            return snapshot;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within two minutes: {what}");
}

fn client(network: &Network, node: usize) -> Client {
    Client::from(network.rpc(node).unwrap())
}

/// Heights and tips of nodes that answer.
fn tips(snapshot: &Snapshot) -> BTreeMap<usize, (u64, Hash)> {
    let tip = |(number, status): (&usize, &Option<_>)| {
        let status: &isonomy::client::api::Status = status.as_ref()?;
        Some((*number, (status.height, status.tip)))
    };
    snapshot.nodes.iter().filter_map(tip).collect()
}

fn agree(snapshot: &Snapshot, nodes: &[usize]) -> bool {
    let tips = tips(snapshot);
    let of: BTreeSet<_> = nodes.iter().map(|node| tips.get(node)).collect();
    of.len() == 1 && !of.contains(&None)
}

/// The transactions in a node's blocks from `height` up.
async fn transactions(node: &Client, from: u64) -> BTreeSet<Hash> {
    let mut found = BTreeSet::new();
    for height in from..=node.status().await.unwrap().height {
        let block = node.block(height).await.unwrap();
        found.extend(block.transactions.iter().map(|transaction| transaction.id));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_joins_late_syncs_from_scratch_while_load_goes_on() {
    let mut network = network(4, 500).await;
    let before = look(&mut network, "ten blocks", |seen| seen.height() >= 10).await;
    network.act(&Act::Add(5)).await.unwrap();
    let met = |seen: &Snapshot| agree(seen, &[1, 2, 3, 4, 5]) && seen.height() > before.height();
    let after = look(&mut network, "the fifth is with the others", met).await;
    assert!(after.sent > before.sent, "load went on");
    let report = network.judge(after.height()).await.unwrap();
    assert!(report.agreed, "{}", report.why);
    assert_eq!(report.nodes, 5);
    network.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_and_two_heal_to_one_chain_and_lose_no_transfer() {
    let mut network = network(4, 500).await;
    look(&mut network, "two blocks", |seen| seen.height() >= 2).await;
    network.act(&Act::Partition([1, 2].into())).await.unwrap();
    let start = look(&mut network, "halves", |seen| agree(seen, &[1, 2]) && agree(seen, &[3, 4]));
    let fork = start.await.height();
    let apart = |seen: &Snapshot| seen.height() >= fork + 5;
    let halves = look(&mut network, "both halves go on", apart).await;
    assert_ne!(tips(&halves)[&1].1, tips(&halves)[&3].1);
    // One that joins belongs to the second half, and carries nothing over to the first.
    network.act(&Act::Add(5)).await.unwrap();
    look(&mut network, "the fifth", |seen| agree(seen, &[3, 4, 5])).await;
    let block = async |node| client(&network, node).header(fork + 2).await.unwrap().id;
    assert_eq!(block(3).await, block(5).await);
    assert_ne!(block(1).await, block(5).await);
    // Of heights that surely lie above the last common block.
    let left = transactions(&client(&network, 1), fork + 2).await;
    let right = transactions(&client(&network, 3), fork + 2).await;
    // What waited everywhere before may be in both.
    assert!(left.difference(&right).next().is_some(), "transfers that one half alone knows");
    assert!(right.difference(&left).next().is_some(), "and the other");

    network.act(&Act::Reunite).await.unwrap();
    look(&mut network, "one chain", |seen| agree(seen, &[1, 2, 3, 4, 5])).await;
    let all = [1, 2, 3, 4, 5].map(|node| client(&network, node));
    for id in left.union(&right) {
        let mut known = false;
        for node in &all {
            known |= node.transaction(*id).await.is_ok();
        }
        assert!(known, "transfer {id} is neither confirmed nor pooled");
    }
    let report = network.judge(fork).await.unwrap();
    assert!(report.agreed, "{}", report.why);
    assert!(network.tally().reorgs >= 1, "one half gave way");
    assert_eq!((network.tally().partitions, network.tally().dropped), (1, 0));
    network.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_node_comes_back_from_its_disk_alone() {
    let mut network = network(3, 100).await;
    let flushed = |seen: &Snapshot| seen.nodes[&2].as_ref().is_some_and(|node| node.base >= 8);
    look(&mut network, "a flush", flushed).await;
    // Nobody is left to tell it anything.
    network.act(&Act::Kill(1)).await.unwrap();
    network.act(&Act::Kill(3)).await.unwrap();
    let before = client(&network, 2).status().await.unwrap();
    network.act(&Act::Kill(2)).await.unwrap();
    assert!(network.rpc(2).is_none());

    let start = Instant::now();
    network.act(&Act::Restart(2)).await.unwrap();
    let node = client(&network, 2);
    assert!(node.status().await.unwrap().base >= before.base, "it goes on from the last flush");
    let replayed = async {
        while !node.header(before.tip).await.is_ok_and(|reply| reply.best) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let limit = Duration::from_secs(20);
    tokio::time::timeout(limit, replayed).await.expect("what it showed was on its disk");
    eprintln!("back at height {} after {:?}", before.height, start.elapsed());

    for node in [1, 3] {
        network.act(&Act::Restart(node)).await.unwrap();
    }
    let report = network.judge(before.height).await.unwrap();
    assert!(report.agreed, "{}", report.why);
    assert_eq!((network.tally().kills, network.tally().restarts), (3, 3));
    network.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_to_a_network_is_said_so() {
    let mut network = network(2, 500).await;
    for (act, why) in [
        (Act::Kill(3), "cannot kill node 3: it does not run"),
        (Act::Remove(3), "cannot remove node 3: it does not run"),
        (Act::Restart(1), "cannot restart node 1: it runs"),
        (Act::Restart(3), "cannot restart node 3: there is none"),
        (Act::Add(2), "cannot add node 2: there is one already"),
    ] {
        assert_eq!(network.act(&act).await.unwrap_err().to_string(), why);
    }
    assert_eq!(network.tally(), Default::default());
    network.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_of_a_devnet_lets_nobody_cut_its_links() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (genesis, data) = (at("genesis.toml"), at("data"));
    assert!(run(&["genesis", "--out", &genesis]).status.success());
    let free = "127.0.0.1:0";
    let arguments = ["run", "--genesis", &genesis, "--dir", &data, "--listen", free, "--rpc", free];
    let mut command = isonomy(&[&arguments[..], &["--json"]].concat());
    let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
    let line = BufReader::new(process.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let node = Client::new(said["rpc"].as_str().unwrap()).unwrap();
    let key = serde_json::from_value(said["key"].clone()).unwrap();
    for answer in [node.links().await, node.cut(key).await, node.heal(key).await] {
        let Err(ClientError::Refused { code, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(code, isonomy::client::api::code::DENIED);
    }
    signal(process.id(), "TERM");
    assert!(process.wait().unwrap().success());
}

#[test]
fn chaos_ends_agreed() {
    let arguments = ["devnet", "--chaos", "--seed", "7", "--nodes", "3", "--blocks", "6"];
    let output = run(&arguments);
    let (text, said) = (stdout(&output), stderr(&output));
    let report: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(output.status.success(), "{report}\n{said}");
    assert_eq!((&report["agreed"], &report["why"]), (&true.into(), &"".into()));
    assert_eq!(report["seed"], 7);
    for kind in ["kills", "restarts", "cuts", "partitions", "added", "removed"] {
        assert!(report[kind].as_u64().unwrap() >= 1, "{kind}: {report}");
    }
    assert!(report["reorgs"].is_u64() && report["dropped"].is_u64(), "{report}");
    assert!(said.contains("--chaos --seed 7 --nodes 3"), "{said}");
}

#[test]
fn chaos_has_its_limits() {
    for (arguments, words) in [
        (&["devnet", "--chaos", "--nodes", "2"][..], "chaos needs 3 to 15"),
        (&["devnet", "--chaos", "--nodes", "16"], "chaos needs 3 to 15"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
    }
}

/// A devnet in chaos that has restarted a node, and the nodes that run.
fn in_chaos() -> (Child, Vec<u32>) {
    let mut command = isonomy(&["devnet", "--chaos", "--seed", "2", "--nodes", "3"]);
    let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("chaos: restart")));
    // Goes on saying things.
    std::thread::spawn(move || lines.for_each(drop));
    let id = process.id();
    until("the restarted one runs", || children(id).len() >= 3);
    let nodes = children(id);
    (process, nodes)
}

#[test]
fn nodes_end_with_their_parent_in_chaos_too() {
    let (mut parent, nodes) = in_chaos();
    signal(parent.id(), "KILL");
    assert!(!parent.wait().unwrap().success());
    until("the nodes ended", || nodes.iter().all(|node| !runs(*node)));
}

#[test]
fn an_interrupted_chaos_leaves_nothing_behind() {
    let (mut parent, nodes) = in_chaos();
    signal(parent.id(), "INT");
    assert!(parent.wait().unwrap().success());
    assert!(nodes.iter().all(|node| !runs(*node)));
}
