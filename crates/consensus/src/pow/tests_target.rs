#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::{Compact, CompactError, Target};
use primitive_types::{U256, U512};
use proptest::prelude::*;

fn compact(bits: u32) -> Compact {
    Compact::from_bits(bits)
}

fn decode(bits: u32) -> Target {
    compact(bits).target().unwrap()
}

/// Targets of every magnitude, small and great alike.
fn targets() -> impl Strategy<Value = Target> {
    (any::<[u8; 32]>(), 0_usize..256)
        .prop_map(|(bytes, down)| Target::clamped(U256::from_big_endian(&bytes) >> down))
}

/// The value of `mantissa * 256^(size - 3)` if it is whole and the sign bit is clear.
fn exact(size: u32, mantissa: u32) -> Option<U512> {
    let scale = |places: u32| U512::one() << (8 * places) as usize;
    if mantissa & 0x0080_0000 != 0 {
        return None;
    }
    match size {
        0..3 if U512::from(mantissa) % scale(3 - size) != U512::zero() => None,
        0..3 => Some(U512::from(mantissa) / scale(3 - size)),
        _ if mantissa == 0 => Some(U512::zero()),
        3..64 => Some(U512::from(mantissa) * scale(size - 3)),
        _ => None,
    }
}

/// The target of the shortest exact encoding, found by trying every shorter one.
fn model(bits: u32) -> Option<U256> {
    let (size, mantissa) = (bits >> 24, bits & 0x00ff_ffff);
    let value = exact(size, mantissa).filter(|value| !value.is_zero())?;
    let shorter = (0..size).any(|size| {
        let scaled = if size < 3 {
            value << (8 * (3 - size)) as usize
        } else {
            value >> (8 * (size - 3)) as usize
        };
        scaled < U512::from(0x0080_0000) && exact(size, scaled.low_u32()) == Some(value)
    });
    if shorter { None } else { U256::try_from(value).ok() }
}

#[test]
fn known_encodings() {
    let table = [
        ("smallest", 0x0101_0000, 0x01, 0),
        ("largest of one byte", 0x017f_0000, 0x7f, 0),
        ("sign bit costs a byte", 0x0200_8000, 0x80, 0),
        ("two bytes", 0x0212_3400, 0x1234, 0),
        ("three bytes", 0x0312_3456, 0x12_3456, 0),
        ("four bytes", 0x0412_3456, 0x12_3456, 1),
        ("five bytes, sign bit clear", 0x0500_9234, 0x9234, 2),
        ("Bitcoin, block 0", 0x1d00_ffff, 0xffff, 26),
        ("Bitcoin, block 100 000", 0x1b04_864c, 0x04_864c, 24),
        ("Bitcoin, the wiki's example", 0x1b04_04cb, 0x04_04cb, 24),
        ("Bitcoin, regtest", 0x207f_ffff, 0x7f_ffff, 29),
        ("largest", 0x2100_ffff, 0xffff, 30),
    ];
    for (name, bits, leading, zero_bytes) in table {
        let target = Target(U256::from(leading) << (8 * zero_bytes));
        assert_eq!(compact(bits).target(), Ok(target), "{name}");
        assert_eq!(target.compact(), compact(bits), "{name}");
    }
    let hash = decode(0x1b04_04cb).value().to_big_endian();
    assert_eq!(hash[..10], [0, 0, 0, 0, 0, 0x04, 0x04, 0xcb, 0, 0]);
}

#[test]
fn rounds_down() {
    let table = [
        ("every hash", Target::MAX, 0x2100_ffff),
        ("nothing lost", Target(U256::from(0x12_3456)), 0x0312_3456),
        ("a byte lost", Target(U256::from(0x1234_56ff)), 0x0412_3456),
        ("a byte lost to the sign", Target(U256::from(0x92_3456)), 0x0400_9234),
        ("Bitcoin, difficulty one in full", Target(U256::MAX >> 32), 0x1d00_ffff),
    ];
    for (name, target, bits) in table {
        assert_eq!(target.compact(), compact(bits), "{name}");
    }
}

#[test]
fn attack_08_refuses_every_other_encoding() {
    for got in [0x01fe_dcba, 0x0492_3456, 0x0180_3456, 0x0480_0000, 0xff80_0000] {
        assert_eq!(compact(got).target(), Err(CompactError::Negative { got }), "{got:#010x}");
    }
    for got in [0, 0x0012_3456, 0x0100_3456, 0x0200_0056, 0x0300_0000, 0xff00_0000] {
        assert_eq!(compact(got).target(), Err(CompactError::Zero { got }), "{got:#010x}");
    }
    for got in [0x2101_0000, 0x2200_0100, 0x2300_0001, 0xff12_3456] {
        assert_eq!(compact(got).target(), Err(CompactError::Overflow { got }), "{got:#010x}");
    }
    let not_canonical = [
        ("bits below one", 0x0112_3456, 0x0112_0000),
        ("bits below one", 0x0212_3456, 0x0212_3400),
        ("longer than it need be", 0x0200_1200, 0x0112_0000),
        ("longer than it need be", 0x0400_1234, 0x0312_3400),
        ("longer than it need be", 0x1e00_00ff, 0x1d00_ff00),
        ("past the largest size", 0x2200_00ff, 0x2100_ff00),
    ];
    for (name, got, canonical) in not_canonical {
        let error = CompactError::NotCanonical { got, canonical };
        assert_eq!(compact(got).target(), Err(error), "{name}");
        assert!(compact(canonical).target().is_ok(), "{name}");
    }
}

