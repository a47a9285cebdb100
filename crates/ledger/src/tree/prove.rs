//! What a tree's pairs prove to those who know its root alone.
use super::fork::{Below, FORK_BITS, slot};
use super::joins::{Joins, Node};
use crate::root::{Leaf, bit};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, STATE_NODE, StateLeaf, StateProof, StateProofError, StateTerminal};

/// The proof for sorted `paths` in the tree of which `top` is the root. The forks on the way there are
/// in memory.
pub(super) fn prove(top: &Below, paths: &[Hash]) -> Result<StateProof, StateProofError> {
    let mut walk = Walk {
        terminals: Vec::with_capacity(paths.len()),
        siblings: Vec::with_capacity(ROOM_SIBLINGS),
        rounds: [ROOM_PAIRS, ROOM_FOURS].map(Vec::with_capacity),
        made: [Vec::new(), Vec::new()],
        joins: Joins::with_room(ROOM_JOINS),
    };
    paths.iter().for_each(|path| fetch(top, path));
    walk.subtree(Place::of(top), paths, 0);
    walk.run();
    let siblings = walk.siblings.iter().map(|sibling| walk.hash(*sibling));
    StateProof::new(paths, &walk.terminals, siblings)
}

/// Brings what lies on the way to `path` from memory, side by side. The walk, which looks at one thing
/// to find the next, would wait for each.
fn fetch(top: &Below, path: &Hash) {
    let (mut below, mut depth) = (top, 0_usize);
    let sum = |hashes: &[Hash]| hashes.iter().fold(0, |sum, hash| sum ^ hash.as_bytes()[0]);
    let mut read = 0;
    while let Below::Fork(fork) = below {
        read ^= sum(&fork.hashes);
        below = &fork.below[slot(path, depth)];
        depth = depth.saturating_add(FORK_BITS);
    }
    if let Below::Few(few) = below {
        read ^= sum(few.hashes());
        read ^= few.leaves().iter().fold(0, |sum, [path, _]| sum ^ path.as_bytes()[0]);
    }
    core::hint::black_box(read);
}

/// A subtree: children that lie side by side, with their hashes, which are zeros where there is no
/// leaf.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// Children of a fork.
    Fork(&'a [Hash], &'a [Below]),
    /// The same of few leaves, and the leaves. Below such a child there are leaves alone.
    Few(&'a [Hash], &'a [Leaf]),
}

impl<'a> Place<'a> {
    fn of(below: &'a Below) -> Self {
        match below {
            Below::Few(few) => Self::Few(few.hashes(), few.leaves()),
            Below::Fork(fork) => Self::Fork(&fork.hashes, &fork.below),
            // Loaded before, where a path leads there.
            Below::Stored { .. } => Self::Few(&[], &[]),
        }
    }

    /// With what is below, if it is one child.
    fn opened(self) -> Self {
        match self {
            Self::Fork(_, [below]) => Self::of(below),
            Self::Few([_], leaves) => Self::Few(&[], leaves),
            _ => self,
        }
    }

    /// Its only leaf or none, unless there are more.
    fn terminal(self) -> Option<Option<&'a Leaf>> {
        let leaves = match self {
            Self::Few(_, leaves) => leaves,
            Self::Fork(hashes, below) => {
                let mut held = hashes.iter().zip(below).filter(|(hash, _)| **hash != Hash::ZERO);
                match (held.next(), held.next()) {
                    (None, _) => &[],
                    (Some((_, Below::Few(few))), None) => few.leaves(),
                    _ => return None,
                }
            }
        };
        (leaves.len() <= 1).then_some(leaves.first())
    }

    /// The two halves of the subtree, which lies at `depth`.
    fn halves(self, depth: usize) -> (Self, Self) {
        match self {
            Self::Fork(hashes, below) => {
                let (left, right) = hashes.split_at(hashes.len() / 2);
                let below = below.split_at(left.len());
                (Self::Fork(left, below.0), Self::Fork(right, below.1))
            }
            Self::Few(hashes, leaves) => {
                let (left, right) = hashes.split_at(hashes.len() / 2);
                let leaves = leaves.split_at(leaves.partition_point(|[path, _]| !bit(path, depth)));
                (Self::Few(left, leaves.0), Self::Few(right, leaves.1))
            }
        }
    }

    /// Whether its child at this place holds one leaf, if the subtree lies at `depth`.
    fn is_lone(self, at: usize, depth: usize) -> bool {
        match self {
            Self::Fork(_, below) => below.get(at).is_some_and(|below| below.len_min() == 1),
            Self::Few(hashes, leaves) => {
                let bits = depth..depth.saturating_add(hashes.len().trailing_zeros() as usize);
                let place =
                    |path| bits.clone().fold(0, |at, d| at << 1 | usize::from(bit(path, d)));
                leaves.iter().filter(|[path, _]| place(path) == at).count() == 1
            }
        }
    }
}

