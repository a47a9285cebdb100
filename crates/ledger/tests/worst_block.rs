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
/// Left alone, so that the transaction succeeds.
const REST: u64 = 6_000;

const READ_MISSING: u8 = 0;
const SCAN_ONE: u8 = 1;
const SCAN_MANY: u8 = 2;
const WRITE_SMALL: u8 = 3;
const REMOVE_MISSING: u8 = 4;
const EMIT: u8 = 5;
const SAVEPOINT: u8 = 6;
const NESTED_QUERY: u8 = 7;
const WRITE_AND_TAKE_BACK: u8 = 8;

fn once(ctx: &mut Context<'_>, what: u8, count: u64) -> Result<(), Fault> {
    let key = [&[7][..], &count.to_be_bytes()].concat();
    match what {
        READ_MISSING => ctx.get(&key).map(drop),
        SCAN_ONE => ctx.scan(&Span::all(), Order::Up, 1).map(drop),
        SCAN_MANY => ctx.scan(&Span::all(), Order::Up, 10).map(drop),
        WRITE_SMALL => ctx.set(&key, &[1]),
        REMOVE_MISSING => ctx.remove(&key),
        EMIT => ctx.emit(b""),
        SAVEPOINT => ctx.savepoint(|_| Ok(())),
        NESTED_QUERY => ctx.query(HERE, &[]).map(drop),
        _ => {
            let failed =
                ctx.savepoint(|ctx| ctx.set(&key, &[1]).and(Err::<(), _>(Fault::NoCaller)));
            assert!(failed.is_err());
            Ok(())
        }
    }
}

impl Module for Glutton {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut count = 0;
        while ctx.meter_left() > REST {
            once(ctx, payload[0], count)?;
            count += 1;
        }
        ctx.set(&[8], &count.to_be_bytes())?;
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
    scans: AtomicU64,
    steps: AtomicU64,
}

impl Counted {
    fn new(state: Arc<dyn View>) -> Self {
        let zero = AtomicU64::default;
        Self { state, gets: zero(), scans: zero(), steps: zero() }
    }

    fn counts(&self) -> [u64; 3] {
        [&self.gets, &self.scans, &self.steps].map(|count| count.load(Relaxed))
    }
}

impl View for Counted {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.gets.fetch_add(1, Relaxed);
        self.state.get(key)
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
        let count = |_: &_| {
            self.steps.fetch_add(1, Relaxed);
        };
        Box::new(self.state.steps(span, order).inspect(count))
    }
}

fn world() -> World {
    World::bare(Modules::default().with(HERE, Glutton).unwrap())
}

/// Executes over `world`'s state, and counts what was asked of it.
fn counted(world: &World, transactions: Vec<Shared>) -> (Executed, [u64; 3]) {
    let view = Arc::new(Counted::new(world.view()));
    let (env, modules, tree) = (world.env.clone(), world.modules.clone(), world.tree.clone());
    let state = view.clone();
    let done = Execute { env, modules, view: state, tree, transactions, mode: Mode::Block }.run();
    (done.unwrap(), view.counts())
}

/// One transaction that takes the whole block, whose meter all goes into one thing.
#[test]
fn attack_28_the_worst_block_does_no_more_than_was_paid_for() {
    let world = world();
    let meter = world.env.params.body_meter;
    for what in READ_MISSING..=WRITE_AND_TAKE_BACK {
        let tx = Tx::by(1, 0).limit(meter).act(0, HERE, vec![what]).forge();
        let (done, [gets, scans, steps]) = counted(&world, vec![tx]);
        let receipt = &done.receipts[0];
        let code = if what == EMIT { 12 } else { 0 };
        assert_eq!(receipt.code, code, "{what}");
        assert!(receipt.meter <= meter);
        let done_here = [&HERE.to_be_bytes()[..], &[8]].concat();
        let times = done.layer.writes.get(&*done_here).and_then(Option::as_ref);
        let times = times
            .map_or(EVENTS_MAX as u64, |count| u64::from_be_bytes((**count).try_into().unwrap()));
        // What one of each costs at least, and so how many there can be.
        let least = match what {
            READ_MISSING | SCAN_ONE | SCAN_MANY => cost::READ,
            WRITE_SMALL | REMOVE_MISSING => cost::WRITE,
            EMIT => cost::EVENT,
            SAVEPOINT => cost::SAVEPOINT,
            NESTED_QUERY => cost::CALL + cost::READ,
            _ => cost::SAVEPOINT + cost::WRITE,
        };
        assert!(times <= meter / least, "{what}: {times}");
        assert!(what == EMIT || times > 500, "{what}: {times} is no worst case");
        assert!(gets + steps <= meter / cost::READ, "{what}: {gets} {scans} {steps}");
        assert!(scans <= meter / cost::READ, "{what}: {scans}");
        assert!(done.layer.writes.len() as u64 <= meter / cost::WRITE, "{what}");
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
    let meter = world.env.params.body_meter / 20;
    let txs: Vec<_> = (0..4)
        .map(|seq| Tx::by(1, seq).limit(meter).act(0, HERE, vec![SCAN_ONE]).forge())
        .collect();
    let (done, [_, scans, steps]) = counted(&world, txs.clone());
    assert!(done.receipts.iter().all(|receipt| receipt.code == 0));
    assert!(scans > 15_000, "{scans}");
    // Once each; then one removal leads to the leap, and the live key is the one paid for.
    assert!(steps <= REMOVALS + 2 * scans, "{steps} steps of {scans} scans");

    // The next node has flushed it all, and passes none. Both come to the same.
    let pairs = world.pairs().into_iter().map(|(key, value)| (key, Some(value)));
    world.layers = vec![Layer { writes: pairs.collect() }.into()];
    let (other, [_, fewer, passed]) = counted(&world, txs);
    assert_eq!(other.receipts_root, done.receipts_root);
    assert_eq!((other.tree.root(), other.layer), (done.tree.root(), done.layer));
    assert!(fewer < scans && passed <= fewer, "{fewer} {passed}");
}
