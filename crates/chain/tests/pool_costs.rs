//! What waiting costs: cover, replacing, chains, the least price, age.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::Hash;
use isonomy_ledger::{Standing, cost};
use isonomy_types::{Amount, Mono};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const RICH: u128 = u128::MAX;

fn roomy() -> Pool {
    Pool::new(PoolLimits { per_account: 1_000, ..PoolLimits::default() })
}

fn id(tx: &Tx) -> Hash {
    tx.make().id()
}

fn set(ids: &[Hash]) -> BTreeSet<Hash> {
    ids.iter().copied().collect()
}

/// On lanes of the state that stand at 0. Each signer holds `holds`; the first pays the highest fee.
fn paid(tx: &Tx, holds: u128) -> Standing {
    let mut standing = standing(tx.hands.len(), 0);
    standing.holds.fill(Amount(holds));
    standing.pays[0] = tx.make().intent().max_fee();
    standing
}

fn insert(pool: &mut Pool, tx: &Tx, holds: u128) -> Result<Inserted, PoolRefused> {
    pool.insert(tx.make(), &paid(tx, holds), 0, Mono(0))
}

fn sure(tx: &Tx) -> u128 {
    let tx = tx.make();
    u128::from(cost::intrinsic(&tx)) * u128::from(tx.intent().price)
}

/// Everything is forgotten of what is gone: the pool prints like one that never held anything, but
/// for how many came and the least price.
fn is_clean(pool: &Pool) -> bool {
    let text = format!("{pool:?}");
    ["waiting: {}", "lanes: {}", "ranks: {}", "expiries: {}", "ages: {}", "bytes: 0"]
        .iter()
        .all(|empty| text.contains(empty))
}

#[test]
fn what_waits_for_a_payer_never_takes_more_than_he_holds() {
    let mut pool = roomy();
    let tx = |seq| Tx::by(0, seq).meter(20_000).price(5);
    for seq in 0..3 {
        insert(&mut pool, &tx(seq), 350_000).unwrap();
    }
    let refused = |got| {
        let (got, limit) = (Amount(got), Amount(350_000));
        Err(PoolRefused::Uncovered { account: address(0), got, limit })
    };
    assert_eq!(insert(&mut pool, &tx(3), 350_000), refused(400_000));
    assert_eq!(insert(&mut pool, &tx(0).on(7), 350_000), refused(400_000), "whatever the lane");
    assert_eq!(insert(&mut pool, &Tx::by(1, 0).and(0, 3), 350_000).map(|_| ()), Ok(()), "a guest");
    assert!(insert(&mut pool, &tx(4).price(2), 350_000).is_ok(), "what is left suffices for less");
    // What is replaced frees what it would have taken.
    let dear = Tx::by(0, 2).meter(7_000).price(20);
    assert_eq!(insert(&mut pool, &dear, 350_000).unwrap().replaced.len(), 3);
}

#[test]
fn what_actions_take_counts_for_each_signer() {
    let mut pool = roomy();
    let joint = Tx::by(0, 0).and(1, 0);
    let mut standing = standing(2, 0);
    standing.holds = vec![Amount(100), Amount(50)];
    standing.pays = vec![Amount(100), Amount(51)];
    let (got, limit) = (Amount(51), Amount(50));
    let refused = PoolRefused::Uncovered { account: address(1), got, limit };
    assert_eq!(pool.insert(joint.make(), &standing, 0, Mono(0)), Err(refused));
    standing.pays[1] = Amount(50);
    assert!(pool.insert(joint.make(), &standing, 0, Mono(0)).is_ok(), "all of it");
    standing.pays = vec![Amount(1), Amount(0)];
    let more = Tx::by(0, 1).and(1, 1).make();
    let (got, limit) = (Amount(101), Amount(100));
    let refused = PoolRefused::Uncovered { account: address(0), got, limit };
    assert_eq!(pool.insert(more, &standing, 0, Mono(0)), Err(refused));
}

