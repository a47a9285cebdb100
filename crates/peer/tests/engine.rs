//! What engines say to each other.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Rig, hash, now};
use isonomy_peer::{Message, Output, RELAY_MS_MAX, RELAYED_MAX};
use isonomy_types::{EngineMessage, Link, Mono};

fn message(n: u64) -> EngineMessage {
    EngineMessage::truncated(n.to_le_bytes().to_vec())
}

fn relay(rig: &mut Rig, key: u64, expires: u64) {
    rig.call(|peers, now| peers.relay(now, hash(key), Mono(expires), message(key)));
}

fn heard(rig: &mut Rig, link: Link) -> usize {
    let sent = rig.sent(link);
    sent.iter().filter(|message| matches!(message, Message::Engine { .. })).count()
}

#[test]
fn a_message_goes_up_and_one_goes_to_one() {
    let mut rig = Rig::new();
    let (a, b) = (rig.accepted(), rig.dialled());
    let waiting = rig.open(isonomy_peer::Direction::Inbound);
    rig.forget();
    rig.say(a, &Message::Engine { message: message(1) });
    assert_eq!(rig.outputs(), [Output::Engine { link: a, message: message(1) }]);
    for link in [b, waiting, Link(99)] {
        rig.call(|peers, _| peers.send(link, message(2)));
    }
    assert_eq!((heard(&mut rig, a), heard(&mut rig, b), heard(&mut rig, waiting)), (0, 1, 0));
}

#[test]
fn a_key_is_relayed_to_all_once_until_it_expires() {
    let mut rig = Rig::new();
    let links = [rig.accepted(), rig.dialled()];
    let waiting = rig.open(isonomy_peer::Direction::Inbound);
    rig.forget();
    let expires = rig.now.mono.0 + 1_000;
    for _ in 0..3 {
        relay(&mut rig, 1, expires);
    }
    relay(&mut rig, 2, expires);
    assert_eq!(links.map(|link| heard(&mut rig, link)), [2, 2]);
    assert_eq!(heard(&mut rig, waiting), 0);
    rig.pass(1_000);
    relay(&mut rig, 1, expires);
    assert_eq!(links.map(|link| heard(&mut rig, link)), [0, 0], "what expired is not sent");
    relay(&mut rig, 1, expires + 1_000);
    assert_eq!(links.map(|link| heard(&mut rig, link)), [1, 1], "forgotten, so it is new");
}

#[test]
fn attack_69_a_key_without_end_is_forgotten_all_the_same() {
    let mut rig = Rig::new();
    rig.accepted();
    let before = rig.peers.buffered();
    relay(&mut rig, 1, u64::MAX);
    assert!(rig.peers.buffered() > before);
    rig.now = now(rig.now.mono.0 + RELAY_MS_MAX);
    relay(&mut rig, 2, 0);
    assert!(rig.peers.buffered() <= before);
    rig.now = now(u64::MAX);
    relay(&mut rig, 3, u64::MAX);
    relay(&mut rig, 3, u64::MAX);
}

#[test]
fn attack_60_keys_are_bounded_and_the_first_to_expire_goes_first() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let start = rig.now.mono.0 + 1;
    for key in 0..RELAYED_MAX as u64 + 10 {
        relay(&mut rig, key, start + key);
    }
    heard(&mut rig, link);
    let full = rig.peers.buffered();
    relay(&mut rig, 20, start + 20);
    assert_eq!(heard(&mut rig, link), 0, "still known");
    relay(&mut rig, 5, start + RELAYED_MAX as u64 * 2);
    assert_eq!(heard(&mut rig, link), 1, "had gone");
    assert_eq!(rig.peers.buffered(), full);
}
