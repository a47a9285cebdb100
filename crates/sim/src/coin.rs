//! A chain of coins, ready to run: the native coin on easy proof of work, and wallets that own
//! something.
use crate::ChainSpec;
use crate::work::{ChainError, Role, WorkChain};
use isonomy_chain::Recovered;
use isonomy_crypto::{Domain, Hash, Secret};
use isonomy_ledger::assets::{self, Asset, Assets, Call, Query};
use isonomy_ledger::{Modules, account, query};
use isonomy_node::Node;
use isonomy_types::{
    Action, Address, Amount, Blob, Decode, Encode, Intent, List, ModuleId, Nonce, Now, Policy,
    Signer, Transaction, Version, Wall, Witness,
};
use std::sync::Arc;

/// What each wallet owns at first.
pub const FUNDS: Amount = Amount(1_000_000_000);
/// Minted for each block.
pub const REWARD: Amount = Amount(50);
/// The meter limit of every transaction made here.
pub const METER: u64 = 20_000;

const WALLET: Domain = Domain::new("isonomy sim wallet 1");

/// The chain, and who owns something on it.
pub struct Coin {
    /// What its nodes agree on.
    pub spec: ChainSpec,
    /// Each owns [`FUNDS`].
    pub wallets: Vec<Wallet>,
    chain: WorkChain,
}

impl Coin {
    /// A chain with so many wallets.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn new(wallets: usize) -> Result<Self, ChainError> {
        Self::with(wallets, Modules::default(), &[])
    }

    /// The same with `more` modules, whose ids are `ids` and which start without a configuration.
    ///
    /// # Errors
    /// See [`ChainError`].
    pub fn with(wallets: usize, more: Modules, ids: &[ModuleId]) -> Result<Self, ChainError> {
        let modules = more.with(assets::ID, Assets)?.purse(assets::ID)?;
        let wallet = |index| Wallet::on(Hash::ZERO, index);
        let mut wallets: Vec<Wallet> = (0..wallets as u64).filter_map(wallet).collect();
        let owners = wallets.iter().map(|wallet| (wallet.address(), FUNDS)).collect();
        let config = assets::Config { allocations: List::truncated(owners), reward: REWARD };
        let mut configs: Vec<_> = ids.iter().map(|id| (*id, Vec::new())).collect();
        configs.push((assets::ID, config.encode()));
        configs.sort_unstable();
        let chain = WorkChain::new(modules, configs)?;
        wallets.iter_mut().for_each(|wallet| wallet.genesis = chain.id());
        Ok(Self { spec: chain.spec.clone(), wallets, chain })
    }

    /// The chain's id.
    #[must_use]
    pub const fn id(&self) -> Hash {
        self.chain.id()
    }

    /// The chain beneath.
    #[must_use]
    pub const fn chain(&self) -> &WorkChain {
        &self.chain
    }

    /// See [`WorkChain::maker`].
    pub fn maker(&self, role: Role) -> impl Fn(Now, Recovered, [u8; 32]) -> Node + use<> {
        self.chain.maker(role)
    }
}

/// A key and what it has signed so far.
#[derive(Clone, Debug)]
pub struct Wallet {
    secret: Secret,
    genesis: Hash,
    next: u64,
}

impl Wallet {
    /// Number `index` of the wallets of the chain `genesis`: the same key on every chain. Nothing if
    /// the hash of `index` is no secret key, which is never seen.
    #[must_use]
    pub fn on(genesis: Hash, index: u64) -> Option<Self> {
        let secret = Secret::from_bytes(WALLET.hash(&index.to_le_bytes()).as_bytes()).ok()?;
        Some(Self { secret, genesis, next: 0 })
    }

    /// The account.
    #[must_use]
    pub fn address(&self) -> Address {
        Policy::Key(self.secret.public()).address()
    }

    /// Goes on from the nonce that a node would take next: what waits there counts.
    pub fn resume(&mut self, node: &Node) {
        let (address, chain) = (self.address(), node.chain());
        let stated = chain.view(&chain.best().id).and_then(|view| account(&*view, &address).ok());
        let lane =
            stated.and_then(|account| account.lanes.into_iter().find(|(lane, _)| *lane == 0));
        let stated = lane.map_or(0, |(_, next)| next);
        self.next = node.pool().next(&address, 0).unwrap_or(stated);
    }

    /// The next transaction: it sends coins.
    pub fn transfer(&mut self, to: Address, amount: u128) -> Transaction {
        let call = Call::pay(to, Amount(amount));
        self.call(assets::ID, call.encode())
    }

    /// The next transaction: it calls a module with this payload, cut to what fits.
    pub fn call(&mut self, module: ModuleId, payload: Vec<u8>) -> Transaction {
        let signer = Signer { account: self.address(), nonce: Nonce { lane: 0, seq: self.next } };
        self.next = self.next.saturating_add(1);
        let intent = Intent {
            version: Version,
            signers: List::truncated(vec![signer]),
            actions: List::truncated(vec![Action {
                module,
                by: 0,
                payload: Blob::truncated(payload),
            }]),
            meter_limit: METER,
            price: 1,
            expires: u64::MAX,
        };
        let signature = self.secret.sign(&intent.signing_digest(&self.genesis), &[0; 32]).ok();
        let policy = Policy::Key(self.secret.public());
        let witness = Witness { policy, signatures: List::truncated(vec![signature]) };
        Transaction::new(intent, List::truncated(vec![witness]))
    }
}

/// What an account owns at the tip of a node. `None` if it cannot be read.
#[must_use]
pub fn balance(node: &Node, modules: &Arc<Modules>, of: Address) -> Option<Amount> {
    let chain = node.chain();
    let tip = chain.best();
    let env = chain.next_env(&tip.id, Wall(tip.time.0.saturating_add(1)), Address::default())?;
    let question = Query::Balance(of, Asset::Coin).encode();
    let answer = query(&env, modules, chain.view(&tip.id)?, assets::ID, &question).ok()?;
    Amount::decode_exact(&answer).ok()
}
