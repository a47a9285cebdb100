//! Random histories of assets, items and locks against plain maps.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod book;
mod calls;
mod check;
#[path = "../common/mod.rs"]
mod common;
mod plan;

use book::{Book, RICH, placed};
use common::{PRODUCER, Shared, Tx, World};
use isonomy_ledger::*;
use plan::{Plan, Step, blocks};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

const REWARD: u128 = 3;

/// The first block, so that later ones find something: two assets, two collections, an item, a lock.
fn prologue() -> Vec<Plan> {
    let all = [true; 3];
    let steps = [
        (1, Step::Issue { cap: None, rights: all, amount: 60, to: 2 }),
        (2, Step::Issue { cap: Some(90), rights: all, amount: 50, to: 3 }),
        (1, Step::Create { cap: None, rights: [true; 2] }),
        (3, Step::Create { cap: Some(2), rights: [true; 2] }),
        (1, Step::MintItem { of: 0, number: 0, to: 2, content: 7 }),
        (2, Step::Lock { asset: 1, amount: 20, brought: 20, to: 4, secret: 0, blocks: 4 }),
    ];
    steps.map(|(by, step)| Plan { by, apt: false, steps: vec![step] }).to_vec()
}

fn world() -> World {
    let modules = Modules::default().with(assets::ID, assets::Assets).unwrap();
    let modules = modules.with(unique::ID, unique::Unique).unwrap();
    let modules = modules.with(locks::ID, locks::Locks).unwrap();
    let coins = common::config(&[(1, RICH), (2, RICH), (3, RICH), (4, RICH)], REWARD);
    let configs = vec![(assets::ID, coins), (unique::ID, Vec::new()), (locks::ID, Vec::new())];
    World::new(modules, configs)
}

/// A transaction whose steps name what the book knows before it.
fn transaction(book: &Book, by: u8, steps: &[Step], seq: u64, height: u64) -> Shared {
    let tx = Tx::by(by, seq).limit(1_000_000);
    let steps = steps.iter().flat_map(|step| book.actions(step, height));
    steps.fold(tx, |tx, (module, payload)| tx.act(0, module, payload)).forge()
}

/// Plays a history, and returns the codes of its receipts.
fn play(history: Vec<Vec<Plan>>) -> Result<Vec<u16>, TestCaseError> {
    let (mut world, mut book, mut codes) = (world(), Book::new(), Vec::new());
    let mut seqs = [0u64; 5];
    for plans in std::iter::once(prologue()).chain(history) {
        let height = world.env.height;
        let mut chosen: Vec<Shared> = Vec::new();
        for plan in &plans {
            // Places are those before the transaction, as when it was written down.
            let before = book.clone();
            let by = before.apt(&plan.steps[0]).filter(|_| plan.apt).unwrap_or(plan.by);
            let seq = &mut seqs[usize::from(by)];
            chosen.push(transaction(&before, by, &plan.steps, *seq, height));
            *seq += 1;
            let receipts = world.execute(&chosen, Mode::Template).unwrap().receipts;
            let receipt = &receipts[chosen.len() - 1];
            let mut after = before.clone();
            let good = plan.steps.iter().all(|step| {
                let step = placed(&before, step);
                after.apply(by, &step, height).is_some()
            });
            prop_assert_eq!(receipt.code == 0, good, "{:?} {:?} {:?}", plan, receipt, before);
            codes.push(receipt.code);
            if good {
                after.name(receipt);
                book = after;
            }
        }
        world.block(&chosen).unwrap();
        *book.held.entry((0, PRODUCER)).or_default() += REWARD;
        book.metals[0].supply += REWARD;
        book.check(&world)?;
    }
    Ok(codes)
}
/// Every refusal that one call can meet occurs in the histories, and so does success.
#[test]
fn the_histories_are_about_something() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<u16, usize> = BTreeMap::new();
    for _ in 0..60 {
        for code in play(blocks().new_tree(&mut runner).unwrap().current()).unwrap() {
            *seen.entry(code).or_default() += 1;
        }
    }
    // The three modules' codes overlap: assets have 0 to 12, of which the histories leave out what
    // cannot be issued.
    let want: Vec<u16> =
        [0].into_iter().chain((0..=9).filter(|code| *code != 3).map(|n| 256 + n)).collect();
    assert!(want.iter().all(|code| seen.contains_key(code)), "{seen:?}");
    let (all, good) = (seen.values().sum::<usize>(), seen[&0]);
    assert!(good * 3 > all, "{good} of {all} succeed");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn assets_items_and_locks_are_those_of_the_book(history in blocks()) {
        play(history)?;
    }
}
