//! A node that joins late, under load, among peers that stall, are slow, or call at the same time.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::wire::reasons;
use common::{agreed, height, join};
use isonomy_node::Sync;
use isonomy_peer::{CloseReason, Direction, Hello, Message, PROTOCOL_VERSION, Violation};
use isonomy_sim::coin::Coin;
use isonomy_sim::wire::{frame, messages};
use isonomy_sim::{Action, Settings, Sim, check};
use isonomy_types::{Blob, Text};

/// Four hosts, of which two mine, in a ring and across, with blocks and transfers.
fn network(settings: Settings, blocks: u64) -> (Sim, Coin) {
    let coin = Coin::new(3).unwrap();
    let mut sim = Sim::new(settings, coin.spec.clone());
    for (mining, peers) in [(true, &[][..]), (false, &[0]), (true, &[0, 1]), (false, &[1, 2])] {
        join(&mut sim, &coin, mining, peers);
    }
    assert!(sim.run_until(3_600_000, |sim| height(sim, 0) >= blocks), "at {}", height(&sim, 0));
    (sim, coin)
}

/// Transfers go on, one each second for so long, handed to each host in turn.
fn load(sim: &mut Sim, coin: &mut Coin, seconds: u64) {
    let to = coin.wallets[1].address();
    for second in 0..seconds {
        let transfer = Box::new(coin.wallets[0].transfer(to, 1));
        sim.at(second * 1_000, Action::Submit((second % 4) as usize, transfer));
    }
}

/// Links an outsider to a host: it says hello, claims what no chain has, and then `more`.
fn liar(sim: &mut Sim, coin: &Coin, host: usize, nonce: u64, more: &[u8]) -> usize {
    let outsider = sim.intrude(host);
    let (version, agent) = (PROTOCOL_VERSION, Text::default());
    let hello =
        Hello { version, genesis: coin.id(), nonce, height: u64::MAX, listening: None, agent };
    sim.inject(outsider, &frame(&Message::Hello(hello)));
    sim.inject(outsider, more);
    outsider
}

#[test]
fn attack_63_a_late_joiner_catches_up_under_load_though_some_stall_and_some_drip() {
    let (mut sim, mut coin) = network(Settings { seed: 31, ..Settings::default() }, 60);
    load(&mut sim, &mut coin, 120);
    let late = join(&mut sim, &coin, false, &[0, 1, 2, 3]);
    sim.run_for(50);
    // One answers nothing; one begins a message and never ends it.
    let staller = liar(&mut sim, &coin, late, 9_001, &[]);
    let half = frame(&Message::Engine { message: Blob::truncated(vec![1; 5_000]) });
    let dripper = liar(&mut sim, &coin, late, 9_002, &half[..100]);
    let before = sim.now();
    let caught = sim.run_until(60_000, |sim| height(sim, late) + 1 >= height(sim, 0));
    assert!(caught, "{} of {}", height(&sim, late), height(&sim, 0));
    assert!(sim.now().since(before) <= 30_000, "{} ms", sim.now().since(before));
    // Both are found out in the end, and none of the honest.
    sim.run_for(150_000);
    let asked = messages(sim.outsider(staller).heard());
    assert!(asked.iter().any(|m| matches!(m, Message::GetHeaders { .. })), "it had its chance");
    assert!(!sim.outsider(staller).is_open() && !sim.outsider(dripper).is_open());
    let why = reasons(&sim, late);
    let slow = |why: &CloseReason| matches!(why, CloseReason::Violation(Violation::Slow { .. }));
    assert!(why.iter().any(slow), "{why:?}");
    assert_eq!(sim.node(late).peers().links().filter(|peer| peer.ready).count(), 4);
    sim.stop_mining();
    sim.run_for(30_000);
    assert!(agreed(&sim));
    check::all(&sim).unwrap();
}

#[test]
fn a_node_far_behind_tells_how_far() {
    let (mut sim, coin) = network(Settings { seed: 32, ..Settings::default() }, 60);
    let late = join(&mut sim, &coin, false, &[0, 1]);
    liar(&mut sim, &coin, late, 9_001, &[]);
    let seen = |sim: &Sim, what: fn(&Sync) -> bool| what(&sim.node(late).sync());
    let far = |sync: &Sync| sync.is_catching_up() && sync.target() < 10_000 && sync.behind() > 20;
    assert!(sim.run_until(60_000, |sim| seen(sim, far)), "it knows its target, and no lie");
    let headers = |sync: &Sync| sync.headers > sync.height && sync.headers >= 50;
    assert!(sim.run_until(60_000, |sim| seen(sim, headers)), "headers come first");
    assert!(sim.run_until(60_000, |sim| seen(sim, |sync| !sync.is_catching_up())));
    assert!(height(&sim, late) > 50);
    check::running(&sim).unwrap();
}

#[test]
fn of_two_calls_at_once_exactly_one_link_stays() {
    for (seed, calls) in [[(0, 1), (1, 0)], [(0, 1), (0, 1)], [(1, 0), (1, 0)]]
        .into_iter()
        .cycle()
        .take(60)
        .enumerate()
    {
        let coin = Coin::new(1).unwrap();
        let settings = Settings { seed: seed as u64, latency_ms: (1, 400), ..Settings::default() };
        let mut sim = Sim::new(settings, coin.spec.clone());
        let hosts = [join(&mut sim, &coin, false, &[]), join(&mut sim, &coin, false, &[])];
        sim.run_for(10);
        for (a, b) in calls {
            sim.connect(hosts[a], hosts[b]);
        }
        sim.run_for(20_000);
        for host in hosts {
            let links = sim.node(host).peers().links().filter(|peer| peer.ready);
            let links: Vec<Direction> = links.map(|peer| peer.direction).collect();
            assert_eq!(links.len(), 1, "seed {seed}, calls {calls:?}, host {host}: {links:?}");
        }
    }
}

#[test]
fn a_host_that_starts_anew_is_back_at_once_though_its_old_link_looks_alive() {
    let (mut sim, coin) = network(Settings { seed: 33, ..Settings::default() }, 5);
    let back = join(&mut sim, &coin, false, &[0]);
    assert!(sim.run_until(60_000, |sim| height(sim, back) >= 5));
    sim.crash(back);
    sim.revive(back);
    // Silence would show after fifty seconds that the old link is dead.
    let ready = |sim: &Sim| sim.node(back).peers().links().any(|peer| peer.ready);
    assert!(sim.run_until(10_000, ready), "{:?}", reasons(&sim, 0));
    sim.run_for(15_000);
    let to_it = sim.node(0).peers().links().filter(|peer| peer.remote == sim.host(back).key());
    assert_eq!(to_it.count(), 1);
}
