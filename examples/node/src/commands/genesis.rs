use crate::cli::Genesis;
use crate::exit::Failure;
use isonomy::types::Params;
use isonomy::{SPEC_VERSION, Spec, WorkSpec};
use std::fmt::Display;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Half-lives of the difficulty in intervals: it forgets a change of the hash rate within hours on
/// a chain of minutes, and does not swing.
const HALF_LIFE_INTERVALS: u64 = 300;

pub(crate) fn genesis(arguments: Genesis) -> Result<(), Failure> {
    let Genesis { out, name, allocate, reward, hashes, interval_ms } = arguments;
    let half_life_ms = interval_ms.saturating_mul(HALF_LIFE_INTERVALS);
    let work = WorkSpec { hashes, interval_ms, half_life_ms };
    let count = allocate.len();
    let spec = Spec {
        version: SPEC_VERSION,
        name,
        time: now_ms(),
        reward,
        work,
        params: Params::default(),
        allocations: allocate.into_iter().collect(),
    };
    if spec.allocations.len() != count {
        return Err(Failure::usage("an address is allocated twice; give each once"));
    }
    let no_chain = |error: &dyn Display| Failure::usage(format!("no such chain: {error}"));
    let coin = spec.coin().map_err(|error| no_chain(&error))?;
    let text = spec.to_toml().map_err(|error| no_chain(&error))?;
    // What is written can be read.
    Spec::parse(&text).map_err(|error| no_chain(&error))?;
    keep(&out, &text)?;
    println!("{}", coin.genesis.tip.trail.id);
    Ok(())
}

/// Writes a new file.
pub(super) fn keep(out: &Path, text: &str) -> Result<(), Failure> {
    write(out, text).map_err(|error| {
        let step = match error.kind() {
            ErrorKind::AlreadyExists => "it is never overwritten: choose another name",
            ErrorKind::NotFound => "make its directory first",
            _ => "choose another place",
        };
        Failure::failed(format!("cannot write {}: {error}; {step}", out.display()))
    })
}

/// All of it, or nothing that would be taken for it.
fn write(out: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(out)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(out);
    }
    written
}

/// What a person's own clock says, in milliseconds since 1970.
#[allow(clippy::disallowed_methods)]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
