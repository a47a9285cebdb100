//! What is really allocated, measured. One test at a time, since the count is the process's.
#![allow(clippy::unwrap_used, clippy::panic, unsafe_code)]
mod common;

use common::{Rig, hash, hashes};
use isonomy_crypto::Hash;
use isonomy_peer::{
    BYTES_MIN, BodyBytes, CloseReason, Config, Direction, Input, Limits, Message, TransactionBytes,
    Violation,
};
use isonomy_types::{EngineMessage, Link, List, Mono};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static ALONE: Mutex<()> = Mutex::new(());

// SAFETY: every call goes to the system's allocator; counting changes nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), SeqCst) + layout.size();
        PEAK.fetch_max(live, SeqCst);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), SeqCst);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most that was allocated during `work`, beyond what was there before.
fn peak(work: impl FnOnce()) -> usize {
    let before = LIVE.load(SeqCst);
    PEAK.store(before, SeqCst);
    work();
    PEAK.load(SeqCst).saturating_sub(before)
}

#[test]
fn attack_06_a_short_message_with_a_large_count_allocates_little() {
    let _alone = ALONE.lock();
    for kind in [3_u8, 4, 5, 7, 9, 10, 11, 13, 14] {
        let mut rig = Rig::new();
        let link = rig.dialled();
        rig.call(|peers, now| {
            peers.ask_headers(now, link, hashes(0..1));
            peers.want(now, vec![hash(9)]);
            peers.request_transactions(now, link, vec![hash(12)]);
            peers.ask_addresses(now, link);
        });
        rig.forget();
        let mut frame = vec![0; 4 + 200];
        frame[..4].copy_from_slice(&200_u32.to_le_bytes());
        frame[4] = kind;
        frame[5..9].fill(0xff);
        let (input, most) = (frame.len(), peak(|| rig.receive(link, frame)));
        assert!(most <= input + 65_536, "kind {kind}: {most} bytes");
        assert!(!rig.is_open(link) || kind == 7);
    }
}

#[test]
fn attack_59_strangers_cost_little() {
    let _alone = ALONE.lock();
    let mut rig = Rig::new();
    let links: Vec<_> = (0..100).map(|_| rig.open(Direction::Inbound)).collect();
    rig.forget();
    let frame = [&1_020_u32.to_le_bytes()[..], &[0; 1_019]].concat();
    let most = peak(|| {
        for link in &links {
            for byte in &frame {
                rig.receive(*link, vec![*byte]);
            }
        }
    });
    assert!(links.iter().all(|link| rig.is_open(*link)), "one byte is still missing");
    assert!(most <= 100 * 1_024 + 16_384, "{most} bytes");
}

#[test]
fn our_own_count_is_an_upper_bound() {
    let _alone = ALONE.lock();
    let before = LIVE.load(SeqCst);
    let mut rig = Rig::new();
    let slow: Vec<_> = (0..10).map(|_| rig.open_without_credit(Direction::Inbound)).collect();
    for (index, link) in slow.iter().enumerate() {
        rig.say(*link, &Message::GetBody { id: hash(1) });
        let bytes = BodyBytes::truncated(vec![1; 100_000 * index]);
        rig.call(|peers, _| peers.answer_body(*link, hash(1), bytes));
        let ids = hashes(10_000 * index as u64..10_000 * index as u64 + 4_000);
        for part in ids.chunks(1_000) {
            rig.say(*link, &Message::Announce { ids: List::truncated(part.to_vec()) });
            rig.call(|peers, now| peers.request_transactions(now, *link, part.to_vec()));
        }
        rig.call(|peers, now| peers.announce_transactions(now, ids, None));
    }
    rig.call(|peers, now| peers.want(now, hashes(0..1_000)));
    deliver(&mut rig, hashes(1_000_000..1_003_000));
    for key in 0..3_000 {
        rig.call(|peers, now| {
            peers.relay(now, hash(key), Mono(u64::MAX), EngineMessage::default())
        });
    }
    rig.forget();
    let (held, real) = (rig.peers.buffered(), LIVE.load(SeqCst) - before);
    assert!(held >= real && held <= real * 5 / 4, "we say {held}, the allocator {real}");
    assert!(held <= Limits::default().buffered_bytes_max());
}

/// An honest link announces and delivers.
fn deliver(rig: &mut Rig, ids: Vec<Hash>) {
    let link = rig.accepted();
    for part in ids.chunks(1_000) {
        rig.say(link, &Message::Announce { ids: List::truncated(part.to_vec()) });
        rig.call(|peers, now| peers.request_transactions(now, link, part.to_vec()));
        loop {
            let asked = rig.sent(link).into_iter().filter_map(|message| match message {
                Message::GetTransactions { ids } => Some(ids.into_vec()),
                _ => None,
            });
            let asked: Vec<_> = asked.collect();
            if asked.is_empty() {
                break;
            }
            for ids in asked {
                let items = ids.into_iter().map(|id| (id, TransactionBytes::default())).collect();
                rig.say(link, &Message::Transactions { items: List::truncated(items) });
            }
        }
    }
}

const ENGINE_BYTES: usize = 60_000;

/// Does to a link that takes nothing all that costs memory: bodies and messages wait for it, it
/// announces what it never sends, asks as much as it may, and leaves its largest frame half sent.
fn burden(rig: &mut Rig, number: u64) -> Link {
    let link = rig.open_without_credit(Direction::Inbound);
    let from = (number + 1) * 100_000;
    for part in hashes(from..from + 50_000).chunks(1_000) {
        rig.say(link, &Message::Announce { ids: List::truncated(part.to_vec()) });
        rig.call(|peers, now| peers.request_transactions(now, link, part.to_vec()));
        rig.call(|peers, now| peers.announce_transactions(now, part.to_vec(), Some(Link(0))));
    }
    rig.call(|peers, now| peers.want(now, vec![hash(from)]));
    let body = BodyBytes::truncated(vec![1; BodyBytes::MAX]);
    let frame = Message::Body { id: hash(from), bytes: body.clone() }.to_frame();
    rig.receive(link, frame[..frame.len() - 1].to_vec());
    rig.forget();
    link
}

