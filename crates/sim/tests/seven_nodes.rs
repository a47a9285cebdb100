//! Seven miners on a bad network, a split, two crashes, transfers throughout; then everything that
//! must hold is checked. Each seed is another history, and each is run twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;

use common::{agreed, height, join, tip};
use isonomy_sim::coin::Coin;
use isonomy_sim::{Action, Dice, Settings, Sim, check};
use std::ops::Range;

const HOSTS: usize = 7;
const WALLETS: usize = 10;
/// Virtual milliseconds with hash power on.
const MINING_MS: u64 = 75_000;
/// Virtual milliseconds for all to agree after it is off.
const REST_MS: u64 = 90_000;

fn settings(seed: u64) -> Settings {
    Settings {
        seed,
        latency_ms: (10, 120),
        loss_permille: 30,
        duplicate_permille: 20,
        reorder_permille: 50,
        sync_ms: 60,
        hash_ms: 400,
        jitter_ms: 10,
        skew_ms: 400,
        ..Settings::default()
    }
}

/// What goes wrong, and when. A split may be long enough for links to be given up.
fn faults(sim: &mut Sim, dice: &mut Dice) {
    let mut sides = vec![Vec::new(), Vec::new()];
    for host in 0..HOSTS {
        sides[usize::from(dice.chance(450))].push(host);
    }
    // Never all on one side.
    sides[0].retain(|host| *host != 0);
    sides[1].retain(|host| *host != 0 && *host != 1);
    sides[0].retain(|host| *host != 1);
    sides[0].push(0);
    sides[1].push(1);
    let split_ms = dice.between(10_000, 25_000);
    sim.at(split_ms, Action::Split(sides));
    sim.at(split_ms + dice.between(15_000, 55_000), Action::Heal);
    let first = dice.between(0, HOSTS as u64 - 1);
    for host in [first, (first + dice.between(1, HOSTS as u64 - 1)) % HOSTS as u64] {
        let at_ms = dice.between(5_000, 55_000);
        sim.at(at_ms, Action::Crash(host as usize));
        sim.at(at_ms + dice.between(2_000, 15_000), Action::Revive(host as usize));
    }
}

/// Somebody sends coins, through some host that is up.
fn transfer(sim: &mut Sim, coin: &mut Coin, dice: &mut Dice) {
    let up: Vec<usize> = (0..HOSTS).filter(|host| sim.host(*host).node().is_some()).collect();
    let host = *dice.pick(&up).unwrap();
    let [to, from] = [(); 2].map(|()| dice.between(0, WALLETS as u64 - 1) as usize);
    let to = coin.wallets[to].address();
    let from = &mut coin.wallets[from];
    from.resume(sim.node(host));
    let transaction = from.transfer(to, 1 + u128::from(dice.between(0, 999)));
    sim.submit(host, transaction);
}

fn run(seed: u64) -> Sim {
    let mut coin = Coin::new(WALLETS).unwrap();
    let mut dice = Dice::new(seed, "seven nodes");
    let mut sim = Sim::new(settings(seed), coin.spec.clone());
    for host in 0..HOSTS {
        join(&mut sim, &coin, true, &[(host + 1) % HOSTS, (host + 3) % HOSTS]);
    }
    faults(&mut sim, &mut dice);
    while sim.now().0 < MINING_MS {
        sim.run_for(dice.between(300, 1_500));
        transfer(&mut sim, &mut coin, &mut dice);
    }
    sim.stop_mining();
    let heights = |sim: &Sim| (0..HOSTS).map(|host| height(sim, host)).collect::<Vec<_>>();
    assert!(sim.run_until(REST_MS, agreed), "apart at heights {:?}", heights(&sim));
    sim.run_for(10_000);
    sim
}

/// Runs a seed twice, checks everything, and that there was something to check. How many
/// reorganisations there were.
fn judge(seed: u64) -> u64 {
    let sim = run(seed);
    let replay = check::all(&sim).unwrap_or_else(|broken| panic!("{broken}"));
    check::repeatable(&sim, &run(seed)).unwrap_or_else(|broken| panic!("{broken}"));

    let (stats, confirmed) = (sim.stats(), replay.confirmed(tip(&sim, 0).0));
    assert!(sim.blocks() >= 20, "{} blocks", sim.blocks());
    assert!(confirmed >= 30, "{confirmed} transfers confirmed");
    assert_eq!(stats.crashes, 2);
    assert!(stats.forgotten > 0 && stats.cancelled > 0 && stats.unwanted > 0, "{stats:?}");
    let packets = [stats.lost, stats.doubled, stats.late, stats.resent, stats.swallowed];
    assert!(packets.iter().all(|count| *count >= 100), "{stats:?}");
    stats.reorganisations
}

fn judge_all(seeds: Range<u64>) {
    let reorganisations: u64 = seeds.map(judge).sum();
    assert!(reorganisations >= 40, "{reorganisations} reorganisations in all");
}

#[test]
fn seeds_0_to_7() {
    judge_all(0..8);
}

#[test]
fn seeds_8_to_15() {
    judge_all(8..16);
}

#[test]
fn seeds_16_to_23() {
    judge_all(16..24);
}

#[test]
fn seeds_24_to_31() {
    judge_all(24..32);
}

/// For a longer search: `SEEDS=1000..2000 cargo test --test seven_nodes more -- --ignored`.
#[test]
#[ignore = "as long as its seeds"]
fn more_seeds() {
    let seeds = std::env::var("SEEDS").unwrap_or_else(|_| "32..64".into());
    let (from, to) = seeds.split_once("..").unwrap();
    judge_all(from.parse().unwrap()..to.parse().unwrap());
}
