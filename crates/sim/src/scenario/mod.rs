//! A whole run as data: drawn from a seed, written to a file, judged, made smaller.
//!
//! ```
//! use isonomy_sim::scenario::{Scenario, Size};
//!
//! let scenario = Scenario::draw(7, Size { nodes: 4, length_ms: 30_000 });
//! assert_eq!(scenario.to_string().parse(), Ok(scenario.clone()));
//! let verdict = scenario.judge()?;
//! assert!(verdict.blocks > 0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
mod attack;
mod draw;
mod minimum;
mod recorded;
mod run;
mod shrink;
mod stage;
mod timeline;

pub use attack::Attack;
pub use run::{Failure, REST_MS, SETTLE_MS, Verdict};
pub use shrink::shrink;
pub use stage::Stage;

use crate::Settings;
use crate::work::{ChainError, HASHES};
use isonomy_chain::PoolLimits;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Wallets that own something on the chain of every scenario.
pub const WALLETS: usize = 10;
/// Hosts of one scenario: more than this machine's memory holds is a mistake in a file.
pub const NODES_MAX: usize = 2_000;
/// What each mempool holds at most: so little that a run gets there.
pub const POOL: PoolLimits = PoolLimits { transactions: 48, bytes: 12 * 1024, per_account: 8 };

/// The least and the most milliseconds of a packet, unless a scenario says otherwise.
const LATENCY_MS: (u64, u64) = (10, 120);
/// In one seed of so many, every host verifies every signature itself.
const ALONE_EVERY: u64 = 8;

/// How large a scenario is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Size {
    /// Hosts, those that join late among them.
    pub nodes: usize,
    /// Virtual milliseconds with hash power on.
    pub length_ms: u64,
}

/// Everything that decides a run. As text it is TOML.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Every random choice during the run follows from it.
    pub seed: u64,
    /// Hosts. Each calls the next and the one two further on.
    pub nodes: usize,
    /// The first so many of them mine.
    pub miners: usize,
    /// Virtual milliseconds with hash power on.
    pub length_ms: u64,
    /// Virtual milliseconds between two blocks, on average.
    pub interval_ms: u64,
    /// See [`Settings::latency_ms`]; 10 to 120 if nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<(u64, u64)>,
    /// See [`Settings::loss_permille`].
    pub loss_permille: u64,
    /// See [`Settings::duplicate_permille`].
    pub duplicate_permille: u64,
    /// See [`Settings::reorder_permille`].
    pub reorder_permille: u64,
    /// See [`Settings::sync_ms`].
    pub sync_ms: u64,
    /// See [`Settings::skew_ms`].
    pub skew_ms: u64,
    /// What is done to it, in any order.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// Something done to a run, at a time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Virtual milliseconds after the beginning.
    pub at_ms: u64,
    /// What.
    pub act: Act,
}

/// What can be done to a run. What lasts for `ms` virtual milliseconds ends with the scenario at
/// the latest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Act {
    /// Two sides do not hear each other.
    Split {
        /// The hosts of the one side.
        apart: Vec<usize>,
        /// How long.
        ms: u64,
    },
    /// A host does not hear another, which hears it still.
    Mute {
        /// Who is not heard.
        from: usize,
        /// Who does not hear.
        to: usize,
        /// How long.
        ms: u64,
    },
    /// A host reads nothing of what is sent to it, and goes on sending.
    Deafen {
        /// Which.
        host: usize,
        /// How long.
        ms: u64,
    },
    /// A host's disk is full; then its owner makes room and starts it again.
    FillDisk {
        /// Which.
        host: usize,
        /// How long.
        ms: u64,
    },
    /// A host loses its power.
    Crash {
        /// Which.
        host: usize,
        /// Whether that happens in the midst of its next write, if there is one soon.
        writing: bool,
        /// How long.
        ms: u64,
    },
    /// A host that was off from the beginning joins.
    Join {
        /// Which.
        host: usize,
    },
    /// The owner of a wallet sends coins.
    Transfer {
        /// Through this host, if it is up.
        host: usize,
        /// From this wallet …
        from: usize,
        /// … to this one.
        to: usize,
        /// How many.
        amount: u64,
    },
    /// An outsider links itself to a host.
    Attack {
        /// Which.
        host: usize,
        /// What it does there.
        by: Attack,
    },
}

/// A scenario that cannot be run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It is not the text of a scenario.
    #[error("not a scenario: {0}")]
    Text(String),
    /// A number is out of its range.
    #[error("{what} is {got}, must be {least} to {most}")]
    Range {
        /// Which.
        what: &'static str,
        /// What it is.
        got: u64,
        /// The least it may be.
        least: u64,
        /// The most it may be.
        most: u64,
    },
    /// Its chain cannot be made.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Scenario {
    /// Whether it can be run.
    ///
    /// # Errors
    /// See [`ScenarioError`].
    pub fn check(&self) -> Result<(), ScenarioError> {
        let range = |what, got: u64, least: u64, most: u64| {
            let error = ScenarioError::Range { what, got, least, most };
            if (least..=most).contains(&got) { Ok(()) } else { Err(error) }
        };
        let nodes = self.nodes as u64;
        range("nodes", nodes, 1, NODES_MAX as u64)?;
        range("miners", self.miners as u64, 1, nodes)?;
        range("interval_ms", self.interval_ms, 1_000, 600_000)?;
        range("length_ms", self.length_ms, 1, 366 * 24 * 3_600_000)?;
        range("loss_permille", self.loss_permille, 0, 900)?;
        for step in &self.steps {
            range("at_ms of a step", step.at_ms, 0, self.length_ms)?;
            for host in step.act.hosts() {
                range("host of a step", host as u64, 0, nodes.saturating_sub(1))?;
            }
            if let Act::Transfer { from, to, .. } = step.act {
                range("wallet of a step", from.max(to) as u64, 0, WALLETS as u64 - 1)?;
            }
        }
        Ok(())
    }

    /// How its runs are.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let hashes = u64::try_from(HASHES).unwrap_or(u64::MAX);
        Settings {
            seed: self.seed,
            latency_ms: self.latency_ms.unwrap_or(LATENCY_MS),
            loss_permille: self.loss_permille,
            duplicate_permille: self.duplicate_permille,
            reorder_permille: self.reorder_permille,
            sync_ms: self.sync_ms,
            hash_ms: self.interval_ms.saturating_mul(self.miners as u64) / hashes,
            jitter_ms: 10,
            skew_ms: self.skew_ms,
            pool: POOL,
            shares_checks: !self.seed.is_multiple_of(ALONE_EVERY),
            ..Settings::default()
        }
    }
}

impl Act {
    /// The hosts that it names.
    #[must_use]
    pub fn hosts(&self) -> Vec<usize> {
        match self {
            Self::Split { apart, .. } => apart.clone(),
            Self::Mute { from, to, .. } => vec![*from, *to],
            Self::Deafen { host, .. }
            | Self::FillDisk { host, .. }
            | Self::Crash { host, .. }
            | Self::Join { host }
            | Self::Transfer { host, .. }
            | Self::Attack { host, .. } => vec![*host],
        }
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&toml::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self =
            toml::from_str(text).map_err(|error| ScenarioError::Text(error.to_string()))?;
        scenario.check()?;
        Ok(scenario)
    }
}
