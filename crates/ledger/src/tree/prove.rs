//! What a tree's pairs prove to those who know its root alone.
use super::few::{FEW_MAX, Few};
use super::fork::{Below, FORK_WIDTH, Fork, by_slot};
use super::joins::{Joins, Node};
use crate::root::{Leaf, bit};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, StateLeaf, StateProof, StateProofError, StateTerminal};

/// The proof for sorted `paths` in the tree of which `top` is the root. The forks on the way there are
/// in memory.
pub(super) fn prove(top: &Below, paths: &[Hash]) -> Result<StateProof, StateProofError> {
    let mut walk = Walk {
        joins: Joins::with_room(ROOM_JOINS),
        terminals: Vec::with_capacity(paths.len()),
        siblings: Vec::with_capacity(ROOM_SIBLINGS),
    };
    walk.subtree(Place::of(top, 0), paths, 0);
    walk.joins.run();
    let siblings = walk.siblings.into_iter().map(|sibling| walk.joins.hash(sibling));
    StateProof::new(paths, &walk.terminals, siblings)
}

/// A subtree: some leaves, or children that lie side by side.
#[derive(Clone, Copy)]
enum Place<'a> {
    Leaves(&'a [Leaf]),
    Children { all: Children<'a>, from: usize, width: usize },
}

/// Of a fork, or of few leaves: what would be a fork's children, and where each of them ends.
#[derive(Clone, Copy)]
enum Children<'a> {
    Fork(&'a Fork),
    Few(&'a Few, [u8; FORK_WIDTH]),
}

impl<'a> Children<'a> {
    fn few(few: &'a Few, depth: usize) -> Self {
        let mut end = 0_usize;
        let ends = by_slot(few.leaves(), |[path, _]| path, depth).map(|leaves| {
            end = end.saturating_add(leaves.len());
            u8::try_from(end).unwrap_or(u8::MAX)
        });
        Self::Few(few, ends)
    }

    fn hash(self, place: usize) -> Hash {
        let hashes = match self {
            Self::Fork(fork) => &fork.hashes,
            Self::Few(few, _) => few.hashes(),
        };
        hashes.get(place).copied().unwrap_or_default()
    }

    /// Its leaves, unless it is a fork.
    fn leaves(self, place: usize) -> Option<&'a [Leaf]> {
        match self {
            Self::Few(few, ends) => {
                let end = |place: usize| ends.get(place).copied().map_or(0, usize::from);
                few.leaves().get(end(place.wrapping_sub(1))..end(place))
            }
            Self::Fork(fork) => match fork.below.get(place)? {
                Below::Few(few) => Some(few.leaves()),
                Below::Fork(_) | Below::Stored { .. } => None,
            },
        }
    }

    fn len_min(self, place: usize) -> usize {
        self.leaves(place).map_or(FEW_MAX, <[Leaf]>::len)
    }
}

impl<'a> Place<'a> {
    /// A subtree that lies at `depth`.
    fn of(below: &'a Below, depth: usize) -> Self {
        let all = match below {
            Below::Few(few) if few.len() <= 1 => return Self::Leaves(few.leaves()),
            Below::Few(few) => Children::few(few, depth),
            Below::Fork(fork) => Children::Fork(fork),
            // Loaded before, where a path leads there.
            Below::Stored { .. } => return Self::Leaves(&[]),
        };
        Self::Children { all, from: 0, width: FORK_WIDTH }
    }

    /// With what is below, if it is one child.
    fn opened(self, depth: usize) -> Self {
        match self {
            Self::Children { all: Children::Fork(fork), from, width: 1 } => {
                Self::of(&fork.below[from], depth)
            }
            Self::Children { all, from, width: 1 } => {
                Self::Leaves(all.leaves(from).unwrap_or_default())
            }
            _ => self,
        }
    }

    /// Its only leaf or none, unless there are more.
    fn terminal(self) -> Option<Option<&'a Leaf>> {
        let leaves = match self {
            Self::Leaves(leaves) => leaves,
            Self::Children { all, from, width } => {
                let places = from..from.saturating_add(width);
                let mut held = places.filter(|place| all.len_min(*place) > 0);
                match (held.next(), held.next()) {
                    (None, _) => &[],
                    (Some(place), None) => all.leaves(place)?,
                    _ => return None,
                }
            }
        };
        (leaves.len() <= 1).then_some(leaves.first())
    }

    /// The two halves of the subtree, which lies at `depth`.
    fn halves(self, depth: usize) -> (Self, Self) {
        match self {
            Self::Leaves(leaves) => {
                let (left, right) =
                    leaves.split_at(leaves.partition_point(|[path, _]| !bit(path, depth)));
                (Self::Leaves(left), Self::Leaves(right))
            }
            Self::Children { all, from, width } => {
                let width = width / 2;
                let half = |from: usize| Self::Children { all, from, width };
                (half(from), half(from.saturating_add(width)))
            }
        }
    }
}

/// Siblings of one key in a million: room that spares a proof of few keys most allocations.
const ROOM_SIBLINGS: usize = 32;
/// The same for the joins below them.
const ROOM_JOINS: usize = 40;

struct Walk {
    joins: Joins,
    terminals: Vec<StateTerminal>,
    siblings: Vec<Option<Node>>,
}

impl Walk {
    /// Goes from left to right to where `paths` lead. No deeper than 256 calls, since a subtree that
    /// holds two leaves lies above their last bit.
    fn subtree(&mut self, place: Place<'_>, paths: &[Hash], depth: usize) {
        let place = place.opened(depth);
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
        let (all, from, width) = match place {
            Place::Leaves(leaves) => return self.joins.over(leaves, depth),
            Place::Children { all, from, width } => (all, from, width),
        };
        let mut nodes = [None; FORK_WIDTH];
        for (node, place) in nodes.iter_mut().zip(from..).take(width) {
            *node = self.joins.given(all.hash(place), all.len_min(place));
        }
        self.joins.fold(&mut nodes[..width])
    }
}
