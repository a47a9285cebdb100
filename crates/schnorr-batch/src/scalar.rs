//! Integers modulo n, the order of the group.
use crate::field::{Limbs, below};

/// The group's order.
pub(crate) const N: Limbs =
    [0xBFD2_5E8C_D036_4141, 0xBAAE_DCE6_AF48_A03B, 0xFFFF_FFFF_FFFF_FFFE, u64::MAX];
/// 2²⁵⁶ − n, 129 bits.
const FOLD: [u64; 3] = [0x402D_A173_2FC9_BEBF, 0x4551_2319_50B7_5FC4, 1];

/// `limbs` modulo n: they are less than twice as much.
pub(crate) fn reduce(limbs: Limbs) -> Limbs {
    if below(&limbs, &N) { limbs } else { subtract(&limbs, &N).0 }
}

/// The sum modulo n of two integers below n.
pub(crate) fn add(a: &Limbs, b: &Limbs) -> Limbs {
    let (sum, carry) = plain_add(a, b);
    if carry || !below(&sum, &N) { subtract(&sum, &N).0 } else { sum }
}

/// The negation modulo n of an integer below n.
pub(crate) fn negate(a: &Limbs) -> Limbs {
    if *a == [0; 4] { *a } else { subtract(&N, a).0 }
}

/// `a · b` modulo n. The product has 384 bits; its upper 128 fold to 257 bits, so the sum's upper
/// limb is at most 2, and folds again to less than 2¹³¹.
pub(crate) fn multiply(a: u128, b: &Limbs) -> Limbs {
    let mut wide = [0; 6];
    accumulate(&mut wide, &[a as u64, (a >> 64) as u64], b);
    let [low @ .., high0, high1] = wide;
    let mut folded = [low[0], low[1], low[2], low[3], 0];
    accumulate(&mut folded, &[high0, high1], &FOLD);
    let [low @ .., high] = folded;
    let mut rest = [low[0], low[1], low[2], low[3], 0];
    accumulate(&mut rest, &[high], &FOLD);
    let [low @ .., high] = rest;
    if high == 0 { reduce(low) } else { subtract(&low, &N).0 }
}

/// `sum += a · b`. What exceeds the sum's length is lost: callers know that nothing does.
fn accumulate(sum: &mut [u64], a: &[u64], b: &[u64]) {
    for (i, a) in a.iter().enumerate() {
        let mut carry = 0;
        for (at, b) in (i..).zip(b) {
            (sum[at], carry) = a.carrying_mul_add(*b, sum[at], carry);
        }
        for limb in &mut sum[i + b.len()..] {
            let over;
            (*limb, over) = limb.overflowing_add(carry);
            carry = u64::from(over);
        }
    }
}

/// The sum, and whether it carried out.
fn plain_add(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (mut sum, mut carry) = ([0; 4], false);
    for i in 0..4 {
        (sum[i], carry) = a[i].carrying_add(b[i], carry);
    }
    (sum, carry)
}

/// The difference modulo 2²⁵⁶, and whether it borrowed.
pub(crate) fn subtract(a: &Limbs, b: &Limbs) -> (Limbs, bool) {
    let (mut rest, mut borrow) = ([0; 4], false);
    for i in 0..4 {
        (rest[i], borrow) = a[i].borrowing_sub(b[i], borrow);
    }
    (rest, borrow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::to_bytes;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    fn integer(limbs: &Limbs) -> BigUint {
        BigUint::from_bytes_be(&to_bytes(limbs))
    }

    fn agree(a: u128, b: Limbs, c: Limbs) {
        let n = integer(&N);
        let (b, c) = (reduce(b), reduce(c));
        assert!(below(&b, &N));
        assert_eq!(integer(&multiply(a, &b)), integer(&b) * a % &n);
        assert_eq!(integer(&add(&b, &c)), (integer(&b) + integer(&c)) % &n);
        assert_eq!(integer(&negate(&b)), (&n - integer(&b)) % &n);
    }

    #[test]
    fn edges_agree_with_big_integers() {
        let one = |low: u64| subtract(&N, &[low, 0, 0, 0]).0;
        let mut edges = [[0; 4], [1, 0, 0, 0], [u64::MAX; 4], N, one(1), one(2)].to_vec();
        edges.push(subtract(&[0; 4], &[FOLD[0], FOLD[1], FOLD[2], 0]).0);
        edges.extend((0..4).map(|at| core::array::from_fn(|i| u64::from(i == at))));
        edges.extend((0..4).map(|at| core::array::from_fn(|i| if i < at { u64::MAX } else { 0 })));
        for a in [0, 1, u128::MAX, u128::MAX - 1, 1 << 127, 1 << 64, u128::from(u64::MAX)] {
            for b in &edges {
                edges.iter().for_each(|c| agree(a, *b, *c));
            }
        }
    }

    #[test]
    fn the_fold_is_what_the_order_lacks() {
        assert_eq!(
            integer(&N) + integer(&[FOLD[0], FOLD[1], FOLD[2], 0]),
            BigUint::from(1_u32) << 256_usize
        );
    }

    proptest! {
        #[test]
        fn random_values_agree_with_big_integers(a: u128, b: Limbs, c: Limbs) {
            agree(a, b, c);
        }
    }
}
