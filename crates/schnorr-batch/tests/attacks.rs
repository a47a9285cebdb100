#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! What is tried against one signature, tried in batches; and what only a batch allows to try.
mod pool;
mod support;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Infallible, Rng, TryCryptoRng, TryRng};
use k256::Scalar;
use pool::wrong::{edges, forged, groups};
use pool::{Dice, by_libsecp256k1};
use schnorr_batch::{Batch, Flaw, Item, Key, verify, verify_batch_on};
use support::{Signed, backends, items, rng, signed};

/// The positions that every back end blames, for a list and for a batch filled item by item.
fn blamed(list: &[Signed], seed: usize) -> Vec<usize> {
    let items = items(list);
    let mut found = Vec::new();
    for backend in backends() {
        let mut batch = Batch::new(backend);
        items.iter().for_each(|item| _ = batch.push(item));
        found.push(verify_batch_on(backend, &items, &mut rng(seed)));
        found.push(batch.verify(&mut rng(seed + 1)));
    }
    assert!(found.iter().all(|verdict| *verdict == found[0]), "{found:?}");
    found.swap_remove(0).err().map_or(Vec::new(), |invalid| invalid.indices().collect())
}

/// Those that libsecp256k1 does not accept.
fn refused(list: &[Signed]) -> Vec<usize> {
    (0..list.len()).filter(|at| !by_libsecp256k1(&list[*at])).collect()
}

fn scalar(value: u64) -> Scalar {
    Scalar::from(value)
}

#[test]
fn attack_13_one_signature_in_every_other_spelling() {
    let honest = signed(1)[0].clone();
    let mut list = vec![honest.clone()];
    for bit in 0..512 {
        let mut one = honest.clone();
        one.signature[bit / 8] ^= 1 << (bit % 8);
        list.push(one);
    }
    assert_eq!(blamed(&list, 1), (1..=512).collect::<Vec<_>>());
}

#[test]
fn attack_13_one_key_in_every_other_spelling() {
    let honest = signed(1)[0].clone();
    let mut list = vec![honest.clone()];
    for bit in 0..256 {
        let mut one = honest.clone();
        one.key[bit / 8] ^= 1 << (bit % 8);
        list.push(one);
    }
    assert_eq!(blamed(&list, 1), (1..=256).collect::<Vec<_>>());
}

#[test]
fn attack_14_every_edge_as_key_r_and_s() {
    let others = signed(12);
    let mut all = Vec::new();
    for edge in edges() {
        let mut three = [others[0].clone(), others[1].clone(), others[2].clone()];
        three[0].key = edge;
        three[1].signature[..32].copy_from_slice(&edge);
        three[2].signature[32..].copy_from_slice(&edge);
        all.extend(three.clone());
        let list = [&three[..], &others[3..]].concat();
        assert_eq!(blamed(&list, 2), [0, 1, 2], "{edge:02x?}");
        assert_eq!(refused(&list), [0, 1, 2], "{edge:02x?}");
        assert_eq!(Key::parse(&edge).is_err(), verify(&list[0].item()) == Err(Flaw::Key));
    }
    assert_eq!(blamed(&all, 3), (0..all.len()).collect::<Vec<_>>());
}

/// A signer who uses a nonce twice gives away the key; the signatures are valid all the same.
#[test]
fn attack_15_one_nonce_hides_nothing() {
    let honest = |at: u64| Signed::crafted(scalar(5), scalar(77), &[at as u8; 32]);
    let honest: Vec<Signed> = (0..24).map(honest).collect();
    assert_eq!(blamed(&honest, 1), []);
    for at in 0..honest.len() {
        let mut list = honest.clone();
        list[at].add_to_s(scalar(1));
        assert_eq!(blamed(&list, at), [at]);
        // All have the same R and key: two s in each other's place cancel but for their coefficients.
        let mut list = honest.clone();
        let other = (at + 7) % list.len();
        (list[at].signature, list[other].signature) = (list[other].signature, list[at].signature);
        assert_eq!(blamed(&list, at), [at.min(other), at.max(other)]);
    }
}

