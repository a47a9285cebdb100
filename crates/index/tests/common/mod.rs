//! A chain that grows, forks and is flushed, and everything that ever stood on it.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
pub mod deeds;
pub mod draw;
pub mod oracle;

use draw::Draw;
use isonomy_chain::*;
use isonomy_consensus::{Broken, MEMORY_BYTES_MAX, Rules, Step, Trail};
use isonomy_crypto::{Hash, Secret, Signature};
use isonomy_index::{Index, Source};
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::locks::{self, Locks};
use isonomy_ledger::unique::{self, Unique};
use isonomy_ledger::*;
use isonomy_store::{Memory, Store};
use isonomy_types::*;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

pub type Shared = Arc<Transaction<Checked>>;

pub const PEOPLE: u8 = 8;
pub const RICHES: u128 = 1_000_000_000_000;
pub const REWARD: u128 = 50;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let policy = |n: u8| Policy::Key(Secret::from_bytes(&[n + 1; 32]).unwrap().public());
    (0..40).map(policy).collect()
});

pub fn policy(n: u8) -> Policy {
    POLICIES[usize::from(n)].clone()
}

pub fn address(n: u8) -> Address {
    policy(n).address()
}

/// Rules for tests: any header goes.
pub struct Free;

impl Rules for Free {
    fn step(&self, _: &Trail, _: &Authority, _: &Header) -> Result<Step, Broken> {
        Ok(Step { weight: 1_u64.into(), memory: Blob::default() })
    }

    fn certified(&self, _: &Authority, _: &Trail, _: &Certificate) -> Result<(), Broken> {
        Err(Broken::Certificate("there are none"))
    }

    fn begin(&self, _: &Header) -> Blob<MEMORY_BYTES_MAX> {
        Blob::default()
    }
}

pub const TALKER: ModuleId = 8;
pub const COUNCIL: ModuleId = 9;

/// Says what it is told to, in transactions and at the end of every third block.
pub struct Talker;

pub type Words = Vec<(Vec<Vec<u8>>, Vec<u8>)>;

impl Module for Talker {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        for (keys, words) in Words::decode_exact(payload).map_err(Fault::Payload)? {
            let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
            ctx.emit_keyed(&keys, &words)?;
        }
        Ok(Vec::new())
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        if ctx.env().height.is_multiple_of(3) {
            ctx.emit_keyed(&[b"third", address(20).0.as_bytes()], b"said at the end")?;
        }
        Ok(())
    }

    fn describe(&self, _: &[u8]) -> String {
        "talk".into()
    }
}

/// Anyone may decide the next params: the payload is they.
pub struct Council;

impl Module for Council {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        ctx.set_next_params(Params::decode_exact(payload).map_err(Fault::Payload)?)?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "decide".into()
    }
}

pub fn modules() -> Arc<Modules> {
    let modules = Modules::default().with(assets::ID, Assets).unwrap().purse(assets::ID).unwrap();
    let modules = modules.with(unique::ID, Unique).unwrap().with(locks::ID, Locks).unwrap();
    Arc::new(modules.with(TALKER, Talker).unwrap().with(COUNCIL, Council).unwrap())
}

/// Blocks are small, so that the base fee moves, and a third of it is burned.
pub fn params() -> Params {
    Params { body_meter: BODY_METER_MIN, burned_per_mille: 333, ..Params::default() }
}

pub fn genesis(name: &str) -> Flush {
    let allocations: Vec<_> = (0..PEOPLE).map(|n| (address(n), Amount(RICHES))).collect();
    let coins =
        assets::Config { allocations: allocations.try_into().unwrap(), reward: Amount(REWARD) };
    let empty = [unique::ID, locks::ID, TALKER, COUNCIL].map(|id| (id, Vec::new()));
    let genesis = Genesis {
        name: Text::try_from(String::from(name)).unwrap(),
        time: Wall(1_000),
        params: params(),
        authority: Authority::default(),
        settings: Blob::default(),
        modules: [(assets::ID, coins.encode())].into_iter().chain(empty).collect(),
    };
    genesis.build(&Free, modules()).unwrap()
}

