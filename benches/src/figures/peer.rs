//! Peers stand in workspaces of their own, which measure both sides and print what they found.
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

/// Builds and runs `peers/NAME`, and reads the object that it prints.
pub(super) fn run(name: &str) -> Result<Value, Box<dyn Error>> {
    let output = cargo("run", name).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("peers/{name} could not be built or run").into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// `cargo run` or `cargo build` of `peers/NAME`.
pub(super) fn cargo(verb: &str, name: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args([verb, "--release", "--quiet", "--locked", "--manifest-path"]);
    command.arg(root.join("peers").join(name).join("Cargo.toml"));
    command.env("CARGO_TARGET_DIR", root.join("../target"));
    command
}

/// One of the numbers that it printed.
pub(super) fn number(found: &Value, name: &str) -> Result<f64, Box<dyn Error>> {
    let found = found.get(name).and_then(Value::as_f64);
    Ok(found.ok_or_else(|| format!("the peer printed no {name}"))?)
}
