use super::{Broken, Replay};
use crate::Sim;
use crate::scenario::REST_MS;
use isonomy_chain::Chain;
use isonomy_crypto::Hash;
use isonomy_ledger::{Key, Order, Span, Value};
use isonomy_node::Event;
use isonomy_types::Mono;
use std::collections::BTreeMap;

/// No two hosts finalised different blocks at one height, and no host went back on a block that it
/// finalised or flushed: each is on its best branch still.
///
/// # Errors
/// Invariant 1.
pub fn agreement(sim: &Sim) -> Result<(), Broken> {
    let mut agreed: BTreeMap<u64, Hash> = BTreeMap::new();
    for (index, host) in sim.hosts().iter().enumerate() {
        if let Some((before, after)) = host.settled.reverted {
            Broken::check(1, index, "a settled block", after, before)?;
        }
        for (height, id) in &host.settled.finals {
            let first = *agreed.entry(*height).or_insert(*id);
            Broken::check(1, index, format_args!("the final block {height}"), *id, first)?;
        }
        let Some(node) = host.node() else { continue };
        for (height, id) in host.settled.finals.iter().chain(&host.settled.flushed) {
            let archived = host.archive().entry_at(*height).ok().flatten();
            let stored = archived.is_some_and(|entry| entry.header.id() == *id);
            let kept = node.chain().contains_on_best(id) || stored;
            Broken::check(1, index, format_args!("{id} on its branch"), kept, true)?;
        }
    }
    Ok(())
}

/// Every host's tip has the most work of all valid chains that some host holds; of equals it is the
/// one with the lower id. Only true once a run is at rest.
///
/// # Errors
/// Invariant 3.
pub fn most_work(sim: &Sim, replay: &Replay) -> Result<(), Broken> {
    let up = || sim.hosts().iter().enumerate().filter(|(_, host)| host.node().is_some());
    let genesis = &sim.spec.genesis.tip.trail;
    let held = up().flat_map(|(_, host)| &host.durable).filter_map(|id| replay.get(id));
    let best = held.map(|block| &block.trail).fold(genesis, |best, other| {
        if (other.weight, best.id) > (best.weight, other.id) { other } else { best }
    });
    for (index, host) in up() {
        let tip = host.node().map_or(genesis.id, |node| node.chain().best().id);
        Broken::check(3, index, "the tip", tip, best.id)?;
    }
    Ok(())
}

/// Every host's tip stood still soon enough once hash power was off, the last split ended and the last
/// host started: within [`REST_MS`]. That the tip is the right one, [`most_work`] says.
///
/// # Errors
/// Invariant 14.
pub fn converged(sim: &Sim) -> Result<(), Broken> {
    for (index, host) in sim.hosts().iter().enumerate() {
        let best = |(_, event): &&(Mono, Event)| matches!(event, Event::Best { .. });
        let moved = host.events().iter().rfind(best).map_or(sim.eased, |(at, _)| *at);
        let took = moved.since(sim.eased);
        let what = "milliseconds until its tip stood still";
        Broken::check(14, index, what, took, took.min(REST_MS))?;
    }
    Ok(())
}

/// Every host's state at its tip is, byte for byte, what a replay from genesis makes of its branch.
///
/// # Errors
/// Invariant 8.
pub fn state(sim: &Sim, replay: &Replay) -> Result<(), Broken> {
    for (index, host) in sim.hosts().iter().enumerate() {
        let Some(node) = host.node() else { continue };
        let id = node.chain().best().id;
        let own = whole(node.chain(), &id);
        let same = replay.get(&id).zip(own).is_some_and(|(block, own)| *block.state == own);
        Broken::check(8, index, format_args!("state after {id} as replayed"), same, true)?;
    }
    Ok(())
}

fn whole(chain: &Chain, id: &Hash) -> Option<BTreeMap<Key, Value>> {
    chain.view(id)?.scan(&Span::all(), Order::Up).collect::<Result<_, _>>().ok()
}
