//! Transactions, a chain of coins that anyone may extend, and a plain map to hold it against.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_chain::*;
use isonomy_consensus::{Broken, MEMORY_BYTES_MAX, Rules, SealError, Step, Trail};
use isonomy_crypto::{Hash, Secret, Signature};
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::*;
use isonomy_types::*;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

pub type Shared = Arc<Transaction<Checked>>;

pub const PEOPLE: u8 = 8;
pub const RICHES: u128 = 1_000_000_000;
pub const REWARD: u128 = 50;

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let policy = |n: u8| Policy::Key(Secret::from_bytes(&[n + 1; 32]).unwrap().public());
    (0..=200).map(policy).collect()
});

pub fn policy(n: u8) -> Policy {
    POLICIES[usize::from(n)].clone()
}

pub fn address(n: u8) -> Address {
    policy(n).address()
}

/// A transaction to be. Its signatures are nobody's: the ledger does not look at them.
#[derive(Clone, Debug)]
pub struct Tx {
    pub hands: Vec<(u8, Nonce)>,
    pub actions: Vec<Action>,
    pub price: u64,
    pub meter_limit: u64,
    pub expires: u64,
}

impl Tx {
    /// By person `n` on lane 0.
    pub fn by(n: u8, seq: u64) -> Self {
        let hands = vec![(n, Nonce { lane: 0, seq })];
        Self { hands, actions: Vec::new(), price: 1, meter_limit: 20_000, expires: 1_000 }
    }

    pub fn on(mut self, lane: u16) -> Self {
        self.hands[0].1.lane = lane;
        self
    }

    pub fn and(mut self, n: u8, seq: u64) -> Self {
        self.hands.push((n, Nonce { lane: 0, seq }));
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

    pub fn make(&self) -> Shared {
        let signer = |(n, nonce): &(u8, Nonce)| Signer { account: address(*n), nonce: *nonce };
        let intent = Intent {
            version: Version,
            signers: self.hands.iter().map(signer).collect::<Vec<_>>().try_into().unwrap(),
            actions: self.actions.clone().try_into().unwrap(),
            meter_limit: self.meter_limit,
            price: self.price,
            expires: self.expires,
        };
        let signatures = vec![Some(Signature::from_bytes([7; 64]))];
        let witness = |(n, _): &(u8, Nonce)| Witness {
            policy: policy(*n),
            signatures: signatures.clone().try_into().unwrap(),
        };
        let witnesses: Vec<_> = self.hands.iter().map(witness).collect();
        Arc::new(Transaction::new(intent, witnesses.try_into().unwrap()).trust_own_log())
    }
}

/// Of so many signers on fresh lanes, who hold everything and pay nothing.
pub fn standing(signers: usize, next: u64) -> Standing {
    let (holds, pays) = (vec![Amount::MAX; signers], vec![Amount::ZERO; signers]);
    Standing { next: vec![next; signers], holds, pays }
}

/// Rules for tests: a seal is one byte, the weight that it claims. A certificate of a block is its
/// id, signed by nobody.
pub struct Free;

impl Rules for Free {
    fn step(&self, _: &Trail, _: &Authority, header: &Header) -> Result<Step, Broken> {
        match header.seal[..] {
            [weight] => Ok(Step { weight: weight.into(), memory: Blob::default() }),
            _ => Err(Broken::Seal(SealError::Length { got: header.seal.len(), limit: 1 })),
        }
    }

    fn certified(&self, _: &Authority, block: &Trail, proof: &Certificate) -> Result<(), Broken> {
        if proof[..] == block.id.as_bytes()[..] {
            Ok(())
        } else {
            Err(Broken::Certificate("another block's"))
        }
    }

    fn begin(&self, _: &Header) -> Blob<MEMORY_BYTES_MAX> {
        Blob::truncated(b"begun".to_vec())
    }
}

pub fn proof(id: Hash) -> Certificate {
    id.as_bytes().to_vec().try_into().unwrap()
}

/// Sets what binds the next block: the payload is an encoded `(Authority, Params)`.
pub struct Council;

pub const COUNCIL: ModuleId = 2;

impl Module for Council {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let (authority, params) = <(Authority, Params)>::decode_exact(payload).unwrap();
        ctx.set_next_authority(Arc::new(authority))?;
        ctx.set_next_params(params)?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "rule".into()
    }
}

pub fn authority(rules_version: u32) -> Authority {
    Authority { rules_version, ..Authority::default() }
}

pub fn modules() -> Arc<Modules> {
    let modules = Modules::default().with(assets::ID, Assets).unwrap();
    Arc::new(modules.with(COUNCIL, Council).unwrap().purse(assets::ID).unwrap())
}

