//! What a peer may say unasked.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Rig, hashes};
use isonomy_peer::{
    Config, Input, Limits, Message, Output, SKIPPED_FRAME_BYTES_MAX, UNKNOWN_KINDS_MAX, Violation,
};
use isonomy_types::{EngineMessage, Link, List};

fn frame(kind: u8, payload: usize) -> Vec<u8> {
    let mut frame = (payload as u32 + 1).to_le_bytes().to_vec();
    frame.push(kind);
    frame.resize(5 + payload, 0);
    frame
}

/// How many of `message` go through at once.
fn burst(rig: &mut Rig, link: Link, message: &Message) -> u64 {
    let mut count = 0;
    while rig.is_open(link) && count < 1_000_000 {
        rig.say(link, message);
        count += 1;
    }
    count - 1
}

#[test]
fn attack_75_a_flood_of_messages_is_a_fault() {
    let limits = Limits { messages_per_s: 100, ..Limits::default() };
    for message in [
        Message::Ping { nonce: 0 },
        Message::Announce { ids: List::default() },
        Message::NewHeaders { entries: List::default() },
        Message::Engine { message: EngineMessage::default() },
    ] {
        let mut rig = Rig::with(Config { limits: limits.clone(), ..common::config() });
        let link = rig.accepted();
        assert_eq!(burst(&mut rig, link, &message), 400, "four seconds' worth");
        let expected = Violation::TooMuch { what: "messages", got: 1, limit: 400 };
        assert_eq!(*rig.violation(link), expected);
    }
}

#[test]
fn attack_75_a_flood_in_one_piece_costs_no_more_than_its_allowance() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let flood = Message::Ping { nonce: 0 }.to_frame().repeat(100_000);
    rig.receive(link, flood);
    assert!(matches!(rig.violation(link), Violation::TooMuch { what: "messages", .. }));
    assert_eq!(rig.sent(link).len(), 4_000);
    assert_eq!(rig.outputs(), [Output::Lost { link }]);
}

#[test]
fn a_flood_of_bytes_is_a_fault() {
    let limits = Limits { bytes_per_s: 100_000, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let link = rig.accepted();
    let message = Message::Engine { message: EngineMessage::truncated(vec![0; 50_000]) };
    assert_eq!(burst(&mut rig, link, &message), 15, "eight seconds' worth");
    assert!(matches!(rig.violation(link), Violation::TooMuch { what: "bytes", .. }));
}

#[test]
fn the_rate_may_be_kept_for_ever() {
    let limits = Limits { messages_per_s: 100, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let link = rig.accepted();
    for _ in 0..10_000 {
        rig.say(link, &Message::Announce { ids: List::truncated(hashes(0..1)) });
        rig.pass(10);
        rig.forget();
    }
    assert!(rig.is_open(link));
}

#[test]
fn answers_are_not_charged() {
    let limits = Limits { messages_per_s: 0, bytes_per_s: 0, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let link = rig.dialled();
    for round in 0..100 {
        rig.call(|peers, now| peers.want(now, hashes(round..round + 1)));
        rig.call(|peers, now| peers.ask_headers(now, link, vec![]));
        for message in rig.sent(link) {
            let answer = match message {
                Message::GetBody { id } => Message::NoBody { id },
                _ => Message::Headers { entries: List::default() },
            };
            rig.say(link, &answer);
        }
    }
    assert!(rig.is_open(link));
}

#[test]
fn unknown_kinds_are_skipped_a_while_and_then_a_fault() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let unknown = |n: u64| frame(15 + (n % 241) as u8, n as usize * 100);
    for n in 0..UNKNOWN_KINDS_MAX {
        rig.receive(link, unknown(n));
    }
    rig.say(link, &Message::Ping { nonce: 5 });
    assert_eq!(rig.sent(link), [Message::Pong { nonce: 5 }], "what follows is understood");
    rig.pass(1_000);
    rig.receive(link, unknown(1));
    assert!(rig.is_open(link), "one more a second");
    rig.receive(link, unknown(2));
    let expected = Violation::UnknownKinds { got: 17, limit: UNKNOWN_KINDS_MAX };
    assert_eq!(*rig.violation(link), expected);
}

#[test]
fn an_unknown_kind_is_never_held_and_may_not_be_long() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let before = rig.peers.buffered();
    let whole = frame(200, SKIPPED_FRAME_BYTES_MAX - 1);
    rig.receive(link, whole[..whole.len() - 1].to_vec());
    assert_eq!(rig.peers.buffered(), before);
    rig.receive(link, vec![0]);
    rig.say(link, &Message::Ping { nonce: 1 });
    assert_eq!(rig.sent(link).len(), 1);
    rig.receive(link, frame(200, SKIPPED_FRAME_BYTES_MAX)[..5].to_vec());
    let (got, limit) = (SKIPPED_FRAME_BYTES_MAX + 1, SKIPPED_FRAME_BYTES_MAX);
    assert_eq!(*rig.violation(link), Violation::FrameTooLong { got, limit });
}

#[test]
fn after_a_close_nothing_of_the_link_is_heard() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let mut stream = Message::Pong { nonce: 0 }.to_frame();
    stream.extend(Message::Announce { ids: List::truncated(hashes(0..1)) }.to_frame());
    rig.receive(link, stream);
    assert_eq!(rig.outputs(), [Output::Lost { link }]);
    rig.say(link, &Message::Ping { nonce: 1 });
    rig.handle(Input::Writable { link, bytes: 100 });
    rig.handle(Input::Closed { link });
    assert!(rig.sent(link).is_empty() && rig.outputs().is_empty());
}
