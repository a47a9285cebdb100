//! Who is let in.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use Direction::{Inbound, Outbound};
use common::{GENESIS, NONCE, Rig, hash, hello};
use isonomy_peer::{
    CloseReason, Config, Direction, Hello, Input, Limits, Message, NetAddress, Output,
    PROTOCOL_VERSION, TWICE_MS, Violation,
};
use isonomy_types::{Link, NodeKey};

#[test]
fn both_say_hello_at_once_and_the_right_answer_makes_a_link_ready() {
    let mut rig = Rig::new();
    rig.peers.set_height(77);
    for direction in [Inbound, Outbound] {
        let link = rig.open(direction);
        let [Message::Hello(ours)] = &rig.sent(link)[..] else { panic!("one hello") };
        assert_eq!((ours.version, ours.genesis), (PROTOCOL_VERSION, GENESIS));
        assert_eq!((ours.nonce, ours.height, ours.listening), (NONCE, 77, Some(4_000)));
        assert!(ours.agent.starts_with("isonomy/"));
        assert!(rig.outputs().is_empty());
        rig.say(link, &Message::Hello(hello(5)));
        let remote = NodeKey(hash(link.0).to_bytes());
        let ready = Output::Ready { link, remote, direction, height: 5 };
        assert_eq!(rig.outputs(), [ready]);
        assert!(rig.sent(link).is_empty());
    }
}

#[test]
fn an_accepted_links_address_is_where_it_comes_from_at_the_port_it_listens_on() {
    let mut rig = Rig::new();
    let table = [
        (Inbound, Some(9), Some(9)),
        (Inbound, Some(0), None),
        (Inbound, None, None),
        (Outbound, Some(9), Some(50_000)),
        (Outbound, None, Some(50_000)),
    ];
    for (direction, listening, port) in table {
        let link = rig.open(direction);
        rig.say(link, &Message::Hello(Hello { listening, ..hello(5) }));
        let expected = port.map(|port| NetAddress::V4([10, 0, 0, link.0 as u8], port));
        assert_eq!(rig.peers.info(link).unwrap().address, expected);
    }
}

#[test]
fn a_hello_that_does_not_fit_names_the_rule() {
    let other = hash(1);
    let table: [(Hello, Violation); 3] = [
        (
            Hello { version: 9, ..hello(5) },
            Violation::OtherVersion { got: 9, limit: PROTOCOL_VERSION },
        ),
        (
            Hello { genesis: other, ..hello(5) },
            Violation::OtherChain { got: other, limit: GENESIS },
        ),
        (hello(NONCE), Violation::SelfConnection),
    ];
    for (hello, expected) in table {
        let mut rig = Rig::new();
        let link = rig.open(Inbound);
        rig.say(link, &Message::Hello(hello));
        assert_eq!(*rig.violation(link), expected);
        assert!(!expected.is_misbehaviour());
        assert!(rig.outputs().is_empty(), "never ready, so never lost");
    }
}

#[test]
fn another_versions_hello_may_look_otherwise() {
    let mut rig = Rig::new();
    let link = rig.open(Inbound);
    rig.receive(link, vec![5, 0, 0, 0, 0, 9, 0, 1, 1]);
    let expected = Violation::OtherVersion { got: 9, limit: PROTOCOL_VERSION };
    assert_eq!(*rig.violation(link), expected);
}

#[test]
fn nothing_may_come_before_hello_nor_hello_twice() {
    for message in common::samples::messages().iter().skip(1) {
        let mut rig = Rig::new();
        let link = rig.open(Outbound);
        rig.say(link, message);
        // Judged by the first byte that tells: the length, or else the kind.
        let early = matches!(
            rig.violation(link),
            Violation::OutOfTurn("a message before hello") | Violation::FrameTooLong { .. }
        );
        assert!(early, "{message:?}");
    }
    let mut rig = Rig::new();
    let link = rig.dialled();
    rig.say(link, &Message::Hello(hello(link.0)));
    assert_eq!(*rig.violation(link), Violation::OutOfTurn("a second hello"));
    assert_eq!(rig.outputs(), [Output::Lost { link }]);
}

#[test]
fn who_says_nothing_is_dropped_after_its_time() {
    let mut rig = Rig::new();
    let (silent, half) = (rig.open(Inbound), rig.open(Inbound));
    let frame = Message::Hello(hello(5)).to_frame();
    rig.receive(half, frame[..frame.len() - 1].to_vec());
    rig.pass(common::config().limits.handshake_ms - 1);
    assert!(rig.is_open(silent) && rig.is_open(half));
    rig.pass(1);
    for link in [silent, half] {
        let expected =
            Violation::Silent { what: "hello", limit: common::config().limits.handshake_ms };
        assert_eq!(*rig.violation(link), expected);
    }
    assert_eq!(rig.peers.deadline(), None);
}

