#![allow(clippy::unwrap_used)]
//! Many hashes at once are the same hashes as one by one.

use isonomy_crypto::{
    Domain, Hash, STATE_LEAF, STATE_NODE, state_path, state_paths, state_value, state_values,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const NODE: Domain = Domain::new("example node 1");

fn hash(seed: u64) -> Hash {
    Hash::from_bytes(*blake3::hash(&seed.to_le_bytes()).as_bytes())
}

fn keyed(name: &str, bytes: &[u8]) -> Hash {
    let mut key = [0; 32];
    key[..name.len()].copy_from_slice(name.as_bytes());
    Hash::from_bytes(*blake3::keyed_hash(&key, bytes).as_bytes())
}

/// The definition in the documents, word for word.
fn model(use_of: &str, bytes: &[u8]) -> Hash {
    if bytes.len() > 63 {
        return keyed(&format!("isonomy state {use_of} 1"), bytes);
    }
    let mut block = vec![bytes.len() as u8];
    block.extend(bytes);
    block.resize(64, 0);
    keyed(&format!("isonomy state {use_of} short 1"), &block)
}

fn all(hash_all: impl FnOnce(&mut dyn FnMut(Hash))) -> Vec<Hash> {
    let mut hashes = Vec::new();
    hash_all(&mut |hash| hashes.push(hash));
    hashes
}

#[test]
fn every_count_of_pairs() {
    for count in 0..=100_u64 {
        let pairs: Vec<[Hash; 2]> = (0..count).map(|at| [hash(at), hash(at + 1_000)]).collect();
        let want: Vec<Hash> = pairs.iter().map(|pair| NODE.join(pair)).collect();
        assert_eq!(all(|out| NODE.join_all(pairs.iter().copied(), out)), want, "{count} pairs");
    }
}

#[test]
fn every_length_of_key_and_value() {
    let bytes: Vec<u8> = (0..=200).collect();
    let strings = || (0..=200).map(|len| &bytes[..len]);
    let paths = all(|out| state_paths(strings(), out));
    let values = all(|out| state_values(strings(), out));
    for (len, string) in strings().enumerate() {
        let want = model("key", string);
        assert_eq!((state_path(string), paths[len]), (want, want), "{len} bytes");
        let want = model("value", string);
        assert_eq!((state_value(string), values[len]), (want, want), "{len} bytes");
    }
    assert_eq!((paths.len(), values.len()), (201, 201));
}

/// A string and the same with zeros after it, with its length before it, and the block it becomes.
#[test]
fn attack_02_a_string_posing_as_another_s_block() {
    let mut seen = BTreeSet::new();
    let mut strings = 0;
    for len in 0..=70_usize {
        for tail in 0..=(70 - len) {
            let mut string = vec![1; len];
            string.resize(len + tail, 0);
            let (last, block) = (string.len(), [&[string.len() as u8][..], &string].concat());
            seen.extend([state_path(&string), state_value(&string), state_path(&block)]);
            strings += 1;
            // The string alone is a block of another length, whatever its padding.
            assert_ne!(state_path(&string), state_path(&block), "{len} and {tail} of {last}");
        }
    }
    assert!(strings > 2_500 && seen.len() > 2 * strings, "{} of {strings}", seen.len());
    let digests: BTreeSet<Hash> =
        (0..=70).flat_map(|len| [vec![0; len], vec![1; len]]).map(|key| state_path(&key)).collect();
    assert_eq!(digests.len(), 141, "the empty string twice");
}

#[test]
fn attack_02_uses_are_apart() {
    let pair = [hash(1), hash(2)];
    let bytes = [pair[0].to_bytes(), pair[1].to_bytes()].concat();
    let mut digests = BTreeSet::from([STATE_LEAF.join(&pair), STATE_NODE.join(&pair)]);
    for string in [&bytes[..], &bytes[..63], &bytes[1..], b""] {
        digests.extend([state_path(string), state_value(string)]);
    }
    assert_eq!(digests.len(), 10);
}

#[test]
fn digests_are_frozen() {
    let long = [7; 64];
    let frozen = [
        (state_path(b""), "d508f027d6f09e8dacf3aaf876f6b921c8579a39eddaad389a08eb130736a73f"),
        (state_path(b"key"), "9582a0ba565a0b2f8ff0250cbba075d9c34c130025ca10d8adbcd68f58297cf0"),
        (state_path(&long), "da9c8dd9caa96ea4799ceb03523d37e6dbae0d745313141caeac225fe9db9ab7"),
        (state_value(b""), "94c709f9a09ac99188e2eeacbf0fb5780bcf40a62861311ebdf92296d654e482"),
        (state_value(b"value"), "c04ab188a6f674d5e111880fbdfd05420b9710bf9f2d73209ea3bedc7b7a3734"),
        (state_value(&long), "b9d6509b596b750b61bc3abf10cf92a4a1cb5ff28d2f421c8e04de96b03e38b2"),
        (
            STATE_LEAF.join(&[state_path(b"key"), state_value(b"value")]),
            "53c9bfa2332839270872c910dc7a36ac98ba96d57c9f0e4f58028fbd5ada7b71",
        ),
        (
            STATE_NODE.join(&[Hash::ZERO, state_path(b"key")]),
            "6f9c6026d43e403702b39bb50fa0c84cd7e1de144da99bee144a1ddf2fc8f9fd",
        ),
    ];
    for (digest, want) in frozen {
        assert_eq!(digest.to_string(), want);
    }
}

proptest! {
    #[test]
    fn pairs_together_and_apart(seeds in prop::collection::vec(any::<[u64; 2]>(), 0..300)) {
        let pairs: Vec<[Hash; 2]> = seeds.iter().map(|pair| pair.map(hash)).collect();
        let want: Vec<Hash> = pairs.iter().map(|pair| NODE.join(pair)).collect();
        prop_assert_eq!(all(|out| NODE.join_all(pairs.iter().copied(), out)), want);
    }

    #[test]
    fn strings_together_and_apart(
        strings in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 0..150),
    ) {
        let bytes = || strings.iter().map(Vec::as_slice);
        let want: Vec<Hash> = bytes().map(|key| model("key", key)).collect();
        prop_assert_eq!(all(|out| state_paths(bytes(), out)), want);
        let want: Vec<Hash> = bytes().map(|value| model("value", value)).collect();
        prop_assert_eq!(all(|out| state_values(bytes(), out)), want);
    }
}
