//! Transactions whose only holder could not tell a miner when they came.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;

use common::{height, join, owns};
use isonomy_sim::coin::{Coin, FUNDS};
use isonomy_sim::{Settings, Sim};

#[test]
fn what_was_submitted_alone_is_confirmed_once_a_miner_is_met() {
    let mut coin = Coin::new(2).unwrap();
    let to = coin.wallets[1].address();
    let mut sim = Sim::new(Settings::default(), coin.spec.clone());
    let miner = join(&mut sim, &coin, true, &[]);
    let user = join(&mut sim, &coin, false, &[]);
    sim.submit(user, coin.wallets[0].transfer(to, 5));
    sim.run_for(5_000);
    sim.connect(user, miner);
    sim.run_for(60_000);
    assert_eq!(owns(&sim, &coin, user, to), FUNDS.0 + 5);
}

#[test]
fn what_a_lost_branch_confirmed_is_confirmed_again() {
    let mut coin = Coin::new(2).unwrap();
    let to = coin.wallets[1].address();
    let mut sim = Sim::new(Settings::default(), coin.spec.clone());
    let lost = join(&mut sim, &coin, true, &[]);
    let user = join(&mut sim, &coin, false, &[lost]);
    let other = join(&mut sim, &coin, true, &[user]);
    sim.run_for(5_000);
    sim.split(&[vec![lost, user], vec![other]]);
    sim.submit(user, coin.wallets[0].transfer(to, 5));
    assert!(sim.run_until(60_000, |sim| owns(sim, &coin, user, to) > FUNDS.0));
    let tall = height(&sim, user) + 4;
    sim.crash(lost);
    assert!(sim.run_until(120_000, |sim| height(sim, other) > tall));
    sim.heal();
    assert!(sim.run_until(120_000, |sim| height(sim, user) > tall));
    sim.run_for(60_000);
    assert_eq!(owns(&sim, &coin, other, to), FUNDS.0 + 5);
}
