#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
//! A batch accepts exactly what k256 and libsecp256k1 accept one by one, whatever is in it and wherever,
//! by every way to verify.
//!
//! A case is one signature in one batch, judged in one way. There are a hundred thousand, drawn from
//! pools of some five thousand different ones; ten million, from hundreds of pools, by
//! `SCHNORR_CASES=10000000 cargo test --release -p schnorr-batch --features rayon --test differential`.
mod pool;
mod support;

use pool::{Case, Dice, Pool};
use schnorr_batch::{Backend, Batch, Flaw, Item, verify_batch_on};
use std::sync::LazyLock;
use support::{backends, rng};

/// Signatures judged by default, by all tests here together.
const CASES: usize = 100_000;
/// A pool is used for so many rounds.
const ROUNDS: usize = 4;
/// Every size up to this one.
const SMALL: usize = 70;
/// And some up to this one.
const LARGE: usize = 5_000;

static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::new(1, 2_000));

/// A way to verify, beside the back end.
#[derive(Clone, Copy, Debug)]
enum Way {
    Slice,
    Parsed,
    Mixed,
    Filled,
    #[cfg(feature = "rayon")]
    Parallel,
    #[cfg(feature = "rayon")]
    FilledParallel,
}

const WAYS: &[Way] = &[
    Way::Slice,
    Way::Parsed,
    Way::Mixed,
    Way::Filled,
    #[cfg(feature = "rayon")]
    Way::Parallel,
    #[cfg(feature = "rayon")]
    Way::FilledParallel,
];

impl Way {
    /// What it finds, with coefficients from that seed.
    fn flaws(self, backend: Backend, cases: &[&Case], seed: usize) -> Vec<(usize, Flaw)> {
        let parsed = |at: usize| match self {
            Self::Parsed => true,
            Self::Mixed => !(at ^ seed).is_multiple_of(3),
            _ => false,
        };
        let items = cases.iter().enumerate();
        let items: Vec<Item<'_>> = items
            .map(|(at, case)| if parsed(at) { case.parsed_item() } else { case.item() })
            .collect();
        let filled = || {
            let mut batch = Batch::new(backend);
            items.iter().for_each(|item| _ = batch.push(item));
            batch
        };
        let rng = &mut rng(seed);
        let verdict = match self {
            Self::Filled => filled().verify(rng),
            #[cfg(feature = "rayon")]
            Self::FilledParallel => filled().verify_parallel(rng),
            #[cfg(feature = "rayon")]
            Self::Parallel => schnorr_batch::verify_batch_parallel(backend, &items, rng),
            _ => verify_batch_on(backend, &items, rng),
        };
        verdict.err().map_or(Vec::new(), |invalid| invalid.flaws().to_vec())
    }
}

/// A test's rounds.
struct Run {
    dice: Dice,
    judged: usize,
    batches: usize,
}

impl Run {
    /// Has a batch judged on every back end, each time in another way.
    fn judge(&mut self, cases: &[&Case]) {
        let flaws = cases.iter().enumerate().filter_map(|(at, case)| Some((at, case.flaw?)));
        let want: Vec<(usize, Flaw)> = flaws.collect();
        for backend in backends() {
            let way = WAYS[self.batches % WAYS.len()];
            let found = way.flaws(backend, cases, self.batches);
            assert_eq!(found, want, "{backend:?}, {way:?}, batch {}", self.batches);
            self.batches += 1;
            self.judged += cases.len();
        }
        // So that a back end does not keep to a way.
        self.batches += self.batches / 2 % 2;
    }
}

/// Repeats until this test has judged its share of the cases, with another pool now and then.
fn rounds(test: usize, percent: usize, round: impl Fn(&Pool, &mut Run)) {
    let asked = std::env::var("SCHNORR_CASES").map(|cases| cases.parse::<usize>().unwrap());
    let share = asked.unwrap_or(CASES).div_ceil(100) * percent;
    let mut run = Run { dice: Dice(rng(test)), judged: 0, batches: 0 };
    let mut number = 0;
    while run.judged < share {
        number += 1;
        let fresh = (number > 1).then(|| Pool::new(4 * number + test, 1_000));
        let pool = fresh.as_ref().unwrap_or(&POOL);
        (0..ROUNDS).for_each(|_| {
            if run.judged < share {
                round(pool, &mut run)
            }
        });
    }
}

