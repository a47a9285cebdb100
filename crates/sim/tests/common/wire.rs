//! Speaks the peer protocol by hand.
use isonomy_crypto::Hash;
use isonomy_node::Event;
use isonomy_peer::CloseReason;
use isonomy_sim::Sim;
use isonomy_sim::wire::{frame, hello};

/// Links an outsider to a host and shakes hands.
pub(crate) fn befriend(sim: &mut Sim, genesis: Hash, host: usize) -> usize {
    let outsider = sim.intrude(host);
    sim.inject(outsider, &frame(&hello(genesis, 1_000 + outsider as u64)));
    sim.run_for(500);
    assert!(sim.outsider(outsider).is_open());
    outsider
}

/// Why a host hung up on links, latest last.
pub(crate) fn reasons(sim: &Sim, host: usize) -> Vec<CloseReason> {
    let closed = sim.host(host).events().iter().filter_map(|(_, event)| match event {
        Event::Closed { why, .. } => Some(why.clone()),
        _ => None,
    });
    closed.collect()
}
