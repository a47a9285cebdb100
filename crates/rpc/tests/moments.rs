//! One answer shows one moment, on a chain that moves and branches.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, miner, serve};
use isonomy_client::api::TransactionStatus;
use isonomy_crypto::Hash;
use isonomy_rpc::Source;
use isonomy_sim::coin::{Coin, FUNDS, REWARD};
use isonomy_sim::work::Role;
use isonomy_types::Address;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

#[tokio::test]
async fn attack_30_side_chain_blocks_have_no_confirmations() {
    let mut coin = Coin::new(3).unwrap();
    let roles = vec![miner(&coin, 0), miner(&coin, 1)];
    let hosts = Hosts::start(3, roles);
    let (_, first) = serve(hosts.source(0)).await;
    let (_, second) = serve(hosts.source(1)).await;

    // Two branches that do not know each other; a payment is on the first alone.
    let payment = coin.wallets[2].transfer(NOBODY, 5);
    let id = first.submit(&payment).await.unwrap().id;
    hosts.mine(0, 2);
    hosts.mine(1, 3);
    let TransactionStatus::Confirmed { block: lost, .. } =
        first.transaction(id).await.unwrap().status
    else {
        panic!("not confirmed on its own branch");
    };
    let (short, long) = (first.status().await.unwrap(), second.status().await.unwrap());
    assert_ne!(short.tip, long.tip);
    let heavier = hosts.act(|sim| {
        // The first is off meanwhile, or both might grow for long before one leads.
        let goal = sim.node(0).chain().best().height + 3;
        sim.crash(0);
        sim.run_until(600_000, |sim| sim.node(1).chain().best().height >= goal);
        sim.stop_mining();
        sim.revive(0);
        sim.connect(0, 1);
        sim.run_until(600_000, |sim| sim.node(0).chain().best().id == sim.node(1).chain().best().id)
    });
    assert!(heavier, "the branches did not meet");

    let status = first.status().await.unwrap();
    let side = first.header(lost).await.unwrap();
    assert_eq!((side.id, side.confirmations, side.best), (lost, None, false));
    let block = first.block(lost).await.unwrap();
    assert_eq!((block.id, block.confirmations), (lost, None));
    assert_eq!(block.transactions[0].id, id);
    let tip = first.header(short.tip).await.unwrap();
    assert_eq!((tip.confirmations, tip.best), (None, false));

    let winner = first.header(side.header.height).await.unwrap();
    assert_ne!(winner.id, lost);
    assert_eq!(winner.confirmations, Some(status.height - side.header.height + 1));
    let tip = first.header(status.tip).await.unwrap();
    assert_eq!((tip.confirmations, tip.best), (Some(1), true));

    // The payment is back in the mempool: no block of the best branch holds it.
    let again = first.transaction(id).await.unwrap();
    assert_eq!((again.status, again.receipt), (TransactionStatus::Waiting, None));
}

#[tokio::test]
async fn attack_80_no_answer_is_torn_while_blocks_come() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0)]);
    let (_, node) = serve(hosts.source(0)).await;
    let id = node.submit(&coin.wallets[1].transfer(NOBODY, 5)).await.unwrap().id;
    hosts.mine(0, 2);
    let (moving, enough) = (hosts.clone(), Arc::new(AtomicBool::new(false)));
    let until = enough.clone();
    let miner = tokio::task::spawn_blocking(move || {
        while !until.load(Ordering::Relaxed) {
            moving.mine(0, 1);
        }
    });
    let mut heights = Vec::new();
    for _ in 0..60 {
        let status = node.status().await.unwrap();
        heights.push(status.height);
        let tip = node.header(status.tip).await.unwrap();
        assert_eq!((tip.header.height, tip.header.time), (status.height, status.time));
        assert_eq!(tip.header.state_root, status.state_root);
        assert!(tip.best && tip.confirmations >= Some(1));

        // Rewards come with blocks: a balance or a supply between two blocks shows here.
        let supply = node.supply().await.unwrap().supply.0;
        assert_eq!((supply - 3 * FUNDS.0) % REWARD.0, 0);

        // The block goes from memory to the archive meanwhile, and is always in one of them.
        let found = node.transaction(id).await.unwrap();
        let TransactionStatus::Confirmed { height, confirmations, .. } = found.status else {
            panic!("{found:?}");
        };
        assert!(height + confirmations > status.height, "{found:?}");
        for height in [status.base, status.base + 1, status.base.saturating_sub(1)] {
            let block = node.block(height).await.unwrap();
            assert_eq!(block.header.height, height);
            assert!(block.confirmations > Some(status.height - height), "{block:?}");
        }
    }
    enough.store(true, Ordering::Relaxed);
    miner.await.unwrap();
    heights.dedup();
    assert!(heights.len() > 30, "the chain hardly moved: {heights:?}");
    assert!(node.status().await.unwrap().base > 10, "nothing was flushed");
}

