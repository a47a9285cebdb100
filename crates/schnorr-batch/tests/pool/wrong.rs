//! Signatures that are not valid.
use super::Dice;
use super::crafted::lambda;
use crate::support::{Signed, challenge};
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::{ProjectivePoint, Scalar};

/// SEC 2, section 2.4.1: the field's size, the group's order.
pub const P: [u8; 32] = {
    let mut bytes = [0xFF; 32];
    (bytes[27], bytes[30], bytes[31]) = (0xFE, 0xFC, 0x2F);
    bytes
};
pub const N: [u8; 32] = [
    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE,
    0xBA, 0xAE, 0xDC, 0xE6, 0xAF, 0x48, 0xA0, 0x3B, 0xBF, 0xD2, 0x5E, 0x8C, 0xD0, 0x36, 0x41, 0x41,
];

/// Numbers at and about which something changes.
pub fn edges() -> Vec<[u8; 32]> {
    let mut edges = vec![[0xFF; 32], [0x80; 32]];
    for limit in [[0; 32], P, N] {
        for by in -9..=9_i8 {
            let last = limit[31].wrapping_add_signed(by);
            edges.push(std::array::from_fn(|at| if at == 31 { last } else { limit[at] }));
        }
    }
    let mut bit = |at: usize| {
        let mut bytes = [0; 32];
        bytes[at / 8] = 0x80 >> (at % 8);
        edges.push(bytes);
    };
    [0, 1, 63, 64, 127, 128, 191, 192, 203, 204].into_iter().for_each(&mut bit);
    edges
}

/// One bit changed: each of the key, of the signature, of the message.
pub(super) fn corrupted(dice: &mut Dice) -> Vec<Signed> {
    let mut list = Vec::new();
    for bit in 0..256 + 512 + 256 {
        let mut one = Signed::by(dice.scalar().to_bytes().into(), &dice.bytes());
        let bytes = one.key.iter_mut().chain(&mut one.signature).chain(&mut one.message);
        bytes.skip(bit / 8).take(1).for_each(|byte| *byte ^= 1 << (bit % 8));
        list.push(one);
    }
    // Another length.
    let mut longer = dice.signed();
    longer.message.push(0);
    let mut shorter = Signed::by([9; 32], &[7; 64]);
    shorter.message.pop();
    list.extend([longer, shorter]);
    list
}

/// Every edge as the key, as r, as s, and as two of them. A signature that is valid by chance would
/// be a discovery.
pub(super) fn out_of_range(dice: &mut Dice) -> Vec<Signed> {
    let mut list = Vec::new();
    for edge in edges() {
        let mut one = || dice.signed();
        let (mut key, mut r, mut s, mut both) = (one(), one(), one(), one());
        key.key = edge;
        r.signature[..32].copy_from_slice(&edge);
        s.signature[32..].copy_from_slice(&edge);
        both.signature = [edge, edge].concat().try_into().unwrap();
        let mut all = both.clone();
        all.key = edge;
        list.extend([key, r, s, both, all]);
    }
    list
}

/// A signature by the rules but one.
pub(super) fn mistaken(dice: &mut Dice) -> Vec<Signed> {
    let mut list = Vec::new();
    for _ in 0..8 {
        let (key, nonce) = (dice.even(), dice.even());
        let message = dice.message();
        let honest = Signed::crafted(key, nonce, &message);
        let (r, s) = halves(&honest);
        let e = challenge(&r, &honest.key, &message);
        let beta = |x: &[u8; 32]| {
            let found = lift(x).unwrap();
            let image: [u8; 32] = (ProjectivePoint::from(found) * lambda()).to_affine().x().into();
            image
        };
        let scalars = [
            // R's or P's y odd; the challenge negated, left out, or twice.
            -nonce + e * key,
            nonce - e * key,
            -nonce - e * key,
            nonce,
            nonce + e * key + e * key,
            // s off by one, by what its terms are, by an image.
            s + Scalar::ONE,
            s - Scalar::ONE,
            s + key,
            s + nonce,
            s + s,
            s * lambda(),
        ];
        list.extend(scalars.map(|s| with(&honest, r, s.to_bytes().into())));
        let s = s.to_bytes().into();
        list.push(with(&honest, beta(&r), s));
        list.push(with(&honest, honest.key, s));
        list.push(with(&honest, s, r));
        list.push(Signed { key: beta(&honest.key), ..honest.clone() });
        list.push(Signed { key: r, ..honest.clone() });
    }
    list
}

