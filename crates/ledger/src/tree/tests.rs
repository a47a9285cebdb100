#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
extern crate std;

use super::StateTree;
use super::leaf::{Leaf, root_over};
use super::subtree::{FEW_MAX, Subtree, Write};
use crate::{Key, Layer, Value};
use alloc::{collections::BTreeSet, vec::Vec};
use core::cell::Cell;
use isonomy_crypto::{Domain, Hash};

std::thread_local!(static JOINS: Cell<usize> = const { Cell::new(0) });

pub(super) fn count_join() {
    JOINS.set(JOINS.get().wrapping_add(1));
}

/// What `work` returns, and how many nodes it hashed.
fn counted<T>(work: impl FnOnce() -> T) -> (T, usize) {
    JOINS.set(0);
    let done = work();
    (done, JOINS.get())
}

/// Writes of the value `value` to `keys`; no value is a removal.
fn layer(keys: impl IntoIterator<Item = u32>, value: Option<u32>) -> Layer {
    let value = value.map(|value| Value::from(value.to_be_bytes()));
    let write = |key: u32| (Key::from(key.to_be_bytes()), value.clone());
    Layer { writes: keys.into_iter().map(write).collect() }
}

fn tree(keys: u32) -> StateTree {
    StateTree::default().update(&layer(0..keys, Some(0)))
}

fn depth(subtree: &Subtree) -> usize {
    subtree.halves().map_or(0, |halves| 1 + halves.iter().map(depth).max().unwrap())
}

/// Nodes of `new` that `old` has not, where a run of few leaves counts as the nodes over them.
fn fresh(old: &StateTree, new: &StateTree) -> usize {
    let (mut known, mut found) = (BTreeSet::new(), 0);
    visit(&old.top, 0, &mut |subtree, _| known.insert(subtree.place()));
    visit(&new.top, 0, &mut |subtree, depth| {
        let unknown = !known.contains(&subtree.place());
        if unknown {
            found += match subtree.leaves() {
                Some(leaves) => counted(|| root_over(leaves, depth)).1,
                None => 1,
            };
        }
        unknown
    });
    found
}

/// Goes below where `look` says so.
fn visit(subtree: &Subtree, depth: usize, look: &mut impl FnMut(&Subtree, usize) -> bool) {
    if look(subtree, depth) {
        let halves = subtree.halves().into_iter().flatten();
        halves.for_each(|half| visit(half, depth + 1, look));
    }
}

#[test]
fn a_batch_hashes_each_node_above_it_once() {
    let before = tree(20_000);
    for keys in [1, 2, 10, 100, 1_000, 5_000, 20_000_u32] {
        let batches = [
            layer((0..keys).map(|n| n * (20_000 / keys)), Some(1)),
            layer(30_000..30_000 + keys, Some(1)),
            layer((0..keys).map(|n| n * (20_000 / keys)), None),
        ];
        for batch in batches {
            let (after, joins) = counted(|| before.update(&batch));
            assert!(joins > 0 || after.is_empty());
            assert!(joins <= fresh(&before, &after), "{joins} for {keys} keys");
        }
    }
}

/// A thousandth of the state costs a little more than a hundredth of building it, and all of it in
/// one batch costs as much as building it.
#[test]
fn a_batch_costs_by_its_own_size() {
    let (before, built) = counted(|| tree(100_000));
    let cost = |keys: u32| counted(|| before.update(&layer(0..keys, Some(1)))).1;
    let (one, hundred, all) = (cost(1), cost(100), cost(100_000));
    let deepest = depth(&before.top);
    assert!(deepest < 30, "{deepest}");
    // Below the last fork, few leaves hold at most a node each and some that part late.
    assert!(one <= deepest + 4 * FEW_MAX, "{one}");
    assert!(hundred <= 100 * (deepest - 6 + 2 * FEW_MAX), "{hundred}");
    assert!(hundred * 50 < built, "{hundred} of {built}");
    assert_eq!(all, built);
    let apart: usize =
        (0..100).map(|key| counted(|| before.update(&layer([key], Some(1)))).1).sum();
    assert!(hundred < apart, "one batch shares the way down");
}

