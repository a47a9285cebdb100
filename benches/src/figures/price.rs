//! What a meter unit of each kind of work takes: no kind is cheap, and the worst full block is quick.
use super::Measured;
use super::row::{Goal, Row, time};
use super::verify::claim;
use isonomy_benches::measure::{cpu_ns, median};
use isonomy_benches::{GENESIS, address, secret};
use isonomy_crypto::{Secret, Signature};
use isonomy_ledger::{
    Context, Empty, Env, Execute, Fault, Layer, Mode, Module, Modules, Order, Span, Stack,
    StateTree, View, cost,
};
use isonomy_types::{
    Action, Address, Checked, Intent, ModuleId, Nonce, Params, Policy, Signer, Transaction,
    Version, Wall, Witness,
};
use std::error::Error;
use std::sync::Arc;

const HERE: ModuleId = 1_000;
/// Pairs in the state's base: far more than a core's caches hold.
const PAIRS: u64 = 500_000;
/// Blocks above the base that every read and scan looks through: the most that a node holds by
/// default, each as full of writes as its meter allows.
const LAYERS: u64 = isonomy::BASE_DEPTH + isonomy::FLUSH_BLOCKS;
const LAYER_WRITES: u64 = 10_000;
/// Values of the largest size.
const LARGE: u64 = 16;
/// What a transaction leaves of its meter, so that it ends well.
const REST: u64 = 1_200_000;
const METER_LIMIT: u64 = 3_000_000;
/// Offered to each block, which takes what fits.
const TRANSACTIONS: u64 = 400;
const ROUNDS: usize = 3;

type Work = fn(&mut Context<'_>, u64) -> Result<(), Fault>;

/// Each kind does one thing again and again; `n` is another number each time.
const KINDS: [(&str, Work); 25] = [
    ("read what is not there", |ctx, n| ctx.get(&[&[9][..], &key(n)].concat()).map(drop)),
    ("read from the base", |ctx, n| ctx.get(&key(n % PAIRS)).map(drop)),
    ("read again", |ctx, _| ctx.get(&key(1)).map(drop)),
    ("read a large value", |ctx, n| ctx.get(&large(n)).map(drop)),
    ("write a new key", |ctx, n| ctx.set(&[&[8][..], &key(n)].concat(), &[1])),
    ("write over", |ctx, n| ctx.set(&key(n % PAIRS), &n.to_le_bytes())),
    ("write again", |ctx, n| ctx.set(&key(1), &n.to_le_bytes())),
    ("write a large value", |ctx, n| {
        ctx.set(&large(n), &vec![n as u8 | 1; ctx.env().params.value_bytes as usize])
    }),
    ("remove", |ctx, n| ctx.remove(&key(n % PAIRS))),
    ("remove what is not there", |ctx, n| ctx.remove(&[&[9][..], &key(n)].concat())),
    ("scan one", |ctx, n| scan(ctx, n, Order::Up, 1)),
    ("scan one down", |ctx, n| scan(ctx, n, Order::Down, 1)),
    ("scan fifty", |ctx, n| scan(ctx, n, Order::Up, 50)),
    ("scan large values", |ctx, n| {
        let span = Span { from: large(n).to_vec(), to: None };
        ctx.scan(&span, Order::Up, 1).map(drop)
    }),
    ("write, then scan", |ctx, n| {
        ctx.set(&key(n % PAIRS), &n.to_le_bytes())?;
        scan(ctx, n, Order::Up, 1)
    }),
    ("remove, then scan", |ctx, n| {
        ctx.remove(&key(n % PAIRS))?;
        scan(ctx, n, Order::Up, 1)
    }),
    ("scan removals", |ctx, n| {
        let span = Span { from: removed(n % 50_000 * 20).to_vec(), to: Some(vec![7]) };
        ctx.scan(&span, Order::Up, 1).map(drop)
    }),
    ("scan many removals", |ctx, n| {
        let span = Span { from: removed(n % 50_000 * 20).to_vec(), to: Some(vec![7]) };
        ctx.scan(&span, Order::Up, 40).map(drop)
    }),
    ("savepoint", |ctx, _| ctx.savepoint(|_| Ok(()))),
    ("write and take back", |ctx, n| {
        let failed = |ctx: &mut Context<'_>| {
            ctx.set(&[&[8][..], &key(n)].concat(), &[1])?;
            Err::<(), _>(Fault::NoCaller)
        };
        ctx.savepoint(failed).or(Ok(()))
    }),
    ("call", |ctx, _| ctx.call(HERE, &[]).map(drop)),
    ("query", |ctx, _| ctx.query(HERE, &[]).map(drop)),
    ("events", |ctx, n| ctx.emit(&n.to_le_bytes())),
    ("large events", |ctx, n| ctx.emit(&[n as u8; 16_384])),
    ("events with keys", |ctx, n| ctx.emit_keyed(&[&[n as u8; 64][..]; 8], &[])),
];

