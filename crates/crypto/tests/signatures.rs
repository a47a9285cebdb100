#![allow(clippy::unwrap_used)]
//! Signatures and keys against the attacks on them.

use isonomy_crypto::{
    Claim, ClaimError, Domain, Hash, InvalidClaim, InvalidClaims, PublicKey, Secret, SecretError,
    Signature, verify_all,
};
use std::collections::BTreeSet;

const VOTE: Domain = Domain::new("example vote 1");

/// The field's size, `p`, and the group's order, `n`: SEC 2, section 2.4.1.
const P: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
const N: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

fn number(digits: &str) -> [u8; 32] {
    const_hex::decode_to_array(digits).unwrap()
}

fn plus(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    let mut carry = 0;
    let mut sum = [0; 32];
    for at in (0..32).rev() {
        carry += u16::from(left[at]) + u16::from(right[at]);
        sum[at] = (carry & 0xff) as u8;
        carry >>= 8;
    }
    sum
}

fn minus(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    plus(plus(left, right.map(|byte| !byte)), small(1))
}

fn small(value: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[31] = value;
    bytes
}

/// Numbers not below `limit`.
fn too_large(limit: &str) -> [[u8; 32]; 4] {
    let limit = number(limit);
    [limit, plus(limit, small(1)), plus(limit, small(200)), [0xff; 32]]
}

fn secret(seed: u8) -> Secret {
    Secret::from_bytes(&[seed; 32]).unwrap()
}

fn claim(seed: u8) -> Claim {
    let digest = VOTE.hash(&[seed]);
    let signature = secret(seed).sign(&digest, &[0; 32]).unwrap();
    Claim { key: secret(seed).public(), digest, signature }
}

fn halves(signature: &Signature) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature.as_bytes().split_at(32);
    (r.try_into().unwrap(), s.try_into().unwrap())
}

fn with(claim: &Claim, r: [u8; 32], s: [u8; 32]) -> Claim {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(&r);
    bytes[32..].copy_from_slice(&s);
    Claim { signature: Signature::from_bytes(bytes), ..*claim }
}

#[test]
fn attack_13_another_encoding_of_a_signature() {
    for seed in 1..=20 {
        let honest = claim(seed);
        let (r, s) = halves(&honest.signature);
        assert_eq!(with(&honest, r, s).verify(), Ok(()));
        let others = [
            with(&honest, r, minus(number(N), s)),
            with(&honest, minus(number(P), r), s),
            with(&honest, minus(number(P), r), minus(number(N), s)),
            with(&honest, s, r),
        ];
        for other in others {
            assert!(other.verify().is_err(), "seed {seed}");
            assert!(verify_all(&[honest, other]).is_err(), "seed {seed}");
        }
    }
}

#[test]
fn attack_13_any_flipped_bit_of_a_signature() {
    let honest = claim(1);
    for bit in 0..512 {
        let mut bytes = *honest.signature.as_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let other = Claim { signature: Signature::from_bytes(bytes), ..honest };
        assert!(other.verify().is_err(), "bit {bit}");
    }
}

#[test]
fn attack_14_r_or_s_out_of_range() {
    let honest = claim(1);
    let (r, s) = halves(&honest.signature);
    let mut malformed: Vec<Claim> = too_large(P).map(|r| with(&honest, r, s)).to_vec();
    malformed.extend(too_large(N).map(|s| with(&honest, r, s)));
    malformed.extend([with(&honest, [0; 32], s), with(&honest, r, [0; 32])]);
    malformed.push(with(&honest, [0; 32], [0; 32]));
    for bad in malformed {
        assert_eq!(bad.verify(), Err(ClaimError::Malformed));
        for index in 0..4 {
            let mut claims = [claim(2), claim(3), claim(4), claim(5)];
            claims[index] = bad;
            let error = InvalidClaim { index, error: ClaimError::Malformed };
            assert_eq!(verify_all(&claims), InvalidClaims::among([error]));
        }
    }
}

#[test]
fn attack_14_the_largest_in_range_are_wrong_not_malformed() {
    let honest = claim(1);
    let (r, s) = halves(&honest.signature);
    let largest = |limit| minus(number(limit), small(1));
    assert_eq!(with(&honest, largest(P), s).verify(), Err(ClaimError::Wrong));
    assert_eq!(with(&honest, r, largest(N)).verify(), Err(ClaimError::Wrong));
}

#[test]
fn attack_15_a_nonce_used_twice() {
    distinct_nonces(10_000);
}

#[test]
#[ignore = "takes half a minute"]
fn attack_15_a_nonce_used_twice_in_100_000() {
    distinct_nonces(100_000);
}

