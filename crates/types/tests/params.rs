//! The limits that a chain sets itself, and the base fee that follows its blocks.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
use core::cmp::Ordering;
use isonomy_types::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Each field, the least and the most that it may be where the others are the default's.
const BOUNDS: [(&str, u64, u64); 16] = [
    ("body_bytes", BODY_BYTES_MIN as u64, BODY_BYTES_MAX as u64),
    ("body_meter", BODY_METER_MIN, BODY_METER_MAX),
    ("transaction_bytes", TRANSACTION_BYTES_MIN as u64, TRANSACTION_BYTES_MAX as u64),
    ("signers", 1, SIGNERS_MAX as u64),
    ("actions", 1, ACTIONS_MAX as u64),
    ("payload_bytes", PAYLOAD_BYTES_MIN as u64, PAYLOAD_BYTES_MAX as u64),
    ("key_bytes", KEY_BYTES_MIN as u64, KEY_BYTES_MAX as u64),
    ("value_bytes", VALUE_BYTES_MIN as u64, VALUE_BYTES_MAX as u64),
    ("events", EVENTS_MIN as u64, EVENTS_MAX as u64),
    ("event_bytes", EVENT_BYTES_MIN as u64, EVENT_BYTES_MAX as u64),
    ("base_fee_floor", 0, BASE_FEE_FLOOR_MAX),
    ("base_fee_ceiling", 7, BASE_FEE_MAX),
    ("base_fee", 7, 1_000),
    ("target_per_mille", TARGET_PER_MILLE_MIN as u64, TARGET_PER_MILLE_MAX as u64),
    ("change_per_mille", CHANGE_PER_MILLE_MIN as u64, CHANGE_PER_MILLE_MAX as u64),
    ("burned_per_mille", 0, 1_000),
];

/// The default, with some fields otherwise.
fn with(fields: &[(&str, u64)]) -> Params {
    let mut value = serde_json::to_value(Params::default()).unwrap();
    for (name, number) in fields {
        *value.get_mut(*name).unwrap() = json!(number);
    }
    serde_json::from_value(value).unwrap()
}

/// What must hold beside `name`, so that its own bounds are those of the table.
fn beside(name: &str) -> Vec<(&str, u64)> {
    match name {
        "base_fee_floor" => vec![("base_fee", BASE_FEE_FLOOR_MAX)],
        "base_fee_ceiling" => vec![("base_fee", 7), ("base_fee_floor", 7)],
        "base_fee" => vec![("base_fee_floor", 7), ("base_fee_ceiling", 1_000)],
        _ => Vec::new(),
    }
}

#[test]
fn each_limit_keeps_its_hard_bounds_and_is_named() {
    assert_eq!(Params::default().check(), Ok(()));
    let Value::Object(fields) = serde_json::to_value(Params::default()).unwrap() else { panic!() };
    assert_eq!(fields.len(), BOUNDS.len(), "the table has every field");
    for (name, least, limit) in BOUNDS {
        let at = |number| with(&[&beside(name)[..], &[(name, number)]].concat()).check();
        assert_eq!(at(least), Ok(()), "{name}");
        let above = limit + 1;
        let refused = |got| Err(ParamsError { name, got, least, limit });
        assert_eq!(at(above), refused(above));
        if let Some(below) = least.checked_sub(1) {
            assert_eq!(at(below), refused(below));
            assert_eq!(at(0), refused(0));
        }
        if name == "base_fee_ceiling" || name == "base_fee_floor" {
            continue;
        }
        assert_eq!(at(limit), Ok(()), "{name}");
    }
    assert_eq!(with(&[("base_fee_ceiling", BASE_FEE_MAX)]).check(), Ok(()));
    let high = [("base_fee_floor", BASE_FEE_FLOOR_MAX), ("base_fee", BASE_FEE_FLOOR_MAX)];
    assert_eq!(with(&high).check(), Ok(()));
}

#[test]
fn the_params_hash_binds_every_field() {
    let mut hashes = vec![Params::default().hash()];
    hashes.extend(BOUNDS.map(|(name, least, _)| with(&[(name, least + 3)]).hash()));
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), BOUNDS.len() + 1);
}

