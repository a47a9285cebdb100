//! Raw links that follow no protocol: the node hangs up, says why, and goes on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod common;

use common::wire::{befriend, reasons};
use common::{height, join};
use isonomy_chain::Tip;
use isonomy_consensus as consensus;
use isonomy_crypto::Hash;
use isonomy_peer::{CloseReason, Message, PROTOCOL_VERSION, Violation};
use isonomy_sim::coin::Coin;
use isonomy_sim::wire::{frame, framed, hello, messages};
use isonomy_sim::{Dice, Settings, Sim, check};
use isonomy_types::{Blob, Encode, Entry, Header, List, Wall};

/// The host under attack, an honest one that mines, and the chain.
fn pair(seed: u64) -> (Sim, Coin) {
    let coin = Coin::new(2).unwrap();
    let mut sim = Sim::new(Settings { seed, ..Settings::default() }, coin.spec.clone());
    let victim = join(&mut sim, &coin, false, &[]);
    join(&mut sim, &coin, true, &[victim]);
    assert!(sim.run_until(60_000, |sim| height(sim, victim) >= 2));
    (sim, coin)
}

/// The node follows its honest peer still.
fn assert_goes_on(sim: &mut Sim) {
    let before = height(sim, 0);
    assert!(sim.run_until(60_000, |sim| height(sim, 0) >= before + 2), "stuck at {before}");
    check::running(sim).unwrap();
    check::blameless(sim).unwrap();
    assert_eq!(sim.node(0).peers().links().filter(|peer| peer.ready).count(), 1);
}

/// Says `bytes` on a new link, before or after shaking hands, and waits until the host hangs up.
fn provoke(sim: &mut Sim, coin: &Coin, ready: bool, bytes: &[u8]) -> Violation {
    let outsider = if ready { befriend(sim, coin.id(), 0) } else { sim.intrude(0) };
    let before = reasons(sim, 0).len();
    sim.inject(outsider, bytes);
    let closed = sim.run_until(120_000, |sim| !sim.outsider(outsider).is_open());
    assert!(closed, "still open after {bytes:?}");
    let mut reasons = reasons(sim, 0)[before..].to_vec();
    // A host that was told of its own address dials it, and notices.
    reasons.retain(|reason| *reason != CloseReason::Violation(Violation::SelfConnection));
    match &reasons[..] {
        [CloseReason::Violation(violation)] => violation.clone(),
        other => panic!("{other:?} after {bytes:?}"),
    }
}

#[test]
fn every_broken_frame_is_answered_with_the_rule_it_breaks() {
    let (mut sim, coin) = pair(1);
    let hi = frame(&hello(coin.id(), 5));
    let ping = frame(&Message::Ping { nonce: 1 });
    let other_version =
        framed(&[&[0][..], &(PROTOCOL_VERSION + 1).to_le_bytes(), &[9; 40]].concat());
    let bad_count = framed(&[&[9][..], &u32::MAX.to_le_bytes(), &[1; 64]].concat());
    // (what, hands shaken before, bytes, how the reason begins)
    let table: [(&str, bool, &[u8], &str); 15] = [
        ("an empty frame", false, &[0, 0, 0, 0, 0], "malformed"),
        ("the greatest length", false, &[255; 5], "frame too long: 4294967295"),
        ("a long hello", false, &[0, 4, 0, 0, 0], "frame too long: 1024"),
        ("a body before hello", false, &[0, 0, 1, 0, 7], "frame too long"),
        ("silence", false, &[], "silent: no hello"),
        ("half a hello", false, &hi[..20], "silent: no hello"),
        ("a ping before hello", false, &ping, "out of turn"),
        ("another chain", false, &frame(&hello(Hash::ZERO, 5)), "other chain"),
        ("another version", false, &other_version, "other version"),
        ("hello again", true, &hi, "out of turn"),
        ("half a ping", true, &ping[..8], "slow sender: 0 bytes a second"),
        ("a long ping", true, &framed(&[1; 12]), "frame too long: 12"),
        ("a short ping", true, &framed(&[1; 4]), "malformed"),
        ("a count beyond the end", true, &bad_count, "malformed"),
        ("a pong nobody asked for", true, &frame(&Message::Pong { nonce: 3 }), "unrequested: pong"),
    ];
    for (what, ready, bytes, rule) in table {
        let got = provoke(&mut sim, &coin, ready, bytes).to_string();
        assert!(got.starts_with(rule), "{what}: {got}");
    }
    assert_goes_on(&mut sim);
}

#[test]
fn answers_that_nobody_asked_for_are_refused() {
    let (mut sim, coin) = pair(2);
    let id = coin.id();
    let entry =
        Entry { header: coin.spec.genesis.tip.header.clone(), authority: None, certificate: None };
    let answers = [
        Message::Headers { entries: List::truncated(vec![entry; 3]) },
        Message::Body { id, bytes: Blob::truncated(vec![0; 4]) },
        Message::NoBody { id },
        Message::Transactions { items: List::truncated(vec![(id, Blob::truncated(vec![1; 50]))]) },
        Message::Addresses { addresses: List::truncated(vec![Sim::address_of(9)]) },
    ];
    for answer in answers {
        let outsider = befriend(&mut sim, id, 0);
        // What the host asks on its own is answered honestly, so that nothing is outstanding.
        sim.inject(outsider, &frame(&Message::Headers { entries: List::default() }));
        sim.inject(outsider, &frame(&Message::Addresses { addresses: List::default() }));
        sim.run_for(1_000);
        let before = reasons(&sim, 0).len();
        sim.inject(outsider, &frame(&answer));
        assert!(sim.run_until(5_000, |sim| !sim.outsider(outsider).is_open()), "{answer:?}");
        let got = reasons(&sim, 0)[before].to_string();
        assert!(got.starts_with("unrequested"), "{answer:?}: {got}");
    }
    assert_goes_on(&mut sim);
}

