//! AVX-512 IFMA: eight lanes of five limbs of 52 bits.
//!
//! Weakly normalised here means: the lower four limbs are below 2⁵², the fifth below 2⁴⁸ + 2⁶. So
//! every limb is a whole factor for the 52-bit multiplier, and a value is below 2²⁵⁶ + 2²¹⁴.
//! - [`settle`] takes limbs below 2⁵⁷, which sums, differences and the small multiples keep to. What is
//!   above the fifth one's 48th bit, below 2⁹, times 2²⁵⁶ − p (33 bits) comes back into the first limb;
//!   then each limb carries less than 2⁶ into the next.
//! - a difference adds a multiple of p first, each limb of which is at least the other's: 2p for one
//!   weakly normalised value, 4p for the sum of two. So no limb is ever negative.
//! - a product's limbs are sums of at most 18 halves below 2⁵² (two products are added at most) and
//!   an addend below 2⁵⁵. Those from the sixth on, each in two pieces, the lower 52 bits and what is above
//!   them (but for the tenth, one half a product of factors below 2⁵⁰, and so below 2⁴⁹), times 2²⁶⁰ mod p (37 bits) come back to the lower five, which stay below 2⁵⁷, and a rest
//!   below 2³²; that rest times 16, and what is above the fifth limb's 48th bit, is below 2³⁷, and
//!   times 2²⁵⁶ − p returns as two halves. Then each limb carries less than 2⁶ into the next.
#![allow(unsafe_code, reason = "vector instructions, which the processor must have")]
use super::{Affine, FOLD, Field, Limbs, MAX_LANES};
use crate::curve::Point;
use crate::digits::Digits;
use crate::windows::Memory;
use alloc::vec::Vec;
use core::arch::x86_64::*;
use core::ops::Range;

type Vector = __m512i;

/// A limb's bits.
const LOW: u64 = (1 << 52) - 1;
/// The fifth limb's bits.
const TOP: u64 = (1 << 48) - 1;
/// The limbs of p.
const P52: [u64; 5] = [0xF_FFFE_FFFF_FC2F, LOW, LOW, LOW, TOP];
/// 2²⁶⁰ modulo p.
const FOLD_260: u64 = FOLD << 4;

/// Eight elements, limb by limb.
#[derive(Clone, Copy)]
pub(crate) struct Ifma([Vector; 5]);

cpufeatures::new!(processor, "avx512f", "avx512vl", "avx512dq", "avx512ifma", "bmi2", "adx");

/// Whether the processor has what this module uses, and the system saves its registers.
pub(crate) fn available() -> bool {
    processor::get()
}

/// Defines a function that runs with the instructions enabled, and a door to it.
macro_rules! door {
    ($name:ident, $inside:ident, $path:path, ($($arg:ident: $type:ty),*) $(-> $out:ty)?) => {
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512ifma,bmi2,adx")]
        fn $inside($($arg: $type),*) $(-> $out)? {
            $path($($arg),*)
        }

        /// The generic function of this name on these lanes. Only a `Backend` that found the
        /// processor [`available`] calls it.
        pub(crate) fn $name($($arg: $type),*) $(-> $out)? {
            // SAFETY: the processor has the instructions, see above.
            unsafe { $inside($($arg),*) }
        }
    };
}

door!(lift, lift_inside, crate::lift::lift::<Ifma>, (points: &mut [Affine], on_curve: &mut [bool]));
door!(
    endomorphism,
    endomorphism_inside,
    crate::lift::endomorphism::<Ifma>,
    (points: &[Affine], images: &mut [Affine])
);
door!(
    window_sums,
    window_sums_inside,
    crate::windows::window_sums::<Ifma>,
    (
        memory: &mut Memory<Ifma>,
        points: &[Affine],
        digits: &Digits,
        windows: Range<usize>
    ) -> Vec<Point>
);

#[cfg(feature = "measure")]
door!(repeat, repeat_inside, crate::measure::repeat::<Ifma>, (times: u64, products: bool));

/// Wraps an instruction. All arithmetic below is made of these.
macro_rules! instruction {
    ($name:ident$(<$shift:literal>)?, $intrinsic:ident, ($($arg:ident: $type:ty),*) -> $out:ty) => {
        #[inline(always)]
        fn $name($($arg: $type),*) -> $out {
            // SAFETY: the processor has the instructions. An `Ifma` is made behind the doors alone, which
            // are for a `Backend` that found it `available`, and by tests that ask first.
            unsafe { $intrinsic$(::<$shift>)?($($arg),*) }
        }
    };
}

