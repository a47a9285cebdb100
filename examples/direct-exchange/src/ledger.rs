//! A ledger alone, without a network: what every node does with a block.
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Asset, Assets, Config, Query};
use isonomy::ledger::{
    Birth, Empty, Env, Execute, Mode, Modules, Receipt, Stack, StateTree, View, account, query,
};
use isonomy::types::{Address, Amount, Decode, Encode, List, Params, Transaction, Wall};
use std::error::Error;
use std::sync::Arc;

/// The chain's id.
pub(crate) const GENESIS: Hash = Hash::from_bytes([7; 32]);

pub(crate) struct Ledger {
    env: Env,
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
}

impl Ledger {
    /// A chain on which each of these has so many coins.
    pub(crate) fn new(rich: &[Address], amount: Amount) -> Result<Self, Box<dyn Error>> {
        let modules = Arc::new(Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?);
        let env = Env {
            genesis: GENESIS,
            height: 0,
            time: Wall(0),
            producer: Address::default(),
            authority: Arc::default(),
            params: Params::default(),
        };
        let allocations = List::try_from(rich.iter().map(|to| (*to, amount)).collect::<Vec<_>>())?;
        let configs = vec![(assets::ID, Config { allocations, reward: Amount::ZERO }.encode())];
        let born = Birth { env: env.clone(), modules: modules.clone(), configs }.run()?;
        let view = Arc::new(Stack { layers: vec![born.layer], base: Arc::new(Empty) });
        Ok(Self { env, modules, view, tree: born.tree })
    }

    /// A block of one transaction. What came of it.
    pub(crate) fn block(&mut self, signed: Transaction) -> Result<Receipt, Box<dyn Error>> {
        self.env.height += 1;
        let transactions = vec![Arc::new(signed.check(&GENESIS)?)];
        let (env, modules, view) = (self.env.clone(), self.modules.clone(), self.view.clone());
        let (tree, mode) = (self.tree.clone(), Mode::Block);
        let done = Execute { env, modules, view, tree, transactions, mode }.run()?;
        self.tree = done.tree;
        self.view = Arc::new(Stack { layers: vec![done.layer], base: self.view.clone() });
        Ok(done.receipts.into_iter().next().ok_or("no receipt")?)
    }

    pub(crate) fn height(&self) -> u64 {
        self.env.height
    }

    pub(crate) fn holds(&self, of: Address, asset: Asset) -> Result<Amount, Box<dyn Error>> {
        let question = Query::Balance(of, asset).encode();
        let answer = query(&self.env, &self.modules, self.view.clone(), assets::ID, &question)?;
        Ok(Amount::decode_exact(&answer)?)
    }

    /// The next counter of an account's lane.
    pub(crate) fn next(&self, of: Address, lane: u16) -> Result<u64, Box<dyn Error>> {
        let lanes = account(&*self.view, &of)?.lanes;
        Ok(lanes.into_iter().find(|(used, _)| *used == lane).map_or(0, |(_, next)| next))
    }

    pub(crate) fn policy(&self, of: Address) -> Result<Option<Hash>, Box<dyn Error>> {
        Ok(account(&*self.view, &of)?.policy)
    }
}
