//! Scenarios that once broke an invariant, as a soak left them: put the file into `regressions/`,
//! and say at its head what was wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use isonomy_sim::scenario::Scenario;
use std::path::Path;

#[test]
fn what_broke_once_holds() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let mut count = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario: Scenario = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        scenario.judge_twice().unwrap_or_else(|failure| panic!("{}: {failure}", path.display()));
        count += 1;
    }
    assert!(count >= 1);
}
