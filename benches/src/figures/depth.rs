//! A transfer above many blocks that no store has yet: with their layers joined, beside one each.
use super::Measured;
use super::row::{Goal, Row, time};
use isonomy::chain::Chain;
use isonomy::consensus::pow::{Mine, WorkSeal};
use isonomy::{Coin, Spec, WorkSpec};
use isonomy_benches::measure::{Paired, cpu_ns, median, of};
use isonomy_benches::secret;
use isonomy_crypto::{Hash, Signature, list_root};
use isonomy_ledger::assets::{self, Call};
use isonomy_ledger::{Empty, Execute, Executed, Joined, Layer, Stack, StateTree, View};
use isonomy_types::{
    Action, Address, Amount, Checked, Encode, Entry, Header, Intent, Nonce, Params, Policy, Signer,
    Transaction, Version, Wall, Witness,
};
use std::error::Error;
use std::sync::Arc;

const ACCOUNTS: u32 = 32_768;
/// In each block: about as many as the default meter lets in.
const TRANSFERS: u32 = 1_024;
/// Blocks above the base: none, a few, the fewest and the most that a node holds by default.
const DEPTHS: [u64; 4] =
    [0, 16, isonomy::BASE_DEPTH, isonomy::BASE_DEPTH + isonomy::FLUSH_BLOCKS - 1];
const ROUNDS: usize = 15;

type Shared = Arc<Transaction<Checked>>;

struct World {
    chain: Chain,
    coin: Coin,
    policies: Vec<Policy>,
    next: Vec<u64>,
    random: u64,
    base: Arc<dyn View>,
    /// Of the blocks above the base, the newest first.
    layers: Vec<Arc<Layer>>,
}

impl World {
    fn new() -> Result<Self, Box<dyn Error>> {
        let policy = |number| Ok(Policy::Key(secret(number)?.public()));
        let policies = (1..=ACCOUNTS).map(policy).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
        let endow = |policy: &Policy| (policy.address(), Amount(1_000_000_000));
        let coin = Spec {
            version: isonomy::SPEC_VERSION,
            name: "depth".into(),
            time: 0,
            reward: Amount(50),
            work: WorkSpec { hashes: 16, interval_ms: 1_000, half_life_ms: 600_000 },
            params: Params { body_bytes: 4 << 20, body_meter: 1 << 40, ..Params::default() },
            allocations: policies.iter().map(endow).collect(),
        };
        let coin = coin.coin()?;
        let (genesis, work) = (coin.genesis.clone(), Arc::new(coin.work));
        let id = genesis.tip.trail.id;
        let (layers, below) = (vec![Arc::new(genesis.layer)], Arc::new(Empty));
        let base: Arc<dyn View> = Arc::new(Stack { layers, base: below });
        let (tree, modules) = (StateTree::of(&*base)?, coin.modules.clone());
        let chain = Chain::new(work, modules, id, genesis.tip, Vec::new(), base.clone(), tree);
        let (next, layers) = (vec![0; policies.len()], Vec::new());
        Ok(Self { chain, coin, policies, next, random: 1, base, layers })
    }

    /// The place of some account.
    fn any(&mut self) -> usize {
        self.random = self.random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
        (self.random >> 33) as usize % self.policies.len()
    }

    /// Transfers between accounts anywhere, under signatures that nobody made: execution does not
    /// look at them.
    fn transfers(&mut self) -> Result<Vec<Shared>, Box<dyn Error>> {
        (0..TRANSFERS).map(|_| self.transfer()).collect()
    }

    fn transfer(&mut self) -> Result<Shared, Box<dyn Error>> {
        let (from, to) = (self.any(), self.any());
        let (policy, to) = (self.policies[from].clone(), self.policies[to].address());
        let nonce = Nonce { lane: 0, seq: self.next[from] };
        self.next[from] += 1;
        let payload = Call::pay(to, Amount(5)).encode().try_into()?;
        let intent = Intent {
            version: Version,
            signers: vec![Signer { account: policy.address(), nonce }].try_into()?,
            actions: vec![Action { module: assets::ID, by: 0, payload }].try_into()?,
            meter_limit: 20_000,
            price: 1_000,
            expires: 200,
        };
        let signatures = vec![Some(Signature::from_bytes([7; 64]))].try_into()?;
        let witness = Witness { policy, signatures };
        Ok(Arc::new(Transaction::new(intent, vec![witness].try_into()?).trust_own_log()))
    }

    fn work(&self, transfers: &[Shared]) -> Result<Execute, Box<dyn Error>> {
        let best = self.chain.best();
        let (time, candidates) = (Wall(best.time.0 + 1_000), transfers.to_vec());
        let work = self.chain.template(best.id, time, Address::default(), candidates);
        work.ok_or_else(|| "no template".into())
    }

