//! Who has the whole state: a chain in memory, its headers, and proofs of what its tree holds.
use isonomy_crypto::{Hash, list_root};
use isonomy_ledger::assets::{self, Asset, Assets, Config};
use isonomy_ledger::{
    Birth, Empty, Env, Execute, Executed, Mode, Modules, Stack, StateTree, View, account,
};
use isonomy_types::{
    Address, Amount, Encode, Header, List, Nonce, Params, Seal, Transaction, Version, Wall,
};
use isonomy_wallet::{Transfer, Wallet, meter_for};
use std::error::Error;
use std::sync::Arc;

pub(crate) struct Prover {
    genesis: Hash,
    /// Of the last block.
    header: Header,
    env: Env,
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
}

impl Prover {
    /// A chain on which each of these has so many coins.
    pub(crate) fn new(rich: &[Address], amount: Amount) -> Result<Self, Box<dyn Error>> {
        let modules = Arc::new(Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?);
        let env = Env {
            genesis: Hash::ZERO,
            height: 0,
            time: Wall(1_700_000_000_000),
            producer: Address::default(),
            authority: Arc::default(),
            params: Params::default(),
        };
        let allocations = List::try_from(rich.iter().map(|to| (*to, amount)).collect::<Vec<_>>())?;
        let configs = vec![(assets::ID, Config { allocations, reward: Amount::ZERO }.encode())];
        let born = Birth { env: env.clone(), modules: modules.clone(), configs }.run()?;
        let header = header(&env, Hash::ZERO, &born);
        let genesis = header.id();
        let env = Env { genesis, ..env };
        let view = Arc::new(Stack { layers: vec![born.layer], base: Arc::new(Empty) });
        Ok(Self { genesis, header, env, modules, view, tree: born.tree })
    }

    /// A block in which `from` pays `to`.
    pub(crate) fn block(
        &mut self,
        from: &Wallet,
        to: Address,
        amount: Amount,
    ) -> Result<(), Box<dyn Error>> {
        self.env.height += 1;
        self.env.time.0 += 2_000;
        let transactions = vec![Arc::new(self.transfer(from, to, amount)?.check(&self.genesis)?)];
        let (env, modules, view) = (self.env.clone(), self.modules.clone(), self.view.clone());
        let (tree, mode) = (self.tree.clone(), Mode::Block);
        let done = Execute { env, modules, view, tree, transactions, mode }.run()?;
        if done.receipts.iter().any(|receipt| receipt.code != 0) {
            return Err("the payment failed".into());
        }
        self.header = header(&self.env, self.header.id(), &done);
        self.tree = done.tree;
        self.view = Arc::new(Stack { layers: vec![done.layer], base: self.view.clone() });
        Ok(())
    }

    fn transfer(
        &self,
        from: &Wallet,
        to: Address,
        amount: Amount,
    ) -> Result<Transaction, Box<dyn Error>> {
        let lanes = account(&*self.view, &from.address())?.lanes;
        let seq = lanes.into_iter().find(|(lane, _)| *lane == 0).map_or(0, |(_, next)| next);
        let nonce = Nonce { lane: 0, seq };
        let mut transfer = Transfer { to, amount, nonce, price: 1, meter_limit: 0, expires: 100 };
        transfer.meter_limit = meter_for(&transfer);
        Ok(from.sign(from.transfer(self.genesis, transfer))?)
    }

    /// The last block's header, as it travels.
    pub(crate) fn header(&self) -> Vec<u8> {
        self.header.encode()
    }

    /// The proof of what each of these holds or does not hold, as it travels.
    pub(crate) fn prove(&self, accounts: &[Address]) -> Result<Vec<u8>, Box<dyn Error>> {
        let key = |of: &Address| assets::balance_key(*of, Asset::Coin);
        let keys: Vec<_> = accounts.iter().map(key).collect();
        let keys: Vec<_> = keys.iter().map(Vec::as_slice).collect();
        Ok(self.tree.prove(&keys)?.encode())
    }
}

/// The header of what was done. No one mines or signs it: here it is a header's `state_root` that
/// counts.
fn header(env: &Env, parent: Hash, done: &Executed) -> Header {
    let leaves: Vec<_> = done.included.iter().map(|transaction| transaction.leaf()).collect();
    Header {
        version: Version,
        parent,
        height: env.height,
        time: env.time,
        producer: env.producer,
        body_root: list_root(&leaves),
        state_root: done.tree.root(),
        receipts_root: done.receipts_root,
        next_authority: done.next_authority.hash(),
        next_params: done.next_params.hash(),
        seal: Seal::default(),
    }
}