#[test]
fn a_standing_that_says_nothing_covers_nothing() {
    let mut pool = roomy();
    let silent = Standing { next: vec![0], holds: Vec::new(), pays: vec![Amount(1)] };
    let refused = pool.insert(Tx::by(0, 0).make(), &silent, 0, Mono(0));
    assert!(matches!(refused, Err(PoolRefused::Uncovered { limit: Amount::ZERO, .. })));
    let most = Standing { next: vec![0], holds: vec![Amount::MAX], pays: vec![Amount::MAX] };
    assert!(pool.insert(Tx::by(0, 0).make(), &most, 0, Mono(0)).is_ok());
    assert!(pool.insert(Tx::by(0, 1).make(), &most, 0, Mono(0)).is_ok(), "no coins, no cover");
}

#[test]
fn a_new_state_lets_the_last_go_first() {
    let mut pool = roomy();
    let own: Vec<_> = (0..4).map(|seq| Tx::by(0, seq).price(u64::from(4 - seq as u8))).collect();
    let guest = Tx::by(1, 0).and(0, 4);
    own.iter().for_each(|tx| drop(insert(&mut pool, tx, RICH).unwrap()));
    insert(&mut pool, &guest, RICH).unwrap();
    let fees = |txs: &[&Tx]| txs.iter().map(|tx| tx.make().intent().max_fee().0).sum::<u128>();
    let now_holds = |held: u128, pool: &mut Pool| {
        let all = own.iter().chain([&guest]).filter(|tx| pool.contains(&id(tx)));
        let all: Vec<_> = all.map(|tx| (id(tx), paid(tx, held))).collect();
        set(&pool.cover(&all))
    };
    let three = fees(&[&own[0], &own[1], &own[2]]);
    assert!(now_holds(three + fees(&[&own[3]]), &mut pool).is_empty());
    assert_eq!(
        now_holds(three, &mut pool),
        set(&[id(&own[3]), id(&guest)]),
        "and who waited for it"
    );
    assert_eq!(now_holds(three - 1, &mut pool), set(&[id(&own[2])]));
    assert_eq!(now_holds(0, &mut pool).len(), 2);
    assert!(is_clean(&pool));
}

/// Two lanes go on from one transaction; each of the newcomers waits for one lane, and for a stranger
/// besides.
#[test]
fn all_that_wait_for_one_are_counted_whatever_else_they_wait_for() {
    let mut pool = roomy();
    let mut put = |tx: Tx| insert(&mut pool, &tx, RICH).map(drop);
    put(Tx::by(0, 0).and(1, 0)).unwrap();
    (1..=50).for_each(|seq| put(Tx::by(0, seq)).unwrap());
    (1..=48).for_each(|seq| put(Tx::by(1, seq)).unwrap());
    (2..4).for_each(|stranger| put(Tx::by(stranger, 0)).unwrap());
    put(Tx::by(2, 1).and(1, 49)).unwrap();
    let why = PoolRefused::Chained { got: CHAINED_MAX + 1, limit: CHAINED_MAX };
    for more in [Tx::by(3, 1).and(0, 51), Tx::by(0, 51).and(3, 1), Tx::by(2, 2)] {
        assert_eq!(put(more.clone()), Err(why), "{more:?}");
    }
    put(Tx::by(3, 1)).unwrap();
}

#[test]
fn what_comes_back_is_covered_once_the_state_was_asked() {
    let mut pool = roomy();
    let tx = Tx::by(0, 0);
    pool.moved(&[tx.make()], &[], 0, Mono(0));
    let fee = tx.make().intent().max_fee().0;
    // Its highest fee counts at once.
    let next = Tx::by(0, 1);
    assert!(matches!(insert(&mut pool, &next, fee), Err(PoolRefused::Uncovered { .. })));
    insert(&mut pool, &next, 2 * fee).unwrap();
    // What its actions take counts when it is known.
    let mut told = paid(&tx, 2 * fee);
    told.pays[0] = Amount(fee + 1);
    assert_eq!(pool.cover(&[(id(&tx), told)]), [id(&next)]);
}