pub fn genesis() -> Genesis {
    let allocations: Vec<_> = (0..PEOPLE).map(|n| (address(n), Amount(RICHES))).collect();
    let allocations = allocations.try_into().unwrap();
    let coins = assets::Config { allocations, reward: Amount(REWARD) };
    Genesis {
        name: Text::try_from(String::from("test")).unwrap(),
        time: Wall(1_000),
        params: Params::default(),
        authority: Authority::default(),
        settings: Blob::default(),
        modules: vec![(assets::ID, coins.encode()), (COUNCIL, Vec::new())],
    }
}

/// A state that is a plain map.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Plain(pub BTreeMap<Key, Value>);

impl Plain {
    pub fn apply(&mut self, layer: &Layer) {
        for (key, value) in &layer.writes {
            match value {
                Some(value) => self.0.insert(key.into(), value.into()),
                None => self.0.remove(key),
            };
        }
    }

    /// Everything that a view shows, read in either direction.
    pub fn of(view: &dyn View) -> Self {
        let up: Vec<_> = view.scan(&Span::all(), Order::Up).map(Result::unwrap).collect();
        let mut down: Vec<_> = view.scan(&Span::all(), Order::Down).map(Result::unwrap).collect();
        down.reverse();
        assert_eq!(up, down);
        for (key, value) in &up {
            assert_eq!(view.get(key).unwrap().as_ref(), Some(value));
        }
        Self(up.into_iter().collect())
    }
}

impl View for Plain {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(self.0.get(key).cloned())
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let span = span.clone();
        let within = self.0.iter().filter(move |(key, _)| span.contains(key));
        let pairs = within.map(|(key, value)| Ok((key.clone(), value.clone())));
        match order {
            Order::Up => Box::new(pairs),
            Order::Down => Box::new(pairs.collect::<Vec<_>>().into_iter().rev()),
        }
    }
}

/// A medium that fails.
pub struct Broke;

impl View for Broke {
    fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Err(ReadFailed)
    }

    fn scan<'a>(
        &'a self,
        _: &Span,
        _: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        Box::new(std::iter::once(Err(ReadFailed)))
    }
}

/// A block made but not imported.
#[derive(Clone)]
pub struct Made {
    pub header: Header,
    pub body: Vec<Shared>,
    pub executed: Executed,
}

impl Made {
    pub fn id(&self) -> Hash {
        self.header.id()
    }

    /// The same block with a header that says something else.
    pub fn but(mut self, change: impl FnOnce(&mut Header)) -> Self {
        change(&mut self.header);
        self
    }

    pub fn entry(&self) -> Entry {
        let authority = Some(self.executed.next_authority.as_ref().clone());
        let authority = authority.filter(|next| next.hash() == self.header.next_authority);
        Entry { header: self.header.clone(), authority, certificate: None }
    }
}

/// A chain and what its store would hold.
pub struct World {
    pub chain: Chain,
    /// Of genesis.
    pub first: Plain,
}

impl World {
    pub fn new() -> Self {
        let flush = genesis().build(&Free, modules()).unwrap();
        let mut first = Plain::default();
        first.apply(&flush.layer);
        let (id, view) = (flush.tip.trail.id, Arc::new(first.clone()));
        let tree = StateTree::of(&*view).unwrap();
        let chain = Chain::new(Arc::new(Free), modules(), id, flush.tip, Vec::new(), view, tree);
        Self { chain, first }
    }

    pub fn genesis(&self) -> Hash {
        self.chain.genesis()
    }

    /// A block on an executed parent. `salt` tells blocks with the same content apart.
    pub fn make(&self, parent: Hash, salt: u8, candidates: &[Shared]) -> Made {
        let time = Wall(self.chain.trail(&parent).unwrap().time.0 + 10 + u64::from(salt));
        let producer = address(100 + salt % 100);
        let work = self.chain.template(parent, time, producer, candidates.to_vec()).unwrap();
        let executed = work.run().unwrap();
        let body = executed.included.clone();
        let header = Header {
            version: Version,
            parent,
            height: self.chain.trail(&parent).unwrap().height + 1,
            time,
            producer,
            body_root: body_of(&body).root(),
            state_root: executed.tree.root(),
            receipts_root: executed.receipts_root,
            next_authority: executed.next_authority.hash(),
            next_params: executed.next_params.hash(),
            seal: vec![1].try_into().unwrap(),
        };
        Made { header, body, executed }
    }

