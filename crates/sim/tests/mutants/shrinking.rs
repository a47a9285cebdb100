//! What fails is made small, and still fails in the same way.
use crate::stage::with_mutant;
use isonomy_sim::Mutant;
use isonomy_sim::scenario::{Act, Failure, Scenario, Size, shrink};

/// Whether it loses what was acknowledged, if a host's store forgets.
fn forgets(scenario: &Scenario) -> bool {
    let result = scenario.judge_on(|scenario| with_mutant(scenario, 1, Mutant::Forgets));
    matches!(result, Err(Failure::Broken(broken)) if broken.invariant == 10)
}

#[test]
fn a_failure_is_shrunk_to_what_it_takes() {
    let whole = Scenario::draw(3, Size { nodes: 6, length_ms: 30_000 });
    assert!(forgets(&whole));
    let mut tries = 0;
    let small = shrink(&whole, 80, |smaller| {
        tries += 1;
        forgets(smaller)
    });
    assert!(forgets(&small), "{small}");
    assert!(small.nodes <= 3 && small.length_ms < whole.length_ms, "{small}");
    assert!(small.steps.len() <= 2 && whole.steps.len() > 30, "{small}");
    assert!(tries <= 80);
    assert_eq!(small.to_string().parse(), Ok(small), "as a file it is the same");
}

#[test]
fn only_what_matters_is_left_of_a_plan() {
    let whole = Scenario::draw(4, Size { nodes: 9, length_ms: 700_000 });
    let crash = |scenario: &Scenario| {
        let crashes = |host: usize| {
            let of =
                |act: &Act| matches!(act, Act::Crash { host: crashed, .. } if *crashed == host);
            scenario.steps.iter().any(|step| of(&step.act))
        };
        scenario.nodes >= 2 && (0..scenario.nodes).filter(|host| crashes(*host)).count() >= 2
    };
    assert!(crash(&whole));
    let small = shrink(&whole, 10_000, crash);
    assert!(crash(&small) && small.steps.len() == 2, "{small}");
    assert_eq!((small.loss_permille, small.skew_ms, small.reorder_permille), (0, 0, 0));
    assert_eq!(shrink(&small, 10_000, crash), small, "nothing is left to leave out");
    assert_eq!(shrink(&whole, 0, crash), whole, "no tries, no change");
    assert_eq!(shrink(&whole, 10_000, |_| false), whole);
}
