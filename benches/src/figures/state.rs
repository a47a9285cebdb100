//! The peer stands in a workspace of its own, which measures both and prints what it found.
use super::Measured;
use super::row::{Goal, Row, time};
use serde_json::Value;
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

pub(super) fn update() -> Measured {
    let Pair { ours, beside, ratio } = beside("update")?;
    Ok(Row {
        what: "10 000 random keys in 1 000 000, root included, in memory",
        ours: time(ours),
        beside: format!("`jmt` with BLAKE3 {}", time(beside)),
        ratio: Some(ratio),
        goal: Some(Goal::Ratio(0.04)),
    })
}

pub(super) fn make() -> Measured {
    let Pair { ours, beside, ratio } = beside("make")?;
    Ok(Row {
        what: "proof of one key in 1 000 000",
        ours: time(ours),
        beside: format!("`jmt` with BLAKE3 {}", time(beside)),
        ratio: Some(ratio),
        goal: Some(Goal::Ratio(0.2)),
    })
}

pub(super) fn verify() -> Measured {
    let Pair { ours, beside: theirs, ratio } = beside("verify")?;
    let bytes = beside("bytes")?;
    Ok(Row {
        what: "its verification",
        ours: format!("{}, {:.0} bytes", time(ours), bytes.ours),
        beside: format!("`jmt` with BLAKE3 {}, {:.0} bytes", time(theirs), bytes.beside),
        ratio: Some(ratio),
        goal: Some(Goal::Ratio(0.29)),
    })
}

/// How much faster than log n the cost grows.
#[allow(clippy::float_arithmetic)]
pub(super) fn scaling() -> Measured {
    let found = run("scaling")?;
    let list = |name: &str| -> Vec<f64> {
        let values = found[name].as_array().into_iter().flatten();
        values.filter_map(Value::as_f64).collect()
    };
    let (keys, ns) = (list("keys"), list("ns"));
    let growth = |values: &[f64]| match values {
        [first, .., last] => Ok(last / first),
        _ => Err("peers/jmt printed no figures"),
    };
    let logs: Vec<f64> = keys.iter().map(|keys| keys.ln()).collect();
    Ok(Row {
        what: "10 000 random keys in 10⁴, 10⁵, 10⁶ and 10⁷: growth beside that of log n",
        ours: ns.iter().copied().map(time).collect::<Vec<_>>().join(" · "),
        beside: "log n".into(),
        ratio: Some(growth(&ns)? / growth(&logs)?),
        goal: Some(Goal::Ratio(1.2)),
    })
}

/// Bytes of a key, its value and two hashes.
const PAIR_BYTES: f64 = 32.0 + 64.0 + 64.0;

#[allow(clippy::float_arithmetic)]
pub(super) fn memory() -> Measured {
    let found = run("memory")?;
    let (tree, state) = (number(&found, "tree")?, number(&found, "state")?);
    Ok(Row {
        what: "bytes a key in 1 000 000, pairs and tree in memory",
        ours: format!("{state:.0}, of them {tree:.0} the tree's"),
        beside: format!("key, value and 64: {PAIR_BYTES}"),
        ratio: Some(state / PAIR_BYTES),
        goal: Some(Goal::Ratio(2.0)),
    })
}

struct Pair {
    ours: f64,
    beside: f64,
    ratio: f64,
}

/// All comparisons come out of one run.
fn beside(name: &str) -> Result<Pair, Box<dyn Error>> {
    static FOUND: OnceLock<Value> = OnceLock::new();
    let found = FOUND.get_or_init(|| run("beside").unwrap_or_default());
    let number = |what| number(&found[name], what);
    Ok(Pair { ours: number("ours")?, beside: number("beside")?, ratio: number("ratio")? })
}

fn run(what: &str) -> Result<Value, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--release", "--quiet", "--locked", "--manifest-path"]);
    command.arg(root.join("peers/jmt/Cargo.toml")).arg("--").arg(what);
    command.env("CARGO_TARGET_DIR", root.join("../target"));
    let output = command.stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("peers/jmt could not be built or run".into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn number(found: &Value, name: &str) -> Result<f64, Box<dyn Error>> {
    found[name].as_f64().ok_or_else(|| format!("peers/jmt printed no {name}").into())
}
