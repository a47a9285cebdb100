//! Nodes to be hashed, side by side as far as none stands above another.
use crate::root::{Leaf, bit};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, STATE_LEAF, STATE_NODE};

/// Where a hash will be found.
#[derive(Clone, Copy)]
pub(super) struct At {
    round: usize,
    index: usize,
}

const ZERO: At = At { round: 0, index: 0 };
const LEAVES: usize = 1;

/// The top of a subtree that is not empty.
#[derive(Clone, Copy)]
pub(super) struct Node {
    pub(super) at: At,
    /// Of one leaf, which stands for every subtree that holds no other.
    lone: bool,
}

/// Hashes by round: the first are given, the second those of leaves, and each later one is made of
/// earlier ones. A round is one batch, whatever subtrees its nodes are in.
pub(super) struct Joins {
    leaves: Vec<Leaf>,
    rounds: Vec<Round>,
    /// Empty between calls.
    open: Vec<(Node, usize)>,
}

#[derive(Default)]
struct Round {
    joins: Vec<[At; 2]>,
    hashes: Vec<Hash>,
}

impl Default for Joins {
    fn default() -> Self {
        let given = Round { joins: Vec::new(), hashes: [Hash::ZERO].into() };
        Self { leaves: Vec::new(), rounds: [given, Round::default()].into(), open: Vec::new() }
    }
}

impl Joins {
    /// As new, but for its memory.
    pub(super) fn clear(&mut self) {
        self.leaves.clear();
        for round in &mut self.rounds {
            round.joins.clear();
            round.hashes.clear();
        }
        self.rounds[ZERO.round].hashes.push(Hash::ZERO);
    }

    /// A subtree whose hash is known.
    pub(super) fn given(&mut self, hash: Hash, len: usize) -> Option<Node> {
        let given = &mut self.rounds[ZERO.round].hashes;
        let at = At { round: ZERO.round, index: given.len() };
        if len == 0 {
            return None;
        }
        given.push(hash);
        Some(Node { at, lone: len == 1 })
    }

    /// The subtree over `leaves`, by path, which share the first `depth` bits of their paths.
    pub(super) fn over(&mut self, leaves: &[Leaf], depth: usize) -> Option<Node> {
        let first = self.leaves.len();
        self.leaves.extend_from_slice(leaves);
        let mut nodes = (first..).map(|index| Node { at: At { round: LEAVES, index }, lone: true });
        let (mut path, rest) = leaves.split_first().map(|([path, _], rest)| (path, rest))?;
        let mut node = nodes.next()?;
        let mut below = usize::MAX;
        for ([next, _], other) in rest.iter().zip(nodes) {
            let split = common_bits(path, next);
            (node, below) = self.close(node, below, path, split);
            node = self.lift(node, below, path, split.saturating_add(1));
            self.open.push((node, split));
            (node, below, path) = (other, usize::MAX, next);
        }
        (node, below) = self.close(node, below, path, 0);
        Some(self.lift(node, below, path, depth))
    }

    /// Joins `node`, which lies at `below`, with what waits to its left and parts from it deeper than
    /// at `split`.
    fn close(&mut self, node: Node, below: usize, path: &Hash, split: usize) -> (Node, usize) {
        let (mut node, mut below) = (node, below);
        while let Some((left, deeper)) = self.open.pop_if(|(_, deeper)| *deeper >= split) {
            node = self.lift(node, below, path, deeper.saturating_add(1));
            node = self.node(left.at, node.at);
            below = deeper;
        }
        (node, below)
    }

    /// `node` from depth `below` up to `depth`, beside empty subtrees.
    fn lift(&mut self, node: Node, below: usize, path: &Hash, depth: usize) -> Node {
        if node.lone {
            return node;
        }
        (depth..below).rev().fold(node, |node, depth| match bit(path, depth) {
            true => self.node(ZERO, node.at),
            false => self.node(node.at, ZERO),
        })
    }

    /// The node above two subtrees, if it is one.
    fn join(&mut self, left: Option<Node>, right: Option<Node>) -> Option<Node> {
        match (left, right) {
            (None, None) => None,
            (Some(lone), None) | (None, Some(lone)) if lone.lone => Some(lone),
            _ => {
                let [left, right] = [left, right].map(|node| node.map_or(ZERO, |node| node.at));
                Some(self.node(left, right))
            }
        }
    }

    /// The node above subtrees that lie side by side, a power of two of them.
    pub(super) fn fold(&mut self, nodes: &mut [Option<Node>]) -> Option<Node> {
        let mut width = nodes.len() / 2;
        while width > 0 {
            for place in 0..width {
                let left = place.wrapping_mul(2);
                nodes[place] = self.join(nodes[left], nodes[left.wrapping_add(1)]);
            }
            width /= 2;
        }
        nodes.first().copied().flatten()
    }

    fn node(&mut self, left: At, right: At) -> Node {
        #[cfg(test)]
        super::tests::count_join();
        let round = left.round.max(right.round).max(LEAVES).saturating_add(1);
        if round == self.rounds.len() {
            self.rounds.push(Round::default());
        }
        let joins = &mut self.rounds[round].joins;
        joins.push([left, right]);
        Node { at: At { round, index: joins.len().saturating_sub(1) }, lone: false }
    }

    /// Makes all hashes.
    pub(super) fn run(&mut self) {
        let leaves = &mut self.rounds[LEAVES].hashes;
        leaves.reserve(self.leaves.len());
        STATE_LEAF.join_all(self.leaves.iter().copied(), |leaf| leaves.push(leaf));
        for round in LEAVES.saturating_add(1)..self.rounds.len() {
            let (before, now) = self.rounds.split_at_mut(round);
            let Some(Round { joins, hashes }) = now.first_mut() else { return };
            hashes.reserve(joins.len());
            let pair = |at: At| before[at.round].hashes[at.index];
            STATE_NODE.join_all(joins.iter().map(|ats| ats.map(pair)), |node| hashes.push(node));
        }
    }

    /// A hash, after [`run`](Self::run).
    pub(super) fn hash(&self, node: Option<Node>) -> Hash {
        node.map_or(Hash::ZERO, |Node { at, .. }| self.rounds[at.round].hashes[at.index])
    }
}

/// Bits that two paths share before they part.
fn common_bits(one: &Hash, other: &Hash) -> usize {
    let (one, _) = one.as_bytes().as_chunks();
    let (other, _) = other.as_bytes().as_chunks();
    let mut bits = 0_usize;
    for (one, other) in one.iter().zip(other) {
        let same = (u64::from_be_bytes(*one) ^ u64::from_be_bytes(*other)).leading_zeros();
        bits = bits.saturating_add(same as usize);
        if same < u64::BITS {
            break;
        }
    }
    bits
}
