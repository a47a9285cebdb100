//! Signed messages, honest and crafted.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::arithmetic_side_effects)]
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{FieldBytes, ProjectivePoint, Scalar};
use schnorr_batch::{Backend, Batch, Flaw, Item, verify, verify_batch_on};
use sha2::{Digest, Sha256};

/// A key's signature over a message.
#[derive(Clone)]
pub struct Signed {
    pub key: [u8; 32],
    pub message: Vec<u8>,
    pub signature: [u8; 64],
}

impl Signed {
    /// By libsecp256k1.
    pub fn by(secret: [u8; 32], message: &[u8]) -> Self {
        let pair = secp256k1::Keypair::from_secret_bytes(secret).unwrap();
        let signature = secp256k1::schnorr::sign_no_aux_rand(message, &pair).to_byte_array();
        let key = pair.x_only_public_key().0.to_byte_array();
        Self { key, message: message.to_vec(), signature }
    }

    /// With a nonce of the signer's choice, of which BIP340 says never to do so.
    pub fn crafted(secret: Scalar, nonce: Scalar, message: &[u8]) -> Self {
        let (secret, key) = even(secret);
        let (nonce, r) = even(nonce);
        let s = nonce + challenge(&r, &key, message) * secret;
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&r);
        signature[32..].copy_from_slice(&s.to_bytes());
        Self { key, message: message.to_vec(), signature }
    }

    pub fn item(&self) -> Item<'_> {
        Item::new(self.key, &self.message, &self.signature)
    }

    /// Adds to `s`.
    pub fn add_to_s(&mut self, more: Scalar) {
        let s = FieldBytes::try_from(&self.signature[32..]).unwrap();
        let s = <Scalar as Reduce<FieldBytes>>::reduce(&s) + more;
        self.signature[32..].copy_from_slice(&s.to_bytes());
    }
}

/// The scalar or its negation, whichever gives a point of even y; and that point's x.
pub fn even(scalar: Scalar) -> (Scalar, [u8; 32]) {
    let point = (ProjectivePoint::GENERATOR * scalar).to_affine();
    let odd = point.y()[31] & 1 == 1;
    (if odd { -scalar } else { scalar }, point.x().into())
}

pub fn challenge(r: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let tag = Sha256::digest(b"BIP0340/challenge");
    let digest = Sha256::digest([&tag[..], &tag, r, key, message].concat());
    <Scalar as Reduce<FieldBytes>>::reduce(&digest)
}

/// Their items.
pub fn items(list: &[Signed]) -> Vec<Item<'_>> {
    list.iter().map(Signed::item).collect()
}

/// A source for tests alone: the same for the same number.
pub fn rng(number: usize) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(number as u64)
}

/// So many by different keys over messages of 32 bytes.
pub fn signed(count: usize) -> Vec<Signed> {
    let mut rng = rng(count);
    let mut bytes = || {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    (0..count).map(|_| Signed::by(bytes(), &bytes())).collect()
}

/// Those this processor has.
pub fn backends() -> Vec<Backend> {
    [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten().collect()
}

pub fn scalar(value: u64) -> Scalar {
    Scalar::from(value)
}

/// What single verification finds, and every back end too, in a list and in a batch filled item by
/// item.
pub fn flaws(list: &[Signed], seed: usize) -> Vec<(usize, Flaw)> {
    let items = items(list);
    let single = items.iter().enumerate().filter_map(|(at, item)| Some((at, verify(item).err()?)));
    let single: Vec<(usize, Flaw)> = single.collect();
    for backend in backends() {
        let mut batch = Batch::new(backend);
        items.iter().for_each(|item| _ = batch.push(item));
        let verdicts =
            [verify_batch_on(backend, &items, &mut rng(seed)), batch.verify(&mut rng(seed + 1))];
        for verdict in verdicts {
            let found = verdict.err().map_or(vec![], |invalid| invalid.flaws().to_vec());
            assert_eq!(found, single, "{backend:?}");
        }
    }
    single
}

/// Their positions.
pub fn blamed(list: &[Signed], seed: usize) -> Vec<usize> {
    flaws(list, seed).into_iter().map(|(at, _)| at).collect()
}
