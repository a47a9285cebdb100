//! Which body is asked of whom, and when of another.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::samples::entry;
use common::{Rig, hash, hashes};
use isonomy_crypto::Hash;
use isonomy_peer::{
    ANSWER_MS, BODIES_MAX, BODY_CHECK_MS, BODY_WINDOW_BYTES, BodyBytes, Direction, Input,
    LINK_BODIES_MAX, Message, Output, PATIENCE_MS, RETRY_MS, RETRY_MS_MAX, Violation, WANTED_MAX,
    Worth,
};
use isonomy_types::{Link, List};

fn want(rig: &mut Rig, ids: &[Hash]) {
    rig.call(|peers, now| peers.want(now, ids.to_vec()));
}

fn body(id: Hash) -> Message {
    Message::Body { id, bytes: BodyBytes::truncated(id.as_bytes().to_vec()) }
}

/// Ids of bodies that `link` was asked for.
fn asked(rig: &mut Rig, link: Link) -> Vec<Hash> {
    let ids = rig.sent(link).into_iter().filter_map(|message| match message {
        Message::GetBody { id } => Some(id),
        _ => None,
    });
    ids.collect()
}

/// Keeps pings answered while time passes.
fn pass(rig: &mut Rig, links: &[Link], ms: u64) -> Vec<(Link, Hash)> {
    let mut all = Vec::new();
    for step in 0..ms.div_ceil(500) {
        rig.pass(500.min(ms - step * 500));
        for link in links {
            for message in rig.sent(*link) {
                match message {
                    Message::Ping { nonce } => rig.say(*link, &Message::Pong { nonce }),
                    Message::GetBody { id } => all.push((*link, id)),
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    all
}

fn bodies(outputs: &[Output]) -> Vec<(Link, Hash)> {
    let bodies = outputs.iter().filter_map(|output| match output {
        Output::Body { link, id, bytes } => {
            assert_eq!(bytes[..], id.as_bytes()[..]);
            Some((*link, *id))
        }
        _ => None,
    });
    bodies.collect()
}

#[test]
fn who_showed_the_header_is_asked_first() {
    for seed in 0..20 {
        let config = isonomy_peer::Config { seed: [seed; 32], ..common::config() };
        let mut rig = Rig::with(config);
        let links = [rig.dialled(), rig.accepted(), rig.dialled(), rig.accepted()];
        let holder = links[seed as usize % 4];
        let id = entry(9).header.id();
        let entries = List::truncated(vec![entry(9)]);
        rig.say(holder, &Message::NewHeaders { entries });
        want(&mut rig, &[id]);
        for link in links {
            let expected: &[Hash] = if link == holder { &[id] } else { &[] };
            assert_eq!(asked(&mut rig, link), expected);
        }
        rig.say(holder, &Message::NoBody { id });
        let others = links.iter().filter(|link| !asked(&mut rig, **link).is_empty()).count();
        assert_eq!(others, 1, "then one of the others");
    }
}

#[test]
fn what_is_needed_first_is_asked_first_within_the_limits() {
    let mut rig = Rig::new();
    let links: Vec<_> = (0..6).map(|_| rig.dialled()).collect();
    want(&mut rig, &hashes(0..100));
    let mut all = Vec::new();
    for link in &links {
        let ids = asked(&mut rig, *link);
        assert!(ids.len() <= LINK_BODIES_MAX);
        all.extend(ids.into_iter().map(|id| (*link, id)));
    }
    let mut ids: Vec<_> = all.iter().map(|(_, id)| *id).collect();
    ids.sort();
    assert_eq!(ids, hashes(0..BODIES_MAX as u64));
    let (link, id) = all[0];
    rig.say(link, &body(id));
    let next: Vec<_> = links.iter().flat_map(|link| asked(&mut rig, *link)).collect();
    assert_eq!(next, hashes(BODIES_MAX as u64..BODIES_MAX as u64 + 1));
    assert_eq!(bodies(&rig.outputs()), [(link, id)]);
}

#[test]
fn a_new_wish_replaces_the_old_one() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    want(&mut rig, &hashes(0..4));
    assert_eq!(asked(&mut rig, link), hashes(0..4));
    want(&mut rig, &[hash(3), hash(3), hash(9)]);
    assert_eq!(asked(&mut rig, link), [hash(9)], "3 is under way, 9 is new");
    rig.say(link, &body(hash(0)));
    assert_eq!(bodies(&rig.outputs()), [(link, hash(0))], "it was asked for, so it is handed up");
    want(&mut rig, &hashes(100..100 + 2 * WANTED_MAX as u64));
    want(&mut rig, &[]);
    pass(&mut rig, &[link], PATIENCE_MS * 3);
    assert!(asked(&mut rig, link).is_empty());
}

#[test]
fn a_body_that_was_not_asked_is_a_fault_before_it_is_read() {
    let mut rig = Rig::new();
    let (never, other, twice, refusal) =
        (rig.dialled(), rig.dialled(), rig.dialled(), rig.dialled());
    rig.receive(never, body(hash(0)).to_frame()[..5].to_vec());
    assert_eq!(*rig.violation(never), Violation::Unrequested("body"));
    want(&mut rig, &hashes(0..8));
    for (link, message, what) in
        [(other, body(hash(99)), "body"), (refusal, Message::NoBody { id: hash(99) }, "no body")]
    {
        rig.say(link, &message);
        assert_eq!(*rig.violation(link), Violation::Unrequested(what));
    }
    let id = asked(&mut rig, twice)[0];
    rig.say(twice, &Message::NoBody { id });
    rig.say(twice, &Message::NoBody { id });
    assert_eq!(*rig.violation(twice), Violation::Unrequested("no body"));
}

#[test]
fn when_nobody_is_left_it_says_so_and_tries_again_later() {
    let mut rig = Rig::new();
    let id = hash(1);
    want(&mut rig, &[id]);
    assert_eq!(rig.outputs(), [Output::NoHolder { id }], "there is nobody at all");
    let links = [Direction::Outbound, Direction::Inbound].map(|direction| {
        let link = rig.open(direction);
        rig.sent(link);
        rig.say(link, &Message::Hello(common::hello(link.0)));
        link
    });
    let (mut asks, mut rounds) = (Vec::new(), Vec::new());
    while rounds.len() < 12 {
        asks.extend(refuse_all(&mut rig, &links));
        let nobody = rig.outputs().iter().filter(|o| **o == Output::NoHolder { id }).count();
        rounds.extend(std::iter::repeat_n(rig.now.mono.0, nobody));
        rig.pass(100);
    }
    for link in links {
        assert_eq!(asks.iter().filter(|asked| **asked == link).count(), 12, "once a round");
    }
    let pauses: Vec<_> = rounds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] >= RETRY_MS && pauses[0] <= 3 * RETRY_MS + 100, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= RETRY_MS_MAX * 3 / 2 + 100), "{pauses:?}");
    assert!(pauses.iter().any(|pause| *pause >= RETRY_MS_MAX / 2), "{pauses:?}");
}

