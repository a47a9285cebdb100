#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Proofs of the state against the attacks on proofs.

#[path = "support/pairs.rs"]
mod pairs;
#[path = "support/state.rs"]
mod state;

use isonomy_crypto::{
    Hash, STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateProofError, StateTerminal,
    state_path, state_value,
};
use pairs::{Holds, Pairs, Raw, key, value};
use std::collections::BTreeSet;

/// A node's halves shown as a leaf's path and value, and a leaf's as a node's halves.
#[test]
fn attack_02_node_posing_as_leaf_and_leaf_as_node() {
    let pairs = Pairs::numbered(2);
    let [first, second] = [0, 1].map(|at| {
        let [path, value] = [state_path(&key(at)), state_value(&value(at))];
        (STATE_LEAF.join(&[path, value]), path, value)
    });
    let lone = Pairs::numbered(1);
    let root = lone.root();
    assert_eq!(root, first.0);
    // The lone leaf as a node: a fork whose halves are its path and its value.
    for absent in (1..20).map(key) {
        for (halves, side) in [([first.1, first.2], 0), ([first.2, first.1], 1)] {
            let end = StateTerminal { depth: 1, leaf: None };
            let forged = StateProof::new(&[], &[end], [halves[side]]).unwrap();
            assert!(forged.verify(&root, &[(&absent, None)]).is_err());
        }
    }
    // Each node of a larger tree as a leaf.
    let root = pairs.root();
    let nodes = [first.0, second.0, STATE_NODE.join(&[first.0, second.0]), root];
    for (path, value) in nodes.iter().flat_map(|path| nodes.map(|value| (*path, value))) {
        let raw = Raw {
            terminals: vec![(0, Holds::Other(path, value))],
            marks: vec![],
            siblings: vec![],
        };
        assert!(!raw.passes(&root, &[(&key(0), None)]));
    }
}

/// A terminal higher or lower than it is, with siblings cut off, added, or left as they are.
#[test]
fn attack_02_forged_depth() {
    for count in [1, 2, 3, 10, 60] {
        let pairs = Pairs::numbered(count);
        let root = pairs.root();
        for asked in [0, count / 2, count, count + 7].map(key) {
            let claims = pairs.claims(std::slice::from_ref(&asked));
            let honest = Raw::of(&pairs.prove(std::slice::from_ref(&asked)).unwrap());
            assert!(honest.passes(&root, &claims));
            let true_depth = honest.terminals[0].0;
            for depth in (0..=256).filter(|depth| *depth != true_depth) {
                let mut forged = honest.clone();
                forged.terminals[0].0 = depth;
                assert!(!forged.passes(&root, &claims), "depth {depth} of {true_depth}");
                forged.marks = vec![0; usize::from(depth).div_ceil(8)];
                for zeros in [true, false] {
                    let all = honest.siblings.iter().copied();
                    forged.siblings = if zeros { vec![] } else { all.take(depth.into()).collect() };
                    let ones = forged.siblings.len();
                    (0..ones).for_each(|at| forged.marks[at / 8] |= 1 << (at % 8));
                    assert!(!forged.passes(&root, &claims), "depth {depth} of {true_depth}");
                }
            }
        }
    }
}

#[test]
fn attack_03_leaves_past_a_limit() {
    let mut roots = BTreeSet::new();
    for count in 0..=1_025_usize {
        let mut pairs = Pairs::numbered(count);
        let root = pairs.root();
        assert!(roots.insert(root), "every length has a root of its own");
        let sampled = [0, count / 3, 511, 512, count.saturating_sub(1)];
        let places: Vec<usize> = match count {
            0..=20 => (0..count).collect(),
            1_025 => (0..count).step_by(8).collect(),
            _ => sampled.into(),
        };
        for at in places.into_iter().filter(|at| *at < count) {
            let honest = pairs.0.insert(key(at), b"changed".to_vec()).unwrap();
            assert_ne!(pairs.root(), root, "leaf {at} of {count}");
            pairs.0.insert(key(at), honest);
        }
        for at in [0, count / 3, count.saturating_sub(1), count] {
            let keys = [key(at)];
            let proof = pairs.prove(&keys).unwrap();
            assert_eq!(proof.verify(&root, &pairs.claims(&keys)), Ok(()), "{at} of {count}");
            assert!(proof.verify(&root, &[(&keys[0], Some(b"changed"))]).is_err());
        }
    }
}

