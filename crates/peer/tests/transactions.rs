//! Announcing transactions, and asking for those announced.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Rig, hash, hashes};
use isonomy_crypto::Hash;
use isonomy_peer::{
    ANNOUNCE_IDS_MAX, ANNOUNCE_MS, ANNOUNCE_QUEUE_MAX, ANSWER_MS, CHECKED_MAX, Input, KNOWN_MAX,
    LINK_REQUESTS_MAX, Message, OFFERS_MAX, Output, PATIENCE_MS, TRANSACTION_CHECK_MS,
    TRANSACTIONS_ASKED_MAX, TransactionBytes, Violation, Worth,
};
use isonomy_types::{Link, List};

fn announce(ids: &[Hash]) -> Message {
    Message::Announce { ids: List::truncated(ids.to_vec()) }
}

fn item(id: Hash) -> (Hash, TransactionBytes) {
    (id, TransactionBytes::truncated(id.as_bytes().to_vec()))
}

fn answer(ids: &[Hash]) -> Message {
    Message::Transactions { items: List::truncated(ids.iter().copied().map(item).collect()) }
}

/// `link` announces `ids`, and the floor above knows none of them.
fn offer(rig: &mut Rig, link: Link, ids: &[Hash]) {
    for part in ids.chunks(ANNOUNCE_IDS_MAX) {
        rig.say(link, &announce(part));
        let announced = Output::Announced { link, ids: part.to_vec() };
        assert_eq!(rig.outputs(), [announced]);
        rig.call(|peers, now| peers.request_transactions(now, link, part.to_vec()));
    }
}

/// What `link` was asked for, request by request.
fn asked(rig: &mut Rig, link: Link) -> Vec<Vec<Hash>> {
    let requests = rig.sent(link).into_iter().filter_map(|message| match message {
        Message::GetTransactions { ids } => Some(ids.into_vec()),
        _ => None,
    });
    requests.collect()
}

fn got(rig: &mut Rig) -> Vec<(Link, Hash)> {
    let got = rig.outputs().into_iter().filter_map(|output| match output {
        Output::Transactions { link, transactions } => {
            Some(transactions.into_iter().map(move |(id, _)| (link, id)))
        }
        _ => None,
    });
    got.flatten().collect()
}

#[test]
fn what_is_announced_is_asked_for_and_handed_up() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    offer(&mut rig, link, &hashes(0..3));
    assert_eq!(asked(&mut rig, link), [hashes(0..3)]);
    rig.say(link, &answer(&[hash(2), hash(0), hash(1)]));
    let transactions = [2, 0, 1].map(|n| item(hash(n))).to_vec();
    assert_eq!(rig.outputs(), [Output::Transactions { link, transactions }]);
}

#[test]
fn nothing_is_asked_of_two_at_once() {
    let mut rig = Rig::new();
    let (a, b) = (rig.accepted(), rig.dialled());
    offer(&mut rig, a, &[hash(1)]);
    offer(&mut rig, b, &[hash(1)]);
    offer(&mut rig, a, &[hash(1)]);
    assert_eq!((asked(&mut rig, a).len(), asked(&mut rig, b).len()), (1, 0));
    rig.pass(PATIENCE_MS);
    assert_eq!((asked(&mut rig, a).len(), asked(&mut rig, b).len()), (0, 1));
}

#[test]
fn requests_are_as_large_as_may_be_and_bounded_for_each_link() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let many = 2 * LINK_REQUESTS_MAX * TRANSACTIONS_ASKED_MAX;
    offer(&mut rig, link, &hashes(0..many as u64));
    let mut all = Vec::new();
    let mut requests = asked(&mut rig, link);
    assert_eq!(requests.len(), LINK_REQUESTS_MAX);
    while !requests.is_empty() {
        for ids in requests {
            assert_eq!(ids.len(), TRANSACTIONS_ASKED_MAX);
            rig.say(link, &answer(&ids));
            all.extend(ids);
        }
        requests = asked(&mut rig, link);
    }
    all.sort();
    assert_eq!(all, hashes(0..many as u64), "each once, and none forgotten");
}

