//! Honest machines wired to each other: everything arrives everywhere, and nobody is blamed.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::net::{Dice, Net, transaction_id};
use isonomy_peer::{CloseReason, Violation};
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

/// Two links between two nodes, dialled as `dials` says, whose hellos take as long as `delays` say.
/// What is left at each end once all is quiet.
fn twice(dials: [bool; 2], delays: [[u64; 2]; 2]) -> Net {
    let mut net = Net::new(2);
    for (crossed, delays) in dials.into_iter().zip(delays) {
        let (a, b) = if crossed { (1, 0) } else { (0, 1) };
        net.connect_with(a, b, delays, 1 << 40, 100_000);
    }
    net.run(30_000);
    net
}

#[test]
fn of_two_links_dialled_at_once_exactly_one_stays() {
    let fast_and_slow = [[1, 1], [1, 200], [200, 1], [90, 110], [200, 200]];
    for dials in [[false, false], [false, true], [true, false], [true, true]] {
        for first in fast_and_slow {
            for second in fast_and_slow {
                let net = twice(dials, [first, second]);
                let what = format!("dials {dials:?}, delays {first:?} and {second:?}");
                for node in &net.nodes {
                    let ready = node.peers.links().filter(|info| info.ready).count();
                    assert_eq!(ready, 1, "{what}: {:?}", net.closed);
                }
                assert_eq!(net.wires(), 2, "{what}: both ends keep the same");
                assert!(
                    net.closed.iter().all(|(_, _, why)| {
                        *why == CloseReason::Violation(Violation::Duplicate)
                    })
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn of_several_links_dialled_at_once_one_is_left_or_is_dialled_again(
        dials in prop::collection::vec((any::<bool>(), 1_u64..300, 1_u64..300), 1..5),
    ) {
        let mut net = Net::new(2);
        for (crossed, there, back) in dials {
            let (a, b) = if crossed { (1, 0) } else { (0, 1) };
            net.connect_with(a, b, [there, back], 1 << 40, 100_000);
        }
        net.run(60_000);
        let left: Vec<_> = net.nodes.iter().map(|node| node.peers.links().count()).collect();
        prop_assert!(left[0] == left[1] && left[0] <= 1, "{left:?} {:?}", net.closed);
    }
}

/// A newcomer at node 0 and four who have all blocks: two good lines, one at a tenth, one that
/// never answers. How long it takes until all bodies are there.
fn newcomer(slow: bool, stalls: bool) -> (u64, Net) {
    let mut net = Net::new(5);
    for server in 1..5 {
        let node = &mut net.nodes[server];
        node.height = 180;
        node.bodies.extend(0..=180);
        node.peers.set_height(180);
    }
    net.nodes[4].stalls = stalls;
    for server in [1, 2, 3, 4] {
        let rate = if server == 3 && slow { 10_000 } else { 100_000 };
        net.connect_with(0, server, [20, 20], rate, 65_536);
    }
    let start = net.time;
    while net.nodes[0].bodies.len() < 181 && net.time < 600_000 {
        net.run(net.time + 100);
    }
    (net.time - start, net)
}

#[test]
fn attack_63_a_newcomer_is_not_held_up_by_one_that_stalls_and_one_that_is_slow() {
    let (best, _) = newcomer(false, false);
    let (took, mut net) = newcomer(true, true);
    // Two lines and a bit are left of four. Thrice leaves a patience for the one that stalls.
    assert!(took <= 3 * best + 2_000, "{took} ms instead of {best}");
    let info: Vec<_> = net.nodes[0].peers.links().collect();
    let by = |server: u8| info.iter().find(|i| i.remote.0 == [server; 32]).unwrap().bytes_in;
    assert!(by(3) * 4 < by(1) && by(3) * 4 < by(2), "its share follows its speed");
    assert!(by(3) > 0 && by(4) > 0);
    assert!(net.closed.is_empty(), "{:?}", net.closed);
    net.run(net.time + 60_000);
    assert!(net.closed.is_empty(), "it says in time that it has none: {:?}", net.closed);
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