#[test]
fn attack_74_a_funded_account_that_overdraws_drives_out_no_one() {
    let limits = PoolLimits { transactions: 100, per_account: 100, ..PoolLimits::default() };
    let mut pool = Pool::new(limits);
    for n in 0..100 {
        insert(&mut pool, &Tx::by(n, 0).price(1), RICH).unwrap();
    }
    let honest = set(&pool.ids());
    // It holds enough for two fees, and promises 5 120 of them on as many nonces.
    let tx = |seq: u64| Tx::by(150, seq).price(10);
    let held = 2 * tx(0).make().intent().max_fee().0;
    let taken = (0..5_120).filter(|seq| insert(&mut pool, &tx(*seq), held).is_ok()).count();
    assert_eq!(taken, 2);
    assert_eq!(set(&pool.ids()).intersection(&honest).count(), 98);
    // Had each been judged by itself, the account would have taken all that it is allowed.
    let mut careless = Pool::new(limits);
    for n in 0..100 {
        insert(&mut careless, &Tx::by(n, 0).price(1), RICH).unwrap();
    }
    let taken = (0..5_120).filter(|seq| insert(&mut careless, &tx(*seq), RICH).is_ok());
    assert_eq!(taken.count(), CHAINED_MAX + 1, "the variant without cover");
}

#[test]
fn attack_74_the_first_that_takes_everything_leaves_nothing_for_more() {
    let mut pool = roomy();
    let (fee, held) = (Tx::by(0, 0).make().intent().max_fee().0, 1_000_000_000);
    let mut all = paid(&Tx::by(0, 0), held);
    all.pays[0] = Amount(held);
    pool.insert(Tx::by(0, 0).make(), &all, 0, Mono(0)).unwrap();
    for seq in 1..64 {
        let refused = insert(&mut pool, &Tx::by(0, seq), held);
        let why = PoolRefused::Gap { got: seq, limit: 1 };
        let first = PoolRefused::Uncovered {
            account: address(0),
            got: Amount(held + fee),
            limit: Amount(held),
        };
        assert_eq!(refused, Err(if seq == 1 { first } else { why }));
    }
    assert_eq!(pool.len(), 1);
}

#[test]
fn a_replacement_out_pays_all_that_it_drives_out() {
    let chain: Vec<_> = (0..5).map(|seq| Tx::by(0, seq).price(10)).collect();
    let new = |price| Tx::by(0, 1).send(1, 1).price(price);
    let relay = u128::from(cost::intrinsic(&new(0).make()));
    let limit = chain[1..].iter().map(sure).sum::<u128>() + relay;
    let least = u64::try_from(limit.div_ceil(relay)).unwrap();
    assert!(least > 30, "far above a tenth more");
    for (price, taken) in [(11, false), (least - 1, false), (least, true)] {
        let mut pool = roomy();
        chain.iter().for_each(|tx| drop(insert(&mut pool, tx, RICH).unwrap()));
        let got = insert(&mut pool, &new(price), RICH);
        if taken {
            assert_eq!(got.unwrap().replaced.len(), 4);
        } else {
            let (got_fee, limit) = (Amount(sure(&new(price))), Amount(limit));
            assert_eq!(got, Err(PoolRefused::Underpays { got: got_fee, limit }));
            assert_eq!(pool.len(), 5, "nothing left");
        }
    }
}

/// The limit of a fee costs nothing to declare: neither does it drive out, nor protect.
#[test]
fn a_meter_limit_that_is_not_used_buys_nothing() {
    let mut pool = roomy();
    (0..5).for_each(|seq| drop(insert(&mut pool, &Tx::by(0, seq).price(10), RICH).unwrap()));
    let boast = Tx::by(0, 0).price(11).meter(9_000_000);
    assert!(
        boast.make().intent().max_fee().0 > 5 * 20_000 * 10,
        "more than theirs by that measure"
    );
    assert!(matches!(insert(&mut pool, &boast, RICH), Err(PoolRefused::Underpays { .. })));
    let mut pool = roomy();
    insert(&mut pool, &Tx::by(0, 0).price(10).meter(9_000_000), RICH).unwrap();
    assert!(insert(&mut pool, &Tx::by(0, 0).price(11).meter(6_000), RICH).is_ok());
}

