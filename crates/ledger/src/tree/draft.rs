//! A subtree after some writes: first its shape, then all its hashes at once.
use super::fork::{Below, FEW_MAX, FORK_BITS, FORK_WIDTH, Fork, Subtree};
use super::joins::{Joins, Node};
use super::write::{Write, changes, cut, merge};
use crate::root::Leaf;
use alloc::{sync::Arc, vec, vec::Vec};
use core::array::from_fn;
use core::ops::Range;

/// What is there before the writes.
#[derive(Clone, Copy)]
pub(super) enum Old<'a> {
    /// A subtree of few leaves.
    Few(&'a [Leaf]),
    /// Some of a subtree's few leaves, which had no subtree of their own.
    Some(&'a [Leaf]),
    /// More.
    Fork(&'a Fork),
}

impl<'a> Old<'a> {
    pub(super) fn of(below: &'a Below) -> Self {
        match below {
            Below::Few(leaves) => Self::Few(leaves),
            Below::Fork(fork) => Self::Fork(fork),
            // Loaded before, wherever a write leads.
            Below::Stored { .. } => Self::Few(&[]),
        }
    }

    /// Whether `writes` would change nothing, as far as one sees without going down.
    pub(super) fn stays(self, writes: &[Write]) -> bool {
        matches!(self, Self::Few(leaves) if !changes(leaves, writes))
    }

    /// What is to be drafted below a fork at `depth`: each child's place, old content and writes.
    pub(super) fn split(
        self,
        mut writes: &'a [Write],
        depth: usize,
    ) -> impl Iterator<Item = (usize, Self, &'a [Write])> {
        let mut rest = match self {
            Self::Few(leaves) | Self::Some(leaves) => leaves,
            Self::Fork(_) => &[],
        };
        (0..FORK_WIDTH).filter_map(move |place| {
            let writes = cut(&mut writes, |write| &write.path, place, depth);
            let (old, known) = match self {
                Self::Fork(fork) => (Self::of(fork.below.get(place)?), true),
                _ => {
                    let some = cut(&mut rest, |[path, _]| path, place, depth);
                    (Self::Some(some), some.is_empty())
                }
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
    merged: Vec<Leaf>,
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
    /// `old` after `writes`, or nothing where it stays what it was.
    pub(super) fn run(mut self, old: Old<'_>, writes: &[Write], depth: usize) -> Option<Subtree> {
        let top = self.subtree(old, writes, depth)?;
        self.joins.run();
        let mut done = Vec::new();
        for Open { mut fork, changes } in self.forks {
            for change in self.changes[changes].iter_mut().rev() {
                fork.hashes[change.place] = self.joins.hash(change.node);
                fork.below[change.place] = below(&mut change.below, &mut done);
            }
            done.push(Arc::new(fork));
        }
        let mut last = top.below;
        Some(Subtree { hash: self.joins.hash(top.node), below: below(&mut last, &mut done) })
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
        if let (Old::Few(leaves) | Old::Some(leaves), None) = (old, &self.apart) {
            self.merged.clear();
            merge(leaves, writes, &mut self.merged);
            if self.merged.len() <= FEW_MAX {
                return Some(self.few(depth));
            }
        }
        self.fork(old, writes, depth)
    }

    /// The merged leaves.
    fn few(&mut self, depth: usize) -> Changed {
        let node = self.joins.over(&self.merged, depth);
        let leaves = Arc::from(&*self.merged);
        Changed { node, len: self.merged.len(), below: New::Done(Below::Few(leaves)) }
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
        let node = self.over(&fork, &children);
        if fork.len <= FEW_MAX {
            return Some(Changed {
                node,
                len: fork.len,
                below: New::Done(gather(&fork, &children)),
            });
        }
        let (from, len) = (self.changes.len(), fork.len);
        for (place, changed) in children.into_iter().enumerate() {
            let change = |Changed { node, below, .. }| Change { place, node, below };
            self.changes.extend(changed.map(change));
        }
        self.forks.push(Open { fork, changes: from..self.changes.len() });
        Some(Changed { node, len, below: New::Open })
    }

    /// The node above a fork's children.
    pub(super) fn over(
        &mut self,
        fork: &Fork,
        children: &[Option<Changed>; FORK_WIDTH],
    ) -> Option<Node> {
        let mut nodes = from_fn::<_, FORK_WIDTH, _>(|place| match &children[place] {
            Some(changed) => changed.node,
            None => self.joins.given(fork.hashes[place], fork.below[place].len()),
        });
        self.joins.fold(&mut nodes)
    }
}

fn below(new: &mut New, done: &mut Vec<Arc<Fork>>) -> Below {
    match core::mem::replace(new, New::Open) {
        New::Done(below) => below,
        New::Open => done.pop().map_or_else(Below::default, Below::Fork),
    }
}

/// All leaves of a fork that has become few: so its children are few, too.
fn gather(fork: &Fork, children: &[Option<Changed>; FORK_WIDTH]) -> Below {
    let leaves = fork.below.iter().zip(children).flat_map(|(old, changed)| {
        let below = match changed {
            Some(Changed { below: New::Done(below), .. }) => below,
            _ => old,
        };
        match below {
            Below::Few(leaves) => &**leaves,
            Below::Fork(_) | Below::Stored { .. } => &[],
        }
    });
    Below::Few(leaves.copied().collect())
}