/// What a batch is made of.
#[derive(Clone, Copy)]
enum Recipe {
    Honest,
    Family,
    Valid,
    OneWrong,
    SomeWrong,
    Group,
    GroupInFamily,
    Anything,
    Wrong,
}

const RECIPES: [Recipe; 9] = [
    Recipe::Honest,
    Recipe::Family,
    Recipe::Valid,
    Recipe::OneWrong,
    Recipe::SomeWrong,
    Recipe::Group,
    Recipe::GroupInFamily,
    Recipe::Anything,
    Recipe::Wrong,
];

impl Recipe {
    fn cases<'a>(self, pool: &'a Pool, dice: &mut Dice, size: usize) -> Vec<&'a Case> {
        let mut cases: Vec<&Case> = match self {
            Self::Honest | Self::OneWrong | Self::Group => {
                let first = dice.below(pool.honest.len());
                pool.honest.iter().cycle().skip(first).take(size).collect()
            }
            Self::Family | Self::GroupInFamily => {
                let family = dice.pick(&pool.crafted);
                family.iter().cycle().skip(dice.below(family.len())).take(size).collect()
            }
            Self::Valid | Self::SomeWrong => (0..size).map(|_| valid(pool, dice)).collect(),
            Self::Anything => (0..size).map(|_| any(pool, dice)).collect(),
            Self::Wrong => (0..size).map(|_| dice.pick(&pool.wrong)).collect(),
        };
        let more: Vec<&Case> = match self {
            Self::OneWrong => vec![dice.pick(&pool.wrong)],
            Self::SomeWrong => (0..=dice.below(4)).map(|_| dice.pick(&pool.wrong)).collect(),
            Self::Group | Self::GroupInFamily => dice.pick(&pool.groups).iter().collect(),
            _ => Vec::new(),
        };
        for case in more.into_iter().take(size) {
            let at = dice.below(size);
            cases[at] = case;
        }
        cases
    }
}

fn valid<'a>(pool: &'a Pool, dice: &mut Dice) -> &'a Case {
    match dice.below(3) {
        0 => dice.pick(&pool.honest),
        _ => {
            let family = dice.pick(&pool.crafted);
            dice.pick(family)
        }
    }
}

fn any<'a>(pool: &'a Pool, dice: &mut Dice) -> &'a Case {
    match dice.below(6) {
        0 => dice.pick(&pool.wrong),
        1 => {
            let group = dice.pick(&pool.groups);
            dice.pick(group)
        }
        _ => valid(pool, dice),
    }
}

#[test]
fn every_size() {
    rounds(0, 30, |pool, run| {
        for size in 0..=SMALL {
            for recipe in RECIPES {
                let cases = recipe.cases(pool, &mut run.dice, size);
                run.judge(&cases);
            }
        }
    });
}

#[test]
fn every_position() {
    rounds(1, 10, |pool, run| {
        for size in (1..=10).chain([16, 17, 33, SMALL]) {
            for at in 0..size {
                let recipe = [Recipe::Honest, Recipe::Family, Recipe::Valid][(size + at) % 3];
                let mut cases = recipe.cases(pool, &mut run.dice, size);
                cases[at] = run.dice.pick(&pool.wrong);
                run.judge(&cases);
            }
        }
    });
}

#[test]
fn every_wrong_one_of_the_pool() {
    rounds(2, 10, |pool, run| {
        let groups = pool.groups.iter().map(|group| group.iter().collect::<Vec<_>>());
        let wrong = pool.wrong.iter().map(|case| vec![case]).chain(groups);
        for wrong in wrong {
            let size = wrong.len() + 7 + run.dice.below(3);
            let mut cases = Recipe::Valid.cases(pool, &mut run.dice, size);
            let first = run.dice.below(size - wrong.len());
            cases[first..first + wrong.len()].copy_from_slice(&wrong);
            run.judge(&cases);
        }
    });
}

#[test]
fn larger_sizes() {
    rounds(3, 50, |pool, run| {
        for recipe in RECIPES {
            // A wrong one costs as much as ten valid ones.
            let costly = matches!(recipe, Recipe::Anything | Recipe::Wrong);
            let most = SMALL << run.dice.below(if costly { 2 } else { 6 });
            let size = SMALL + 1 + run.dice.below(most);
            let cases = recipe.cases(pool, &mut run.dice, size);
            run.judge(&cases);
        }
        let cases = Recipe::OneWrong.cases(pool, &mut run.dice, LARGE);
        run.judge(&cases);
    });
}
