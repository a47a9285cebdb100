#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
extern crate std;

use super::draft::Old;
use super::few::FEW_MAX;
use super::fork::{Below, FORK_BITS, FORK_WIDTH, Fork, Subtree, by_slot};
use super::joins::Joins;
use super::write::Write;
use super::{StateTree, TreePart, part};
use crate::root::{Leaf, root_over};
use crate::{Key, Layer, Value};
use alloc::{collections::BTreeSet, sync::Arc, vec::Vec};
use core::array::from_fn;
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
    StateTree::default().update(&layer(0..keys, Some(0))).unwrap()
}

fn fork(below: &Below) -> Option<&Fork> {
    match below {
        Below::Few(_) | Below::Stored { .. } => None,
        Below::Fork(fork) => Some(fork),
    }
}

fn depth(below: &Below) -> usize {
    let deepest = |fork: &Fork| fork.below.iter().map(depth).max().unwrap();
    fork(below).map_or(0, |fork| FORK_BITS + deepest(fork))
}

/// Where it lies in memory.
fn place(below: &Below) -> usize {
    match below {
        Below::Few(few) => few.leaves().as_ptr().addr(),
        Below::Fork(fork) => Arc::as_ptr(fork).addr(),
        Below::Stored { .. } => 0,
    }
}

/// Goes below where `look` says so.
fn visit(below: &Below, depth: usize, look: &mut impl FnMut(&Below, usize) -> bool) {
    if look(below, depth) {
        let children = fork(below).into_iter().flat_map(|fork| &fork.below);
        children.for_each(|child| visit(child, depth + FORK_BITS, look));
    }
}

fn places(tree: &StateTree, known: &mut BTreeSet<usize>) {
    visit(&tree.top.below, 0, &mut |below, _| known.insert(place(below)));
}

/// Nodes that lie in what `new` has and `old` has not.
fn fresh(old: &StateTree, new: &StateTree) -> usize {
    let (mut known, mut found) = (BTreeSet::new(), 0);
    places(old, &mut known);
    visit(&new.top.below, 0, &mut |below, depth| {
        let unknown = !known.contains(&place(below));
        if unknown {
            let count = || match below {
                Below::Few(few) => drop(Joins::default().over(few.leaves(), depth)),
                Below::Fork(fork) => {
                    let (hashes, lens) = (&fork.hashes, fork.below.each_ref().map(Below::len_min));
                    let mut joins = Joins::default();
                    let mut nodes: [_; FORK_WIDTH] =
                        from_fn(|place| joins.given(hashes[place], lens[place]));
                    joins.fold(&mut nodes);
                }
                Below::Stored { .. } => (),
            };
            found += counted(count).1;
        }
        unknown
    });
    found
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
            let (after, joins) = counted(|| before.update(&batch).unwrap());
            assert!(joins > 0 || after.is_empty());
            assert!(joins <= fresh(&before, &after), "{joins} for {keys} keys");
        }
    }
}

/// A thousandth of the state costs a hundredth of building it, and all of it in one batch costs as
/// much as building it.
#[test]
fn a_batch_costs_by_its_own_size() {
    let (before, built) = counted(|| tree(100_000));
    let cost = |keys: u32| counted(|| before.update(&layer(0..keys, Some(1))).unwrap()).1;
    let (one, hundred, all) = (cost(1), cost(100), cost(100_000));
    let deepest = depth(&before.top.below);
    assert!(deepest <= 24, "{deepest}");
    // A fork's nodes are made again, and those over few leaves, some of which part late.
    let most = (deepest / FORK_BITS) * ((1 << FORK_BITS) - 1) + 4 * FEW_MAX;
    assert!(one <= most, "{one}");
    assert!(hundred <= 100 * most / 2, "{hundred}");
    assert!(hundred * 40 < built, "{hundred} of {built}");
    assert_eq!(all, built);
    let apart: usize =
        (0..100).map(|key| counted(|| before.update(&layer([key], Some(1))).unwrap()).1).sum();
    assert!(hundred < apart, "one batch shares the way down");
}

