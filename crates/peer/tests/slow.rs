//! Readers and senders that hold memory or a place for too long.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Rig, hash};
use isonomy_peer::{BodyBytes, Config, Direction, Input, Limits, Message, Violation};
use isonomy_types::{EngineMessage, Link, Mono};

const SLOW_MS: u64 = 10_000;
const LEAST: u64 = 1_000;

fn rig() -> Rig {
    let limits = Limits { slow_ms: SLOW_MS, least_bytes_per_s: LEAST, ..Limits::default() };
    Rig::with(Config { limits, ..common::config() })
}

/// A link for which a body of so many bytes waits, and that has taken nothing of it.
fn owed(rig: &mut Rig, bytes: usize) -> Link {
    let link = rig.open_without_credit(Direction::Inbound);
    rig.say(link, &Message::GetBody { id: hash(1) });
    let body = BodyBytes::truncated(vec![1; bytes]);
    rig.call(|peers, _| peers.answer_body(link, hash(1), body));
    link
}

fn slow(rig: &Rig, link: Link, role: &str) -> Option<u64> {
    match rig.closed(link)? {
        isonomy_peer::CloseReason::Violation(Violation::Slow { what, got, limit }) => {
            assert_eq!((*what, *limit), (role, LEAST));
            Some(*got)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn attack_60_a_reader_is_closed_unless_it_keeps_up_the_least_speed() {
    // (what, bytes taken each second, whether it stays, how fast it was)
    let table = [
        ("takes nothing", 0, false, 0),
        ("a byte now and then", 1, false, 1),
        ("just too little", LEAST as usize - 10, false, 990),
        ("just enough", LEAST as usize + 10, true, 0),
        ("quick", 50_000, true, 0),
    ];
    for (what, taken, stays, got) in table {
        let mut rig = rig();
        let link = owed(&mut rig, 100_000);
        for _ in 0..3 * SLOW_MS / 1_000 {
            rig.handle(Input::Writable { link, bytes: taken });
            rig.pass(1_000);
        }
        assert_eq!(rig.is_open(link), stays, "{what}");
        assert_eq!(slow(&rig, link, "reader").unwrap_or(0), got, "{what}");
    }
}

#[test]
fn who_takes_all_that_waits_is_never_slow() {
    let mut rig = rig();
    let link = rig.open_without_credit(Direction::Inbound);
    for round in 0..100 {
        rig.call(|peers, now| {
            let message = EngineMessage::truncated(vec![1; 20]);
            peers.relay(now, hash(round), Mono(u64::MAX), message);
        });
        rig.pass(SLOW_MS - 1);
        rig.handle(Input::Writable { link, bytes: 100 });
        rig.say(link, &Message::Announce { ids: isonomy_types::List::default() });
    }
    assert!(rig.is_open(link), "{:?}", rig.closed(link));
}

#[test]
fn a_slow_reader_gives_its_memory_back_in_bounded_time() {
    let mut rig = rig();
    let links: Vec<_> = (0..10).map(|_| owed(&mut rig, 4_000_000)).collect();
    assert!(rig.peers.buffered() > 40_000_000);
    rig.pass(SLOW_MS);
    assert!(links.iter().all(|link| !rig.is_open(*link)));
    assert!(rig.peers.buffered() < 100_000);
}

/// Sends a frame of 60 000 bytes in pieces, one each second. Whether it came through.
fn send(rig: &mut Rig, link: Link, piece: usize) -> bool {
    let message = Message::Engine { message: EngineMessage::truncated(vec![3; 60_000]) };
    for part in message.to_frame().chunks(piece) {
        rig.receive(link, part.to_vec());
        rig.pass(1_000);
    }
    rig.is_open(link)
}

#[test]
fn a_sender_is_closed_unless_its_frame_ends_in_time() {
    // 15 seconds for 60 000 bytes at the least speed, and 5 seconds of grace.
    let limits = Limits { slow_ms: 5_000, least_bytes_per_s: 4_000, ..Limits::default() };
    for (piece, comes) in [(1_000, false), (2_600, false), (3_200, true), (60_000, true)] {
        let mut rig = Rig::with(Config { limits: limits.clone(), ..common::config() });
        let link = rig.accepted();
        assert_eq!(send(&mut rig, link, piece), comes, "{piece} bytes a second");
        if !comes {
            let Violation::Slow { what: "sender", got, limit: 4_000 } = *rig.violation(link) else {
                panic!("{:?}", rig.closed(link))
            };
            assert!(got <= 4_000, "{got}");
            assert!(!rig.violation(link).is_misbehaviour(), "a bad line does that too");
        }
    }
}

#[test]
fn half_a_head_does_not_keep_a_place() {
    let mut rig = rig();
    let link = rig.accepted();
    rig.receive(link, vec![9, 0]);
    rig.pass(SLOW_MS - 1);
    assert!(rig.is_open(link));
    rig.pass(1);
    assert_eq!(slow(&rig, link, "sender"), Some(0));
}

#[test]
fn between_frames_a_link_may_be_as_slow_as_it_likes() {
    let mut rig = rig();
    let link = rig.accepted();
    for _ in 0..50 {
        let frame = Message::Announce { ids: isonomy_types::List::default() }.to_frame();
        let (head, rest) = frame.split_at(3);
        rig.receive(link, head.to_vec());
        rig.pass(SLOW_MS / 2);
        rig.receive(link, rest.to_vec());
        rig.pass(SLOW_MS / 2);
        rig.forget();
    }
    assert!(rig.is_open(link), "{:?}", rig.closed(link));
}

#[test]
fn attack_69_greatest_limits_and_times_do_not_overflow() {
    let limits = Limits {
        slow_ms: u64::MAX,
        handshake_ms: u64::MAX,
        least_bytes_per_s: u64::MAX,
        bytes_per_s: u64::MAX,
        messages_per_s: u64::MAX,
        answers_per_s: u64::MAX,
        link_bytes: usize::MAX,
        bytes: usize::MAX,
        links: usize::MAX,
        inbound: usize::MAX,
    };
    let mut rig = Rig::with(Config { limits: limits.clone(), ..common::config() });
    let link = owed(&mut rig, 1_000_000);
    rig.receive(link, vec![200, 0]);
    rig.now = common::now(u64::MAX);
    rig.handle(Input::Tick);
    assert_eq!(limits.buffered_bytes_max(), usize::MAX);
    let none = Limits { link_bytes: 0, bytes: 0, slow_ms: 0, least_bytes_per_s: 0, ..limits };
    let mut rig = Rig::with(Config { limits: none, ..common::config() });
    rig.open(Direction::Inbound);
    rig.pass(1_000);
}

#[test]
fn limits_that_make_no_sense_are_named_with_what_would() {
    let good = Limits::default();
    assert_eq!(good.check(), Ok(()));
    let table: [(&str, Limits); 5] = [
        ("links = 0, expected 1 to 4096", Limits { links: 0, ..good.clone() }),
        ("inbound = 129, expected 0 to 128", Limits { inbound: 129, ..good.clone() }),
        ("slow_ms = 5, expected 1000 to 86400000", Limits { slow_ms: 5, ..good.clone() }),
        ("handshake_ms = 0, expected 100 to 86400000", Limits { handshake_ms: 0, ..good.clone() }),
        (
            "messages_per_s = 1, expected 10 to 1048576",
            Limits { messages_per_s: 1, ..good.clone() },
        ),
    ];
    for (expected, limits) in table {
        assert_eq!(limits.check().unwrap_err().to_string(), expected);
    }
    for (limits, key) in [
        (Limits { link_bytes: 1 << 20, ..good.clone() }, "link_bytes"),
        (Limits { bytes: 1 << 20, ..good.clone() }, "bytes"),
    ] {
        assert_eq!(limits.check().unwrap_err().key, key);
    }
}
