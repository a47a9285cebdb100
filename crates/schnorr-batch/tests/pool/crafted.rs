//! Valid signatures whose points meet: in buckets, in sums of buckets, under the endomorphism.
use super::Dice;
use crate::support::Signed;
use k256::Scalar;
use k256::elliptic_curve::PrimeField;

/// Guide to Elliptic Curve Cryptography, example 3.76: λ·(x, y) = (β·x, y).
const LAMBDA: [u8; 32] = [
    0x53, 0x63, 0xAD, 0x4C, 0xC0, 0x5C, 0x30, 0xE0, 0xA5, 0x26, 0x1C, 0x02, 0x88, 0x12, 0x64, 0x5A,
    0x12, 0x2E, 0x22, 0xEA, 0x20, 0x81, 0x66, 0x78, 0xDF, 0x02, 0x96, 0x7C, 0x1B, 0x23, 0xBD, 0x72,
];
/// Signatures of a family.
const COUNT: u64 = 70;

pub fn lambda() -> Scalar {
    Option::from(Scalar::from_repr(LAMBDA.into())).unwrap()
}

/// One family after the other.
pub(super) fn families(dice: &mut Dice) -> Vec<Vec<Signed>> {
    let (key, nonce) = (dice.scalar(), dice.scalar());
    let (lambda, small) = (lambda(), |value: u64| Scalar::from(value));
    let images = [Scalar::ONE, lambda, lambda * lambda, -Scalar::ONE, -lambda, -(lambda * lambda)];
    let image = |at: u64| images[at as usize % 6];
    let mut family = |of: &dyn Fn(u64, Scalar, Scalar) -> (Scalar, Scalar)| {
        let mut one = |at: u64| {
            let (key, nonce) = of(at, dice.scalar(), dice.scalar());
            Signed::crafted(key, nonce, &dice.message())
        };
        (0..COUNT).map(&mut one).collect::<Vec<_>>()
    };
    let mut families = vec![
        // One key; one nonce; both.
        family(&|_, _, nonce| (key, nonce)),
        family(&|_, key, _| (key, nonce)),
        family(&|_, _, _| (key, nonce)),
        // The key is G or −G, a small multiple of it, and R too.
        family(&|at, _, nonce| ([Scalar::ONE, -Scalar::ONE][at as usize % 2], nonce)),
        family(&|at, _, nonce| (small(1 + at % 9), nonce)),
        family(&|at, _, _| (small(1 + at % 5), small(1 + at % 7))),
        family(&|at, _, _| (small(1 + at), small(1 + at))),
        // R is P or −P, or another's.
        family(&|_, key, _| (key, key)),
        family(&|_, key, _| (key, -key)),
        family(&|at, _, _| (key + small(at % 3), key + small(at % 5))),
        // A nonce, its negation, the next nonce.
        family(&|at, key, _| (key, nonce * small(1 + at / 2) * image(3 * at))),
        // Images of one another, whose sums are infinity.
        family(&|at, _, nonce| (key * image(at), nonce)),
        family(&|at, key, _| (key, nonce * image(at))),
        family(&|at, _, _| (key * image(at), key * image(at / 6))),
        // Sums and doubles of one another.
        family(&|at, _, _| (key * small(1 << (at % 9)), nonce * small(1 << (at % 11)))),
        family(&|at, _, _| (key + nonce * small(at % 9), key * small(at % 3) + nonce)),
    ];
    // The same signature again and again; two in turns.
    let one = Signed::crafted(key, nonce, b"again");
    let other = Signed::crafted(key, -nonce, b"and again");
    families.push(vec![one.clone(); COUNT as usize]);
    families.push([one, other].into_iter().cycle().take(COUNT as usize).collect());
    // Messages of every length.
    families
        .push((0..=200).map(|len| Signed::crafted(key, dice.scalar(), &vec![7; len])).collect());
    families
}
