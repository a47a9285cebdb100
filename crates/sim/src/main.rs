//! Run simulated networks until one breaks an invariant, and make the failure small.
#![allow(clippy::disallowed_methods, reason = "a command line shows the time that it takes")]
mod args;
mod soak;
mod stopwatch;

use args::{Cli, Command};
use clap::Parser;
use isonomy_sim::scenario::{Failure, Scenario, ScenarioError, Verdict};
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;
use stopwatch::Stopwatch;

/// Why a command ends without success, and what scripts see of it.
struct Ended {
    code: u8,
    message: String,
}

impl Ended {
    /// Something went wrong here.
    fn failed(why: impl Display) -> Self {
        Self { code: 1, message: why.to_string() }
    }

    /// The command line or the scenario file is wrong. (clap's own is 2 as well.)
    fn usage(why: impl Display) -> Self {
        Self { code: 2, message: why.to_string() }
    }

    /// An invariant does not hold.
    fn broken(why: impl Display) -> Self {
        Self { code: 3, message: why.to_string() }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Broken(_) => Self::broken(failure),
            Failure::Scenario(_) => Self::usage(failure),
        }
    }
}

impl From<ScenarioError> for Ended {
    fn from(error: ScenarioError) -> Self {
        Self::usage(error)
    }
}

impl From<io::Error> for Ended {
    fn from(error: io::Error) -> Self {
        Self::failed(error)
    }
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Soak(soak) => soak::soak(&soak),
        Command::Run(run) => one(&run.scenario.draw(run.seed), run.twice, run.print),
        Command::Replay { file, twice } => {
            read(&file, str::parse).and_then(|scenario| one(&scenario, twice, false))
        }
        Command::Scenario { file, twice } => {
            read(&file, Scenario::recorded).and_then(|scenario| one(&scenario, twice, false))
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Ended { code, message }) => {
            let _ = writeln!(io::stderr(), "isonomy-sim: {message}");
            ExitCode::from(code)
        }
    }
}

fn read(
    file: &std::path::Path,
    parse: impl FnOnce(&str) -> Result<Scenario, ScenarioError>,
) -> Result<Scenario, Ended> {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|error| Ended::usage(format!("{}: {error}", file.display())))?;
    parse(&text).map_err(|error| Ended::usage(format!("{}: {error}", file.display())))
}

/// Runs one scenario, or shows it.
fn one(scenario: &Scenario, twice: bool, print: bool) -> Result<(), Ended> {
    if print {
        write!(io::stdout(), "{scenario}")?;
        return Ok(());
    }
    let watch = Stopwatch::start();
    let verdict = if twice { scenario.judge_twice()? } else { scenario.judge()? };
    writeln!(io::stdout(), "{}", line(scenario, &verdict))?;
    writeln!(io::stdout(), "{}; every invariant held", watch.read())?;
    Ok(())
}

/// What a run came to, on one line.
fn line(scenario: &Scenario, verdict: &Verdict) -> String {
    let stats = &verdict.stats;
    format!(
        "seed {}: {} nodes, height {}, {} of {} transfers, {} reorganisations (deepest {}), {} \
         crashes, {} of {} packets lost, {} inputs, trace {}",
        scenario.seed,
        scenario.nodes,
        verdict.height,
        verdict.confirmed,
        verdict.submitted,
        stats.reorganisations,
        stats.deepest,
        stats.crashes,
        stats.lost,
        stats.packets,
        stats.inputs,
        verdict.trace
    )
}
