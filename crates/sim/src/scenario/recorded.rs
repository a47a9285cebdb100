//! What `isonomy devnet --record` wrote, under virtual time.
use super::{Act, Scenario, ScenarioError, Step, WALLETS};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The version of the file that is read.
const VERSION: u32 = 1;
/// Virtual milliseconds after the last step, for its consequences.
const AFTER_MS: u64 = 20_000;
/// Transfers a second at most: more fill the mempools and show nothing.
const RATE_MAX: u64 = 5;
/// The shortest interval of a simulated chain, in milliseconds.
const INTERVAL_MS_MIN: u64 = 1_000;

/// Read first: the rest of another version may have another shape.
#[derive(Deserialize)]
struct Head {
    version: u32,
}

/// What a devnet writes down. Hash rates and heights are for people: here, time is virtual.
#[derive(Deserialize)]
struct Recorded {
    seed: u64,
    nodes: usize,
    latency: String,
    rate: u64,
    interval_ms: u64,
    time_lapse: u64,
    #[serde(default)]
    steps: Vec<Done>,
}

#[derive(Deserialize)]
struct Done {
    at_ms: u64,
    act: Deed,
}

/// The acts of a devnet. Its nodes are counted from 1.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Deed {
    Kill(usize),
    Restart(usize),
    Cut(usize, usize),
    Heal(usize, usize),
    Partition(BTreeSet<usize>),
    Reunite,
    Add(usize),
    Remove(usize),
}

impl Scenario {
    /// Reads what `isonomy devnet --record` wrote, as a run of the simulator: the same steps at the
    /// same times, on as many nodes, with the devnet's latency and a load like its own. A node that
    /// left is down until the end, when every host is up again and all must agree.
    ///
    /// # Errors
    /// If it is no such file, with the line where that can be told.
    pub fn recorded(text: &str) -> Result<Self, ScenarioError> {
        let wrong = |error: toml::de::Error| ScenarioError::Text(error.to_string());
        let Head { version } = toml::from_str(text).map_err(wrong)?;
        if version != VERSION {
            let (what, version) = ("version", version.into());
            let (least, most) = (VERSION.into(), VERSION.into());
            return Err(ScenarioError::Range { what, got: version, least, most });
        }
        let recorded: Recorded = toml::from_str(text).map_err(wrong)?;
        let scenario = recorded.scenario()?;
        scenario.check()?;
        Ok(scenario)
    }
}

impl Recorded {
    fn scenario(self) -> Result<Scenario, ScenarioError> {
        let last_ms = self.steps.last().map_or(0, |step| step.at_ms);
        let length_ms = last_ms.saturating_add(AFTER_MS);
        let joined = self.steps.iter().filter(|step| matches!(step.act, Deed::Add(_))).count();
        let interval_ms = self.interval_ms.checked_div(self.time_lapse).unwrap_or_default();
        let mut steps = Faults::of(&self.steps, length_ms);
        steps.extend(self.transfers(length_ms));
        steps.sort_by_key(|step| step.at_ms);
        Ok(Scenario {
            seed: self.seed,
            nodes: self.nodes.saturating_add(joined),
            miners: self.nodes,
            length_ms,
            interval_ms: interval_ms.max(INTERVAL_MS_MIN),
            latency_ms: Some(latency_ms(&self.latency)?),
            loss_permille: 0,
            duplicate_permille: 0,
            reorder_permille: 0,
            sync_ms: 20,
            skew_ms: 0,
            steps,
        })
    }

    /// Each wallet asks one host, as the devnet's load does.
    fn transfers(&self, length_ms: u64) -> Vec<Step> {
        let Some(pause_ms) = 1_000_u64.checked_div(self.rate.min(RATE_MAX)) else {
            return Vec::new();
        };
        let turns = length_ms / pause_ms;
        let transfer = |turn: u64| {
            let from = usize::try_from(turn).unwrap_or_default() % WALLETS;
            let (host, to) = (from % self.nodes.max(1), (from + 1) % WALLETS);
            let act = Act::Transfer { host, from, to, amount: turn % 1_000 + 1 };
            Step { at_ms: turn * pause_ms, act }
        };
        (1..turns).map(transfer).collect()
    }
}