#[test]
fn what_changes_nothing_hashes_nothing() {
    for keys in [0, 1, 10, 1_000] {
        let before = tree(keys);
        let nothing = [layer([], None), layer(0..keys, Some(0)), layer(5_000..6_000, None)];
        for batch in nothing {
            let (after, joins) = counted(|| before.update(&batch).unwrap());
            assert_eq!((after.root(), joins, fresh(&before, &after)), (before.root(), 0, 0));
        }
    }
}

#[test]
fn versions_share_what_they_have_in_common() {
    let before = tree(10_000);
    let mut all = BTreeSet::new();
    places(&before, &mut all);
    let alone = all.len();
    for fork in 1..=50 {
        places(&before.update(&layer([fork], Some(fork))).unwrap(), &mut all);
    }
    let more = all.len() - alone;
    assert!(more <= 50 * (depth(&before.top.below) / FORK_BITS + 1), "{more} beside {alone}");
    assert!(alone > 10_000 / FEW_MAX, "and there is something to share");
}

/// A version that is dropped takes with it what no other shares, and nothing else.
#[test]
fn a_dropped_version_frees_its_own_alone() {
    let before = tree(10_000);
    let holders = |tree: &StateTree| {
        let mut all = Vec::new();
        visit(&tree.top.below, 0, &mut |below, _| {
            all.push(match below {
                Below::Few(few) if few.len() == 0 => 0,
                Below::Few(few) => few.holders(),
                Below::Fork(fork) => Arc::strong_count(fork),
                Below::Stored { .. } => 0,
            });
            true
        });
        all
    };
    let alone = holders(&before);
    let after = before.update(&layer(0..500, Some(1))).unwrap();
    assert_ne!(holders(&before), alone);
    drop(after);
    assert_eq!(holders(&before), alone);
}

/// A path with a long common beginning, which no key is known to have.
fn deep(last: u8) -> Leaf {
    let mut path = [0xa5; 32];
    path[31] = last;
    [Hash::from_bytes(path), Domain::new("deep value").hash(&[last])]
}

pub(super) fn write(leaf: &Leaf, stays: bool) -> Write {
    let [path, value] = *leaf;
    Write { path, value: stays.then_some(value) }
}

pub(super) fn update(old: &Subtree, writes: &[Write]) -> Subtree {
    part::update(Old::of(&old.below), writes, |_| ()).unwrap_or_else(|| old.clone())
}

/// Runs on a stack that a deeper descent would exhaust.
#[test]
fn paths_that_part_in_their_last_bits() {
    let descend = || {
        let leaves: Vec<Leaf> = (0..=u8::MAX).map(deep).collect();
        for many in [2, FEW_MAX, FEW_MAX + 1, 64, 65, 256] {
            let some = &leaves[..many];
            let added: Vec<_> = some.iter().map(|leaf| write(leaf, true)).collect();
            let (full, joins) = counted(|| update(&Subtree::default(), &added));
            assert_eq!((full.hash, full.below.len()), (root_over(some, 0), many));
            assert!(joins <= 248 + 8 * many, "{joins}");
            // The way down shrinks to few leaves again, each node of it hashed once.
            let (less, joins) = counted(|| update(&full, &[write(&some[0], false)]));
            assert_eq!((less.hash, less.below.len()), (root_over(&some[1..], 0), many - 1));
            assert!(joins <= 256 + 8 * FEW_MAX, "{joins}");
            let gone: Vec<_> = some.iter().map(|leaf| write(leaf, false)).collect();
            let none = update(&full, &gone);
            let few = fork(&none.below).is_none();
            assert_eq!((none.hash, none.below.len(), few), (Hash::ZERO, 0, true));
            let last = update(&full, &gone[1..]);
            assert_eq!((last.hash, last.below.len()), (root_over(&some[..1], 0), 1));
        }
    };
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    small.spawn(descend).unwrap().join().unwrap();
}

/// Depth, hash and size of all that the tree consists of.
fn shape(tree: &StateTree) -> Vec<(usize, Vec<Hash>, usize)> {
    let mut shape = Vec::new();
    visit(&tree.top.below, 0, &mut |below, depth| {
        let hashes = match below {
            Below::Few(few) => few.hashes().to_vec(),
            Below::Fork(fork) => fork.hashes.to_vec(),
            Below::Stored { .. } => Vec::new(),
        };
        shape.push((depth, hashes, below.len()));
        true
    });
    shape
}

