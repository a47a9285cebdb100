//! What was done to a network of processes is done again under virtual time.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
use isonomy_sim::scenario::{Act, Scenario, Step};

/// What `isonomy-devnet` is tested with: both crates read one file, and neither knows the other.
const RECORDED: &str = include_str!("../../devnet/tests/recorded.toml");

/// Without its transfers.
fn faults(scenario: &Scenario) -> Vec<Step> {
    let steps = scenario.steps.iter();
    steps.filter(|step| !matches!(step.act, Act::Transfer { .. })).cloned().collect()
}

#[test]
fn a_recorded_network_runs_to_agreement() {
    let scenario = Scenario::recorded(RECORDED).unwrap();
    assert_eq!((scenario.nodes, scenario.miners, scenario.interval_ms), (6, 4, 2_000));
    let verdict = scenario.judge().unwrap();
    let kills = faults(&scenario).iter().filter(|s| matches!(s.act, Act::Crash { .. })).count();
    assert!(verdict.stats.crashes >= kills as u64 && kills >= 4, "{verdict:?}");
    assert!(verdict.stats.swallowed > 0 && verdict.confirmed > 20, "{verdict:?}");
}

const HEAD: &str = "version = 1\nseed = 7\nnodes = 3\nlatency = \"lan\"\nrate = 0\nhash_rate = 500\n\
                    interval_ms = 60000\ntime_lapse = 30\n";

#[test]
fn steps_become_what_lasts_from_one_to_its_counterpart() {
    let steps = [
        (100, "{ cut = [3, 1] }"),
        (200, "{ kill = 2 }"),
        (300, "{ partition = [1] }"),
        (450, "\"reunite\""),
        (500, "{ add = 4 }"),
        (600, "{ restart = 2 }"),
        (700, "{ heal = [1, 3] }"),
        (800, "{ remove = 3 }"),
    ];
    let step = |(at_ms, act)| format!("[[steps]]\nat_ms = {at_ms}\nheight = 0\nact = {act}\n");
    let text = format!("{HEAD}{}", steps.map(step).concat());
    let scenario = Scenario::recorded(&text).unwrap();
    assert_eq!((scenario.length_ms, scenario.interval_ms), (20_800, 2_000));
    let mute = |at_ms, from, to, ms| Step { at_ms, act: Act::Mute { from, to, ms } };
    let crash = |at_ms, host, ms| Step { at_ms, act: Act::Crash { host, writing: false, ms } };
    assert_eq!(
        faults(&scenario),
        [
            mute(100, 0, 2, 350),
            mute(100, 2, 0, 350),
            crash(200, 1, 400),
            Step { at_ms: 300, act: Act::Split { apart: vec![0], ms: 150 } },
            // The end of the split healed it.
            mute(450, 0, 2, 250),
            mute(450, 2, 0, 250),
            Step { at_ms: 500, act: Act::Join { host: 3 } },
            crash(800, 2, 20_000),
        ]
    );
    assert_eq!(scenario.to_string().parse(), Ok(scenario));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let table = [
        (String::new(), "version"),
        (HEAD.replace("version = 1", "version = 2"), "version is 2, must be 1"),
        (HEAD.replace("lan", "far"), "latency is \"far\""),
        (format!("{HEAD}[[steps]]\nat_ms = 1\nact = {{ dance = 1 }}\n"), "line 11"),
        (format!("{HEAD}[[steps]]\nat_ms = 1\nact = {{ kill = 9 }}\n"), "host of a step is 8"),
    ];
    for (text, words) in table {
        let said = Scenario::recorded(&text).unwrap_err().to_string();
        assert!(said.contains(words), "{words}: {said}");
    }
}
