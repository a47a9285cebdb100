use super::timeline::Timeline;
use super::{Scenario, ScenarioError, Stage};
use crate::check::{self, Broken};
use crate::{Dice, Sim, Stats};
use isonomy_crypto::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Virtual milliseconds for all to agree once hash power is off and everything healed.
pub const REST_MS: u64 = 180_000;
/// Virtual milliseconds of quiet after that: the silent are found out, the last answers come.
pub const SETTLE_MS: u64 = 75_000;

/// What a run came to that kept every invariant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// What happened, as counts.
    pub stats: Stats,
    /// Blocks executed anywhere.
    pub blocks: usize,
    /// Height that all agree on.
    pub height: u64,
    /// Transfers handed to a node, …
    pub submitted: usize,
    /// … and those that took effect on the agreed branch.
    pub confirmed: usize,
    /// All that happened, in order.
    pub trace: Hash,
}

/// Why there is no verdict.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Failure {
    /// An invariant does not hold.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// There was no run.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
}

impl Scenario {
    /// Runs it and checks everything. A panic counts as a broken invariant.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn judge(&self) -> Result<Verdict, Failure> {
        self.judge_on(Stage::new)
    }

    /// The same twice, and compares the traces.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn judge_twice(&self) -> Result<Verdict, Failure> {
        self.judge_twice_on(Stage::new)
    }

    /// [`judge_twice`](Self::judge_twice) with other hosts.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn judge_twice_on(
        &self,
        stage: impl Fn(&Self) -> Result<Stage, ScenarioError>,
    ) -> Result<Verdict, Failure> {
        let verdict = self.judge_on(&stage)?;
        let (again, _) = self.run_on(stage)?;
        check::repeated(verdict.trace, again.trace_hash())?;
        Ok(verdict)
    }

    /// [`judge`](Self::judge) with other hosts.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn judge_on(
        &self,
        stage: impl Fn(&Self) -> Result<Stage, ScenarioError>,
    ) -> Result<Verdict, Failure> {
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let (sim, submitted) = self.run_on(stage)?;
            let replay = check::all(&sim)?;
            let best = sim.hosts().first().and_then(|host| host.node()).map(|n| n.chain().best());
            let (tip, height) = best.map_or((Hash::ZERO, 0), |best| (best.id, best.height));
            let verdict = Verdict {
                stats: sim.stats(),
                blocks: sim.blocks(),
                height,
                submitted,
                confirmed: replay.confirmed(tip),
                trace: sim.trace_hash(),
            };
            self.exercised(&verdict)?;
            Ok(verdict)
        }));
        judged.unwrap_or_else(|panic| Err(panicked(&*panic).into()))
    }

    /// Runs it to its rest, and checks nothing. How many transfers were submitted.
    ///
    /// # Errors
    /// If it cannot be run.
    pub fn run_on(
        &self,
        stage: impl Fn(&Self) -> Result<Stage, ScenarioError>,
    ) -> Result<(Sim, usize), ScenarioError> {
        let mut stage = stage(self)?;
        let mut dice = Dice::new(self.seed, "outsiders");
        let submitted = Timeline::of(self).play(&mut stage, &mut dice);
        let Stage { mut sim, .. } = stage;
        sim.run_for(self.length_ms.saturating_sub(sim.now().0));
        sim.stop_mining();
        sim.heal();
        (0..self.nodes).for_each(|host| sim.revive(host));
        sim.run_until(REST_MS, agreed);
        sim.run_for(SETTLE_MS);
        Ok((sim, submitted))
    }
}

/// Whether all hosts have one tip.
fn agreed(sim: &Sim) -> bool {
    let mut tips = sim.hosts().iter().map(|host| host.node().map(|node| node.chain().best().id));
    let first = tips.next().flatten();
    first.is_some() && tips.all(|tip| tip == first)
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Broken {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).into()));
    let got = text.unwrap_or_else(|| "a panic".into());
    Broken { invariant: 12, host: 0, what: "the run".into(), got, wanted: "no panic".into() }
}
