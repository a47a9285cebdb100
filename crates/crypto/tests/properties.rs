#![allow(clippy::unwrap_used)]
//! The tree against a naive model, proofs against each other, claims against single bits.

use isonomy_crypto::{
    Claim, Hash, InvalidClaim, InvalidClaims, ListProof, PublicKey, Secret, Signature, list_root,
    verify_all,
};
use proptest::prelude::*;

/// Keyed BLAKE3 by its own crate.
fn keyed(name: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; 32];
    key[..name.len()].copy_from_slice(name.as_bytes());
    *blake3::keyed_hash(&key, &parts.concat()).as_bytes()
}

/// The head of a list as RFC 6962, section 2.1, defines it: split at the largest power of two.
fn model_top(leaves: &[Hash]) -> [u8; 32] {
    match leaves {
        [] => [0; 32],
        [leaf] => leaf.to_bytes(),
        leaves => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            keyed("isonomy list node 1", &[&model_top(left), &model_top(right)])
        }
    }
}

fn model_root(leaves: &[Hash]) -> Hash {
    let count = (leaves.len() as u64).to_le_bytes();
    Hash::from_bytes(keyed("isonomy list root 1", &[&count, &model_top(leaves)]))
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn list(max: usize) -> impl Strategy<Value = Vec<Hash>> {
    prop::collection::vec(hash(), 0..=max)
}

fn secret() -> impl Strategy<Value = Secret> {
    any::<[u8; 32]>().prop_filter_map("out of range", |bytes| Secret::from_bytes(&bytes).ok())
}

fn claim() -> impl Strategy<Value = Claim> {
    (secret(), hash(), any::<[u8; 32]>()).prop_map(|(secret, digest, aux)| {
        let signature = secret.sign(&digest, &aux).unwrap();
        Claim { key: secret.public(), digest, signature }
    })
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

/// `claim` with one of its 1024 bits flipped.
fn flipped(claim: &Claim, bit: usize) -> Claim {
    let (mut key, mut digest) = (*claim.key.as_bytes(), claim.digest.to_bytes());
    let mut signature = *claim.signature.as_bytes();
    match bit {
        0..256 => flip(&mut key, bit),
        256..512 => flip(&mut digest, bit - 256),
        _ => flip(&mut signature, bit - 512),
    }
    Claim {
        key: PublicKey::from_bytes(key),
        digest: Hash::from_bytes(digest),
        signature: Signature::from_bytes(signature),
    }
}

#[test]
fn roots_of_every_small_length_are_the_model_s() {
    let leaves: Vec<Hash> = (0..130).map(|byte| Hash::from_bytes([byte; 32])).collect();
    for count in 0..=leaves.len() {
        assert_eq!(list_root(&leaves[..count]), model_root(&leaves[..count]), "{count} leaves");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_root_is_the_model_s(leaves in list(300)) {
        prop_assert_eq!(list_root(&leaves), model_root(&leaves));
    }

    #[test]
    fn every_proof_verifies_for_its_own_leaf_alone(leaves in list(40), other in hash()) {
        let root = list_root(&leaves);
        for index in 0..leaves.len() as u32 {
            let proof = ListProof::new(&leaves, index).unwrap();
            for (at, leaf) in (0..).zip(&leaves) {
                prop_assert_eq!(proof.verify(&root, leaf, at).is_ok(), at == index);
                prop_assert_eq!(proof.verify(&root, leaf, index).is_ok(), at == index);
            }
            prop_assert!(proof.verify(&root, &other, index).is_err());
            prop_assert!(proof.verify(&other, &leaves[index as usize], index).is_err());
        }
    }

    #[test]
    fn a_proof_is_for_one_list(leaves in list(40), at: prop::sample::Index, more in hash()) {
        prop_assume!(!leaves.is_empty());
        let index = at.index(leaves.len());
        let proof = ListProof::new(&leaves, index as u32).unwrap();
        let longer = [&leaves[..], &[more]].concat();
        prop_assert!(proof.verify(&list_root(&longer), &leaves[index], index as u32).is_err());
    }

    #[test]
    fn a_proof_survives_its_encodings(leaves in list(70), at: prop::sample::Index) {
        prop_assume!(!leaves.is_empty());
        let proof = ListProof::new(&leaves, at.index(leaves.len()) as u32).unwrap();
        let bytes = borsh::to_vec(&proof).unwrap();
        prop_assert_eq!(&borsh::from_slice::<ListProof>(&bytes).unwrap(), &proof);
        let json = serde_json::to_string(&proof).unwrap();
        prop_assert_eq!(&serde_json::from_str::<ListProof>(&json).unwrap(), &proof);
    }

    #[test]
    fn attack_08_a_proof_has_one_encoding(
        index: u32,
        count in 0..100_u32,
        length in 0..40_u32,
        tail in prop::collection::vec(any::<u8>(), 0..1300),
    ) {
        let bytes = [borsh::to_vec(&(index, count, length)).unwrap(), tail].concat();
        let mut rest = bytes.as_slice();
        if let Ok(proof) = <ListProof as borsh::BorshDeserialize>::deserialize(&mut rest) {
            let taken = bytes.len() - rest.len();
            prop_assert_eq!(borsh::to_vec(&proof).unwrap(), &bytes[..taken]);
            prop_assert!(proof.verify(&Hash::ZERO, &Hash::ZERO, index).is_err());
        }
    }

    #[test]
    fn a_signature_verifies_and_no_changed_bit_does(claim in claim(), bit in 0..1024_usize) {
        prop_assert_eq!(claim.verify(), Ok(()));
        prop_assert!(flipped(&claim, bit).verify().is_err());
    }

    #[test]
    fn all_verify_exactly_when_each_does(
        claims in prop::collection::vec((claim(), prop::option::weighted(0.2, 0..1024_usize)), 0..6),
    ) {
        let claims: Vec<Claim> = claims
            .iter()
            .map(|(claim, bit)| bit.map_or(*claim, |bit| flipped(claim, bit)))
            .collect();
        let each = claims.iter().enumerate().filter_map(|(index, claim)| {
            claim.verify().err().map(|error| InvalidClaim { index, error })
        });
        prop_assert_eq!(verify_all(&claims), InvalidClaims::among(each));
    }

    #[test]
    fn attack_17_any_bytes_end_in_a_verdict(
        key: [u8; 32], digest in hash(), left: [u8; 32], right: [u8; 32],
    ) {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&left);
        signature[32..].copy_from_slice(&right);
        let (key, signature) = (PublicKey::from_bytes(key), Signature::from_bytes(signature));
        let claim = Claim { key, digest, signature };
        prop_assert!(claim.verify().is_err());
        prop_assert!(verify_all(&[claim]).is_err());
    }
}