    /// The same above one layer a block.
    fn apart(&self, transfers: &[Shared]) -> Result<Execute, Box<dyn Error>> {
        let view = Arc::new(Stack { layers: self.layers.clone(), base: self.base.clone() });
        Ok(Execute { view, ..self.work(transfers)? })
    }

    /// Nanoseconds a transfer, without the state's root.
    #[allow(clippy::float_arithmetic)]
    fn cost(&mut self) -> Result<Paired, Box<dyn Error>> {
        let next = self.next.clone();
        let transfers = self.transfers()?;
        self.next = next;
        let each = |work: Execute| {
            let mut done = None;
            let ns = cpu_ns(|| done = Some(work.trial()));
            let included = done.ok_or("not run")??.included.len();
            if included != transfers.len() {
                return Err(format!("{included} included").into());
            }
            Ok::<_, Box<dyn Error>>(ns / included as f64)
        };
        let round = |_| Ok((each(self.work(&transfers)?)?, each(self.apart(&transfers)?)?));
        (0..ROUNDS).map(round).collect::<Result<_, Box<dyn Error>>>().map(of)
    }

    fn grow(&mut self) -> Result<(), Box<dyn Error>> {
        let transfers = self.transfers()?;
        let work = self.work(&transfers)?;
        let time = work.env.time;
        let done = work.run()?;
        let header = self.header(time, &done)?;
        let id = header.id();
        let followed =
            self.chain.follow(vec![Entry { header, authority: None, certificate: None }])?;
        self.chain.import(followed.run().valid.into_iter().next().ok_or("an invalid header")?)?;
        self.chain.import_body(id, done.included.clone().into());
        self.layers.insert(0, done.layer.clone());
        self.chain.executed(id, Ok(done));
        self.chain.adopt(id).ok_or("not executed")?;
        Ok(())
    }

    fn header(&self, time: Wall, done: &Executed) -> Result<Header, Box<dyn Error>> {
        let parent = self.chain.best();
        let leaves: Vec<Hash> = done.included.iter().map(|transfer| transfer.leaf()).collect();
        let mut header = Header {
            version: Version,
            parent: parent.id,
            height: parent.height + 1,
            time,
            producer: Address::default(),
            body_root: list_root(&leaves),
            state_root: done.tree.root(),
            receipts_root: done.receipts_root,
            next_authority: done.next_authority.hash(),
            next_params: done.next_params.hash(),
            seal: WorkSeal::default().seal(),
        };
        let (target, seal_hash) = (self.coin.work.target(parent)?, header.seal_hash());
        let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
        header.seal = WorkSeal { nonce: mine.run().ok_or("no nonce")?, extra: 0 }.seal();
        Ok(header)
    }
}

pub(super) fn transfer() -> Measured {
    let (mut world, mut costs) = (World::new()?, Vec::new());
    for depth in DEPTHS {
        while world.chain.best().height < depth {
            world.grow()?;
        }
        costs.push(world.cost()?);
    }
    let times = |of: fn(&Paired) -> f64| {
        costs.iter().map(|cost| time(of(cost))).collect::<Vec<_>>().join(" · ")
    };
    Ok(Row {
        what: "a transfer of 1 024, without root, above 0, 16, 64 and 95 blocks of as many",
        ours: times(|cost| cost.ours_ns),
        beside: format!("one layer a block {}", times(|cost| cost.beside_ns)),
        ratio: costs.last().map(|cost| cost.ratio),
        goal: None,
    })
}

/// Sixteen, eight, four, two blocks and one are joined with the next.
#[allow(clippy::float_arithmetic)]
pub(super) fn join() -> Measured {
    let mut world = World::new()?;
    for _ in 0..32 {
        world.grow()?;
    }
    let mut older: Vec<Joined> = Vec::new();
    let (newest, mut rest) = world.layers.split_first().ok_or("no layers")?;
    for blocks in [1, 2, 4, 8, 16] {
        let (these, below) = rest.split_at(blocks.min(rest.len()));
        rest = below;
        let mut ones = these.iter().cloned().map(Joined::one);
        let newest = ones.next().ok_or("too few layers")?;
        older.push(newest.over(&ones.collect::<Vec<_>>()));
    }
    let writes = |joined: &Joined| joined.layer().writes.len();
    let all = newest.writes.len() + older.iter().map(writes).sum::<usize>();
    let round = |_| {
        let newest = Joined::one(newest.clone());
        cpu_ns(|| drop(std::hint::black_box(newest.over(&older)))) / all as f64
    };
    let ns = median((0..ROUNDS * 3).map(round).collect());
    Ok(Row {
        what: "a write of six joined layers of 32 blocks, joined to one",
        ours: time(ns),
        beside: format!("{all} writes"),
        ratio: None,
        goal: Some(Goal::Most { got: ns, limit: 60.0, unit: "ns" }),
    })
}