#[test]
fn bounds_are_frozen() {
    let least = [TRANSACTION_BYTES_MIN, PAYLOAD_BYTES_MIN, KEY_BYTES_MIN, VALUE_BYTES_MIN];
    assert_eq!(least, [16_384, 1_024, 256, 4_096]);
    assert_eq!((EVENTS_MIN, EVENT_BYTES_MIN), (16, 1_024));
    assert_eq!((EVENTS_MAX, EVENT_BYTES_MAX), (256, 16_384));
    assert_eq!((EVENT_KEYS_MAX, EVENT_KEY_BYTES_MAX), (8, 64));
    assert_eq!((KEY_BYTES_MAX, VALUE_BYTES_MAX), (1_024, 131_072));
    assert_eq!((BASE_FEE_FLOOR_MAX, BASE_FEE_MAX), (1 << 30, 1 << 40));
    assert_eq!((TARGET_PER_MILLE_MIN, TARGET_PER_MILLE_MAX), (100, 900));
    assert_eq!((CHANGE_PER_MILLE_MIN, CHANGE_PER_MILLE_MAX), (10, 500));
}

/// A base fee of 8 000 at the default target, an eighth a block.
#[test]
fn the_base_fee_follows_how_full_a_block_is() {
    let params = Params { base_fee: 8_000, base_fee_ceiling: 100_000, ..Params::default() };
    let table = [
        ("empty", 0, 0, 7_000),
        ("a quarter full", 0, 2_500_000, 7_500),
        ("at its target", 0, 5_000_000, 8_000),
        ("a unit above", 0, 5_000_001, 8_001),
        ("a unit below", 0, 4_999_999, 7_999),
        ("three quarters full", 0, 7_500_000, 8_500),
        ("full", 0, 10_000_000, 9_000),
        ("full of bytes", 1_000_000, 0, 9_000),
        ("bytes at their target", 500_000, 0, 8_000),
        ("the scarcer decides", 750_000, 5_100_000, 8_500),
        ("more than full counts as full", u64::MAX, u64::MAX, 9_000),
    ];
    for (what, bytes, meter, want) in table {
        assert_eq!(params.next_base_fee(bytes, meter), want, "{what}");
    }
}

#[test]
fn the_least_step_is_a_thousandth_of_a_coin() {
    let low = Params { base_fee_floor: 1, ..Params::default() };
    let after = |base_fee, meter| Params { base_fee, ..low.clone() }.next_base_fee(0, meter);
    let (empty, full) = (0, 10_000_000);
    assert_eq!([after(1, empty), after(2, empty), after(7, empty)], [1, 1, 6], "down to the floor");
    assert_eq!([after(1, full), after(2, full), after(7, full)], [2, 3, 8]);
    assert_eq!([after(1_000, full), after(2_000, empty)], [1_125, 1_750], "a coin: an eighth too");
    let free = Params { base_fee: 0, base_fee_floor: 0, ..Params::default() };
    assert_eq!((free.next_base_fee(0, empty), free.next_base_fee(0, full)), (0, 1));
    let fixed = Params { base_fee: 5, base_fee_floor: 5, base_fee_ceiling: 5, ..Params::default() };
    assert_eq!((fixed.next_base_fee(0, empty), fixed.next_base_fee(0, full)), (5, 5));
}

#[test]
fn burning_is_a_share_of_the_base_fee_rounded_down() {
    let burned = |coins: u64, burned_per_mille, meter| {
        Params {
            base_fee: coins.saturating_mul(BASE_FEE_SCALE),
            burned_per_mille,
            ..Params::default()
        }
        .burned(meter)
        .0
    };
    assert_eq!(burned(3, 0, 1_000), 0);
    assert_eq!(burned(3, 1_000, 1_000), 3_000);
    assert_eq!(burned(3, 500, 1_001), 1_501);
    assert_eq!((burned(1, 999, 1), burned(1, 999, 2)), (0, 1));
    let most = u128::from(u64::MAX) * u128::from(u64::MAX / 1_000);
    assert_eq!(burned(u64::MAX, 1_000, u64::MAX), most);
    assert_eq!(burned(u64::MAX, 1, u64::MAX), most / 1_000);
    let odd = Params { base_fee: 3_999, burned_per_mille: 1_000, ..Params::default() };
    assert_eq!(odd.burned(1_000).0, 3_000, "what no transaction need pay is not burned");
}

