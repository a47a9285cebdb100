//! How long a newcomer waits.
#![allow(clippy::float_arithmetic)]
use super::Measured;
use super::row::{Goal, Row};
use isonomy_benches::measure::wall_ns;
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};

/// How many of the dearest dependencies are named.
const NAMED: usize = 5;

pub(super) fn cold() -> Measured {
    let target = tempfile::tempdir()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--bin", "isonomy", "--locked", "--timings", "--quiet"]);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."));
    command.env("CARGO_TARGET_DIR", target.path()).stdout(Stdio::null());
    let mut status = None;
    let minutes = wall_ns(|| status = Some(command.status())) / 60e9;
    if !status.is_some_and(|status| status.is_ok_and(|status| status.success())) {
        return Err("`cargo build --release --bin isonomy` failed".into());
    }
    let report = std::fs::read_to_string(target.path().join("cargo-timings/cargo-timing.html"))?;
    let cores = std::thread::available_parallelism()?;
    Ok(Row {
        what: "`cargo build --release --bin isonomy` in an empty target",
        ours: format!("{minutes:.1} min on {cores} cores; dearest {}", dearest(&report)?),
        beside: "–".into(),
        ratio: None,
        goal: Some(Goal::Most { got: minutes, limit: 4.0, unit: "min" }),
    })
}

/// The units that took longest, out of the report's table: a JSON array in its script.
fn dearest(report: &str) -> Result<String, Box<dyn Error>> {
    let table = report.split_once("const UNIT_DATA = ").ok_or("the report has no table")?.1;
    let mut values = serde_json::Deserializer::from_str(table).into_iter::<Vec<Value>>();
    let units = values.next().ok_or("the report's table is empty")??;
    let cost = |unit: &Value| {
        Some((unit.get("duration")?.as_f64()?, unit.get("name")?.as_str()?.to_owned()))
    };
    let mut costs: Vec<(f64, String)> = units.iter().filter_map(cost).collect();
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let named: Vec<_> =
        costs.iter().take(NAMED).map(|(seconds, name)| format!("{name} {seconds:.0} s")).collect();
    Ok(named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_come_first() {
        let report = "<script>const UNIT_DATA = [{\"name\":\"a\",\"duration\":1.2},\
            {\"name\":\"b\",\"duration\":30.6}];\nconst X = 1;</script>";
        assert_eq!(dearest(report).unwrap(), "b 31 s, a 1 s");
        assert!(dearest("nothing").is_err());
    }
}
