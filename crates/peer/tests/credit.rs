//! What is sent, in what order, and how much of it.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Rig, hash, messages, now};
use isonomy_peer::{
    BodyBytes, Config, Direction, Input, Limits, Message, Output, Peers, Violation,
};
use isonomy_types::{EngineMessage, Link, Mono, NodeKey};
use proptest::prelude::*;

fn backlog() -> usize {
    Limits::default().backlog_bytes()
}

fn engine(size: usize, fill: u8) -> EngineMessage {
    EngineMessage::truncated(vec![fill; size])
}

fn open(peers: &mut Peers, link: Link) {
    let (direction, remote) = (Direction::Inbound, NodeKey([link.0 as u8; 32]));
    peers.handle(now(0), Input::Opened { link, direction, remote, address: None });
    let bytes = Message::Hello(common::hello(link.0)).to_frame();
    peers.handle(now(0), Input::Received { link, bytes });
}

fn sent(peers: &mut Peers) -> Vec<u8> {
    let mut stream = Vec::new();
    while let Some(output) = peers.poll() {
        if let Output::Send { bytes, .. } = output {
            assert!(!bytes.is_empty());
            stream.extend(bytes);
        }
    }
    stream
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_is_sent_beyond_credit_and_the_order_is_kept(
        steps in prop::collection::vec((0_usize..3_000, 0_usize..3_000), 1..40),
    ) {
        let mut peers = Peers::new(now(0), common::config());
        let link = Link(1);
        open(&mut peers, link);
        let (mut credit, mut stream, mut said) = (0, Vec::new(), Vec::new());
        for (index, (size, more)) in steps.into_iter().enumerate() {
            let message = engine(size, index as u8);
            said.push(Message::Engine { message: message.clone() });
            peers.send(link, message);
            peers.handle(now(0), Input::Writable { link, bytes: more });
            credit += more;
            let piece = sent(&mut peers);
            stream.extend(piece);
            prop_assert!(stream.len() <= credit);
            let info = peers.info(link).unwrap();
            prop_assert_eq!(info.bytes_out, stream.len() as u64);
        }
        peers.handle(now(0), Input::Writable { link, bytes: common::CREDIT });
        stream.extend(sent(&mut peers));
        let all = messages(&stream);
        prop_assert_eq!(&all[1..], &said[..], "after our hello");
    }
}

#[test]
fn credit_is_used_to_the_last_byte() {
    let mut peers = Peers::new(now(0), common::config());
    let link = Link(1);
    open(&mut peers, link);
    peers.send(link, engine(50_000, 1));
    for _ in 0..100 {
        peers.handle(now(0), Input::Writable { link, bytes: 7 });
        assert_eq!(sent(&mut peers).len(), 7);
    }
}

#[test]
fn a_slow_reader_is_closed_at_the_bound_and_others_are_not() {
    let mut rig = Rig::new();
    let slow = rig.open_without_credit(Direction::Inbound);
    let reads = rig.accepted();
    let (mut count, size) = (0, 65_536);
    while rig.is_open(slow) {
        assert!(rig.peers.buffered() <= backlog() + 100_000);
        count += 1;
        let key = hash(count);
        rig.call(|peers, now| peers.relay(now, key, Mono(u64::MAX), engine(size, 1)));
    }
    let Violation::SlowReader { got, limit } = rig.violation(slow) else { panic!() };
    assert!(*got > *limit && *limit == backlog());
    assert_eq!(count as usize, backlog() / (size + 9 + 64) + 1);
    assert!(rig.is_open(reads));
    assert_eq!(rig.sent(reads).len(), count as usize);
    assert!(rig.peers.buffered() < 100_000, "its backlog went with it");
}

#[test]
fn tiny_messages_cannot_outgrow_the_bound() {
    let limits = Limits { slow_ms: u64::MAX, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let slow = rig.open_without_credit(Direction::Inbound);
    let mut pings = 0;
    while rig.is_open(slow) {
        pings += 1;
        rig.say(slow, &Message::Ping { nonce: 1 });
        rig.pass(2);
    }
    assert!(matches!(rig.violation(slow), Violation::SlowReader { .. }));
    assert_eq!(pings, backlog() / (4 + 9 + 64) + 1, "each counts with what it costs");
}

#[test]
fn a_large_body_leaves_in_pieces_and_is_charged_until_it_has_left() {
    let mut rig = Rig::new();
    let link = rig.open_without_credit(Direction::Inbound);
    let empty = rig.peers.buffered();
    rig.say(link, &Message::GetBody { id: hash(1) });
    let body = BodyBytes::truncated((0..4_000_000_u32).map(|n| n as u8).collect());
    rig.call(|peers, _| peers.answer_body(link, hash(1), body.clone()));
    for _ in 0..4_000 {
        assert!(rig.peers.buffered() >= empty + 4_000_000);
        rig.handle(Input::Writable { link, bytes: 1_000 });
    }
    rig.handle(Input::Writable { link, bytes: 1_000 });
    assert_eq!(rig.peers.buffered(), empty);
    assert_eq!(rig.sent(link), [Message::Body { id: hash(1), bytes: body }]);
}