#[test]
fn attack_21_none_one_and_few() {
    let key_zero = Signed { key: [0; 32], ..signed(1)[0].clone() };
    for size in 0..=9 {
        let honest = signed(size);
        assert_eq!(blamed(&honest, size), []);
        assert_eq!(blamed(&vec![key_zero.clone(); size], size), (0..size).collect::<Vec<_>>());
        for at in 0..size {
            let mut list = honest.clone();
            list[at] = key_zero.clone();
            assert_eq!(blamed(&list, at), [at]);
            list[at] = Signed { signature: [0; 64], ..honest[at].clone() };
            assert_eq!(blamed(&list, at), [at]);
        }
    }
}

/// sG − eP is infinity, and R's x whatever stands for it.
#[test]
fn attack_21_the_point_at_infinity() {
    let mut list = signed(20);
    for (at, secret) in (1..=9).enumerate() {
        let honest = Signed::crafted(scalar(secret), scalar(1), &[at as u8; 32]);
        let r: [u8; 32] = std::array::from_fn(|byte| if byte == 31 { at as u8 } else { 0 });
        let secret = support::even(scalar(secret)).0;
        let s = support::challenge(&r, &honest.key, &honest.message) * secret;
        let signature = [r, s.to_bytes().into()].concat().try_into().unwrap();
        list[2 * at] = Signed { signature, ..honest };
    }
    let wrong: Vec<usize> = (0..9).map(|at| 2 * at).collect();
    assert_eq!((blamed(&list, 1), refused(&list)), (wrong.clone(), wrong));
}

#[test]
fn attack_51_a_wrong_one_at_every_position_of_every_size() {
    let honest = signed(40);
    for size in (1..=20).chain([31, 32, 33, 40]) {
        for at in 0..size {
            let mut list = honest[..size].to_vec();
            list[at].add_to_s(scalar(1));
            assert_eq!(blamed(&list, at), [at], "of {size}");
        }
    }
}

#[test]
fn attack_51_two_wrong_at_every_pair_of_positions() {
    let honest = signed(17);
    for first in 0..honest.len() {
        for second in 0..first {
            let mut list = honest.clone();
            list[first].message[0] ^= 1;
            list[second].key = honest[first].key;
            assert_eq!(blamed(&list, first), [second, first]);
            // Errors of which the sum is nothing.
            let mut list = honest.clone();
            list[first].add_to_s(scalar(9));
            list[second].add_to_s(-scalar(9));
            assert_eq!(blamed(&list, first), [second, first]);
        }
    }
}

#[test]
fn attack_51_every_set_of_eight_positions() {
    let honest = signed(8);
    for set in 0_usize..256 {
        let mut list = honest.clone();
        let wrong: Vec<usize> = (0..8).filter(|at| set >> at & 1 == 1).collect();
        // Under one key, so that the errors meet in one term.
        list.iter_mut().for_each(|one| *one = Signed::by([9; 32], &one.message));
        wrong.iter().for_each(|at| list[*at].add_to_s(scalar(1)));
        assert_eq!(blamed(&list, set), wrong);
    }
}

#[test]
fn attack_51_errors_that_hide_one_another() {
    let mut dice = Dice(rng(51));
    let honest = signed(30);
    for (number, group) in groups(&mut dice).into_iter().enumerate() {
        let at: Vec<usize> = (0..group.len()).map(|one| (number + 11 * one) % 30).collect();
        let mut list = honest.clone();
        at.iter().zip(&group).for_each(|(at, one)| list[*at] = one.clone());
        let mut wrong = at;
        wrong.sort_unstable();
        assert_eq!(blamed(&list, number), wrong, "group {number}");
        let alone: Vec<Signed> = (0..6).flat_map(|_| group.clone()).collect();
        assert_eq!(blamed(&alone, number).len(), alone.len(), "group {number}");
    }
}

