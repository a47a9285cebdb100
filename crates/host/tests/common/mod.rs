//! A coin chain of easy work, and hosts on it.
#![allow(clippy::unwrap_used, dead_code)]
use isonomy_chain::{Flush, Genesis, PoolLimits};
use isonomy_consensus::pow::{Pow, Schedule, Settings as PowSettings, Target, Work};
use isonomy_crypto::{Hash, Secret};
use isonomy_host::{Handle, Identity, MempoolFile, Settings, StartError, listen, start};
use isonomy_ledger::Modules;
use isonomy_ledger::assets::{self, Assets, Call, Config as Coins};
use isonomy_node::{Config, Limits, Node};
use isonomy_store::{Memory, Store};
use isonomy_types::{
    Action, Address, Amount, Authority, Blob, Encode, Intent, List, Nonce, Params, Policy, Signer,
    Text, Transaction, Version, Wall, Witness,
};
use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn secret(byte: u8) -> Secret {
    Secret::from_bytes(&[byte; 32]).unwrap()
}

pub(crate) fn address(byte: u8) -> Address {
    Policy::Key(secret(byte).public()).address()
}

pub(crate) fn work() -> Work {
    let anchor = Target::for_work(200).compact();
    let schedule = Schedule { anchor, interval_ms: 200, half_life_ms: 600_000, easiest: anchor };
    Work { schedule }
}

pub(crate) fn modules() -> Arc<Modules> {
    let modules = Modules::default().with(assets::ID, Assets).unwrap();
    Arc::new(modules.purse(assets::ID).unwrap())
}

pub(crate) fn genesis() -> Flush {
    let allocations = List::try_from(vec![(address(1), Amount(1_000_000))]).unwrap();
    let coins = Coins { allocations, reward: Amount(50) };
    let genesis = Genesis {
        name: Text::try_from("host tests".to_string()).unwrap(),
        time: Wall(1_700_000_000_000),
        params: Params::default(),
        authority: Authority::default(),
        settings: Blob::truncated(work().schedule.encode()),
        modules: vec![(assets::ID, coins.encode())],
    };
    genesis.build(&work(), modules()).unwrap()
}

/// One host in this process. `number` tells it apart from others.
pub(crate) struct Options {
    pub(crate) number: u8,
    pub(crate) mining: bool,
    pub(crate) seeds: Vec<SocketAddr>,
    pub(crate) store: Box<dyn Store>,
    pub(crate) mempool: Option<MempoolFile>,
    pub(crate) workers: usize,
    pub(crate) limits: Limits,
}

impl Options {
    pub(crate) fn new(number: u8, mining: bool, seeds: &[SocketAddr]) -> Self {
        let store = Box::new(Memory::new(&genesis()));
        let limits = Limits::default();
        Self { number, mining, seeds: seeds.to_vec(), store, mempool: None, workers: 1, limits }
    }

    pub(crate) async fn start(self) -> Handle {
        self.try_start().await.unwrap()
    }

    pub(crate) async fn try_start(self) -> Result<Handle, StartError> {
        let Self { number, mining, seeds, store, mempool, workers, limits } = self;
        let settings = Settings {
            listen: Some(listen(([127, 0, 0, 1], 0).into()).await.unwrap()),
            identity: Identity::generate().unwrap(),
            secrets: Vec::new(),
            workers,
            hash_rate: NonZeroU64::new(1_000),
            mempool,
            limits: limits.peers.clone(),
        };
        let pow = PowSettings { mining, base_depth: 4, tries: 50, extra: number.into() };
        start(settings, store, |now, recovered, listening| {
            let config = Config {
                genesis: genesis().tip.trail.id,
                rules: Arc::new(work()),
                modules: modules(),
                producer: address(number),
                seed: [number; 32],
                listening,
                seeds: seeds.into_iter().map(Into::into).collect(),
                outbound: 4,
                flush_blocks: 2,
                pool: PoolLimits::default(),
                limits,
            };
            Node::new(now, config, Box::new(Pow::new(work(), pow)), recovered)
        })
        .await
    }
}

pub(crate) fn transfer(seq: u64, to: u8, amount: u128) -> Transaction {
    let payload = Call::pay(address(to), Amount(amount)).encode();
    let payload = payload.try_into().unwrap();
    let signer = Signer { account: address(1), nonce: Nonce { lane: 0, seq } };
    let intent = Intent {
        version: Version,
        signers: vec![signer].try_into().unwrap(),
        actions: vec![Action { module: assets::ID, by: 0, payload }].try_into().unwrap(),
        meter_limit: 20_000,
        price: 1,
        expires: 10_000,
    };
    let digest = intent.signing_digest(&genesis().tip.trail.id);
    let signature = secret(1).sign(&digest, &[0; 32]).unwrap();
    let policy = Policy::Key(secret(1).public());
    let witness = Witness { policy, signatures: vec![Some(signature)].try_into().unwrap() };
    Transaction::new(intent, vec![witness].try_into().unwrap())
}

/// Best block and its state root.
pub(crate) async fn tip(host: &Handle) -> (u64, Hash, Hash) {
    host.read(|node| {
        let best = node.chain().best();
        let root = node.chain().header(&best.id).unwrap().state_root;
        (best.height, best.id, root)
    })
    .await
    .unwrap()
}

/// Asks again and again, for a minute at most.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, ask: impl Fn() -> F) {
    for _ in 0..600 {
        if ask().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within a minute: {what}");
}