/// A child of genesis of this height, sealed with these bytes.
fn child(coin: &Coin, height: u64, seal: Vec<u8>) -> Header {
    let parent = &coin.spec.genesis.tip.header;
    let (time, seal) = (Wall(parent.time.0 + 1), Blob::truncated(seal));
    Header { parent: parent.id(), height, time, seal, ..parent.clone() }
}

/// A seal of the right length that took no work: of a few tries, the first that fails.
fn idle(coin: &Coin, height: u64) -> Header {
    let Tip { trail, authority, .. } = &coin.spec.genesis.tip;
    let mut tries = (0..9).map(|byte| child(coin, height, vec![byte; 16]));
    tries
        .find(|header| consensus::check(&*coin.spec.rules, trail, authority, header).is_err())
        .unwrap()
}

#[test]
fn headers_without_work_are_the_senders_fault() {
    let (mut sim, coin) = pair(3);
    for (header, rule) in [
        (idle(&coin, 1), "content: header: seal: work"),
        (child(&coin, 1, vec![0; 15]), "content: header: seal: 15 bytes"),
        (idle(&coin, 2), "content: header: height"),
    ] {
        let entry = Entry { header: header.clone(), authority: None, certificate: None };
        let news = Message::NewHeaders { entries: List::truncated(vec![entry]) };
        let got = provoke(&mut sim, &coin, true, &frame(&news)).to_string();
        assert!(got.starts_with(rule), "{rule}: {got}");
        assert!(sim.node(0).chain().trail(&header.id()).is_none(), "an invalid seal is not kept");
    }
    assert_goes_on(&mut sim);
}

#[test]
fn a_transaction_that_breaks_a_rule_is_the_senders_fault() {
    let (mut sim, mut coin) = pair(4);
    let to = coin.wallets[1].address();
    let mut good = coin.wallets[0].transfer(to, 1).encode();
    let last = good.len() - 1;
    good[last] ^= 1;
    let id = Hash::from_bytes([3; 32]);
    let outsider = befriend(&mut sim, coin.id(), 0);
    sim.inject(outsider, &frame(&Message::Announce { ids: List::truncated(vec![id]) }));
    sim.run_for(1_000);
    let asked = messages(sim.outsider(outsider).heard());
    assert!(asked.contains(&Message::GetTransactions { ids: List::truncated(vec![id]) }));
    let items = List::truncated(vec![(id, Blob::truncated(good))]);
    sim.inject(outsider, &frame(&Message::Transactions { items }));
    assert!(sim.run_until(5_000, |sim| !sim.outsider(outsider).is_open()));
    let got = reasons(&sim, 0).last().unwrap().to_string();
    assert!(got.starts_with("content: transaction"), "{got}");
    assert_goes_on(&mut sim);
}

#[test]
fn random_bytes_close_their_link_and_nothing_else() {
    let (mut sim, coin) = pair(5);
    let mut dice = Dice::new(5, "random bytes");
    for round in 0..40 {
        let bytes: Vec<u8> = (0..dice.between(1, 40)).flat_map(|_| dice.bytes()).collect();
        let violation = provoke(&mut sim, &coin, round % 2 == 0, &bytes);
        assert!(!violation.to_string().is_empty());
    }
    assert_eq!(sim.node(0).peers().links().count(), 1, "the honest one is left");
    assert_goes_on(&mut sim);
}

#[test]
fn changed_bits_in_real_messages_stop_nothing() {
    let (mut sim, coin) = pair(6);
    let (mut dice, mut closed) = (Dice::new(6, "changed bits"), 0);
    let id = coin.id();
    let entry =
        Entry { header: coin.spec.genesis.tip.header.clone(), authority: None, certificate: None };
    let real = [
        Message::Ping { nonce: 4 },
        Message::GetHeaders { locator: List::truncated(vec![id; 3]) },
        Message::NewHeaders { entries: List::truncated(vec![entry]) },
        Message::GetBody { id },
        Message::Announce { ids: List::truncated(vec![id; 5]) },
        Message::GetTransactions { ids: List::truncated(vec![id]) },
        Message::GetAddresses,
        Message::Engine { message: Blob::truncated(vec![7; 9]) },
    ];
    for _ in 0..60 {
        let outsider = befriend(&mut sim, id, 0);
        for _ in 0..4 {
            let mut bytes = frame(dice.pick(&real).unwrap());
            let place = dice.between(0, bytes.len() as u64 - 1) as usize;
            bytes[place] ^= 1 << dice.between(0, 7);
            sim.inject(outsider, &bytes);
        }
        sim.run_for(500);
        closed += usize::from(!sim.outsider(outsider).is_open());
    }
    assert!(closed >= 20, "only {closed} of 60 broke a rule");
    let named = reasons(&sim, 0).iter().all(|why| matches!(why, CloseReason::Violation(_)));
    assert!(named, "{:?}", reasons(&sim, 0));
    sim.run_for(60_000);
    assert_goes_on(&mut sim);
}
