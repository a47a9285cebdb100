use super::Broken;
use crate::Sim;
use isonomy_chain::WAITING_BODY_BYTES_MAX;
use isonomy_node::JOBS_MAX as NODE_JOBS_MAX;
use isonomy_peer::Limits;

/// Outputs of one input: what a peer says costs no more work than this, whatever it is.
pub const OUTPUTS_MAX: usize = 4_096;
/// Jobs of one node under way: those for transactions have their own limit, the rest are a few a
/// link.
pub const JOBS_MAX: usize = 4 * NODE_JOBS_MAX;
/// Bytes of bodies that wait to be executed.
pub const BODIES_BYTES_MAX: usize = WAITING_BODY_BYTES_MAX;

/// At every look during the run, each host was within its bounds: jobs, outputs of one input, bytes
/// held for peers, waiting bodies, mempool.
///
/// # Errors
/// Invariant 11.
pub fn bounded(sim: &Sim) -> Result<(), Broken> {
    sim.exceeded.clone().map_or(Ok(()), Err)
}

/// Looks at one host.
pub(crate) fn measure(sim: &Sim, host: usize, outputs: usize) -> Result<(), Broken> {
    let Some((of, node)) = sim.hosts.get(host).and_then(|of| Some((of, of.node()?))) else {
        return Ok(());
    };
    let (pool, limits) = (node.pool(), sim.settings.pool);
    let held = [
        ("outputs of one input", outputs, OUTPUTS_MAX),
        ("jobs under way", of.jobs.len(), JOBS_MAX),
        ("bytes held for peers", node.peers().buffered(), Limits::default().buffered_bytes_max()),
        ("bytes of waiting bodies", node.chain().body_bytes(), BODIES_BYTES_MAX),
        ("transactions in the mempool", pool.len(), limits.transactions),
        ("bytes of the mempool", pool.bytes(), limits.bytes),
    ];
    for (what, got, limit) in held {
        Broken::check(11, host, what, got, got.min(limit))?;
    }
    Ok(())
}
