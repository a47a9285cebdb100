//! Each check against a run that breaks what it checks.
use super::*;
use crate::coin::Coin;
use crate::scenario::REST_MS;
use crate::work::Role;
use crate::{Settings, Sim};
use isonomy_crypto::Hash;
use isonomy_node::Event;
use isonomy_peer::{CloseReason, Direction, Violation};
use isonomy_types::{Address, Encode, Link, Mono, Wall};
use std::sync::Arc;

const STRANGE: Hash = Hash::from_bytes([0xaa; 32]);

/// Two miners and some transfers, at rest.
fn rested(seed: u64) -> (Sim, Coin) {
    let mut coin = Coin::new(2).unwrap();
    let mut sim = Sim::new(Settings { seed, ..Settings::default() }, coin.spec.clone());
    for index in 0..2 {
        let producer = Address(Hash::from_bytes([index; 32]));
        let peers = vec![Sim::address_of(0)];
        sim.add(coin.maker(Role { mining: true, producer, peers, ..Role::default() }), vec![]);
    }
    let to = coin.wallets[1].address();
    for _ in 0..6 {
        sim.submit(0, coin.wallets[0].transfer(to, 5)).unwrap();
        sim.run_for(12_000);
    }
    sim.stop_mining();
    sim.run_for(10_000);
    (sim, coin)
}

fn invariant(result: Result<(), Broken>) -> u8 {
    result.unwrap_err().invariant
}

fn best(sim: &Sim, host: usize) -> Hash {
    sim.node(host).chain().best().id
}

#[test]
fn a_run_at_rest_passes_and_has_something_to_check() {
    let (sim, _) = rested(1);
    let replay = all(&sim).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(replay.confirmed(best(&sim, 0)) == 6 && sim.blocks() >= 30);
    assert!(sim.node(0).chain().base().height > 0, "some of it is in the archive alone");
    repeatable(&sim, &rested(1).0).unwrap();
}

#[test]
fn two_final_blocks_at_one_height_break_agreement() {
    let (mut sim, _) = rested(1);
    let id = best(&sim, 0);
    sim.hosts[0].settled.finals.insert(3, id);
    agreement(&sim).unwrap();
    sim.hosts[1].settled.finals.insert(3, STRANGE);
    assert_eq!(invariant(agreement(&sim)), 1);
}

#[test]
fn a_settled_block_that_was_left_breaks_agreement() {
    let (mut sim, _) = rested(1);
    sim.hosts[1].settled.flushed.insert(2, STRANGE);
    assert_eq!(invariant(agreement(&sim)), 1);
    let (mut sim, _) = rested(1);
    for id in [best(&sim, 0), STRANGE] {
        sim.hosts[0].note(Mono(0), Event::Flushed { id, height: 7 });
    }
    assert_eq!(sim.hosts[0].settled.reverted, Some((best(&sim, 0), STRANGE)));
    assert_eq!(invariant(agreement(&sim)), 1);
}

#[test]
fn a_block_that_replays_to_something_else_breaks_validity() {
    let (mut sim, _) = rested(1);
    let id = best(&sim, 0);
    let first = *sim.blocks.iter().find(|(_, block)| block.header.height == 1).unwrap().0;
    for (id, what) in [(id, "work hash"), (first, "work hash")] {
        let block = sim.blocks.get_mut(&id).unwrap();
        let honest = block.header.clone();
        block.header.state_root = STRANGE;
        let broken = Replay::of(&sim).err().unwrap();
        assert!(broken.invariant == 2 && broken.got.contains(what), "{broken}");
        sim.blocks.get_mut(&id).unwrap().header = honest;
    }
    let with_body = sim.blocks.values_mut().find(|block| !block.body.transactions.is_empty());
    with_body.unwrap().body.transactions = Default::default();
    assert!(Replay::of(&sim).err().unwrap().got.contains("another body"));
}

#[test]
fn a_lighter_tip_breaks_most_work() {
    let (mut sim, coin) = rested(1);
    // A third miner all alone, whose branch is held by a host that is up.
    sim.add(coin.maker(Role { mining: true, ..Role::default() }), vec![]);
    sim.mining = true;
    sim.split(&[vec![2]]);
    sim.run_for(10_000);
    sim.stop_mining();
    sim.run_for(5_000);
    let replay = Replay::of(&sim).unwrap();
    assert!(sim.node(2).chain().best().height > 0);
    assert_eq!(invariant(most_work(&sim, &replay)), 3);
    sim.crash(2);
    // What nobody has is not available.
    let heights: Vec<u64> = (0..2).map(|host| sim.node(host).chain().best().height).collect();
    assert!(heights.iter().all(|height| *height > 30));
}