/// What was flushed after the look at the node is no part of that moment.
#[tokio::test]
async fn an_archive_that_is_ahead_of_the_node_shows_nothing_of_the_future() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![Role::default(), miner(&coin, 1)]);
    let (_, ahead) = serve(hosts.source(1)).await;
    let id = ahead.submit(&coin.wallets[2].transfer(NOBODY, 5)).await.unwrap().id;
    hosts.mine(1, 70);
    assert!(ahead.status().await.unwrap().base > 10);

    let archive = hosts.source(1).archive;
    let (_, node) = serve(Source { archive, ..hosts.source(0) }).await;
    let flushed = ahead.header(5).await.unwrap().id;
    assert!(node.header(flushed).await.unwrap_err().is_not_found());
    assert!(node.block(flushed).await.unwrap_err().is_not_found());
    assert!(node.header(5).await.unwrap_err().is_not_found());
    assert!(node.transaction(id).await.unwrap_err().is_not_found());
    assert_eq!(node.header(coin.id()).await.unwrap().confirmations, Some(1));
}

/// Whatever tells confirmations, about a branch that grows shorter than it was (attack 30), and in
/// each answer out of one moment (attack 80).
#[tokio::test]
async fn attack_30_no_method_tells_confirmations_of_a_side_branch() {
    let mut coin = Coin::new(3).unwrap();
    let hosts = Hosts::start(3, vec![miner(&coin, 0), miner(&coin, 1)]);
    let (_, node) = serve(hosts.source(0)).await;
    let id = node.submit(&coin.wallets[2].transfer(NOBODY, 5)).await.unwrap().id;
    hosts.mine(0, 2);
    let old = node.status().await.unwrap();
    let met = hosts.act(|sim| {
        let goal = sim.node(0).chain().best().height + 3;
        sim.crash(0);
        let grown = sim.run_until(6_000_000, |sim| sim.node(1).chain().best().height >= goal);
        sim.stop_mining();
        sim.revive(0);
        sim.connect(0, 1);
        let same =
            |sim: &isonomy_sim::Sim| sim.node(0).chain().best().id == sim.node(1).chain().best().id;
        grown && sim.run_until(600_000, same)
    });
    assert!(met, "the branches did not meet");
    let new = node.status().await.unwrap();

    let branches = node.branches(None).await.unwrap();
    let side: Vec<_> = branches.iter().filter(|block| !block.best).collect();
    assert!(side.iter().any(|block| block.id == old.tip), "{branches:?}");
    for block in &side {
        let (header, whole) =
            (node.header(block.id).await.unwrap(), node.block(block.id).await.unwrap());
        assert_eq!((header.confirmations, header.best, whole.confirmations), (None, false, None));
        let found = node.find(&block.id.to_string()).await.unwrap();
        assert_eq!((found.len(), found[0].height), (1, Some(block.height)));
    }
    for block in branches.iter().filter(|block| block.best) {
        let header = node.header(block.id).await.unwrap();
        assert_eq!(header.confirmations, Some(new.height - block.height + 1));
    }
    let tips = node.tips().await.unwrap();
    let tip = tips.iter().find(|tip| tip.best).unwrap();
    assert_eq!((tip.id, tip.height, tip.since), (new.tip, new.height, Some(new.height)));
    let lost = tips.iter().find(|tip| tip.id == old.tip).unwrap();
    assert_eq!((lost.best, lost.executed, lost.since), (false, true, Some(old.height - 2)));
    let again = node.transaction(id).await.unwrap();
    assert_eq!((again.status, again.receipt), (TransactionStatus::Waiting, None));
    assert!(again.words[0].starts_with("send 5 coins to "), "{:?}", again.words);
    assert_eq!(node.decode(&again.transaction).await.unwrap().words, again.words);

    let series = node.series(500).await.unwrap();
    let heights: Vec<u64> = series.iter().map(|entry| entry.height).collect();
    assert_eq!(heights, (0..=new.height).collect::<Vec<_>>());
    assert!(node.series(0).await.is_err() && node.series(501).await.is_err());
    assert!(node.branches(Some(101)).await.is_err());
    let near = node.branches(Some(0)).await.unwrap();
    assert!(near.iter().all(|block| block.height == new.height), "{near:?}");
}
