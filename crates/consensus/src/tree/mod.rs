//! Every branch worth knowing.
mod change;
#[cfg(test)]
mod tests;

use crate::Trail;
use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    vec::Vec,
};
use core::{cmp::Reverse, iter::successors};
use isonomy_crypto::Hash;

/// Headers that a tree holds, those below its root included: some 40 MB. Stops a flood of cheap
/// headers (attack 49). A node that follows a longer chain takes it in pieces: each time the root
/// moves up there is room again.
pub const HEADERS_MAX: usize = 65_536;

/// Headers that a tree keeps below its root, so that a branch that forks there is recognised for
/// what it is and not taken for headers of an unknown chain.
pub const BELOW_MAX: usize = 1_024;

/// Headers so far above what is executed are the first to go when a tree is full: they are needed
/// last, and a branch that long costs its maker little until somebody asks for its blocks.
pub const HEADERS_AHEAD: u64 = 4_096;

/// Leaves looked at to find one that may go, so that a full tree costs little each time. Those that
/// must stay are executed or hold a body: a few of the many.
const LOOKS_MAX: usize = 64;

/// Why a header was not taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TreeError {
    /// It is in the tree.
    #[error("the header is known")]
    Known,
    /// Its parent is not in the tree.
    #[error("the parent {parent} is not known")]
    Orphan {
        /// The parent.
        parent: Hash,
    },
    /// It, or a block below it, is invalid for good.
    #[error("the header stands on an invalid block")]
    Condemned,
    /// There is no room until the root moves up, or [`Tree::make_room`] makes some.
    #[error("{got} headers held, limit {limit}")]
    Full {
        /// Headers in the tree.
        got: usize,
        /// [`HEADERS_MAX`].
        limit: usize,
    },
}

/// Heavier first, of equals the lower id: the order of [`Trail::outweighs`], upwards.
type Rank = (u128, Reverse<Hash>);

/// Valid headers by id, over one root: the block below which nothing is expected to change.
///
/// Below the root it keeps the way down, up to [`BELOW_MAX`] headers, and above it every branch. A
/// branch may fork below the root: it is held until the root moves again.
///
/// It holds what [`check`](crate::check) made, parents first, and believes it. Memory is bounded by
/// [`HEADERS_MAX`]; a look-up along a branch costs the logarithm of its length.
#[derive(Clone, Debug)]
pub struct Tree {
    nodes: BTreeMap<Hash, Node>,
    /// Parent and child, of all nodes whose parent is held.
    children: BTreeSet<(Hash, Hash)>,
    /// Nodes that are not condemned and have no child that is not.
    leaves: BTreeSet<Rank>,
    /// The same, by height.
    heights: BTreeSet<(u64, Hash)>,
    root: Trail,
    /// The way from the oldest node to the parent of the root.
    below: VecDeque<Hash>,
    /// Nodes that fork below the root: children of `below` that are not on the way to the root.
    strays: BTreeSet<Hash>,
}

#[derive(Clone, Debug)]
struct Node {
    trail: Trail,
    /// An ancestor far below: a jump or a step leads to any height in logarithmic time (Myers, "An
    /// applicative random-access stack", 1983).
    jump: Hash,
    condemned: bool,
}

impl Tree {
    /// A tree of `root` alone.
    #[must_use]
    pub fn new(root: Trail) -> Self {
        Self::with_below(root, Vec::new())
    }

    /// A tree of `root` and the headers below it, oldest first, the last being its parent. Those
    /// that do not lead to the root, or are more than [`BELOW_MAX`], are left out.
    #[must_use]
    pub fn with_below(root: Trail, below: Vec<Trail>) -> Self {
        let mut parent = root.parent;
        let mut chain = VecDeque::new();
        for trail in below.into_iter().rev().take(BELOW_MAX) {
            if trail.id != parent {
                break;
            }
            parent = trail.parent;
            chain.push_front(trail);
        }
        let mut tree = Self {
            nodes: BTreeMap::new(),
            children: BTreeSet::new(),
            leaves: BTreeSet::new(),
            heights: BTreeSet::new(),
            root: root.clone(),
            below: chain.iter().map(|trail| trail.id).collect(),
            strays: BTreeSet::new(),
        };
        chain.into_iter().chain([root]).for_each(|trail| tree.add(trail));
        tree
    }

    /// Takes in a header whose parent is held.
    ///
    /// # Errors
    /// See [`TreeError`]. The tree is then as before.
    pub fn insert(&mut self, trail: Trail) -> Result<(), TreeError> {
        match self.nodes.get(&trail.id) {
            Some(held) if held.condemned => return Err(TreeError::Condemned),
            Some(_) => return Err(TreeError::Known),
            None => {}
        }
        match self.nodes.get(&trail.parent) {
            None => return Err(TreeError::Orphan { parent: trail.parent }),
            Some(parent) if parent.condemned => return Err(TreeError::Condemned),
            Some(_) => {}
        }
        if self.nodes.len() >= HEADERS_MAX {
            return Err(TreeError::Full { got: self.nodes.len(), limit: HEADERS_MAX });
        }
        if trail.parent != self.root.id && self.leads_through(&self.root.id, &trail.parent) {
            self.strays.insert(trail.id);
        }
        self.add(trail);
        Ok(())
    }

