use super::Broken;
use crate::Sim;
use isonomy_crypto::Hash;
use isonomy_node::Event;
use isonomy_peer::CloseReason;
use std::collections::BTreeSet;

/// No node has halted. (A node that panics ends the run, which prints its seed.)
///
/// # Errors
/// Invariant 12.
pub fn running(sim: &Sim) -> Result<(), Broken> {
    for (index, host) in sim.hosts().iter().enumerate() {
        Broken::check(12, index, "its node", host.halted().unwrap_or("running"), "running")?;
    }
    Ok(())
}

/// No host hung up on another for misbehaviour.
///
/// # Errors
/// Invariant 13.
pub fn blameless(sim: &Sim) -> Result<(), Broken> {
    let keys: BTreeSet<_> = sim.hosts().iter().map(|host| host.key()).collect();
    for (index, host) in sim.hosts().iter().enumerate() {
        let mut honest = BTreeSet::new();
        for (_, event) in host.events() {
            match event {
                Event::Ready { link, remote, .. } if keys.contains(remote) => {
                    honest.insert(*link);
                }
                Event::Closed { link, why: CloseReason::Violation(violation) }
                    if honest.contains(link) && violation.is_misbehaviour() =>
                {
                    Broken::check(13, index, "an honest peer", violation, "blameless")?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// No host keeps a link to an outsider: each of them broke a rule, or fell silent.
///
/// # Errors
/// Invariant 13.
pub fn alone(sim: &Sim) -> Result<(), Broken> {
    for (index, outsider) in sim.outsiders.iter().enumerate() {
        let held = sim.network.is_held(outsider.link);
        let what = format_args!("the link to outsider {index} still open");
        Broken::check(13, outsider.host, what, held, false)?;
    }
    Ok(())
}

/// Two runs with the same seed and actions had the same trace.
///
/// # Errors
/// Invariant 17.
pub fn repeatable(first: &Sim, second: &Sim) -> Result<(), Broken> {
    repeated(first.trace_hash(), second.trace_hash())
}

pub(crate) fn repeated(first: Hash, second: Hash) -> Result<(), Broken> {
    Broken::check(17, 0, "the trace of a second run", second, first)
}
