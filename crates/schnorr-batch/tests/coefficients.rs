#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Errors that cancel where coefficients are equal or foreseen, and generators that are broken.
mod pool;
mod support;

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Infallible, Rng, TryCryptoRng, TryRng};
use k256::Scalar;
use pool::Dice;
use pool::crafted::lambda;
use pool::wrong::{forged, groups};
use schnorr_batch::{Batch, Flaw, Item, verify_batch_on};
use support::{Signed, backends, blamed, flaws, items, rng, scalar, signed};

/// Two errors that cancel where coefficients are equal, or foreseen.
#[test]
fn attack_21_errors_that_cancel() {
    for other in [scalar(1), scalar(2), -scalar(2), lambda()] {
        let mut list = signed(40);
        list[4].add_to_s(scalar(1));
        list[30].add_to_s(-other);
        assert_eq!(flaws(&list, 1), [(4, Flaw::Wrong), (30, Flaw::Wrong)]);
        // Within a half, and within the last few.
        let mut list = signed(40);
        list[4].add_to_s(scalar(1));
        list[5].add_to_s(-other);
        assert_eq!(flaws(&list, 1), [(4, Flaw::Wrong), (5, Flaw::Wrong)]);
    }
}

/// The same key's errors cancel in its merged term if the coefficients did.
#[test]
fn attack_21_errors_that_cancel_under_one_key() {
    let mut list: Vec<Signed> = (0..40).map(|at| Signed::by([9; 32], &[at; 32])).collect();
    list[2].add_to_s(scalar(5));
    list[3].add_to_s(-scalar(5));
    assert_eq!(flaws(&list, 1), [(2, Flaw::Wrong), (3, Flaw::Wrong)]);
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
