//! Try to break `schnorr-batch` with any bytes: they say how to make a batch of signatures, and every back
//! end must blame just what single verification blames.
//!
//! A function that panics where that does not hold. `cargo fuzz` finds bytes for it with the program beside
//! this crate; [`samples`] are where it begins.
//!
//! ```
//! schnorr_batch_fuzz::samples().iter().for_each(|bytes| schnorr_batch_fuzz::batch(bytes));
//! ```
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    reason = "a target says by a panic that a promise is broken"
)]
use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{FieldBytes, ProjectivePoint, Scalar};
use schnorr_batch::{
    Backend, Batch, Flaw, Invalid, InvalidKey, Item, Key, verify, verify_batch_on, verify_bundles,
};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Enough for a batch to be halved twice, and few enough to be checked one by one thousands of times.
const ITEMS_MAX: usize = 16;
/// The list may be doubled so often: enough for the wider windows, which take several steps.
const DOUBLINGS_MAX: u32 = 5;
/// Bytes of a message: it fills more than one block of the hash.
const MESSAGE_MAX: usize = 80;
/// Guide to Elliptic Curve Cryptography, example 3.76: λ·(x, y) = (β·x, y).
const LAMBDA: [u64; 4] =
    [0x5363_AD4C_C05C_30E0, 0xA526_1C02_8812_645A, 0x122E_22EA_2081_6678, 0xDF02_967C_1B23_BD72];
/// The field's size and the group's order (SEC 2, section 2.4.1).
const P: [u64; 4] = [u64::MAX, u64::MAX, u64::MAX, 0xFFFF_FFFE_FFFF_FC2F];
const N: [u64; 4] = [u64::MAX, 0xFFFF_FFFF_FFFF_FFFE, 0xBAAE_DCE6_AF48_A03B, 0xBFD2_5E8C_D036_4141];

/// A secret whose point has an even y, and that point's x: a key or a nonce.
struct Secret {
    scalar: Scalar,
    x: [u8; 32],
}

/// Related ones, whose points meet in many ways: 1 to 8, each with its images.
static SECRETS: LazyLock<Vec<Secret>> = LazyLock::new(|| {
    let lambda = Option::<Scalar>::from(Scalar::from_repr(bytes(LAMBDA).into()));
    let lambda = lambda.expect("it is below the order");
    let images = [Scalar::ONE, lambda, lambda * lambda];
    let all = images.iter().flat_map(|image| (1..=8_u64).map(|small| *image * Scalar::from(small)));
    all.map(|scalar| {
        let point = (ProjectivePoint::GENERATOR * scalar).to_affine();
        let odd = point.y()[31] & 1 == 1;
        Secret { scalar: if odd { -scalar } else { scalar }, x: point.x().into() }
    })
    .collect()
});

/// What an item claims.
#[derive(Clone)]
struct Claim {
    key: [u8; 32],
    message: Vec<u8>,
    r: [u8; 32],
    s: [u8; 32],
}

impl Claim {
    /// A valid one.
    fn signed(key: &Secret, nonce: &Secret, message: Vec<u8>) -> Self {
        let tag = Sha256::digest(b"BIP0340/challenge");
        let challenge = Sha256::digest([&tag[..], &tag, &nonce.x, &key.x, &message].concat());
        let challenge = <Scalar as Reduce<FieldBytes>>::reduce(&challenge);
        let s = nonce.scalar + challenge * key.scalar;
        Self { key: key.x, message, r: nonce.x, s: s.to_bytes().into() }
    }

    fn signature(&self) -> [u8; 64] {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&self.r);
        signature[32..].copy_from_slice(&self.s);
        signature
    }

    fn number(&mut self, which: usize) -> &mut [u8; 32] {
        match which {
            0 => &mut self.key,
            1 => &mut self.r,
            _ => &mut self.s,
        }
    }
}

