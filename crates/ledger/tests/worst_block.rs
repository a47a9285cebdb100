//! What the worst block makes a node do, counted: the prices bound it, whatever its maker thinks of.
//! How long each unit takes is the figure `worst-block`'s matter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Shared, Tx, World};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Does one thing until the meter is nearly empty, and says how often.
struct Glutton;

const HERE: ModuleId = 1;
/// Left alone, so that the transaction succeeds: more than any one thing costs.
const REST: u64 = 1_200_000;

type Work = fn(&mut Context<'_>, u64) -> Result<(), Fault>;

/// What is done again and again, and the least that it costs each time.
const KINDS: [(&str, u64, Work); 17] = [
    ("read what is missing", cost::READ, |ctx, n| ctx.get(&key(n)).map(drop)),
    ("read a large value", cost::READ + LARGE / 32, |ctx, n| ctx.get(&large(n)).map(drop)),
    ("scan one", cost::SCAN, |ctx, _| scan(ctx, &Span::all(), 1)),
    ("scan many", cost::SCAN, |ctx, _| scan(ctx, &Span::all(), 10)),
    ("scan nothing", cost::SCAN, |ctx, _| scan(ctx, &Span::prefix(&[250]), 10)),
    ("scan large values", cost::SCAN + cost::READ + LARGE / 32, |ctx, _| {
        scan(ctx, &Span::prefix(&[200]), 4)
    }),
    ("write", cost::WRITE, |ctx, n| ctx.set(&key(n), &[1])),
    ("write again", cost::WRITE, |ctx, n| ctx.set(&key(0), &[n as u8])),
    ("write a large value", cost::WRITE + LARGE * cost::WRITE_BYTE, |ctx, n| {
        ctx.set(&key(n), &[1; LARGE as usize])
    }),
    ("remove what is missing", cost::WRITE, |ctx, n| ctx.remove(&key(n))),
    ("write, remove and scan", cost::WRITE, |ctx, n| {
        ctx.set(&key(n), &[1])?;
        ctx.remove(&key(n))?;
        scan(ctx, &Span::prefix(&key(n)), 1)
    }),
    ("savepoint", cost::SAVEPOINT, |ctx, _| ctx.savepoint(|_| Ok(()))),
    ("savepoints in one another", cost::SAVEPOINT, |ctx, _| nest(ctx, DEPTH_MAX)),
    ("write and take back", cost::SAVEPOINT + cost::WRITE, |ctx, n| {
        let failed = ctx.savepoint(|ctx| ctx.set(&key(n), &[1]).and(Err::<(), _>(Fault::NoCaller)));
        assert!(failed.is_err());
        Ok(())
    }),
    ("call", cost::CALL, |ctx, _| ctx.call(HERE, &[]).map(drop)),
    ("queries in one another", cost::CALL + cost::READ, |ctx, _| ctx.query(HERE, &[]).map(drop)),
    ("next params", cost::WRITE, |ctx, _| {
        let params = ctx.next_params().clone();
        ctx.set_next_params(params)
    }),
];
/// What is said again and again, until a receipt takes no more.
const EVENTS: [(&str, Work); 3] = [
    ("events", |ctx, _| ctx.emit(b"")),
    ("events with keys", |ctx, _| ctx.emit_keyed(&[&[7; EVENT_KEY_BYTES_MAX][..]; 8], b"")),
    ("large events", |ctx, _| ctx.emit(&[7; EVENT_BYTES_MAX])),
];
const LARGE: u64 = VALUE_BYTES_MAX as u64;

fn key(n: u64) -> Vec<u8> {
    [&[7][..], &n.to_be_bytes()].concat()
}

/// Four of them are there.
fn large(n: u64) -> [u8; 2] {
    [200, n as u8 % 4]
}

fn scan(ctx: &mut Context<'_>, span: &Span, limit: usize) -> Result<(), Fault> {
    ctx.scan(span, Order::Up, limit).map(drop)
}

fn nest(ctx: &mut Context<'_>, levels: u8) -> Result<(), Fault> {
    if levels == 0 { Ok(()) } else { ctx.savepoint(|ctx| nest(ctx, levels - 1)) }
}

impl Module for Glutton {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let Some(kind) = payload.first().map(|kind| usize::from(*kind)) else {
            return Ok(Vec::new());
        };
        let events = || EVENTS[kind - KINDS.len()].1;
        let work = KINDS.get(kind).map_or_else(events, |(_, _, work)| *work);
        let mut count = 0;
        while ctx.meter_left() > REST {
            match work(ctx, count) {
                Err(Fault::Events { .. }) => break,
                done => done?,
            }
            count += 1;
        }
        ctx.set(&[8], &u64::to_be_bytes(count))?;
        Ok(Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        match ctx.get(&[8]) {
            Ok(Some(count)) => Ok(count.to_vec()),
            _ => ctx.query(HERE, &[]).or(Ok(Vec::new())),
        }
    }

    fn describe(&self, _: &[u8]) -> String {
        "eat".into()
    }
}

/// A state that counts what is asked of it.
struct Counted {
    state: Arc<dyn View>,
    gets: AtomicU64,
    bytes: AtomicU64,
    scans: AtomicU64,
    steps: AtomicU64,
}

impl Counted {
    fn new(state: Arc<dyn View>) -> Self {
        let zero = AtomicU64::default;
        Self { state, gets: zero(), bytes: zero(), scans: zero(), steps: zero() }
    }

    fn counts(&self) -> [u64; 3] {
        [&self.gets, &self.scans, &self.steps].map(|count| count.load(Relaxed))
    }

    fn weigh(&self, value: Option<&Value>) {
        self.bytes.fetch_add(value.map_or(0, |value| value.len() as u64), Relaxed);
    }
}

impl View for Counted {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.gets.fetch_add(1, Relaxed);
        self.state.get(key).inspect(|value| self.weigh(value.as_ref()))
    }

    fn scan<'a>(
        &'a self,
        _: &Span,
        _: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        panic!("an execution asks for steps, so that it can remember removals")
    }

    fn steps<'a>(&'a self, span: &Span, order: Order) -> Steps<'a> {
        self.scans.fetch_add(1, Relaxed);
        let count = |step: &Result<(Key, Option<Value>), ReadFailed>| {
            self.steps.fetch_add(1, Relaxed);
            self.weigh(step.as_ref().ok().and_then(|(_, value)| value.as_ref()));
        };
        Box::new(self.state.steps(span, order).inspect(count))
    }
}

