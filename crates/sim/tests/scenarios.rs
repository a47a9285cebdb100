//! Sixty-four histories of four to sixteen nodes: bad networks, splits, crashes, full disks, late
//! joiners, hostile outsiders, transfers; then everything that must hold is checked. One in four is
//! run twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_sim::scenario::{Act, Scenario, Size, Verdict};
use std::collections::BTreeSet;

fn scenario(seed: u64) -> Scenario {
    Scenario::draw(seed, Size { nodes: 4 + seed as usize % 13, length_ms: 90_000 })
}

fn judge(seed: u64) -> Verdict {
    let scenario = scenario(seed);
    let verdict = if seed % 4 == 1 { scenario.judge_twice() } else { scenario.judge() };
    verdict.unwrap_or_else(|failure| panic!("seed {seed}: {failure}"))
}

/// Sixteen seeds, with all sizes among them, and that they were worth running.
fn judge_all(first: u64) {
    let verdicts: Vec<Verdict> = (0..16).map(|turn| judge(first + 4 * turn)).collect();
    let sum = |count: fn(&Verdict) -> u64| verdicts.iter().map(count).sum::<u64>();
    let counts = [
        ("reorganisations", sum(|v| v.stats.reorganisations), 100),
        ("blocks", sum(|v| v.blocks as u64), 250),
        ("transfers", sum(|v| v.confirmed as u64), 400),
        ("crashes", sum(|v| v.stats.crashes), 60),
        ("writes cut off by a crash", sum(|v| v.stats.cut), 20),
        ("writes of these that survived", sum(|v| v.stats.survived), 5),
        ("forgotten", sum(|v| v.stats.forgotten), 60),
        ("unread packets", sum(|v| v.stats.unread), 1_000),
        ("cancelled jobs", sum(|v| v.stats.cancelled), 50),
        ("unwanted answers", sum(|v| v.stats.unwanted), 50),
    ];
    for (what, got, least) in counts {
        assert!(got >= least, "{what}: {got} of {least}");
    }
}

#[test]
fn seeds_0_4_8() {
    judge_all(0);
}

#[test]
fn seeds_1_5_9() {
    judge_all(1);
}

#[test]
fn seeds_2_6_10() {
    judge_all(2);
}

#[test]
fn seeds_3_7_11() {
    judge_all(3);
}

#[test]
fn they_are_of_all_sizes_and_kinds() {
    let all: Vec<Scenario> = (0..64).map(scenario).collect();
    let sizes: BTreeSet<usize> = all.iter().map(|scenario| scenario.nodes).collect();
    assert!(sizes.into_iter().eq(4..=16));
    let kinds: [fn(&Act) -> bool; 8] = [
        |act| matches!(act, Act::Split { .. }),
        |act| matches!(act, Act::Mute { .. }),
        |act| matches!(act, Act::Deafen { .. }),
        |act| matches!(act, Act::FillDisk { .. }),
        |act| matches!(act, Act::Crash { .. }),
        |act| matches!(act, Act::Join { .. }),
        |act| matches!(act, Act::Transfer { .. }),
        |act| matches!(act, Act::Attack { .. }),
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let with = |scenario: &&Scenario| scenario.steps.iter().any(|step| kind(&step.act));
        let count = all.iter().filter(with).count();
        assert!(count >= 24, "kind {index} is in {count} of 64");
    }
    assert!(all.iter().all(|scenario| scenario.check().is_ok()));
}

/// As a soak does, in the test's own process.
#[test]
#[ignore = "a virtual hour of 32 nodes: a minute in release"]
fn thirty_two_nodes_for_an_hour() {
    let scenario = Scenario::draw(1, Size { nodes: 32, length_ms: 3_600_000 });
    assert_eq!(scenario.loss_permille, 100);
    let verdict = scenario.judge().unwrap();
    assert!(verdict.height >= 180 && verdict.stats.crashes >= 30, "{verdict:?}");
}
