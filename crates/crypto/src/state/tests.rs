//! Paths that no known key has: leaves that part in their last bits, and forgers' leaves.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

#[path = "../../tests/support/state.rs"]
mod naive;

use super::proof::Terminal;
use super::verify::Asked;
use super::{
    STATE_LEAF, STATE_NODE, STATE_PROOF_TERMINALS_MAX, StateLeaf, StateProof, StateProofError,
    StateTerminal,
};
use crate::{Domain, Hash};
use std::vec::Vec;

const VALUE: Domain = Domain::new("example value 1");

/// A path of one byte repeated, but for its last.
fn path(first: u8, last: u8) -> Hash {
    let mut path = [first; 32];
    path[31] = last;
    Hash::from_bytes(path)
}

fn leaf(first: u8, last: u8) -> StateLeaf {
    StateLeaf { path: path(first, last), value: VALUE.hash(&[first, last]) }
}

/// What is true of `paths`, sorted.
fn asked(leaves: &[StateLeaf], paths: &[Hash]) -> Vec<Asked> {
    let value = |path: &Hash| leaves.iter().find(|leaf| leaf.path == *path).map(|leaf| leaf.value);
    let asked = |(index, path): (usize, &Hash)| Asked { index, path: *path, value: value(path) };
    paths.iter().enumerate().map(asked).collect()
}

fn in_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(work).unwrap().join().unwrap();
}

#[test]
fn attack_07_the_deepest_tree() {
    in_a_small_stack(|| {
        let leaves: Vec<StateLeaf> = (0..=u8::MAX).map(|last| leaf(0xa5, last)).collect();
        for count in [2, 3, 128, 256] {
            let some = &leaves[..count];
            let root = naive::root(some, 0);
            for step in [1, 5, 255] {
                let paths: Vec<Hash> = leaves.iter().step_by(step).map(|leaf| leaf.path).collect();
                let proof = naive::prove(some, &paths).unwrap();
                assert_eq!(proof.top(&asked(some, &paths)), Ok(root), "{count} leaves by {step}");
            }
        }
        let proof = naive::prove(&leaves, &[path(0xa5, 0)]).unwrap();
        assert_eq!(proof.terminals[0].depth, 256);
        assert_eq!((proof.marks.len(), proof.siblings.len()), (32, 8), "the others are bits");
    });
}

/// A proof whose terminals are as deep as they may be, and whose siblings are all there.
#[test]
fn attack_07_the_deepest_proof() {
    in_a_small_stack(|| {
        let terminal = StateTerminal { depth: 256, leaf: None };
        let sibling = VALUE.hash(b"sibling");
        let proof = StateProof::new(&[], &[terminal], [sibling; 256]).unwrap();
        let claim = asked(&[], &[path(7, 7)]);
        let chain = |node, at| {
            let pair = if naive::bit(&path(7, 7), at) { [sibling, node] } else { [node, sibling] };
            STATE_NODE.join(&pair)
        };
        assert_eq!(proof.top(&claim), Ok((0..256).rev().fold(Hash::ZERO, chain)));

        let error = StateProofError::Siblings { got: 264, limit: 256 };
        assert_eq!(StateProof::new(&[], &[terminal], [sibling; 257]), Err(error));
        let deeper = StateTerminal { depth: 257, leaf: None };
        let error = StateProofError::Depth { got: 257, limit: 256 };
        assert_eq!(StateProof::new(&[], &[deeper], []), Err(error));
    });
}

/// A leaf may show another key's absence where their paths are the same down to the terminal, and
/// one bit less is too little. Every depth, the terminal's own bit included.
#[test]
fn attack_02_a_leaf_that_stands_elsewhere() {
    let key = path(0, 0);
    for shared in 0..256_usize {
        let mut other = key.to_bytes();
        other[shared / 8] |= 0x80 >> (shared % 8);
        let leaf = StateLeaf { path: Hash::from_bytes(other), value: VALUE.hash(b"value") };
        for depth in [0, 1, shared.saturating_sub(1), shared, shared + 1, 256] {
            let depth = depth as u16;
            let terminal = StateTerminal { depth, leaf: Some(leaf) };
            let siblings = (0..depth).map(|_| VALUE.hash(b"sibling"));
            let proof = StateProof::new(&[key], &[terminal], siblings).unwrap();
            let verdict = proof.top(&asked(&[], &[key]));
            let error = StateProofError::Elsewhere { index: 0, depth };
            assert_eq!(verdict.err(), (usize::from(depth) > shared).then_some(error), "{shared}");
        }
    }
}

/// The list of terminals while it grows to its limit, old half and new one, before anything but
/// their three bytes each has come.
#[test]
fn attack_06_terminals_take_more_memory_than_bytes() {
    let peak = size_of::<Terminal>() * STATE_PROOF_TERMINALS_MAX * 3 / 2;
    assert!(peak < 64 * 1024, "{peak}");
}

/// One subtree, asked about by several keys.
#[test]
fn keys_at_one_terminal() {
    let (there, near, far) = (leaf(0, 1), path(0, 2), leaf(0xff, 0));
    let leaves = [there, far];
    let paths = [path(0, 0), there.path, near];
    let proof = naive::prove(&leaves, &paths).unwrap();
    assert_eq!((proof.terminals.len(), proof.siblings.len()), (1, 1));
    let root = naive::root(&leaves, 0);
    assert_eq!(proof.top(&asked(&leaves, &paths)), Ok(root));

    let claims = |change: fn(&mut [Asked])| {
        let mut asked = asked(&leaves, &paths);
        change(&mut asked);
        proof.top(&asked)
    };
    let present = claims(|asked| asked[1].value = None);
    assert_eq!(present, Err(StateProofError::Present { index: 0 }), "one of them is");
    let two = claims(|asked| asked[2].value = asked[1].value);
    assert_eq!(two, Err(StateProofError::Contradiction { index: 2 }));
    let wrong = claims(|asked| asked[1].value = Some(Hash::ZERO));
    assert!(wrong.is_ok_and(|top| top != root));
    let moved = claims(|asked| (asked[0].value, asked[1].value) = (asked[1].value, None));
    assert!(moved.is_ok_and(|top| top != root), "the value is bound to its path");

    let twice = [there.path, there.path];
    let mut claims = asked(&leaves, &twice);
    let proof = naive::prove(&leaves, &twice).unwrap();
    assert_eq!(proof.top(&claims), Ok(root), "a claim may come twice");
    claims[1].value = None;
    assert_eq!(proof.top(&claims), Err(StateProofError::Present { index: 1 }));
    claims[1].value = Some(Hash::ZERO);
    assert_eq!(proof.top(&claims), Err(StateProofError::Contradiction { index: 1 }));

    // A forger hides the key that is there behind its own leaf.
    let hidden = StateTerminal { depth: 1, leaf: Some(there) };
    let sibling = STATE_LEAF.join(&[far.path, far.value]);
    let forged = StateProof::new(&[], &[hidden], [sibling]).unwrap();
    let absent = |path| [Asked { index: 3, path, value: None }];
    let error = StateProofError::Present { index: 3 };
    assert_eq!(forged.top(&absent(there.path)), Err(error));
    assert_eq!(forged.top(&absent(near)), Ok(root));
}