/// With a few large values.
fn world() -> World {
    let mut world = World::bare(Modules::default().with(HERE, Glutton).unwrap());
    let full = |n| -> Key { [&HERE.to_be_bytes()[..], &large(n)].concat().into() };
    let value: Value = vec![1; VALUE_BYTES_MAX].into();
    let layer = Layer { writes: (0..4).map(|n| (full(n), Some(value.clone()))).collect() };
    world.tree = world.tree.update(&layer).unwrap();
    world.layers.insert(0, layer.into());
    world
}

/// Executes over `world`'s state, and counts what was asked of it.
fn counted(world: &World, transactions: Vec<Shared>, mode: Mode) -> (Executed, Arc<Counted>) {
    let view = Arc::new(Counted::new(world.view()));
    let (env, modules, tree) = (world.env.clone(), world.modules.clone(), world.tree.clone());
    let state = view.clone();
    let done = Execute { env, modules, view: state, tree, transactions, mode }.run();
    (done.unwrap(), view)
}

/// One transaction that takes the whole block, whose meter all goes into one thing. Whatever that is:
/// the block's meter bounds reads, steps, bytes read, writes and bytes written.
#[test]
fn attack_28_the_worst_block_does_no_more_than_was_paid_for() {
    let world = world();
    let meter = world.env.params.body_meter;
    for (kind, (what, least, _)) in KINDS.iter().enumerate() {
        let tx = Tx::by(1, 0).limit(meter).act(0, HERE, vec![kind as u8]).forge();
        let (done, state) = counted(&world, vec![tx], Mode::Block);
        let receipt = &done.receipts[0];
        assert_eq!(receipt.code, 0, "{what}");
        assert!(receipt.meter <= meter && receipt.meter + REST * 11 / 10 > meter, "{what} is full");
        let done_here = [&HERE.to_be_bytes()[..], &[8]].concat();
        let times = done.layer.writes.get(&done_here).flatten().unwrap().try_into().unwrap();
        let times = u64::from_be_bytes(times);
        assert!(times > 0 && times <= meter / least, "{what}: {times}");
        let [gets, scans, steps] = state.counts();
        // The signer's account and the module's own count are read beside.
        assert!(gets + steps <= meter / cost::READ + 2, "{what}: {gets} {scans} {steps}");
        assert!(scans <= meter / cost::SCAN, "{what}: {scans}");
        // A value that costs more than is left was read already.
        let bytes = state.bytes.load(Relaxed);
        assert!(bytes <= meter / cost::READ_32_BYTES * 32 + LARGE, "{what}: {bytes}");
        let writes = &done.layer.writes;
        assert!(writes.len() as u64 <= meter / cost::WRITE + 1, "{what}");
        let sizes = writes.iter().map(|(key, value)| key.len() + value.map_or(0, <[u8]>::len));
        assert!(sizes.sum::<usize>() as u64 <= meter / cost::WRITE_BYTE, "{what}");
    }
}

