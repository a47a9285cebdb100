#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Batches made to break a batch: equal points, cancelling errors, numbers out of range.
mod support;
use k256::Scalar;
use k256::elliptic_curve::PrimeField;
use schnorr_batch::{Flaw, Item, verify, verify_batch_on};
use support::{Signed, backends, items, rng, signed};

/// SEC 2, section 2.4.1: the field's size and the group's order.
const P: &str = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
const N: &str = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
/// Guide to Elliptic Curve Cryptography, example 3.76: λ·(x, y) = (β·x, y).
const LAMBDA: &str = "5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72";

fn number(hex: &str) -> [u8; 32] {
    std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
}

fn moved(limit: [u8; 32], by: i8) -> [u8; 32] {
    std::array::from_fn(|at| limit[at].wrapping_add_signed(if at == 31 { by } else { 0 }))
}

fn scalar(value: u64) -> Scalar {
    Scalar::from(value)
}

fn lambda() -> Scalar {
    Option::from(Scalar::from_repr(number(LAMBDA).into())).unwrap()
}

fn flaws(list: &[Item<'_>], seed: usize) -> Vec<(usize, Flaw)> {
    let mut found = backends().into_iter().map(|backend| {
        let verdict = verify_batch_on(backend, list, &mut rng(seed));
        verdict.err().map_or(vec![], |invalid| invalid.flaws().to_vec())
    });
    let first = found.next().unwrap();
    assert!(found.all(|other| other == first));
    let single = list.iter().enumerate().filter_map(|(at, item)| Some((at, verify(item).err()?)));
    assert_eq!(first, single.collect::<Vec<_>>());
    first
}

fn valid(list: &[Signed]) {
    assert_eq!(flaws(&items(list), list.len()), []);
    // The same with one wrong among them.
    let mut list = list.to_vec();
    let at = list.len() / 3;
    list[at].add_to_s(scalar(1));
    assert_eq!(flaws(&items(&list), at), [(at, Flaw::Wrong)]);
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

/// Two errors that cancel where coefficients are equal, or foreseen.
#[test]
fn attack_21_errors_that_cancel() {
    for other in [scalar(1), scalar(2), -scalar(2), lambda()] {
        let mut list = signed(40);
        list[4].add_to_s(scalar(1));
        list[30].add_to_s(-other);
        assert_eq!(flaws(&items(&list), 1), [(4, Flaw::Wrong), (30, Flaw::Wrong)]);
        // Within a half, and within the last few.
        let mut list = signed(40);
        list[4].add_to_s(scalar(1));
        list[5].add_to_s(-other);
        assert_eq!(flaws(&items(&list), 1), [(4, Flaw::Wrong), (5, Flaw::Wrong)]);
    }
}

/// The same key's errors cancel in its merged term if the coefficients did.
#[test]
fn attack_21_errors_that_cancel_under_one_key() {
    let mut list: Vec<Signed> = (0..40).map(|at| Signed::by([9; 32], &[at; 32])).collect();
    list[2].add_to_s(scalar(5));
    list[3].add_to_s(-scalar(5));
    assert_eq!(flaws(&items(&list), 1), [(2, Flaw::Wrong), (3, Flaw::Wrong)]);
}

#[test]
fn attack_15_signatures_swapped() {
    let mut list = signed(20);
    let (one, other) = (list[3].signature, list[11].signature);
    (list[3].signature, list[11].signature) = (other, one);
    assert_eq!(flaws(&items(&list), 1), [(3, Flaw::Wrong), (11, Flaw::Wrong)]);
}

#[test]
fn attack_13_the_other_s() {
    let n = number(N);
    for at in 0..20 {
        let mut list = signed(20);
        let s: [u8; 32] = list[at].signature[32..].try_into().unwrap();
        let negated = -Option::<Scalar>::from(Scalar::from_repr(s.into())).unwrap();
        list[at].signature[32..].copy_from_slice(&negated.to_bytes());
        assert_eq!(flaws(&items(&list), at), [(at, Flaw::Wrong)]);
        // s + n, where it fits 32 bytes, is another spelling of s.
        let mut list = signed(20);
        list[at] = Signed::crafted(scalar(3), scalar(5), b"");
        list[at].signature[32..].copy_from_slice(&n);
        assert_eq!(flaws(&items(&list), at), [(at, Flaw::Malformed)]);
    }
}

#[test]
fn attack_14_numbers_out_of_range() {
    let (p, n) = (number(P), number(N));
    let full = [0xFF; 32];
    let cases = [
        (0, p, Flaw::Malformed),
        (0, moved(p, 1), Flaw::Malformed),
        (0, full, Flaw::Malformed),
        (0, [0; 32], Flaw::Malformed),
        (0, moved(p, -1), Flaw::Wrong),
        (32, n, Flaw::Malformed),
        (32, moved(n, 1), Flaw::Malformed),
        (32, full, Flaw::Malformed),
        (32, [0; 32], Flaw::Malformed),
        (32, moved(n, -1), Flaw::Wrong),
    ];
    for size in [1, 9, 20] {
        for (from, number, flaw) in cases {
            let mut list = signed(size);
            list[size / 2].signature[from..from + 32].copy_from_slice(&number);
            assert_eq!(
                flaws(&items(&list), size),
                [(size / 2, flaw)],
                "{from} {number:?} {flaw:?}"
            );
        }
        for key in [p, moved(p, 1), full, [0; 32]] {
            let mut list = signed(size);
            list[size / 2].key = key;
            assert_eq!(flaws(&items(&list), size), [(size / 2, Flaw::Key)]);
            list[size / 2].signature = [0xFF; 64];
            assert_eq!(flaws(&items(&list), size), [(size / 2, Flaw::Key)]);
        }
    }
}

#[test]
fn attack_21_everything_is_wrong() {
    let mut list = signed(50);
    for (at, one) in list.iter_mut().enumerate() {
        match at % 4 {
            0 => one.key = [0xFF; 32],
            1 => one.signature = [0; 64],
            2 => one.message.clear(),
            _ => one.signature[..32].copy_from_slice(&[at as u8; 32]),
        }
    }
    assert_eq!(flaws(&items(&list), 1).len(), 50);
}
