//! What is really allocated, measured. One test at a time, since the count is the process's.
#![allow(clippy::unwrap_used, clippy::panic, unsafe_code)]
mod common;

use common::{Rig, hash, hashes};
use isonomy_crypto::Hash;
use isonomy_peer::{BodyBytes, Direction, Limits, Message, TransactionBytes};
use isonomy_types::{EngineMessage, List, Mono};
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
