//! The scenario that every mutant runs, and how its hosts are made.
use isonomy_consensus::Engine;
use isonomy_consensus::pow::Pow;
use isonomy_ledger::Modules;
use isonomy_node::Node;
use isonomy_sim::coin::Coin;
use isonomy_sim::scenario::{
    Act, Attack, Failure, Scenario, ScenarioError, Stage, Step, Verdict, WALLETS,
};
use isonomy_sim::{Mutant, Sim};
use std::sync::Arc;

/// Two miners that are apart for a while, two followers, a crash, an attack, transfers.
pub(crate) fn base() -> Scenario {
    let mut steps = vec![
        Step { at_ms: 8_000, act: Act::Split { apart: vec![0, 2], ms: 14_000 } },
        Step { at_ms: 10_000, act: Act::Attack { host: 2, by: Attack::Stall } },
        Step { at_ms: 30_000, act: Act::Crash { host: 3, writing: true, ms: 5_000 } },
    ];
    for turn in 0..20 {
        let act = Act::Transfer { host: turn % 2, from: turn % 2, to: 5, amount: 7 };
        steps.push(Step { at_ms: 1_000 + 1_900 * turn as u64, act });
    }
    Scenario {
        seed: 3,
        nodes: 4,
        miners: 2,
        length_ms: 40_000,
        interval_ms: 1_600,
        loss_permille: 30,
        duplicate_permille: 20,
        reorder_permille: 20,
        sync_ms: 50,
        skew_ms: 100,
        latency_ms: None,
        steps,
    }
}

/// What the first of some seeds shows: not every draw has the moment at which a mutant does harm.
pub(crate) fn shown<T>(show: impl Fn(&Scenario) -> Option<T>) -> T {
    let mut seeds = (1..=8).map(|seed| Scenario { seed, ..base() });
    seeds.find_map(|scenario| show(&scenario)).expect("no seed shows it")
}

/// The invariant that was broken.
pub(crate) fn invariant(result: Result<Verdict, Failure>) -> u8 {
    match result {
        Err(Failure::Broken(broken)) => broken.invariant,
        other => panic!("{other:?}"),
    }
}

/// Honest hosts, one of which breaks its promises from the beginning.
pub(crate) fn with_mutant(
    scenario: &Scenario,
    host: usize,
    mutant: Mutant,
) -> Result<Stage, ScenarioError> {
    let mut stage = Stage::new(scenario)?;
    stage.sim.mutate(host, mutant);
    Ok(stage)
}

/// Hosts whose engines are made by `engine`, from the host's index.
pub(crate) fn with_engines(
    scenario: &Scenario,
    engine: impl Fn(usize, Pow) -> Box<dyn Engine> + Copy + 'static,
) -> Result<Stage, ScenarioError> {
    Stage::with(scenario, Coin::new(WALLETS)?, |coin, host, role| {
        let chain = coin.chain().clone();
        Box::new(move |now, recovered, seed| {
            let engine = engine(host, chain.engine(&role, seed));
            Node::new(now, chain.config(&role, seed), engine, recovered)
        })
    })
}

/// Hosts that run `modules`; `checked` is what the checks take for the chain's modules.
pub(crate) fn with_modules(
    scenario: &Scenario,
    modules: &Arc<Modules>,
    checked: Option<&Arc<Modules>>,
) -> Result<Stage, ScenarioError> {
    let mut coin = Coin::new(WALLETS)?;
    if let Some(checked) = checked {
        coin.spec.modules = checked.clone();
    }
    Stage::with(scenario, coin, |coin, _, role| {
        let (chain, modules) = (coin.chain().clone(), modules.clone());
        Box::new(move |now, recovered, seed| {
            let mut config = chain.config(&role, seed);
            config.modules = modules.clone();
            Node::new(now, config, Box::new(chain.engine(&role, seed)), recovered)
        })
    })
}

/// The run of a scenario on these hosts, at its rest.
pub(crate) fn run(stage: impl Fn(&Scenario) -> Result<Stage, ScenarioError>) -> Sim {
    base().run_on(stage).unwrap().0
}
