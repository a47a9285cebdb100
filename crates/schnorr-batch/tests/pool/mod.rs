//! Signatures to make batches of: honest, crafted, corrupted; each with the verdict of k256 and of
//! libsecp256k1, which must be one.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::arithmetic_side_effects)]
pub mod crafted;
pub mod wrong;

use crate::support::{Signed, rng};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::Rng;
use k256::Scalar;
use k256::elliptic_curve::PrimeField;
use schnorr_batch::{Flaw, Item, Key, verify};
use secp256k1::{XOnlyPublicKey, schnorr};

/// A claim, and what both libraries say of it.
#[derive(Clone)]
pub struct Case {
    signed: Signed,
    parsed: Option<Key>,
    pub flaw: Option<Flaw>,
}

impl Case {
    /// # Panics
    /// If k256 and libsecp256k1 disagree.
    fn new(signed: Signed) -> Self {
        let flaw = verify(&signed.item()).err();
        assert_eq!(by_k256(&signed), flaw.is_none(), "{:02x?}", signed.signature);
        assert_eq!(by_libsecp256k1(&signed), flaw.is_none(), "{:02x?}", signed.signature);
        let parsed = Key::parse(&signed.key).ok();
        assert_eq!(parsed.is_none(), flaw == Some(Flaw::Key));
        Self { signed, parsed, flaw }
    }

    pub fn item(&self) -> Item<'_> {
        self.signed.item()
    }

    /// With the key parsed, if it is one.
    pub fn parsed_item(&self) -> Item<'_> {
        let Signed { message, signature, .. } = &self.signed;
        self.parsed.map_or(self.item(), |key| Item::with_key(key, message, signature))
    }
}

fn by_k256(one: &Signed) -> bool {
    let key = k256::schnorr::VerifyingKey::from_slice(&one.key).ok();
    let signature = k256::schnorr::Signature::from_bytes(&one.signature).ok();
    key.zip(signature)
        .is_some_and(|(key, signature)| key.verify_raw(&one.message, &signature).is_ok())
}

pub fn by_libsecp256k1(one: &Signed) -> bool {
    let signature = schnorr::Signature::from_byte_array(one.signature);
    let key = XOnlyPublicKey::from_byte_array(one.key).ok();
    key.is_some_and(|key| schnorr::verify(&signature, &one.message, &key).is_ok())
}

/// What batches are made of.
pub struct Pool {
    /// Valid, by many keys.
    pub honest: Vec<Case>,
    /// Valid, by signers who choose their keys and nonces to make trouble; family by family.
    pub crafted: Vec<Vec<Case>>,
    /// Not valid, each for a reason of its own.
    pub wrong: Vec<Case>,
    /// Not valid, made to hide one another; group by group.
    pub groups: Vec<Vec<Case>>,
}

impl Pool {
    /// The same for the same seed.
    pub fn new(seed: usize, honest: usize) -> Self {
        let mut dice = Dice(rng(seed));
        let judged = |list: Vec<Signed>| list.into_iter().map(Case::new).collect::<Vec<_>>();
        let honest: Vec<Signed> = (0..honest).map(|_| dice.signed()).collect();
        let crafted = crafted::families(&mut dice);
        let mut wrong = wrong::corrupted(&mut dice);
        wrong.extend(wrong::out_of_range(&mut dice));
        wrong.extend(wrong::mistaken(&mut dice));
        let groups = wrong::groups(&mut dice);
        let pool = Self {
            honest: judged(honest),
            crafted: crafted.into_iter().map(judged).collect(),
            wrong: judged(wrong),
            groups: groups.into_iter().map(judged).collect(),
        };
        let valid = |case: &Case| case.flaw.is_none();
        assert!(pool.honest.iter().all(valid) && pool.crafted.iter().flatten().all(valid));
        assert!(!pool.wrong.iter().chain(pool.groups.iter().flatten()).any(valid));
        pool
    }
}

/// What is random in a test.
pub struct Dice(pub ChaCha20Rng);

impl Dice {
    /// A number below `limit`, which is not zero.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.0.next_u64() % limit as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Not zero.
    pub fn scalar(&mut self) -> Scalar {
        let of = |bytes: [u8; 32]| Option::<Scalar>::from(Scalar::from_repr(bytes.into()));
        loop {
            if let Some(scalar) = of(self.bytes()).filter(|scalar| *scalar != Scalar::ZERO) {
                return scalar;
            }
        }
    }

    /// From 0 to 200 bytes.
    pub fn message(&mut self) -> Vec<u8> {
        let mut message = vec![0; self.below(201)];
        self.0.fill_bytes(&mut message);
        message
    }

    pub fn signed(&mut self) -> Signed {
        Signed::by(self.scalar().to_bytes().into(), &self.message())
    }
}