/// Under a key of another: what a verifier would accept whose coefficients are equal.
#[test]
fn attack_51_a_forgery_in_two_parts() {
    let honest = signed(20);
    for seed in 0..20 {
        let mut list = honest.clone();
        list.extend(forged(&mut Dice(rng(seed)), Scalar::ONE));
        assert_eq!(blamed(&list, seed), [20, 21]);
    }
}

/// A generator that is broken: it yields the same byte for ever.
struct Constant(u8);

impl TryRng for Constant {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes([self.0; 4]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes([self.0; 8]))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(self.0);
        Ok(())
    }
}

impl TryCryptoRng for Constant {}

/// The crate promises nothing against who foresees the coefficients. It does not become blind, though:
/// errors that nobody made to fit are found with every generator.
#[test]
fn attack_51_a_constant_generator_does_not_blind() {
    let honest = signed(30);
    for byte in [0x00, 0x01, 0x7F, 0x80, 0xFF] {
        for backend in backends() {
            let check = |list: &[Signed]| {
                let verdict = verify_batch_on(backend, &items(list), &mut Constant(byte));
                verdict.err().map_or(Vec::new(), |invalid| invalid.flaws().to_vec())
            };
            assert_eq!(check(&honest), [], "{backend:?}, {byte:#x}");
            for at in 0..honest.len() {
                let mut list = honest.clone();
                list[at].message[0] ^= 1;
                list[(at + 9) % 30].signature[40] ^= 1;
                let mut wrong = [(at, Flaw::Wrong), ((at + 9) % 30, Flaw::Wrong)];
                wrong.sort_unstable();
                assert_eq!(check(&list), wrong, "{backend:?}, {byte:#x}");
            }
        }
    }
}

/// Remembers what it gave.
struct Recorder {
    source: ChaCha20Rng,
    given: Vec<u8>,
}

impl TryRng for Recorder {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.source.fill_bytes(bytes);
        self.given.extend_from_slice(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Recorder {}

/// Every item of every call has 128 bits of its own.
#[test]
fn attack_51_coefficients_do_not_repeat() {
    let list = signed(64);
    let items: Vec<Item<'_>> = items(&list);
    for backend in backends() {
        let mut recorder = Recorder { source: rng(1), given: Vec::new() };
        let mut batch = Batch::new(backend);
        items.iter().for_each(|item| _ = batch.push(item));
        for call in 1..=5 {
            let before = recorder.given.len();
            match call % 2 {
                0 => verify_batch_on(backend, &items, &mut recorder).unwrap(),
                _ => batch.verify(&mut recorder).unwrap(),
            }
            assert!(recorder.given.len() - before >= 16 * items.len());
        }
        let mut chunks: Vec<&[u8]> = recorder.given.chunks(16).collect();
        let count = chunks.len();
        chunks.sort_unstable();
        chunks.dedup();
        assert_eq!(chunks.len(), count);
    }
}

/// The same forgery passes for at most one ratio of coefficients: with random ones, never.
#[test]
fn attack_51_no_seed_lets_a_forgery_pass() {
    let mut list = signed(8);
    list.extend(forged(&mut Dice(rng(1)), Scalar::ONE));
    for backend in backends() {
        for seed in 0..200 {
            let verdict = verify_batch_on(backend, &items(&list), &mut rng(seed));
            assert_eq!(verdict.unwrap_err().indices().collect::<Vec<_>>(), [8, 9], "seed {seed}");
        }
    }
}

/// That the forgery is one: with coefficients that are equal it does pass. So the generator matters.
#[test]
fn attack_51_the_forgery_is_good_against_equal_coefficients() {
    let mut list = signed(8);
    list.extend(forged(&mut Dice(rng(1)), Scalar::ONE));
    for backend in backends() {
        assert_eq!(verify_batch_on(backend, &items(&list), &mut Constant(1)), Ok(()));
    }
}