/// Few leaves lie together, however they came to be few: a version does not depend on its history.
#[test]
fn the_shape_is_that_of_the_leaves() {
    let small = tree(100);
    let grown = tree(3_000);
    assert_eq!(shape(&grown.update(&layer(100..3_000, None)).unwrap()), shape(&small));
    let slowly =
        (30..60).fold(grown, |tree, n| tree.update(&layer(n * 50..(n + 1) * 50, None)).unwrap());
    let slowly = slowly.update(&layer(100..1_500, None)).unwrap();
    assert_eq!(shape(&slowly), shape(&small));
    let mut forks = 0;
    visit(&slowly.top.below, 0, &mut |below, _| {
        assert_eq!(fork(below).is_none(), below.len() <= FEW_MAX);
        forks += usize::from(fork(below).is_some());
        true
    });
    assert!(forks > 0);
}

/// A piece holds the hashes of the eight subtrees of its leaves, whether it was written in one go,
/// leaf by leaf, or left over from a fork.
#[test]
fn a_piece_knows_its_subtrees() {
    let full = FEW_MAX as u32;
    let check = |tree: &StateTree| {
        visit(&tree.top.below, 0, &mut |below, depth| {
            if let Below::Few(few) = below {
                let eighths = by_slot(few.leaves(), |[path, _]| path, depth);
                let hashes = eighths.map(|leaves| root_over(leaves, depth + FORK_BITS));
                let want: &[Hash] = if few.len() == 0 { &[] } else { &hashes };
                assert_eq!(few.hashes(), want);
            }
            true
        });
        shape(tree)
    };
    for keys in [0, 1, 2, 9, full - 1, full, full + 1, full + 2, 9 * full] {
        let whole = check(&tree(keys));
        let one_more = |tree: StateTree, key| tree.update(&layer([key], Some(0))).unwrap();
        let grown = (0..keys).fold(StateTree::default(), one_more);
        assert_eq!(check(&grown), whole);
        let over = grown.update(&layer(keys..keys + 3, Some(0))).unwrap();
        check(&over);
        let one_less = |tree: StateTree, key| tree.update(&layer([key], None)).unwrap();
        assert_eq!(check(&(keys..keys + 3).fold(over, one_less)), whole);
        let changed = tree(keys).update(&layer(0..keys.min(3), Some(1))).unwrap();
        check(&changed);
        assert_eq!(check(&changed.update(&layer(0..keys.min(3), Some(0))).unwrap()), whole);
    }
}

/// Whoever runs the parts, in whatever order, or leaves them, the tree is the same.
#[test]
fn parts_come_to_the_serial_result() {
    let runs: [fn(&mut [TreePart<'_>]); 5] = [
        |_| (),
        |parts| TreePart::run(parts),
        |parts| parts.rchunks_mut(1).for_each(TreePart::run),
        |parts| {
            parts.chunks_mut(3).for_each(|some| (0..2).for_each(|_| TreePart::run(&mut some[..1])))
        },
        |parts| {
            std::thread::scope(|scope| {
                let share = parts.len().div_ceil(3).max(1);
                for some in parts.chunks_mut(share) {
                    scope.spawn(|| TreePart::run(some));
                }
            });
        },
    ];
    for before in [StateTree::default(), tree(10), tree(1_000), tree(30_000)] {
        let batches = [
            layer(0..0, None),
            layer(0..1, Some(1)),
            layer(500..600, Some(1)),
            layer(0..20_000, Some(1)),
            layer(100..30_000, None),
        ];
        for batch in batches {
            let serial = before.update(&batch).unwrap();
            for run in runs {
                let other = before.update_in(&batch, run).unwrap();
                assert_eq!((other.root(), shape(&other)), (serial.root(), shape(&serial)));
            }
        }
    }
}

/// Four nodes a fork or piece on the way stand beside it. A sibling that is a child has its hash there.
#[test]
fn a_proof_hashes_few_nodes() {
    let tree = tree(20_000);
    let levels = depth(&tree.top.below) / FORK_BITS + 1;
    let prove = |key: u32| counted(|| tree.prove(&[&key.to_be_bytes()]).unwrap()).1;
    let joins: usize = (0..100).map(prove).sum();
    assert!(joins <= 100 * (4 * levels + 4), "{joins} for {levels} levels");
}
