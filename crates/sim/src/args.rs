use clap::{Args, Parser, Subcommand};
use isonomy_sim::scenario::{NODES_MAX, Scenario, Size};
use std::path::PathBuf;
use std::str::FromStr;

const HOUR_MS: u64 = 3_600_000;
const MINUTE_MS: u64 = 60_000;

/// Run simulated networks until one breaks an invariant, and make the failure small.
#[derive(Parser)]
#[command(
    name = "isonomy-sim",
    version,
    after_help = "Exit codes: 0 every invariant held, 1 \
    failed, 2 wrong usage or scenario file, 3 an invariant is broken.\n\nExample, until something \
    breaks or ten minutes are over:\n  isonomy-sim soak --seeds 100000 --nodes 4-16 --minutes 3 \
    --budget-s 600"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run many seeds. The first that fails is made small and written to a file.
    Soak(Soak),
    /// Run one seed.
    Run(Run),
    /// Do again, under a virtual clock, what was done to a network of processes.
    Scenario {
        /// The file, as `isonomy devnet --record` wrote it.
        file: PathBuf,
        /// Run it twice, and compare what happened.
        #[arg(long)]
        twice: bool,
    },
    /// Run a scenario out of a file.
    Replay {
        /// The file, as `soak` and `run --print` write it.
        file: PathBuf,
        /// Run it twice, and compare what happened.
        #[arg(long)]
        twice: bool,
    },
}

#[derive(Args)]
pub(crate) struct Soak {
    #[command(flatten)]
    pub(crate) scenario: Drawn,
    /// How many seeds.
    #[arg(long, default_value_t = 64)]
    pub(crate) seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    pub(crate) from: u64,
    /// Begin no seed after so many seconds.
    #[arg(long, value_name = "S")]
    pub(crate) budget_s: Option<u64>,
    /// Spend at most so many seconds on making a failure small.
    #[arg(long, value_name = "S", default_value_t = 300)]
    pub(crate) shrink_s: u64,
    /// Where a failure is written, made small. Written over.
    #[arg(long, default_value = "isonomy-sim-failure.toml")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) scenario: Drawn,
    /// The seed.
    #[arg(long)]
    pub(crate) seed: u64,
    /// Run it twice, and compare what happened.
    #[arg(long)]
    pub(crate) twice: bool,
    /// Show the scenario instead.
    #[arg(long)]
    pub(crate) print: bool,
}

/// What scenarios are drawn.
#[derive(Args)]
pub(crate) struct Drawn {
    /// Nodes of each, such as 7; or a range from which each seed takes its number, such as 4-16.
    #[arg(long, default_value = "7")]
    pub(crate) nodes: Nodes,
    /// Virtual hours of each, …
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=1_000))]
    pub(crate) hours: u64,
    /// … and minutes. One minute if neither is given.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u64).range(..=60_000))]
    pub(crate) minutes: u64,
}

impl Drawn {
    /// The scenario of a seed.
    pub(crate) fn draw(&self, seed: u64) -> Scenario {
        let Nodes { least, most } = self.nodes;
        let nodes = least + usize::try_from(seed).unwrap_or_default() % (most - least + 1);
        let length_ms = self.hours * HOUR_MS + self.minutes * MINUTE_MS;
        let length_ms = if length_ms == 0 { MINUTE_MS } else { length_ms };
        Scenario::draw(seed, Size { nodes, length_ms })
    }

    /// The flags that draw the same.
    pub(crate) fn flags(&self) -> String {
        let Self { nodes: Nodes { least, most }, hours, minutes } = self;
        format!("--nodes {least}-{most} --hours {hours} --minutes {minutes}")
    }
}

/// A number of nodes, or a range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Nodes {
    least: usize,
    most: usize,
}

impl FromStr for Nodes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        let number = |text: &str| text.parse().map_err(|error| format!("{text:?}: {error}"));
        let (least, most) = (number(least)?, number(most)?);
        if least == 0 || least > most || most > NODES_MAX {
            return Err(format!("must be 1 to {NODES_MAX}, the lower number first"));
        }
        Ok(Self { least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_a_number_or_a_range() {
        assert_eq!("7".parse(), Ok(Nodes { least: 7, most: 7 }));
        assert_eq!("4-16".parse(), Ok(Nodes { least: 4, most: 16 }));
        for text in ["", "0", "-3", "5-4", "2-x", "7 ", "99999", "1-2-3"] {
            assert!(text.parse::<Nodes>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn seeds_take_every_number_of_nodes_and_the_flags_draw_the_same() {
        let parse = |line: &str| match Cli::parse_from(line.split(' ')).command {
            Command::Run(run) => run.scenario,
            _ => panic!("not a run"),
        };
        let drawn = parse("isonomy-sim run --seed 1 --nodes 2-4 --minutes 2");
        let nodes: Vec<_> = (0..4).map(|seed| drawn.draw(seed).nodes).collect();
        assert_eq!(nodes, [2, 3, 4, 2]);
        let again = parse(&format!("isonomy-sim run --seed 1 {}", drawn.flags()));
        assert_eq!(again.draw(5), drawn.draw(5));
        assert_eq!(drawn.draw(5).length_ms, 120_000);
    }
}
