//! Views: what they show, and that they stay as they are.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Block, Pairs, first, flush, keep, layer, on_both, open, pairs};
use isonomy_ledger::{Layer, Order, Span, Stack, View, state_root};
use isonomy_store::Store;
use std::sync::Arc;

/// A flush of one block whose writes differ from those of every other height, some of them
/// removals of what stood before.
fn step(parent: &Block, store: &mut dyn Store) -> (Block, Arc<dyn View>) {
    let block = parent.child(1);
    let mut layer = Layer::default();
    for key in 0..20u64 {
        let value = format!("{key} at {}", block.trail.height);
        let gone = (key + block.trail.height).is_multiple_of(3);
        let value = (!gone).then(|| Arc::from(value.into_bytes()));
        layer.writes.insert(Arc::from(key.to_be_bytes()), value);
    }
    let view = keep(store, &flush(std::slice::from_ref(&block), layer)).unwrap();
    (block, view)
}

#[test]
fn a_view_stays_as_it_is_through_ten_flushes() {
    on_both(|store| {
        let mut held: Vec<(Arc<dyn View>, Pairs)> = Vec::new();
        let mut block = first();
        let mut view = store.recover().unwrap().view;
        for _ in 0..12 {
            let shown = pairs(&*view);
            held.push((view, shown));
            (block, view) = step(&block, store);
        }
        for (height, (view, shown)) in held.iter().enumerate() {
            assert_eq!(&pairs(&**view), shown, "the state after block {height}");
        }
        let (root, shown) = (state_root(&*held[1].0).unwrap(), pairs(&*held[1].0));
        assert_ne!(root, state_root(&*held[2].0).unwrap());
        assert_eq!(shown.len(), 15);
    });
}

/// What the block of a height writes: new keys, changes and removals, over many pages.
fn writes(height: u64) -> Layer {
    let value = |key: u64| match (key ^ height) % 7 {
        0 => None,
        _ => Some(Arc::from(vec![height as u8; 1 + (key as usize * 31) % 90])),
    };
    let keys = (0..300).map(|step| (height * 97 + step * step) % 3_000);
    Layer { writes: keys.map(|key| (Arc::from(key.to_be_bytes()), value(key))).collect() }
}

fn apply(state: &mut Pairs, layer: &Layer) {
    for (key, value) in &layer.writes {
        match value {
            Some(value) => state.insert(key.to_vec(), value.to_vec()),
            None => state.remove(key),
        };
    }
}

/// Asked through scans of either direction and key by key.
fn shows(view: &dyn View, state: &Pairs) {
    assert!(pairs(view) == *state);
    let down = view.scan(&Span::all(), Order::Down).map(Result::unwrap);
    let down = down.map(|(key, value)| (key.to_vec(), value.to_vec()));
    assert!(down.eq(state.clone().into_iter().rev()));
    for key in (0..3_000u64).map(u64::to_be_bytes) {
        assert_eq!(view.get(&key).unwrap().as_deref(), state.get(&key[..]).map(Vec::as_slice));
    }
}

/// The state of a height under the store's views and, above them, of a block not yet flushed.
#[test]
fn a_recent_height_is_read_while_fifty_blocks_are_imported() {
    on_both(|store| {
        let (mut state, mut held) = (pairs(&*store.recover().unwrap().view), Vec::new());
        let (mut base, mut layers, mut blocks) = (store.recover().unwrap().view, vec![], vec![]);
        let mut block = first();
        std::thread::scope(|scope| {
            for height in 1..=50 {
                block = block.child(height);
                store.append(&[block.append()]).unwrap();
                let layer = writes(height);
                apply(&mut state, &layer);
                blocks.push(block.clone());
                layers.insert(0, Arc::new(layer));
                let stack = Stack { layers: layers.clone(), base: base.clone() };
                if height % 7 == 0 {
                    let (view, state) = (stack.clone(), state.clone());
                    scope.spawn(move || (0..5).for_each(|_| shows(&view, &state)));
                }
                held.push((stack, state.clone()));
                if height % 4 == 0 {
                    let mut merged = Layer::default();
                    layers.iter().rev().for_each(|layer| merged.cover(layer));
                    base = keep(store, &flush(&blocks, merged)).unwrap();
                    (layers, blocks) = (vec![], vec![]);
                }
            }
        });
        assert_eq!(held.len(), 50);
        held.iter().for_each(|(view, state)| shows(view, state));
    });
}

