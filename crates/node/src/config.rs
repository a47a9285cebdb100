use crate::Limits;
use alloc::{sync::Arc, vec::Vec};
use isonomy_chain::PoolLimits;
use isonomy_consensus::Rules;
use isonomy_crypto::Hash;
use isonomy_ledger::Modules;
use isonomy_peer::NetAddress;
use isonomy_types::Address;

/// What binds a node to one chain, and what its owner chose.
#[derive(Clone)]
pub struct Config {
    /// The chain's id: its genesis block's.
    pub genesis: Hash,
    /// The chain's header rules.
    pub rules: Arc<dyn Rules>,
    /// The chain's modules.
    pub modules: Arc<Modules>,
    /// Who is paid for blocks made here.
    pub producer: Address,
    /// Feeds every random choice. Give each node and each start another.
    pub seed: [u8; 32],
    /// The port that others may dial; told to peers.
    pub listening: Option<u16>,
    /// Addresses to dial first, and to fall back on.
    pub seeds: Vec<NetAddress>,
    /// Outbound connections to keep up.
    pub outbound: usize,
    /// Blocks between two flushes. Fewer: quicker restarts; more: fewer writes.
    pub flush_blocks: u64,
    /// What the mempool holds at most.
    pub pool: PoolLimits,
    /// What peers may take, and the machine in all.
    pub limits: Limits,
}
