//! Whom a node calls, and how often.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::Output as Want;
use isonomy_node::Input;
use isonomy_peer::{Direction, Message, NetAddress};
use isonomy_types::{Link, List, NodeKey};
use std::collections::BTreeSet;

fn calling(outbound: usize, seeds: &[u8]) -> World {
    let seeds = seeds.iter().map(|n| place(*n)).collect();
    World::new(Setup { outbound, seeds, ..Setup::default() })
}

/// The one address that the node called since the last time.
fn called(world: &mut World) -> NetAddress {
    let dials = std::mem::take(&mut world.dials);
    let [address] = dials[..] else { panic!("{dials:?}") };
    address
}

/// Somebody answers a call: link and key are `n`.
fn answer_call(world: &mut World, address: NetAddress, n: u64) -> Link {
    let key = NodeKey([n as u8; 32]);
    let link = world.open(Link(n), Direction::Outbound, key, Some(address));
    world.say(link, hello(n, 0));
    world.serve(link, &[], &[]);
    link
}

#[test]
fn outbound_connections_are_kept_up() {
    let mut world = calling(2, &[1, 2, 3, 4, 5]);
    world.wait(0);
    let first = std::mem::take(&mut world.dials);
    assert_eq!(first.len(), 2);
    world.wait(3_000);
    assert_eq!(world.dials, [], "two are under way");
    let links = [answer_call(&mut world, first[0], 1), answer_call(&mut world, first[1], 2)];
    world.wait(3_000);
    assert_eq!(world.dials, [], "two stand");
    world.close(links[0]);
    world.wait(1_000);
    assert_ne!(called(&mut world), first[1]);
}

#[test]
fn inbound_connections_do_not_count() {
    let mut world = calling(2, &[1, 2, 3]);
    for n in 10..20 {
        world.peer(n);
    }
    world.wait(1_000);
    assert_eq!(world.dials.len(), 2);
}

#[test]
fn so_many_calls_are_under_way_at_once() {
    let mut world = calling(100, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
    world.wait(5_000);
    assert_eq!(world.dials.len(), 4);
}

/// When an address that never answers is called again, in whole seconds.
fn pauses(world: &mut World, rounds: usize) -> Vec<u64> {
    let mut pauses = Vec::new();
    for _ in 0..rounds {
        let address = called(world);
        let since = world.now.mono;
        world.input(Input::DialFailed { address });
        while world.dials.is_empty() {
            world.wait(100);
        }
        pauses.push(world.now.mono.since(since).div_ceil(1_000));
    }
    pauses
}

#[test]
fn a_failed_call_is_repeated_ever_later_up_to_a_bound() {
    let mut world = calling(1, &[1]);
    world.wait(0);
    assert_eq!(pauses(&mut world, 9), [1, 2, 4, 8, 16, 32, 64, 64, 64]);
    let address = called(&mut world);
    let link = answer_call(&mut world, address, 1);
    world.close(link);
    world.wait(1_000);
    assert_eq!(pauses(&mut world, 2), [2, 4], "it answered in between");
}

#[test]
fn a_call_whose_end_nobody_tells_does_not_stop_the_others() {
    let mut world = calling(4, &[1, 2, 3, 4, 5]);
    world.wait(0);
    assert_eq!(std::mem::take(&mut world.dials).len(), 4);
    world.wait(59_000);
    assert_eq!(world.dials, []);
    world.wait(3_000);
    assert!(!world.dials.is_empty(), "they count as failed");
}

#[test]
fn news_of_a_failure_that_is_none_changes_nothing() {
    let mut world = calling(1, &[1]);
    world.wait(0);
    let address = called(&mut world);
    answer_call(&mut world, address, 1);
    world.input(Input::DialFailed { address });
    world.input(Input::DialFailed { address: place(99) });
    world.wait(10_000);
    assert_eq!(world.dials, [], "the connection stands");
}

#[test]
fn one_s_own_address_is_called_once() {
    let mut world = calling(1, &[1]);
    world.wait(0);
    let address = called(&mut world);
    let link = world.open(Link(1), Direction::Outbound, NodeKey([1; 32]), Some(address));
    let own = world.heard(link).remove(0);
    assert!(matches!(own, Message::Hello(_)));
    world.say(link, own);
    assert!(world.why_closed(link).unwrap().contains("self connection"));
    world.close(link);
    world.wait(600_000);
    assert_eq!(world.dials, []);
    let gossip = world.peer(2);
    tell(&mut world, gossip, vec![address]);
    world.wait(600_000);
    assert_eq!(world.dials, [], "whoever names it");
}

/// A link's answer to the question for addresses, which the node asks when hands are shaken.
fn tell(world: &mut World, link: Link, addresses: Vec<NetAddress>) {
    world.close(link);
    let key = NodeKey([link.0 as u8; 32]);
    let link = world.open(Link(link.0 + 10_000), Direction::Inbound, key, None);
    world.say(link, hello(link.0, 0));
    assert!(world.heard(link).contains(&Message::GetAddresses));
    world.say(link, Message::Addresses { addresses: List::truncated(addresses) });
}

#[test]
fn addresses_heard_of_are_called() {
    let mut world = calling(2, &[]);
    let link = world.peer(1);
    world.wait(1_000);
    assert_eq!(world.dials, []);
    tell(&mut world, link, vec![place(7), place(8)]);
    world.wait(1_000);
    let dials: BTreeSet<_> = world.dials.iter().copied().collect();
    assert_eq!(dials, BTreeSet::from([place(7), place(8)]));
}

#[test]
fn only_addresses_that_led_to_somebody_are_told() {
    let mut world = calling(2, &[1, 2, 3]);
    world.wait(0);
    let dials = std::mem::take(&mut world.dials);
    answer_call(&mut world, dials[0], 1);
    world.input(Input::DialFailed { address: dials[1] });
    let asks = world.peer(9);
    world.say(asks, Message::GetAddresses);
    let addresses = List::truncated(vec![dials[0]]);
    assert_eq!(world.heard(asks), [Message::Addresses { addresses }]);
}

#[test]
fn peers_that_the_engine_wants_are_called_first() {
    let (setup, script) = Setup::scripted();
    let seeds: Vec<_> = (1..60).map(place).collect();
    let mut world = World::new(Setup { outbound: 1, seeds, ..setup });
    world.wait(0);
    let wanted = called(&mut world);
    let link = answer_call(&mut world, wanted, 1);
    script.want(Want::WantPeers(vec![NodeKey([1; 32])]));
    world.close(link);
    // The others are called while the wanted one rests.
    for _ in 0..20 {
        world.wait(1_000);
        for address in std::mem::take(&mut world.dials) {
            if address == wanted {
                return;
            }
            world.input(Input::DialFailed { address });
        }
    }
    panic!("not called within 20 calls out of 60");
}

#[test]
fn seeds_named_later_are_called_and_links_that_stand_stay() {
    let mut world = calling(2, &[1]);
    world.wait(0);
    let first = called(&mut world);
    let link = answer_call(&mut world, first, 1);
    world.wait(2_000);
    assert_eq!(world.dials, [], "nobody else is known");
    world.input(Input::Seeds { addresses: vec![place(7)] });
    world.wait(3_000);
    assert_eq!(called(&mut world), place(7));
    assert!(world.closed.iter().all(|(closed, _)| *closed != link));
}
