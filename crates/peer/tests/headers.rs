//! Asking for headers, and showing new ones.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::samples::{entry, largest_entry};
use common::{Rig, hash, hashes};
use isonomy_peer::{
    ANNOUNCE_ENTRIES_MAX, ANSWER_MS, Direction, FRAME_BYTES_MAX, IDLE_MS, LOCATOR_MAX, Message,
    Output, Violation,
};
use isonomy_types::{Blob, Encode, Entry, Link, List};

fn headers(entries: &[Entry]) -> Message {
    Message::Headers { entries: List::truncated(entries.to_vec()) }
}

fn news(entries: &[Entry]) -> Message {
    Message::NewHeaders { entries: List::truncated(entries.to_vec()) }
}

fn ask(rig: &mut Rig, link: Link, locator: Vec<isonomy_crypto::Hash>) {
    rig.call(|peers, now| peers.ask_headers(now, link, locator));
}

#[test]
fn a_question_is_sent_and_its_answer_handed_up() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    ask(&mut rig, link, hashes(0..3));
    let locator = List::truncated(hashes(0..3));
    assert_eq!(rig.sent(link), [Message::GetHeaders { locator }]);
    let entries = vec![entry(1), entry(2)];
    rig.say(link, &headers(&entries));
    assert_eq!(rig.outputs(), [Output::Headers { link, entries, solicited: true }]);
}

#[test]
fn one_question_at_a_time_and_the_newest_waits() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    for n in 0..3 {
        ask(&mut rig, link, vec![hash(n)]);
    }
    ask(&mut rig, link, hashes(3..500));
    assert_eq!(rig.sent(link).len(), 1);
    rig.say(link, &headers(&[]));
    let locator: List<_, LOCATOR_MAX> = List::truncated(hashes(3..500));
    assert_eq!(rig.sent(link), [Message::GetHeaders { locator }]);
    rig.say(link, &headers(&[]));
    assert!(rig.sent(link).is_empty());
}

#[test]
fn an_announcement_that_crosses_the_question_is_not_taken_for_its_answer() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    ask(&mut rig, link, hashes(0..1));
    rig.say(link, &news(&[entry(9)]));
    rig.say(link, &headers(&[entry(8), entry(9)]));
    let solicited: Vec<_> = rig
        .outputs()
        .iter()
        .map(|output| matches!(output, Output::Headers { solicited: true, .. }))
        .collect();
    assert_eq!(solicited, [false, true]);
    assert!(rig.is_open(link));
}

#[test]
fn headers_that_nobody_asked_for_are_a_fault_before_they_are_read() {
    let mut rig = Rig::new();
    let (never, twice) = (rig.dialled(), rig.dialled());
    let frame = headers(&[entry(1)]).to_frame();
    rig.receive(never, frame[..5].to_vec());
    ask(&mut rig, twice, hashes(0..1));
    rig.say(twice, &headers(&[]));
    rig.say(twice, &headers(&[]));
    for link in [never, twice] {
        assert_eq!(*rig.violation(link), Violation::Unrequested("headers"));
    }
}

#[test]
fn who_does_not_answer_is_closed() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    ask(&mut rig, link, hashes(0..1));
    while rig.is_open(link) && rig.now.mono.0 < 10 * ANSWER_MS {
        rig.pass(IDLE_MS / 2);
        rig.say(link, &Message::GetHeaders { locator: List::default() });
    }
    let expected = Violation::Silent { what: "headers", limit: ANSWER_MS };
    assert_eq!(*rig.violation(link), expected);
}