#[test]
fn a_small_one_pays_for_the_bytes_of_the_large_one_it_drives_out() {
    let mut pool = roomy();
    insert(&mut pool, &Tx::by(0, 0).act(9, vec![0; 60_000]).price(10), RICH).unwrap();
    assert!(matches!(
        insert(&mut pool, &Tx::by(0, 0).price(11), RICH),
        Err(PoolRefused::Underpays { .. })
    ));
    assert!(insert(&mut pool, &Tx::by(0, 0).price(1_000), RICH).is_ok());
}

#[test]
fn so_many_wait_on_one_another_and_can_still_be_replaced() {
    let mut pool = roomy();
    for seq in 0..=CHAINED_MAX as u64 {
        insert(&mut pool, &Tx::by(0, seq), RICH).unwrap();
    }
    let next = Tx::by(0, CHAINED_MAX as u64 + 1).price(1_000);
    let refused = PoolRefused::Chained { got: CHAINED_MAX + 1, limit: CHAINED_MAX };
    assert_eq!(insert(&mut pool, &next, RICH), Err(refused));
    assert!(insert(&mut pool, &Tx::by(0, 0).on(1), RICH).is_ok(), "another lane is free");
    let first = insert(&mut pool, &Tx::by(0, 0).price(102), RICH).unwrap();
    assert_eq!(first.replaced.len(), REPLACED_MAX);
    assert_eq!(pool.len(), 2);
}

#[test]
fn a_replacement_drives_out_a_bounded_number() {
    let mut pool = roomy();
    for seq in 0..60 {
        insert(&mut pool, &Tx::by(0, seq), RICH).unwrap();
        insert(&mut pool, &Tx::by(1, seq), RICH).unwrap();
    }
    let both = |seq| Tx::by(0, seq).and(1, seq).price(9_999);
    let refused = PoolRefused::Replaces { got: REPLACED_MAX + 1, limit: REPLACED_MAX };
    assert_eq!(insert(&mut pool, &both(0), RICH), Err(refused));
    assert_eq!(pool.len(), 120);
    assert_eq!(insert(&mut pool, &both(10), RICH).unwrap().replaced.len(), REPLACED_MAX);
}

#[test]
fn those_that_fork_from_one_count_too() {
    let mut pool = roomy();
    // One with ten signers, whose lanes all go on from it.
    let root = (1..10).fold(Tx::by(0, 0), |tx, n| tx.and(n, 0));
    insert(&mut pool, &root, RICH).unwrap();
    let mut taken = 0;
    for seq in 1..20 {
        for n in 0..10 {
            taken += usize::from(insert(&mut pool, &Tx::by(n, seq), RICH).is_ok());
        }
    }
    assert_eq!(taken, CHAINED_MAX);
    // A block that holds the root sets the others free.
    pool.moved(&[], &[root.make()], 1, Mono(0));
    let next = pool.next(&address(0), 0).unwrap();
    assert!(pool.insert(Tx::by(0, next).make(), &standing(1, 1), 1, Mono(0)).is_ok());
}

