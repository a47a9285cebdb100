//! Pages: bounded whatever is asked, and going on where the last one ended.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::{Shared, TALKER, Words, World, action, address, catch_up, oracle, pay, sign};
use isonomy_index::{Index, PAGE_BYTES_MAX, PAGE_MAX, PASSED_MAX};
use isonomy_ledger::assets::Asset;
use isonomy_types::{Address, Amount, Encode};
use tempfile::TempDir;

fn open(world: &World) -> (TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index.redb"), &world.genesis).unwrap();
    (dir, index)
}

fn say(n: u8, seq: u64, words: &Words) -> Shared {
    sign(&[(n, seq)], vec![action(0, TALKER, words.encode())], 50, 900_000)
}

#[test]
fn a_page_has_at_most_so_many_entries_and_at_least_one() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    for block in 0..10 {
        let payments: Vec<_> = (0..10).map(|n| pay(0, block * 10 + n, 1, 5)).collect();
        world.extend(&payments);
    }
    catch_up(&index, &world.source());
    for (limit, want) in [(0, 1), (1, 1), (7, 7), (PAGE_MAX, PAGE_MAX), (usize::MAX, PAGE_MAX)] {
        let history = index.history(address(0), None, limit).unwrap();
        assert_eq!((history.entries.len(), history.next.is_some()), (want, true), "{limit}");
        let key = address(0);
        let events = index.events(None, key.0.as_bytes(), None, limit).unwrap();
        assert_eq!((events.entries.len(), events.next.is_some()), (want, true), "{limit}");
    }
    let holders = index.holders(Asset::Coin, None, usize::MAX).unwrap();
    let count = holders.page.entries.len();
    assert_eq!((holders.count, holders.page.next), (count as u64, None));
    // A page that ends with the last entry knows that it was the last.
    let exact = index.holders(Asset::Coin, None, count).unwrap();
    assert_eq!((exact.page.entries.len(), exact.page.next), (count, None));
    let last = holders.page.entries[count - 1].0;
    assert_eq!(index.holders(Asset::Coin, Some(last), 5).unwrap().page.entries, []);
}

#[test]
fn large_events_make_short_pages() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let long = vec![7; 15_000];
    for seq in 0..40 {
        world.extend(&[say(0, seq, &vec![(vec![b"long".to_vec()], long.clone())])]);
    }
    catch_up(&index, &world.source());
    let page = index.events(None, b"long", None, PAGE_MAX).unwrap();
    let bytes: usize = page.entries.iter().map(|entry| entry.event.payload.len()).sum();
    assert!(page.next.is_some() && bytes > PAGE_BYTES_MAX / 2, "{bytes}");
    assert!(bytes <= PAGE_BYTES_MAX + long.len(), "{bytes}");
    oracle::compare(&world, &index, &mut Draw(1));
}

/// One module's events under a key of which another says much more.
#[test]
fn a_key_that_another_module_fills_costs_a_bounded_page() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let key = address(25).0.as_bytes().to_vec();
    world.extend(&[pay(3, 0, 25, 5)]);
    let words: Words = vec![(vec![key.clone()], Vec::new()); 200];
    let mut said = 0;
    for seq in 0.. {
        world.extend(&[say(0, seq, &words)]);
        let receipts = &world.known[&world.best()].receipts;
        assert_eq!(receipts[0].code, 0);
        said += receipts[0].events.len();
        if said > PASSED_MAX {
            break;
        }
    }
    catch_up(&index, &world.source());
    let first = index.events(Some(1), &key, None, 5).unwrap();
    assert_eq!(first.entries, []);
    let second = index.events(Some(1), &key, first.next, 5).unwrap();
    assert_eq!((second.entries.len(), second.next), (1, None));
    assert_eq!(index.events(Some(2), &key, second.next, 5).unwrap().entries, []);
}

/// A page asked for before a reorganisation goes on below the place that it named.
#[test]
fn pages_go_on_across_a_reorganisation() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let source = world.source();
    for seq in 0..4 {
        world.extend(&[pay(0, seq, 1, 5)]);
    }
    let fork = world.best();
    world.extend(&[pay(0, 4, 1, 5)]);
    catch_up(&index, &source);
    let first = index.history(address(1), None, 2).unwrap();
    let other = world.grow(fork, &[pay(2, 0, 1, 5), pay(0, 4, 3, 5)]);
    let over = world.grow(other, &[]);
    world.adopt(over);
    catch_up(&index, &source);
    let rest = index.history(address(1), first.next, 64).unwrap();
    assert_ne!(first.at, rest.at);
    let place = |entry: &isonomy_index::HistoryEntry| (entry.height, entry.index);
    let below = place(first.entries.last().unwrap());
    assert!(rest.entries.iter().all(|entry| place(entry) < below));
    let whole = index.history(address(1), None, 64).unwrap().entries;
    let below: Vec<_> = whole.into_iter().filter(|entry| place(entry) < below).collect();
    assert_eq!(rest.entries, below);
}

/// Genesis counts, and who gives all away is no holder.
#[test]
fn holders_are_counted_from_genesis_on() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let first = index.holders(Asset::Coin, None, 64).unwrap();
    let all: Vec<_> = first.page.entries.iter().map(|(_, amount)| *amount).collect();
    assert_eq!((first.count, all), (8, vec![Amount(common::RICHES); 8]));
    // The second signer gives all that he has; the first pays.
    let all = isonomy_ledger::assets::Call::pay(address(30), Amount(common::RICHES));
    let action = action(1, isonomy_ledger::assets::ID, all.encode());
    world.extend(&[sign(&[(0, 0), (1, 0)], vec![action], 50, 60_000)]);
    catch_up(&index, &world.source());
    let after = index.holders(Asset::Coin, None, 64).unwrap().page.entries;
    let held = |of: Address| after.iter().find(|(holder, _)| *holder == of);
    assert_eq!(held(address(1)).filter(|_| world_producer(&world) != address(1)), None);
    assert_eq!(held(address(30)), Some(&(address(30), Amount(common::RICHES))));
    oracle::compare(&world, &index, &mut Draw(1));
}

fn world_producer(world: &World) -> Address {
    world.known[&world.best()].header.producer
}