#[test]
fn the_base_price_is_the_base_fee_in_whole_coins() {
    let price = |base_fee| Params { base_fee, ..Params::default() }.base_price();
    let table =
        [(0, 0), (999, 0), (1_000, 1), (1_999, 1), (2_000, 2), (u64::MAX, u64::MAX / 1_000)];
    for (base_fee, want) in table {
        assert_eq!(price(base_fee), want, "{base_fee}");
    }
    assert_eq!(Params::default().base_price(), 1);
}

/// A chain that costs one coin a unit is filled by all who pay so much. It takes six full blocks
/// before they must pay two, not one; then one that is a little less than full brings it back.
#[test]
fn a_low_price_rises_by_the_share_and_not_by_a_coin() {
    let mut params = Params::default();
    let mut prices = Vec::new();
    for _ in 0..12 {
        params.base_fee = params.next_base_fee(0, params.body_meter);
        prices.push(params.base_price());
    }
    assert_eq!(prices, [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4]);
    let mut params = Params { base_fee: 2_010, ..Params::default() };
    params.base_fee = params.next_base_fee(0, params.body_meter * 2 / 5);
    assert_eq!(params.base_price(), 1);
}

/// However dear a rush made it, the chain is cheap again after as many blocks as the bound says.
#[test]
fn attack_58_a_rush_makes_a_chain_dear_for_good() {
    let slow = Params {
        base_fee: BASE_FEE_MAX,
        base_fee_floor: 0,
        change_per_mille: CHANGE_PER_MILLE_MIN,
        ..Params::default()
    };
    assert_eq!(slow.check(), Ok(()));
    let mut params = slow;
    let mut blocks = 0;
    while params.base_fee > 0 {
        params.base_fee = params.next_base_fee(4, 0);
        blocks += 1;
        assert!(blocks <= 2_700, "{}", params.base_fee);
    }
    assert!(blocks > 2_000, "{blocks}: the bound is not far from the truth");
}

fn valid() -> impl Strategy<Value = Params> {
    let fee = (0..=BASE_FEE_FLOOR_MAX, any::<u64>(), any::<u64>());
    let shares = (
        TARGET_PER_MILLE_MIN..=TARGET_PER_MILLE_MAX,
        CHANGE_PER_MILLE_MIN..=CHANGE_PER_MILLE_MAX,
        0..=1_000_u32,
    );
    let limits = (BODY_BYTES_MIN..=BODY_BYTES_MAX, BODY_METER_MIN..=BODY_METER_MAX);
    (fee, shares, limits).prop_map(|((floor, ceiling, base), shares, limits)| {
        let ceiling = floor + ceiling % (BASE_FEE_MAX - floor + 1);
        Params {
            body_bytes: limits.0,
            body_meter: limits.1,
            base_fee: floor + base % (ceiling - floor + 1),
            base_fee_floor: floor,
            base_fee_ceiling: ceiling,
            target_per_mille: shares.0,
            change_per_mille: shares.1,
            burned_per_mille: shares.2,
            ..Params::default()
        }
    })
}

