//! The command line: what it prints, and its exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_sim::scenario::{Act, Scenario, Size, Step};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn sim(line: &str) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_isonomy-sim")).args(line.split(' ')).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A split that lasts longer than a node can go back: one side halts.
fn too_deep() -> Scenario {
    let drawn = Scenario::draw(1, Size { nodes: 4, length_ms: 300_000 });
    let split = Act::Split { apart: vec![0], ms: 299_000 };
    let steps = vec![Step { at_ms: 500, act: split }];
    let calm = Scenario { loss_permille: 0, reorder_permille: 0, duplicate_permille: 0, ..drawn };
    Scenario { miners: 2, nodes: 2, interval_ms: 1_000, steps, ..calm }
}

#[test]
fn a_soak_that_finds_nothing_says_how_fast_it_was() {
    let (code, out, err) = sim("soak --seeds 2 --nodes 2-3 --from 16");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.contains("seed 16: 2 nodes") && out.contains("seed 17: 3 nodes"), "{out}");
    assert!(
        out.contains("2 seeds, ") && out.contains(" a minute") && out.contains("held"),
        "{out}"
    );
    let (code, out, _) = sim("soak --seeds 1000000 --nodes 2 --budget-s 0");
    assert_eq!(code, Some(0));
    assert!(out.contains("the budget is used up") && out.contains("0 seeds"), "{out}");
}

#[test]
fn a_run_can_be_shown_and_replayed_from_its_file() {
    let (code, shown, _) = sim("run --seed 5 --nodes 3 --print");
    assert_eq!(code, Some(0));
    let path = file("shown.toml");
    std::fs::write(&path, &shown).unwrap();
    let trace =
        |out: &str| out.split("trace ").nth(1).unwrap().split('\n').next().unwrap().to_owned();
    let (_, run, _) = sim("run --seed 5 --nodes 3");
    let (code, replayed, _) = sim(&format!("replay {} --twice", path.display()));
    assert_eq!((code, trace(&run)), (Some(0), trace(&replayed)));
}

#[test]
fn a_broken_invariant_has_its_own_exit_code() {
    let path = file("too_deep.toml");
    std::fs::write(&path, too_deep().to_string()).unwrap();
    let (code, _, err) = sim(&format!("replay {}", path.display()));
    assert_eq!(code, Some(3), "{err}");
    assert!(err.contains("invariant 12") && err.contains("below the base"), "{err}");
}

#[test]
fn wrong_usage_is_refused_with_the_reason() {
    let path = file("wrong.toml");
    std::fs::write(&path, "seed = 1").unwrap();
    let table = [
        ("soak --nodes 0", "must be 1 to 2000"),
        ("soak --nodes 5-4", "the lower number first"),
        ("soak --seeds many", "invalid digit"),
        ("run --nodes 4", "--seed"),
        ("run --seed 1 --hours 2000", "2000 is not in"),
        ("scenario no-such-file.toml", "no-such-file.toml: No such file"),
        (&format!("scenario {}", path.display()), "missing field `version`"),
        ("replay no-such-file.toml", "no-such-file.toml: No such file"),
        (&format!("replay {}", path.display()), "missing field"),
        ("dance", "unrecognized subcommand"),
    ];
    for (line, reason) in table {
        let (code, _, err) = sim(line);
        assert_eq!(code, Some(2), "{line}: {err}");
        assert!(err.contains(reason), "{line}: {err}");
    }
}
