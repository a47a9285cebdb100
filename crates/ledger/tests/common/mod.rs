//! Signed transactions, and a chain of blocks to put them in.
#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_crypto::{Hash, Secret};
use isonomy_ledger::assets::{self, Asset, Assets};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::{Arc, LazyLock};

pub type Shared = Arc<Transaction<Checked>>;

pub const GENESIS: Hash = Hash::from_bytes([9; 32]);
/// Who is paid for every block.
pub const PRODUCER: u8 = 200;

static SECRETS: LazyLock<Vec<(Secret, Policy)>> = LazyLock::new(|| {
    let pair = |n: u8| {
        let secret = Secret::from_bytes(&[n.max(1); 32]).unwrap();
        let policy = Policy::Key(secret.public());
        (secret, policy)
    };
    (0..=u8::MAX - 1).map(pair).collect()
});

/// Person `n`, 1 to 254.
pub fn secret(n: u8) -> &'static Secret {
    &SECRETS[usize::from(n)].0
}

pub fn policy(n: u8) -> Policy {
    SECRETS[usize::from(n)].1.clone()
}

pub fn address(n: u8) -> Address {
    policy(n).address()
}

/// `needed` of these people.
pub fn several(needed: u8, people: &[u8]) -> Policy {
    let mut keys: Vec<_> = people.iter().map(|n| secret(*n).public()).collect();
    keys.sort_unstable();
    Policy::Keys(Keys::new(needed, keys).unwrap())
}

/// One signer of a transaction to be: whose account, under which policy, with whose hands.
#[derive(Clone)]
pub struct Hand {
    pub signer: Signer,
    pub policy: Policy,
    pub people: Vec<u8>,
}

/// A transaction to be.
#[derive(Clone)]
pub struct Tx {
    pub hands: Vec<Hand>,
    pub actions: Vec<Action>,
    pub meter_limit: u64,
    pub price: u64,
    pub expires: u64,
}

impl Tx {
    /// Signed by person `n` on lane 0.
    pub fn by(n: u8, seq: u64) -> Self {
        let tx = Self {
            hands: Vec::new(),
            actions: Vec::new(),
            meter_limit: 30_000,
            price: 1,
            expires: 1_000,
        };
        tx.and(n, 0, seq)
    }

    /// Signed by person `n` too.
    pub fn and(self, n: u8, lane: u16, seq: u64) -> Self {
        self.hand(address(n), Nonce { lane, seq }, policy(n), &[n])
    }

    pub fn hand(mut self, account: Address, nonce: Nonce, policy: Policy, people: &[u8]) -> Self {
        let signer = Signer { account, nonce };
        self.hands.push(Hand { signer, policy, people: people.to_vec() });
        self
    }

    /// Without those who signed so far.
    pub fn nobody(mut self) -> Self {
        self.hands.clear();
        self
    }

    pub fn act(mut self, by: u8, module: ModuleId, payload: Vec<u8>) -> Self {
        self.actions.push(Action { module, by, payload: payload.try_into().unwrap() });
        self
    }

    /// The first signer sends coins.
    pub fn send(self, to: u8, amount: u128) -> Self {
        self.send_by(0, to, amount)
    }

    pub fn send_by(self, by: u8, to: u8, amount: u128) -> Self {
        let call = assets::Call::pay(address(to), Amount(amount));
        self.act(by, assets::ID, call.encode())
    }

    pub fn limit(mut self, meter_limit: u64) -> Self {
        self.meter_limit = meter_limit;
        self
    }

    pub fn price(mut self, price: u64) -> Self {
        self.price = price;
        self
    }

    pub fn expires(mut self, height: u64) -> Self {
        self.expires = height;
        self
    }

    fn intent(&self) -> Intent {
        let signers: Vec<_> = self.hands.iter().map(|hand| hand.signer).collect();
        Intent {
            version: Version,
            signers: signers.try_into().unwrap(),
            actions: self.actions.clone().try_into().unwrap(),
            meter_limit: self.meter_limit,
            price: self.price,
            expires: self.expires,
        }
    }

    pub fn sign(&self) -> Shared {
        Arc::new(self.unchecked().check(&GENESIS).unwrap())
    }