/// Makes items as the bytes say; has them judged together, in every way, and alone.
pub fn batch(data: &[u8]) {
    let (claims, doublings) = claims(data);
    let signatures: Vec<[u8; 64]> = claims.iter().map(Claim::signature).collect();
    let pairs = || claims.iter().zip(&signatures);
    let plain = pairs().map(|(claim, signature)| Item::new(claim.key, &claim.message, signature));
    let plain: Vec<Item<'_>> = plain.collect();
    let parsed = pairs().map(|(claim, signature)| match Key::parse(&claim.key) {
        Ok(key) => Item::with_key(key, &claim.message, signature),
        Err(_) => Item::new(claim.key, &claim.message, signature),
    });
    let parsed: Vec<Item<'_>> = parsed.collect();
    let singly = plain.iter().enumerate().filter_map(|(at, item)| Some((at, verify(item).err()?)));
    let singly: Vec<(usize, Flaw)> = singly.collect();
    for (at, claim) in claims.iter().enumerate() {
        let parsed = Key::parse(&claim.key).map(|key| key.to_bytes());
        let off_the_curve = singly.contains(&(at, Flaw::Key));
        assert_eq!(parsed, if off_the_curve { Err(InvalidKey) } else { Ok(claim.key) });
    }
    let times = 1 << doublings;
    let count = plain.len();
    let (plain, parsed) = (plain.repeat(times), parsed.repeat(times));
    let again = |turn| singly.iter().map(move |(at, flaw)| (turn * count + at, *flaw));
    let all: Vec<(usize, Flaw)> = (0..times).flat_map(again).collect();
    let rng = || ChaCha20Rng::from_seed(Sha256::digest(data).into());
    for backend in [Some(Backend::PORTABLE), Backend::ifma()].into_iter().flatten() {
        assert_eq!(found(verify_batch_on(backend, &plain, &mut rng())), all, "{backend:?}");
        let mut batch = Batch::new(backend);
        parsed.iter().for_each(|item| _ = batch.push(item));
        assert_eq!(found(batch.verify(&mut rng())), all, "{backend:?}, filled");
        let one = found(verify_bundles(backend, &plain, &[], &mut rng()));
        assert_eq!(one.len(), all.len().min(1), "{backend:?}, one bundle");
        assert!(one.iter().all(|flaw| all.contains(flaw)), "{backend:?}, one bundle");
    }
}

fn found(verdict: Result<(), Invalid>) -> Vec<(usize, Flaw)> {
    verdict.err().map_or(Vec::new(), |invalid| invalid.flaws().to_vec())
}

/// The steps that bytes say; each makes an item or spoils some.
struct Tape<'a>(&'a [u8]);

impl Tape<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number below `limit`, which is not zero.
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.next().unwrap_or_default()) % limit
    }

    fn secret(&mut self) -> &'static Secret {
        &SECRETS[self.below(SECRETS.len())]
    }

    /// Zeros after the end.
    fn bytes(&mut self) -> [u8; 32] {
        std::array::from_fn(|_| self.next().unwrap_or_default())
    }

    fn message(&mut self) -> Vec<u8> {
        let len = self.below(MESSAGE_MAX + 1);
        (0..len).map_while(|_| self.next()).collect()
    }

    /// A number at which something changes, or near one.
    fn edge(&mut self) -> [u8; 32] {
        let mut edge = [[0; 32], bytes(P), bytes(N), [0xFF; 32]][self.below(4)];
        edge[31] = edge[31].wrapping_add(self.below(256) as u8);
        edge
    }
}

const SIGN: u8 = 0;
const RAW: u8 = 3;
const AGAIN: u8 = 4;
const FLIP: u8 = 5;
const ERROR: u8 = 6;
const SWAP: u8 = 7;
const EDGE: u8 = 8;
const DOUBLE: u8 = 9;
const STEPS: u8 = 10;

/// What the steps make, and how often it is then doubled.
fn claims(data: &[u8]) -> (Vec<Claim>, u32) {
    let (mut tape, mut claims, mut doublings) = (Tape(data), Vec::new(), 0);
    while let Some(step) = tape.next() {
        match step % STEPS {
            SIGN..RAW => claims.push(Claim::signed(tape.secret(), tape.secret(), tape.message())),
            RAW => {
                let (key, r, s) = (tape.bytes(), tape.bytes(), tape.bytes());
                claims.push(Claim { key, message: tape.message(), r, s });
            }
            DOUBLE => doublings = DOUBLINGS_MAX.min(doublings + 1),
            _ if claims.is_empty() => {}
            AGAIN => claims.push(claims[tape.below(claims.len())].clone()),
            step => spoil(step, &mut tape, &mut claims),
        }
        claims.truncate(ITEMS_MAX);
    }
    (claims, doublings)
}