instruction!(broadcast_signed, _mm512_set1_epi64, (value: i64) -> Vector);
instruction!(plus, _mm512_add_epi64, (a: Vector, b: Vector) -> Vector);
instruction!(minus, _mm512_sub_epi64, (a: Vector, b: Vector) -> Vector);
instruction!(and, _mm512_and_si512, (a: Vector, b: Vector) -> Vector);
instruction!(or, _mm512_or_si512, (a: Vector, b: Vector) -> Vector);
instruction!(above_48<48>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(above_52<52>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(times_2<1>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(times_4<2>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(times_16<4>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(add_low, _mm512_madd52lo_epu64, (sum: Vector, a: Vector, b: Vector) -> Vector);
instruction!(add_high, _mm512_madd52hi_epu64, (sum: Vector, a: Vector, b: Vector) -> Vector);
instruction!(blend, _mm512_mask_mov_epi64, (no: Vector, mask: u8, yes: Vector) -> Vector);
instruction!(bits_set, _mm512_test_epi64_mask, (a: Vector, b: Vector) -> u8);
instruction!(unpack_low, _mm512_unpacklo_epi64, (a: Vector, b: Vector) -> Vector);
instruction!(unpack_high, _mm512_unpackhi_epi64, (a: Vector, b: Vector) -> Vector);
instruction!(permute, _mm512_permutex2var_epi64, (a: Vector, index: Vector, b: Vector) -> Vector);
instruction!(right_12<12>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(right_16<16>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(right_24<24>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(right_28<28>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(right_36<36>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(right_40<40>, _mm512_srli_epi64, (a: Vector) -> Vector);
instruction!(left_12<12>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(left_16<16>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(left_24<24>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(left_28<28>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(left_36<36>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(left_40<40>, _mm512_slli_epi64, (a: Vector) -> Vector);
instruction!(left_52<52>, _mm512_slli_epi64, (a: Vector) -> Vector);

#[inline(always)]
fn broadcast(value: u64) -> Vector {
    broadcast_signed(value.cast_signed())
}

/// Carries each limb into the next.
#[inline(always)]
fn carry(limbs: &mut [Vector]) {
    for at in 1..limbs.len() {
        limbs[at] = plus(limbs[at], above_52(limbs[at - 1]));
        limbs[at - 1] = and(limbs[at - 1], broadcast(LOW));
    }
}

/// Weakly normalises limbs that are too large.
#[inline(always)]
fn settle(mut limbs: [Vector; 5]) -> Ifma {
    let over = above_48(limbs[4]);
    limbs[4] = and(limbs[4], broadcast(TOP));
    limbs[0] = add_low(limbs[0], over, broadcast(FOLD));
    carry(&mut limbs);
    Ifma(limbs)
}

/// The value of ten limbs.
#[inline(always)]
fn reduce(wide: [Vector; 10]) -> Ifma {
    // The multiplier looks at the lower 52 bits alone: what is above them it takes as a limb of its own.
    let [mut l0, mut l1, mut l2, mut l3, mut l4, w5, w6, w7, w8, w9] = wide;
    let fold = broadcast(FOLD_260);
    l0 = add_low(l0, w5, fold);
    l1 = add_high(add_low(l1, w6, fold), w5, fold);
    l2 = add_high(add_low(l2, w7, fold), w6, fold);
    l3 = add_high(add_low(l3, w8, fold), w7, fold);
    l4 = add_high(add_low(l4, w9, fold), w8, fold);
    l1 = add_low(l1, above_52(w5), fold);
    l2 = add_low(l2, above_52(w6), fold);
    l3 = add_low(l3, above_52(w7), fold);
    l4 = add_low(l4, above_52(w8), fold);
    let rest = add_high(broadcast(0), w9, fold);
    let over = plus(above_48(l4), times_16(rest));
    l4 = and(l4, broadcast(TOP));
    l0 = add_low(l0, over, broadcast(FOLD));
    l1 = add_high(l1, over, broadcast(FOLD));
    let mut limbs = [l0, l1, l2, l3, l4];
    carry(&mut limbs);
    Ifma(limbs)
}

/// `wide += a · b`.
#[inline(always)]
fn accumulate(wide: &mut [Vector; 10], a: &[Vector; 5], b: &[Vector; 5]) {
    for i in 0..5 {
        for j in 0..5 {
            wide[i + j] = add_low(wide[i + j], a[i], b[j]);
            wide[i + j + 1] = add_high(wide[i + j + 1], a[i], b[j]);
        }
    }
}

#[inline(always)]
fn accumulate_square(wide: &mut [Vector; 10], a: &[Vector; 5]) {
    for i in 0..4 {
        for j in i + 1..5 {
            wide[i + j] = add_low(wide[i + j], a[i], a[j]);
            wide[i + j + 1] = add_high(wide[i + j + 1], a[i], a[j]);
        }
    }
    for limb in &mut wide[1..9] {
        *limb = plus(*limb, *limb);
    }
    for i in 0..5 {
        wide[2 * i] = add_low(wide[2 * i], a[i], a[i]);
        wide[2 * i + 1] = add_high(wide[2 * i + 1], a[i], a[i]);
    }
}

/// `K · p` less the limbs, none negative.
#[inline(always)]
fn complement<const K: u64>(limbs: &[Vector; 5]) -> [Vector; 5] {
    let mut rest = *limbs;
    for (limb, p) in rest.iter_mut().zip(P52) {
        *limb = minus(broadcast(K * p), *limb);
    }
    rest
}

/// A difference for the multiplier alone, which looks at the lower 52 bits of a limb: what is above them
/// is carried on and left standing. The fifth limb is below 2⁵⁰.
#[inline(always)]
fn factor(of: Ifma, less: Ifma) -> [Vector; 5] {
    let mut limbs = plus_each(complement::<2>(&less.0), &of.0);
    for at in 1..5 {
        limbs[at] = plus(limbs[at], above_52(limbs[at - 1]));
    }
    limbs
}

#[inline(always)]
fn plus_each(mut a: [Vector; 5], b: &[Vector; 5]) -> [Vector; 5] {
    for (a, b) in a.iter_mut().zip(b) {
        *a = plus(*a, *b);
    }
    a
}

/// Ten limbs that start from five.
#[inline(always)]
fn widen([l0, l1, l2, l3, l4]: [Vector; 5]) -> [Vector; 10] {
    let zero = broadcast(0);
    [l0, l1, l2, l3, l4, zero, zero, zero, zero, zero]
}

impl Ifma {
    /// The value below p.
    #[inline(always)]
    fn normalised(self) -> [Vector; 5] {
        // Below 2²⁵⁶ now, with a fifth limb of 48 bits.
        let Self(limbs) = settle(self.0);
        // v + 2²⁵⁶ − p reaches 2²⁵⁶ if v ≥ p, and less 2²⁵⁶ is then v − p.
        let mut less = limbs;
        less[0] = plus(less[0], broadcast(FOLD));
        carry(&mut less);
        let large = bits_set(less[4], broadcast(1 << 48));
        less[4] = and(less[4], broadcast(TOP));
        let mut value = limbs;
        for (limb, less) in value.iter_mut().zip(less) {
            *limb = blend(*limb, large, less);
        }
        value
    }
}

/// Turns rows into columns: four limbs of eight lanes.
#[inline(always)]
fn columns(rows: [&Limbs; 8]) -> [Vector; 4] {
    let two = |low: &Limbs, high: &Limbs| -> Vector {
        // SAFETY: both point to 32 bytes, and need no alignment; the processor has the instructions.
        unsafe {
            let (low, high) = (low.as_ptr().cast(), high.as_ptr().cast());
            let low = _mm512_castsi256_si512(_mm256_loadu_si256(low));
            _mm512_inserti64x4::<1>(low, _mm256_loadu_si256(high))
        }
    };
    let (z0, z1) = (two(rows[0], rows[4]), two(rows[1], rows[5]));
    let (z2, z3) = (two(rows[2], rows[6]), two(rows[3], rows[7]));
    let (a, b) = (unpack_low(z0, z1), unpack_high(z0, z1));
    let (c, d) = (unpack_low(z2, z3), unpack_high(z2, z3));
    let (lower, upper) = halves();
    [permute(a, lower, c), permute(b, lower, d), permute(a, upper, c), permute(b, upper, d)]
}

/// Turns columns into rows.
#[inline(always)]
fn rows([w0, w1, w2, w3]: [Vector; 4]) -> [Limbs; 8] {
    let (a, b) = (unpack_low(w0, w1), unpack_high(w0, w1));
    let (c, d) = (unpack_low(w2, w3), unpack_high(w2, w3));
    let (lower, upper) = halves();
    let pairs =
        [permute(a, lower, c), permute(b, lower, d), permute(a, upper, c), permute(b, upper, d)];
    let mut rows = [[0; 4]; 8];
    for (at, pair) in pairs.into_iter().enumerate() {
        // SAFETY: eight words of 64 bits either way, every bit pattern of which is one.
        let [low @ .., h0, h1, h2, h3] = unsafe { core::mem::transmute::<Vector, [u64; 8]>(pair) };
        (rows[at], rows[at + 4]) = (low, [h0, h1, h2, h3]);
    }
    rows
}

/// The indices that bring together lower and upper halves of 256-bit lanes.
#[inline(always)]
fn halves() -> (Vector, Vector) {
    // SAFETY: the processor has the instructions, as above.
    unsafe {
        (_mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15))
    }
}

impl Field for Ifma {
    const LANES: usize = 8;

    #[inline(always)]
    fn splat(value: &Limbs) -> Self {
        Self::gather(|_| value)
    }

    #[inline(always)]
    fn gather<'a>(lane: impl Fn(usize) -> &'a Limbs) -> Self {
        let [w0, w1, w2, w3] =
            columns([lane(0), lane(1), lane(2), lane(3), lane(4), lane(5), lane(6), lane(7)]);
        let low = broadcast(LOW);
        Self([
            and(w0, low),
            and(or(above_52(w0), left_12(w1)), low),
            and(or(right_40(w1), left_24(w2)), low),
            and(or(right_28(w2), left_36(w3)), low),
            right_16(w3),
        ])
    }

    #[inline(always)]
    fn fetch(point: &Affine) {
        // SAFETY: a prefetch of any address is harmless.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(core::ptr::from_ref(point).cast()) }
    }

    #[inline(always)]
    fn scatter(self) -> [Limbs; MAX_LANES] {
        let [l0, l1, l2, l3, l4] = self.normalised();
        rows([
            or(l0, left_52(l1)),
            or(right_12(l1), left_40(l2)),
            or(right_24(l2), left_28(l3)),
            or(right_36(l3), left_16(l4)),
        ])
    }

    #[inline(always)]
    fn select(mask: u8, yes: Self, no: Self) -> Self {
        let mut limbs = no.0;
        for (limb, yes) in limbs.iter_mut().zip(yes.0) {
            *limb = blend(*limb, mask, yes);
        }
        Self(limbs)
    }

    #[inline(always)]
    fn zeros(self) -> u8 {
        let [l0, l1, l2, l3, l4] = self.normalised();
        let any = or(or(or(l0, l1), or(l2, l3)), l4);
        !bits_set(any, any)
    }

    #[inline(always)]
    fn odds(self) -> u8 {
        bits_set(self.normalised()[0], broadcast(1))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        settle(plus_each(self.0, &other.0))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        settle(plus_each(complement::<2>(&other.0), &self.0))
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let mut wide = [broadcast(0); 10];
        accumulate(&mut wide, &self.0, &other.0);
        reduce(wide)
    }

    #[inline(always)]
    fn square(self) -> Self {
        let mut wide = [broadcast(0); 10];
        accumulate_square(&mut wide, &self.0);
        reduce(wide)
    }

    #[inline(always)]
    fn times<const K: u64>(self) -> Self {
        const { assert!(matches!(K, 2 | 3 | 8 | 21)) }
        let mut limbs = self.0;
        for limb in &mut limbs {
            let one = *limb;
            *limb = match K {
                2 => plus(one, one),
                3 => plus(one, plus(one, one)),
                8 => times_2(times_4(one)),
                _ => plus(one, plus(times_4(one), times_16(one))),
            };
        }
        settle(limbs)
    }

    #[inline(always)]
    fn negate_if(self, mask: u8) -> Self {
        let mut limbs = self.0;
        for (limb, negated) in limbs.iter_mut().zip(complement::<2>(&self.0)) {
            *limb = blend(*limb, mask, negated);
        }
        settle(limbs)
    }

    #[inline(always)]
    fn mul_sub(self, other: Self, less: Self) -> Self {
        let mut wide = widen(complement::<2>(&less.0));
        accumulate(&mut wide, &self.0, &other.0);
        reduce(wide)
    }

    #[inline(always)]
    fn mul_difference(self, of: Self, less: Self) -> Self {
        let mut wide = [broadcast(0); 10];
        accumulate(&mut wide, &self.0, &factor(of, less));
        reduce(wide)
    }

    #[inline(always)]
    fn mul_difference_sub(self, of: Self, less: Self, and: Self) -> Self {
        let mut wide = widen(complement::<2>(&and.0));
        accumulate(&mut wide, &self.0, &factor(of, less));
        reduce(wide)
    }

    #[inline(always)]
    fn square_sub(self, less: Self, and: Self) -> Self {
        let mut wide = [broadcast(0); 10];
        accumulate_square(&mut wide, &self.0);
        let addend = complement::<4>(&plus_each(less.0, &and.0));
        for (wide, addend) in wide.iter_mut().zip(addend) {
            *wide = plus(*wide, addend);
        }
        reduce(wide)
    }

    #[inline(always)]
    fn mul_add_mul(self, other: Self, a: Self, b: Self) -> Self {
        let mut wide = [broadcast(0); 10];
        accumulate(&mut wide, &self.0, &other.0);
        accumulate(&mut wide, &a.0, &b.0);
        reduce(wide)
    }

    #[inline(always)]
    fn mul_sub_mul(self, other: Self, a: Self, b: Self) -> Self {
        self.mul_add_mul(other, settle(complement::<2>(&a.0)), b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::tests::{Integer, modulus};
    use alloc::vec;

    /// Raw limbs, the same in all lanes.
    fn raw(limbs: [u64; 5]) -> Ifma {
        Ifma(limbs.map(broadcast))
    }

    fn limbs(value: Ifma) -> [u64; 5] {
        // SAFETY: eight words of 64 bits either way.
        value.0.map(|limb| unsafe { core::mem::transmute::<Vector, [u64; 8]>(limb) }[7])
    }

    fn integer(limbs: [u64; 5]) -> Integer {
        let shifted = limbs.iter().enumerate().map(|(at, limb)| Integer::from(*limb) << (52 * at));
        shifted.sum()
    }

    /// Every weakly normalised shape of limbs: least, most, and about p.
    fn shapes() -> Vec<[u64; 5]> {
        let mut shapes =
            vec![P52, [P52[0] - 1, LOW, LOW, LOW, TOP], [P52[0] + 1, LOW, LOW, LOW, TOP]];
        shapes.push([(2 * P52[0]) & LOW, LOW, LOW, LOW, TOP + 1]);
        for bits in 0..32 {
            let most = [LOW, LOW, LOW, LOW, TOP + (1 << 6)];
            shapes.push(core::array::from_fn(|at| if bits >> at & 1 == 1 { most[at] } else { 0 }));
        }
        shapes
    }

    #[test]
    fn extremes_are_right_and_stay_weakly_normalised() {
        if !available() {
            return;
        }
        let check = |got: Ifma, want: Integer, what: &str| {
            let [lower @ .., top] = limbs(got);
            assert!(lower.iter().all(|limb| *limb <= LOW) && top < TOP + (1 << 6), "{what}");
            assert_eq!(integer(limbs(got)) % modulus(), want % modulus(), "{what}");
            let normal = limbs(Ifma(got.normalised()));
            assert_eq!(integer(normal), integer(limbs(got)) % modulus(), "{what}");
        };
        // A multiple of p, to subtract from.
        let p = modulus() << 20_usize;
        for (a, x) in shapes().into_iter().map(|shape| (raw(shape), integer(shape))) {
            check(a.square(), &x * &x, "square");
            check(a.times::<2>(), &x * 2_u32, "twice");
            check(a.times::<3>(), &x * 3_u32, "thrice");
            check(a.times::<8>(), &x * 8_u32, "eight");
            check(a.times::<21>(), &x * 21_u32, "twenty-one");
            check(a.negate_if(255), &p - &x, "negation");
            assert_eq!(a.zeros() == 255, &x % modulus() == Integer::ZERO);
            assert_eq!(a.odds() == 255, (&x % modulus()).bit(0));
            for (b, y) in shapes().into_iter().map(|shape| (raw(shape), integer(shape))) {
                check(a.add(b), &x + &y, "sum");
                check(a.sub(b), &p + &x - &y, "difference");
                check(a.mul(b), &x * &y, "product");
                check(a.mul_sub(a, b), &x * &x + &p - &y, "product less");
                check(a.mul_difference(a, b), &x * (&p + &x - &y), "product with difference");
                let less = &x * (&p + &y - &x) + &p - &y;
                check(a.mul_difference_sub(b, a, b), less, "product with difference less");
                check(a.square_sub(b, b), &x * &x + &p - &y - &y, "square less two");
                check(a.mul_add_mul(b, b, b), &x * &y + &y * &y, "two products");
                check(a.mul_sub_mul(b, b, a), &x * &y + &p * &p - &y * &x, "product less product");
            }
        }
    }
}
