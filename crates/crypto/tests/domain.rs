#![allow(clippy::unwrap_used)]
//! Domains keep uses apart, and one domain has one digest for one input.

use borsh::BorshSerialize;
use isonomy_crypto::{Domain, Hash};
use proptest::prelude::*;

const THIS: Domain = Domain::new("example this 1");
const THAT: Domain = Domain::new("example that 1");

#[test]
fn the_key_is_the_name_padded_with_zeros() {
    let key = *b"example this 1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let want = blake3::keyed_hash(&key, b"input");
    assert_eq!(THIS.hash(b"input").as_bytes(), want.as_bytes());
}

#[test]
fn names_of_1_to_32_printable_characters_are_taken() {
    let names = ["a", " ", "~", "0123456789abcdef0123456789abcdef"];
    let digests = names.map(|name| Domain::new(name).hash(b""));
    for (at, digest) in digests.iter().enumerate() {
        assert!(!digests[..at].contains(digest));
    }
}

#[test]
fn other_names_are_refused() {
    for name in ["", "0123456789abcdef0123456789abcdef0", "a\0", "\n", "ä", "\u{7f}"] {
        assert!(std::panic::catch_unwind(|| Domain::new(name)).is_err(), "{name:?}");
    }
}

#[test]
fn digests_are_frozen() {
    let frozen = [
        (THIS.hash(b""), "39dcb3b7f7c4823dce4433c561f459b9e2bca556638a29c092a1370790407674"),
        (THIS.hash(b"isonomy"), "279b10439cd35cb521b817ad035bc59ebb4ada875d399adf3986a05f8f3dfea5"),
        (
            THIS.join(&[Hash::ZERO]),
            "52d27d89dcfb41d5374e8c1ce0722e56c9bf657f5fdc0f88db2c493e7ff19595",
        ),
        (
            THIS.join(&[Hash::ZERO, THIS.hash(b"")]),
            "d44ca2f32eb8d033bb94b38f5358f4febcdc1a4d34c9a093b0e4ed7310ed7fe4",
        ),
    ];
    for (digest, want) in frozen {
        assert_eq!(digest.to_string(), want);
    }
}

proptest! {
    #[test]
    fn two_domains_never_agree(bytes: Vec<u8>) {
        prop_assert_ne!(THIS.hash(&bytes), THAT.hash(&bytes));
    }

    #[test]
    fn where_input_is_cut_does_not_matter(parts: Vec<Vec<u8>>) {
        let mut hasher = THIS.hasher();
        for part in &parts {
            hasher.update(part);
        }
        prop_assert_eq!(hasher.finalize(), THIS.hash(&parts.concat()));
    }

    #[test]
    fn joining_is_hashing_the_bytes_in_order(hashes: Vec<[u8; 32]>) {
        let joined: Vec<Hash> = hashes.iter().copied().map(Hash::from_bytes).collect();
        prop_assert_eq!(THIS.join(&joined), THIS.hash(&hashes.concat()));
    }

    #[test]
    fn a_value_is_encoded_straight_into_the_hasher(value: (u8, Vec<u32>, String, [u8; 9])) {
        let mut hasher = THIS.hasher();
        value.serialize(&mut hasher).unwrap();
        prop_assert_eq!(hasher.finalize(), THIS.hash(&borsh::to_vec(&value).unwrap()));
    }

    #[test]
    fn a_finished_hasher_can_go_on(left: Vec<u8>, right: Vec<u8>) {
        let mut hasher = THIS.hasher();
        prop_assert_eq!(hasher.update(&left).finalize(), THIS.hash(&left));
        prop_assert_eq!(hasher.update(&right).finalize(), THIS.hash(&[left, right].concat()));
    }
}

#[test]
fn where_a_byte_string_is_cut_does_not_matter() {
    let domain = Domain::new("example cut 1");
    let bytes: Vec<u8> = (0..5_000_u32).map(|at| (at % 251) as u8).collect();
    for len in [0, 1, 64, 1_023, 1_024, 1_025, 2_048, 4_096, 5_000] {
        for step in [1, 7, 1_023, 1_024, 1_025, 5_000] {
            let mut hasher = domain.hasher();
            for part in bytes[..len].chunks(step) {
                hasher.update(part).update(&[]);
            }
            assert_eq!(hasher.finalize(), domain.hash(&bytes[..len]), "{len} bytes by {step}");
            assert_eq!(hasher.finalize(), domain.hash(&bytes[..len]), "and again");
        }
    }
}

/// Encodings of one block to many, in an order in which some are hashed alone and some together.
#[test]
fn padded_encodings_are_hashed_together_as_alone() {
    let lens = [0, 1, 63, 64, 65, 3, 3].into_iter().chain(0..200).chain([600; 40]).chain([9_000]);
    let all: Vec<Vec<u8>> = lens.map(|len| vec![7; len]).collect();
    let mut together = Vec::new();
    THIS.hash_all_padded(&all, |bytes, to| to.extend_from_slice(bytes), |hash| together.push(hash));
    let alone: Vec<Hash> = all.into_iter().map(|bytes| THIS.hash_padded(bytes)).collect();
    assert_eq!(together, alone);
}