    pub fn unchecked(&self) -> Transaction {
        let intent = self.intent();
        let digest = intent.signing_digest(&GENESIS);
        let witness = |hand: &Hand| {
            let (_, keys) = hand.policy.signing().unwrap();
            let sign = |key: &isonomy_crypto::PublicKey| {
                let person = hand.people.iter().find(|n| secret(**n).public() == *key)?;
                Some(secret(*person).sign(&digest, &[0; 32]).unwrap())
            };
            let signatures: Vec<_> = keys.iter().map(sign).collect();
            Witness { policy: hand.policy.clone(), signatures: signatures.try_into().unwrap() }
        };
        let witnesses: Vec<_> = self.hands.iter().map(witness).collect();
        Transaction::new(intent, witnesses.try_into().unwrap())
    }

    /// With signatures that nobody made: the ledger does not look at them, and it is quick.
    pub fn forge(&self) -> Shared {
        let witness = |hand: &Hand| {
            let (needed, keys) = hand.policy.signing().unwrap();
            let signature = isonomy_crypto::Signature::from_bytes([7; 64]);
            let place = |index| (index < needed).then_some(signature);
            let signatures: Vec<_> = (0..keys.len()).map(place).collect();
            Witness { policy: hand.policy.clone(), signatures: signatures.try_into().unwrap() }
        };
        let witnesses: Vec<_> = self.hands.iter().map(witness).collect();
        let transaction = Transaction::new(self.intent(), witnesses.try_into().unwrap());
        Arc::new(transaction.trust_own_log())
    }
}

/// A chain's state and the block that comes next.
#[derive(Clone)]
pub struct World {
    pub modules: Arc<Modules>,
    pub env: Env,
    pub layers: Vec<Arc<Layer>>,
    pub tree: StateTree,
}

pub fn env(height: u64) -> Env {
    Env {
        genesis: GENESIS,
        height,
        time: Wall(height),
        producer: address(PRODUCER),
        authority: Arc::default(),
        params: Params::default(),
    }
}

pub fn coin() -> Modules {
    Modules::default().with(assets::ID, Assets).unwrap().purse(assets::ID).unwrap()
}

/// The coin and all that this crate brings along.
pub fn all() -> Modules {
    coin().with(unique::ID, unique::Unique).unwrap().with(locks::ID, locks::Locks).unwrap()
}

pub fn config(balances: &[(u8, u128)], reward: u128) -> Vec<u8> {
    let allocations: Vec<_> =
        balances.iter().map(|(n, held)| (address(*n), Amount(*held))).collect();
    let allocations = allocations.try_into().unwrap();
    assets::Config { allocations, reward: Amount(reward) }.encode()
}

impl World {
    /// A chain with coins and nothing else.
    pub fn coins(balances: &[(u8, u128)], reward: u128) -> Self {
        Self::new(coin(), vec![(assets::ID, config(balances, reward))])
    }

    pub fn new(modules: Modules, configs: Vec<(ModuleId, Vec<u8>)>) -> Self {
        let modules = Arc::new(modules);
        let born = Birth { env: env(0), modules: modules.clone(), configs }.run().unwrap();
        Self { modules, env: env(1), layers: vec![born.layer], tree: born.tree }
    }

    /// A chain with coins and every module of this crate.
    pub fn full(balances: &[(u8, u128)]) -> Self {
        let coins = (assets::ID, config(balances, 0));
        Self::new(all(), vec![coins, (unique::ID, Vec::new()), (locks::ID, Vec::new())])
    }

    /// Makes a block of one transaction by person `n` that acts so, and returns its receipt.
    pub fn act(&mut self, n: u8, actions: &[(ModuleId, Vec<u8>)]) -> Receipt {
        let lanes = account(&*self.view(), &address(n)).unwrap().lanes;
        let seq = lanes.iter().find(|(lane, _)| *lane == 0).map_or(0, |(_, next)| *next);
        let tx = Tx::by(n, seq).limit(1_000_000).price(1);
        let act =
            |tx: Tx, (module, payload): &(ModuleId, Vec<u8>)| tx.act(0, *module, payload.clone());
        self.block(&[actions.iter().fold(tx, act).forge()]).unwrap().receipts[0].clone()
    }

