//! Invariant 15 from outside: who announces and never sends holds up nobody for long.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::join;
use common::wire::befriend;
use isonomy_peer::{Message, TRANSACTION_PATIENCE_MS_MAX};
use isonomy_sim::coin::Coin;
use isonomy_sim::wire::frame;
use isonomy_sim::{Settings, Sim, check};
use isonomy_types::List;

const STALLERS: u64 = 12;

/// Milliseconds until a transfer got from the host that was asked to the one under attack.
fn delay(seed: u64, stallers: u64) -> u64 {
    let mut coin = Coin::new(2).unwrap();
    let mut sim = Sim::new(Settings { seed, ..Settings::default() }, coin.spec.clone());
    let victim = join(&mut sim, &coin, false, &[]);
    // The honest peer calls, as the stallers do: nothing tells them apart.
    let honest = join(&mut sim, &coin, false, &[victim]);
    sim.run_for(2_000);
    let to = coin.wallets[1].address();
    let transfer = coin.wallets[0].transfer(to, 5);
    let id = transfer.intent().id();
    let news = frame(&Message::Announce { ids: List::truncated(vec![id]) });
    for _ in 0..stallers {
        let staller = befriend(&mut sim, coin.id(), victim);
        sim.inject(staller, &news);
    }
    sim.submit(honest, transfer);
    let since = sim.now();
    assert!(sim.run_until(60_000, |sim| sim.node(victim).pool().contains(&id)), "censored");
    let delay = sim.now().since(since);
    sim.run_for(120_000);
    check::alone(&sim).unwrap();
    check::blameless(&sim).unwrap();
    check::answered(&sim).unwrap();
    delay
}

#[test]
fn attack_63_announcing_what_is_never_sent() {
    for seed in 0..6 {
        let (free, stalled) = (delay(seed, 0), delay(seed, STALLERS));
        let bound = free + (STALLERS + 1) * TRANSACTION_PATIENCE_MS_MAX;
        assert!(stalled <= bound, "{stalled} ms instead of {free}, at most {bound}");
    }
}
