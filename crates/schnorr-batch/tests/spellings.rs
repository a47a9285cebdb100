#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Numbers out of range, other spellings of keys and signatures, and what stands for infinity.
mod pool;
mod support;

use k256::Scalar;
use k256::elliptic_curve::PrimeField;
use pool::by_libsecp256k1;
use pool::wrong::{N, P, edges};
use schnorr_batch::{Flaw, Key, verify};
use support::{Signed, blamed, challenge, even, flaws, scalar, signed};

fn moved(limit: [u8; 32], by: i8) -> [u8; 32] {
    std::array::from_fn(|at| limit[at].wrapping_add_signed(if at == 31 { by } else { 0 }))
}

/// Those that libsecp256k1 does not accept.
fn refused(list: &[Signed]) -> Vec<usize> {
    (0..list.len()).filter(|at| !by_libsecp256k1(&list[*at])).collect()
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

#[test]
fn attack_13_the_other_s() {
    let n = N;
    for at in 0..20 {
        let mut list = signed(20);
        let s: [u8; 32] = list[at].signature[32..].try_into().unwrap();
        let negated = -Option::<Scalar>::from(Scalar::from_repr(s.into())).unwrap();
        list[at].signature[32..].copy_from_slice(&negated.to_bytes());
        assert_eq!(flaws(&list, at), [(at, Flaw::Wrong)]);
        // s + n, where it fits 32 bytes, is another spelling of s.
        let mut list = signed(20);
        list[at] = Signed::crafted(scalar(3), scalar(5), b"");
        list[at].signature[32..].copy_from_slice(&n);
        assert_eq!(flaws(&list, at), [(at, Flaw::Malformed)]);
    }
}

#[test]
fn attack_14_numbers_out_of_range() {
    let (p, n) = (P, N);
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
            assert_eq!(flaws(&list, size), [(size / 2, flaw)], "{from} {number:?} {flaw:?}");
        }
        for key in [p, moved(p, 1), full, [0; 32]] {
            let mut list = signed(size);
            list[size / 2].key = key;
            assert_eq!(flaws(&list, size), [(size / 2, Flaw::Key)]);
            list[size / 2].signature = [0xFF; 64];
            assert_eq!(flaws(&list, size), [(size / 2, Flaw::Key)]);
        }
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
        let secret = even(scalar(secret)).0;
        let s = challenge(&r, &honest.key, &honest.message) * secret;
        let signature = [r, s.to_bytes().into()].concat().try_into().unwrap();
        list[2 * at] = Signed { signature, ..honest };
    }
    let wrong: Vec<usize> = (0..9).map(|at| 2 * at).collect();
    assert_eq!((blamed(&list, 1), refused(&list)), (wrong.clone(), wrong));
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
    assert_eq!(flaws(&list, 1).len(), 50);
}