fn key(n: u64) -> [u8; 9] {
    let mut key = [7; 9];
    // Spread, so that no two that follow each other lie side by side.
    key[1..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    key
}

/// In a row; all but every twentieth removed by the layers.
fn removed(n: u64) -> [u8; 9] {
    let mut key = [6; 9];
    key[1..].copy_from_slice(&n.to_be_bytes());
    key
}

fn large(n: u64) -> [u8; 9] {
    let mut key = key(n % LARGE);
    key[0] = 200;
    key
}

fn scan(ctx: &mut Context<'_>, n: u64, order: Order, limit: usize) -> Result<(), Fault> {
    let (from, to) = (key(n ^ 5).to_vec(), vec![8]);
    let span = match order {
        Order::Up => Span { from, to: Some(to) },
        Order::Down => Span { from: vec![7], to: Some(from) },
    };
    ctx.scan(&span, order, limit).map(drop)
}

struct Glutton;

impl Module for Glutton {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let [kind, first @ ..] = payload else { return Ok(Vec::new()) };
        let Some((_, work)) = KINDS.get(usize::from(*kind)) else { return Ok(Vec::new()) };
        let mut n = first.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte)) << 20;
        while ctx.meter_left() > REST {
            match work(ctx, n) {
                Err(Fault::Events { .. }) => break,
                done => done?,
            }
            n += 1;
        }
        Ok(Vec::new())
    }

    fn query(&self, _: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "eat".into()
    }
}

/// A state, and who fills the block above it.
struct World {
    modules: Arc<Modules>,
    view: Arc<dyn View>,
    tree: StateTree,
    secret: Secret,
}

impl World {
    fn new() -> Result<Self, Box<dyn Error>> {
        let full = |own: &[u8]| [&HERE.to_be_bytes(), own].concat().into();
        let small = (0..PAIRS).map(|n| (full(&key(n)), Some([1; 32][..].into())));
        let big = (0..LARGE).map(|n| (full(&large(n)), Some(vec![1; 131_072].into())));
        let base = Layer { writes: small.chain(big).collect() };
        let layer = |block: u64| {
            let numbers = block * LAYER_WRITES..(block + 1) * LAYER_WRITES;
            let write = |n| match n % 2 {
                0 => (full(&key(n * 3)), Some([2][..].into())),
                // Every twentieth is there, and those beside it fell in other blocks.
                _ => {
                    let n = (n % LAYER_WRITES) / 2 * LAYERS + block;
                    (full(&removed(n)), Some([2][..].into()).filter(|_| n.is_multiple_of(20)))
                }
            };
            Arc::new(Layer { writes: numbers.map(write).collect() })
        };
        let layers: Vec<_> = (0..LAYERS).map(layer).chain([Arc::new(base)]).collect();
        let view = Arc::new(Stack { layers, base: Arc::new(Empty) });
        let modules = Arc::new(Modules::default().with(HERE, Glutton)?);
        Ok(Self { modules, tree: StateTree::of(&*view)?, view, secret: secret(1)? })
    }

