//! Honest machines wired to each other: everything arrives everywhere, and nobody is blamed.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::net::{Dice, Net, transaction_id};
use proptest::prelude::*;
use std::collections::BTreeSet;

#[test]
fn two_machines_shake_hands_and_exchange_every_kind_of_message() {
    let mut net = Net::new(2);
    for _ in 0..30 {
        net.mine(0);
    }
    net.connect(0, 1, 10, 50_000);
    net.run(1_000);
    net.mine(1);
    net.submit(0, transaction_id(1));
    net.speak(1, 1);
    net.ask_addresses(0);
    // Long enough that each asks whether the other is there.
    net.run(200_000);
    assert!(net.closed.is_empty(), "{:?}", net.closed);
    let kinds: BTreeSet<_> = net.nodes.iter().flat_map(|node| node.kinds.clone()).collect();
    let all = [
        "addresses",
        "addresses asked",
        "announced",
        "body",
        "body asked",
        "engine",
        "headers",
        "headers asked",
        "news",
        "transactions",
        "transactions asked",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), all);
    for node in &net.nodes {
        assert_eq!((node.height, node.bodies.len(), node.transactions.len()), (31, 32, 1));
        assert_eq!(node.heard.len(), 1);
        let info = node.peers.links().next().unwrap();
        assert!(info.ready && info.height >= 30, "{info:?}");
        assert_eq!(node.peers.buffered() / 1_000_000, 0);
    }
    assert_eq!(net.nodes[0].addresses, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn honest_machines_agree_in_the_end_and_never_hang_up(seed: u64) {
        let (mut dice, count) = (Dice(seed), 5);
        let mut net = Net::new(count);
        let (mut transactions, mut spoken) = (0, 0);
        for step in 0..150 {
            let node = dice.below(count as u64) as usize;
            match dice.below(12) {
                0 | 1 => {
                    let other = (node + 1 + dice.below(count as u64 - 1) as usize) % count;
                    connect_once(&mut net, node, other, &mut dice);
                }
                2 if step % 3 == 0 && net.wires() > 0 => {
                    let wire = dice.below(net.wires() as u64) as usize;
                    net.cut(wire);
                }
                3..6 if net.nodes[node].height < 150 => net.mine(node),
                6..9 => {
                    transactions += 1;
                    net.submit(node, transaction_id(transactions));
                }
                9 => {
                    spoken += 1;
                    net.speak(node, spoken);
                }
                10 => net.ask_addresses(node),
                _ => {}
            }
            let pause = dice.below(400);
            net.run(net.time + pause);
        }
        // A ring over whoever is not yet linked, and one more block and transaction for all.
        for node in 0..count {
            connect_once(&mut net, node, (node + 1) % count, &mut dice);
        }
        net.run(net.time + 60_000);
        net.mine(0);
        net.submit(1, transaction_id(1_000));
        net.speak(2, 1_000);
        net.run(net.time + 120_000);

        prop_assert!(net.closed.is_empty(), "{:?}", net.closed);
        let highest = net.nodes.iter().map(|node| node.height).max().unwrap();
        for node in &net.nodes {
            prop_assert_eq!(node.height, highest);
            prop_assert_eq!(node.bodies.len() as u64, highest + 1);
            prop_assert!(node.transactions.contains(&transaction_id(1_000)));
            prop_assert!(node.heard.contains(&1_000_u64.to_le_bytes()[..]));
        }
    }
}

/// Links two nodes that are not linked, with a delay and a window of chance.
fn connect_once(net: &mut Net, a: usize, b: usize, dice: &mut Dice) {
    net.run(net.time);
    let linked = net.nodes[a].peers.links().any(|info| info.remote.0 == [b as u8; 32]);
    if !linked {
        net.connect(a, b, 1 + dice.below(300), 1_500 + dice.below(100_000) as usize);
        net.run(net.time);
    }
}
