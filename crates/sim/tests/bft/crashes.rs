//! A validator crashes at every moment of its engine's life: between any two facts that it learns.
use crate::harness::{Case, Scene, crashes};
use crate::rules::Phase;
use crate::variants::{Variant, forgetful, hasty, right, unlocked};
use std::collections::BTreeMap;

const SEED: u64 = 53;

/// A right engine, whenever it crashes. At how many moments a promise was not yet durable, and at
/// how many a signature not yet said.
fn survives(seed: u64, scene: Scene) -> (usize, usize) {
    let (mut recording, mut signing) = (0, 0);
    for (fact, outcome) in crashes(Case { seed, scene, victim: right }) {
        let at = format!("seed {seed}, {scene:?}, crash after fact {fact}");
        assert_eq!(outcome.liars, BTreeMap::new(), "{at}");
        assert!(outcome.agreed, "{at}: two final blocks");
        assert!(outcome.live, "{at}: no progress");
        recording += usize::from(outcome.recording);
        signing += usize::from(outcome.signing);
    }
    (recording, signing)
}

#[test]
fn attack_53_crash_at_every_moment() {
    let (recording, signing) = survives(SEED, Scene::Open);
    assert!(recording >= 25 && signing >= 6, "{recording} and {signing}");
}

#[test]
fn attack_53_crash_at_every_moment_between_two_truths() {
    let (recording, signing) = survives(SEED, Scene::TwoFaced);
    assert!(recording >= 6 && signing >= 3, "{recording} and {signing}");
}

/// The same moments, for a victim that is wrong: some of them show it. In an open world it proposes
/// twice; between two truths it prepares twice, and two blocks are final.
fn is_caught(victim: Variant) {
    let mut open = crashes(Case { seed: SEED, scene: Scene::Open, victim });
    let (_, proposes) = open.find(|(_, outcome)| !outcome.liars.is_empty()).expect("never caught");
    assert!(proposes.liars.values().all(|(.., phase)| *phase == Phase::Propose));

    let mut between = crashes(Case { seed: SEED, scene: Scene::TwoFaced, victim });
    let (_, prepares) = between.find(|(_, outcome)| !outcome.liars.is_empty()).expect("no lie");
    assert!(prepares.liars.values().all(|(.., phase)| *phase == Phase::Prepare));
    assert!(between.any(|(_, outcome)| !outcome.agreed), "no harm");
}

#[test]
fn an_engine_that_signs_before_its_record_is_durable_is_caught() {
    is_caught(hasty);
}

#[test]
fn an_engine_that_forgets_its_records_is_caught() {
    is_caught(forgetful);
}

/// It says nothing twice, and does its harm in the next round.
#[test]
fn an_engine_that_loses_its_lock_is_caught() {
    let mut crashes = crashes(Case { seed: SEED, scene: Scene::TwoFaced, victim: unlocked });
    let (_, harm) = crashes.find(|(_, outcome)| !outcome.agreed).expect("never caught");
    assert_eq!(harm.liars, BTreeMap::new());
}

/// For a longer search: `SEEDS=100..200 cargo test --test bft more_seeds -- --ignored`.
#[test]
#[ignore = "as long as its seeds"]
fn more_seeds() {
    let seeds = std::env::var("SEEDS").unwrap_or_else(|_| "0..16".into());
    let (from, to) = seeds.split_once("..").unwrap();
    for seed in from.parse().unwrap()..to.parse().unwrap() {
        survives(seed, Scene::Open);
        survives(seed, Scene::TwoFaced);
    }
}
