use crate::args::Soak;
use crate::stopwatch::Stopwatch;
use crate::{Ended, line};
use isonomy_sim::check::Broken;
use isonomy_sim::scenario::{Failure, Scenario, Verdict, shrink};
use std::io::{self, Write};
use std::path::Path;

/// One seed in so many is run twice, and both runs compared.
const TWICE_EVERY: u64 = 16;
/// Runs that making a failure small may take.
const TRIES: usize = 2_000;

pub(crate) fn soak(soak: &Soak) -> Result<(), Ended> {
    let watch = Stopwatch::start();
    let mut out = io::stdout();
    let mut done = 0_u64;
    for seed in soak.from..soak.from.saturating_add(soak.seeds) {
        if soak.budget_s.is_some_and(|budget_s| watch.seconds() >= budget_s) {
            writeln!(out, "the budget is used up")?;
            break;
        }
        let scenario = soak.scenario.draw(seed);
        match judge(&scenario) {
            Ok(verdict) => writeln!(out, "{}", line(&scenario, &verdict))?,
            Err(Failure::Broken(broken)) => return Err(broke(soak, &scenario, &broken)?),
            Err(failure) => return Err(failure.into()),
        }
        done += 1;
    }
    let a_minute = watch.per_minute(done);
    writeln!(out, "{done} seeds, {a_minute} a minute, {}; every invariant held", watch.read())?;
    Ok(())
}

fn judge(scenario: &Scenario) -> Result<Verdict, Failure> {
    if scenario.seed.is_multiple_of(TWICE_EVERY) {
        scenario.judge_twice()
    } else {
        scenario.judge()
    }
}

/// Says what broke, makes it small, and says how to repeat it.
fn broke(soak: &Soak, scenario: &Scenario, broken: &Broken) -> Result<Ended, Ended> {
    let mut out = io::stdout();
    let (seed, flags) = (scenario.seed, soak.scenario.flags());
    writeln!(out, "seed {seed}: {broken}")?;
    writeln!(out, "repeat it with: isonomy-sim run --seed {seed} {flags}")?;
    writeln!(out, "making it small, at most {} s", soak.shrink_s)?;
    let watch = Stopwatch::start();
    let mut last = broken.clone();
    let small = shrink(scenario, TRIES, |smaller| {
        if watch.seconds() >= soak.shrink_s {
            return false;
        }
        match judge(smaller) {
            Err(Failure::Broken(found)) if found.invariant == broken.invariant => {
                last = found;
                true
            }
            _ => false,
        }
    });
    save(&soak.out, &small)?;
    let Scenario { nodes, length_ms, steps, .. } = &small;
    let file = soak.out.display();
    let steps = steps.len();
    writeln!(out, "with {nodes} nodes, {length_ms} ms and {steps} steps it still breaks: {last}")?;
    writeln!(out, "repeat that with: isonomy-sim replay {file}")?;
    Ok(Ended::broken(broken))
}

fn save(file: &Path, scenario: &Scenario) -> Result<(), Ended> {
    let saved = std::fs::write(file, scenario.to_string());
    saved.map_err(|error| Ended::failed(format!("{}: {error}", file.display())))
}
