//! Bytes and hashes that other machines rely on. A change here is a change of the protocol.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use isonomy_consensus::pow::{WorkSeal, work_hash};
use isonomy_consensus::{Rules, Trail};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Blob, Decode, Encode, Wall};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_seal_is_both_nonces_little_endian() {
    let seal = WorkSeal { nonce: 0x0102_0304_0506_0708, extra: 0x1112_1314_1516_1718 };
    assert_eq!(hex(&seal.seal()), "08070605040302011817161514131211");
    assert_eq!(WorkSeal::decode_exact(&seal.seal()), Ok(seal));
}

#[test]
fn the_work_hash_is_frozen() {
    let seal = WorkSeal { nonce: 1, extra: 2 };
    let hash = work_hash(&Hash::from_bytes([7; 32]), seal);
    assert_eq!(
        hash.to_string(),
        "5b33c814476240dc04aa688c709d30d32e9c5d60caa4431bb615a35ae47bfcd0"
    );
    let bytes = [[7; 32].to_vec(), 1_u64.to_le_bytes().into(), 2_u64.to_le_bytes().into()];
    assert_eq!(hash, Domain::new("isonomy work 1").hash(&bytes.concat()));
    // Each part counts.
    assert_ne!(hash, work_hash(&Hash::from_bytes([8; 32]), seal));
    assert_ne!(hash, work_hash(&Hash::from_bytes([7; 32]), WorkSeal { nonce: 2, ..seal }));
    assert_ne!(hash, work_hash(&Hash::from_bytes([7; 32]), WorkSeal { extra: 1, ..seal }));
}

#[test]
fn a_trail_has_these_bytes() {
    let trail = Trail {
        id: Hash::from_bytes([1; 32]),
        parent: Hash::from_bytes([2; 32]),
        height: 3,
        time: Wall(4),
        weight: 5,
        next_authority: Hash::from_bytes([6; 32]),
        memory: Blob::truncated(vec![7, 8]),
    };
    let expected = [
        "01".repeat(32),
        "02".repeat(32),
        "0300000000000000".into(),
        "0400000000000000".into(),
        format!("05{}", "00".repeat(15)),
        "06".repeat(32),
        "020000000708".into(),
    ];
    assert_eq!(hex(&trail.encode()), expected.concat());
    assert_eq!(Trail::decode_exact(&trail.encode()), Ok(trail));
}

#[test]
fn the_memory_of_work_is_genesis_time_and_height() {
    let memory = common::rules().begin(&common::genesis_header(Wall(0x0102)));
    assert_eq!(hex(&memory), "02010000000000000000000000000000");
}
