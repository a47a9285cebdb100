#![allow(clippy::needless_range_loop, reason = "lanes of several vectors go side by side")]
use super::*;
use alloc::vec::Vec;
use proptest::prelude::*;

pub(super) type Integer = num_bigint::BigUint;

pub(super) fn modulus() -> Integer {
    integer(&P)
}

fn integer(limbs: &Limbs) -> Integer {
    Integer::from_bytes_be(&to_bytes(limbs))
}

fn limbs(integer: &Integer) -> Limbs {
    let mut limbs = [0; 4];
    for (limb, digit) in limbs.iter_mut().zip(integer.iter_u64_digits()) {
        *limb = digit;
    }
    limbs
}

/// About zero, p, 2²⁵⁶, and every boundary of a limb of 64 or 52 bits.
fn edges() -> Vec<Limbs> {
    let top = Integer::from(1_u32) << 256_usize;
    let mut about = alloc::vec![modulus(), Integer::from(FOLD), &top - FOLD * 2, &top - 3_u32];
    about.push(Integer::from(3_u32));
    about.extend(
        [32, 33, 48, 52, 64, 104, 128, 156, 192, 208, 224, 255]
            .map(|bit: usize| Integer::from(1_u32) << bit),
    );
    let three = |middle: Integer| (0..7_u32).map(move |more| &middle + more - 3_u32);
    about
        .into_iter()
        .flat_map(three)
        .filter(|value| *value < top)
        .map(|value| limbs(&value))
        .collect()
}

/// Every operation on lanes that differ.
fn agree<F: Field>(a: [Limbs; 8], b: [Limbs; 8]) {
    let (x, y) = (F::gather(|lane| &a[lane]), F::gather(|lane| &b[lane]));
    let p = modulus();
    let check = |got: F, want: &dyn Fn(&Integer, &Integer) -> Integer, what: &str| {
        let got = got.scatter();
        for lane in 0..F::LANES {
            let want = want(&integer(&a[lane]), &integer(&b[lane])) % &p;
            assert_eq!(integer(&got[lane]), want, "{what} of {:?}, {:?}", a[lane], b[lane]);
        }
        assert!(got[F::LANES..].iter().all(|rest| *rest == [0; 4]));
    };
    let big = &p << 300_usize;
    check(x.add(y), &|x, y| x + y, "sum");
    check(x.sub(y), &|x, y| &big + x - y, "difference");
    check(x.mul(y), &|x, y| x * y, "product");
    check(x.square(), &|x, _| x * x, "square");
    check(x.times::<2>(), &|x, _| x * 2_u32, "twice");
    check(x.times::<3>(), &|x, _| x * 3_u32, "thrice");
    check(x.times::<8>(), &|x, _| x * 8_u32, "eight times");
    check(x.times::<21>(), &|x, _| x * 21_u32, "21 times");
    check(x.negate_if(255), &|x, _| &big - x, "negation");
    check(x.negate_if(0), &|x, _| x.clone(), "no negation");
    check(x.mul_sub(y, x), &|x, y| &big + x * y - x, "product less");
    check(x.mul_difference(x, y), &|x, y| x * (&big + x - y), "product with difference");
    let less = x.mul_difference_sub(y, x, y);
    check(less, &|x, y| x * (&big + y - x) + &big - y, "product with difference less");
    check(x.square_sub(x, y), &|x, y| &big + x * x - x - y, "square less two");
    check(x.mul_add_mul(x, y, y), &|x, y| x * x + y * y, "two products");
    check(x.mul_sub_mul(x, y, y), &|x, y| &big + x * x - y * y, "product less product");
    // Weakly normalised values go into further operations.
    check(x.sub(y).mul(x.add(y)), &|x, y| &big + x * x - y * y, "chain");
    let mixed = F::select(0b0101_0101, x, y).scatter();
    for lane in 0..F::LANES {
        assert_eq!(mixed[lane], (if lane % 2 == 0 { x } else { y }).scatter()[lane]);
    }
}

fn masks<F: Field>(a: [Limbs; 8], b: [Limbs; 8]) {
    let (x, y) = (F::gather(|lane| &a[lane]), F::gather(|lane| &b[lane]));
    let same = x.sub(y);
    for lane in 0..F::LANES {
        let (value, other) = (integer(&a[lane]) % modulus(), integer(&b[lane]) % modulus());
        assert_eq!(same.zeros() >> lane & 1 == 1, value == other);
        assert_eq!(x.odds() >> lane & 1 == 1, value.bit(0));
    }
    assert_eq!(same.zeros() & !F::ALL, 0);
    assert_eq!(F::splat(&a[3]).scatter()[0], F::gather(|_| &a[3]).scatter()[0]);
}

fn both(a: [Limbs; 8], b: [Limbs; 8]) {
    agree::<Element>(a, b);
    masks::<Element>(a, b);
    #[cfg(target_arch = "x86_64")]
    if ifma::available() {
        agree::<ifma::Ifma>(a, b);
        masks::<ifma::Ifma>(a, b);
    }
}

#[test]
fn edges_agree_with_big_integers() {
    let edges = edges();
    for a in &edges {
        for b in edges.chunks(8) {
            both([*a; 8], core::array::from_fn(|lane| b[lane % b.len()]));
        }
    }
}

#[test]
fn inverses() {
    let mut chain = Element::new([3, 5, 7, 11]);
    let random = core::iter::repeat_with(|| {
        chain = chain.square().add(Element::ONE);
        chain.normalised()
    });
    let powers =
        (0..255).map(|bit| core::array::from_fn(|at| u64::from(bit / 64 == at) << (bit % 64)));
    for value in edges().into_iter().chain(powers).chain(random.take(20_000)) {
        let inverse = Element::new(value).inverse();
        let one = Element::new(value).mul(inverse).normalised();
        let zero = integer(&value) % modulus() == Integer::ZERO;
        assert_eq!(one, if zero { [0; 4] } else { [1, 0, 0, 0] });
    }
}

proptest! {
    #[test]
    fn random_values_agree_with_big_integers(a: [Limbs; 8], b: [Limbs; 8]) {
        both(a, b);
    }
}