/// Refuses every body asked of `links`, and answers pings. Says who was asked.
fn refuse_all(rig: &mut Rig, links: &[Link]) -> Vec<Link> {
    let mut asked = Vec::new();
    loop {
        let before = asked.len();
        for link in links {
            for message in rig.sent(*link) {
                match message {
                    Message::Ping { nonce } => rig.say(*link, &Message::Pong { nonce }),
                    Message::GetBody { id } => {
                        asked.push(*link);
                        rig.say(*link, &Message::NoBody { id });
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        if asked.len() == before {
            return asked;
        }
    }
}

#[test]
fn somebody_new_or_a_new_showing_is_asked_at_once() {
    let mut rig = Rig::new();
    let first = rig.dialled();
    let id = entry(9).header.id();
    want(&mut rig, &[id]);
    rig.say(first, &Message::NoBody { id });
    assert_eq!(asked(&mut rig, first), [id]);
    let second = rig.open(Direction::Inbound);
    rig.sent(second);
    rig.say(second, &Message::Hello(common::hello(1)));
    assert_eq!(asked(&mut rig, second), [id]);
    rig.say(second, &Message::NoBody { id });
    rig.say(first, &Message::NewHeaders { entries: List::truncated(vec![entry(9)]) });
    assert_eq!(asked(&mut rig, first), [id], "now it has it");
}

#[test]
fn attack_63_a_staller_delays_a_body_by_one_patience() {
    let mut rig = Rig::new();
    let staller = rig.dialled();
    want(&mut rig, &hashes(0..20));
    assert_eq!(asked(&mut rig, staller).len(), LINK_BODIES_MAX);
    let honest = rig.open(Direction::Outbound);
    rig.sent(honest);
    rig.say(honest, &Message::Hello(common::hello(1)));
    let start = rig.now.mono.0;
    let (mut got, mut waiting) = (Vec::new(), asked(&mut rig, honest));
    while got.len() < 20 {
        for id in std::mem::take(&mut waiting) {
            rig.say(honest, &body(id));
        }
        got.extend(bodies(&rig.outputs()));
        waiting = asked(&mut rig, honest);
        if waiting.is_empty() {
            rig.pass(100);
            waiting = asked(&mut rig, honest);
        }
        assert!(rig.now.mono.0 - start <= PATIENCE_MS + 100);
    }
    assert!(rig.is_open(staller), "late, and not yet at fault");
    assert!(asked(&mut rig, staller).is_empty(), "its places are taken until it answers");
}

#[test]
fn attack_63_who_answers_is_preferred_to_many_who_do_not() {
    for seed in 0..10 {
        let config = isonomy_peer::Config { seed: [seed; 32], ..common::config() };
        let mut rig = Rig::with(config);
        let stallers: Vec<_> = (0..10).map(|_| rig.dialled()).collect();
        let honest = rig.accepted();
        want(&mut rig, &hashes(0..300));
        let (start, mut got) = (rig.now.mono.0, 0);
        while got < 300 {
            let ids = asked(&mut rig, honest);
            if ids.is_empty() {
                rig.pass(100);
            }
            ids.into_iter().for_each(|id| rig.say(honest, &body(id)));
            got += bodies(&rig.outputs()).len();
            let waited = rig.now.mono.0 - start;
            assert!(waited <= 2 * PATIENCE_MS, "{got} after {waited} ms");
        }
        assert!(stallers.iter().all(|link| rig.is_open(*link)));
    }
}

#[test]
fn attack_63_what_waits_for_a_link_moves_on_when_that_stalls_too() {
    let mut rig = Rig::new();
    let slow = rig.dialled();
    want(&mut rig, &hashes(0..3));
    asked(&mut rig, slow);
    want(&mut rig, &[]);
    rig.pass(PATIENCE_MS);
    let full = rig.open(Direction::Outbound);
    rig.sent(full);
    rig.say(full, &Message::Hello(common::hello(1)));
    want(&mut rig, &hashes(10..18));
    assert_eq!(asked(&mut rig, full), hashes(10..18), "who stalls is not asked");
    want(&mut rig, &[hash(20)]);
    assert!(asked(&mut rig, full).is_empty() && asked(&mut rig, slow).is_empty());
    rig.pass(PATIENCE_MS);
    assert_eq!(asked(&mut rig, slow), [hash(20)], "now nobody better is left");
}

#[test]
fn the_load_is_spread() {
    let mut rig = Rig::new();
    let links: Vec<_> = (0..4).map(|_| rig.dialled()).collect();
    want(&mut rig, &hashes(0..12));
    for link in links {
        assert_eq!(asked(&mut rig, link).len(), 3);
    }
}

#[test]
fn who_is_slow_and_goes_on_answering_is_kept() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    want(&mut rig, &hashes(0..8));
    let ids = asked(&mut rig, link);
    want(&mut rig, &[]);
    for id in ids {
        assert_eq!(pass(&mut rig, &[link], ANSWER_MS - 1_000), []);
        rig.say(link, &body(id));
    }
    assert!(rig.is_open(link));
    assert_eq!(bodies(&rig.outputs()).len(), 8);
}

#[test]
fn a_late_answer_is_no_fault_and_counts_if_it_is_the_first() {
    let mut rig = Rig::new();
    let (a, b) = (rig.dialled(), rig.dialled());
    want(&mut rig, &[hash(1)]);
    let (late, other) = if asked(&mut rig, a).is_empty() { (b, a) } else { (a, b) };
    rig.pass(PATIENCE_MS);
    assert_eq!(asked(&mut rig, other), [hash(1)]);
    rig.say(late, &body(hash(1)));
    assert_eq!(bodies(&rig.outputs()), [(late, hash(1))]);
    rig.say(other, &body(hash(1)));
    assert!(rig.outputs().is_empty(), "the second copy is not needed");
    assert!(rig.is_open(late) && rig.is_open(other));
}

#[test]
fn who_never_answers_is_closed_and_its_questions_go_to_others() {
    let mut rig = Rig::new();
    let staller = rig.dialled();
    want(&mut rig, &hashes(0..3));
    let mut asked = asked(&mut rig, staller);
    for _ in 0..ANSWER_MS / 1_000 {
        asked.extend(pass(&mut rig, &[staller], 1_000).into_iter().map(|(_, id)| id));
    }
    assert_eq!(*rig.violation(staller), Violation::Silent { what: "body", limit: ANSWER_MS });
    assert_eq!(asked.len(), 3, "not asked again what it still owes");
}

#[test]
fn attack_64_a_bad_body_is_asked_of_the_next_as_soon_as_its_sender_is_closed() {
    let mut rig = Rig::new();
    let (a, b) = (rig.dialled(), rig.dialled());
    want(&mut rig, &[hash(1)]);
    let (bad, good) = if asked(&mut rig, a).is_empty() { (b, a) } else { (a, b) };
    rig.say(bad, &body(hash(1)));
    want(&mut rig, &[hash(1)]);
    assert!(asked(&mut rig, good).is_empty(), "it is being checked");
    rig.call(|peers, _| peers.worth(bad, Worth::Bad("body root".into())));
    assert_eq!(*rig.violation(bad), Violation::Content("body root".into()));
    assert_eq!(asked(&mut rig, good), [hash(1)]);
    rig.say(good, &body(hash(1)));
    assert_eq!(bodies(&rig.outputs()), [(bad, hash(1)), (good, hash(1))]);
}

#[test]
fn a_body_that_came_and_stays_wanted_is_asked_again_after_a_while() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    want(&mut rig, &[hash(1)]);
    asked(&mut rig, link);
    rig.say(link, &body(hash(1)));
    assert_eq!(pass(&mut rig, &[link], BODY_CHECK_MS - 1), []);
    assert_eq!(pass(&mut rig, &[link], 1), [(link, hash(1))]);
}

#[test]
fn a_lost_link_frees_what_it_was_asked() {
    let mut rig = Rig::new();
    let gone = rig.dialled();
    want(&mut rig, &hashes(0..5));
    let stays = rig.dialled();
    assert!(asked(&mut rig, stays).is_empty());
    rig.handle(Input::Closed { link: gone });
    assert_eq!(rig.outputs(), [Output::Lost { link: gone }]);
    let mut ids = asked(&mut rig, stays);
    ids.sort();
    assert_eq!(ids, hashes(0..5));
}

/// A body of the largest size.
fn large(id: Hash) -> Message {
    Message::Body { id, bytes: BodyBytes::truncated(vec![7; BodyBytes::MAX]) }
}

#[test]
fn attack_60_large_bodies_that_are_being_checked_leave_room_for_the_next_alone() {
    let mut rig = Rig::new();
    let links: Vec<_> = (0..6).map(|_| rig.dialled()).collect();
    let all_asked = |rig: &mut Rig| -> Vec<(Link, Hash)> {
        let of =
            |link: &Link| asked(rig, *link).into_iter().map(|id| (*link, id)).collect::<Vec<_>>();
        links.iter().flat_map(of).collect()
    };
    want(&mut rig, &hashes(0..1));
    let first = all_asked(&mut rig)[0];
    rig.say(first.0, &large(first.1));
    // Now it is known how large they are.
    let fit = BODY_WINDOW_BYTES / BodyBytes::MAX;
    want(&mut rig, &hashes(1..100));
    let asked = all_asked(&mut rig);
    assert_eq!(asked.len(), fit);
    asked.iter().for_each(|(link, id)| rig.say(*link, &large(*id)));
    assert_eq!(all_asked(&mut rig), [], "they are being checked");
    // Whatever is most needed is asked for all the same.
    let needed = hash(500);
    want(&mut rig, &[&[needed][..], &hashes(1..100)].concat());
    let more: Vec<Hash> = all_asked(&mut rig).iter().map(|(_, id)| *id).collect();
    assert_eq!(more, [needed]);
    // Two are done with, and there is room for as many, less the one under way.
    let done: Vec<Hash> = asked[..3].iter().map(|(_, id)| *id).collect();
    let mut left = hashes(1..100);
    left.retain(|id| !done.contains(id));
    want(&mut rig, &[&[needed][..], &left].concat());
    assert_eq!(all_asked(&mut rig).len(), 2);
}

#[test]
fn a_link_is_asked_for_as_much_as_it_answers_in_a_while() {
    // (milliseconds that an answer takes, how many bodies it then owes at the most)
    for (ms, owes) in [(20, LINK_BODIES_MAX), (400, 5), (900, 2), (1_900, 1), (15_000, 1)] {
        let mut rig = Rig::new();
        let link = rig.dialled();
        let (mut next, mut owed) = (0, Vec::new());
        for _ in 0..60 {
            want(&mut rig, &hashes(next..next + 20));
            owed.extend(asked(&mut rig, link));
            let id = owed.remove(0);
            pass(&mut rig, &[link], ms).into_iter().for_each(|(_, id)| owed.push(id));
            rig.say(link, &body(id));
            owed.extend(asked(&mut rig, link));
            next += 20;
        }
        let most = owed.len();
        assert!(most <= owes && most + 1 >= owes, "{ms} ms: {most} owed, expected {owes}");
    }
}