fn spoil(step: u8, tape: &mut Tape<'_>, claims: &mut [Claim]) {
    let at = tape.below(claims.len());
    match step {
        FLIP => {
            let Claim { key, message, r, s } = &mut claims[at];
            let (byte, bit) = (tape.below(96 + MESSAGE_MAX), tape.below(8));
            let bytes = key.iter_mut().chain(r).chain(s).chain(message);
            bytes.skip(byte).take(1).for_each(|byte| *byte ^= 1 << bit);
        }
        ERROR => {
            let (error, negative) = (tape.secret().scalar, tape.below(2) == 1);
            let s = &mut claims[at].s;
            if let Some(scalar) = Option::<Scalar>::from(Scalar::from_repr((*s).into())) {
                *s = (scalar + if negative { -error } else { error }).to_bytes().into();
            }
        }
        SWAP => {
            let (other, which) = (tape.below(claims.len()), tape.below(3));
            let mut copy = claims[other].clone();
            std::mem::swap(copy.number(which), claims[at].number(which));
            claims[other].clone_from(&copy);
        }
        _ => *claims[at].number(tape.below(3)) = tape.edge(),
    }
}

fn bytes(words: [u64; 4]) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
    bytes
}

/// Bytes that go deep.
#[must_use]
pub fn samples() -> Vec<Vec<u8>> {
    let signed = |count: u8, of: &dyn Fn(u8) -> [u8; 2]| -> Vec<u8> {
        (0..count).flat_map(|at| [SIGN, of(at)[0], of(at)[1], 1, at]).collect()
    };
    let (many, one_nonce) = (signed(10, &|at| [at, at + 3]), signed(10, &|at| [at, 5]));
    let one_key = signed(10, &|at| [7, at]);
    let with = |honest: &[u8], steps: &[u8]| [honest, steps].concat();
    vec![
        vec![],
        with(&signed(9, &|at| [at, at]), &[]),
        with(&signed(9, &|at| [at * 8, at * 16]), &[]),
        with(&one_key, &[]),
        with(&[SIGN, 2, 3, 2, 8, 8], &[AGAIN, 0].repeat(ITEMS_MAX)),
        with(&many, &[FLIP, 4, 70, 1]),
        with(&many, &[EDGE, 2, 0, 1, 0, EDGE, 5, 1, 1, 0, EDGE, 9, 2, 2, 0]),
        // Errors of which the sum is nothing.
        with(&many, &[ERROR, 3, 6, 0, ERROR, 8, 6, 1]),
        with(&one_key, &[SWAP, 1, 2, 2, ERROR, 4, 0, 0, ERROR, 5, 8, 0, ERROR, 6, 16, 0]),
        with(&one_nonce, &[SWAP, 1, 8, 2]),
        with(&one_nonce, &[RAW, 1, 2, 3, 4]),
        with(&many, &[DOUBLE; 6]),
        with(&many, &[ERROR, 3, 6, 0, DOUBLE, DOUBLE, DOUBLE]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::rand_core::{CryptoRng, Infallible, TryCryptoRng, TryRng};

    /// What a batch blames whose coefficients come from `rng`.
    fn blamed(data: &[u8], rng: &mut impl CryptoRng) -> usize {
        let (claims, _) = claims(data);
        let mut batch = Batch::new(Backend::PORTABLE);
        for claim in &claims {
            batch.push(&Item::new(claim.key, &claim.message, &claim.signature()));
        }
        found(batch.verify(rng)).len()
    }

    struct Ones;

    impl TryRng for Ones {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            Ok(1)
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            Ok(1)
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            bytes.fill(1);
            Ok(())
        }
    }

    impl TryCryptoRng for Ones {}

    #[test]
    fn samples_go_deep() {
        let wrong = |rng: &mut dyn FnMut(&[u8]) -> usize| -> Vec<usize> {
            samples().iter().map(|data| rng(data)).collect()
        };
        let random = wrong(&mut |data| blamed(data, &mut ChaCha20Rng::from_seed([1; 32])));
        assert_eq!(random, [0, 0, 0, 0, 0, 1, 3, 2, 5, 2, 1, 0, 1]);
        // A batch whose coefficients are equal misses what cancels: the samples would show it.
        let equal = wrong(&mut |data| blamed(data, &mut Ones));
        assert_eq!(equal, [0, 0, 0, 0, 0, 1, 3, 0, 0, 0, 1, 0, 1]);
    }

    #[test]
    fn items_are_few() {
        assert_eq!(claims(&[SIGN; 4_096]).0.len(), ITEMS_MAX);
        assert_eq!(claims(&samples()[1]).0.len(), 9);
        assert!(claims(&[SWAP, ERROR, FLIP, AGAIN, EDGE]).0.is_empty());
        assert_eq!(claims(&[DOUBLE; 100]).1, DOUBLINGS_MAX);
    }
}