/// One way, as the devnet's proxies delay: the least of a link, and the most with its jitter.
fn latency_ms(name: &str) -> Result<(u64, u64), ScenarioError> {
    match name {
        "none" => Ok((1, 2)),
        "lan" => Ok((1, 3)),
        "continent" => Ok((10, 45)),
        "world" => Ok((40, 170)),
        other => {
            let why = format!("latency is {other:?}, must be none, lan, continent or world");
            Err(ScenarioError::Text(why))
        }
    }
}

/// What is in force, since when: ended by its counterpart, or with the scenario.
#[derive(Default)]
struct Faults {
    down: BTreeMap<usize, u64>,
    cut: BTreeMap<(usize, usize), u64>,
    side: Option<(BTreeSet<usize>, u64)>,
    steps: Vec<Step>,
}

impl Faults {
    fn of(done: &[Done], length_ms: u64) -> Vec<Step> {
        let mut faults = Self::default();
        for Done { at_ms, act } in done {
            faults.follow(*at_ms, act);
        }
        let down: Vec<usize> = faults.down.keys().copied().collect();
        down.into_iter().for_each(|node| faults.up(length_ms, node));
        let cut: Vec<(usize, usize)> = faults.cut.keys().copied().collect();
        cut.into_iter().for_each(|link| faults.heal(length_ms, link));
        faults.reunite(length_ms);
        faults.steps
    }

    fn follow(&mut self, at_ms: u64, deed: &Deed) {
        let link = |one: usize, other: usize| (host(one.min(other)), host(one.max(other)));
        match deed {
            Deed::Kill(node) | Deed::Remove(node) => drop(self.down.insert(host(*node), at_ms)),
            Deed::Restart(node) => self.up(at_ms, host(*node)),
            Deed::Cut(one, other) => drop(self.cut.insert(link(*one, *other), at_ms)),
            Deed::Heal(one, other) => self.heal(at_ms, link(*one, *other)),
            Deed::Partition(side) => {
                self.reunite(at_ms);
                self.side = Some((side.iter().map(|node| host(*node)).collect(), at_ms));
            }
            Deed::Reunite => self.reunite(at_ms),
            Deed::Add(node) => {
                self.steps.push(Step { at_ms, act: Act::Join { host: host(*node) } });
            }
        }
    }

    fn up(&mut self, at_ms: u64, host: usize) {
        let Some(since) = self.down.remove(&host) else { return };
        let ms = at_ms.saturating_sub(since);
        self.steps.push(Step { at_ms: since, act: Act::Crash { host, writing: false, ms } });
    }

    fn heal(&mut self, at_ms: u64, link: (usize, usize)) {
        let Some(since) = self.cut.remove(&link) else { return };
        let (ms, (one, other)) = (at_ms.saturating_sub(since), link);
        for (from, to) in [(one, other), (other, one)] {
            self.steps.push(Step { at_ms: since, act: Act::Mute { from, to, ms } });
        }
    }

    fn reunite(&mut self, at_ms: u64) {
        let Some((side, since)) = self.side.take() else { return };
        // In the simulator the end of a split heals every link: what was cut is cut anew.
        let cut: Vec<(usize, usize)> = self.cut.keys().copied().collect();
        for link in cut {
            self.heal(at_ms, link);
            self.cut.insert(link, at_ms);
        }
        let (apart, ms) = (side.into_iter().collect(), at_ms.saturating_sub(since));
        self.steps.push(Step { at_ms: since, act: Act::Split { apart, ms } });
    }
}

/// A devnet counts from 1.
const fn host(node: usize) -> usize {
    node.saturating_sub(1)
}
