//! Scenario files: what is recorded is read, and what is wrong is said with its line.
#![allow(clippy::unwrap_used)]
use isonomy_devnet::{
    Act, Chaos, Latency, Recorded, SCENARIO_BYTES_MAX, Scenario, ScenarioError, Schedule, Settings,
    Step,
};

/// As `isonomy devnet --chaos --seed 7 --nodes 4 --latency lan --record FILE` wrote it: the
/// simulator's tests read the same file.
const RECORDED: &str = include_str!("recorded.toml");

/// Lines 1 to 8, and no step.
const HEAD: &str = "version = 1\nseed = 7\nnodes = 3\nlatency = \"lan\"\nrate = 5\nhash_rate = 500\n\
                    interval_ms = 2000\ntime_lapse = 1\n";

fn step(at_ms: u64, act: &str) -> String {
    format!("\n[[steps]]\nat_ms = {at_ms}\nheight = 1\nact = {act}\n")
}

#[test]
fn a_recorded_file_is_the_schedule_of_its_seed() {
    let scenario: Scenario = RECORDED.parse().unwrap();
    let drawn: Vec<Step> = Schedule::new(7, 4).take(16).collect();
    assert_eq!(scenario.steps(), drawn);
    assert_eq!(scenario.to_string(), RECORDED);
    let settings = scenario.again(Settings::new("isonomy".into()));
    assert_eq!((settings.seed, settings.nodes, settings.latency), (7, 4, Latency::Lan));
    assert_eq!(settings.chaos, Chaos::Steps(drawn));
    let again = Scenario { steps: scenario.steps.clone(), ..Scenario::of(&settings) };
    assert_eq!(again, scenario);
}

#[test]
fn every_act_is_written_and_read() {
    let acts = [
        Act::Kill(1),
        Act::Restart(1),
        Act::Cut(1, 2),
        Act::Heal(1, 2),
        Act::Partition([1, 3].into()),
        Act::Reunite,
        Act::Add(4),
        Act::Remove(2),
    ];
    let steps = (1..).zip(acts).map(|(turn, act)| Recorded { at_ms: turn * 10, height: turn, act });
    let scenario = Scenario { steps: steps.collect(), ..HEAD.parse().unwrap() };
    assert_eq!(scenario.to_string().parse(), Ok(scenario));
}

#[test]
fn a_step_that_cannot_be_done_is_named_with_its_line() {
    let kill = || step(100, "{ kill = 2 }");
    let table = [
        (vec![step(1, "{ kill = 4 }")], 10, "cannot kill node 4: it does not run"),
        (vec![kill(), step(200, "{ kill = 2 }")], 15, "cannot kill node 2: it does not run"),
        (vec![kill(), step(200, "{ remove = 2 }")], 15, "cannot remove node 2: it does not run"),
        (vec![step(1, "{ restart = 1 }")], 10, "cannot restart node 1: it is not down"),
        (vec![kill(), step(99, "{ restart = 2 }")], 15, "the step before it is later"),
        (vec![step(1, "{ cut = [2, 2] }")], 10, "it takes two nodes of the network"),
        (vec![step(1, "{ heal = [1, 9] }")], 10, "it takes two nodes of the network"),
        (vec![step(1, "{ partition = [] }")], 10, "it takes nodes of the network"),
        (vec![step(1, "{ partition = [1, 4] }")], 10, "it takes nodes of the network"),
        (vec![step(1, "{ add = 3 }")], 10, "there was one of this number"),
        (vec![step(1, "{ add = 5 }")], 10, "the next number is due"),
        (
            vec![step(1, "{ remove = 3 }"), step(2, "{ add = 3 }")],
            15,
            "there was one of this number",
        ),
        (vec![kill(), step(200, "\"reunite\""), step(300, "{ add = 9 }")], 20, "cannot add node 9"),
    ];
    for (steps, line, words) in table {
        let text = format!("{HEAD}{}", steps.concat());
        let said = text.parse::<Scenario>().unwrap_err().to_string();
        assert!(said.starts_with(&format!("line {line}: ")) && said.contains(words), "{said}");
    }
}

#[test]
fn text_that_is_no_scenario_is_refused_with_its_place() {
    let table = [
        (String::new(), "version"),
        ("hello there".into(), "line 1"),
        (HEAD.replace("version = 1", "version = 2"), "version 2, this software reads 1"),
        (format!("{HEAD}colour = 3\n"), "unknown field `colour`"),
        (HEAD.replace("nodes = 3\n", ""), "missing field `nodes`"),
        (HEAD.replace("lan", "far"), "line 4"),
        (format!("{HEAD}{}", step(1, "{ dance = 1 }")), "line 13"),
        (format!("{HEAD}{}", step(1, "{ kill = -1 }")), "line 13"),
        (HEAD.replace("nodes = 3", "nodes = 0"), "nodes is 0, must be 1 to 16"),
        (HEAD.replace("nodes = 3", "nodes = 17"), "nodes is 17, must be 1 to 16"),
        (HEAD.replace("time_lapse = 1", "time_lapse = 0"), "time_lapse is 0"),
        (HEAD.replace("time_lapse = 1", "time_lapse = 100"), "interval_ms is 2000, must be 5000"),
        (HEAD.replace("hash_rate = 500", "hash_rate = 0"), "hash_rate is 0"),
    ];
    for (text, words) in table {
        let said = text.parse::<Scenario>().unwrap_err().to_string();
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing.toml");
    let said = Scenario::open(&missing).unwrap_err().to_string();
    assert!(said.contains("missing.toml") && said.contains("--record"), "{said}");
    let long = dir.path().join("long.toml");
    std::fs::File::create(&long).unwrap().set_len(SCENARIO_BYTES_MAX + 1).unwrap();
    assert!(matches!(Scenario::open(&long), Err(ScenarioError::Range { .. })));
}
