#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

use super::{Schedule, ScheduleError, two_to_the};
use crate::pow::target::{Compact, CompactError, Target};
use primitive_types::{U256, U512};
use proptest::prelude::*;

const SECOND_MS: u64 = 1_000;
const INTERVAL_MS: u64 = 600 * SECOND_MS;
const HALF_LIFE_MS: u64 = 172_800 * SECOND_MS;

/// Bitcoin Cash's parameters, with the anchor given.
fn bitcoin_cash(anchor: u32) -> Schedule {
    Schedule {
        anchor: Compact::from_bits(anchor),
        interval_ms: INTERVAL_MS,
        half_life_ms: HALF_LIFE_MS,
        easiest: Compact::from_bits(0x1d00_ffff),
    }
}

/// The rule in plain big numbers: one doubling or halving at a time.
fn model(schedule: &Schedule, blocks: u64, elapsed_ms: u64) -> U256 {
    let due = U512::from(schedule.interval_ms) * U512::from(blocks);
    let elapsed = U512::from(elapsed_ms);
    let late = elapsed >= due;
    let parts = elapsed.abs_diff(due) * U512::from(65_536) / U512::from(schedule.half_life_ms);
    let (mut whole, mut fraction) = parts.div_mod(U512::from(65_536));
    if !late && !fraction.is_zero() {
        (whole, fraction) = (whole + U512::one(), U512::from(65_536) - fraction);
    }
    let anchor = U512::from(schedule.anchor.target().unwrap().value());
    let easiest = schedule.easiest.target().unwrap().value();
    let mut value = anchor * U512::from(cubic(fraction.low_u128()));
    for _ in 0..whole.min(U512::from(300)).low_u32() {
        if late && value >> 300 == U512::zero() {
            value <<= 1;
        } else if !late {
            value >>= 1;
        }
    }
    U256::try_from(value / U512::from(65_536)).unwrap_or(U256::MAX).min(easiest).max(U256::one())
}

/// The reference's approximation as it is written there.
fn cubic(f: u128) -> u128 {
    65_536
        + ((195_766_423_245_049 * f + 971_821_376 * f.pow(2) + 5_127 * f.pow(3) + (1 << 47)) >> 48)
}

#[test]
fn the_reference_vectors() {
    // From the published runs 1, 3, 5, 8 and 10 of aserti3-2d: the anchor, at height 1; the height
    // above its parent and the seconds since; the target of the next block.
    let table = [
        (0x1d00_ffff, 2, 1_200, 0x1d00_ffff),
        (0x1d00_ffff, 11, 6_600, 0x1d00_ffff),
        (0x0101_0000, 2, 1_200, 0x0101_0000),
        (0x0101_0000, 11, 6_600, 0x0101_0000),
        (0x1d00_ffff, 2, 0, 0x1d00_fec5),
        (0x1d00_ffff, 290, 0, 0x1c7f_62c0),
        (0x1d00_ffff, 578, 0, 0x1c3f_b160),
        (0x1d00_ffff, 61_058, 0, 0x020f_ec00),
        (0x1d00_ffff, 61_922, 0, 0x0201_fd00),
        (0x1d00_ffff, 63_938, 0, 0x0103_0000),
        (0x1d00_ffff, 64_514, 0, 0x0101_0000),
        (0x1802_aee8, 3, 1_310, 0x1802_ad91),
        (0x1802_aee8, 4, 1_327, 0x1802_abf8),
        (0x1802_aee8, 9, 7_099, 0x1802_b39c),
        (0x1802_aee8, 92, 234_216, 0x1805_8096),
        (0x1802_aee8, 187, 1_078_358, 0x1900_8158),
        (0x1802_aee8, 282, 2_567_210, 0x1a00_9dbf),
        (0x1802_aee8, 415, 5_135_979, 0x1b34_2b18),
        (0x1802_aee8, 484, 6_930_238, 0x1d00_e688),
        (0x1802_aee8, 485, 6_993_399, 0x1d00_ffff),
        (0x1802_aee8, 501, 7_462_933, 0x1d00_ffff),
        (0x1802_aee8, 2, 1_500, 0x1802_afbb),
        (0x1802_aee8, 7, 6_000, 0x1802_b3e5),
        (0x1802_aee8, 10, 8_700, 0x1802_b669),
        (0x1802_aee8, 11, 9_600, 0x1802_b73d),
    ];
    for (anchor, blocks, seconds, bits) in table {
        let target = bitcoin_cash(anchor).target(blocks, seconds * SECOND_MS);
        assert_eq!(target.compact().bits(), bits, "{anchor:#x} {blocks} {seconds}");
    }
}