/// A block that once stood.
#[derive(Clone)]
pub struct Known {
    pub header: Header,
    pub body: Vec<Shared>,
    pub receipts: Vec<Receipt>,
}

pub struct World {
    pub chain: Arc<Mutex<Chain>>,
    pub store: Memory,
    pub genesis: Flush,
    pub known: BTreeMap<Hash, Known>,
    /// Blocks that may be built on.
    pub live: Vec<Hash>,
    /// Assets and collections that some branch has.
    pub assets: Vec<Hash>,
    pub collections: Vec<Hash>,
    pub locks: Vec<Hash>,
    pub transactions: usize,
    salt: u64,
}

impl World {
    pub fn new() -> Self {
        let flush = genesis("test");
        let mut store = Memory::new(&flush);
        let Recovered { tip, below, view, tree, .. } = store.recover().unwrap();
        let id = tip.trail.id;
        let receipts = flush.blocks[0].receipts.clone();
        let first = Known { header: tip.header.clone(), body: Vec::new(), receipts };
        let chain = Chain::new(Arc::new(Free), modules(), id, tip, below, view, tree);
        Self {
            chain: Arc::new(Mutex::new(chain)),
            store,
            genesis: flush,
            known: BTreeMap::from([(id, first)]),
            live: vec![id],
            assets: vec![Hash::ZERO],
            collections: vec![Hash::ZERO],
            locks: vec![Hash::ZERO],
            transactions: 0,
            salt: 0,
        }
    }

    pub fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap()
    }

    pub fn best(&self) -> Hash {
        self.chain().best().id
    }

    pub fn height(&self) -> u64 {
        self.chain().best().height
    }

    /// How an index reaches this chain. It never waits.
    pub fn source(&self) -> Source {
        let (chain, archive) = (self.chain.clone(), self.store.archive());
        Source {
            look: Box::new(move |look| {
                look(&chain.lock().unwrap());
                Ok(())
            }),
            archive: Box::new(move || Ok(archive.clone())),
            wait: Box::new(|| Err(isonomy_index::Stopped)),
            pause: Box::new(|_| panic!("nothing fails")),
        }
    }

    /// A block on an executed parent, of those candidates that may stand in it. Not adopted.
    pub fn grow(&mut self, parent: Hash, candidates: &[Shared]) -> Hash {
        self.salt += 1;
        let mut chain = self.chain.lock().unwrap();
        let before = chain.trail(&parent).unwrap().clone();
        let time = Wall(before.time.0 + self.salt);
        let producer = address((self.salt % 12) as u8);
        let made = chain.template(parent, time, producer, candidates.to_vec()).unwrap();
        let made = made.run().unwrap();
        let body = made.included.clone();
        let unchecked: Vec<_> = body.iter().map(|tx| tx.to_unchecked()).collect();
        let unchecked = Body { transactions: unchecked.try_into().unwrap() };
        let header = Header {
            version: Version,
            parent,
            height: before.height + 1,
            time,
            producer,
            body_root: unchecked.root(),
            state_root: made.tree.root(),
            receipts_root: made.receipts_root,
            next_authority: made.next_authority.hash(),
            next_params: made.next_params.hash(),
            seal: Seal::default(),
        };
        let entry = Entry { header: header.clone(), authority: None, certificate: None };
        let valid = chain.follow(vec![entry.clone()]).unwrap().run().valid;
        let id = chain.import(valid.into_iter().next().unwrap()).unwrap().id;
        assert!(chain.import_body(id, body.clone().into()));
        let result = chain.execute(id).unwrap().run();
        assert!(matches!(chain.executed(id, result), Outcome::Executed { .. }));
        drop(chain);
        let logged = Append::Block { entry: Box::new(entry), body: unchecked };
        self.store.append(&[logged]).unwrap();
        self.transactions += body.len();
        self.learn(&made.receipts);
        self.known.insert(id, Known { header, body, receipts: made.receipts });
        self.live.push(id);
        id
    }

    pub fn adopt(&mut self, id: Hash) -> bool {
        self.chain().adopt(id).is_some()
    }

    /// A block on best that becomes best.
    pub fn extend(&mut self, candidates: &[Shared]) -> Hash {
        let id = self.grow(self.best(), candidates);
        assert!(self.adopt(id));
        id
    }

    /// Moves the base to the block so deep under best.
    pub fn flush(&mut self, depth: usize) {
        let mut chain = self.chain.lock().unwrap();
        let best = chain.best().id;
        let Some(id) = chain.ancestry(best).nth(depth) else { return };
        let Some(flush) = chain.finalise(id) else { return };
        let view = self.store.flush(&flush).unwrap();
        chain.rebase(id, view);
        self.live.retain(|id| chain.view(id).is_some());
    }

    /// One thing that may happen.
    pub fn step(&mut self, draw: &mut Draw) {
        match draw.below(12) {
            0 => {
                let depth = draw.below(9) as usize;
                self.flush(depth);
            }
            1 | 2 => {
                let id = *draw.pick(&self.live.clone());
                self.adopt(id);
            }
            _ => {
                let best = self.best();
                let parent = if draw.once_in(5) { *draw.pick(&self.live.clone()) } else { best };
                let candidates = deeds::some(self, draw, parent);
                let id = self.grow(parent, &candidates);
                if parent == best || draw.once_in(2) {
                    self.adopt(id);
                }
            }
        }
    }

    /// Ids from genesis to `tip`.
    pub fn branch(&self, tip: Hash) -> Vec<Hash> {
        let parent = |id: &Hash| Some(self.known.get(id)?.header.parent);
        let mut ids: Vec<_> = std::iter::successors(Some(tip), parent)
            .take_while(|id| self.known.contains_key(id))
            .collect();
        ids.reverse();
        ids
    }
}

