//! Our side: a coin chain with proof of work over the store's state in memory.
use crate::{ACCOUNTS, Failure, Pair};
use isonomy::chain::{Chain, Flush};
use isonomy::ledger::assets::{Asset, balance_key};
use isonomy::ledger::{StateTree, Value};
use isonomy::node::Lent;
use isonomy::store::{Memory, Store};
use isonomy::{Coin, Spec, WorkSpec};
use isonomy_benches::import::{Incoming, mined, take_in};
use isonomy_benches::measure::cpu_ns;
use isonomy_benches::{address, secret, transfer};
use isonomy_crypto::{Claim, Hash, InvalidClaims, PublicKey, Signature, verify_bundles};
use isonomy_types::{Address, Amount, Encode, Params, Transaction, Wall};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Ours {
    coin: Coin,
    chain: Chain,
    addresses: Vec<Address>,
}

/// A block, and the signatures in it.
pub(crate) struct Block {
    incoming: Incoming,
    pub(crate) claims: Vec<Claim>,
}

/// Of one block, in nanoseconds of this thread.
pub(crate) struct Spent {
    pub(crate) all: f64,
    pub(crate) signatures: f64,
}

impl Ours {
    /// The accounts' coins are put below a genesis that endows nobody: it could not endow so many.
    pub(crate) fn new() -> Result<Self, Failure> {
        let coin = spec().coin()?;
        let addresses = (1..=ACCOUNTS).map(|number| Ok(address(&secret(number)?)));
        let addresses = addresses.collect::<Result<Vec<_>, Failure>>()?;
        let coins = Value::from(Amount(1 << 60).encode());
        let rich = |of: &Address| (balance_key(*of, Asset::Coin).into(), Some(coins.clone()));
        let Flush { mut layer, tip, blocks, .. } = coin.genesis.clone();
        layer.writes.extend(addresses.iter().map(rich));
        let before = StateTree::default();
        let tree = before.update(&layer)?;
        let mut store = Memory::new(&Flush { layer, before, tree: tree.clone(), tip, blocks });
        let (kept, id) = (store.recover()?, coin.genesis.tip.trail.id);
        let (rules, modules) = (Arc::new(coin.work), coin.modules.clone());
        let chain = Chain::new(rules, modules, id, kept.tip, kept.below, kept.view, tree);
        Ok(Self { coin, chain, addresses })
    }

    /// A block of these transfers on the best one. Each account may send once only.
    pub(crate) fn block(&self, pairs: &[Pair]) -> Result<Block, Failure> {
        self.mined(self.transfers(pairs)?)
    }

    /// The same, but one signature is another's.
    pub(crate) fn wrong(&self, pairs: &[Pair]) -> Result<Block, Failure> {
        let mut transfers = self.transfers(pairs)?;
        let [first, second, ..] = &mut transfers[..] else { return Err("one transfer".into()) };
        let mut witnesses = first.witnesses().to_vec();
        for (witness, other) in witnesses.iter_mut().zip(&**second.witnesses()) {
            witness.signatures = other.signatures.clone();
        }
        *first = Transaction::new(first.intent().clone(), witnesses.try_into()?);
        self.mined(transfers)
    }

    fn transfers(&self, pairs: &[Pair]) -> Result<Vec<Transaction>, Failure> {
        let transfer = |(from, to): &Pair| {
            let to = *self.addresses.get(*to as usize).ok_or("no such account")?;
            transfer(&self.chain.genesis(), &secret(from + 1)?, &[to])
        };
        pairs.iter().map(transfer).collect()
    }

    fn mined(&self, transfers: Vec<Transaction>) -> Result<Block, Failure> {
        let claims = transfers.iter().map(|transfer| claim(transfer, &self.chain.genesis()));
        let claims = claims.collect::<Option<_>>().ok_or("no signature")?;
        let trusted = transfers.into_iter().map(|transfer| Arc::new(transfer.trust_own_log()));
        let time = Wall((self.chain.best().height + 1) * INTERVAL_MS);
        let incoming = mined(&self.chain, &self.coin, time, trusted.collect())?;
        Ok(Block { incoming, claims })
    }

    /// From bytes to adopted, on this thread.
    pub(crate) fn take_in(&mut self, block: Block) -> Result<Spent, Failure> {
        let counted = Counted::default();
        let mut taken = Err("not run".into());
        let all = cpu_ns(|| taken = take_in(&mut self.chain, block.incoming, &counted));
        taken?;
        Ok(Spent { all, signatures: counted.ns.into_inner() as f64 })
    }
}

const INTERVAL_MS: u64 = 1_000;

fn spec() -> Spec {
    Spec {
        version: isonomy::SPEC_VERSION,
        name: "import".into(),
        time: 0,
        reward: Amount(50),
        work: WorkSpec { hashes: 16, interval_ms: INTERVAL_MS, half_life_ms: 600_000 },
        params: Params { body_bytes: 4 << 20, body_meter: 1 << 40, ..Params::default() },
        allocations: BTreeMap::new(),
    }
}

fn claim(transfer: &Transaction, genesis: &Hash) -> Option<Claim> {
    let witness = transfer.witnesses().first()?;
    let key = *witness.policy.signing()?.1.first()?;
    let signature = (*witness.signatures.first()?)?;
    Some(Claim { key, digest: transfer.intent().signing_digest(genesis), signature })
}

/// Counts what the signatures cost.
#[derive(Default)]
struct Counted {
    ns: AtomicU64,
}

impl Lent for Counted {
    fn sign(&self, _: &PublicKey, _: &Hash) -> Option<Signature> {
        None
    }

    fn archive(&self) -> &dyn isonomy::chain::Archive {
        unreachable!("an import reads nothing back")
    }

    fn verify(&self, claims: &[Claim], ends: &[usize]) -> Result<(), InvalidClaims> {
        let mut held = Ok(());
        let ns = cpu_ns(|| held = verify_bundles(claims, ends));
        self.ns.fetch_add(ns as u64, Ordering::Relaxed);
        held
    }
}
