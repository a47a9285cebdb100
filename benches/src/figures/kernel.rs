//! Whole blocks beside Bitcoin Core's engine, which not every machine can build.
use super::Measured;
use super::peer::{cargo, number, run};
use super::row::{Goal, Row, time};
use serde_json::Value;
use std::error::Error;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// With eight signatures at a time, and without.
const WIDE_RATIO: f64 = 0.2;
const PORTABLE_RATIO: f64 = 0.4;

pub(super) fn import() -> Measured {
    let what = "a transfer of 2 000 a block, bytes to committed in memory, one core; with accounts, receipts, a state root";
    let goal = Goal::Ratio(if wide() { WIDE_RATIO } else { PORTABLE_RATIO });
    let found = match measured()? {
        Ok(found) => found,
        Err(missing) => return Ok(Row::not_here(what, missing, goal)),
    };
    let beside = time(number(&found, "beside_ns")?);
    Ok(Row {
        what,
        ours: time(number(&found, "ours_ns")?),
        beside: format!("Bitcoin Core's engine, with scripts and unspent outputs, {beside}"),
        ratio: Some(number(&found, "ratio")?),
        goal: Some(goal),
    })
}

pub(super) fn without_signatures() -> Measured {
    let (what, goal) = ("the same, time outside signatures", Goal::Ratio(0.3));
    let found = match measured()? {
        Ok(found) => found,
        Err(missing) => return Ok(Row::not_here(what, missing, goal)),
    };
    let cost = |name| Ok::<_, Box<dyn Error>>(time(number(&found, name)?));
    let (first, last) = (cost("outside_first_ns")?, cost("outside_last_ns")?);
    Ok(Row {
        what,
        ours: format!("{}, in the first block {first}, in the last {last}", cost("outside_ns")?),
        beside: format!("the same less one `secp256k1` check {}", cost("outside_beside_ns")?),
        ratio: Some(number(&found, "outside_ratio")?),
        goal: Some(goal),
    })
}

/// Both rows come out of one run; or says what the machine lacks.
fn measured() -> Result<Found, Box<dyn Error>> {
    static FOUND: OnceLock<Found> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(found.clone());
    }
    let found = match missing()? {
        Some(missing) => Err(missing),
        None => Ok(run("kernel")?),
    };
    Ok(FOUND.get_or_init(|| found).clone())
}

type Found = Result<Value, &'static str>;

/// Builds the peer, which takes some minutes the first time.
fn missing() -> Result<Option<&'static str>, Box<dyn Error>> {
    if Command::new("cmake").arg("--version").stdout(Stdio::null()).status().is_err() {
        return Ok(Some(NO_CMAKE));
    }
    let output = cargo("build", "kernel").output()?;
    if output.status.success() {
        return Ok(None);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let missing = lacks(&errors);
    Ok(Some(missing.ok_or_else(|| format!("peers/kernel could not be built: {errors}"))?))
}

const NO_CMAKE: &str = "needs cmake: `apt-get install cmake libboost-dev`";
const NO_BOOST: &str = "needs the headers of Boost, 1.74 or newer: `apt-get install libboost-dev`";

/// What a failed build asks for. These are CMake's words.
fn lacks(errors: &str) -> Option<&'static str> {
    errors.contains("\"Boost\"").then_some(NO_BOOST)
}

/// Whether the processor multiplies eight limbs at once, as the faster goal supposes.
fn wide() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512ifma");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_without_boost_is_told_from_a_broken_one() {
        let none = "Could not find a package configuration file provided by \"Boost\" (requested";
        let old = "Could not find a configuration file for package \"Boost\" that is compatible";
        assert_eq!([none, old].map(lacks), [Some(NO_BOOST); 2]);
        assert_eq!(lacks("error[E0308]: mismatched types"), None);
    }
}