#[test]
fn a_new_header_is_shown_once_to_each_who_has_not_shown_it() {
    let mut rig = Rig::new();
    let (source, other) = (rig.dialled(), rig.accepted());
    let waiting = rig.open(isonomy_peer::Direction::Inbound);
    rig.forget();
    rig.say(source, &news(&[entry(1)]));
    for _ in 0..3 {
        rig.call(|peers, _| peers.announce(&entry(1)));
    }
    assert!(rig.sent(source).is_empty());
    assert_eq!(rig.sent(other), [news(&[entry(1)])]);
    assert!(rig.sent(waiting).is_empty(), "hands are not shaken yet");
    let mut certified = entry(1);
    certified.certificate = Some(Blob::default());
    rig.call(|peers, _| peers.announce(&certified));
    rig.call(|peers, _| peers.announce(&certified));
    for link in [source, other] {
        assert_eq!(rig.sent(link), [news(std::slice::from_ref(&certified))], "news once more");
    }
}

#[test]
fn a_long_announcement_is_malformed() {
    let mut rig = Rig::new();
    let (fits, long) = (rig.dialled(), rig.dialled());
    let most = ANNOUNCE_ENTRIES_MAX as u64;
    rig.say(fits, &news(&(0..most).map(entry).collect::<Vec<_>>()));
    assert!(rig.is_open(fits));
    // The same bytes as an answer's, under the other kind.
    let mut frame = headers(&(0..=most).map(entry).collect::<Vec<_>>()).to_frame();
    frame[4] = 5;
    rig.receive(long, frame);
    assert!(matches!(rig.violation(long), Violation::Malformed(_)));
}

#[test]
fn an_answer_is_cut_to_what_one_frame_carries() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    for (entries, expected) in [
        ((0..600).map(entry).collect::<Vec<_>>(), 512),
        (
            (0..200).map(largest_entry).collect(),
            (FRAME_BYTES_MAX - 5) / largest_entry(0).encoded_len(),
        ),
        (vec![], 0),
    ] {
        rig.say(link, &Message::GetHeaders { locator: List::default() });
        rig.call(|peers, _| peers.answer_headers(link, entries.clone()));
        let sent = rig.sent(link);
        let [Message::Headers { entries: got }] = &sent[..] else { panic!("one answer") };
        assert_eq!(got[..], entries[..expected]);
        assert!(sent[0].encoded_len() <= FRAME_BYTES_MAX);
    }
}

#[test]
fn attack_71_a_lowered_height_changes_nothing() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    for height in [900, 3, 800, 1, 901, 2] {
        rig.say(link, &news(&[entry(height)]));
    }
    assert_eq!(rig.peers.info(link).unwrap().height, 901);
    rig.call(|peers, now| peers.want(now, vec![hash(5)]));
    assert!(rig.sent(link).contains(&Message::GetBody { id: hash(5) }), "asked all the same");
}

#[test]
fn a_late_answer_is_told_once_and_patience_follows_what_was_measured() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    // (milliseconds until the answer, whether it was told late); patience starts with two seconds,
    // comes down to what is measured, and doubles after a miss.
    let table =
        [(100, false), (100, false), (100, false), (100, false), (1_900, true), (900, false)];
    for (index, (ms, late)) in table.into_iter().enumerate() {
        ask(&mut rig, link, hashes(0..1));
        assert!(rig.peers.owes_headers(link));
        rig.pass(ms);
        let told = rig.outputs().iter().filter(|o| **o == Output::LateHeaders { link }).count();
        assert_eq!(told, usize::from(late), "answer {index}");
        rig.say(link, &headers(&[]));
        assert!(!rig.peers.owes_headers(link));
        rig.forget();
    }
    assert!(rig.is_open(link), "late is no fault");
}

#[test]
fn attack_71_alternating_heights_change_nothing() {
    let mut rig = Rig::new();
    let link = rig.open(Direction::Inbound);
    rig.say(link, &Message::Hello(isonomy_peer::Hello { height: 900, ..common::hello(5) }));
    for round in 0..200 {
        rig.say(link, &news(&[entry(if round % 2 == 0 { 1 } else { 199 })]));
        assert_eq!(rig.peers.info(link).unwrap().height, 900);
        rig.pass(20);
    }
    assert!(rig.is_open(link));
}
