//! A run of a network as data: written while it happens, read to have it again.
use crate::{Act, Chaos, INTERVAL_MS_MIN, Latency, NODES_MAX, Settings, Step};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use toml::Spanned;

/// The version of the file.
pub const SCENARIO_VERSION: u32 = 1;
/// Bytes of a scenario file: some fifty thousand steps. Stops a path to something endless from
/// filling memory.
pub const SCENARIO_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Everything that decides what is done to a network, and when. As text it is TOML.
///
/// ```
/// use isonomy_devnet::Scenario;
///
/// let scenario: Scenario = r#"
///     version = 1
///     seed = 7
///     nodes = 3
///     latency = "lan"
///     rate = 5
///     hash_rate = 500
///     interval_ms = 2000
///     time_lapse = 1
///
///     [[steps]]
///     at_ms = 1500
///     height = 1
///     act = { kill = 2 }
///
///     [[steps]]
///     at_ms = 4000
///     height = 3
///     act = { restart = 2 }
/// "#.parse()?;
/// assert_eq!(scenario.steps().len(), 2);
/// # Ok::<(), isonomy_devnet::ScenarioError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// [`SCENARIO_VERSION`].
    pub version: u32,
    /// See [`Settings::seed`].
    pub seed: u64,
    /// See [`Settings::nodes`].
    pub nodes: u8,
    /// See [`Settings::latency`].
    pub latency: Latency,
    /// See [`Settings::rate`].
    pub rate: u32,
    /// See [`Settings::hash_rate`].
    pub hash_rate: u64,
    /// See [`Settings::interval_ms`].
    pub interval_ms: u64,
    /// See [`Settings::time_lapse`].
    pub time_lapse: u32,
    /// What is done, in order of time.
    #[serde(default, skip_serializing)]
    pub steps: Vec<Recorded>,
}

/// One step, as it was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// When, in milliseconds from the start by a clock that stands still while a step is done: what
    /// a slow machine takes for a restart shifts no other step.
    pub at_ms: u64,
    /// The lowest height of the nodes by then: for people, nothing goes by it.
    pub height: u64,
    /// What.
    pub act: Act,
}

/// A scenario that cannot be run.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It cannot be read.
    #[error("{0}: give a file that `isonomy devnet --record FILE` wrote")]
    Read(String),
    /// Not TOML, a field is missing, unknown or of the wrong kind.
    #[error("not a scenario: {0}")]
    Text(String),
    /// Of a later software.
    #[error("the scenario has version {got}, this software reads {limit}: install a newer one")]
    Version {
        /// What it says.
        got: u32,
        /// [`SCENARIO_VERSION`].
        limit: u32,
    },
    /// A number is out of its range.
    #[error("{what} is {got}, must be {least} to {most}: correct it")]
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
    /// A step cannot be done when its turn comes.
    #[error("line {line}: cannot {act}: {why}; correct the step, or take it out")]
    Step {
        /// Where it stands in the text, from 1.
        line: usize,
        /// What was to be done.
        act: Act,
        /// Why it cannot be.
        why: &'static str,
    },
}

/// Read first: the rest of another version may have another shape.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

impl Scenario {
    /// What a network is started with, before anything is done to it.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            version: SCENARIO_VERSION,
            seed: settings.seed,
            nodes: settings.nodes,
            latency: settings.latency,
            rate: settings.rate,
            hash_rate: settings.hash_rate,
            interval_ms: settings.interval_ms,
            time_lapse: settings.time_lapse,
            steps: Vec::new(),
        }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// See [`ScenarioError`].
    pub fn open(path: &Path) -> Result<Self, ScenarioError> {
        let failed =
            |error| ScenarioError::Read(format!("cannot read {}: {error}", path.display()));
        let bytes = std::fs::metadata(path).map_err(failed)?.len();
        if bytes > SCENARIO_BYTES_MAX {
            let (what, most) = ("the file's length in bytes", SCENARIO_BYTES_MAX);
            return Err(ScenarioError::Range { what, got: bytes, least: 0, most });
        }
        std::fs::read_to_string(path).map_err(failed)?.parse()
    }

    /// The same network again, which is started with the rest of `settings`.
    #[must_use]
    pub fn again(&self, settings: Settings) -> Settings {
        Settings {
            seed: self.seed,
            nodes: self.nodes,
            latency: self.latency,
            rate: self.rate,
            hash_rate: self.hash_rate,
            interval_ms: self.interval_ms,
            time_lapse: self.time_lapse,
            chaos: Chaos::Steps(self.steps()),
            ..settings
        }
    }

    /// What is done, each step after the one before it.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let before = std::iter::once(0).chain(self.steps.iter().map(|step| step.at_ms));
        let steps = self.steps.iter().zip(before);
        let after = |at_ms: u64, before| at_ms.saturating_sub(before);
        steps.map(|(s, b)| Step { after_ms: after(s.at_ms, b), act: s.act.clone() }).collect()
    }

    fn check(&self, text: &str) -> Result<(), ScenarioError> {
        let range = |what, got: u64, least: u64, most: u64| {
            let error = ScenarioError::Range { what, got, least, most };
            if (least..=most).contains(&got) { Ok(()) } else { Err(error) }
        };
        range("nodes", self.nodes.into(), 1, NODES_MAX.into())?;
        range("hash_rate", self.hash_rate, 1, u64::MAX)?;
        range("time_lapse", self.time_lapse.into(), 1, u32::MAX.into())?;
        let least = INTERVAL_MS_MIN.saturating_mul(self.time_lapse.into());
        range("interval_ms", self.interval_ms, least, u64::MAX)?;
        let (mut members, mut at_ms) = (Members::new(self.nodes), 0);
        for (index, step) in self.steps.iter().enumerate() {
            let late = step.at_ms < at_ms;
            at_ms = step.at_ms;
            let why = if late { Some("the step before it is later") } else { None };
            if let Some(why) = why.or_else(|| members.act(&step.act)) {
                let (line, act) = (line(text, index), step.act.clone());
                return Err(ScenarioError::Step { line, act, why });
            }
        }
        Ok(())
    }
}

