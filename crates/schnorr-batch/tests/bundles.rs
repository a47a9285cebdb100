#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! Of each bundle that is not valid, one invalid item is named.
mod pool;
mod support;
use pool::{Case, Dice, Pool};
use schnorr_batch::{Flaw, Item, verify_bundles};
use std::collections::BTreeMap;
use support::{backends, rng};

/// Items honest, crafted and, one of so many, wrong; in bundles of up to so many.
fn bundled<'a>(
    pool: &'a Pool,
    dice: &mut Dice,
    rare: usize,
    long: usize,
) -> (Vec<&'a Case>, Vec<usize>) {
    let size = dice.below(90);
    let pick = |dice: &mut Dice| match dice.below(rare) {
        0 => dice.pick(&pool.wrong),
        1 => pool.crafted.get(dice.below(pool.crafted.len())).map(|all| dice.pick(all)).unwrap(),
        _ => dice.pick(&pool.honest),
    };
    let cases = (0..size).map(|_| pick(dice)).collect();
    let (mut ends, mut end) = (Vec::new(), 0);
    while end < size && dice.below(20) > 0 {
        end += dice.below(long);
        ends.push(end);
    }
    (cases, ends)
}

#[test]
fn one_of_each_bundle_is_named() {
    let (pool, mut dice) = (Pool::new(6, 80), Dice(rng(6)));
    for round in 0..120 {
        let (cases, ends) = bundled(&pool, &mut dice, [1, 2, 5, 40][round % 4], 1 + round % 30);
        let items: Vec<Item<'_>> = cases.iter().map(|case| case.item()).collect();
        let bundle = |at: usize| ends.partition_point(|end| *end <= at);
        let mut spoilt = BTreeMap::<usize, Vec<(usize, Flaw)>>::new();
        for (at, case) in cases.iter().enumerate() {
            if let Some(flaw) = case.flaw {
                spoilt.entry(bundle(at)).or_default().push((at, flaw));
            }
        }
        let judged = |verified: Result<(), schnorr_batch::Invalid>| {
            let named = verified.err().map_or(vec![], |invalid| invalid.flaws().to_vec());
            let bundles: Vec<usize> = named.iter().map(|(at, _)| bundle(*at)).collect();
            assert!(bundles.iter().eq(spoilt.keys()), "{round}: {named:?} {ends:?}");
            assert!(named.iter().zip(spoilt.values()).all(|(one, all)| all.contains(one)));
        };
        for backend in backends() {
            judged(verify_bundles(backend, &items, &ends, &mut rng(round)));
            #[cfg(feature = "rayon")]
            judged(schnorr_batch::verify_bundles_parallel(backend, &items, &ends, &mut rng(round)));
        }
    }
}

#[test]
fn ends_that_say_nothing_are_one_bundle() {
    let pool = Pool::new(7, 40);
    let items: Vec<Item<'_>> = pool.wrong.iter().map(|case| case.item()).collect();
    for backend in backends() {
        for ends in [&[][..], &[0], &[0, 0, 0], &[usize::MAX], &[items.len()]] {
            let invalid = verify_bundles(backend, &items, ends, &mut rng(1)).unwrap_err();
            assert_eq!(invalid.flaws().len(), 1, "{ends:?}");
        }
        assert!(verify_bundles(backend, &[], &[5], &mut rng(1)).is_ok());
    }
}
