//! Proof of work that takes a few dozen hashes a block, for any ledger.
use crate::{ChainSpec, EPOCH_MS};
use isonomy_chain::{Genesis, GenesisError, PoolLimits, Recovered};
use isonomy_consensus::pow::{self, Pow, Schedule, Target, Work};
use isonomy_crypto::Hash;
use isonomy_ledger::{Modules, ModulesError};
use isonomy_node::{Config, Limits, Node};
use isonomy_peer::NetAddress;
use isonomy_types::{Address, Authority, Blob, Encode, ModuleId, Now, Params, Text, Wall};
use std::sync::Arc;

/// Hashes that a block takes on average, at the least.
pub const HASHES: u128 = 32;
/// The time between two blocks that the difficulty steers to, in milliseconds.
const INTERVAL_MS: u64 = 2_000;
/// Nonces in one slice of a search.
const TRIES: u64 = 16;
/// Blocks from best down to the base.
const BASE_DEPTH: u64 = 48;
/// Blocks between two flushes.
const FLUSH_BLOCKS: u64 = 4;
/// So small that the trees of every run are read from the store again after each flush.
const TREE_FORKS: usize = 1;

/// A chain of any modules on easy proof of work.
#[derive(Clone)]
pub struct WorkChain {
    /// What its nodes agree on.
    pub spec: ChainSpec,
    work: Work,
}

/// A chain for simulation that cannot be made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChainError {
    /// The modules do not fit together.
    #[error(transparent)]
    Modules(#[from] ModulesError),
    /// The first block cannot be made: a module refuses its start.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
}

/// What one node of a chain does.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// Whether it looks for blocks.
    pub mining: bool,
    /// Who is paid for them.
    pub producer: Address,
    /// Whom it calls first. [`Sim::address_of`](crate::Sim::address_of) tells addresses.
    pub peers: Vec<NetAddress>,
    /// What its mempool holds at most.
    pub pool: PoolLimits,
}

impl WorkChain {
    /// A chain of `modules`, each with what it starts with, in ascending order of ids. Where no
    /// module is the purse, nobody pays.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn new(modules: Modules, configs: Vec<(ModuleId, Vec<u8>)>) -> Result<Self, ChainError> {
        let easy = Target::for_work(HASHES).compact();
        let schedule = Schedule {
            anchor: easy,
            interval_ms: INTERVAL_MS,
            half_life_ms: 300 * INTERVAL_MS,
            easiest: easy,
        };
        let (work, modules) = (Work { schedule }, Arc::new(modules));
        let genesis = Genesis {
            name: Text::default(),
            time: Wall(EPOCH_MS),
            params: Params::default(),
            authority: Authority::default(),
            settings: Blob::truncated(schedule.encode()),
            modules: configs,
        };
        let genesis = genesis.build(&work, modules.clone())?;
        Ok(Self { spec: ChainSpec { genesis, rules: Arc::new(work), modules }, work })
    }

    /// The chain's id.
    #[must_use]
    pub const fn id(&self) -> Hash {
        self.spec.genesis.tip.trail.id
    }

    /// Makes the nodes of one host, for [`Sim::add`](crate::Sim::add).
    pub fn maker(&self, role: Role) -> impl Fn(Now, Recovered, [u8; 32]) -> Node + use<> {
        let chain = self.clone();
        move |now, recovered, seed| {
            let engine = Box::new(chain.engine(&role, seed));
            Node::new(now, chain.config(&role, seed), engine, recovered)
        }
    }

    /// What binds a node of this chain, for one life.
    #[must_use]
    pub fn config(&self, role: &Role, seed: [u8; 32]) -> Config {
        Config {
            genesis: self.id(),
            rules: self.spec.rules.clone(),
            modules: self.spec.modules.clone(),
            producer: role.producer,
            seed,
            listening: Some(crate::PORT),
            seeds: role.peers.clone(),
            outbound: 8,
            flush_blocks: FLUSH_BLOCKS,
            pool: role.pool,
            limits: Limits { tree_forks: TREE_FORKS, ..Limits::default() },
        }
    }

    /// The engine of a node of this chain, for one life.
    #[must_use]
    pub fn engine(&self, role: &Role, seed: [u8; 32]) -> Pow {
        let settings = pow::Settings {
            mining: role.mining,
            base_depth: BASE_DEPTH,
            tries: TRIES,
            extra: u64::from_le_bytes(*seed.first_chunk().unwrap_or(&[0; 8])),
        };
        Pow::new(self.work, settings)
    }
}
