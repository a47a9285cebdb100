//! The split of a scalar k into two of half its length, k ≡ k₁ + k₂·λ modulo n (Gallant, Lambert and
//! Vanstone 2001; Guide to Elliptic Curve Cryptography, algorithm 3.74), where λ times a point costs
//! one multiplication.
//!
//! The lattice of (x, y) with x + yλ ≡ 0 has the short basis (A1, −MINUS_B1), (A2, A1). Rounding k's
//! coordinates in it by multiplication with G1, G2 = round(2³⁸⁴·A1/n), round(2³⁸⁴·MINUS_B1/n) leaves
//! |k₁| < 2¹²⁷·³⁵ and |k₂| < 2¹²⁷·¹² (the bounds libsecp256k1 proves for these constants).
use crate::field::Limbs;
use crate::scalar::subtract;

const A1: u128 = 0x3086_D221_A7D4_6BCD_E86C_90E4_9284_EB15;
const MINUS_B1: u128 = 0xE443_7ED6_010E_8828_6F54_7FA9_0ABF_E4C3;
/// A2 is 2¹²⁸ more.
const A2_LOW: u128 = 0x14CA_50F7_A8E2_F3F6_57C1_108D_9D44_CFD8;
const G1: Limbs =
    [0xE893_209A_45DB_B031, 0x3DAA_8A14_71E8_CA7F, 0xE86C_90E4_9284_EB15, 0x3086_D221_A7D4_6BCD];
const G2: Limbs =
    [0x1571_B4AE_8AC4_7F71, 0x2212_08AC_9DF5_06C6, 0x6F54_7FA9_0ABF_E4C4, 0xE443_7ED6_010E_8828];

/// A whole number between −2¹²⁸ and 2¹²⁸, in two's complement.
pub(crate) type Half = Limbs;

/// k₁ and k₂ of an integer below n.
pub(crate) fn split(k: &Limbs) -> [Half; 2] {
    let (c1, c2) = (multiply_shift(k, &G1), multiply_shift(k, &G2));
    let (k1, _) = subtract(k, &multiply(c1, A1));
    let (k1, _) = subtract(&k1, &multiply(c2, A2_LOW));
    let (k1, _) = subtract(&k1, &[0, 0, c2 as u64, (c2 >> 64) as u64]);
    let (k2, _) = subtract(&multiply(c1, MINUS_B1), &multiply(c2, A1));
    [k1, k2]
}

/// A coefficient as it is.
pub(crate) fn whole(k: i128) -> Half {
    let sign = (k >> 127) as u64;
    [k as u64, (k >> 64) as u64, sign, sign]
}

/// The product.
fn multiply(a: u128, b: u128) -> Limbs {
    let (low, high) = a.carrying_mul(b, 0);
    [low as u64, (low >> 64) as u64, high as u64, (high >> 64) as u64]
}

/// The product over 2³⁸⁴, rounded to the nearest.
fn multiply_shift(a: &Limbs, b: &Limbs) -> u128 {
    let mut wide = [0_u64; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (wide[i + j], carry) = a[i].carrying_mul_add(b[j], wide[i + j], carry);
        }
        wide[i + 4] = carry;
    }
    (u128::from(wide[7]) << 64 | u128::from(wide[6])) + u128::from(wide[5] >> 63)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{P, to_bytes};
    use crate::scalar::{N, reduce};
    use num_bigint::{BigInt, Sign};
    use proptest::prelude::*;

    /// A third root of one modulo n.
    const LAMBDA: Limbs = [
        0xDF02_967C_1B23_BD72,
        0x122E_22EA_2081_6678,
        0xA526_1C02_8812_645A,
        0x5363_AD4C_C05C_30E0,
    ];

    fn integer(limbs: &Limbs) -> BigInt {
        BigInt::from_bytes_be(Sign::Plus, &to_bytes(limbs))
    }

    /// Of two's complement.
    fn signed(half: &Half) -> BigInt {
        let top = BigInt::from(half[3] >> 63) << 256_usize;
        integer(half) - top
    }

    fn splits(k: &Limbs) {
        let [k1, k2] = split(k).map(|half| signed(&half));
        let whole = &k1 + &k2 * integer(&LAMBDA) - integer(k);
        assert_eq!(whole % integer(&N), BigInt::ZERO, "{k:?}");
        // As libsecp256k1 proves.
        let bound = |hex: &[u8]| BigInt::parse_bytes(hex, 16).unwrap();
        assert!(k1.magnitude() < bound(b"a2a8918ca85bafe22016d0b917e4dd77").magnitude());
        assert!(k2.magnitude() < bound(b"8a65287bd47179fb2be08846cea267ed").magnitude());
    }

    #[test]
    fn the_constants_are_what_they_say() {
        let (n, lambda) = (integer(&N), integer(&LAMBDA));
        let (a1, minus_b1) = (BigInt::from(A1), BigInt::from(MINUS_B1));
        let a2 = BigInt::from(A2_LOW) + (BigInt::from(1) << 128_usize);
        assert_eq!((&a1 - &minus_b1 * &lambda) % &n, BigInt::ZERO);
        assert_eq!((&a2 + &a1 * &lambda) % &n, BigInt::ZERO);
        // The basis spans the whole lattice: its determinant is the order.
        assert_eq!(&a1 * &a1 + &minus_b1 * &a2, n);
        let scaled = |value: BigInt| ((value << 385_usize) / &n + 1) >> 1_usize;
        assert_eq!((scaled(a1), scaled(minus_b1)), (integer(&G1), integer(&G2)));
    }

    #[test]
    fn the_endomorphism_multiplies_by_lambda() {
        let (p, beta) = (integer(&P), integer(&crate::lift::BETA));
        assert_eq!(beta.modpow(&BigInt::from(3), &p), BigInt::from(1));
        let bytes = to_bytes(&LAMBDA).into();
        let lambda: Option<k256::Scalar> =
            k256::elliptic_curve::PrimeField::from_repr(bytes).into();
        let image = (k256::ProjectivePoint::GENERATOR * lambda.unwrap()).to_affine();
        let x = beta * integer(&crate::curve::GENERATOR.x) % p;
        let got = k256::elliptic_curve::point::AffineCoordinates::x(&image);
        assert_eq!(BigInt::from_bytes_be(Sign::Plus, &got), x);
    }

    #[test]
    fn edges_split() {
        for at in 0..256 {
            let mut bit = [0; 4];
            bit[at / 64] = 1 << (at % 64);
            splits(&bit);
            splits(&reduce(subtract(&bit, &[1, 0, 0, 0]).0));
            splits(&subtract(&N, &bit).0);
        }
        splits(&[0; 4]);
        splits(&LAMBDA);
        splits(&subtract(&N, &LAMBDA).0);
    }

    proptest! {
        #[test]
        fn random_scalars_split(k: Limbs) {
            splits(&reduce(k));
        }

        #[test]
        fn a_coefficient_stays(k: i128) {
            prop_assert_eq!(signed(&whole(k)), BigInt::from(k));
        }
    }
}
