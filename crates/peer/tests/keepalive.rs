//! Finding out that a peer is gone.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Rig, now};
use isonomy_peer::{Config, IDLE_MS, Input, Limits, Message, Output, PONG_MS, Violation};
use isonomy_types::Link;

fn nonce(rig: &mut Rig, link: Link) -> u64 {
    match rig.sent(link)[..] {
        [Message::Ping { nonce }] => nonce,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn a_ping_is_answered() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    rig.say(link, &Message::Ping { nonce: 9 });
    assert_eq!(rig.sent(link), [Message::Pong { nonce: 9 }]);
    assert!(rig.outputs().is_empty(), "nobody above needs to know");
}

#[test]
fn an_idle_link_is_pinged_and_a_pong_keeps_it() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    for _ in 0..5 {
        rig.pass(IDLE_MS - 1);
        assert!(rig.sent(link).is_empty());
        rig.pass(1);
        let nonce = nonce(&mut rig, link);
        rig.pass(PONG_MS - 1);
        rig.say(link, &Message::Pong { nonce });
    }
    assert!(rig.is_open(link));
}

#[test]
fn a_link_without_pong_is_closed_even_if_it_says_other_things() {
    let mut rig = Rig::new();
    let (silent, talking) = (rig.dialled(), rig.dialled());
    rig.pass(IDLE_MS);
    rig.say(talking, &Message::Ping { nonce: 1 });
    rig.pass(PONG_MS);
    for link in [silent, talking] {
        assert_eq!(*rig.violation(link), Violation::Silent { what: "pong", limit: PONG_MS });
        assert!(rig.outputs().contains(&Output::Lost { link }) || link == talking);
    }
}

#[test]
fn who_talks_is_not_pinged() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    for _ in 0..10 {
        rig.pass(IDLE_MS / 2);
        rig.say(link, &Message::Ping { nonce: 1 });
    }
    assert!(rig.sent(link).iter().all(|message| matches!(message, Message::Pong { .. })));
}

#[test]
fn dripping_bytes_is_not_life() {
    let limits = Limits { slow_ms: u64::MAX, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let link = rig.accepted();
    for byte in 9_u32.to_le_bytes() {
        rig.pass(IDLE_MS / 4);
        rig.receive(link, vec![byte]);
    }
    rig.pass(IDLE_MS / 4 + PONG_MS);
    assert_eq!(*rig.violation(link), Violation::Silent { what: "pong", limit: PONG_MS });
}

#[test]
fn a_pong_that_was_not_asked_or_not_with_this_nonce_is_a_fault() {
    let mut rig = Rig::new();
    let (unasked, wrong, twice) = (rig.dialled(), rig.dialled(), rig.dialled());
    rig.say(unasked, &Message::Pong { nonce: 0 });
    rig.pass(IDLE_MS);
    let asked = nonce(&mut rig, wrong);
    rig.say(wrong, &Message::Pong { nonce: asked ^ 1 });
    let nonce = nonce(&mut rig, twice);
    rig.say(twice, &Message::Pong { nonce });
    assert!(rig.is_open(twice));
    rig.say(twice, &Message::Pong { nonce });
    for link in [unasked, wrong, twice] {
        assert_eq!(*rig.violation(link), Violation::Unrequested("pong"));
        assert!(rig.violation(link).is_misbehaviour());
    }
}

#[test]
fn attack_69_the_end_of_time_does_not_overflow_or_hang() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    rig.call(|peers, now| peers.want(now, common::hashes(0..3)));
    rig.now = now(u64::MAX);
    for _ in 0..10 {
        rig.handle(Input::Tick);
    }
    assert!(!rig.is_open(link));
    let late = rig.open(isonomy_peer::Direction::Inbound);
    rig.handle(Input::Tick);
    assert!(!rig.is_open(late), "no time is left for a hello");
}

#[test]
fn a_clock_that_goes_back_is_not_believed() {
    let mut rig = Rig::new();
    let before = rig.now.mono;
    rig.now = now(before.0 - 500);
    let link = rig.dialled();
    assert_eq!(rig.peers.info(link).unwrap().since, before);
    assert_eq!(rig.peers.deadline(), Some(before.plus(IDLE_MS)));
}