#[test]
fn doubles_a_half_life_behind_and_halves_one_ahead() {
    let schedule = bitcoin_cash(0x1b04_04cb);
    let anchor = schedule.anchor.target().unwrap().value();
    let due_ms = 10_000 * INTERVAL_MS;
    for lives in 0..=8 {
        let behind = schedule.target(10_000, due_ms + lives * HALF_LIFE_MS);
        assert_eq!(behind.value(), anchor << lives as usize, "{lives} behind");
        let ahead = schedule.target(10_000, due_ms - lives * HALF_LIFE_MS);
        assert_eq!(ahead.value(), anchor >> lives as usize, "{lives} ahead");
    }
}

#[test]
fn counts_milliseconds() {
    let schedule = Schedule { half_life_ms: 65_536, ..bitcoin_cash(0x1b04_04cb) };
    let at = |offset_ms| schedule.target(1, INTERVAL_MS.strict_add_signed(offset_ms));
    assert!(at(-1) < at(0));
    assert!(at(0) < at(1));
    let slow = Schedule { half_life_ms: 2 * 65_536, ..schedule };
    let at = |offset_ms| slow.target(1, INTERVAL_MS.strict_add_signed(offset_ms));
    assert_eq!(at(-1), at(0), "less than a step is rounded towards the schedule");
    assert_eq!(at(1), at(0));
    assert!(at(-2) < at(0) && at(0) < at(2));
}

#[test]
fn no_schedule_is_too_easy_or_too_hard_to_scale() {
    let easiest = Target::MAX.compact();
    let schedule = Schedule { anchor: easiest, easiest, ..bitcoin_cash(0) };
    assert_eq!(schedule.target(0, u64::MAX), easiest.target().unwrap());
    assert_eq!(schedule.target(288, 0).value(), easiest.target().unwrap().value() >> 1);
    let hardest = Target::MIN.compact();
    let schedule = Schedule { anchor: hardest, ..schedule };
    assert_eq!(schedule.target(u64::MAX, 0), Target::MIN);
    assert_eq!(schedule.target(0, 255 * HALF_LIFE_MS).value(), U256::one() << 255);
    assert_eq!(schedule.target(0, 256 * HALF_LIFE_MS), easiest.target().unwrap());
}

#[test]
fn check_names_what_is_wrong() {
    let good = bitcoin_cash(0x1b04_04cb);
    let (negative, zero) = (Compact::from_bits(0x0492_3456), Compact::from_bits(0));
    let table = [
        (good, Ok(())),
        (Schedule { anchor: good.easiest, ..good }, Ok(())),
        (Schedule { interval_ms: 1, half_life_ms: 1, ..good }, Ok(())),
        (
            Schedule { anchor: negative, ..good },
            Err(ScheduleError::Anchor(CompactError::Negative { got: 0x0492_3456 })),
        ),
        (
            Schedule { easiest: zero, ..good },
            Err(ScheduleError::Easiest(CompactError::Zero { got: 0 })),
        ),
        (
            Schedule { easiest: Compact::from_bits(0x1b04_04ca), ..good },
            Err(ScheduleError::AnchorTooEasy { got: 0x1b04_04cb, limit: 0x1b04_04ca }),
        ),
        (Schedule { interval_ms: 0, ..good }, Err(ScheduleError::ZeroInterval)),
        (Schedule { half_life_ms: 0, ..good }, Err(ScheduleError::ZeroHalfLife)),
    ];
    for (schedule, expected) in table {
        assert_eq!(schedule.check(), expected, "{schedule:?}");
    }
}