/// Signs under auxiliary randomness that never changes.
fn distinct_nonces(messages: u32) {
    let secret = secret(9);
    let nonce = |message: u32| {
        let digest = VOTE.hash(&message.to_le_bytes());
        halves(&secret.sign(&digest, &[0; 32]).unwrap()).0
    };
    let nonces: BTreeSet<[u8; 32]> = (0..messages).map(nonce).collect();
    assert_eq!(nonces.len(), messages as usize);
}

#[test]
fn attack_15_a_nonce_shared_by_keys_or_aux() {
    let digest = VOTE.hash(b"one message");
    let sign = |seed, aux| halves(&secret(seed).sign(&digest, &[aux; 32]).unwrap());
    let nonces: BTreeSet<[u8; 32]> =
        (1..=10).flat_map(|seed| (0..10).map(move |aux| sign(seed, aux).0)).collect();
    assert_eq!(nonces.len(), 100);
    assert_eq!(sign(1, 0), sign(1, 0), "the same three make the same signature");
}

#[test]
fn attack_16_signing_for_a_foreign_key() {
    let keys: Vec<PublicKey> = (1..=8).map(|seed| secret(seed).public()).collect();
    for seed in 1..=8 {
        let claim = claim(seed);
        for key in &keys {
            let verdict = Claim { key: *key, ..claim }.verify();
            let want = if *key == claim.key { Ok(()) } else { Err(ClaimError::Wrong) };
            assert_eq!(verdict, want);
        }
    }
}

#[test]
fn attack_19_a_signature_of_another_domain() {
    const OTHER: Domain = Domain::new("example other 1");
    let honest = claim(1);
    let replayed = Claim { digest: OTHER.hash(&[1]), ..honest };
    assert_eq!(replayed.verify(), Err(ClaimError::Wrong));
}

#[test]
fn attack_21_no_point_has_this_key() {
    let honest = claim(1);
    let not_on_curve = [0, 5, 7, 9, 10].map(small);
    for key in too_large(P).into_iter().chain(not_on_curve) {
        let key = PublicKey::from_bytes(key);
        assert!(!key.is_valid(), "{key}");
        let bad = Claim { key, ..honest };
        assert_eq!(bad.verify(), Err(ClaimError::Key));
        let error = InvalidClaim { index: 1, error: ClaimError::Key };
        assert_eq!(verify_all(&[honest, bad, honest]), InvalidClaims::among([error]));
    }
}

#[test]
fn attack_21_a_point_has_this_key() {
    for key in [1, 2, 3, 4, 6, 8].map(small) {
        let key = PublicKey::from_bytes(key);
        assert!(key.is_valid(), "{key}");
        assert_eq!(Claim { key, ..claim(1) }.verify(), Err(ClaimError::Wrong));
    }
}

#[test]
fn attack_21_secret_out_of_range() {
    assert_eq!(Secret::from_bytes(&[0; 32]).err(), Some(SecretError::Zero));
    for bytes in too_large(N) {
        assert_eq!(Secret::from_bytes(&bytes).err(), Some(SecretError::BeyondOrder));
    }
    for bytes in [small(1), minus(number(N), small(1))] {
        let secret = Secret::from_bytes(&bytes).unwrap();
        let digest = VOTE.hash(b"edge");
        let signature = secret.sign(&digest, &[0xff; 32]).unwrap();
        assert_eq!(Claim { key: secret.public(), digest, signature }.verify(), Ok(()));
    }
}

#[test]
fn attack_21_a_batch_of_every_shape() {
    assert_eq!(verify_all(&[]), Ok(()));
    assert_eq!(verify_all(&[claim(1)]), Ok(()));
    assert_eq!(verify_all(&[claim(1); 5]), Ok(()), "one claim repeated");

    let same_key: Vec<Claim> = (0..5_u8)
        .map(|message| {
            let digest = VOTE.hash(&[message]);
            let signature = secret(1).sign(&digest, &[0; 32]).unwrap();
            Claim { key: secret(1).public(), digest, signature }
        })
        .collect();
    assert_eq!(verify_all(&same_key), Ok(()));

    for index in 0..5 {
        let mut claims = same_key.clone();
        claims[index].digest = Hash::ZERO;
        let error = InvalidClaim { index, error: ClaimError::Wrong };
        assert_eq!(verify_all(&claims), InvalidClaims::among([error]));
    }
}

#[test]
fn an_error_names_the_claim_and_the_cause() {
    let error = InvalidClaim { index: 3, error: ClaimError::Key };
    assert_eq!(error.to_string(), "claim 3: the key is not on the curve");
    let all = InvalidClaims::among([error, InvalidClaim { index: 5, ..error }]).unwrap_err();
    assert_eq!(all.to_string(), "claim 3: the key is not on the curve, 2 in all");
}