    /// The same for one call to the assets: its code.
    pub fn assets(&mut self, n: u8, call: assets::Call) -> u16 {
        self.act(n, &[(assets::ID, call.encode())]).code
    }

    /// The typed answer to a question.
    pub fn answer<T: Decode>(&self, module: ModuleId, question: &impl Encode) -> T {
        T::decode_exact(&self.ask(module, &question.encode()).unwrap()).unwrap()
    }

    pub fn units(&self, n: u8, asset: Hash) -> u128 {
        let question = assets::Query::Balance(address(n), Asset::Issued(asset));
        self.answer::<Amount>(assets::ID, &question).0
    }

    /// An asset's balances, summed up from the raw state.
    pub fn counted_units(&self, asset: Hash) -> u128 {
        let (units, id) = (Span::prefix(&[0, 1, 4]), asset.encode());
        let pairs = self.pairs().into_iter();
        let held = pairs.filter(|(key, _)| units.contains(key) && key.ends_with(&id));
        held.map(|(_, value)| Amount::decode_exact(&value).unwrap().0).sum()
    }

    /// Modules that need no configuration.
    pub fn bare(modules: Modules) -> Self {
        let configs = modules.ids().into_iter().map(|id| (id, Vec::new())).collect();
        Self::new(modules, configs)
    }

    pub fn view(&self) -> Arc<dyn View> {
        Arc::new(Stack { layers: self.layers.clone(), base: Arc::new(Empty) })
    }

    pub fn execute(&self, transactions: &[Shared], mode: Mode) -> Result<Executed, ExecuteError> {
        let (env, modules, view) = (self.env.clone(), self.modules.clone(), self.view());
        let (tree, transactions) = (self.tree.clone(), transactions.to_vec());
        Execute { env, modules, view, tree, transactions, mode }.run()
    }

    /// Makes the block, if it is valid.
    pub fn block(&mut self, transactions: &[Shared]) -> Result<Executed, ExecuteError> {
        let done = self.execute(transactions, Mode::Block)?;
        self.layers.insert(0, done.layer.clone());
        self.tree = done.tree.clone();
        assert_eq!(self.tree.root(), state_root(&*self.view()).unwrap());
        self.env.height += 1;
        self.env.time = Wall(self.env.height);
        self.env.authority = done.next_authority.clone();
        self.env.params = done.next_params.clone();
        Ok(done)
    }

    /// Why this transaction may not be in the next block.
    pub fn refusal(&self, transaction: &Shared) -> Option<Inadmissible> {
        match self.execute(std::slice::from_ref(transaction), Mode::Block) {
            Ok(_) => None,
            Err(ExecuteError::Invalid { index: 0, why }) => Some(why),
            Err(other) => panic!("{other}"),
        }
    }

    pub fn admit(&self, transaction: &Shared) -> Result<Standing, AdmitError> {
        let (env, modules, view) = (self.env.clone(), self.modules.clone(), self.view());
        Admit { env, modules, view, transaction: transaction.clone() }.run()
    }

    pub fn ask(&self, module: ModuleId, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        query(&self.env, &self.modules, self.view(), module, payload)
    }

    pub fn balance(&self, n: u8) -> u128 {
        self.balance_of(address(n))
    }

    pub fn balance_of(&self, address: Address) -> u128 {
        let answer =
            self.ask(assets::ID, &assets::Query::Balance(address, Asset::Coin).encode()).unwrap();
        Amount::decode_exact(&answer).unwrap().0
    }

    pub fn supply(&self) -> u128 {
        let answer = self.ask(assets::ID, &assets::Query::Supply(Asset::Coin).encode()).unwrap();
        Amount::decode_exact(&answer).unwrap().0
    }

    pub fn pairs(&self) -> Vec<Pair> {
        self.view().scan(&Span::all(), Order::Up).collect::<Result<_, _>>().unwrap()
    }

    /// The balances' sum, counted from the raw state.
    pub fn counted(&self) -> u128 {
        let balances = Span::prefix(&[0, 1, 0]);
        let held = self.pairs().into_iter().filter(|(key, _)| balances.contains(key));
        held.map(|(_, value)| Amount::decode_exact(&value).unwrap().0).sum()
    }
}