/// Two links to one node, whose hellos come in this order.
fn two(directions: [Direction; 2], nonces: [u64; 2]) -> (Rig, [Link; 2]) {
    let mut rig = Rig::new();
    let links = [Link(1), Link(2)];
    for (index, link) in links.into_iter().enumerate() {
        rig.open_as(link, directions[index], 42);
        rig.say(link, &Message::Hello(hello(nonces[index])));
    }
    (rig, links)
}

#[test]
fn of_two_links_that_one_end_dialled_the_older_stays_at_the_end_that_was_dialled() {
    let (mut rig, [older, newer]) = two([Inbound; 2], [5; 2]);
    assert_eq!(*rig.violation(newer), Violation::Duplicate);
    assert!(rig.is_open(older));
    let another = rig.open_as(Link(3), Inbound, 43);
    rig.say(another, &Message::Hello(hello(6)));
    assert!(rig.is_open(another));
}

#[test]
fn the_dialler_leaves_the_choice_to_the_other_and_then_decides() {
    for closes in [None, Some(0), Some(1)] {
        let (mut rig, links) = two([Outbound; 2], [5; 2]);
        assert!(links.iter().all(|link| rig.is_open(*link)), "either may be the one that stays");
        if let Some(index) = closes {
            rig.handle(Input::Closed { link: links[index] });
        }
        rig.pass(TWICE_MS);
        let left: Vec<_> = rig.peers.links().map(|info| info.link).collect();
        let stays = links[usize::from(closes == Some(0))];
        assert_eq!(left, [stays], "the other end closed {closes:?}");
    }
}

#[test]
fn who_has_started_anew_is_not_held_up_by_its_dead_link() {
    for directions in [[Inbound; 2], [Outbound; 2], [Inbound, Outbound], [Outbound, Inbound]] {
        let (rig, [dead, alive]) = two(directions, [5, 6]);
        assert_eq!(*rig.violation(dead), Violation::Duplicate, "{directions:?}");
        assert!(rig.is_open(alive), "{directions:?}");
    }
}

#[test]
fn of_two_links_dialled_crosswise_both_ends_keep_the_same() {
    // Whoever has the greater nonce keeps what it dialled, in whatever order the links became ready.
    let table = [(NONCE - 1, Outbound), (NONCE + 1, Inbound)];
    for (theirs, stays) in table {
        for first in [Inbound, Outbound] {
            let second = if first == Inbound { Outbound } else { Inbound };
            let mut rig = Rig::new();
            for (link, direction) in [(Link(1), first), (Link(2), second)] {
                rig.open_as(link, direction, 42);
            }
            for link in [Link(1), Link(2)] {
                rig.say(link, &Message::Hello(hello(theirs)));
            }
            let left: Vec<_> = rig.peers.links().map(|info| info.direction).collect();
            assert_eq!(left, [stays], "theirs {theirs}, first {first:?}");
            let ready = rig.outputs().iter().filter(|o| matches!(o, Output::Ready { .. })).count();
            assert_eq!(ready, if stays == first { 1 } else { 2 });
        }
    }
}

#[test]
fn beyond_the_limit_of_links_a_new_one_is_closed() {
    let limits = Limits { links: 2, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let [a, _, c] = [Inbound, Outbound, Inbound].map(|direction| rig.open(direction));
    assert_eq!(rig.closed(c), Some(&CloseReason::Full { limit: 2 }));
    assert!(rig.sent(c).is_empty());
    rig.handle(Input::Closed { link: a });
    let d = rig.open(Inbound);
    assert!(rig.is_open(d));
}

#[test]
fn attack_68_strangers_who_dial_leave_places_for_those_dialled() {
    let limits = Limits { links: 3, inbound: 2, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let [_, _, third] = [Inbound; 3].map(|direction| rig.open(direction));
    assert_eq!(rig.closed(third), Some(&CloseReason::Full { limit: 2 }));
    let dialled = rig.open(Outbound);
    assert!(rig.is_open(dialled));
    let another = rig.open(Outbound);
    assert_eq!(rig.closed(another), Some(&CloseReason::Full { limit: 3 }));
}

#[test]
fn attack_67_links_and_nonces_near_their_maximum() {
    let mut rig = Rig::new();
    for link in [Link(u64::MAX), Link(u64::MAX - 1), Link(0)] {
        rig.open_as(link, Inbound, link.0);
        let greatest = Hello { nonce: u64::MAX, height: u64::MAX, ..hello(0) };
        rig.say(link, &Message::Hello(greatest));
        assert_eq!(rig.peers.info(link).unwrap().height, u64::MAX);
        rig.handle(Input::Writable { link, bytes: usize::MAX });
        rig.say(link, &Message::Ping { nonce: u64::MAX });
        let [Message::Hello(_), Message::Pong { nonce: u64::MAX }] = rig.sent(link)[..] else {
            panic!("hello and pong")
        };
    }
}