#[test]
fn a_tip_that_moves_long_after_the_rest_did_breaks_liveness() {
    let (mut sim, _) = rested(1);
    let id = best(&sim, 0);
    for (late_ms, holds) in [(REST_MS, true), (REST_MS + 1, false)] {
        let at = sim.eased.plus(late_ms);
        sim.hosts[1].events.push((at, Event::Best { id, height: 9, left: 0 }));
        assert_eq!(converged(&sim).is_ok(), holds);
    }
    assert_eq!(invariant(converged(&sim)), 14);
    sim.heal();
    converged(&sim).unwrap();
}

#[test]
fn other_receipts_break_sameness() {
    let (sim, _) = rested(1);
    let mut replay = Replay::of(&sim).unwrap();
    replay.compare(&sim).unwrap();
    let id = replay.branch(best(&sim, 0)).find(|(_, block)| block.transactions > 0).unwrap().0;
    replay.blocks.get_mut(&id).unwrap().receipts[0].meter += 1;
    assert_eq!(invariant(replay.compare(&sim)), 6);
}

#[test]
fn money_from_nowhere_breaks_the_supply() {
    let (sim, coin) = rested(1);
    for key in [vec![0, 1, 1], [&[0, 1, 0][..], &coin.wallets[0].address().encode()].concat()] {
        let mut replay = Replay::of(&sim).unwrap();
        supply(&sim, &replay).unwrap();
        let block = replay.blocks.get_mut(&best(&sim, 0)).unwrap();
        let state = Arc::make_mut(&mut block.state);
        let held = state.get_mut(&*key).unwrap();
        Arc::make_mut(held)[0] ^= 1;
        assert_eq!(invariant(supply(&sim, &replay)), 7);
    }
}

#[test]
fn one_byte_more_breaks_the_state() {
    let (sim, _) = rested(1);
    let mut replay = Replay::of(&sim).unwrap();
    state(&sim, &replay).unwrap();
    let block = replay.blocks.get_mut(&best(&sim, 0)).unwrap();
    Arc::make_mut(&mut block.state).insert(b"more".as_slice().into(), b"!".as_slice().into());
    assert_eq!(invariant(state(&sim, &replay)), 8);
}

#[test]
fn what_waits_though_it_is_confirmed_breaks_the_mempool() {
    let (mut sim, mut coin) = rested(1);
    let to = coin.wallets[1].address();
    let waiting = coin.wallets[0].transfer(to, 1);
    let id = waiting.intent().id();
    sim.submit(0, waiting);
    sim.run_for(1_000);
    let mut replay = Replay::of(&sim).unwrap();
    assert!(sim.node(0).pool().contains(&id));
    pool(&sim, &replay).unwrap();
    replay.blocks.get_mut(&best(&sim, 0)).unwrap().receipts[0].transaction = id;
    assert_eq!(invariant(pool(&sim, &replay)), 9);
}

#[test]
fn a_halted_node_is_reported() {
    let (mut sim, _) = rested(1);
    sim.hosts[1].halted = Some("the disk is full".into());
    let broken = running(&sim).unwrap_err();
    assert_eq!((broken.invariant, broken.host), (12, 1));
    assert_eq!(
        broken.to_string(),
        "invariant 12 at host 1: its node is the disk is full, must be running"
    );
}

#[test]
fn blame_between_hosts_is_reported_and_only_that() {
    let (mut sim, _) = rested(1);
    let (remote, stranger) = (sim.hosts[1].key, isonomy_types::NodeKey([1; 32]));
    let close = |link, violation| {
        let why = CloseReason::Violation(violation);
        (Mono(1), Event::Closed { link, why })
    };
    let ready =
        |link, remote| (Mono(0), Event::Ready { link, remote, direction: Direction::Inbound });
    let bad = || Violation::Content("a lie".into());
    let (honest, other) = (Link(901), Link(902));
    sim.hosts[0].events.extend([ready(honest, remote), ready(other, stranger)]);
    sim.hosts[0].events.extend([close(other, bad()), close(honest, Violation::Duplicate)]);
    blameless(&sim).unwrap();
    sim.hosts[0].events.push(close(honest, bad()));
    assert_eq!(invariant(blameless(&sim)), 13);
}

#[test]
fn another_trace_is_not_repeatable() {
    assert_eq!(invariant(repeatable(&rested(1).0, &rested(2).0)), 17);
}

#[test]
fn hosts_read_the_civil_clock_with_their_own_skew() {
    let coin = Coin::new(1).unwrap();
    let settings = Settings { skew_ms: 1_000, ..Settings::default() };
    let mut sim = Sim::new(settings, coin.spec.clone());
    for _ in 0..4 {
        sim.add(coin.maker(Role::default()), vec![]);
    }
    sim.run_for(500);
    let clocks: Vec<Wall> = (0..4).map(|host| sim.clock(host).wall).collect();
    assert!(clocks.iter().all(|wall| (500..=1_500).contains(&(wall.0 - crate::EPOCH_MS))));
    assert!(clocks.windows(2).any(|pair| pair[0] != pair[1]));
}
