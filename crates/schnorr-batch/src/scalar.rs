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
