//! The state tree over a sorted list of leaves, and its proofs: by definition, without any nodes.
#![allow(dead_code, clippy::arithmetic_side_effects)]

use super::{Hash, STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateProofError, StateTerminal};
use std::vec::Vec;

pub(crate) fn bit(path: &Hash, index: usize) -> bool {
    path.as_bytes()[index / 8] & (0x80 >> (index % 8)) != 0
}

/// The root over leaves, sorted, that share `depth` bits.
pub(crate) fn root(leaves: &[StateLeaf], depth: usize) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [leaf] => STATE_LEAF.join(&[leaf.path, leaf.value]),
        _ => {
            let (left, right) =
                leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.path, depth)));
            STATE_NODE.join(&[root(left, depth + 1), root(right, depth + 1)])
        }
    }
}

/// The proof about `paths`, in any order.
pub(crate) fn prove(leaves: &[StateLeaf], paths: &[Hash]) -> Result<StateProof, StateProofError> {
    let mut paths = paths.to_vec();
    paths.sort_unstable();
    let (mut terminals, mut siblings) = (Vec::new(), Vec::new());
    walk(leaves, &paths, 0, &mut terminals, &mut siblings);
    StateProof::new(&paths, &terminals, siblings)
}

fn walk(
    leaves: &[StateLeaf],
    paths: &[Hash],
    depth: usize,
    terminals: &mut Vec<StateTerminal>,
    siblings: &mut Vec<Hash>,
) {
    if paths.is_empty() {
        siblings.push(root(leaves, depth));
    } else if leaves.len() < 2 {
        let leaf = leaves.first().copied();
        terminals.push(StateTerminal { depth: depth as u16, leaf });
    } else {
        let (left, right) = leaves.split_at(leaves.partition_point(|leaf| !bit(&leaf.path, depth)));
        let (lows, highs) = paths.split_at(paths.partition_point(|path| !bit(path, depth)));
        walk(left, lows, depth + 1, terminals, siblings);
        walk(right, highs, depth + 1, terminals, siblings);
    }
}
