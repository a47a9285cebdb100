//! The same seed gives the same run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;

use common::{height, join};
use isonomy_crypto::Hash;
use isonomy_sim::coin::Coin;
use isonomy_sim::{Action, Settings, Sim};

/// Three miners, a split, a crash; the trace after each ten seconds.
fn traces(settings: Settings, amount: u128) -> Vec<Hash> {
    let mut coin = Coin::new(2).unwrap();
    let mut sim = Sim::new(settings, coin.spec.clone());
    for peers in [&[][..], &[0], &[1]] {
        join(&mut sim, &coin, true, peers);
    }
    sim.at(4_000, Action::Split(vec![vec![0], vec![1, 2]]));
    sim.at(9_000, Action::Heal);
    sim.at(12_000, Action::Crash(1));
    sim.at(15_000, Action::Revive(1));
    let to = coin.wallets[1].address();
    sim.at(20_000, Action::Submit(0, Box::new(coin.wallets[0].transfer(to, amount))));
    let traces = (0..4).map(|_| {
        sim.run_for(10_000);
        sim.trace_hash()
    });
    let traces = traces.collect();
    assert!((0..3).all(|host| height(&sim, host) >= 4));
    traces
}

fn bad_network(seed: u64) -> Settings {
    Settings {
        seed,
        loss_permille: 50,
        duplicate_permille: 50,
        reorder_permille: 50,
        skew_ms: 300,
        ..Settings::default()
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    for seed in 0..4 {
        assert_eq!(traces(bad_network(seed), 5), traces(bad_network(seed), 5), "seed {seed}");
    }
}

#[test]
fn another_seed_gives_another_trace() {
    let (one, other) = (traces(bad_network(1), 5), traces(bad_network(2), 5));
    assert!(one.iter().zip(&other).all(|(one, other)| one != other));
}

#[test]
fn what_differs_shows_in_the_trace_from_then_on() {
    let (one, other) = (traces(bad_network(3), 5), traces(bad_network(3), 6));
    assert_eq!(one[..1], other[..1]);
    assert_ne!(one[2], other[2], "the transfer of 20 s is another");
    let quick = Settings { hash_ms: 49, ..bad_network(3) };
    assert_ne!(traces(quick, 5)[0], one[0]);
}