    pub fn import_entry(&mut self, entry: Entry) -> Result<Trail, HeaderRefused> {
        let followed = self.chain.follow(vec![entry])?.run();
        assert_eq!(followed.broken, None);
        self.chain.import(followed.valid.into_iter().next().unwrap())
    }

    /// The header alone.
    pub fn show(&mut self, made: &Made) -> Hash {
        self.import_entry(made.entry()).unwrap().id
    }

    /// Header and body.
    pub fn bring(&mut self, made: &Made) -> Hash {
        let id = self.show(made);
        assert!(self.chain.import_body(id, made.body.clone().into()));
        id
    }

    pub fn execute(&mut self, id: Hash) -> Outcome {
        let result = self.chain.execute(id).unwrap().run();
        self.chain.executed(id, result)
    }

    /// A block made, brought and executed.
    pub fn grow(&mut self, parent: Hash, salt: u8, candidates: &[Shared]) -> Hash {
        let made = self.make(parent, salt, candidates);
        let id = self.bring(&made);
        assert!(matches!(self.execute(id), Outcome::Executed { .. }));
        id
    }

    /// So many empty blocks, one on the other.
    pub fn extend(&mut self, mut parent: Hash, salt: u8, count: usize) -> Vec<Hash> {
        let mut ids = Vec::new();
        for _ in 0..count {
            parent = self.grow(parent, salt, &[]);
            ids.push(parent);
        }
        ids
    }

    pub fn state(&self, id: &Hash) -> Plain {
        Plain::of(&*self.chain.view(id).unwrap())
    }

    /// The tree that a child of `id` would go on from.
    pub fn tree(&self, id: &Hash) -> StateTree {
        let work = self.chain.template(*id, Wall::default(), Address::default(), Vec::new());
        work.unwrap().tree
    }

    /// Runs everything from genesis to `id` again, on a plain map.
    pub fn replay(&self, id: Hash) -> Plain {
        let mut path: Vec<_> = self.chain.ancestry(id).collect();
        path.reverse();
        assert_eq!(path.remove(0), self.genesis());
        self.replay_from_flushed(&self.first, &path)
    }

    /// Runs the blocks of `path` on a plain map that holds the state before them.
    pub fn replay_from_flushed(&self, state: &Plain, path: &[Hash]) -> Plain {
        let mut state = state.clone();
        for id in path {
            let (env, transactions) = self.env_and_body(*id);
            let view = Arc::new(state.clone());
            let (tree, mode) = (StateTree::default(), Mode::Block);
            let run = Execute { env, modules: modules(), view, tree, transactions, mode };
            let done = run.run().unwrap();
            state.apply(&done.layer);
            assert_eq!(state_root(&state).unwrap(), self.chain.header(id).unwrap().state_root);
        }
        state
    }

    fn env_and_body(&self, id: Hash) -> (Env, Vec<Shared>) {
        let header = self.chain.header(&id).unwrap();
        let env = self.chain.next_env(&header.parent, header.time, header.producer).unwrap();
        let body = self.chain.body(&id).unwrap().transactions.into_iter();
        (env, body.map(|tx| Arc::new(tx.trust_own_log())).collect())
    }

    pub fn balance(&self, id: &Hash, n: u8) -> u128 {
        self.ask(id, &assets::Query::Balance(address(n), assets::Asset::Coin))
    }

    pub fn ask(&self, id: &Hash, query: &assets::Query) -> u128 {
        let env = self.chain.next_env(id, Wall::default(), Address::default()).unwrap();
        let view = self.chain.view(id).unwrap();
        let answer = isonomy_ledger::query(&env, &modules(), view, assets::ID, &query.encode());
        Amount::decode_exact(&answer.unwrap()).unwrap().0
    }

    /// The next counter of person `n`'s lane.
    pub fn next(&self, id: &Hash, n: u8, lane: u16) -> u64 {
        let account = account(&*self.chain.view(id).unwrap(), &address(n)).unwrap();
        account.lanes.iter().find(|(of, _)| *of == lane).map_or(0, |(_, next)| *next)
    }
}

pub fn body_of(transactions: &[Shared]) -> Body {
    let transactions: Vec<_> = transactions.iter().map(|tx| tx.to_unchecked()).collect();
    Body { transactions: transactions.try_into().unwrap() }
}

/// The balances' sum, counted from the raw state.
pub fn counted(state: &Plain) -> u128 {
    let balances = Span::prefix(&[0, 1, 0]);
    let held = state.0.iter().filter(|(key, _)| balances.contains(key));
    held.map(|(_, value)| Amount::decode_exact(value).unwrap().0).sum()
}
