//! What to pay to be in soon: the pool's answer, and whether it keeps its word.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_types::{BASE_FEE_SCALE, Mono, Params};
use proptest::prelude::*;
use std::sync::Arc;

/// Blocks of 80 000 units, of which an eighth is kept for who asks: three of 20 000 fit before him.
fn params() -> Params {
    Params { body_meter: 80_000, ..Params::default() }
}

fn pool_of(prices: &[u64]) -> Pool {
    let mut pool = Pool::new(PoolLimits { per_account: 1_000, ..PoolLimits::default() });
    for (n, price) in prices.iter().enumerate() {
        let tx = Tx::by(n as u8, 0).price(*price);
        pool.insert(tx.make(), &standing(1, 0), 0, Mono(0)).unwrap();
    }
    pool
}

#[test]
fn an_estimate_outbids_what_waits_as_far_as_it_must() {
    let base = |coins| Params { base_fee: coins * BASE_FEE_SCALE, ..params() };
    let table: [(&str, Params, &[u64], u32, u64); 14] = [
        ("nothing waits", params(), &[], 1, 1),
        ("the base fee after a rush is asked", base(7), &[], 1, 9),
        ("what pays too little does not count", base(7), &[6, 6, 6, 6, 6], 1, 9),
        ("below the target", base(8), &[9, 9], 1, 11),
        ("three full blocks from eighty", base(80), &[90, 90, 90], 1, 113),
        ("one too many", params(), &[5, 5, 5, 5], 1, 6),
        ("of those, the cheapest", params(), &[9, 3, 7, 5], 1, 4),
        ("a block later there is room", params(), &[5, 5, 5, 5], 2, 1),
        ("two blocks full", params(), &[9, 9, 9, 8, 8, 8, 7], 2, 8),
        ("three blocks, of which one is hardly used", params(), &[9, 9, 9, 8, 8, 8, 7], 3, 1),
        ("none counts as one", params(), &[5, 5, 5, 5], 0, 6),
        ("a hundred suffice", params(), &[5, 5, 5, 5], u32::MAX, 1),
        ("a rising base fee drives rivals out", base(800), &[900, 900, 900, 890, 880], 2, 1_139),
        ("the highest price there is", params(), &[u64::MAX; 4], 1, u64::MAX),
    ];
    for (what, params, prices, blocks, want) in table {
        assert_eq!(pool_of(prices).estimate(&params, blocks, Mono(0)), want, "{what}");
    }
}

#[test]
fn bytes_are_scarce_too() {
    let bytes = Tx::by(0, 0).make().bytes() as u32;
    let tight = |count: u32| Params { body_bytes: count * bytes * 8 / 7 + 8, ..Params::default() };
    assert_eq!(pool_of(&[5, 6, 7]).estimate(&tight(3), 1, Mono(0)), 1, "all have room");
    assert_eq!(pool_of(&[5, 6, 7]).estimate(&tight(2), 1, Mono(0)), 6);
}

#[test]
fn what_waits_for_something_cheap_is_no_rival() {
    let mut pool = pool_of(&[2]);
    for seq in 1..5 {
        pool.insert(Tx::by(0, seq).price(50).make(), &standing(1, 0), 0, Mono(0)).unwrap();
    }
    assert_eq!(pool.estimate(&params(), 1, Mono(0)), 3);
}

#[test]
fn an_estimate_is_one_that_the_pool_accepts() {
    let mut pool = Pool::new(PoolLimits { transactions: 2, ..PoolLimits::default() });
    for (n, price) in [(0, 30), (1, 40), (2, 50)] {
        pool.insert(Tx::by(n, 0).price(price).make(), &standing(1, 0), 0, Mono(0)).unwrap();
    }
    let roomy = Params::default();
    assert_eq!(pool.least_price(Mono(0)), 31);
    assert_eq!(pool.estimate(&roomy, 1, Mono(0)), 31);
    assert_eq!(pool.estimate(&roomy, 1, Mono(LEAST_PRICE_HALF_LIFE_MS)), 15);
}

/// Fills the next block as a producer does: in the pool's order, what is below the base fee or does
/// not fit left out. Each uses a share of its meter limit.
fn produce(pool: &mut Pool, params: &mut Params, used_percent: u64) -> Vec<Shared> {
    let (mut bytes, mut meter, mut chosen) = (4_u64, 0_u64, Vec::<Shared>::new());
    let mut stuck = Vec::new();
    for tx in pool.candidates(usize::MAX, u64::MAX) {
        let (size, limit) = (tx.bytes() as u64, tx.intent().meter_limit);
        let signer = tx.intent().signers[0].account;
        let fits = bytes + size <= params.body_bytes.into() && meter + limit <= params.body_meter;
        if stuck.contains(&signer) || !fits || tx.intent().price < params.base_price() {
            stuck.push(signer);
            continue;
        }
        (bytes, meter) = (bytes + size, meter + limit * used_percent / 100);
        chosen.push(Arc::clone(&tx));
    }
    params.base_fee = params.next_base_fee(bytes, meter);
    pool.moved(&[], &chosen, 1, Mono(0));
    chosen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever waits, who pays the estimate is in within as many blocks, if nobody comes after him.
    #[test]
    fn the_estimate_keeps_its_word(
        waiting in prop::collection::vec((0_u8..40, 1_u64..60, 5_000_u64..40_000), 0..60),
        base_fee in 1_000_u64..30_000, change in 10_u32..=500, target in 100_u32..=900,
        body_meter in 80_000_u64..300_000, blocks in 1_u32..6, used_percent in 20_u64..=100,
    ) {
        let mut params = Params {
            body_meter, base_fee, change_per_mille: change, target_per_mille: target,
            ..Params::default()
        };
        let mut pool = pool_of(&[]);
        let mut next = [0_u64; 41];
        for (n, price, meter) in waiting {
            let tx = Tx::by(n, next[usize::from(n)]).price(price).meter(meter).make();
            if pool.insert(tx, &standing(1, 0), 0, Mono(0)).is_ok() {
                next[usize::from(n)] += 1;
            }
        }
        let price = pool.estimate(&params, blocks, Mono(0));
        prop_assert!(price >= base_fee / 1_000);
        prop_assert!(pool.estimate(&params, blocks + 1, Mono(0)) <= price);
        let own = Tx::by(50, 0).price(price).meter(body_meter / 8).make();
        pool.insert(own.clone(), &standing(1, 0), 0, Mono(0)).unwrap();
        let came = (0..blocks).find(|_| {
            produce(&mut pool, &mut params, used_percent).iter().any(|tx| tx.id() == own.id())
        });
        prop_assert!(came.is_some(), "{price} a unit did not do within {blocks} blocks");
    }
}

/// A rush: from now on every block is full, of whatever strangers pay. The estimate stays above the
/// base fee as long as it says, however low the base fee is or fast it moves.
#[test]
fn an_estimate_outlives_a_rush() {
    for base_fee in [0, 1_000, 1_999, 2_000, 7_500, 1_000_000] {
        for change_per_mille in [10, 125, 500] {
            let mut params = Params { base_fee, change_per_mille, base_fee_floor: 0, ..params() };
            let price = pool_of(&[]).estimate(&params, 2, Mono(0));
            for block in 0..=ESTIMATE_FULL_BLOCKS {
                assert!(price >= params.base_price(), "{base_fee} {change_per_mille} {block}");
                params.base_fee = params.next_base_fee(u64::MAX, u64::MAX);
            }
        }
    }
}
