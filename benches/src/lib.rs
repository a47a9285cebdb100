//! Measure each operation, beside a peer or a limit where there is one.
//!
//! Out of scope: judging. What is measured is printed with the cost of the peer in the same run, so
//! that the ratio means something on any machine.
//!
//! ```text
//! cargo run --release -p isonomy-benches -- figures                   the README's table
//! cargo run --release -p isonomy-benches -- figures --only ID,ID      some of its rows
//! cargo bench -p isonomy-benches -- codec                             one operation, by criterion
//! ```
//!
//! This library holds what is measured on, accounts with coins, signed transfers and blocks of
//! them ([`import`]), and how: [`measure`]. Peers that are heavy to build stand in workspaces of their own, under `peers/`.
//!
//! # Guarantees
//! The same inputs in every run. Figures count the CPU time of one thread, ours and the peer's in
//! turns; where several threads work, the wall's clock.
//!
//! # Limits
//! Criterion measures wall time: close other programs, and compare ratios, not times.
pub mod import;
pub mod measure;

use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::assets::{self, Assets, Call, Config};
use isonomy_ledger::{Birth, Empty, Env, Execute, Mode, Modules, Stack, StateTree, View};
use isonomy_types::{
    Action, Address, Amount, Checked, Encode, Intent, List, Nonce, Params, Policy, Signer,
    Transaction, Version, Wall, Witness,
};
use std::error::Error;
use std::sync::Arc;

/// The chain that all signatures are for.
pub const GENESIS: Hash = Hash::from_bytes([7; 32]);

/// Accounts with coins, on a state of their own.
pub struct World {
    secrets: Vec<Secret>,
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
}

impl World {
    /// So many accounts, each with a million coins.
    ///
    /// # Errors
    /// Beyond 65 536 accounts.
    pub fn new(accounts: u32) -> Result<Self, Box<dyn Error>> {
        let secrets = (1..=accounts).map(secret).collect::<Result<Vec<_>, _>>()?;
        let coins = |secret: &Secret| (address(secret), Amount(1_000_000_000));
        let allocations = List::try_from(secrets.iter().map(coins).collect::<Vec<_>>())?;
        let config = Config { allocations, reward: Amount(50) }.encode();
        let modules = Arc::new(Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?);
        let configs = vec![(assets::ID, config)];
        let born = Birth { env: env(0), modules: modules.clone(), configs }.run()?;
        let view = Arc::new(Stack { layers: vec![born.layer], base: Arc::new(Empty) });
        Ok(Self { secrets, modules, view, tree: born.tree })
    }

    /// The state.
    #[must_use]
    pub fn view(&self) -> &dyn View {
        &*self.view
    }

    /// A transfer from each account to the next.
    ///
    /// # Errors
    /// If a key cannot sign.
    pub fn transfers(&self) -> Result<Vec<Transaction>, Box<dyn Error>> {
        let next = self.secrets.iter().cycle().skip(1);
        let pairs = self.secrets.iter().zip(next);
        pairs.map(|(from, to)| transfer(&GENESIS, from, &[address(to)])).collect()
    }

    /// The work of a block of these.
    #[must_use]
    pub fn block(&self, transactions: Vec<Arc<Transaction<Checked>>>) -> Execute {
        let (modules, view, tree) = (self.modules.clone(), self.view.clone(), self.tree.clone());
        Execute { env: env(1), modules, view, tree, transactions, mode: Mode::Block }
    }
}

/// A key for each number.
///
/// # Errors
/// Zero is no key.
pub fn secret(number: u32) -> Result<Secret, Box<dyn Error>> {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_le_bytes());
    Ok(Secret::from_bytes(&bytes)?)
}

/// The account of a key.
#[must_use]
pub fn address(secret: &Secret) -> Address {
    Policy::Key(secret.public()).address()
}

fn env(height: u64) -> Env {
    let params = Params { body_bytes: 4_000_000, body_meter: 1 << 40, ..Params::default() };
    let (producer, authority) = (Address::default(), Arc::default());
    Env { genesis: GENESIS, height, time: Wall(height), producer, authority, params }
}

/// A first transaction that sends five coins to each of `to`.
///
/// # Errors
/// If the key cannot sign, or there are too many actions.
pub fn transfer(
    genesis: &Hash,
    from: &Secret,
    to: &[Address],
) -> Result<Transaction, Box<dyn Error>> {
    let mut actions = Vec::new();
    for to in to {
        let payload = Call::pay(*to, Amount(5)).encode().try_into()?;
        actions.push(Action { module: assets::ID, by: 0, payload });
    }
    let nonce = Nonce { lane: 0, seq: 0 };
    let intent = Intent {
        version: Version,
        signers: vec![Signer { account: address(from), nonce }].try_into()?,
        actions: actions.try_into()?,
        meter_limit: 20_000,
        price: 1,
        expires: 100,
    };
    let signature = from.sign(&intent.signing_digest(genesis), &[0; 32])?;
    let policy = Policy::Key(from.public());
    let witness = Witness { policy, signatures: vec![Some(signature)].try_into()? };
    Ok(Transaction::new(intent, vec![witness].try_into()?))
}