#[test]
fn what_changes_nothing_hashes_nothing() {
    let before = tree(1_000);
    let nothing = [layer([], None), layer(0..1_000, Some(0)), layer(5_000..6_000, None)];
    for batch in nothing {
        let (after, joins) = counted(|| before.update(&batch));
        assert_eq!((after.root(), joins, fresh(&before, &after)), (before.root(), 0, 0));
    }
}

#[test]
fn versions_share_what_they_have_in_common() {
    let places = |tree: &StateTree, known: &mut BTreeSet<usize>| {
        visit(&tree.top, 0, &mut |subtree, _| known.insert(subtree.place()));
    };
    let before = tree(10_000);
    let mut all = BTreeSet::new();
    places(&before, &mut all);
    let alone = all.len();
    for fork in 1..=50 {
        places(&before.update(&layer([fork], Some(fork))), &mut all);
    }
    let more = all.len() - alone;
    assert!(more <= 50 * (depth(&before.top) + 1), "{more} beside {alone}");
    assert!(alone > 10_000 / FEW_MAX, "and there is something to share");
}

/// A path with a long common beginning, which no key is known to have.
fn deep(last: u8) -> Leaf {
    let mut path = [0xa5; 32];
    path[31] = last;
    Leaf { path: Hash::from_bytes(path), hash: Domain::new("deep leaf").hash(&[last]) }
}

fn write(leaf: &Leaf, stays: bool) -> Write {
    Write { path: leaf.path, leaf: stays.then_some(leaf.hash) }
}

/// Runs on a stack that a deeper descent would exhaust.
#[test]
fn paths_that_part_in_their_last_bits() {
    let descend = || {
        let leaves: Vec<Leaf> = (0..=u8::MAX).map(deep).collect();
        for many in [2, FEW_MAX, FEW_MAX + 1, 256] {
            let some = &leaves[..many];
            let empty = Subtree::default();
            let added: Vec<_> = some.iter().map(|leaf| write(leaf, true)).collect();
            let (full, joins) = counted(|| empty.update(&added, 0));
            assert_eq!((full.hash, full.len), (root_over(some, 0), many));
            assert!(joins <= 248 + 8 * many, "{joins}");
            // The way down shrinks to few leaves again, each node of it hashed once.
            let (less, joins) = counted(|| full.update(&[write(&some[0], false)], 0));
            assert_eq!((less.hash, less.len), (root_over(&some[1..], 0), many - 1));
            assert!(joins <= 256 + 8 * FEW_MAX, "{joins}");
            let gone: Vec<_> = some.iter().map(|leaf| write(leaf, false)).collect();
            let none = full.update(&gone, 0);
            assert_eq!((none.hash, none.len, none.leaves().unwrap().len()), (Hash::ZERO, 0, 0));
            let last = full.update(&gone[1..], 0);
            assert_eq!((last.hash, last.len), (some[0].hash, 1), "alone, it stands for all");
        }
    };
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(descend).unwrap().join().unwrap();
}

/// Few leaves lie together, however they came to be few: a version does not depend on its history.
#[test]
fn the_shape_is_that_of_the_leaves() {
    let grown = tree(3_000);
    let shrunk = grown.update(&layer(100..3_000, None));
    let small = tree(100);
    let shape = |tree: &StateTree| {
        let mut shape = Vec::new();
        visit(&tree.top, 0, &mut |subtree, depth| {
            shape.push((depth, subtree.hash, subtree.leaves().map(<[Leaf]>::len)));
            true
        });
        shape
    };
    assert_eq!(shape(&shrunk), shape(&small));
    assert!(shape(&small).iter().all(|(_, _, few)| few.is_none_or(|few| few <= FEW_MAX)));
    assert!(shape(&small).iter().any(|(_, _, few)| few.is_none()));
}