#[test]
fn a_schedule_that_fails_its_check_demands_the_most_work() {
    let good = bitcoin_cash(0x1b04_04cb);
    let zero = Compact::from_bits(0);
    for bad in [
        Schedule { anchor: zero, ..good },
        Schedule { easiest: zero, ..good },
        Schedule { half_life_ms: 0, ..good },
    ] {
        assert_eq!(bad.target(1, u64::MAX), Target::MIN, "{bad:?}");
    }
}

#[test]
fn borsh_keeps_the_order_of_the_fields() {
    let schedule = bitcoin_cash(0x1b04_04cb);
    let mut bytes = 0x1b04_04cb_u32.to_le_bytes().to_vec();
    bytes.extend(INTERVAL_MS.to_le_bytes());
    bytes.extend(HALF_LIFE_MS.to_le_bytes());
    bytes.extend(0x1d00_ffff_u32.to_le_bytes());
    assert_eq!(borsh::to_vec(&schedule).unwrap(), bytes);
    assert_eq!(borsh::from_slice::<Schedule>(&bytes).unwrap(), schedule);
}

#[test]
fn the_cubic_is_exact_and_rises_from_one_to_two() {
    let mut last = 0;
    for fraction in 0..=u16::MAX {
        let power = two_to_the(fraction);
        assert_eq!(u128::from(power), cubic(fraction.into()));
        assert!(power >= last, "{fraction}");
        last = power;
    }
    assert_eq!((two_to_the(0), last), (65_536, 131_071));
}

#[test]
fn the_cubic_multiplies_as_powers_do() {
    for one in (0..=u16::MAX).step_by(251) {
        for other in (0..=u16::MAX - one).step_by(257) {
            let product = two_to_the(one) * two_to_the(other);
            let power = two_to_the(one + other) << 16;
            assert!(product.abs_diff(power) < power / 2_500, "{one} {other}");
        }
    }
}

#[test]
fn attack_47_extreme_clocks_do_not_overflow() {
    let edges = [0, 1, 2, u64::from(u32::MAX), 1 << 63, u64::MAX - 1, u64::MAX];
    let targets = [0x0101_0000, 0x1b04_04cb, 0x2100_ffff].map(Compact::from_bits);
    for (interval_ms, half_life_ms) in edges.into_iter().flat_map(|i| edges.map(|h| (i, h))) {
        for (anchor, easiest) in targets.into_iter().flat_map(|a| targets.map(|e| (a, e))) {
            let schedule = Schedule { anchor, interval_ms, half_life_ms, easiest };
            for (blocks, elapsed) in edges.into_iter().flat_map(|b| edges.map(|e| (b, e))) {
                let target = schedule.target(blocks, elapsed).value();
                if half_life_ms == 0 {
                    assert_eq!(target, U256::one());
                } else {
                    assert_eq!(target, model(&schedule, blocks, elapsed), "{schedule:?}");
                }
            }
        }
    }
}

/// When a chain of `blocks` blocks ends, in milliseconds, if `hashes_per_s` mine it and stamp
/// their blocks `ahead_ms` ahead of the true time; and the target it ends with.
fn mine(schedule: &Schedule, blocks: u64, hashes_per_s: u128, ahead_ms: u64) -> (u64, Target) {
    let mut now_ms = 0_u64;
    let mut target = schedule.target(0, 0);
    for height in 1..=blocks {
        now_ms += u64::try_from(target.work() * 1_000 / hashes_per_s).unwrap();
        target = schedule.target(height, now_ms + ahead_ms);
    }
    (now_ms, target)
}

/// Due every 10 s; 2^30 hashes a second keep it there.
fn ten_seconds() -> Schedule {
    let interval_ms = 10 * SECOND_MS;
    let anchor = Target::for_work(10 << 30).compact();
    let easiest = Target::for_work(1 << 20).compact();
    Schedule { anchor, interval_ms, half_life_ms: 288 * interval_ms, easiest }
}

#[test]
fn settles_wherever_the_hash_rate_goes() {
    let schedule = ten_seconds();
    for rate in [1 << 26, 1 << 29, 1 << 30, 3 << 30, 1 << 34, 1 << 50] {
        let (_, target) = mine(&schedule, 20_000, rate, 0);
        let (work, ideal) = (target.work(), 10 * rate);
        assert!(work.abs_diff(ideal) < ideal / 100, "{rate}: {work} against {ideal}");
    }
}

