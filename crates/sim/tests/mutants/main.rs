//! Each invariant, and a run that breaks it and nothing else: what a check cannot see is not
//! checked. The honest run of the same scenario passes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod engines;
mod hosts;
mod makers;
mod modules;
mod shrinking;
mod stage;

use stage::{base, invariant};

#[test]
fn the_honest_run_breaks_nothing() {
    let verdict = base().judge_twice().unwrap_or_else(|failure| panic!("{failure}"));
    assert!(verdict.blocks >= 10 && verdict.confirmed >= 10, "{verdict:?}");
    assert_eq!(verdict.stats.crashes, 1);
    assert!(verdict.stats.reorganisations > 0);
}

#[test]
fn a_failure_names_its_invariant() {
    let result = base().judge_on(|scenario| {
        let mut stage = isonomy_sim::scenario::Stage::new(scenario)?;
        stage.sim.fill_disk(1, true);
        Ok(stage)
    });
    let text = result.clone().unwrap_err().to_string();
    assert!(text.contains("no space left on the disk"), "{text}");
    assert_eq!(invariant(result), 12, "a node that halts");
}
