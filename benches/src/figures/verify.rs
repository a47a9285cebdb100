use super::Measured;
use super::row::{Goal, Row, time};
use isonomy_benches::measure::paired;
use isonomy_crypto::{Claim, Domain, Secret};
use secp256k1::{XOnlyPublicKey, schnorr};
use std::hint::black_box;

const MESSAGE: Domain = Domain::new("isonomy bench message 1");

/// Both start from bytes: the key is parsed, then the signature is checked.
pub(super) fn verify_one() -> Measured {
    let claim = claim(1)?;
    let foreign = Foreign::of(&claim);
    if claim.verify().is_err() || !foreign.holds() {
        return Err("a signature that both must accept is refused".into());
    }
    let ours = || assert!(black_box(&claim).verify().is_ok());
    let cost = paired(ours, || assert!(black_box(&foreign).holds()));
    Ok(Row {
        what: "one BIP340 check, key parsed",
        ours: time(cost.ours_ns),
        beside: format!("`secp256k1` {}", time(cost.beside_ns)),
        ratio: Some(cost.ratio),
        goal: Some(Goal::Ratio(2.2)),
    })
}

pub(super) fn claim(number: u64) -> Result<Claim, Box<dyn std::error::Error>> {
    let secret = Secret::from_bytes(&[7; 32])?;
    let digest = MESSAGE.hash(&number.to_le_bytes());
    let signature = secret.sign(&digest, &[0; 32])?;
    Ok(Claim { key: secret.public(), digest, signature })
}

/// A claim in the peer's types.
pub(super) struct Foreign {
    key: [u8; 32],
    message: [u8; 32],
    signature: schnorr::Signature,
}

impl Foreign {
    pub(super) fn of(claim: &Claim) -> Self {
        let signature = schnorr::Signature::from_byte_array(*claim.signature.as_bytes());
        Self { key: *claim.key.as_bytes(), message: claim.digest.to_bytes(), signature }
    }

    pub(super) fn holds(&self) -> bool {
        let key = XOnlyPublicKey::from_byte_array(self.key);
        key.is_ok_and(|key| schnorr::verify(&self.signature, &self.message, &key).is_ok())
    }
}
