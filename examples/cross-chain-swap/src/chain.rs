//! One running chain, and what anybody can see on it.
use isonomy::crypto::Hash;
use isonomy::ledger::assets::{self, Asset, Assets, Config, Query};
use isonomy::ledger::locks::{self, Call, Lock, Locks, LocksEvent, Preimage, Promise, deposit};
use isonomy::ledger::{
    Birth, Empty, Env, Execute, Mode, Modules, Receipt, Stack, StateTree, View, account, query,
};
use isonomy::types::{
    Action, Address, Amount, Decode, Encode, ModuleId, Nonce, Params, Transaction, Wall,
};
use isonomy::wallet::{Party, Terms, Wallet, give};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

pub(crate) struct Chain {
    env: Env,
    interval: u64,
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
    /// What the locks said, in order.
    said: Vec<LocksEvent>,
    /// What each account paid in fees.
    fees: BTreeMap<Address, Amount>,
}

impl Chain {
    /// A chain of this id, with a block every `interval` milliseconds, on which each of these has so
    /// many coins.
    pub(crate) fn new(
        id: u8,
        interval: u64,
        rich: &[(Address, Amount)],
    ) -> Result<Self, Box<dyn Error>> {
        let modules = Modules::default().with(assets::ID, Assets)?.with(locks::ID, Locks)?;
        let modules = Arc::new(modules.purse(assets::ID)?);
        let env = Env {
            genesis: Hash::from_bytes([id; 32]),
            height: 0,
            time: Wall(0),
            producer: Address::default(),
            authority: Arc::default(),
            params: Params::default(),
        };
        let coins = Config { allocations: rich.to_vec().try_into()?, reward: Amount::ZERO };
        let configs = vec![(assets::ID, coins.encode()), (locks::ID, Vec::new())];
        let born = Birth { env: env.clone(), modules: modules.clone(), configs }.run()?;
        let view = Arc::new(Stack { layers: vec![born.layer], base: Arc::new(Empty) });
        let (tree, said, fees) = (born.tree, Vec::new(), BTreeMap::new());
        Ok(Self { env, interval, modules, view, tree, said, fees })
    }

    /// A block. What came of its transactions.
    fn block(&mut self, signed: Vec<Transaction>) -> Result<Vec<Receipt>, Box<dyn Error>> {
        self.env.height += 1;
        self.env.time.0 += self.interval;
        let checked = Transaction::check_all(signed, &self.env.genesis)?;
        let transactions = checked.into_iter().map(Arc::new).collect();
        let (env, modules, view) = (self.env.clone(), self.modules.clone(), self.view.clone());
        let (tree, mode) = (self.tree.clone(), Mode::Block);
        let done = Execute { env, modules, view, tree, transactions, mode }.run()?;
        for event in done.receipts.iter().flat_map(|receipt| receipt.events.iter()) {
            if event.module == locks::ID {
                self.said.push(LocksEvent::decode_exact(&event.payload)?);
            }
        }
        self.tree = done.tree;
        self.view = Arc::new(Stack { layers: vec![done.layer], base: self.view.clone() });
        Ok(done.receipts)
    }

    /// Blocks in which nothing happens, until one has this time.
    pub(crate) fn run_until(&mut self, time: Wall) -> Result<(), Box<dyn Error>> {
        while self.env.time < time {
            self.block(Vec::new())?;
        }
        Ok(())
    }

    /// A block in which `who` does this. The receipt's code: zero if it was done.
    fn act(&mut self, who: &Wallet, actions: Vec<Action>) -> Result<u16, Box<dyn Error>> {
        let from = who.address();
        let lanes = account(&*self.view, &from)?.lanes;
        let seq = lanes.into_iter().find(|(lane, _)| *lane == 0).map_or(0, |(_, next)| next);
        let party = Party { account: from, nonce: Nonce { lane: 0, seq }, policy: None };
        let expires = self.env.height + 10;
        let terms = Terms { parties: vec![party], actions, price: 1, expires };
        let signed = who.sign_offer(terms.offer(self.env.genesis)?)?.transaction()?;
        let receipts = self.block(vec![signed])?;
        let receipt = receipts.first().ok_or("no receipt")?;
        let paid = self.fees.entry(from).or_default();
        *paid = paid.checked_add(receipt.fee).ok_or("fees without end")?;
        Ok(receipt.code)
    }

    /// Brings the funds and locks them, in one transaction. The lock's id.
    pub(crate) fn lock(&mut self, who: &Wallet, promise: &Promise) -> Result<Hash, Box<dyn Error>> {
        let assets::Call::Transfer { asset, to, amount, .. } = deposit(promise) else {
            return Err("a deposit is a transfer".into());
        };
        let locked = action(&Call::Lock(promise.clone()))?;
        let code = self.act(who, vec![give(0, to, amount, asset), locked])?;
        match self.said.last() {
            Some(LocksEvent::Lock { id, .. }) if code == 0 => Ok(*id),
            _ => Err(format!("nothing was locked, code {code}").into()),
        }
    }

    /// Claims or refunds. The receipt's code.
    pub(crate) fn end(&mut self, who: &Wallet, call: &Call) -> Result<u16, Box<dyn Error>> {
        self.act(who, vec![action(call)?])
    }

    /// A lock that stands.
    pub(crate) fn find(&self, id: Hash) -> Result<Option<Lock>, Box<dyn Error>> {
        self.ask(locks::ID, &locks::Query::Lock(id))
    }

    /// The preimage that opened a lock. From then on all can see it.
    pub(crate) fn shown(&self, lock: Hash) -> Option<Preimage> {
        self.said.iter().find_map(|event| match event {
            LocksEvent::Claim { id, preimage } if *id == lock => Some(*preimage),
            _ => None,
        })
    }

    /// What an account holds, and would have kept if blocks were free.
    pub(crate) fn holds(&self, of: Address) -> Result<Amount, Box<dyn Error>> {
        let held: Amount = self.ask(assets::ID, &Query::Balance(of, Asset::Coin))?;
        let fees = self.fees.get(&of).copied().unwrap_or_default();
        Ok(held.checked_add(fees).ok_or("more than there can be")?)
    }

    fn ask<T: Decode>(&self, module: ModuleId, of: &impl Encode) -> Result<T, Box<dyn Error>> {
        let answer = query(&self.env, &self.modules, self.view.clone(), module, &of.encode())?;
        Ok(T::decode_exact(&answer)?)
    }

    pub(crate) fn time(&self) -> Wall {
        self.env.time
    }
}

fn action(call: &Call) -> Result<Action, Box<dyn Error>> {
    Ok(Action { module: locks::ID, by: 0, payload: call.encode().try_into()? })
}
