//! The peer stands in a workspace of its own, which measures both and prints what it found.
use super::Measured;
use super::row::{Goal, Row, time};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

pub(super) fn update() -> Measured {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--quiet", "--locked", "--manifest-path"]);
    command.arg(root.join("peers/jmt/Cargo.toml"));
    command.env("CARGO_TARGET_DIR", root.join("../target"));
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("peers/jmt could not be built or run".into());
    }
    let found: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| found[name].as_f64().ok_or("peers/jmt printed no figure");
    Ok(Row {
        what: "10 000 random keys in 1 000 000, root included, in memory",
        ours: time(number("ours_ns")?),
        beside: format!("`jmt` with BLAKE3 {}", time(number("beside_ns")?)),
        ratio: Some(number("ratio")?),
        goal: Some(Goal::Ratio(0.2)),
    })
}
