//! What peers ask of us.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::samples::entry;
use common::{Rig, hash, hashes};
use isonomy_peer::{
    ASKS_MAX, BodyBytes, Config, Direction, Input, Limits, Message, Output, SERVE_MS,
    TransactionBytes, Violation,
};
use isonomy_types::{Link, List};

fn get_body(n: u64) -> Message {
    Message::GetBody { id: hash(n) }
}

fn transaction(n: u64) -> (isonomy_crypto::Hash, TransactionBytes) {
    (hash(n), TransactionBytes::truncated(vec![n as u8; 100]))
}

#[test]
fn each_question_is_handed_up_and_its_answer_sent() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    rig.say(link, &Message::GetHeaders { locator: List::truncated(hashes(0..2)) });
    assert_eq!(rig.outputs(), [Output::HeadersAsked { link, locator: hashes(0..2) }]);
    rig.call(|peers, _| peers.answer_headers(link, vec![entry(1)]));
    let headers = Message::Headers { entries: List::truncated(vec![entry(1)]) };
    assert_eq!(rig.sent(link), [headers]);

    rig.say(link, &get_body(1));
    rig.say(link, &get_body(2));
    assert_eq!(rig.outputs(), [Output::BodyAsked { link, id: hash(1) }]);
    let bytes = BodyBytes::truncated(vec![1, 2, 3]);
    rig.call(|peers, _| peers.answer_body(link, hash(1), bytes.clone()));
    assert_eq!(rig.sent(link), [Message::Body { id: hash(1), bytes }]);
    assert_eq!(rig.outputs(), [Output::BodyAsked { link, id: hash(2) }]);
    rig.call(|peers, _| peers.answer_no_body(link, hash(2)));
    assert_eq!(rig.sent(link), [Message::NoBody { id: hash(2) }]);

    rig.say(link, &Message::GetTransactions { ids: List::truncated(hashes(1..4)) });
    assert_eq!(rig.outputs(), [Output::TransactionsAsked { link, ids: hashes(1..4) }]);
    let found = vec![transaction(3), transaction(9), transaction(1), transaction(1)];
    rig.call(|peers, _| peers.answer_transactions(link, found));
    let items = List::truncated(vec![transaction(3), transaction(1)]);
    assert_eq!(rig.sent(link), [Message::Transactions { items }], "what was asked, once");
}

#[test]
fn an_answer_nobody_waits_for_is_not_sent() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let body = BodyBytes::default();
    rig.call(|peers, _| {
        peers.answer_headers(link, vec![]);
        peers.answer_body(link, hash(1), body.clone());
        peers.answer_no_body(link, hash(1));
        peers.answer_transactions(link, vec![]);
        peers.answer_addresses(link, vec![]);
        peers.answer_headers(Link(99), vec![]);
    });
    rig.say(link, &get_body(1));
    rig.call(|peers, _| peers.answer_body(link, hash(2), body));
    assert!(rig.sent(link).is_empty());
}

#[test]
fn an_answer_that_never_comes_is_said_to_be_none() {
    let questions = [
        (get_body(1), Message::NoBody { id: hash(1) }),
        (
            Message::GetHeaders { locator: List::default() },
            Message::Headers { entries: List::default() },
        ),
        (
            Message::GetTransactions { ids: List::truncated(hashes(0..1)) },
            Message::Transactions { items: List::default() },
        ),
        (Message::GetAddresses, Message::Addresses { addresses: List::default() }),
    ];
    for (question, none) in questions {
        let mut rig = Rig::new();
        let link = rig.accepted();
        rig.say(link, &question);
        rig.say(link, &get_body(7));
        assert_eq!(rig.outputs().len(), 1);
        rig.pass(SERVE_MS - 1);
        assert!(rig.sent(link).is_empty());
        rig.pass(1);
        assert!(rig.sent(link).contains(&none));
        assert_eq!(rig.outputs(), [Output::BodyAsked { link, id: hash(7) }], "the next one's turn");
    }
}

#[test]
fn attack_61_endless_questions_are_not_served_and_then_a_fault() {
    let mut rig = Rig::new();
    let (greedy, other) = (rig.accepted(), rig.accepted());
    // One input with 10 000 questions: one output and then the end.
    let stream: Vec<u8> = (0..10_000).flat_map(|n| get_body(n).to_frame()).collect();
    rig.receive(greedy, stream);
    let limit = ASKS_MAX as u64;
    let expected = Violation::TooMuch { what: "open questions", got: limit + 1, limit };
    assert_eq!(*rig.violation(greedy), expected);
    let id = hash(0);
    assert_eq!(
        rig.outputs(),
        [Output::BodyAsked { link: greedy, id }, Output::Lost { link: greedy }]
    );
    rig.say(other, &get_body(1));
    assert_eq!(rig.outputs().len(), 1, "others are served");
}

#[test]
fn as_many_questions_as_may_be_open_are_answered_in_order() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    for n in 0..ASKS_MAX as u64 {
        rig.say(link, &get_body(n));
    }
    assert!(rig.is_open(link));
    for n in 0..ASKS_MAX as u64 {
        assert_eq!(rig.outputs(), [Output::BodyAsked { link, id: hash(n) }]);
        rig.call(|peers, _| peers.answer_no_body(link, hash(n)));
    }
    assert_eq!(rig.sent(link).len(), ASKS_MAX);
}

#[test]
fn who_does_not_read_is_not_served() {
    let mut rig = Rig::new();
    let link = rig.open_without_credit(Direction::Inbound);
    let bytes = BodyBytes::truncated(vec![0; 200_000]);
    for n in 0..5 {
        rig.say(link, &get_body(n));
    }
    let mut served = 0;
    while let [Output::BodyAsked { id, .. }] = rig.outputs()[..] {
        rig.call(|peers, _| peers.answer_body(link, id, bytes.clone()));
        served += 1;
    }
    assert_eq!(served, 2, "above a quarter of a megabyte it waits");
    rig.handle(Input::Writable { link, bytes: 300_000 });
    assert_eq!(rig.outputs().len(), 1, "it reads again");
}

#[test]
fn questions_beyond_the_rate_wait() {
    let limits = Limits { answers_per_s: 10, ..Limits::default() };
    let mut rig = Rig::with(Config { limits, ..common::config() });
    let link = rig.accepted();
    let mut served = Vec::new();
    for n in 0..40 {
        rig.say(link, &get_body(n));
    }
    while rig.now.mono.0 <= 2_000 {
        while let [Output::BodyAsked { id, .. }] = rig.outputs()[..] {
            served.push(rig.now.mono.0 - 1_000);
            rig.call(|peers, _| peers.answer_no_body(link, id));
        }
        rig.pass(50);
    }
    let burst = served.iter().filter(|at| **at == 0).count();
    let second = served.iter().filter(|at| (1..=1_000).contains(*at)).count();
    assert_eq!((burst, second), (10, 10), "a second's worth, then the rate");
    assert!(rig.is_open(link));
}