/// The top of a subtree, whose hash may have yet to be made.
#[derive(Clone, Copy)]
enum Top<'a> {
    Empty,
    Given(&'a Hash),
    Made { round: u8, index: u32 },
    Leaves(Node),
}

impl<'a> Top<'a> {
    fn of(hash: &'a Hash) -> Self {
        if *hash == Hash::ZERO { Self::Empty } else { Self::Given(hash) }
    }
}

/// Siblings of one key in a million: room that spares a proof of few keys most allocations.
const ROOM_SIBLINGS: usize = 32;
/// The same for the nodes over two children of a fork, and for those over four.
const ROOM_PAIRS: usize = 24;
const ROOM_FOURS: usize = 8;
/// The same for the joins over leaves.
const ROOM_JOINS: usize = 8;

struct Walk<'a> {
    terminals: Vec<StateTerminal>,
    siblings: Vec<Top<'a>>,
    /// Nodes to be made over two children of a fork or of few leaves, and over four.
    rounds: [Vec<[Top<'a>; 2]>; 2],
    /// Their hashes.
    made: [Vec<Hash>; 2],
    /// What is to be made over leaves.
    joins: Joins,
}

impl<'a> Walk<'a> {
    /// Goes from left to right to where `paths` lead. No deeper than 256 calls, since a subtree that
    /// holds two leaves lies above their last bit.
    fn subtree(&mut self, place: Place<'a>, paths: &[Hash], depth: usize) {
        let place = place.opened();
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

    /// The top of a subtree that no path leads to: of at most four children.
    fn sibling(&mut self, place: Place<'a>, depth: usize) -> Top<'a> {
        match place {
            Place::Few([], leaves) => {
                self.joins.over(leaves, depth).map_or(Top::Empty, Top::Leaves)
            }
            Place::Fork([hash], _) | Place::Few([hash], _) => Top::of(hash),
            Place::Fork([_, _], _) | Place::Few([_, _], _) => self.pair(place, 0, depth),
            _ => match [0, 2].map(|at| self.pair(place, at, depth)) {
                [Top::Empty, one @ (Top::Empty | Top::Given(_))]
                | [one @ Top::Given(_), Top::Empty] => one,
                both => self.node(1, both),
            },
        }
    }

    /// The top over two children of `place`, from the one at `at`.
    fn pair(&mut self, place: Place<'a>, at: usize, depth: usize) -> Top<'a> {
        let (Place::Fork(hashes, _) | Place::Few(hashes, _)) = place;
        let next = at.saturating_add(1);
        match [at, next].map(|at| hashes.get(at).map_or(Top::Empty, Top::of)) {
            [Top::Empty, Top::Empty] => Top::Empty,
            [one, Top::Empty] if place.is_lone(at, depth) => one,
            [Top::Empty, one] if place.is_lone(next, depth) => one,
            both => self.node(0, both),
        }
    }

    fn node(&mut self, round: u8, of: [Top<'a>; 2]) -> Top<'a> {
        #[cfg(test)]
        super::tests::count_join();
        let nodes = &mut self.rounds[usize::from(round)];
        let index = u32::try_from(nodes.len()).unwrap_or(u32::MAX);
        nodes.push(of);
        Top::Made { round, index }
    }

    /// Makes all hashes.
    fn run(&mut self) {
        self.joins.run();
        for round in 0..self.rounds.len() {
            let nodes = &self.rounds[round];
            let mut made = Vec::with_capacity(nodes.len());
            let pairs = nodes.iter().map(|node| node.map(|top| self.hash(top)));
            STATE_NODE.join_all(pairs, |hash| made.push(hash));
            self.made[round] = made;
        }
    }

    /// A hash, once it is made.
    fn hash(&self, top: Top<'a>) -> Hash {
        match top {
            Top::Empty => Hash::ZERO,
            Top::Given(hash) => *hash,
            Top::Made { round, index } => self.made[usize::from(round)][index as usize],
            Top::Leaves(node) => self.joins.hash(Some(node)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::super::fork::Subtree;
    use super::super::tests::{update, write};
    use super::*;
    use crate::root::root_over;
    use isonomy_crypto::Domain;
    use proptest::collection::vec;
    use proptest::prelude::*;

    const PATH: Domain = Domain::new("example path 1");
    const VALUE: Domain = Domain::new("example value 1");

    /// A path into a child of the root's fork, and into a child of that.
    fn path(children: [usize; 2], n: u32) -> Hash {
        let mut path = PATH.hash(&n.to_be_bytes()).to_bytes();
        path[0] = path[0] & 3 | (children[0] << 5 | children[1] << 2) as u8;
        Hash::from_bytes(path)
    }

    /// Leaves of each child of the root: none, one, two, or as many as `inner` says of its children.
    fn leaves(outer: &[usize], inner: &[usize]) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        for (child, kind) in outer.iter().enumerate() {
            for below in 0..8 {
                let many = match kind {
                    3 => [0, 1, 2, 70][inner[below]],
                    few => usize::from(below < *few),
                };
                for _ in 0..many {
                    let path = path([child, below], leaves.len() as u32);
                    leaves.push([path, VALUE.hash(path.as_bytes())]);
                }
            }
        }
        leaves.sort_unstable();
        leaves
    }

    /// The walk over leaves, without any nodes.
    fn naive(
        leaves: &[Leaf],
        paths: &[Hash],
        depth: usize,
        found: &mut (Vec<StateTerminal>, Vec<Hash>),
    ) {
        if paths.is_empty() {
            found.1.push(root_over(leaves, depth));
        } else if leaves.len() < 2 {
            let leaf = leaves.first().map(|[path, value]| StateLeaf { path: *path, value: *value });
            found.0.push(StateTerminal { depth: depth as u16, leaf });
        } else {
            let halves = leaves.split_at(leaves.partition_point(|[path, _]| !bit(path, depth)));
            let paths = paths.split_at(paths.partition_point(|path| !bit(path, depth)));
            naive(halves.0, paths.0, depth + 1, found);
            naive(halves.1, paths.1, depth + 1, found);
        }
    }

    proptest! {
        /// Where children of forks hold one leaf or none, which no keys that are hashed come to.
        #[test]
        fn trees_of_any_shape(
            outer in vec(0..4_usize, 8),
            inner in vec(0..4_usize, 8),
            asked in vec(([0..8_usize, 0..8_usize], 0..600_u32), 1..5),
        ) {
            let leaves = leaves(&outer, &inner);
            let writes: Vec<_> = leaves.iter().map(|leaf| write(leaf, true)).collect();
            let tree = update(&Subtree::default(), &writes);
            let mut asked: Vec<_> = asked.iter().map(|(at, n)| path(*at, *n)).collect();
            asked.extend(leaves.get(leaves.len() / 2).map(|[path, _]| *path));
            asked.sort_unstable();
            asked.dedup();
            for paths in asked.chunks(1).chain([&asked[..]]) {
                let mut found = (Vec::new(), Vec::new());
                naive(&leaves, paths, 0, &mut found);
                let want = StateProof::new(paths, &found.0, found.1);
                prop_assert_eq!(prove(&tree.below, paths), want);
            }
        }
    }
}
