//! Nodes to be hashed, side by side as far as none stands above another.
use crate::root::{Leaf, bit};
use alloc::vec::Vec;
use core::cell::Cell;
use isonomy_crypto::{Hash, STATE_LEAF, STATE_NODE};

/// Where a hash will be found, and the round that makes it.
#[derive(Clone, Copy)]
struct At {
    index: u32,
    round: u32,
}

const ZERO: At = At { index: 0, round: GIVEN };
const GIVEN: u32 = 0;
const LEAVES: u32 = 1;

/// The top of a subtree that is not empty.
#[derive(Clone, Copy)]
pub(super) struct Node {
    at: At,
    /// Of one leaf, which stands for every subtree that holds no other.
    lone: bool,
}

/// Hashes by round: the first are given, the second those of leaves, and each later one is made of
/// earlier ones. A round is one batch, whatever subtrees its nodes are in.
pub(super) struct Joins {
    /// Given ones, halves of leaves, and room for those to be made.
    hashes: Vec<Hash>,
    joins: Vec<Join>,
    /// The joins of each round, counted.
    rounds: Vec<usize>,
    /// The joins by round, once they are run.
    order: Vec<Join>,
    /// Empty between calls.
    open: Vec<(Node, usize)>,
}

/// A hash to be made of two others.
#[derive(Clone, Copy, Default)]
struct Join {
    of: [u32; 2],
    at: u32,
    round: u32,
}

impl Default for Joins {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Joins {
    /// With room for so many joins.
    pub(super) fn with_room(joins: usize) -> Self {
        // A join has itself and at most two given hashes.
        let mut hashes = Vec::with_capacity(joins.saturating_mul(3).saturating_add(1));
        hashes.push(Hash::ZERO);
        let (open, rounds) = (Vec::new(), Vec::with_capacity(ROUNDS));
        let joins = Vec::with_capacity(joins);
        Self { hashes, joins, rounds, order: Vec::new(), open }
    }

    /// As new, but for its memory.
    pub(super) fn clear(&mut self) {
        self.hashes.truncate(1);
        self.joins.clear();
        self.rounds.clear();
    }

    /// A subtree whose hash is known.
    pub(super) fn given(&mut self, hash: Hash, len: usize) -> Option<Node> {
        if len == 0 {
            return None;
        }
        let at = At { index: self.hold(hash), round: GIVEN };
        Some(Node { at, lone: len == 1 })
    }

    fn hold(&mut self, hash: Hash) -> u32 {
        let index = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        self.hashes.push(hash);
        index
    }

    /// The subtree over `leaves`, by path, which share the first `depth` bits of their paths.
    pub(super) fn over(&mut self, leaves: &[Leaf], depth: usize) -> Option<Node> {
        let ([path, value], rest) = leaves.split_first()?;
        let (mut path, mut node, mut below) = (path, self.leaf([*path, *value]), usize::MAX);
        for [next, value] in rest {
            let split = common_bits(path, next);
            (node, below) = self.close(node, below, path, split);
            node = self.lift(node, below, path, split.saturating_add(1));
            self.open.push((node, split));
            (node, below, path) = (self.leaf([*next, *value]), usize::MAX, next);
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

    fn leaf(&mut self, leaf: Leaf) -> Node {
        let of = leaf.map(|half| self.hold(half));
        Node { at: self.made(of, LEAVES), lone: true }
    }

    fn node(&mut self, left: At, right: At) -> Node {
        #[cfg(test)]
        super::tests::count_join();
        let round = left.round.max(right.round).max(LEAVES).saturating_add(1);
        Node { at: self.made([left.index, right.index], round), lone: false }
    }

    fn made(&mut self, of: [u32; 2], round: u32) -> At {
        let at = self.hold(Hash::ZERO);
        self.joins.push(Join { of, at, round });
        let rounds = round as usize;
        if self.rounds.len() <= rounds {
            self.rounds.resize(rounds.saturating_add(1), 0);
        }
        self.rounds[rounds] = self.rounds[rounds].saturating_add(1);
        At { index: at, round }
    }

    /// Makes all hashes.
    pub(super) fn run(&mut self) {
        self.sort();
        let hashes = Cell::from_mut(&mut self.hashes[..]).as_slice_of_cells();
        let pair = |Join { of, .. }: &Join| of.map(|index| hashes[index as usize].get());
        for joins in self.order.chunk_by(|one, next| one.round == next.round) {
            let mut made = joins.iter().map(|join| &hashes[join.at as usize]);
            let out = |hash| made.next().into_iter().for_each(|slot| slot.set(hash));
            match joins.first().map(|join| join.round) {
                Some(LEAVES) => STATE_LEAF.join_all(joins.iter().map(pair), out),
                _ => STATE_NODE.join_all(joins.iter().map(pair), out),
            }
        }
    }

    /// Orders the joins by round: each starts where those before it end.
    fn sort(&mut self) {
        let mut end = 0_usize;
        for round in &mut self.rounds {
            let count = core::mem::replace(round, end);
            end = end.saturating_add(count);
        }
        self.order.clear();
        self.order.resize(self.joins.len(), Join::default());
        for join in &self.joins {
            let place = &mut self.rounds[join.round as usize];
            self.order[*place] = *join;
            *place = place.saturating_add(1);
        }
    }

    /// A hash, after [`run`](Self::run).
    pub(super) fn hash(&self, node: Option<Node>) -> Hash {
        node.map_or(Hash::ZERO, |Node { at, .. }| self.hashes[at.index as usize])
    }
}

/// Rounds that nearly all trees do with.
const ROUNDS: usize = 16;

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
