//! The chain's file, and what is stored of the chain.
use super::Finding;
use crate::commands::run::read;
use isonomy::host::check_clock;
use isonomy::store::{Disk, OpenError};
use isonomy::{Spec, host::Utc};
use std::path::Path;

pub(super) fn spec(path: &Path, found: &mut Vec<Finding>) -> Option<Spec> {
    match read(path) {
        Ok(spec) => {
            let says = format_args!("{} is the chain {:?}", path.display(), spec.name);
            found.push(Finding::ok("genesis", says));
            Some(spec)
        }
        Err(failure) => {
            found.push(Finding::error("genesis", failure.message()));
            None
        }
    }
}

/// Looks, and repairs nothing.
pub(super) fn stored(dir: &Path, spec: &Spec, runs: bool, found: &mut Vec<Finding>) {
    // A spec that was read makes a chain.
    let Ok(coin) = spec.coin() else { return };
    let finding = match Disk::peek(dir, &coin.genesis) {
        Ok(Some(stored)) => {
            let header = &stored.tip.header;
            let says = format!("the state at height {}, of {}", header.height, Utc(header.time));
            match check_clock(header) {
                Ok(()) => Finding::ok("state", says),
                Err(error) => Finding::error("state", error),
            }
        }
        Ok(None) => {
            Finding::ok("state", "none yet, or a crash left it to the next start to repair")
        }
        Err(OpenError::InUse { .. }) if runs => {
            Finding::ok("state", "in use by the node that runs")
        }
        Err(error @ OpenError::InUse { .. }) => {
            let step = "give that node's address with --rpc, or stop it";
            Finding::warn("state", error, step)
        }
        Err(error) => Finding::error("state", error),
    };
    found.push(finding);
}
