use super::Broken;
use crate::Sim;
use isonomy_node::JOB_DEADLINE_MS;

/// Milliseconds within which an owner's request is answered: a lost answer to its job is noticed by
/// then, or never.
pub const ANSWER_MS_MAX: u64 = JOB_DEADLINE_MS + 10_000;

/// What a store acknowledged survived every crash, and what came back was nothing else but the
/// first of what was under way; so it would be if all lost their power now.
///
/// # Errors
/// Invariant 10.
pub fn durable(sim: &Sim) -> Result<(), Broken> {
    for (index, host) in sim.hosts().iter().enumerate() {
        let now = host.recover().map_err(|failed| failed.to_string());
        let now = now.and_then(|recovered| host.written.compare(&recovered)).err();
        let lost = host.settled.lost.clone().or(now).unwrap_or_default();
        Broken::check(10, index, "what differs from what was written", lost.as_str(), "")?;
    }
    Ok(())
}

/// Every request of an owner was answered in time, unless its node crashed, or will be.
///
/// # Errors
/// Invariant 15.
pub fn answered(sim: &Sim) -> Result<(), Broken> {
    for (index, host) in sim.hosts().iter().enumerate() {
        for (request, since) in &host.asked {
            let waits = sim.now().since(*since);
            let what = format_args!("milliseconds that request {} waits", request.0);
            Broken::check(15, index, what, waits, waits.min(ANSWER_MS_MAX))?;
        }
    }
    Ok(())
}
