//! What a tree's pairs prove to those who know its root alone.
use super::fork::{Below, FORK_WIDTH, Fork};
use super::joins::{Joins, Node};
use crate::root::{Leaf, bit};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, StateLeaf, StateProof, StateProofError, StateTerminal};

/// The proof for sorted `paths` in the tree of which `top` is the root. The forks on the way there are
/// in memory.
pub(super) fn prove(top: &Below, paths: &[Hash]) -> Result<StateProof, StateProofError> {
    let mut walk = Walk::default();
    walk.subtree(Place::of(top), paths, 0);
    walk.joins.run();
    let siblings = walk.siblings.into_iter().map(|sibling| walk.joins.hash(sibling));
    StateProof::new(paths, &walk.terminals, siblings)
}

/// A subtree: the leaves of some subtree of few, or children that lie side by side in a fork.
#[derive(Clone, Copy)]
enum Place<'a> {
    Leaves(&'a [Leaf]),
    Children { fork: &'a Fork, from: usize, width: usize },
}

impl<'a> Place<'a> {
    fn of(below: &'a Below) -> Self {
        match below {
            Below::Few(leaves) => Self::Leaves(leaves),
            Below::Fork(fork) => Self::Children { fork, from: 0, width: FORK_WIDTH },
            // Loaded before, if it is the root; else a sibling, and asked for its hash alone.
            Below::Stored { .. } => Self::Leaves(&[]),
        }
    }

    /// Its only leaf or none, unless there are more.
    fn terminal(self) -> Option<Option<&'a Leaf>> {
        let (leaves, more): (&[Leaf], _) = match self {
            Self::Leaves(leaves) => (leaves, false),
            Self::Children { fork, from, width } => {
                let mut held =
                    fork.below.iter().skip(from).take(width).filter(|below| below.len() > 0);
                match (held.next(), held.next()) {
                    (None, _) => (&[], false),
                    (Some(Below::Few(leaves)), None) => (leaves, false),
                    _ => (&[], true),
                }
            }
        };
        (!more && leaves.len() <= 1).then_some(leaves.first())
    }

    /// The two halves of the subtree, which lies at `depth`.
    fn halves(self, depth: usize) -> (Self, Self) {
        match self {
            Self::Leaves(leaves) => {
                let (left, right) =
                    leaves.split_at(leaves.partition_point(|[path, _]| !bit(path, depth)));
                (Self::Leaves(left), Self::Leaves(right))
            }
            Self::Children { fork, from, width } => {
                let width = width / 2;
                let half = |from: usize| match fork.below.get(from) {
                    Some(child @ (Below::Few(_) | Below::Fork(_))) if width == 1 => Self::of(child),
                    _ => Self::Children { fork, from, width },
                };
                (half(from), half(from.saturating_add(width)))
            }
        }
    }
}

#[derive(Default)]
struct Walk {
    joins: Joins,
    terminals: Vec<StateTerminal>,
    siblings: Vec<Option<Node>>,
}

impl Walk {
    /// Goes from left to right to where `paths` lead. No deeper than 256 calls, since a subtree that
    /// holds two leaves lies above their last bit.
    fn subtree(&mut self, place: Place<'_>, paths: &[Hash], depth: usize) {
        if let Some(leaf) = place.terminal() {
            let leaf = leaf.map(|[path, value]| StateLeaf { path: *path, value: *value });
            let depth = u16::try_from(depth).unwrap_or(u16::MAX);
            return self.terminals.push(StateTerminal { depth, leaf });
        }
        let (left, right) = place.halves(depth);
        let one = paths.partition_point(|path| !bit(path, depth));
        let below = depth.saturating_add(1);
        for (half, paths) in [(left, &paths[..one]), (right, &paths[one..])] {
            match paths {
                [] => {
                    let sibling = self.sibling(half, below);
                    self.siblings.push(sibling);
                }
                _ => self.subtree(half, paths, below),
            }
        }
    }

    fn sibling(&mut self, place: Place<'_>, depth: usize) -> Option<Node> {
        let (fork, from, width) = match place {
            Place::Leaves(leaves) => return self.joins.over(leaves, depth),
            Place::Children { fork, from, width } => (fork, from, width),
        };
        let children = fork.hashes.iter().zip(&fork.below).skip(from).take(width);
        let mut nodes = [None; FORK_WIDTH];
        for (node, (hash, below)) in nodes.iter_mut().zip(children) {
            *node = self.joins.given(*hash, below.len());
        }
        self.joins.fold(&mut nodes[..width])
    }
}
