//! Signed messages, made with libsecp256k1.
#![allow(dead_code, clippy::unwrap_used, clippy::arithmetic_side_effects)]
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use schnorr_batch::{Backend, Item};

/// A key's signature over a message.
#[derive(Clone)]
pub struct Signed {
    pub secret: [u8; 32],
    pub key: [u8; 32],
    pub message: Vec<u8>,
    pub signature: [u8; 64],
}

impl Signed {
    /// By the key of this secret.
    pub fn by(secret: [u8; 32], message: &[u8]) -> Self {
        let pair = secp256k1::Keypair::from_secret_bytes(secret).unwrap();
        let signature = secp256k1::schnorr::sign_no_aux_rand(message, &pair).to_byte_array();
        let key = pair.x_only_public_key().0.to_byte_array();
        Self { secret, key, message: message.to_vec(), signature }
    }

    pub fn item(&self) -> Item<'_> {
        Item::new(self.key, &self.message, &self.signature)
    }
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