const FLIPS: [u8; 9] = [1, 2, 4, 8, 16, 32, 64, 128, 255];

/// Sets of keys, present and absent, in states of several sizes. Two of them have neighbours whose
/// paths part late, so that there are empty siblings.
fn cases() -> Vec<(Pairs, Vec<Vec<u8>>)> {
    let mut by_path: Vec<usize> = (0..5_000).collect();
    by_path.sort_unstable_by_key(|number| state_path(&key(*number)));
    let shared = |pair: &&[usize]| {
        let [one, other] = [pair[0], pair[1]].map(|number| state_path(&key(number)).to_bytes());
        one[..2] == other[..2] && (one[2] ^ other[2]) < 0x10
    };
    let close = by_path.windows(2).find(shared).unwrap();
    let pair = |number: &usize| (key(*number), value(*number));
    let two = Pairs(close.iter().map(pair).collect());
    let mut few = two.clone();
    few.0.extend((0..10).map(|number| pair(&number)));
    vec![
        (Pairs::numbered(0), vec![key(0)]),
        (Pairs::numbered(1), vec![key(0), key(1)]),
        (Pairs::numbered(3), vec![key(5)]),
        (Pairs::numbered(21), vec![key(4)]),
        (Pairs::numbered(50), [3, 60, 17, 90, 44].map(key).into()),
        (two, vec![key(close[0])]),
        (few, vec![key(close[1]), key(3), key(20_000)]),
    ]
}

#[test]
fn attack_04_any_flipped_byte() {
    for (pairs, keys) in cases() {
        let (root, claims) = (pairs.root(), pairs.claims(&keys));
        let bytes = borsh::to_vec(&pairs.prove(&keys).unwrap()).unwrap();
        let passes = |bytes: &[u8]| {
            borsh::from_slice::<StateProof>(bytes)
                .is_ok_and(|proof| proof.verify(&root, &claims).is_ok())
        };
        assert!(passes(&bytes));
        for (at, flip) in (0..bytes.len()).flat_map(|at| FLIPS.map(|flip| (at, flip))) {
            let mut forged = bytes.clone();
            forged[at] ^= flip;
            assert!(!passes(&forged), "byte {at} of {}", bytes.len());
        }
        for cut in 0..bytes.len() {
            assert!(!passes(&bytes[..cut]), "{cut} bytes of {}", bytes.len());
        }
        assert!(!passes(&[&bytes[..], &[0]].concat()));
    }
}

#[test]
fn attack_04_any_flipped_byte_of_root_key_or_value() {
    for (pairs, keys) in cases() {
        let (root, claims) = (pairs.root(), pairs.claims(&keys));
        let proof = pairs.prove(&keys).unwrap();
        for (at, flip) in (0..32).flat_map(|at| FLIPS.map(|flip| (at, flip))) {
            let mut bytes = root.to_bytes();
            bytes[at] ^= flip;
            assert!(proof.verify(&Hash::from_bytes(bytes), &claims).is_err());
        }
        for (index, (key, value)) in claims.iter().enumerate() {
            let Some(value) = value else { continue };
            for (at, flip) in (0..key.len()).flat_map(|at| FLIPS.map(|flip| (at, flip))) {
                let (mut other, mut claims) = (key.to_vec(), claims.clone());
                other[at] ^= flip;
                claims[index].0 = &other;
                assert!(proof.verify(&root, &claims).is_err());
            }
            for (at, flip) in (0..value.len()).flat_map(|at| FLIPS.map(|flip| (at, flip))) {
                let (mut other, mut claims) = (value.to_vec(), claims.clone());
                other[at] ^= flip;
                claims[index].1 = Some(&other);
                assert!(proof.verify(&root, &claims).is_err());
            }
        }
    }
}