#[test]
fn a_scan_goes_on_through_a_flush() {
    on_both(|store| {
        let (block, view) = step(&first(), store);
        let expected = pairs(&*view);
        let mut scan = view.scan(&Span::all(), Order::Up);
        let mut seen: Vec<_> = scan.by_ref().take(3).map(Result::unwrap).collect();
        step(&block, store);
        seen.extend(scan.map(Result::unwrap));
        let seen: Pairs = seen.iter().map(|(key, value)| (key.to_vec(), value.to_vec())).collect();
        assert_eq!(seen, expected);
    });
}

#[test]
fn a_scan_is_lazy_and_keeps_to_its_span() {
    on_both(|store| {
        let keys: [&[u8]; 6] = [b"", b"a", b"a\0", b"ab", b"b", b"\xff\xff"];
        let writes: Vec<_> = keys.iter().map(|key| (*key, Some(*key))).collect();
        let block = first().child(1);
        let writes = [&writes[1..], &[(b"", Some(&b"empty"[..])), (b"genesis", None)]].concat();
        let view = keep(store, &flush(&[block], layer(&writes))).unwrap();
        type Case<'a> = (&'a [u8], Option<&'a [u8]>, &'a [&'a [u8]]);
        let table: [Case<'_>; 9] = [
            (b"", None, &keys),
            (b"", Some(b""), &[]),
            (b"", Some(b"a"), &keys[..1]),
            (b"a", Some(b"b"), &keys[1..4]),
            (b"a\0", Some(b"ab"), &keys[2..3]),
            (b"ab", None, &keys[3..]),
            (b"b", Some(b"a"), &[]),
            (b"b", Some(b"b"), &[]),
            (b"\xff\xff\xff", None, &[]),
        ];
        for (from, to, expected) in table {
            let span = Span { from: from.to_vec(), to: to.map(<[u8]>::to_vec) };
            let scan = |order| view.scan(&span, order).map(|pair| pair.unwrap().0.to_vec());
            let mut found: Vec<_> = scan(Order::Down).collect();
            found.reverse();
            assert_eq!(found, expected, "down {span:?}");
            assert_eq!(scan(Order::Up).collect::<Vec<_>>(), expected, "up {span:?}");
            assert_eq!(scan(Order::Up).next(), expected.first().map(|key| key.to_vec()));
            assert_eq!(scan(Order::Down).next(), expected.last().map(|key| key.to_vec()));
        }
    });
}

#[test]
fn a_removed_value_is_gone_and_may_come_back() {
    on_both(|store| {
        let mut block = first();
        for value in [Some(&b"one"[..]), None, None, Some(b"two"), None] {
            block = block.child(1);
            let writes = layer(&[(b"key", value), (b"never there", None)]);
            let view = keep(store, &flush(std::slice::from_ref(&block), writes)).unwrap();
            assert_eq!(view.get(b"key").unwrap().as_deref(), value);
            assert_eq!(view.get(b"never there").unwrap(), None);
            assert_eq!(pairs(&*view).len(), 1 + usize::from(value.is_some()));
        }
    });
}

#[test]
fn views_are_read_from_many_threads() {
    on_both(|store| {
        let (mut block, view) = step(&first(), store);
        let expected = pairs(&*view);
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| (0..50).for_each(|_| assert_eq!(pairs(&*view), expected)));
            }
            for _ in 0..5 {
                block = step(&block, store).0;
            }
        });
    });
}

/// Pages are freed once the view that shows them is gone, so the file does not grow for ever.
#[test]
fn a_dropped_view_gives_its_room_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut disk = open(dir.path());
    let mut block = first();
    let size = || std::fs::metadata(dir.path().join("state.redb")).unwrap().len();
    let mut sizes = Vec::new();
    for _ in 0..30 {
        block = block.child(1);
        let big = layer(&[(b"big", Some(&[block.trail.height as u8; 100_000]))]);
        drop(keep(&mut disk, &flush(std::slice::from_ref(&block), big)).unwrap());
        sizes.push(size());
    }
    // Thirty former values of 100 kB are kept for undo; the rest is overwritten.
    assert!(sizes[29] < 12 * 1024 * 1024, "{sizes:?}");
}
