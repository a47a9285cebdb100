//! What the public interface does not reach: messages that are no digest.

#[path = "../tests/support/mod.rs"]
mod support;

use crate::signature::verify_message;
use crate::{ClaimError, PublicKey, Secret, Signature};
use std::vec::Vec;

#[test]
fn bip340_vectors_of_every_message_length() {
    for row in support::bip340() {
        let signature = Signature::from_bytes(row.signature);
        let verdict = verify_message(&PublicKey::from_bytes(row.key), &row.message, &signature);
        assert_eq!(verdict.is_ok(), row.valid, "row {}: {}", row.index, row.comment);

        if let (Some(secret), Some(aux)) = (row.secret, row.aux) {
            let signed = Secret::from_bytes(&secret).unwrap().sign_message(&row.message, &aux);
            assert_eq!(signed, Ok(signature), "row {}", row.index);
        }
    }
}

#[test]
fn a_message_is_taken_raw_and_whole() {
    let secret = Secret::from_bytes(&[3; 32]).unwrap();
    let message: Vec<u8> = (0..200).collect();
    let signature = secret.sign_message(&message, &[0; 32]).unwrap();
    let verify = |message: &[u8]| verify_message(&secret.public(), message, &signature);

    assert_eq!(verify(&message), Ok(()));
    assert_eq!(verify(&message[..199]), Err(ClaimError::Wrong));
    assert_eq!(verify(&[&message[..], &[0]].concat()), Err(ClaimError::Wrong));
    assert_eq!(verify(&[]), Err(ClaimError::Wrong));
}