proptest! {
    /// Invariants of every step: within the bounds, no faster than the share (or a thousandth), the more
    /// is used the higher; and params that were valid stay so.
    #[test]
    fn every_step_is_bounded_and_monotone(
        params in valid(), bytes in any::<u32>(), meter in any::<u64>(), more in any::<u64>(),
    ) {
        prop_assert_eq!(params.check(), Ok(()));
        let (bytes, base) = (u64::from(bytes), params.base_fee);
        let (low, high) = (meter.min(more) % (1 << 49), meter.max(more) % (1 << 49));
        let (low, high) = (low.min(high), low.max(high));
        let (less, next) = (params.next_base_fee(bytes, low), params.next_base_fee(bytes, high));
        prop_assert!(less <= next);
        let share = u128::from(base) * u128::from(params.change_per_mille) / 1_000;
        let step = u64::try_from(share.max(1)).unwrap();
        prop_assert!(next.abs_diff(base) <= step, "{} after {}", next, base);
        prop_assert!(less.abs_diff(base) <= step, "{} after {}", less, base);
        prop_assert_eq!(Params { base_fee: next, ..params.clone() }.check(), Ok(()));
        prop_assert!(params.next_base_fee(0, 0) <= base);
        prop_assert!(params.next_base_fee(bytes, params.body_meter) >= base);
        let cost = Amount::cost(params.body_meter, base);
        prop_assert!(params.burned(params.body_meter) <= cost);
    }

    /// However full blocks are, as long as they are so: above the target the base fee rises in each
    /// until it is the ceiling, below it falls until it is the floor, and at it nothing moves.
    #[test]
    fn it_never_sticks(params in valid(), per_mille in 0_u64..=1_000) {
        let mut params = params;
        let used = params.body_meter / 1_000 * per_mille;
        let target = (u128::from(params.body_meter) * u128::from(params.target_per_mille) / 1_000) as u64;
        for _ in 0..50 {
            let (before, next) = (params.base_fee, params.next_base_fee(0, used));
            match used.cmp(&target) {
                Ordering::Less => prop_assert!(next < before || next == params.base_fee_floor),
                Ordering::Equal => prop_assert_eq!(next, before),
                Ordering::Greater => prop_assert!(next > before || next == params.base_fee_ceiling),
            }
            params.base_fee = next;
        }
    }

    /// Where people use less the dearer it is, the base fee comes to what fills blocks to their
    /// target, from wherever it starts, and then stays within a step of it: be it a fraction of a
    /// coin, one coin or many.
    #[test]
    fn it_settles_where_blocks_are_at_their_target(
        start in 1_u64..1 << 30, wanted in 1_000_u64..1 << 30,
        change in CHANGE_PER_MILLE_MIN..=250, target in 200..=800_u32,
    ) {
        let mut params = Params {
            base_fee: start, base_fee_floor: 1, change_per_mille: change, target_per_mille: target,
            ..Params::default()
        };
        let at_target = u128::from(params.body_meter) * u128::from(target) / 1_000;
        let use_at = |fee: u64| (at_target * u128::from(wanted) / u128::from(fee)) as u64;
        for _ in 0..2_700 {
            params.base_fee = params.next_base_fee(0, use_at(params.base_fee));
        }
        for _ in 0..20 {
            params.base_fee = params.next_base_fee(0, use_at(params.base_fee));
            let off = params.base_fee.abs_diff(wanted);
            let step = wanted * u64::from(change) / 1_000 + 2;
            prop_assert!(off <= step, "{} where {} would do", params.base_fee, wanted);
        }
    }

    /// The same where prices are whole coins and all who pay as much fill every block: no price
    /// between two coins exists, and yet blocks are at their target in the mean.
    #[test]
    fn between_two_prices_it_takes_turns(wanted in 1_u64..20, share in 100_u64..=900) {
        let mut params = Params::default();
        let (mut used, rounds) = (0, 4_000_u64);
        for block in 0..200 + rounds {
            // Those who pay `wanted` fill blocks, those who pay more fill a part of the target.
            let meter = match params.base_price() {
                price if price <= wanted => params.body_meter,
                _ => params.body_meter / 2 * share / 1_000,
            };
            used += if block < 200 { 0 } else { meter };
            params.base_fee = params.next_base_fee(0, meter);
            prop_assert!(block < 200 || params.base_price().abs_diff(wanted) <= wanted / 8 + 1);
        }
        let mean = used * 1_000 / rounds / params.body_meter;
        prop_assert!((450..=560).contains(&mean), "{} per mille full", mean);
    }

    /// No params, valid or not, and no use of a block, make the rule fail.
    #[test]
    fn no_numbers_break_the_rule(
        fee in any::<[u64; 3]>(), shares in any::<[u32; 3]>(), limits in any::<(u32, u64)>(),
        used in any::<(u64, u64)>(),
    ) {
        let params = Params {
            body_bytes: limits.0,
            body_meter: limits.1,
            base_fee: fee[0],
            base_fee_floor: fee[1],
            base_fee_ceiling: fee[2],
            target_per_mille: shares[0],
            change_per_mille: shares[1],
            burned_per_mille: shares[2],
            ..Params::default()
        };
        prop_assert!(params.next_base_fee(used.0, used.1) >= params.base_fee_floor);
        prop_assert!(params.burned(used.1) <= Amount::cost(used.1, params.base_fee));
    }
}