#[test]
fn attack_63_with_a_staller_the_transaction_still_arrives() {
    for seed in 0..20 {
        let config = isonomy_peer::Config { seed: [seed; 32], ..common::config() };
        let mut rig = Rig::with(config);
        let stallers = [0; 10].map(|_| rig.accepted());
        for staller in stallers {
            offer(&mut rig, staller, &[hash(1)]);
        }
        let honest = rig.dialled();
        offer(&mut rig, honest, &[hash(1)]);
        let start = rig.now.mono.0;
        while asked(&mut rig, honest).is_empty() {
            rig.pass(100);
            let waited = rig.now.mono.0 - start;
            assert!(waited <= PATIENCE_MS, "whom we dialled comes next");
        }
        rig.say(honest, &answer(&[hash(1)]));
        assert_eq!(got(&mut rig), [(honest, hash(1))]);
    }
    // Even one who dialled us is reached, after all who did so before.
    let mut rig = Rig::new();
    let stallers = [0; 20].map(|_| rig.accepted());
    let honest = rig.accepted();
    for link in stallers.into_iter().chain([honest]) {
        offer(&mut rig, link, &[hash(1)]);
    }
    rig.pass(20 * PATIENCE_MS);
    assert_eq!(asked(&mut rig, honest), [[hash(1)]]);
}

#[test]
fn attack_63_who_stalls_is_asked_after_who_does_not() {
    for seed in 0..10 {
        let config = isonomy_peer::Config { seed: [seed; 32], ..common::config() };
        let mut rig = Rig::with(config);
        let (first, stalls, awake) = (rig.accepted(), rig.accepted(), rig.accepted());
        offer(&mut rig, stalls, &[hash(9)]);
        rig.pass(PATIENCE_MS / 2);
        for link in [first, stalls, awake] {
            offer(&mut rig, link, &[hash(1)]);
        }
        rig.pass(PATIENCE_MS / 2);
        // It owes more, but not for long.
        offer(&mut rig, awake, &[hash(2)]);
        offer(&mut rig, awake, &[hash(3)]);
        asked(&mut rig, awake);
        rig.pass(PATIENCE_MS / 2);
        assert_eq!(asked(&mut rig, awake), [[hash(1)]]);
    }
}

#[test]
fn attack_63_many_who_announce_what_is_not_there_shut_nobody_out() {
    let mut rig = Rig::new();
    for n in 0..60 {
        let liar = rig.dialled();
        offer(&mut rig, liar, &hashes(n * 10_000..n * 10_000 + 4_500));
    }
    let honest = rig.accepted();
    offer(&mut rig, honest, &hashes(1_000_000..1_000_100));
    assert_eq!(asked(&mut rig, honest).concat(), hashes(1_000_000..1_000_100));
}

#[test]
fn memories_of_what_came_are_bounded() {
    let mut rig = Rig::new();
    let (first, second) = (rig.accepted(), rig.accepted());
    let many = hashes(0..CHECKED_MAX as u64 + 100);
    offer(&mut rig, first, &many);
    let mut requests = asked(&mut rig, first);
    while !requests.is_empty() {
        requests.iter().for_each(|ids| rig.say(first, &answer(ids)));
        requests = asked(&mut rig, first);
    }
    assert_eq!(got(&mut rig).len(), many.len());
    offer(&mut rig, second, &many);
    assert_eq!(asked(&mut rig, second).concat().len(), 100, "these are not remembered");
    rig.handle(Input::Closed { link: first });
    assert_eq!(asked(&mut rig, second).concat().len(), 128, "these are, as many as fit");
    rig.handle(Input::Closed { link: second });
    assert_eq!(rig.peers.buffered(), 0);
}

#[test]
fn memories_of_what_came_are_given_back_in_time() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    let mut held = Vec::new();
    for round in 0..30 {
        let ids = hashes(round * 256..(round + 1) * 256);
        offer(&mut rig, link, &ids);
        asked(&mut rig, link).iter().for_each(|ids| rig.say(link, &answer(ids)));
        assert_eq!(got(&mut rig).len(), 256);
        rig.pass(TRANSACTION_CHECK_MS);
        // What it is known to know is remembered on: 72 bytes each.
        held.push(rig.peers.buffered() - 72 * 256 * (round as usize + 1));
    }
    held.dedup();
    assert_eq!(held.len(), 1, "{held:?}");
}

#[test]
fn an_answer_without_it_moves_to_the_next_announcer() {
    let mut rig = Rig::new();
    let (a, b) = (rig.accepted(), rig.accepted());
    offer(&mut rig, a, &hashes(0..4));
    offer(&mut rig, b, &hashes(0..3));
    assert_eq!(asked(&mut rig, a).len(), 1);
    rig.say(a, &answer(&[hash(1)]));
    assert_eq!(asked(&mut rig, b), [[hash(0), hash(2)]]);
    assert_eq!(got(&mut rig), [(a, hash(1))]);
    rig.pass(1_000);
    assert!(asked(&mut rig, a).is_empty(), "nobody is left for 3");
    offer(&mut rig, a, &[hash(3)]);
    assert_eq!(asked(&mut rig, a), [[hash(3)]], "announced again, asked again");
}

