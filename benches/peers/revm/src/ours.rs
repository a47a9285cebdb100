//! Our side: a chain with the native coin as purse, over the store's state in memory.
use crate::Pair;
use isonomy_chain::{Flush, Flushed, Tip};
use isonomy_consensus::Trail;
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_ledger::assets::{self, Asset, Assets, Call, Config, balance_key};
use isonomy_ledger::{Birth, Env, Execute, Executed, Layer, Mode, Modules, StateTree, Value, View};
use isonomy_store::{Memory, Store};
use isonomy_types::{
    Action, Address, Amount, Authority, Checked, Encode, Entry, Header, Intent, List, Nonce,
    Params, Policy, Seal, Signer, Transaction, Version, Wall, Witness,
};
use std::error::Error;
use std::sync::Arc;

type Failure = Box<dyn Error>;

pub(crate) struct Chain {
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
    store: Memory,
    tip: Trail,
    nonces: Vec<u64>,
    policies: Vec<Policy>,
}

pub(crate) struct Block {
    env: Env,
    transactions: Vec<Arc<Transaction<Checked>>>,
}

impl Chain {
    /// The accounts' coins are put below a genesis that endows nobody: it could not endow so many.
    pub(crate) fn new(accounts: u64) -> Result<Self, Failure> {
        let modules = Arc::new(Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?);
        let config = Config { allocations: List::default(), reward: Amount(50) }.encode();
        let configs = vec![(assets::ID, config)];
        let born = Birth { env: env(0), modules: modules.clone(), configs }.run()?;
        let mut layer = Arc::unwrap_or_clone(born.layer);
        let policies: Vec<_> = (0..accounts).map(policy).collect();
        let coins = Value::from(Amount(1 << 60).encode());
        let rich =
            |policy: &Policy| (balance_key(policy.address(), Asset::Coin).into(), coins.clone());
        layer.writes.extend(policies.iter().map(rich).map(|(key, coins)| (key, Some(coins))));
        let before = StateTree::default();
        let trees = [before.clone(), before.update(&layer)?];
        let flush = flush(None, layer, trees, Vec::new());
        let mut store = Memory::new(&flush);
        let recovered = store.recover()?;
        let (view, tree, tip) = (recovered.view, recovered.tree, recovered.tip.trail);
        Ok(Self { modules, view, tree, store, tip, nonces: vec![0; accounts as usize], policies })
    }

    /// A block's transactions, one a pair. Nobody reads their signatures any more.
    pub(crate) fn block(&mut self, pairs: &[Pair]) -> Result<Block, Failure> {
        let transactions =
            pairs.iter().map(|pair| self.transfer(*pair)).collect::<Result<_, Failure>>()?;
        Ok(Block { env: env(self.tip.height + 1), transactions })
    }

    fn transfer(&mut self, (from, to): Pair) -> Result<Arc<Transaction<Checked>>, Failure> {
        let policy = |number| self.policies.get(number as usize).ok_or("no such account");
        let (to, policy) = (policy(to)?.address(), policy(from)?.clone());
        let payload = Call::pay(to, Amount(5)).encode().try_into()?;
        let seq = self.nonces.get_mut(from as usize).ok_or("no such account")?;
        let nonce = Nonce { lane: 0, seq: *seq };
        *seq += 1;
        let intent = Intent {
            version: Version,
            signers: vec![Signer { account: policy.address(), nonce }].try_into()?,
            actions: vec![Action { module: assets::ID, by: 0, payload }].try_into()?,
            meter_limit: 20_000,
            price: 1,
            expires: 1_000,
        };
        let signature = Some(Signature::from_bytes([1; 64]));
        let witness = Witness { policy, signatures: vec![signature].try_into()? };
        let transaction = Transaction::new(intent, vec![witness].try_into()?);
        Ok(Arc::new(transaction.trust_own_log()))
    }

    fn execute(&self, block: &Block) -> Execute {
        Execute {
            env: block.env.clone(),
            modules: self.modules.clone(),
            view: self.view.clone(),
            tree: self.tree.clone(),
            transactions: block.transactions.clone(),
            mode: Mode::Block,
        }
    }

    /// Without the state's root.
    pub(crate) fn trial(&self, block: &Block) -> Result<Executed, Failure> {
        Ok(self.execute(block).trial()?)
    }

    pub(crate) fn run(&self, block: &Block) -> Result<Executed, Failure> {
        Ok(self.execute(block).run()?)
    }

    /// Takes what the block did into the store, as a node does once the block is settled.
    pub(crate) fn keep(&mut self, block: &Block, done: &Executed) -> Result<(), Failure> {
        if done.receipts.iter().any(|receipt| receipt.code != 0) {
            return Err("our side refuses a transfer".into());
        }
        let ids = block.transactions.iter().map(|transaction| transaction.id()).collect();
        let trees = [self.tree.clone(), done.tree.clone()];
        let flush = flush(Some(&self.tip), done.layer.as_ref().clone(), trees, ids);
        self.view = self.store.flush(&flush)?;
        self.tree = done.tree.clone();
        self.tip = flush.tip.trail;
        Ok(())
    }
}

/// What only a policy's hash can tell from a key.
fn policy(number: u64) -> Policy {
    Policy::Key(PublicKey::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes()))
}

fn env(height: u64) -> Env {
    let params = Params { body_bytes: 4 << 20, body_meter: 1 << 40, ..Params::default() };
    let producer = Address(Hash::from_bytes([3; 32]));
    let authority = Arc::default();
    Env { genesis: Hash::ZERO, height, time: Wall(height), producer, authority, params }
}

fn flush(
    parent: Option<&Trail>,
    layer: Layer,
    trees: [StateTree; 2],
    transactions: Vec<Hash>,
) -> Flush {
    let height = parent.map_or(0, |parent| parent.height + 1);
    let header = Header {
        version: Version,
        parent: parent.map_or(Hash::ZERO, |parent| parent.id),
        height,
        time: Wall(height),
        producer: Address::default(),
        body_root: Hash::ZERO,
        state_root: Hash::ZERO,
        receipts_root: Hash::ZERO,
        next_authority: Authority::default().hash(),
        next_params: Params::default().hash(),
        seal: Seal::default(),
    };
    let trail = Trail::trusted(&header);
    let entry = Entry { header: header.clone(), authority: None, certificate: None };
    let block = Flushed { entry, trail: trail.clone(), transactions, receipts: Vec::new() };
    let (authority, params) = (Arc::default(), Params::default());
    let tip = Tip { header, trail, authority, params, certificate: None };
    let [before, tree] = trees;
    Flush { layer, before, tree, tip, blocks: vec![block] }
}
