//! What must hold of every run: the invariants of the project, by number.
//!
//! Each check looks at all hosts that are up and names the first thing that is wrong. The chain's
//! whole history is run once more by [`Replay`], which knows nothing of what the nodes made of it.
mod bounds;
mod branches;
mod hosts;
mod pool;
mod promises;
mod replay;
mod supply;
#[cfg(test)]
mod tests;

pub(crate) use bounds::measure;
pub use bounds::{BODIES_BYTES_MAX, JOBS_MAX, OUTPUTS_MAX, bounded};
pub use branches::{agreement, converged, most_work, state};
pub(crate) use hosts::repeated;
pub use hosts::{alone, blameless, repeatable, running};
pub use pool::pool;
pub use promises::{ANSWER_MS_MAX, answered, durable};
pub use replay::{Replay, Replayed};
pub use supply::supply;

use crate::Sim;
use std::fmt::Display;

/// An invariant that does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("invariant {invariant} at host {host}: {what} is {got}, must be {wanted}")]
pub struct Broken {
    /// Its number.
    pub invariant: u8,
    /// Where it shows.
    pub host: usize,
    /// What is wrong.
    pub what: String,
    /// What it is.
    pub got: String,
    /// What it must be.
    pub wanted: String,
}

impl Broken {
    pub(crate) fn check(
        invariant: u8,
        host: usize,
        what: impl Display,
        got: impl Display + PartialEq,
        wanted: impl Display + PartialEq,
    ) -> Result<(), Self> {
        let (got, wanted) = (got.to_string(), wanted.to_string());
        if got == wanted {
            return Ok(());
        }
        Err(Self { invariant, host, what: what.to_string(), got, wanted })
    }
}

/// Every check of one run at rest: hosts up, hash power off, messages arrived, and outsiders left
/// to themselves for a minute.
///
/// # Errors
/// The first invariant that does not hold.
pub fn all(sim: &Sim) -> Result<Replay, Broken> {
    running(sim)?;
    blameless(sim)?;
    alone(sim)?;
    bounded(sim)?;
    answered(sim)?;
    durable(sim)?;
    agreement(sim)?;
    let replay = Replay::of(sim)?;
    replay.compare(sim)?;
    state(sim, &replay)?;
    most_work(sim, &replay)?;
    converged(sim)?;
    supply(sim, &replay)?;
    pool(sim, &replay)?;
    Ok(replay)
}