#[test]
fn attack_64_a_bad_copy_does_not_cancel_the_good_one() {
    for told in [true, false] {
        let mut rig = Rig::new();
        let (bad, good) = (rig.accepted(), rig.accepted());
        offer(&mut rig, bad, &[hash(1)]);
        offer(&mut rig, good, &[hash(1)]);
        asked(&mut rig, bad);
        rig.say(bad, &answer(&[hash(1)]));
        assert!(asked(&mut rig, good).is_empty());
        if told {
            rig.call(|peers, now| peers.retry_transaction(now, hash(1)));
        } else {
            rig.call(|peers, _| peers.worth(bad, Worth::Bad("signature".into())));
        }
        assert_eq!(asked(&mut rig, good), [[hash(1)]]);
        rig.say(good, &answer(&[hash(1)]));
        assert_eq!(got(&mut rig), [(bad, hash(1)), (good, hash(1))]);
    }
}

#[test]
fn other_announcers_are_forgotten_when_the_check_must_be_over() {
    let mut rig = Rig::new();
    let (a, b) = (rig.accepted(), rig.accepted());
    offer(&mut rig, a, &[hash(1)]);
    offer(&mut rig, b, &[hash(1)]);
    rig.say(a, &answer(&[hash(1)]));
    rig.pass(TRANSACTION_CHECK_MS);
    rig.handle(Input::Closed { link: a });
    assert!(asked(&mut rig, b).is_empty());
}

#[test]
fn what_was_not_asked_is_a_fault() {
    let table: [(&[Hash], &str); 3] = [
        (&[hash(9)], "a transaction"),
        (&[hash(1), hash(1)], "a transaction"),
        (&[hash(1), hash(2)], "a transaction"),
    ];
    for (ids, what) in table {
        let mut rig = Rig::new();
        let link = rig.accepted();
        offer(&mut rig, link, &[hash(1)]);
        rig.say(link, &answer(ids));
        assert_eq!(*rig.violation(link), Violation::Unrequested(what));
    }
    let mut rig = Rig::new();
    let link = rig.accepted();
    rig.receive(link, answer(&[]).to_frame()[..5].to_vec());
    assert_eq!(*rig.violation(link), Violation::Unrequested("transactions"));
}

#[test]
fn a_late_answer_is_no_fault() {
    let mut rig = Rig::new();
    let (late, other) = (rig.accepted(), rig.accepted());
    offer(&mut rig, late, &[hash(1)]);
    offer(&mut rig, other, &[hash(1)]);
    rig.pass(PATIENCE_MS);
    rig.say(late, &answer(&[hash(1)]));
    rig.say(other, &answer(&[hash(1)]));
    assert_eq!(got(&mut rig), [(late, hash(1))]);
    assert!(rig.is_open(late) && rig.is_open(other));
}

#[test]
fn who_never_answers_is_closed() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    offer(&mut rig, link, &[hash(1)]);
    for _ in 0..ANSWER_MS / 1_000 {
        rig.say(link, &Message::Ping { nonce: 1 });
        rig.pass(1_000);
    }
    let expected = Violation::Silent { what: "transactions", limit: ANSWER_MS };
    assert_eq!(*rig.violation(link), expected);
}

#[test]
fn announcements_are_gathered_and_made_once_and_not_to_who_knows() {
    let mut rig = Rig::new();
    let (source, teller, other) = (rig.accepted(), rig.dialled(), rig.accepted());
    rig.say(teller, &announce(&[hash(2)]));
    for n in 1..=3 {
        rig.call(|peers, now| peers.announce_transactions(now, vec![hash(n)], Some(source)));
    }
    assert!(rig.sent(other).is_empty(), "not at once");
    rig.pass(ANNOUNCE_MS * 2);
    assert_eq!(rig.sent(source), []);
    assert_eq!(rig.sent(teller), [announce(&[hash(1), hash(3)])]);
    assert_eq!(rig.sent(other), [announce(&hashes(1..4))]);
    rig.call(|peers, now| peers.announce_transactions(now, hashes(1..4), None));
    rig.pass(ANNOUNCE_MS * 2);
    assert_eq!(rig.sent(source), [announce(&hashes(1..4))], "its own word came from the node");
    assert!(rig.sent(teller).is_empty() && rig.sent(other).is_empty());
}

