//! What the tests of this crate share.
#![allow(dead_code, clippy::unwrap_used)]
pub(crate) mod wire;

use isonomy_crypto::Hash;
use isonomy_sim::Sim;
use isonomy_sim::coin::{Coin, balance};
use isonomy_sim::work::Role;
use isonomy_types::Address;

/// Who is paid for the blocks of a host.
pub(crate) fn producer(host: usize) -> Address {
    Address(Hash::from_bytes([0x70 + host as u8; 32]))
}

/// Adds a host that calls `peers`.
pub(crate) fn join(sim: &mut Sim, coin: &Coin, mining: bool, peers: &[usize]) -> usize {
    let peers = peers.iter().map(|host| Sim::address_of(*host)).collect();
    let producer = producer(sim.hosts().len());
    sim.add(coin.maker(Role { mining, producer, peers, ..Role::default() }), vec![])
}

pub(crate) fn height(sim: &Sim, host: usize) -> u64 {
    sim.node(host).chain().best().height
}

/// Id and state root of the best block.
pub(crate) fn tip(sim: &Sim, host: usize) -> (Hash, Hash) {
    let chain = sim.node(host).chain();
    (chain.best().id, chain.header(&chain.best().id).unwrap().state_root)
}

/// Whether all hosts have one tip.
pub(crate) fn agreed(sim: &Sim) -> bool {
    (1..sim.hosts().len()).all(|host| tip(sim, host) == tip(sim, 0))
}

pub(crate) fn owns(sim: &Sim, coin: &Coin, host: usize, who: Address) -> u128 {
    balance(sim.node(host), &coin.spec.modules, who).unwrap().0
}
