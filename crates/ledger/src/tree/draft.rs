//! A subtree after some writes: first its shape, then all its hashes at once.
use super::few::{FEW_MAX, Few, Piece};
use super::fork::{Below, FORK_BITS, FORK_WIDTH, Fork, Subtree, by_slot};
use super::joins::{Joins, Node};
use super::write::{Write, changes, merge};
use crate::root::Leaf;
use alloc::{sync::Arc, vec, vec::Vec};
use core::array::from_fn;
use core::ops::Range;
use isonomy_crypto::Hash;

/// What is there before the writes.
#[derive(Clone, Copy)]
pub(super) enum Old<'a> {
    /// A subtree of few leaves.
    Few(&'a Few),
    /// Some of a subtree's few leaves, which had no subtree of their own.
    Some(&'a [Leaf]),
    /// More.
    Fork(&'a Fork),
}

impl<'a> Old<'a> {
    pub(super) fn of(below: &'a Below) -> Self {
        match below {
            Below::Few(few) => Self::Few(few),
            Below::Fork(fork) => Self::Fork(fork),
            // Loaded before, wherever a write leads.
            Below::Stored { .. } => Self::Some(&[]),
        }
    }

    /// Whether `writes` would change nothing, as far as one sees without going down.
    pub(super) fn stays(self, writes: &[Write]) -> bool {
        matches!(self, Self::Few(few) if !changes(few.leaves(), writes))
    }

    /// All leaves, unless they are many.
    fn leaves(self) -> Option<&'a [Leaf]> {
        match self {
            Self::Few(few) => Some(few.leaves()),
            Self::Some(leaves) => Some(leaves),
            Self::Fork(_) => None,
        }
    }

    /// Brings from memory what `writes` will need, level by level: the misses of the cache on a level
    /// are waited for together.
    pub(super) fn fetch(self, writes: &'a [Write], depth: usize) {
        let (mut level, mut depth) = (vec![(self, writes)], depth);
        while !level.is_empty() {
            let sums = level.iter().map(|(old, _)| old.touch());
            core::hint::black_box(sums.fold(0, u8::wrapping_add));
            let forks = level.into_iter().filter(|(old, _)| matches!(old, Self::Fork(_)));
            let below = forks.flat_map(|(old, writes)| old.split(writes, depth));
            level = below.map(|(_, old, writes)| (old, writes)).collect();
            depth = depth.saturating_add(FORK_BITS);
        }
    }

    /// Reads a byte of each of its hashes and leaves, so that all its memory comes into the cache.
    fn touch(self) -> u8 {
        let (hashes, leaves) = match self {
            Self::Few(few) => (few.hashes(), few.leaves()),
            Self::Some(leaves) => (&[][..], leaves),
            Self::Fork(fork) => {
                fork.fetch();
                (&fork.hashes[..], &[][..])
            }
        };
        let first = |hash: &Hash| hash.as_bytes()[0];
        let leaves = leaves.iter().map(|[path, _]| first(path));
        hashes.iter().map(first).chain(leaves).fold(0, u8::wrapping_add)
    }

    /// What is to be drafted below a fork at `depth`: each child's place, old content and writes.
    pub(super) fn split(
        self,
        writes: &'a [Write],
        depth: usize,
    ) -> impl Iterator<Item = (usize, Self, &'a [Write])> {
        let writes = by_slot(writes, |write| &write.path, depth);
        let leaves = by_slot(self.leaves().unwrap_or_default(), |[path, _]| path, depth);
        writes.into_iter().zip(leaves).enumerate().filter_map(move |(place, (writes, leaves))| {
            let (old, known) = match self {
                Self::Fork(fork) => (Self::of(fork.below.get(place)?), true),
                _ => (Self::Some(leaves), leaves.is_empty()),
            };
            (!writes.is_empty() || !known).then_some((place, old, writes))
        })
    }
}

/// Subtrees under way. Forks below others come before them.
#[derive(Default)]
pub(super) struct Draft {
    joins: Joins,
    forks: Vec<Open>,
    changes: Vec<Change>,
    piece: Piece,
    /// Of the pieces, [`FORK_WIDTH`] each.
    nodes: Vec<Option<Node>>,
    /// What was drafted apart, in order: it stands for what has at most so many writes.
    apart: Option<(usize, vec::IntoIter<Option<Subtree>>)>,
}

/// A fork whose new children lack their hashes.
struct Open {
    fork: Fork,
    changes: Range<usize>,
}

/// A fork's new child.
struct Change {
    place: usize,
    node: Option<Node>,
    below: New,
}

pub(super) enum New {
    Done(Below),
    /// Its hashes are those of the nodes from here.
    Few(Few, usize),
    /// The last open fork that no later one has taken.
    Open,
}

/// A subtree that has changed.
pub(super) struct Changed {
    node: Option<Node>,
    len: usize,
    below: New,
}

impl Draft {
    /// `old` after `writes`, or nothing where it stays what it was. The draft is then as new, but for
    /// its memory, which serves the next run.
    pub(super) fn run(&mut self, old: Old<'_>, writes: &[Write], depth: usize) -> Option<Subtree> {
        let done = self.subtree(old, writes, depth).map(|top| self.finish(top));
        self.joins.clear();
        self.changes.clear();
        self.nodes.clear();
        done
    }

    fn finish(&mut self, top: Changed) -> Subtree {
        self.joins.run();
        let (mut forks, mut done) = (core::mem::take(&mut self.forks), Vec::new());
        for Open { mut fork, changes } in forks.drain(..) {
            for at in changes.rev() {
                let Change { place, node, below } = &mut self.changes[at];
                let (place, new) = (*place, core::mem::replace(below, New::Open));
                fork.hashes[place] = self.joins.hash(*node);
                fork.below[place] = self.below(new, &mut done);
            }
            done.push(Arc::new(fork));
        }
        self.forks = forks;
        Subtree { hash: self.joins.hash(top.node), below: self.below(top.below, &mut done) }
    }

    /// With its hashes, after they are made.
    fn below(&self, new: New, done: &mut Vec<Arc<Fork>>) -> Below {
        match new {
            New::Done(below) => below,
            New::Few(few, from) => {
                let nodes = self.nodes.iter().skip(from);
                Below::Few(few.with(nodes.map(|node| self.joins.hash(*node))))
            }
            New::Open => done.pop().map_or_else(Below::default, Below::Fork),
        }
    }

    /// Joins what was drafted apart: one result for each place that has at most `most` writes.
    pub(super) fn above(most: usize, apart: Vec<Option<Subtree>>) -> Self {
        Self { apart: Some((most, apart.into_iter())), ..Self::default() }
    }

    fn subtree(&mut self, old: Old<'_>, writes: &[Write], depth: usize) -> Option<Changed> {
        if let Some((most, apart)) = &mut self.apart
            && writes.len() <= *most
        {
            let Subtree { hash, below } = apart.next().flatten()?;
            let (node, len) = (self.joins.given(hash, below.len()), below.len());
            return Some(Changed { node, len, below: New::Done(below) });
        }
        if old.stays(writes) {
            return None;
        }
        if let (Some(leaves), None) = (old.leaves(), &self.apart) {
            merge(leaves, writes, self.piece.begin());
            if self.piece.leaves().len() <= FEW_MAX {
                return Some(self.few(old, writes, depth));
            }
        }
        self.fork(old, writes, depth)
    }

    /// The piece of the merged leaves. What no write leads to has its hash.
    fn few(&mut self, old: Old<'_>, writes: &[Write], depth: usize) -> Changed {
        let below = depth.saturating_add(FORK_BITS);
        let leaves = by_slot(self.piece.leaves(), |[path, _]| path, depth);
        let writes = by_slot(writes, |write| &write.path, depth);
        let nodes = from_fn(|place| match old {
            Old::Few(old) if writes[place].is_empty() => {
                let hash = old.hashes().get(place).copied().unwrap_or_default();
                self.joins.given(hash, leaves[place].len())
            }
            _ => self.joins.over(leaves[place], below),
        });
        self.piece(nodes)
    }

    /// The piece above these nodes.
    fn piece(&mut self, mut nodes: [Option<Node>; FORK_WIDTH]) -> Changed {
        let from = self.nodes.len();
        self.nodes.extend(nodes);
        let (few, node) = (self.piece.end(), self.joins.fold(&mut nodes));
        Changed { node, len: few.len(), below: New::Few(few, from) }
    }

    fn fork(&mut self, old: Old<'_>, writes: &[Write], depth: usize) -> Option<Changed> {
        let mut fork = match old {
            Old::Fork(fork) => fork.copy(),
            _ => Fork::default(),
        };
        let mut children: [Option<Changed>; FORK_WIDTH] = from_fn(|_| None);
        let below = depth.saturating_add(FORK_BITS);
        for (place, old, writes) in old.split(writes, depth) {
            let Some(changed) = self.subtree(old, writes, below) else { continue };
            let before = fork.below.get(place).map_or(0, Below::len);
            fork.len = fork.len.saturating_sub(before).saturating_add(changed.len);
            children[place] = Some(changed);
        }
        if children.iter().all(Option::is_none) {
            return None;
        }
        let mut nodes = self.nodes(&fork, &children);
        if fork.len <= FEW_MAX {
            gather(&fork, &children, self.piece.begin());
            return Some(self.piece(nodes));
        }
        let node = self.joins.fold(&mut nodes);
        let (from, len) = (self.changes.len(), fork.len);
        for (place, changed) in children.into_iter().enumerate() {
            let change = |Changed { node, below, .. }| Change { place, node, below };
            self.changes.extend(changed.map(change));
        }
        self.forks.push(Open { fork, changes: from..self.changes.len() });
        Some(Changed { node, len, below: New::Open })
    }

    /// The nodes of a fork's children.
    fn nodes(
        &mut self,
        fork: &Fork,
        children: &[Option<Changed>; FORK_WIDTH],
    ) -> [Option<Node>; FORK_WIDTH] {
        from_fn(|place| match &children[place] {
            Some(changed) => changed.node,
            None => self.joins.given(fork.hashes[place], fork.below[place].len_min()),
        })
    }
}

/// All leaves of a fork that has become few: so its children are few, too.
fn gather(fork: &Fork, children: &[Option<Changed>; FORK_WIDTH], leaves: &mut Vec<Leaf>) {
    for (old, changed) in fork.below.iter().zip(children) {
        let few = match (changed, old) {
            (Some(Changed { below: New::Few(few, _) | New::Done(Below::Few(few)), .. }), _) => few,
            (None, Below::Few(few)) => few,
            _ => continue,
        };
        leaves.extend_from_slice(few.leaves());
    }
}