/// As many transactions as fit, each with as many events as a receipt takes.
#[test]
fn attack_28_the_loudest_block_says_no_more_than_was_paid_for() {
    let world = world();
    let meter = world.env.params.body_meter;
    for (kind, (what, _)) in EVENTS.iter().enumerate() {
        let payload = vec![(KINDS.len() + kind) as u8];
        let limit = meter * 3 / 5;
        let tx = |seq| Tx::by(1, seq).limit(limit).act(0, HERE, payload.clone()).forge();
        let (done, _) = counted(&world, (0..200).map(tx).collect(), Mode::Template);
        let spent: u64 = done.receipts.iter().map(|receipt| receipt.meter).sum();
        assert!(spent <= meter, "{what}");
        let events: Vec<_> =
            done.receipts.iter().flat_map(|receipt| receipt.events.iter()).collect();
        let keys: u64 = events.iter().map(|event| event.keys.len() as u64).sum();
        let key_bytes = |event: &Event| event.keys.iter().map(|key| key.len()).sum::<usize>();
        let bytes = events.iter().map(|event| (event.payload.len() + key_bytes(event)) as u64);
        let bytes: u64 = bytes.sum();
        let paid =
            events.len() as u64 * cost::EVENT + keys * cost::EVENT_KEY + bytes * cost::EVENT_BYTE;
        assert!(events.len() >= EVENTS_MAX / 2 && paid <= spent, "{what}: {paid} of {spent}");
        assert!(paid > spent / 2 || *what == "events", "{what} is what it was spent on");
    }
}

/// Blocks of transactions that do nothing but be there: their signatures, signers and bytes.
#[test]
fn attack_28_a_block_of_signers_checks_no_more_than_was_paid_for() {
    let mut world = World::coins(&[(1, 1 << 60)], 0);
    world.env.params.body_bytes = BODY_BYTES_MAX;
    let meter = world.env.params.body_meter;
    let crowd: Vec<u8> = (2..17).collect();
    let tx = |seq: u64, several: bool| {
        let others = crowd.iter().filter(|_| several);
        let tx = others.fold(Tx::by(1, seq), |tx, n| tx.and(*n, 0, seq));
        let least = cost::intrinsic(&tx.forge());
        tx.limit(least).forge()
    };
    for several in [false, true] {
        let offered: Vec<_> = (0..3_000).map(|seq| tx(seq, several)).collect();
        let (done, state) = counted(&world, offered, Mode::Template);
        let count = done.included.len() as u64;
        let signers: u64 = done.included.iter().map(|tx| tx.intent().signers.len() as u64).sum();
        let bytes: u64 = done.included.iter().map(|tx| tx.bytes() as u64).sum();
        assert!(count > 50 && count <= meter / cost::TRANSACTION, "{count}");
        assert!(signers <= meter / (cost::SIGNER + cost::SIGNATURE), "{signers}");
        assert!(bytes <= meter / cost::TRANSACTION_BYTE, "{bytes}");
        // Each signer's account, the payer's purse and the producer's.
        let [gets, ..] = state.counts();
        assert!(gets <= 3 * meter / (cost::SIGNER + cost::SIGNATURE), "{gets}");
    }
}

/// Five blocks removed ten thousand keys, of which a live one stands at the end. Scans cross them all,
/// up and down, and each removal is passed once, however many there are.
#[test]
fn attack_28_removals_of_earlier_blocks_are_passed_for_nothing() {
    const REMOVALS: u64 = 10_000;
    let mut world = world();
    let key =
        |number: u64| -> Key { [&HERE.to_be_bytes()[..], &number.to_be_bytes()].concat().into() };
    let live: Layer =
        Layer { writes: (0..=REMOVALS).map(|number| (key(number), Some([1].into()))).collect() };
    world.tree = world.tree.update(&live).unwrap();
    world.layers.insert(0, live.into());
    for block in 0..5 {
        let removed = (0..REMOVALS).filter(|number| number % 5 == block);
        let layer = Layer { writes: removed.map(|number| (key(number), None)).collect() };
        world.tree = world.tree.update(&layer).unwrap();
        world.layers.insert(0, layer.into());
    }
    let meter = world.env.params.body_meter / 4;
    let txs: Vec<_> =
        (0..4).map(|seq| Tx::by(1, seq).limit(meter).act(0, HERE, vec![2]).forge()).collect();
    let (done, state) = counted(&world, txs.clone(), Mode::Block);
    let [_, scans, steps] = state.counts();
    assert!(done.receipts.iter().all(|receipt| receipt.code == 0));
    assert!(scans > 1_000, "{scans}");
    // Once each; then one removal leads to the leap, and the live key is the one paid for.
    assert!(steps <= REMOVALS + 2 * scans, "{steps} steps of {scans} scans");

    // The next node has flushed it all, and passes none: it reads a pair and the one behind it. Both come to the same.
    let pairs = world.pairs().into_iter().map(|(key, value)| (key, Some(value)));
    world.layers = vec![Layer { writes: pairs.collect() }.into()];
    let (other, state) = counted(&world, txs, Mode::Block);
    let [_, fewer, passed] = state.counts();
    assert_eq!(other.receipts_root, done.receipts_root);
    assert_eq!((other.tree.root(), other.layer), (done.tree.root(), done.layer));
    assert!(fewer < scans && passed <= 2 * fewer, "{fewer} {passed}");
}
