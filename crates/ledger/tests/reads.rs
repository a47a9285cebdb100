//! A disk that fails never becomes a verdict.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, coin, config};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A view whose read number `fails` fails, and only that one.
struct Flaky {
    under: Arc<dyn View>,
    reads: AtomicUsize,
    fails: usize,
}

impl Flaky {
    fn new(under: Arc<dyn View>, fails: usize) -> Arc<Self> {
        Arc::new(Self { under, reads: AtomicUsize::new(0), fails })
    }

    fn read(&self) -> Result<(), ReadFailed> {
        let number = self.reads.fetch_add(1, Relaxed);
        if number == self.fails { Err(ReadFailed) } else { Ok(()) }
    }
}

impl View for Flaky {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.read()?;
        self.under.get(key)
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let pairs = self.under.scan(span, order);
        Box::new(pairs.map(|pair| self.read().and(pair)))
    }
}

/// Reads at every entrance and takes no failure seriously. Its purse is never short.
struct Careless;

fn careless(ctx: &mut Context<'_>) -> Result<(), Fault> {
    let _ = ctx.get(b"a");
    let _ = ctx.savepoint(|ctx| ctx.get(b"b"));
    let _ = ctx.scan(&Span::all(), Order::Down, 9);
    let _ = ctx.query(2, b"");
    ctx.set(b"c", b"d")
}

impl Module for Careless {
    fn begin(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        careless(ctx)
    }

    fn call(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        careless(ctx).map(|()| Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        let _ = ctx.get(b"q");
        Ok(Vec::new())
    }

    fn end(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        careless(ctx)
    }

    fn describe(&self, _: &[u8]) -> String {
        "whatever".into()
    }

    fn purse(&self, ctx: &mut Context<'_>, _: Address, _: Purse) -> Result<(), Fault> {
        careless(ctx)
    }

    fn means(&self, ctx: &mut Context<'_>, _: Address) -> Result<Amount, Fault> {
        careless(ctx).map(|()| Amount::MAX)
    }
}

fn careless_world() -> World {
    World::bare(Modules::default().with(2, Careless).unwrap().purse(2).unwrap())
}

/// Fails every single read in turn, and counts them.
fn every_read_fails<T: std::fmt::Debug + PartialEq>(
    under: &Arc<dyn View>,
    run: impl Fn(Arc<dyn View>) -> T,
    failed: T,
) -> usize {
    let sound = Flaky::new(under.clone(), usize::MAX);
    assert_ne!(run(sound.clone()), failed);
    let reads = sound.reads.load(Relaxed);
    for fails in 0..reads {
        assert_eq!(run(Flaky::new(under.clone(), fails)), failed, "read {fails} of {reads}");
    }
    reads
}

fn execution(world: &World, txs: &[common::Shared]) -> usize {
    let run = |mode| {
        move |view| {
            let (env, modules) = (world.env.clone(), world.modules.clone());
            let (tree, transactions) = (world.tree.clone(), txs.to_vec());
            let run = Execute { env, modules, view, tree, transactions, mode }.run();
            run.map(|done| done.tree.root())
        }
    };
    let failed = Err(ExecuteError::Read(ReadFailed));
    let reads = every_read_fails(&world.view(), run(Mode::Block), failed.clone());
    assert_eq!(every_read_fails(&world.view(), run(Mode::Template), failed), reads);
    reads
}

#[test]
fn a_failed_read_abandons_the_block_even_if_a_module_goes_on() {
    let mut world = careless_world();
    world.block(&[Tx::by(1, 0).sign()]).unwrap();
    let txs = [Tx::by(1, 1).act(0, 2, Vec::new()).sign(), Tx::by(1, 2).sign()];
    assert!(execution(&world, &txs) > 30);
}

#[test]
fn a_failed_read_of_coins_condemns_nobody() {
    let mut world = World::coins(&[(1, 10_000_000), (2, 10_000_000)], 50);
    world.block(&[Tx::by(1, 0).send(3, 5).sign()]).unwrap();
    let txs = [Tx::by(1, 1).send(2, 5).sign(), Tx::by(2, 0).and(1, 0, 2).send(1, u128::MAX).sign()];
    let reads = execution(&world, &txs);
    // Two accounts' records, their coins and the producer's, the reward and the supply: each once.
    assert_eq!(reads, 7);
}

#[test]
fn a_failed_read_keeps_nobody_out_of_the_pool() {
    for world in [World::coins(&[(1, 10_000_000)], 50), careless_world()] {
        let transaction = Tx::by(1, 0).sign();
        let admit = |view| {
            let (env, modules) = (world.env.clone(), world.modules.clone());
            Admit { env, modules, view, transaction: transaction.clone() }.run()
        };
        let failed = Err(AdmitError::Read(ReadFailed));
        assert!(every_read_fails(&world.view(), admit, failed) >= 3);
    }
}

#[test]
fn a_failed_read_is_no_answer() {
    let world = careless_world();
    let ask = |view| query(&world.env, &world.modules, view, 2, b"");
    let reads = every_read_fails(&world.view(), ask, Err(Fault::Read(ReadFailed)));
    assert_eq!(reads, 1);
    let account = |view: Arc<dyn View>| account(&*view, &common::address(1));
    assert!(every_read_fails(&world.view(), account, Err(ReadFailed)) >= 1);
}

#[test]
fn after_a_failure_nothing_is_read() {
    let world = World::new(coin(), vec![(assets::ID, config(&[(1, 10_000_000)], 0))]);
    let flaky = Flaky::new(world.view(), 0);
    let (env, modules, view) = (world.env.clone(), world.modules.clone(), flaky.clone());
    let (tree, mode) = (world.tree.clone(), Mode::Template);
    let transactions = vec![Tx::by(1, 0).send(2, 5).sign()];
    let run = Execute { env, modules, view, tree, transactions, mode }.run();
    assert_eq!(run.err(), Some(ExecuteError::Read(ReadFailed)));
    assert_eq!(flaky.reads.load(Relaxed), 1);
}

/// A template is offered all that waits, and most of a full mempool finds no room: none of that may
/// cost a read each.
#[test]
fn attack_28_what_finds_no_room_in_a_template_is_not_read() {
    let world = World::coins(&[(1, 10_000_000)], 50);
    let reads = |offered: &[common::Shared]| {
        let view = Flaky::new(world.view(), usize::MAX);
        let (env, modules) = (world.env.clone(), world.modules.clone());
        let (tree, transactions, mode) = (world.tree.clone(), offered.to_vec(), Mode::Template);
        let run = Execute { env, modules, view: view.clone(), tree, transactions, mode }.run();
        (run.unwrap().included.len(), view.reads.load(Relaxed))
    };
    let mut offered = vec![Tx::by(1, 0).send(2, 5).forge()];
    let alone = reads(&offered);
    let large = world.env.params.body_meter + 1;
    offered.extend((3..=102).map(|n| Tx::by(n, 0).limit(large).send(2, 5).forge()));
    assert_eq!(reads(&offered), alone);
}
