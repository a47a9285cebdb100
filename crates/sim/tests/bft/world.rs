//! A chain of four validators, ready to run.
use crate::engine::Bft;
use crate::rotation::{self, CLERK, ROTATION};
use crate::rules::{Rounds, leader};
use crate::variants::Variant;
use crate::witness::Shared;
use isonomy_chain::{Genesis, PoolLimits};
use isonomy_crypto::{Hash, Secret};
use isonomy_node::{Config, Limits, Node};
use isonomy_sim::{ChainSpec, EPOCH_MS, Settings, Sim};
use isonomy_types::{Address, Authority, Blob, Committee, Encode, Member, Params, Text, Wall};
use std::sync::Arc;

/// The committee at first …
pub(crate) const FIRST: [u8; 4] = [1, 2, 3, 4];
/// … and after the turnover.
pub(crate) const SECOND: [u8; 4] = [2, 3, 4, 5];
/// The port of every host of a simulation.
const PORT: u16 = 7_000;
/// Blocks between two flushes.
const FLUSH_BLOCKS: u64 = 2;

pub(crate) struct World {
    pub(crate) sim: Sim,
    pub(crate) spec: ChainSpec,
    pub(crate) log: Shared,
}

pub(crate) fn secret(byte: u8) -> Secret {
    Secret::from_bytes(&[byte; 32]).unwrap()
}

pub(crate) fn authority(members: &[u8]) -> Authority {
    let member = |byte: &u8| Member { key: secret(*byte).public(), power: 1 };
    let mut members: Vec<_> = members.iter().map(member).collect();
    members.sort_by_key(|member| member.key);
    Authority { rules_version: 1, committee: Committee::new(members).unwrap() }
}

/// Which of the first members leads a round.
pub(crate) fn leads(height: u64, round: u32) -> u8 {
    let key = leader(&authority(&FIRST).committee, height, round);
    *FIRST.iter().find(|byte| Some(secret(**byte).public()) == key).unwrap()
}

fn spec() -> ChainSpec {
    let (rules, modules) = (Arc::new(Rounds), rotation::modules());
    let genesis = Genesis {
        name: Text::default(),
        time: Wall(EPOCH_MS),
        params: Params::default(),
        authority: authority(&FIRST),
        settings: Blob::default(),
        modules: vec![(ROTATION, authority(&SECOND).encode()), (CLERK, Vec::new())],
    };
    let genesis = genesis.build(&*rules, modules.clone()).unwrap();
    ChainSpec { genesis, rules, modules }
}

impl World {
    pub(crate) fn new(settings: Settings) -> Self {
        let spec = spec();
        Self { sim: Sim::new(settings, spec.clone()), spec, log: Shared::default() }
    }

    pub(crate) fn genesis(&self) -> Hash {
        self.spec.genesis.tip.trail.id
    }

    /// Adds a host that calls all before it. It votes with this key whenever it is a member's.
    pub(crate) fn join(&mut self, key: u8, variant: Variant) -> usize {
        let host = self.sim.hosts().len();
        let (spec, log, genesis) = (self.spec.clone(), self.log.clone(), self.genesis());
        let seeds: Vec<_> = (0..host).map(Sim::address_of).collect();
        let public = secret(key).public();
        let maker = move |now, recovered, seed| {
            let config = Config {
                genesis,
                rules: spec.rules.clone(),
                modules: spec.modules.clone(),
                producer: Address(Hash::from_bytes([host as u8; 32])),
                seed,
                listening: Some(PORT),
                seeds: seeds.clone(),
                outbound: 8,
                flush_blocks: FLUSH_BLOCKS,
                pool: PoolLimits::default(),
                limits: Limits::default(),
            };
            let engine = variant(Box::new(Bft::new(public, &spec.genesis.tip)));
            Node::new(now, config, log.watch(host, engine), recovered)
        };
        self.sim.add(maker, vec![secret(key)])
    }

    pub(crate) fn height(&self, host: usize) -> u64 {
        self.log.lock().height(host)
    }

    /// The last round of a height in which anyone signed anything.
    pub(crate) fn rounds(&self, height: u64) -> u32 {
        self.log.lock().rounds(height)
    }

    /// Runs until each of these hosts has a final block at `height`.
    pub(crate) fn run_to(&mut self, ms: u64, hosts: &[usize], height: u64) -> bool {
        let log = self.log.clone();
        let is_there = |host: &usize| log.lock().height(*host) >= height;
        self.sim.run_until(ms, |_| hosts.iter().all(is_there))
    }
}