/// Parts left out, repeated, swapped or brought from elsewhere.
#[test]
fn attack_04_any_other_parts() {
    let strange = [Hash::ZERO, state_path(b"strange")];
    for (pairs, keys) in cases() {
        let (root, claims) = (pairs.root(), pairs.claims(&keys));
        let honest = Raw::of(&pairs.prove(&keys).unwrap());
        let mut forgeries = Vec::new();
        let mut forge = |change: &dyn Fn(&mut Raw)| {
            let mut raw = honest.clone();
            change(&mut raw);
            forgeries.push(raw);
        };
        for at in 0..honest.terminals.len() {
            forge(&|raw| _ = raw.terminals.remove(at));
            forge(&|raw| raw.terminals.insert(at, raw.terminals[at]));
            forge(&|raw| raw.terminals.rotate_left(at));
            for holds in [Holds::Nothing, Holds::Asked, Holds::Other(strange[0], strange[1])] {
                forge(&|raw| raw.terminals[at].1 = holds);
            }
            // The leaf of a key asked about, spelt out: true, and still not the one encoding.
            for (key, value) in pairs.0.iter() {
                let spelt = Holds::Other(state_path(key), state_value(value));
                forge(&|raw| raw.terminals[at].1 = spelt);
            }
        }
        for at in 0..honest.siblings.len() {
            forge(&|raw| _ = raw.siblings.remove(at));
            forge(&|raw| raw.siblings.insert(at, raw.siblings[at]));
            forge(&|raw| raw.siblings.rotate_left(at));
            strange.iter().for_each(|hash| forge(&|raw| raw.siblings[at] = *hash));
        }
        forge(&|raw| raw.marks.push(0));
        forge(&|raw| _ = raw.marks.pop());
        for bit in 0..8 * honest.marks.len() {
            forge(&|raw| raw.marks[bit / 8] ^= 1 << (bit % 8));
            forge(&|raw| {
                raw.marks[bit / 8] |= 1 << (bit % 8);
                raw.siblings.push(strange[1]);
            });
        }
        for raw in forgeries.iter().filter(|raw| **raw != honest) {
            assert!(!raw.passes(&root, &claims), "{raw:?} for {honest:?}");
        }
    }
}

#[test]
fn attack_05_claims_other_than_the_proof_s() {
    let pairs = Pairs::numbered(40);
    let root = pairs.root();
    for proved in (0..80).map(key) {
        let proof = pairs.prove(std::slice::from_ref(&proved)).unwrap();
        for asked in (0..80).map(key) {
            let truth = pairs.0.get(&asked).map(Vec::as_slice);
            let values = [None, truth, Some(&b"value"[..]), Some(&b""[..])];
            for claimed in values {
                let verdict = proof.verify(&root, &[(&asked, claimed)]);
                if proved == asked {
                    assert_eq!(verdict.is_ok(), claimed == truth, "{verdict:?}");
                } else {
                    // One proof may show two keys' absence, never what is not so.
                    assert!(verdict.is_err() || (claimed, truth) == (None, None));
                }
            }
        }
    }
}

#[test]
fn attack_05_a_proof_of_another_state() {
    let (mut pairs, keys) = (Pairs::numbered(40), [key(3)]);
    let proof = pairs.prove(&keys).unwrap();
    let old = pairs.clone();
    pairs.0.remove(&keys[0]);
    for root in [pairs.root(), Hash::ZERO] {
        let verdict = proof.verify(&root, &old.claims(&keys));
        assert!(matches!(verdict, Err(StateProofError::Root { .. })), "{verdict:?}");
        assert!(proof.verify(&root, &pairs.claims(&keys)).is_err());
    }
}

/// A claim that is too large is refused, whatever follows it; one that is not ends with the input.
#[test]
fn attack_06_claimed_lengths() {
    let terminals = |got: u32| got.to_le_bytes().to_vec();
    let one = [&[1, 0, 0, 0, 0, 0, 0][..]].concat();
    let marks = |got: u32| [&one[..], &got.to_le_bytes()].concat();
    let siblings = |got: u32| [&marks(0)[..], &got.to_le_bytes()].concat();
    let table = [
        (terminals(513), "got 513 terminals, limit 512"),
        (terminals(u32::MAX), "got 4294967295 terminals, limit 512"),
        (marks(33), "got 264 siblings, limit 256"),
        (marks(u32::MAX), "got 34359738360 siblings, limit 256"),
        (siblings(257), "got 257 siblings, limit 256"),
        (siblings(u32::MAX), "got 4294967295 siblings, limit 256"),
    ];
    for (bytes, want) in table {
        let padded = [&bytes[..], &[0; 100_000]].concat();
        for bytes in [&bytes[..], &padded] {
            let error = borsh::from_slice::<StateProof>(bytes).unwrap_err();
            assert_eq!(error.to_string(), want);
        }
    }
    for bytes in [terminals(512), marks(32), siblings(256)] {
        assert!(borsh::from_slice::<StateProof>(&bytes).is_err(), "the input ends");
    }
}