    /// One transaction under a signature that nobody made: execution does not look at it.
    fn transaction(
        &self,
        seq: u64,
        payload: Vec<u8>,
    ) -> Result<Arc<Transaction<Checked>>, Box<dyn Error>> {
        let nonce = Nonce { lane: 0, seq };
        let action = Action { module: HERE, by: 0, payload: payload.try_into()? };
        let intent = Intent {
            version: Version,
            signers: vec![Signer { account: address(&self.secret), nonce }].try_into()?,
            actions: vec![action].try_into()?,
            meter_limit: METER_LIMIT,
            price: 1_000,
            expires: 100,
        };
        let signatures = vec![Some(Signature::from_bytes([7; 64]))].try_into()?;
        let witness = Witness { policy: Policy::Key(self.secret.public()), signatures };
        Ok(Arc::new(Transaction::new(intent, vec![witness].try_into()?).trust_own_log()))
    }

    /// Nanoseconds a unit of a full block of one kind, the state's root included.
    #[allow(clippy::float_arithmetic)]
    fn unit_ns(&self, kind: usize) -> Result<f64, Box<dyn Error>> {
        let payload = |seq: u64| [&[kind as u8][..], &(seq as u16).to_be_bytes()].concat();
        let transactions = (0..TRANSACTIONS).map(|seq| self.transaction(seq, payload(seq)));
        let transactions = transactions.collect::<Result<_, _>>()?;
        let (modules, view, tree) = (self.modules.clone(), self.view.clone(), self.tree.clone());
        let (producer, authority) = (Address::default(), Arc::default());
        let params = Params::default();
        let env = Env { genesis: GENESIS, height: 1, time: Wall(1), producer, authority, params };
        let block = Execute { env, modules, view, tree, transactions, mode: Mode::Template };
        let mut done = None;
        let ns = cpu_ns(|| done = Some(block.run()));
        let done = done.ok_or("not run")??;
        if let Some(failed) = done.receipts.iter().find(|receipt| receipt.code != 0) {
            return Err(format!("kind {kind} fails with {}", failed.code).into());
        }
        let units: u64 = done.receipts.iter().map(|receipt| receipt.meter).sum();
        Ok(ns / units.max(1) as f64)
    }
}

/// Nanoseconds a unit of each kind, the dearest first.
fn kinds() -> Result<Vec<(f64, &'static str)>, Box<dyn Error>> {
    let world = World::new()?;
    let mut found = vec![(signature_ns()?, "signature")];
    for kind in 0..=KINDS.len() {
        let rounds = (0..ROUNDS).map(|_| world.unit_ns(kind)).collect::<Result<_, _>>()?;
        found.push((median(rounds), KINDS.get(kind).map_or("transaction", |(name, _)| name)));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    Ok(found)
}

/// Nanoseconds a unit of checking a signature alone, where no batch helps.
#[allow(clippy::float_arithmetic)]
fn signature_ns() -> Result<f64, Box<dyn Error>> {
    let claim = claim(0)?;
    let round = || cpu_ns(|| (0..100).for_each(|_| assert!(claim.verify().is_ok())));
    Ok(median((0..ROUNDS).map(|_| round()).collect()) / 100.0 / cost::SIGNATURE as f64)
}

#[allow(clippy::float_arithmetic)]
pub(super) fn worst() -> Measured {
    let kinds = kinds()?;
    let (ns, name) = kinds.first().ok_or("no kinds")?;
    let ns = ns * Params::default().body_meter as f64;
    Ok(Row {
        what: "the block at default limits that takes longest, root included, its signatures checked one by one",
        ours: time(ns),
        beside: format!("full of one kind of work: {name}"),
        ratio: None,
        goal: Some(Goal::Most { got: ns / 1e9, limit: 1.0, unit: "s" }),
    })
}

pub(super) fn units() -> Measured {
    let kinds = kinds()?;
    let each: Vec<_> = kinds.iter().map(|(ns, name)| format!("{name} {ns:.1}")).collect();
    Ok(Row {
        what: "nanoseconds a meter unit of each kind of work",
        ours: each.join(", "),
        beside: "a unit stands for 100 ns".into(),
        ratio: None,
        goal: None,
    })
}
