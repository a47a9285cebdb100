//! Whole networks of processes.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{devnet, run, runs, signal, stderr, stdout, until};

#[test]
fn a_network_makes_its_blocks_and_agrees() {
    let output = run(&["devnet", "--nodes", "3", "--blocks", "4"]);
    let (text, said) = (stdout(&output), stderr(&output));
    let report: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(output.status.success(), "{report}\n{said}");
    assert_eq!(report["nodes"], 3);
    assert_eq!(report["agreed"], true);
    assert!(report["height"].as_u64().unwrap() >= 4);
    assert!(report["transactions"].as_u64().unwrap() >= 1);
    for hash in ["tip", "state_root"] {
        assert_eq!(report[hash].as_str().unwrap().len(), 64, "{hash}");
    }
    assert!(said.contains("all roots agree"), "{said}");
}

#[test]
fn a_network_without_transfers_agrees_as_well() {
    let output = run(&["devnet", "--nodes", "1", "--blocks", "2", "--rate", "0"]);
    let report: serde_json::Value = serde_json::from_str(stdout(&output).trim()).unwrap();
    assert!(output.status.success(), "{report}");
    assert_eq!((&report["agreed"], &report["transactions"]), (&true.into(), &0.into()));
}

#[test]
fn a_network_that_is_told_to_stop_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (mut parent, nodes) = devnet(dir.path());
    signal(parent.id(), "TERM");
    assert!(parent.wait().unwrap().success());
    assert!(nodes.iter().all(|node| !runs(*node)));
}

#[test]
fn nodes_end_with_their_parent_even_if_it_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let (mut parent, nodes) = devnet(dir.path());
    signal(parent.id(), "KILL");
    assert!(!parent.wait().unwrap().success());
    until("the nodes ended", || nodes.iter().all(|node| !runs(*node)));

    let other = run(&["devnet", "--nodes", "3", "--dir", dir.path().to_str().unwrap()]);
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("holds a devnet of 2 nodes"), "{}", stderr(&other));
    let dir = dir.path().to_str().unwrap();
    let again = run(&["devnet", "--nodes", "2", "--dir", dir, "--blocks", "2"]);
    assert!(again.status.success(), "{}", stderr(&again));
}
