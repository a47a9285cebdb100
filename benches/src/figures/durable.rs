//! The peer stands in a workspace of its own, which measures both and prints what it found.
#![allow(clippy::float_arithmetic)]
use super::Measured;
use super::row::{Goal, Row, time};
use isonomy::{BASE_DEPTH, FLUSH_BLOCKS};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

/// Seconds that a restart after a kill may take.
const RECOVERY_S: f64 = 5.0;

/// Blocks with their transactions, log and flushes as a node has them, one core for both sides.
pub(super) fn durable() -> Measured {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--quiet", "--locked", "--manifest-path"]);
    command.arg(root.join("peers/nomt/Cargo.toml"));
    command.args(["--".into(), BASE_DEPTH.to_string(), FLUSH_BLOCKS.to_string()]);
    command.env("CARGO_TARGET_DIR", root.join("../target"));
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("peers/nomt could not be built or run".into());
    }
    let found: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| found[name].as_f64().ok_or("peers/nomt printed no figure");
    let (ours, beside) = (number("ours_ns")?, number("beside_ns")?);
    let recovery = number("recovery_ns")?;
    Ok(Row {
        what: "10 000 random keys in 1 000 000, on disk, mean of 100 blocks",
        ours: format!("{}; restart after SIGKILL {}", time(ours), time(recovery)),
        beside: format!("`nomt` {}", time(beside)),
        ratio: Some(ours / beside),
        goal: Some(goal(recovery / 1e9)),
    })
}

/// The ratio's, unless the restart took too long: then that is what is not met.
fn goal(recovery_s: f64) -> Goal {
    if recovery_s <= RECOVERY_S {
        return Goal::Ratio(0.5);
    }
    Goal::Most { got: recovery_s, limit: RECOVERY_S, unit: "s to restart" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_restart_is_a_goal_missed() {
        assert!(matches!(goal(5.0), Goal::Ratio(0.5)));
        assert!(matches!(goal(5.1), Goal::Most { got: 5.1, limit: 5.0, .. }));
    }
}
