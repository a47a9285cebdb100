//! What a node is made of.
use super::{Free, Script, genesis, modules, payee, work};
use isonomy_chain::{Flush, PoolLimits};
use isonomy_consensus::pow::{self, Pow};
use isonomy_consensus::{Engine, Rules};
use isonomy_node::{Config, Limits};
use isonomy_peer::NetAddress;
use std::sync::Arc;

/// What a node is made of.
#[derive(Clone)]
pub struct Setup {
    pub first: Flush,
    pub rules: Arc<dyn Rules>,
    /// Instead of the engine of work.
    pub script: Option<Script>,
    pub mining: bool,
    pub base_depth: u64,
    pub flush_blocks: u64,
    pub pool: PoolLimits,
    pub limits: Limits,
    pub seeds: Vec<NetAddress>,
    pub outbound: usize,
    pub salt: u8,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            first: genesis().clone(),
            rules: Arc::new(work()),
            script: None,
            mining: false,
            base_depth: 6,
            flush_blocks: 2,
            pool: PoolLimits::default(),
            limits: Limits::default(),
            seeds: Vec::new(),
            outbound: 0,
            salt: 1,
        }
    }
}

impl Setup {
    pub fn miner() -> Self {
        Self { mining: true, ..Self::default() }
    }

    /// An engine moved by hand, under rules that know certificates.
    pub fn scripted() -> (Self, Script) {
        let script = Script::default();
        let rules = Arc::new(Free);
        (Self { script: Some(script.clone()), rules, ..Self::default() }, script)
    }

    pub fn engine(&self) -> Box<dyn Engine> {
        let settings = pow::Settings {
            mining: self.mining,
            base_depth: self.base_depth,
            tries: 64,
            extra: self.salt.into(),
        };
        match &self.script {
            Some(script) => Box::new(script.clone()),
            None => Box::new(Pow::new(work(), settings)),
        }
    }

    pub fn config(&self) -> Config {
        Config {
            genesis: self.first.tip.trail.id,
            rules: self.rules.clone(),
            modules: modules(),
            producer: payee(self.salt),
            seed: [self.salt; 32],
            listening: Some(4_000),
            seeds: self.seeds.clone(),
            outbound: self.outbound,
            flush_blocks: self.flush_blocks,
            pool: self.pool,
            limits: self.limits.clone(),
        }
    }
}