/// The line of a step, from 1.
fn line(text: &str, index: usize) -> usize {
    #[derive(Deserialize)]
    struct Places {
        steps: Vec<Spanned<IgnoredAny>>,
    }
    let places = toml::from_str(text).map_or(Vec::new(), |Places { steps }| steps);
    let start = places.get(index).map_or(0, |place| place.span().start);
    let above = text.bytes().take(start).filter(|byte| *byte == b'\n').count();
    above.saturating_add(1)
}

/// Who runs and who is down, as far as the steps decide it.
struct Members {
    up: BTreeSet<usize>,
    down: BTreeSet<usize>,
    gone: BTreeSet<usize>,
}

impl Members {
    fn new(nodes: u8) -> Self {
        let up = (1..=nodes.into()).collect();
        Self { up, down: BTreeSet::new(), gone: BTreeSet::new() }
    }

    /// Does it, or says why it cannot be done.
    fn act(&mut self, act: &Act) -> Option<&'static str> {
        match act {
            Act::Kill(node) => {
                let there = self.up.remove(node) && self.down.insert(*node);
                (!there).then_some("it does not run")
            }
            Act::Restart(node) => {
                let there = self.down.remove(node) && self.up.insert(*node);
                (!there).then_some("it is not down")
            }
            Act::Remove(node) => {
                let there = self.up.remove(node) && self.gone.insert(*node);
                (!there).then_some("it does not run")
            }
            Act::Add(node) => self.add(*node),
            Act::Cut(one, other) => {
                let two = one != other && self.has(*one) && self.has(*other);
                (!two).then_some("it takes two nodes of the network")
            }
            // One end may have left meanwhile.
            Act::Heal(one, other) => {
                let two = one != other && self.had(*one) && self.had(*other);
                (!two).then_some("it takes two nodes of the network")
            }
            Act::Partition(side) => {
                let some = !side.is_empty() && side.iter().all(|node| self.has(*node));
                (!some).then_some("it takes nodes of the network")
            }
            Act::Reunite => None,
        }
    }

    fn has(&self, node: usize) -> bool {
        self.up.contains(&node) || self.down.contains(&node)
    }

    fn had(&self, node: usize) -> bool {
        self.has(node) || self.gone.contains(&node)
    }

    fn add(&mut self, node: usize) -> Option<&'static str> {
        if self.had(node) {
            return Some("there was one of this number");
        }
        // Numbers name directories and, in the simulator, hosts: none is left out.
        let used = self.up.len().saturating_add(self.down.len()).saturating_add(self.gone.len());
        if node != used.saturating_add(1) {
            return Some("the next number is due");
        }
        if self.up.len().saturating_add(self.down.len()) >= usize::from(NODES_MAX) {
            return Some("no more nodes fit");
        }
        self.up.insert(node);
        None
    }
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let act = toml::Value::try_from(&self.act).map_err(|_| fmt::Error)?;
        let Self { at_ms, height, .. } = self;
        write!(f, "\n[[steps]]\nat_ms = {at_ms}\nheight = {height}\nact = {act}\n")
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&toml::to_string(self).map_err(|_| fmt::Error)?)?;
        self.steps.iter().try_for_each(|step| step.fmt(f))
    }
}

impl FromStr for Scenario {
    type Err = ScenarioError;

    fn from_str(text: &str) -> Result<Self, ScenarioError> {
        let wrong = |error: toml::de::Error| ScenarioError::Text(error.to_string());
        let Head { version: got } = toml::from_str(text).map_err(wrong)?;
        if got != SCENARIO_VERSION {
            return Err(ScenarioError::Version { got, limit: SCENARIO_VERSION });
        }
        let scenario: Self = toml::from_str(text).map_err(wrong)?;
        scenario.check(text)?;
        Ok(scenario)
    }
}