/// Goes on until there is nothing to do.
pub fn catch_up(index: &Index, source: &Source) {
    while index.step(source).unwrap() {}
}

/// Every row.
pub fn dump(index: &Index) -> Vec<(String, Vec<u8>, Vec<u8>)> {
    let mut all = Vec::new();
    index
        .rows(&mut |table, key, value| all.push((table.into(), key.into(), value.into())))
        .unwrap();
    all
}

/// A transaction that nobody signed: the ledger does not look.
pub fn sign(hands: &[(u8, u64)], actions: Vec<Action>, price: u64, meter_limit: u64) -> Shared {
    let signer =
        |(n, seq): &(u8, u64)| Signer { account: address(*n), nonce: Nonce { lane: 0, seq: *seq } };
    let intent = Intent {
        version: Version,
        signers: hands.iter().map(signer).collect::<Vec<_>>().try_into().unwrap(),
        actions: actions.try_into().unwrap(),
        meter_limit,
        price,
        expires: 100_000,
    };
    let witness = |(n, _): &(u8, u64)| Witness {
        policy: policy(*n),
        signatures: vec![Some(Signature::from_bytes([7; 64]))].try_into().unwrap(),
    };
    let witnesses: Vec<_> = hands.iter().map(witness).collect();
    Arc::new(Transaction::new(intent, witnesses.try_into().unwrap()).trust_own_log())
}

pub fn action(by: u8, module: ModuleId, payload: Vec<u8>) -> Action {
    Action { module, by, payload: payload.try_into().unwrap() }
}

/// One payment of coins by person `n`, who pays for it well.
pub fn pay(n: u8, seq: u64, to: u8, amount: u128) -> Shared {
    let call = assets::Call::pay(address(to), Amount(amount));
    sign(&[(n, seq)], vec![action(0, assets::ID, call.encode())], 50, 40_000)
}
