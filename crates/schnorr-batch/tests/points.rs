#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Valid signatures whose points are equal, opposite, or images of one another.
mod pool;
mod support;

use pool::crafted::lambda;
use schnorr_batch::Flaw;
use support::{Signed, blamed, flaws, scalar, signed};

fn valid(list: &[Signed]) {
    assert_eq!(flaws(list, list.len()), []);
    // The same with one wrong among them.
    let mut list = list.to_vec();
    let at = list.len() / 3;
    list[at].add_to_s(scalar(1));
    assert_eq!(flaws(&list, at), [(at, Flaw::Wrong)]);
}

#[test]
fn attack_21_one_signature_many_times() {
    for count in [2, 8, 9, 33, 70] {
        valid(&vec![signed(1)[0].clone(); count]);
    }
}

#[test]
fn attack_21_one_key_many_messages() {
    let list: Vec<Signed> = (0..70).map(|at| Signed::by([9; 32], &[at; 32])).collect();
    valid(&list);
}

#[test]
fn attack_21_one_nonce_many_keys() {
    let one = |at: u64| Signed::crafted(scalar(at + 2), scalar(77), &[1; 32]);
    valid(&(0..70).map(one).collect::<Vec<_>>());
}

#[test]
fn attack_21_the_nonce_is_the_key() {
    let one = |at: u64| Signed::crafted(scalar(at + 2), scalar(at + 2), &[at as u8; 32]);
    valid(&(0..70).map(one).collect::<Vec<_>>());
}

#[test]
fn attack_21_the_nonce_s_point_is_another_image_of_the_key_s() {
    let one = |at: u64| {
        let nonce = [lambda(), lambda() * lambda(), -lambda()][at as usize % 3] * scalar(at + 2);
        Signed::crafted(scalar(at + 2), nonce, &[at as u8; 32])
    };
    valid(&(0..70).map(one).collect::<Vec<_>>());
}

#[test]
fn attack_21_small_multiples_of_the_generator() {
    let one = |at: u64| Signed::crafted(scalar(1 + at % 4), scalar(1 + at % 5), &[at as u8; 32]);
    valid(&(0..70).map(one).collect::<Vec<_>>());
}

#[test]
fn attack_21_keys_of_which_one_is_the_others_sum() {
    let one =
        |at: u64| Signed::crafted(scalar(1 << (at % 8)), scalar(3 << (at % 8)), &[at as u8; 32]);
    valid(&(0..70).map(one).collect::<Vec<_>>());
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
fn attack_15_signatures_swapped() {
    let mut list = signed(20);
    let (one, other) = (list[3].signature, list[11].signature);
    (list[3].signature, list[11].signature) = (other, one);
    assert_eq!(flaws(&list, 1), [(3, Flaw::Wrong), (11, Flaw::Wrong)]);
}
