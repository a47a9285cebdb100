//! A chain of one coin, block by block, and a few who use it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects, dead_code)]
use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::assets::{self, Asset, Assets};
use isonomy_ledger::{
    Birth, Empty, Env, Execute, ExecuteError, Executed, Mode, Modules, Stack, StateTree, View,
    account, query,
};
use isonomy_types::{
    Address, Amount, Decode, Encode, Keys, Nonce, Params, Policy, Transaction, Wall,
};
use isonomy_wallet::{
    Facts, Offer, OfferError, Party, SignerFacts, Terms, Wallet, WalletError, pay, spare_lane,
};
use std::sync::Arc;

pub(crate) const GENESIS: Hash = Hash::from_bytes([7; 32]);
pub(crate) const RICH: u128 = 1 << 40;

pub(crate) fn wallet(byte: u8) -> Wallet {
    Wallet::new(Secret::from_bytes(&[byte; 32]).unwrap())
}

pub(crate) fn party(account: Address, nonce: Nonce) -> Party {
    Party { account, nonce, policy: None }
}

/// Wallet 2 takes: it gets 50 and gives 30. Nobody has signed.
pub(crate) fn swap() -> Offer {
    let (maker, taker) = (wallet(1).address(), wallet(2).address());
    let actions = vec![pay(1, taker, Amount(50)), pay(0, maker, Amount(30))];
    let nonce = Nonce { lane: spare_lane(&[taker, maker], &actions), seq: 0 };
    let parties = vec![party(taker, nonce), party(maker, nonce)];
    Terms { parties, actions, price: 2, expires: 10 }.offer(GENESIS).unwrap()
}

pub(crate) struct Ledger {
    pub(crate) env: Env,
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
}

impl Ledger {
    pub(crate) fn new(allocations: Vec<(Address, Amount)>) -> Self {
        let modules = Modules::default().with(assets::ID, Assets).unwrap();
        let modules = Arc::new(modules.purse(assets::ID).unwrap());
        let env = Env {
            genesis: GENESIS,
            height: 0,
            time: Wall(0),
            producer: Address::default(),
            authority: Arc::default(),
            params: Params { base_fee: 2_000, ..Params::default() },
        };
        let config =
            assets::Config { allocations: allocations.try_into().unwrap(), reward: Amount::ZERO };
        let configs = vec![(assets::ID, config.encode())];
        let born = Birth { env: env.clone(), modules: modules.clone(), configs }.run().unwrap();
        let view = Arc::new(Stack { layers: vec![born.layer], base: Arc::new(Empty) });
        Self { env, modules, view, tree: born.tree }
    }

    /// Each of these wallets is rich.
    pub(crate) fn rich(wallets: &[u8]) -> Self {
        let mut all: Vec<_> =
            wallets.iter().map(|byte| (wallet(*byte).address(), Amount(RICH))).collect();
        all.sort();
        Self::new(all)
    }

    pub(crate) fn block(&mut self, signed: Transaction) -> Result<Executed, ExecuteError> {
        let checked = Arc::new(signed.check(&GENESIS).unwrap());
        let mut env = self.env.clone();
        env.height += 1;
        let (modules, view) = (self.modules.clone(), self.view.clone());
        let (tree, transactions) = (self.tree.clone(), vec![checked]);
        let block = Execute { env, modules, view, tree, transactions, mode: Mode::Block };
        let executed = block.run()?;
        self.env.height += 1;
        self.tree = executed.tree.clone();
        self.view =
            Arc::new(Stack { layers: vec![executed.layer.clone()], base: self.view.clone() });
        Ok(executed)
    }

    pub(crate) fn balance(&self, of: Address) -> u128 {
        self.holds(of, Asset::Coin)
    }

    pub(crate) fn holds(&self, of: Address, asset: Asset) -> u128 {
        let question = assets::Query::Balance(of, asset).encode();
        let (env, view) = (&self.env, self.view.clone());
        let answer = query(env, &self.modules, view, assets::ID, &question).unwrap();
        Amount::decode_exact(&answer).unwrap().0
    }

    pub(crate) fn next(&self, of: Address, lane: u16) -> u64 {
        let lanes = account(&*self.view, &of).unwrap().lanes;
        lanes.into_iter().find(|(used, _)| *used == lane).map_or(0, |(_, next)| next)
    }

    pub(crate) fn facts(&self, offer: &Offer) -> Facts {
        let facts = |signer: &isonomy_types::Signer| SignerFacts {
            policy: account(&*self.view, &signer.account).unwrap().policy,
            next: self.next(signer.account, signer.nonce.lane),
        };
        let signers = offer.intent().signers.iter().map(facts).collect();
        Facts { genesis: GENESIS, height: self.env.height, signers }
    }
}

/// As the one who made it hands it on.
pub(crate) fn made() -> Offer {
    wallet(1).sign_offer(swap()).unwrap()
}

pub(crate) fn offer_error(error: WalletError) -> OfferError {
    match error {
        WalletError::Offer(error) => error,
        error => panic!("{error}"),
    }
}

pub(crate) fn shared(needed: u8, bytes: &[u8]) -> Policy {
    let mut keys: Vec<_> = bytes.iter().map(|byte| wallet(*byte).public()).collect();
    keys.sort();
    Policy::Keys(Keys::new(needed, keys).unwrap())
}

/// Each of `count` wallets gives the next one its number of coins. The first pays.
pub(crate) fn ring(count: u8) -> Terms {
    let accounts: Vec<_> = (1..=count).map(|byte| wallet(byte).address()).collect();
    let to = |by: u8| accounts[usize::from((by + 1) % count)];
    let actions: Vec<_> =
        (0..count).map(|by| pay(by, to(by), Amount(u128::from(by) + 1))).collect();
    let nonce = Nonce { lane: spare_lane(&accounts, &actions), seq: 0 };
    let parties = accounts.iter().map(|account| party(*account, nonce)).collect();
    Terms { parties, actions, price: 2, expires: 10 }
}
