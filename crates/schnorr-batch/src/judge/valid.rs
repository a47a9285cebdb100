//! A sum that is wrong shows in no verdict, for single verification has the last word; but in what it is
//! asked. Valid items need none of it, whatever their points, and a wrong one little.
use super::*;
use crate::item::Item;
use crate::pool::{Dice, Pool};
use crate::support::{backends, rng};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::LazyLock;

static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::new(3, 200));

/// How many items are checked alone, on the back end that needs most; the flaws are the items' own.
fn alone(items: &[Item<'_>], flaws: &[(usize, Flaw)], seed: usize) -> usize {
    let read: Vec<Option<Read>> = items.iter().map(Read::of).collect();
    let of = |backend| {
        let checked = AtomicUsize::new(0);
        let single = |at| {
            checked.fetch_add(1, Ordering::Relaxed);
            flaws.iter().find(|flaw| flaw.0 == at).map_or(Ok(()), |flaw| Err(flaw.1))
        };
        let judge =
            Judge { backend, spread: Spread::One, bundles: Bundles::Apart, single: &single };
        assert_eq!(judge.flaws(&read, &mut rng(seed)), flaws, "{backend:?}");
        checked.into_inner()
    };
    backends().into_iter().map(of).max().unwrap_or_default()
}

/// Fewer than this are left when halving ends: twice what any back end judges together at least.
const LEAF: usize = 16;

#[test]
fn families_are_never_checked_one_by_one() {
    for (number, family) in POOL.crafted.iter().enumerate() {
        for size in (8..40).step_by(3).chain([64, 70]) {
            let cases = || family.iter().cycle().skip(number + size).take(size);
            let plain: Vec<Item<'_>> = cases().map(|case| case.item()).collect();
            assert_eq!(alone(&plain, &[], size), 0, "family {number}, {size}");
            let parsed: Vec<Item<'_>> = cases().map(|case| case.parsed_item()).collect();
            assert_eq!(alone(&parsed, &[], size), 0, "family {number}, {size}, parsed");
        }
    }
}

#[test]
fn mixtures_are_never_checked_one_by_one() {
    let mut dice = Dice(rng(1));
    let all: Vec<_> = POOL.honest.iter().chain(POOL.crafted.iter().flatten()).collect();
    for size in (8..300).step_by(9) {
        let items: Vec<Item<'_>> = (0..size).map(|_| dice.pick(&all).item()).collect();
        assert_eq!(alone(&items, &[], size), 0, "{size}");
    }
}

#[test]
fn one_wrong_in_a_family_is_found_by_its_halves() {
    let mut dice = Dice(rng(2));
    for (number, family) in POOL.crafted.iter().enumerate() {
        for _ in 0..8 {
            let (wrong, at) = (dice.pick(&POOL.wrong), dice.below(family.len()));
            let mut items: Vec<Item<'_>> = family.iter().map(|case| case.item()).collect();
            items[at] = wrong.item();
            let flaws = [(at, wrong.flaw.unwrap())];
            assert!((1..LEAF).contains(&alone(&items, &flaws, at)), "family {number}, {at}");
        }
    }
}
