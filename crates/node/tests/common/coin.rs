//! The chain that the tests run, and people who own something on it.
use isonomy_chain::{Flush, Genesis};
use isonomy_consensus::pow::{Schedule, Target, Work};
use isonomy_consensus::{Broken, MEMORY_BYTES_MAX, Rules, SealError, Step, Trail};
use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::Modules;
use isonomy_ledger::accounts;
use isonomy_ledger::assets::{self, Assets};
use isonomy_types::*;
use std::sync::{Arc, LazyLock};

pub const PEOPLE: u8 = 8;
pub const RICHES: u128 = 1_000_000_000;
pub const REWARD: u128 = 50;
/// When the chain began.
pub const EPOCH_MS: u64 = 1_000_000;
/// Between two blocks made by hand.
pub const INTERVAL_MS: u64 = 1_000;

static SECRETS: LazyLock<Vec<Secret>> = LazyLock::new(|| {
    let secret = |n: u8| Secret::from_bytes(&[n + 1; 32]).unwrap();
    (0..PEOPLE + 4).map(secret).collect()
});
static GENESIS: LazyLock<Flush> = LazyLock::new(|| first_block(Params::default()));

/// Four hashes a block.
pub fn work() -> Work {
    let easy = Target::for_work(4).compact();
    let schedule = Schedule {
        anchor: easy,
        interval_ms: INTERVAL_MS,
        half_life_ms: 1_000_000_000,
        easiest: easy,
    };
    Work { schedule }
}

pub fn modules() -> Arc<Modules> {
    let modules = Modules::default().with(assets::ID, Assets).unwrap();
    Arc::new(modules.purse(assets::ID).unwrap())
}

pub fn first_block(params: Params) -> Flush {
    let allocations: Vec<_> = (0..PEOPLE).map(|n| (address(n), Amount(RICHES))).collect();
    let allocations = allocations.try_into().unwrap();
    let coins = assets::Config { allocations, reward: Amount(REWARD) };
    let genesis = Genesis {
        name: Text::try_from(String::from("test")).unwrap(),
        time: Wall(EPOCH_MS),
        params,
        authority: Authority::default(),
        settings: Blob::default(),
        modules: vec![(assets::ID, coins.encode())],
    };
    genesis.build(&work(), modules()).unwrap()
}

pub fn genesis() -> &'static Flush {
    &GENESIS
}

/// The chain's id.
pub fn chain_id() -> Hash {
    GENESIS.tip.trail.id
}

pub fn secret(n: u8) -> &'static Secret {
    &SECRETS[usize::from(n)]
}

pub fn policy(n: u8) -> Policy {
    Policy::Key(secret(n).public())
}

pub fn address(n: u8) -> Address {
    policy(n).address()
}

/// A transaction to be, by one person on one lane.
#[derive(Clone)]
pub struct Tx {
    by: u8,
    nonce: Nonce,
    actions: Vec<Action>,
    price: u64,
    meter_limit: u64,
    expires: u64,
    hand: u8,
    genesis: Hash,
}

impl Tx {
    pub fn by(by: u8, seq: u64) -> Self {
        Self {
            by,
            nonce: Nonce { lane: 0, seq },
            actions: Vec::new(),
            price: 1,
            meter_limit: 20_000,
            expires: 1_000,
            hand: by,
            genesis: chain_id(),
        }
    }

    pub fn on(mut self, lane: u16) -> Self {
        self.nonce.lane = lane;
        self
    }

    pub fn act(mut self, module: ModuleId, payload: Vec<u8>) -> Self {
        self.actions.push(Action { module, by: 0, payload: payload.try_into().unwrap() });
        self
    }

    pub fn send(self, to: u8, amount: u128) -> Self {
        let call = assets::Call::pay(address(to), Amount(amount));
        self.act(assets::ID, call.encode())
    }

    /// Hands the account over to another key.
    pub fn hand_over_to(self, n: u8) -> Self {
        self.act(accounts::ID, accounts::Call::SetPolicy(policy(n)).encode())
    }

    pub fn price(mut self, price: u64) -> Self {
        self.price = price;
        self
    }

    pub fn meter(mut self, meter_limit: u64) -> Self {
        self.meter_limit = meter_limit;
        self
    }

    pub fn expires(mut self, height: u64) -> Self {
        self.expires = height;
        self
    }

    /// Signed under the policy of another. The transaction's id stays what it is.
    pub fn signed_by(mut self, hand: u8) -> Self {
        self.hand = hand;
        self
    }

    pub fn for_chain(mut self, genesis: Hash) -> Self {
        self.genesis = genesis;
        self
    }

    pub fn intent(&self) -> Intent {
        let signer = Signer { account: address(self.by), nonce: self.nonce };
        Intent {
            version: Version,
            signers: vec![signer].try_into().unwrap(),
            actions: self.actions.clone().try_into().unwrap(),
            meter_limit: self.meter_limit,
            price: self.price,
            expires: self.expires,
        }
    }

    pub fn id(&self) -> Hash {
        self.intent().id()
    }

    pub fn make(&self) -> Transaction {
        let intent = self.intent();
        let digest = intent.signing_digest(&self.genesis);
        let signature = secret(self.hand).sign(&digest, &[0; 32]).unwrap();
        let signatures = vec![Some(signature)].try_into().unwrap();
        let witness = Witness { policy: policy(self.hand), signatures };
        Transaction::new(intent, vec![witness].try_into().unwrap())
    }
}

/// Rules with certificates: a seal is one byte, the weight that it claims; a certificate of a block
/// is its id.
pub struct Free;

impl Rules for Free {
    fn step(&self, _: &Trail, _: &Authority, header: &Header) -> Result<Step, Broken> {
        match header.seal[..] {
            [weight] => Ok(Step { weight: weight.into(), memory: Blob::default() }),
            _ => Err(Broken::Seal(SealError::Length { got: header.seal.len(), limit: 1 })),
        }
    }

    fn certified(&self, _: &Authority, block: &Trail, proof: &Certificate) -> Result<(), Broken> {
        match proof[..] == block.id.as_bytes()[..] {
            true => Ok(()),
            false => Err(Broken::Certificate("another block's")),
        }
    }

    fn begin(&self, _: &Header) -> Blob<MEMORY_BYTES_MAX> {
        Blob::default()
    }
}

pub fn certificate(id: Hash) -> Certificate {
    id.as_bytes().to_vec().try_into().unwrap()
}