/// More wait than are remembered of a link: were all told anew, each who calls would set off a flood.
#[test]
fn attack_66_who_comes_is_told_all_and_nobody_else_is() {
    let mut rig = Rig::new();
    let early = rig.accepted();
    let ids = hashes(0..2 * KNOWN_MAX as u64);
    for part in ids.chunks(ANNOUNCE_QUEUE_MAX) {
        rig.call(|peers, now| peers.announce_transactions(now, part.to_vec(), None));
        rig.pass(ANNOUNCE_MS * 20);
    }
    rig.sent(early);
    let late = rig.accepted();
    rig.call(|peers, now| peers.announce_transactions_to(now, ids, late));
    rig.pass(ANNOUNCE_MS * 20);
    assert_eq!(rig.sent(late).len(), ANNOUNCE_QUEUE_MAX / ANNOUNCE_IDS_MAX);
    assert_eq!(rig.sent(early), []);
}

#[test]
fn links_hear_of_a_transaction_at_different_times() {
    let mut rig = Rig::new();
    let links: Vec<_> = (0..30).map(|_| rig.accepted()).collect();
    rig.call(|peers, now| peers.announce_transactions(now, vec![hash(1)], None));
    let mut heard = Vec::new();
    for ms in 0..2 * ANNOUNCE_MS {
        let new = links.iter().filter(|link| !rig.sent(**link).is_empty()).count();
        heard.extend(std::iter::repeat_n(ms, new));
        rig.pass(1);
    }
    assert_eq!(heard.len(), 30);
    heard.dedup();
    assert!(heard.len() > 10, "{heard:?}");
    assert!(heard[0] >= ANNOUNCE_MS / 2);
}

#[test]
fn attack_66_a_hundred_thousand_announcements_wait_in_a_bounded_queue() {
    let mut rig = Rig::new();
    let link = rig.open_without_credit(isonomy_peer::Direction::Inbound);
    for part in hashes(0..100_000).chunks(5_000) {
        rig.call(|peers, now| peers.announce_transactions(now, part.to_vec(), None));
    }
    let held = rig.peers.buffered();
    assert!(held <= ANNOUNCE_QUEUE_MAX * 96 + 10_000, "{held}");
    rig.handle(Input::Writable { link, bytes: common::CREDIT });
    rig.pass(ANNOUNCE_MS * 20);
    let newest: Vec<_> = rig
        .sent(link)
        .into_iter()
        .flat_map(|message| match message {
            Message::Announce { ids } => ids.into_vec(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(newest, hashes(100_000 - ANNOUNCE_QUEUE_MAX as u64..100_000), "the oldest went");
}

#[test]
fn attack_60_nothing_is_announced_to_a_reader_who_stalls_until_it_reads() {
    let mut rig = Rig::new();
    let link = rig.open_without_credit(isonomy_peer::Direction::Inbound);
    for _ in 0..5 {
        let message = isonomy_types::EngineMessage::truncated(vec![0; 60_000]);
        rig.call(|peers, _| peers.send(link, message));
    }
    let before = rig.peers.buffered();
    rig.call(|peers, now| peers.announce_transactions(now, hashes(0..50), None));
    rig.pass(10 * ANNOUNCE_MS);
    assert!(rig.peers.buffered() - before <= 50 * 96, "ids wait, no message is made");
    rig.handle(Input::Writable { link, bytes: common::CREDIT });
    rig.pass(2 * ANNOUNCE_MS);
    assert_eq!(rig.sent(link).last(), Some(&announce(&hashes(0..50))));
}

#[test]
fn attack_60_fifty_thousand_announced_by_a_staller_stay_bounded() {
    let mut rig = Rig::new();
    let (staller, honest) = (rig.accepted(), rig.accepted());
    let empty = rig.peers.buffered();
    offer(&mut rig, staller, &hashes(0..50_000));
    let held = rig.peers.buffered() - empty;
    assert!(held <= (OFFERS_MAX + 512) * (96 + 384) + 8_192 * 96, "{held}");
    assert_eq!(asked(&mut rig, staller).len(), LINK_REQUESTS_MAX);
    offer(&mut rig, honest, &hashes(60_000..60_010));
    assert_eq!(asked(&mut rig, honest), [hashes(60_000..60_010)], "others are not held up");
    rig.handle(Input::Closed { link: staller });
    rig.handle(Input::Closed { link: honest });
    assert_eq!(rig.peers.buffered(), 0, "and everything is given back");
}