/// Lets as much wait for it as may.
fn pile(rig: &mut Rig, link: Link, bytes: usize) {
    for _ in 0..bytes / (ENGINE_BYTES + 100) {
        let message = EngineMessage::truncated(vec![1; ENGINE_BYTES]);
        rig.call(|peers, _| peers.send(link, message));
    }
}

#[test]
fn attack_60_a_link_at_its_worst_costs_no_more_than_it_may() {
    let _alone = ALONE.lock();
    let limits = Limits::default();
    let mut rig = Rig::new();
    rig.forget();
    let (before, counted) = (LIVE.load(SeqCst), rig.peers.buffered());
    let link = burden(&mut rig, 0);
    pile(&mut rig, link, limits.backlog_bytes() - 100_000);
    assert!(rig.is_open(link), "{:?}", rig.closed(link));
    rig.forget();
    let (held, real) = (rig.peers.buffered() - counted, LIVE.load(SeqCst) - before);
    assert!(held <= limits.link_bytes, "{held} bytes");
    assert!(held >= real && held <= real * 5 / 4, "we say {held}, the allocator {real}");
    assert!(held >= limits.link_bytes / 2, "the test is no test: {held} bytes");
    pile(&mut rig, link, 200_000);
    assert!(matches!(rig.violation(link), Violation::SlowReader { .. }));
    assert!(rig.peers.buffered() < 100_000, "all of it is given back");
}

#[test]
fn attack_60_all_links_together_cost_no_more_than_they_may() {
    let _alone = ALONE.lock();
    let limits = Limits { bytes: BYTES_MIN, ..Limits::default() };
    let mut rig = Rig::with(Config { limits: limits.clone(), ..common::config() });
    let honest = rig.dialled();
    let quiet = rig.accepted();
    let before = LIVE.load(SeqCst);
    for number in 0..12 {
        let link = burden(&mut rig, number);
        pile(&mut rig, link, limits.backlog_bytes() - 100_000);
        rig.handle(Input::Tick);
        rig.forget();
        let (held, real) = (rig.peers.buffered(), LIVE.load(SeqCst).saturating_sub(before));
        assert!(held <= limits.bytes && real <= held, "{held} held, {real} allocated");
    }
    let closed = (1..20).filter(|n| {
        let why = rig.closed(Link(*n));
        matches!(why, Some(CloseReason::Violation(Violation::Costly { .. })))
    });
    assert!(closed.count() >= 4, "some had to go");
    assert!(rig.is_open(honest) && rig.is_open(quiet), "those that cost little stay");
}

/// What a crowd may do in any order, hostile and honest mixed.
#[test]
fn invariant_11_our_own_count_holds_all_along_a_hostile_run() {
    let _alone = ALONE.lock();
    let mut rig = Rig::new();
    rig.forget();
    let (before, counted) = (LIVE.load(SeqCst), rig.peers.buffered());
    let (mut links, mut looks) = (Vec::new(), 0);
    let mut dice = common::net::Dice(11);
    for step in 0..400 {
        hostile_step(&mut rig, &mut links, &mut dice, step);
        rig.forget();
        let (held, real) = (rig.peers.buffered() - counted, LIVE.load(SeqCst) - before);
        // The test's own records, and what a few links cost before they did anything.
        let (slack, few) = (16_384 + links.capacity() * 8 + step as usize * 256, 300_000);
        assert!(held + slack >= real, "step {step}: we say {held}, the allocator {real}");
        if real > few {
            looks += 1;
            assert!(held <= real * 5 / 4, "step {step}: we say {held}, the allocator {real}");
        }
    }
    assert!(looks > 100, "only {looks} looks at more than a little");
}

fn hostile_step(rig: &mut Rig, links: &mut Vec<Link>, dice: &mut common::net::Dice, step: u64) {
    let link = links.get(dice.below(links.len().max(1) as u64) as usize).copied();
    let from = 1_000_000 + step * 5_000;
    match (dice.below(10), link) {
        (0, _) | (_, None) if links.len() < 40 => {
            links.push(rig.open_without_credit(Direction::Inbound));
        }
        (1, Some(link)) => {
            rig.say(link, &Message::GetBody { id: hash(1) });
            let bytes = BodyBytes::truncated(vec![1; dice.below(2_000_000) as usize]);
            rig.call(|peers, _| peers.answer_body(link, hash(1), bytes));
        }
        (2..5, Some(link)) => {
            let ids = hashes(from..from + 1_000);
            rig.say(link, &Message::Announce { ids: List::truncated(ids.clone()) });
            rig.call(|peers, now| peers.request_transactions(now, link, ids));
        }
        (5, _) => {
            let ids = hashes(from..from + 1_000);
            rig.call(|peers, now| peers.announce_transactions(now, ids, None));
        }
        (6, Some(link)) => pile(rig, link, dice.below(1_000_000) as usize),
        (7, Some(link)) => {
            let frame = Message::Engine { message: EngineMessage::truncated(vec![1; 60_000]) };
            rig.receive(link, frame.to_frame()[..dice.below(60_000) as usize].to_vec());
        }
        (8, Some(link)) => {
            rig.handle(Input::Writable { link, bytes: dice.below(3_000_000) as usize });
        }
        _ => rig.pass(dice.below(3_000)),
    }
}
