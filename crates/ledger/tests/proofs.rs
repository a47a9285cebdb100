//! What a tree proves is what its state holds, to whoever knows the root alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_crypto::{Hash, STATE_PROOF_TERMINALS_MAX, StateProof, StateProofError};
use isonomy_ledger::*;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;

type Model = BTreeMap<Key, Value>;

fn key(n: u32) -> Key {
    Key::from(n.to_be_bytes())
}

fn tree(model: &Model) -> StateTree {
    let writes = model.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    StateTree::default().update(&Layer { writes: writes.collect() }).unwrap()
}

fn prove(tree: &StateTree, keys: &[Key]) -> StateProof {
    tree.prove(&keys.iter().map(AsRef::as_ref).collect::<Vec<_>>()).unwrap()
}

/// What the model says of `keys`.
fn claims<'a>(model: &'a Model, keys: &'a [Key]) -> Vec<(&'a [u8], Option<&'a [u8]>)> {
    keys.iter().map(|key| (&**key, model.get(key).map(AsRef::as_ref))).collect()
}

/// Proves `keys`, and nothing that the model does not say of them.
fn check(model: &Model, keys: &[Key]) {
    let (tree, claims) = (tree(model), claims(model, keys));
    let (root, proof) = (tree.root(), prove(&tree, keys));
    assert_eq!(proof.verify(&root, &claims), Ok(()));
    for at in 0..claims.len() {
        for lie in [None, Some(b"lie".as_slice())] {
            let mut lies = claims.clone();
            // A key that comes twice would be another claim's, too.
            lies.iter_mut().filter(|(key, _)| *key == claims[at].0).for_each(|(_, v)| *v = lie);
            let told = lies != claims;
            assert_eq!(proof.verify(&root, &lies).is_err(), told, "{:?}", claims[at].0);
        }
    }
    assert!(proof.verify(&Hash::from_bytes([9; 32]), &claims).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Present and absent keys together, of small and of larger states.
    #[test]
    fn every_claim_that_is_true_and_none_other(
        numbers in proptest::collection::btree_map(0..3_000_u32, 1..4_u8, 0..600),
        few in 0..40_usize,
        small: bool,
        asked in proptest::collection::vec(0..3_000_u32, 1..12),
    ) {
        let many = if small { few } else { usize::MAX };
        let model: Model =
            numbers.iter().take(many).map(|(n, v)| (key(*n), Value::from([*v]))).collect();
        let there = numbers.keys().take(many).step_by(7).take(6).copied();
        let keys: Vec<Key> = asked.iter().copied().chain(there).map(key).collect();
        check(&model, &keys);
    }

    /// A proof is a function of state and keys: however the tree came about, in whatever order and
    /// how often one asks.
    #[test]
    fn one_proof_for_a_state_and_its_keys(
        numbers in proptest::collection::btree_set(0..500_u32, 1..200),
        gone in proptest::collection::vec(500..900_u32, 0..100),
        asked in proptest::collection::vec(any::<Index>(), 1..6),
    ) {
        let value = |n: &u32| (key(*n), Value::from([1]));
        let model: Model = numbers.iter().map(value).collect();
        let both: Model = numbers.iter().chain(&gone).map(value).collect();
        let removal = Layer { writes: gone.iter().map(|n| (key(*n), None)).collect() };
        let all: Vec<u32> = numbers.iter().chain(&gone).copied().collect();
        let keys: Vec<Key> = asked.iter().map(|index| key(*index.get(&all))).collect();
        let twice: Vec<Key> = keys.iter().rev().chain(&keys).cloned().collect();
        let proof = prove(&tree(&model), &keys);
        prop_assert_eq!(&prove(&tree(&both).update(&removal).unwrap(), &twice), &proof);
        prop_assert_eq!(proof.verify(&tree(&model).root(), &claims(&model, &twice)), Ok(()));
    }
}

/// A version goes on proving what it held, whatever came after.
#[test]
fn a_former_version_proves_the_former_value() {
    let model: Model = (0..5_000).map(|n| (key(n), Value::from([1]))).collect();
    let before = tree(&model);
    let write = |n: u32| (key(n), n.is_multiple_of(2).then(|| Value::from([2])));
    let after = before.update(&Layer { writes: (0..3_000).map(write).collect() }).unwrap();
    let cases = [
        (&before, 7, Some(1)),
        (&after, 7, None),
        (&before, 8, Some(1)),
        (&after, 8, Some(2)),
        (&after, 4_000, Some(1)),
    ];
    for (version, n, value) in cases {
        let (key, value) = (key(n), value.map(|value| [value]));
        let claim = [(&*key, value.as_ref().map(<[u8; 1]>::as_slice))];
        let proof = prove(version, std::slice::from_ref(&key));
        assert_eq!(proof.verify(&version.root(), &claim), Ok(()));
        let other = if version.root() == before.root() { &after } else { &before };
        assert!(proof.verify(&other.root(), &claim).is_err());
    }
}

#[test]
fn empty_lone_and_double_states() {
    for count in 0..3 {
        let model: Model = (0..count).map(|n| (key(n), Value::from([1]))).collect();
        for asked in [vec![0], vec![1], vec![9], vec![0, 1, 9, 9]] {
            check(&model, &asked.into_iter().map(key).collect::<Vec<_>>());
        }
    }
}

#[test]
fn no_keys_have_no_proof() {
    for count in [0, 1, 2, 3_000] {
        let model: Model = (0..count).map(|n| (key(n), Value::from([1]))).collect();
        let tree = tree(&model);
        assert_eq!(tree.prove(&[]), Err(ProveError::NoKeys), "{count} pairs");
        assert!(prove(&tree, &[key(0)]).verify(&tree.root(), &[]).is_err());
    }
}

/// As many keys as a proof takes, and some more.
#[test]
fn more_keys_than_a_proof_may_name() {
    let model: Model = (0..40_000).map(|n| (key(n), Value::from([1]))).collect();
    let (tree, most) = (tree(&model), STATE_PROOF_TERMINALS_MAX as u32);
    let keys: Vec<Key> = (0..most).map(|n| key(n * 30)).collect();
    let proof = prove(&tree, &keys);
    assert_eq!(proof.verify(&tree.root(), &claims(&model, &keys)), Ok(()));
    let keys: Vec<Key> = (0..2 * most).map(key).collect();
    let keys: Vec<&[u8]> = keys.iter().map(AsRef::as_ref).collect();
    let refused = tree.prove(&keys).map(drop);
    let limit = STATE_PROOF_TERMINALS_MAX;
    let error = StateProofError::Terminals { got: 2 * limit, limit };
    assert_eq!(refused, Err(ProveError::Proof(error)));
}