    fn add(&mut self, trail: Trail) {
        if let Some(parent) = self.get(&trail.parent).cloned() {
            self.remove_leaf(&parent);
            self.children.insert((trail.parent, trail.id));
        }
        self.add_leaf(&trail);
        let jump = self.jump_of_child(&trail.parent);
        self.nodes.insert(trail.id, Node { trail, jump, condemned: false });
    }

    fn add_leaf(&mut self, trail: &Trail) {
        self.leaves.insert(rank(trail));
        self.heights.insert((trail.height, trail.id));
    }

    fn remove_leaf(&mut self, trail: &Trail) {
        self.leaves.remove(&rank(trail));
        self.heights.remove(&(trail.height, trail.id));
    }

    /// Two jumps of equal length make one of twice the length.
    fn jump_of_child(&self, parent: &Hash) -> Hash {
        let jump = |id: &Hash| {
            let node = self.nodes.get(id)?;
            let to = self.nodes.get(&node.jump)?;
            Some((node.trail.height.checked_sub(to.trail.height)?, node.jump))
        };
        match jump(parent).map(|(first, middle)| (first, jump(&middle))) {
            Some((first, Some((second, end)))) if first == second => end,
            _ => *parent,
        }
    }

    /// What is known of this header.
    #[must_use]
    pub fn get(&self, id: &Hash) -> Option<&Trail> {
        self.nodes.get(id).map(|node| &node.trail)
    }

    /// Whether this header is held.
    #[must_use]
    pub fn contains(&self, id: &Hash) -> bool {
        self.nodes.contains_key(id)
    }

    /// Whether it is held and invalid for good.
    #[must_use]
    pub fn is_condemned(&self, id: &Hash) -> bool {
        self.nodes.get(id).is_some_and(|node| node.condemned)
    }

    /// The block that every branch of interest leads through.
    #[must_use]
    pub const fn root(&self) -> &Trail {
        &self.root
    }

    /// Headers held, those below the root included. At most [`HEADERS_MAX`].
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a tree holds its root")]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// This header, its parent, and so on down to the oldest held. Nothing if it is not held.
    pub fn ancestry(&self, id: Hash) -> impl Iterator<Item = &Trail> {
        successors(self.get(&id), |trail| self.get(&trail.parent))
    }

    /// The ancestor of `id` at `height`, or `id` itself, if it is held.
    #[must_use]
    pub fn ancestor(&self, id: &Hash, height: u64) -> Option<&Trail> {
        let mut node = self.nodes.get(id)?;
        while node.trail.height > height {
            let jump = self.nodes.get(&node.jump).filter(|jump| jump.trail.height >= height);
            node = jump.or_else(|| self.nodes.get(&node.trail.parent))?;
        }
        (node.trail.height == height).then_some(&node.trail)
    }

    /// Whether `ancestor` is `id` or below it on the same branch, both being held.
    #[must_use]
    pub fn leads_through(&self, id: &Hash, ancestor: &Hash) -> bool {
        let height = self.get(ancestor).map(|trail| trail.height);
        let found = height.and_then(|height| self.ancestor(id, height));
        found.is_some_and(|trail| trail.id == *ancestor)
    }

    /// The highest block that both branches lead through, if it is held.
    #[must_use]
    pub fn fork_point(&self, a: &Hash, b: &Hash) -> Option<&Trail> {
        let height = self.get(a)?.height.min(self.get(b)?.height);
        let (mut a, mut b) = (self.ancestor(a, height)?.id, self.ancestor(b, height)?.id);
        while a != b {
            let (left, right) = (self.nodes.get(&a)?, self.nodes.get(&b)?);
            let level = |id: &Hash| self.get(id).map(|trail| trail.height);
            let (jump_a, jump_b) = (left.jump, right.jump);
            let level = level(&jump_a).is_some() && level(&jump_a) == level(&jump_b);
            (a, b) = if level && jump_a != jump_b {
                (jump_a, jump_b)
            } else {
                (left.trail.parent, right.trail.parent)
            };
        }
        self.get(&a)
    }

    /// The heaviest header that passes `filter` and is not condemned; of equals the lower id.
    /// Looks at every header held.
    pub fn heaviest(&self, filter: impl Fn(&Trail) -> bool) -> Option<&Trail> {
        let live = self.nodes.values().filter(|node| !node.condemned).map(|node| &node.trail);
        live.filter(|trail| filter(trail)).max_by_key(|trail| rank(trail))
    }

    /// The ends of all branches, without what is condemned: the heaviest first, of equals the lower
    /// id.
    pub fn leaves(&self) -> impl Iterator<Item = &Trail> {
        self.leaves.iter().rev().filter_map(|(_, Reverse(id))| self.get(id))
    }
}

fn rank(trail: &Trail) -> Rank {
    (trail.weight, Reverse(trail.id))
}