#[test]
fn attack_46_a_fast_clock_gains_its_lead_and_no_more() {
    let schedule = ten_seconds();
    let ahead_ms = 7_200 * SECOND_MS;
    for blocks in [2_000, 20_000] {
        let (honest_ms, _) = mine(&schedule, blocks, 1 << 30, 0);
        let (fast_ms, _) = mine(&schedule, blocks, 1 << 30, ahead_ms);
        assert!(honest_ms - fast_ms <= ahead_ms + schedule.interval_ms, "{blocks}");
    }
}

/// A schedule with a height and a time at most about 300 half-lives off it.
fn near() -> impl Strategy<Value = (Schedule, u64, u64)> {
    let durations = (0_u32..40, 0_u32..40, any::<u64>(), any::<u64>())
        .prop_map(|(a, b, one, two)| ((one >> (24 + a)).max(1), (two >> (24 + b)).max(1)));
    (schedules(), durations, 0_u64..1 << 20, -300_000_i64..300_000).prop_map(
        |(schedule, (interval_ms, half_life_ms), blocks, thousandths)| {
            let off = i128::from(half_life_ms) * i128::from(thousandths) / 1_000;
            let elapsed = i128::from(interval_ms) * i128::from(blocks) + off;
            let elapsed = u64::try_from(elapsed.max(0)).unwrap();
            (Schedule { interval_ms, half_life_ms, ..schedule }, blocks, elapsed)
        },
    )
}

/// Any height and time at all.
fn anywhere() -> impl Strategy<Value = (Schedule, u64, u64)> {
    (schedules(), any::<u64>(), any::<u64>())
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let bits = || (any::<[u8; 32]>(), 0_usize..256);
    let target = |(bytes, down): ([u8; 32], usize)| {
        Target::clamped(U256::from_big_endian(&bytes) >> down).compact()
    };
    (bits(), bits(), 1_u64.., 1_u64..).prop_map(move |(one, two, interval_ms, half_life_ms)| {
        let (one, two) = (target(one), target(two));
        let harder = one.target().unwrap() < two.target().unwrap();
        let (anchor, easiest) = if harder { (one, two) } else { (two, one) };
        Schedule { anchor, interval_ms, half_life_ms, easiest }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn agrees_with_the_model((schedule, blocks, elapsed) in prop_oneof![near(), anywhere()]) {
        prop_assert_eq!(schedule.check(), Ok(()));
        let target = schedule.target(blocks, elapsed);
        prop_assert_eq!(target.value(), model(&schedule, blocks, elapsed));
    }

    #[test]
    fn stays_within_its_bounds((schedule, blocks, elapsed) in prop_oneof![near(), anywhere()]) {
        let target = schedule.target(blocks, elapsed);
        prop_assert!(Target::MIN <= target);
        prop_assert!(target <= schedule.easiest.target().unwrap());
        prop_assert!(target.compact().target().unwrap() <= target);
    }

    #[test]
    fn the_anchor_holds_on_schedule((schedule, blocks, _) in near()) {
        let elapsed = schedule.interval_ms * blocks;
        prop_assert_eq!(schedule.target(blocks, elapsed), schedule.anchor.target().unwrap());
    }

    #[test]
    fn later_is_never_harder(
        (schedule, blocks, elapsed) in prop_oneof![near(), anywhere()],
        (more, down) in (any::<u64>(), 0_u32..64),
    ) {
        let later = elapsed.saturating_add(more >> down);
        prop_assert!(schedule.target(blocks, elapsed) <= schedule.target(blocks, later));
    }

    #[test]
    fn more_blocks_are_never_easier(
        (schedule, blocks, elapsed) in prop_oneof![near(), anywhere()],
        (more, down) in (any::<u64>(), 0_u32..64),
    ) {
        let higher = blocks.saturating_add(more >> down);
        prop_assert!(schedule.target(higher, elapsed) <= schedule.target(blocks, elapsed));
    }
}
