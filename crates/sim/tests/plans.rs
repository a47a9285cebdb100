//! Scenarios as data: drawn, written, read, refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_sim::load::Load;
use isonomy_sim::scenario::{Act, NODES_MAX, Scenario, ScenarioError, Size, Stage, Step};

fn drawn(seed: u64) -> Scenario {
    Scenario::draw(seed, Size { nodes: 5, length_ms: 20_000 })
}

#[test]
fn a_seed_and_a_size_decide_a_scenario() {
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(drawn(1).steps, drawn(2).steps);
    for seed in 0..50 {
        for nodes in [1, 2, 3, 16, 40] {
            let scenario = Scenario::draw(seed, Size { nodes, length_ms: 5_000 + 30_000 * seed });
            scenario.check().unwrap_or_else(|error| panic!("seed {seed}, {nodes} nodes: {error}"));
            assert!(scenario.steps.is_sorted_by_key(|step| step.at_ms));
            assert_eq!(scenario.to_string().parse(), Ok(scenario));
        }
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_the_reason() {
    let step = |act| Step { at_ms: 5, act };
    let with = |act| Scenario { steps: vec![step(act)], ..drawn(1) };
    let table = [
        ("no nodes", Scenario { nodes: 0, ..drawn(1) }, "nodes is 0, must be 1 to 2000"),
        ("many nodes", Scenario { nodes: NODES_MAX + 1, ..drawn(1) }, "nodes is 2001"),
        ("too many miners", Scenario { miners: 6, ..drawn(1) }, "miners is 6, must be 1 to 5"),
        ("no miners", Scenario { miners: 0, ..drawn(1) }, "miners is 0"),
        ("no time", Scenario { length_ms: 0, steps: vec![], ..drawn(1) }, "length_ms is 0"),
        ("no interval", Scenario { interval_ms: 9, ..drawn(1) }, "interval_ms is 9"),
        ("nothing arrives", Scenario { loss_permille: 1_000, ..drawn(1) }, "loss_permille is 1000"),
        ("no such host", with(Act::Join { host: 5 }), "host of a step is 5, must be 0 to 4"),
        ("in a split", with(Act::Split { apart: vec![0, 9], ms: 1 }), "host of a step is 9"),
        (
            "no such wallet",
            with(Act::Transfer { host: 0, from: 0, to: 10, amount: 1 }),
            "wallet of a step is 10",
        ),
        ("too late", Scenario { length_ms: 4, ..with(Act::Join { host: 0 }) }, "at_ms of a step"),
    ];
    for (what, scenario, reason) in table {
        let error = scenario.check().unwrap_err();
        assert!(error.to_string().contains(reason), "{what}: {error}");
        assert_eq!(Stage::new(&scenario).err(), Some(error.clone()), "{what}");
        assert_eq!(scenario.to_string().parse::<Scenario>(), Err(error), "{what}");
    }
}

#[test]
fn text_that_is_no_scenario_is_refused_with_its_place() {
    let good = drawn(1).to_string();
    let table = [
        ("nothing", String::new(), "missing field"),
        ("prose", "hello there".into(), "line 1"),
        ("a field too many", format!("colour = 3\n{good}"), "unknown field `colour`"),
        ("a negative", good.replacen("seed = 1", "seed = -1", 1), "seed = -1"),
        ("another act", good.replacen("steps.act.transfer", "steps.act.explode", 1), "explode"),
    ];
    for (what, text, reason) in table {
        let error = text.parse::<Scenario>().unwrap_err();
        assert!(matches!(error, ScenarioError::Text(_)), "{what}: {error}");
        assert!(error.to_string().contains(reason), "{what}: {error}");
    }
}

#[test]
fn whoever_verifies_a_signature_the_run_is_the_same() {
    // Seed 8 shares nothing; only what a seed decides tells the two apart.
    let shares = |seed: u64| drawn(seed).settings().shares_checks;
    assert!(!shares(8) && shares(9));
    let trace = |shares_checks| {
        use isonomy_sim::{Settings, Sim, coin::Coin, work::Role};
        let mut coin = Coin::new(2).unwrap();
        let settings = Settings { seed: 1, shares_checks, ..Settings::default() };
        let mut sim = Sim::new(settings, coin.spec.clone());
        for peers in [vec![], vec![Sim::address_of(0)]] {
            let role = Role { mining: true, peers, ..Role::default() };
            sim.add(coin.maker(role), vec![]);
        }
        let to = coin.wallets[1].address();
        for _ in 0..5 {
            sim.submit(0, coin.wallets[0].transfer(to, 5));
            sim.run_for(3_000);
        }
        assert!(sim.blocks() > 3);
        sim.trace_hash()
    };
    assert_eq!(trace(true), trace(false));
}

#[test]
fn steady_traffic_is_carried_by_every_node() {
    let mut load = Load::new(1, 10, 10).unwrap();
    let first = load.run(10);
    let stats = load.run(20);
    assert!(first.inputs > 1_000 && stats.inputs > 2 * first.inputs, "{stats:?}");
    let heights = load.sim().hosts().iter().map(|host| host.node().unwrap().chain().best().height);
    assert!(heights.min().unwrap() >= 1);
    assert_eq!(stats.crashes + stats.lost, 0);
}
