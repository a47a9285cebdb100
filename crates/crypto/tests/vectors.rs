#![allow(clippy::unwrap_used)]
//! Published vectors through the public interface. Other message lengths are tested in `src`.

mod support;

use isonomy_crypto::{Claim, ClaimError, Domain, Hash, PublicKey, Secret, Signature, verify_all};

fn claims() -> Vec<(support::Bip340, Claim)> {
    let claim = |row: support::Bip340| {
        let digest = Hash::from_bytes(row.message.as_slice().try_into().ok()?);
        let key = PublicKey::from_bytes(row.key);
        let signature = Signature::from_bytes(row.signature);
        Some((row, Claim { key, digest, signature }))
    };
    support::bip340().into_iter().filter_map(claim).collect()
}

#[test]
fn bip340_signatures_are_made_byte_for_byte() {
    let mut signed = 0;
    for (row, claim) in claims() {
        let (Some(secret), Some(aux)) = (row.secret, row.aux) else { continue };
        let secret = Secret::from_bytes(&secret).unwrap();
        assert_eq!(secret.public(), claim.key, "row {}", row.index);
        assert_eq!(secret.sign(&claim.digest, &aux), Ok(claim.signature), "row {}", row.index);
        signed += 1;
    }
    assert!(signed == 4 || claims().is_empty(), "{signed} rows signed");
}

#[test]
fn bip340_claims_are_judged_alone_and_together() {
    for (row, claim) in claims() {
        assert_eq!(claim.verify().is_ok(), row.valid, "row {}: {}", row.index, row.comment);
        assert_eq!(verify_all(&[claim]).is_ok(), row.valid, "row {}", row.index);
    }
    let valid: Vec<Claim> = claims().iter().filter(|(row, _)| row.valid).map(|row| row.1).collect();
    assert_eq!(verify_all(&valid), Ok(()));
}

#[test]
fn bip340_failures_are_told_apart() {
    let cause = |comment: &str| match comment {
        key if key.starts_with("public key") => ClaimError::Key,
        range if range.contains("is equal to") || range.ends_with("as 0") => ClaimError::Malformed,
        _ => ClaimError::Wrong,
    };
    for (row, claim) in claims().iter().filter(|(row, _)| !row.valid) {
        assert_eq!(claim.verify(), Err(cause(&row.comment)), "row {}: {}", row.index, row.comment);
        assert_eq!(claim.key.is_valid(), cause(&row.comment) != ClaimError::Key);
    }
}

#[test]
fn a_domain_is_keyed_blake3() {
    let Some(text) = support::read("blake3.json") else { return };
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let domain = Domain::new(vectors["key"].as_str().unwrap());
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() > 30);
    for case in cases {
        let length = case["input_len"].as_u64().unwrap();
        let input: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
        let want = &case["keyed_hash"].as_str().unwrap()[..64];
        assert_eq!(domain.hash(&input).to_string(), want, "{length} bytes");
        assert_eq!(domain.hasher().update(&input).finalize().to_string(), want, "{length} bytes");
    }
}