#[test]
fn attack_08_one_encoding_a_target_at_every_size() {
    let edges = [0x00, 0x01, 0x7f, 0x80, 0xff];
    let mut accepted = 0;
    for size in (0..=40).chain([255]) {
        for mantissa in (0..=255).flat_map(|high| edges.map(|mid| [high, mid])) {
            for low in edges {
                let bits = u32::from_be_bytes([size, mantissa[0], mantissa[1], low]);
                let got = compact(bits).target().ok();
                assert_eq!(got.map(Target::value), model(bits), "{bits:#010x}");
                assert!(got.is_none_or(|target| target.compact() == compact(bits)));
                accepted += usize::from(got.is_some());
            }
        }
    }
    assert!(accepted > 90_000, "{accepted}");
}

#[test]
fn borsh_keeps_the_four_bytes_unjudged() {
    for bits in [0, 0x1d00_ffff, 0x0492_3456, u32::MAX] {
        let bytes = borsh::to_vec(&compact(bits)).unwrap();
        assert_eq!(bytes, bits.to_le_bytes());
        assert_eq!(borsh::from_slice::<Compact>(&bytes).unwrap(), compact(bits));
    }
}

#[test]
fn a_hash_is_big_endian() {
    let target = decode(0x0301_0000);
    let mut hash = [0; 32];
    hash[29] = 1;
    assert!(target.met_by(&hash), "equal");
    hash[31] = 1;
    assert!(!target.met_by(&hash), "one above");
    hash[29] = 0;
    assert!(target.met_by(&hash), "far below");
    hash[0] = 1;
    assert!(!target.met_by(&hash), "the first byte weighs most");
    assert!(Target::MAX.met_by(&[0xff; 32]));
    assert!(Target::MIN.met_by(&[0; 32]));
    assert!(!Target::MIN.met_by(&[0xff; 32]));
}

#[test]
fn known_work() {
    let table = [
        ("every hash", Target::MAX, 1),
        ("just under one in one", Target(U256::MAX - U256::one()), 1),
        ("one in two", Target(U256::MAX >> 1), 2),
        ("Bitcoin, regtest", decode(0x207f_ffff), 2),
        ("Bitcoin, block 0", decode(0x1d00_ffff), 0x0001_0001_0001),
        ("greatest that fits", Target(U256::one() << 128), u128::MAX),
        ("2^128", Target((U256::one() << 128) - U256::one()), u128::MAX),
        ("2^255", Target::MIN, u128::MAX),
    ];
    for (name, target, work) in table {
        assert_eq!(target.work(), work, "{name}");
    }
}

#[test]
fn known_targets_for_work() {
    let table = [
        (0, Target::MAX),
        (1, Target::MAX),
        (2, Target(U256::MAX >> 1)),
        (3, Target(U256::MAX / U256::from(3) - U256::one())),
        (1 << 127, Target((U256::one() << 129) - U256::one())),
        (u128::MAX, Target(U256::one() << 128)),
    ];
    for (hashes, target) in table {
        assert_eq!(Target::for_work(hashes), target, "{hashes}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn decoding_agrees_with_the_model(size in 0_u32..=40, mantissa in 0_u32..1 << 24) {
        let bits = size << 24 | mantissa;
        prop_assert_eq!(compact(bits).target().ok().map(Target::value), model(bits));
    }

    #[test]
    fn attack_08_what_decodes_encodes_to_itself(bits: u32) {
        if let Ok(target) = compact(bits).target() {
            prop_assert_eq!(target.compact(), compact(bits));
        }
    }

    #[test]
    fn compact_is_the_greatest_not_above(target in targets()) {
        let rounded = target.compact();
        let kept = rounded.target().unwrap();
        prop_assert!(kept <= target);
        prop_assert!(target.value() - kept.value() <= target.value() >> 15);
        let (size, mantissa) = (rounded.bits() >> 24, rounded.bits() & 0x00ff_ffff);
        let next = match mantissa + (1 << (8 * 3_u32.saturating_sub(size))) {
            above @ ..0x0080_0000 => size << 24 | above,
            _ => (size + 1) << 24 | 0x8000,
        };
        prop_assert!(compact(next).target().map_or(size == 0x21, |next| next > target));
    }

    #[test]
    fn work_times_target_is_all_hashes(target in targets()) {
        let (all, work) = (U512::one() << 256, target.work());
        let hashes = U512::from(target.value()) + U512::one();
        prop_assert!(U512::from(work) * hashes <= all);
        prop_assert!(work == u128::MAX || (U512::from(work) + U512::one()) * hashes > all);
    }

    #[test]
    fn harder_targets_are_worth_no_less(one in targets(), other in targets()) {
        prop_assert!(one.max(other).work() <= one.min(other).work());
    }

    #[test]
    fn for_work_is_the_easiest_that_suffices(hashes: u128, down in 0_u32..128) {
        let hashes = hashes >> down;
        let target = Target::for_work(hashes);
        prop_assert!(target.work() >= hashes);
        prop_assert!(target.compact().target().unwrap().work() >= hashes);
        let easier = target.value().checked_add(U256::one()).map(Target);
        prop_assert!(easier.is_none_or(|easier| easier.work() < hashes));
    }

    #[test]
    fn met_exactly_up_to_the_target(target in targets(), hash: [u8; 32]) {
        prop_assert!(target.met_by(&target.value().to_big_endian()));
        let above = target.value().checked_add(U256::one());
        prop_assert!(above.is_none_or(|above| !target.met_by(&above.to_big_endian())));
        prop_assert_eq!(target.met_by(&hash), hash <= target.value().to_big_endian());
    }
}