#[test]
fn what_came_back_keeps_chains_short() {
    let mut pool = roomy();
    for seq in 10..=10 + CHAINED_MAX as u64 {
        pool.insert(Tx::by(0, seq).make(), &standing(1, 10), 0, Mono(0)).unwrap();
    }
    let left: Vec<_> = (0..10).map(|seq| Tx::by(0, seq).make()).collect();
    let moved = pool.moved(&left, &[], 0, Mono(0));
    assert_eq!((moved.returned.len(), moved.dropped.len()), (10, 10));
    assert_eq!(pool.len(), CHAINED_MAX + 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Against every transaction's whole set of ancestors, kept from the start.
    #[test]
    fn attack_62_no_graph_grows_beyond_its_bound(
        joints in prop::collection::vec(prop::collection::btree_set(0..12_u8, 1..5), 260),
    ) {
        let mut pool = roomy();
        let mut ends = BTreeMap::<u8, (u64, Option<Hash>)>::new();
        let mut before = BTreeMap::<Hash, BTreeSet<Hash>>::new();
        let mut refused = 0;
        for people in joints {
            let people: Vec<u8> = people.into_iter().collect();
            let seq = |n: &u8| ends.get(n).map_or(0, |(seq, _)| *seq);
            let tx = Tx::by(people[0], seq(&people[0]));
            let tx = people[1..].iter().fold(tx, |tx, n| tx.and(*n, seq(n)));
            let last = people.iter().filter_map(|n| ends.get(n)?.1);
            let mut mine: BTreeSet<Hash> = last.clone().collect();
            last.for_each(|id| mine.extend(&before[&id]));
            let after = |of: &Hash| before.values().filter(|set| set.contains(of)).count() + 1;
            let fits = mine.len() <= CHAINED_MAX && mine.iter().all(|id| after(id) <= CHAINED_MAX);
            let got = insert(&mut pool, &tx, RICH);
            if fits {
                prop_assert_eq!(got, Ok(Inserted::default()));
                for n in &people {
                    let end = ends.entry(*n).or_default();
                    *end = (end.0 + 1, Some(id(&tx)));
                }
                before.insert(id(&tx), mine);
            } else {
                let chained = matches!(got, Err(PoolRefused::Chained { .. }));
                prop_assert!(chained, "{:?}", got);
                refused += 1;
            }
        }
        prop_assert!(refused > 0, "the bound was reached");
    }
}

#[test]
fn the_least_price_rises_with_what_is_driven_out_and_halves_with_time() {
    let limits = PoolLimits { transactions: 2, ..PoolLimits::default() };
    let mut pool = Pool::new(limits);
    let at = |pool: &mut Pool, n: u8, price: u64, ms: u64| {
        let tx = Tx::by(n, 0).price(price);
        pool.insert(tx.make(), &standing(1, 0), 0, Mono(ms)).map(|inserted| inserted.evicted.len())
    };
    assert_eq!(pool.least_price(Mono(0)), 0);
    assert_eq!((at(&mut pool, 0, 8, 0), at(&mut pool, 1, 30, 0)), (Ok(0), Ok(0)));
    assert_eq!(pool.least_price(Mono(0)), 0, "nothing was driven out");
    assert_eq!(at(&mut pool, 2, 40, 5), Ok(1));
    assert_eq!(pool.least_price(Mono(5)), 9);
    // There is room again, and the price stands.
    pool.drop(&pool.ids());
    assert_eq!(at(&mut pool, 3, 8, 6), Err(PoolRefused::Cheap { got: 8, limit: 9 }));
    assert_eq!(at(&mut pool, 3, 9, 6), Ok(0));
    let half = LEAST_PRICE_HALF_LIFE_MS;
    for (ms, least) in [(half + 4, 9), (half + 5, 4), (2 * half + 5, 2), (4 * half + 5, 0)] {
        assert_eq!(pool.least_price(Mono(ms)), least, "{ms}");
    }
    assert_eq!(pool.least_price(Mono(u64::MAX)), 0);
    // Less than what stands does not bring it down.
    let mut pool = Pool::new(PoolLimits { transactions: 1, ..limits });
    let steps = [(0, 50, 0), (1, 60, 0), (2, 70, 1)];
    for (n, price, ms) in steps {
        at(&mut pool, n, price, ms).unwrap();
    }
    assert_eq!(pool.least_price(Mono(1)), 61);
    assert_eq!(at(&mut pool, 3, u64::MAX, 2), Ok(1));
    assert_eq!(pool.least_price(Mono(2)), 71);
}

#[test]
fn what_waits_for_something_cheap_is_as_cheap() {
    let mut pool = Pool::new(PoolLimits { transactions: 3, ..PoolLimits::default() });
    insert(&mut pool, &Tx::by(9, 0).price(20), RICH).unwrap();
    insert(&mut pool, &Tx::by(0, 0).price(2), RICH).unwrap();
    insert(&mut pool, &Tx::by(1, 0).price(1), RICH).unwrap();
    insert(&mut pool, &Tx::by(2, 0).price(20), RICH).unwrap();
    assert_eq!(pool.least_price(Mono(0)), 2);
    insert(&mut pool, &Tx::by(3, 0).price(20), RICH).unwrap();
    assert_eq!(pool.least_price(Mono(0)), 3);
    pool.drop(&[id(&Tx::by(3, 0).price(20))]);
    pool.moved(&[Tx::by(4, 0).price(1).make()], &[], 0, Mono(0));
    let cheap = PoolRefused::Cheap { got: 1, limit: 3 };
    assert_eq!(insert(&mut pool, &Tx::by(4, 1).price(99), RICH), Err(cheap));
}

#[test]
fn what_waited_two_weeks_is_let_go_with_what_waits_for_it() {
    let mut pool = roomy();
    let (old, new, other) = (Tx::by(0, 0), Tx::by(0, 1).and(1, 0), Tx::by(2, 0));
    pool.insert(old.make(), &standing(1, 0), 0, Mono(7)).unwrap();
    for (tx, signers) in [(&new, 2), (&other, 1)] {
        pool.insert(tx.make(), &standing(signers, 0), 0, Mono(9)).unwrap();
    }
    assert_eq!(pool.expire(Mono(AGE_MS_MAX + 6)), []);
    // Best moves: what stays where it was is no younger for it.
    pool.moved(&[], &[Tx::by(2, 0).on(5).make()], 1, Mono(AGE_MS_MAX + 6));
    pool.moved(&[], &[Tx::by(0, 0).on(5).make()], 2, Mono(AGE_MS_MAX + 6));
    assert_eq!(set(&pool.expire(Mono(AGE_MS_MAX + 7))), set(&[id(&old), id(&new)]));
    assert_eq!(pool.expire(Mono(AGE_MS_MAX + 9)), [id(&other)]);
    assert!(is_clean(&pool));
}

#[test]
fn a_turned_lane_keeps_its_ages() {
    let mut pool = roomy();
    for seq in 0..3 {
        pool.insert(Tx::by(0, seq).make(), &standing(1, 0), 0, Mono(seq)).unwrap();
    }
    pool.moved(&[], &[Tx::by(0, 0).make()], 1, Mono(500));
    assert_eq!(pool.expire(Mono(AGE_MS_MAX)), []);
    assert_eq!(pool.expire(Mono(AGE_MS_MAX + 1)).len(), 2);
    assert!(is_clean(&pool));
}

#[test]
fn nothing_is_left_of_what_is_gone() {
    let mut pool = Pool::new(PoolLimits { transactions: 5, ..PoolLimits::default() });
    assert!(is_clean(&pool));
    for n in 0..20 {
        insert(&mut pool, &Tx::by(n, 0).and(100, u64::from(n)).price(9), RICH).ok();
        insert(&mut pool, &Tx::by(n + 20, 0).price(u64::from(n) + 1), RICH).ok();
    }
    assert!(pool.len() == 5 && !is_clean(&pool));
    pool.moved(&[], &[], 1_000, Mono(0));
    assert!(is_clean(&pool));
}

#[test]
fn order_is_that_of_arrival() {
    let mut pool = roomy();
    let txs = [Tx::by(3, 0), Tx::by(0, 0), Tx::by(3, 1).price(50), Tx::by(1, 0).price(9)];
    txs.iter().for_each(|tx| drop(insert(&mut pool, tx, RICH).unwrap()));
    let in_order: Vec<_> = pool.in_order().iter().map(|tx| tx.id()).collect();
    assert_eq!(in_order, txs.each_ref().map(id));
}
