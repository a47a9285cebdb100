//! Power cuts, endless crashes, a split too long to mend.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;

use common::{agreed, height, join, tip};
use isonomy_sim::coin::Coin;
use isonomy_sim::{Action, Settings, Sim, check};

fn ring(settings: Settings, wallets: usize, hosts: usize, miners: usize) -> (Sim, Coin) {
    let coin = Coin::new(wallets).unwrap();
    let mut sim = Sim::new(settings, coin.spec.clone());
    for host in 0..hosts {
        join(&mut sim, &coin, host < miners, &[(host + 1) % hosts]);
    }
    (sim, coin)
}

fn rest(sim: &mut Sim) -> check::Replay {
    sim.stop_mining();
    assert!(sim.run_until(90_000, agreed), "apart at {} ms", sim.now().0);
    sim.run_for(10_000);
    check::all(sim).unwrap_or_else(|broken| panic!("{broken}"))
}

#[test]
fn everyone_loses_power_and_comes_back() {
    for seed in 0..4 {
        let settings = Settings { seed, hash_ms: 200, sync_ms: 200, ..Settings::default() };
        let (mut sim, _) = ring(settings, 1, 4, 4);
        assert!(sim.run_until(300_000, |sim| height(sim, 0) >= 20 + seed));
        let before: Vec<_> = (0..4).map(|host| sim.host(host).recover().unwrap()).collect();
        (0..4).for_each(|host| sim.crash(host));
        sim.run_for(3_000);
        (0..4).for_each(|host| sim.revive(host));
        sim.run_for(100);
        for (host, kept) in before.iter().enumerate() {
            let chain = sim.node(host).chain();
            assert!(chain.trail(&kept.tip.trail.id).is_some(), "what was flushed is there");
            assert!(height(&sim, host) + 2 >= 20, "and what was logged is run again");
        }
        let tallest = (0..4).map(|host| height(&sim, host)).max().unwrap();
        assert!(sim.run_until(120_000, |sim| height(sim, 0) >= tallest + 5));
        rest(&mut sim);
        assert_eq!(sim.stats().crashes, 4);
    }
}

#[test]
fn a_node_that_keeps_crashing_keeps_up() {
    let settings = Settings { seed: 3, hash_ms: 150, sync_ms: 100, ..Settings::default() };
    let (mut sim, _) = ring(settings, 1, 3, 2);
    for round in 0..20 {
        sim.at(4_000 * round + 3_000, Action::Crash(2));
        sim.at(4_000 * round + 3_000 + 13 * round, Action::Revive(2));
    }
    sim.run_for(85_000);
    assert!(height(&sim, 2) > 20);
    rest(&mut sim);
    assert_eq!(sim.stats().crashes, 20);
}

#[test]
fn a_split_deeper_than_the_base_stops_the_side_that_would_be_wrong() {
    let settings = Settings { seed: 4, hash_ms: 25, ..Settings::default() };
    let (mut sim, _) = ring(settings, 1, 2, 2);
    assert!(sim.run_until(60_000, |sim| agreed(sim) && height(sim, 0) >= 2));
    sim.split(&[vec![0], vec![1]]);
    let parted = |sim: &Sim| (0..2).all(|host| sim.node(host).chain().base().height > 8);
    assert!(sim.run_until(600_000, parted));
    sim.heal();
    sim.connect(0, 1);
    let halted = |sim: &Sim| (0..2).any(|host| sim.host(host).halted().is_some());
    assert!(sim.run_until(120_000, halted), "{:?}", [tip(&sim, 0), tip(&sim, 1)]);
    let (stopped, why) =
        (0..2).find_map(|host| Some((host, sim.host(host).halted()?.to_string()))).unwrap();
    assert!(why.contains("forks below the base"), "{why}");
    let broken = check::running(&sim).unwrap_err();
    assert_eq!((broken.invariant, broken.host), (12, stopped));
    let before = height(&sim, 1 - stopped);
    sim.run_for(30_000);
    assert!(height(&sim, 1 - stopped) > before, "the other goes on");
}

#[test]
fn one_miner_confirms_what_many_users_send() {
    let settings = Settings {
        seed: 5,
        latency_ms: (50, 300),
        loss_permille: 150,
        reorder_permille: 100,
        ..Settings::default()
    };
    let (mut sim, mut coin) = ring(settings, 6, 7, 1);
    sim.run_for(10_000);
    let to = coin.wallets[0].address();
    for round in 0..60 {
        let host = 1 + round % 6;
        let transaction = coin.wallets[round % 6].transfer(to, 1);
        sim.submit(host, transaction).unwrap();
        sim.run_for(1_500);
    }
    sim.run_for(30_000);
    let replay = rest(&mut sim);
    assert_eq!(replay.confirmed(tip(&sim, 3).0), 60, "a wallet always asks the same host");
}
