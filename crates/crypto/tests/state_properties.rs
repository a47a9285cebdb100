#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Proofs of random states about random keys, true claims and others.

#[path = "support/pairs.rs"]
mod pairs;
#[path = "support/state.rs"]
mod state;

use isonomy_crypto::{
    Hash, STATE_LEAF, STATE_NODE, StateLeaf, StateProof, StateProofError, StateTerminal,
    state_path, state_value,
};
use pairs::{Holds, Pairs, Raw};
use proptest::prelude::*;

fn pairs() -> impl Strategy<Value = Pairs> {
    let bytes = |least| prop::collection::vec(any::<u8>(), least..3);
    prop::collection::btree_map(bytes(0), bytes(1), 0..120).prop_map(Pairs)
}

/// Some of the state's keys and some others, any of them twice.
fn keys(pairs: &Pairs, present: &[prop::sample::Index], absent: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let all: Vec<&Vec<u8>> = pairs.0.keys().collect();
    let present =
        present.iter().filter(|_| !all.is_empty()).map(|index| (*index.get(&all)).clone());
    present.chain(absent).collect()
}

fn holds() -> impl Strategy<Value = Holds> {
    let hash = || any::<[u8; 32]>().prop_map(Hash::from_bytes);
    prop_oneof![
        Just(Holds::Nothing),
        Just(Holds::Asked),
        (hash(), hash()).prop_map(|(path, value)| Holds::Other(path, value)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn claims_verify_exactly_when_they_are_true(
        pairs in pairs(),
        present: [prop::sample::Index; 3],
        absent in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 1..4),
        lie in prop::option::of((any::<prop::sample::Index>(), prop::option::of(any::<[u8; 1]>()))),
    ) {
        let keys = keys(&pairs, &present, absent);
        let proof = pairs.prove(&keys).unwrap();
        let truth = pairs.claims(&keys);
        prop_assert_eq!(proof.verify(&pairs.root(), &truth), Ok(()));

        let mut claims = truth.clone();
        if let Some((index, value)) = &lie {
            index.get_mut(&mut claims).1 = value.as_ref().map(|value| &value[..]);
        }
        prop_assert_eq!(proof.verify(&pairs.root(), &claims).is_ok(), claims == truth);
        claims.reverse();
        prop_assert_eq!(proof.verify(&pairs.root(), &claims).is_ok(), {
            claims.reverse();
            claims == truth
        });
    }

    #[test]
    fn attack_08_a_proof_has_one_encoding(
        pairs in pairs(),
        present: [prop::sample::Index; 2],
        absent in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 1..3),
    ) {
        let proof = pairs.prove(&keys(&pairs, &present, absent)).unwrap();
        let bytes = borsh::to_vec(&proof).unwrap();
        prop_assert_eq!(&borsh::from_slice::<StateProof>(&bytes).unwrap(), &proof);
        let json = serde_json::to_string(&proof).unwrap();
        prop_assert_eq!(serde_json::from_str::<StateProof>(&json).unwrap(), proof);
    }

    #[test]
    fn attack_08_bytes_decode_to_what_encodes_to_them(tail: Vec<u8>, few in 0..3_u32) {
        let bytes = [&few.to_le_bytes()[..], &tail].concat();
        let mut rest = &bytes[..];
        if let Ok(proof) = <StateProof as borsh::BorshDeserialize>::deserialize(&mut rest) {
            let taken = bytes.len() - rest.len();
            prop_assert_eq!(borsh::to_vec(&proof).unwrap(), &bytes[..taken]);
        }
    }

    /// No parts whatever panic, and none prove what no tree says.
    #[test]
    fn any_parts_end_in_a_verdict(
        terminals in prop::collection::vec((0..12_u16, holds()), 1..6),
        marks in prop::collection::vec(any::<u8>(), 0..32),
        claims in prop::collection::vec(
            (any::<[u8; 2]>(), prop::option::of(any::<[u8; 2]>())), 0..6,
        ),
        root: [u8; 32],
    ) {
        let ones = marks.iter().map(|marks| marks.count_ones()).sum::<u32>();
        let siblings = (0..ones).map(|at| state_path(&at.to_le_bytes())).collect();
        let claims: Vec<_> = claims
            .iter()
            .map(|(key, value)| (&key[..], value.as_ref().map(|value| &value[..])))
            .collect();
        let raw = Raw { terminals, marks, siblings };
        prop_assert!(!raw.passes(&Hash::from_bytes(root), &claims));
        let proof = raw.forge().unwrap();
        prop_assert_eq!(borsh::to_vec(&proof).unwrap(), borsh::to_vec(&raw).unwrap());
    }
}