/// Groups whose errors are nothing in sum, if coefficients are equal, or small, or foreseen.
pub fn groups(dice: &mut Dice) -> Vec<Vec<Signed>> {
    let mut groups = Vec::new();
    let one_key = dice.scalar();
    for round in 0..8 {
        let error = if round % 2 == 0 { Scalar::ONE } else { dice.scalar() };
        let mut by = |count: usize| -> Vec<Signed> {
            let key = |dice: &mut Dice| if round < 4 { dice.scalar() } else { one_key };
            let mut one = |at: usize| {
                // Never the same: one key's signatures over one message may change places.
                let message = [&[at as u8], &*dice.message()].concat();
                Signed::crafted(key(dice), dice.scalar(), &message)
            };
            (0..count).map(&mut one).collect()
        };
        let two = Scalar::from(2_u64);
        for errors in [
            vec![error, -error],
            vec![error, error],
            vec![error * two, -error],
            vec![error * lambda(), -error],
            vec![error, error, -(error * two)],
            vec![error, error * lambda(), error * lambda() * lambda()],
        ] {
            let mut group = by(errors.len());
            group.iter_mut().zip(errors).for_each(|(one, error)| one.add_to_s(error));
            groups.push(group);
        }
        groups.extend([swapped(by(2), 0..64), swapped(by(2), 0..32), swapped(by(2), 32..64)]);
        // Both s in one, of which the other has none.
        let mut moved = by(2);
        let s = halves(&moved[1]).1;
        moved[0].add_to_s(s);
        moved[1].add_to_s(-s);
        groups.push(moved);
        let mut messages = by(2);
        let [first, second] = [0, 1].map(|at: usize| messages[at].message.clone());
        messages[0].message = [&second[..], b"!"].concat();
        messages[1].message = [&first[..], b"."].concat();
        groups.push(messages);
        groups.push(forged(dice, Scalar::ONE));
        groups.push(forged(dice, Scalar::from(3_u64)));
    }
    groups
}

/// A signature under a key whose secret nobody knows, and one that makes up for it if its coefficient is
/// the first one's over `weight`: R₂ holds what the first lacks, −weight·e₁P₁.
pub fn forged(dice: &mut Dice, weight: Scalar) -> Vec<Signed> {
    let key = dice.signed().key;
    let victim = ProjectivePoint::from(lift(&key).unwrap());
    let (own, nonce) = (dice.even(), dice.even());
    let r1 = x(ProjectivePoint::GENERATOR * nonce);
    let first = Signed { key, message: dice.message(), signature: [0; 64] };
    let e1 = challenge(&r1, &key, &first.message);
    loop {
        let free = dice.scalar();
        let point = ProjectivePoint::GENERATOR * free - victim * (weight * e1);
        if point.to_affine().y()[31] & 1 == 1 {
            continue;
        }
        let mut second = Signed::crafted(own, free, &dice.message());
        let r2 = x(point);
        let s2 = free + challenge(&r2, &second.key, &second.message) * own;
        second = with(&second, r2, s2.to_bytes().into());
        return vec![with(&first, r1, nonce.to_bytes().into()), second];
    }
}

impl Dice {
    /// One whose point has an even y.
    fn even(&mut self) -> Scalar {
        let scalar = self.scalar();
        let y = (ProjectivePoint::GENERATOR * scalar).to_affine().y();
        if y[31] & 1 == 1 { -scalar } else { scalar }
    }
}

fn swapped(mut group: Vec<Signed>, bytes: std::ops::Range<usize>) -> Vec<Signed> {
    let (first, second) = group.split_at_mut(1);
    first[0].signature[bytes.clone()].swap_with_slice(&mut second[0].signature[bytes]);
    group
}

fn with(one: &Signed, r: [u8; 32], s: [u8; 32]) -> Signed {
    Signed { signature: [r, s].concat().try_into().unwrap(), ..one.clone() }
}

fn x(point: ProjectivePoint) -> [u8; 32] {
    point.to_affine().x().into()
}

fn lift(x: &[u8; 32]) -> Option<k256::AffinePoint> {
    Some(*k256::schnorr::VerifyingKey::from_slice(x).ok()?.as_affine())
}

fn halves(one: &Signed) -> ([u8; 32], Scalar) {
    let (r, s): ([u8; 32], [u8; 32]) =
        (one.signature[..32].try_into().unwrap(), one.signature[32..].try_into().unwrap());
    (r, Option::from(Scalar::from_repr(s.into())).unwrap())
}
