//! What waits: covered at every tip, no older than it may be, and there again after a restart.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_chain::{AGE_MS_MAX, PoolLimits, PoolRefused};
use isonomy_crypto::Hash;
use isonomy_node::{Input, JOB_DEADLINE_MS, RESTORE_RUN, RESTORE_WAIT_MS, SubmitError};
use isonomy_types::*;

/// The machine is gone; what waited comes back from a file.
fn restart(world: World) -> World {
    let transactions = world.node.waiting();
    let mut world = world.crash();
    world.input(Input::Restore { transactions });
    world
}

fn in_order(world: &World) -> Vec<Hash> {
    world.node.pool().in_order().iter().map(|tx| tx.id()).collect()
}

#[test]
fn what_waits_for_one_payer_is_no_more_than_he_holds() {
    let mut world = World::new(Setup::default());
    let tx = |seq| Tx::by(0, seq).meter(1_000_000).price(300).make();
    for seq in 0..3 {
        world.offer(tx(seq)).unwrap();
    }
    let (got, limit) = (Amount(1_200_000_000), Amount(RICHES));
    let why = PoolRefused::Uncovered { account: address(0), got, limit };
    assert_eq!(world.offer(tx(3)), Err(SubmitError::Pool(why)));
    // What he sends counts too.
    let gift = Tx::by(0, 3).send(1, 99_980_001).make();
    let why = PoolRefused::Uncovered { account: address(0), got: Amount(RICHES + 1), limit };
    assert_eq!(world.offer(gift), Err(SubmitError::Pool(why)));
    assert!(world.offer(Tx::by(0, 3).send(1, 99_980_000).make()).is_ok());
}

/// Each by itself is still admitted at the new tip: only together they are too much.
#[test]
fn a_payer_who_spent_elsewhere_keeps_what_he_can_pay() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let tx = |seq| Tx::by(0, seq).meter(1_000_000).price(100).make();
    for seq in 0..5 {
        world.offer(tx(seq)).unwrap();
    }
    world.offer(Tx::by(1, 0).make()).unwrap();
    let spends = Tx::by(0, 0).on(1).send(1, 700_000_000).make();
    world.connect(&forge.block(chain_id(), 3, vec![spends]));
    let kept = [tx(0), tx(1), Tx::by(1, 0).make()].map(|tx| tx.intent().id());
    assert_eq!(in_order(&world), kept);
}

#[test]
fn what_comes_back_from_a_block_is_covered_too() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let gift = Tx::by(0, 0).send(1, RICHES - 20_000).make();
    let block = forge.block(chain_id(), 3, vec![gift.clone()]);
    world.connect(&block);
    let branch = forge.run(chain_id(), 4, 2);
    let link = world.peer(9);
    world.show(link, &branch);
    world.sync(link, &branch);
    assert_eq!(world.pooled(), [gift.intent().id()]);
    let (got, limit) = (Amount(RICHES + 20_000), Amount(RICHES));
    let why = PoolRefused::Uncovered { account: address(0), got, limit };
    assert_eq!(world.offer(Tx::by(0, 1).make()), Err(SubmitError::Pool(why)));
}

#[test]
fn what_waited_too_long_is_let_go() {
    let mut world = World::new(Setup::default());
    world.offer(Tx::by(0, 0).make()).unwrap();
    world.turn_clock(AGE_MS_MAX - 1);
    world.tick();
    assert_eq!(world.pooled().len(), 1);
    world.turn_clock(1_000);
    world.tick();
    assert_eq!(world.pooled(), []);
    assert_eq!(world.node.waiting(), []);
}

#[test]
fn what_waited_waits_again_in_its_order() {
    let mut world = World::new(Setup::default());
    let txs = [Tx::by(3, 0), Tx::by(0, 0), Tx::by(3, 1).price(9), Tx::by(0, 1), Tx::by(3, 2)];
    for tx in &txs {
        world.offer(tx.make()).unwrap();
    }
    let ids = txs.each_ref().map(Tx::id);
    let world = restart(world);
    assert_eq!(world.pooled(), []);
    let told: Vec<_> = world.node.waiting().iter().map(|tx| tx.intent().id()).collect();
    assert_eq!(told, ids, "a second crash loses nothing either");
    let mut world = restart(world);
    let link = world.peer(1);
    world.settle();
    assert_eq!(in_order(&world), ids);
    assert_eq!(world.node.waiting().len(), 5);
    world.wait(10_000);
    assert!(!world.heard(link).is_empty(), "peers hear of it");
}

/// The block with nonce 0 is in the log, above the flushed tip: at first the state lags behind what
/// waits.
#[test]
fn what_waited_is_judged_once_the_log_is_executed() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup { base_depth: 100, ..Setup::default() });
    let block = forge.block(chain_id(), 3, vec![Tx::by(0, 0).make()]);
    world.connect(&block);
    let id = world.offer(Tx::by(0, 1).make()).unwrap();
    let mut world = restart(world);
    assert_eq!((world.height(), world.kinds()), (0, vec![Kind::Execute]));
    world.settle();
    assert_eq!((world.height(), world.pooled()), (1, vec![id]));

    // A log whose execution never ends does not keep it out for ever.
    let mut world = restart(world);
    world.take(Kind::Execute);
    world.wait(RESTORE_WAIT_MS - 1);
    assert_eq!(world.kinds(), []);
    world.wait(2);
    assert_eq!(world.kinds(), [Kind::Admit]);
}

#[test]
fn what_waited_is_admitted_as_any_other() {
    let mut world = World::new(Setup::default());
    let good = Tx::by(0, 0);
    let (other, forged) = (Tx::by(1, 0).send(1, 5).make(), Tx::by(1, 0).make());
    let forged = Transaction::new(forged.intent().clone(), other.witnesses().clone());
    let transactions = vec![
        forged,
        Tx::by(2, 0).for_chain(Hash::ZERO).make(),
        Tx::by(3, 0).expires(0).make(),
        Tx::by(PEOPLE, 0).make(),
        Tx::by(4, 1).make(),
        good.make(),
        good.make(),
    ];
    let link = world.peer(1);
    world.input(Input::Restore { transactions });
    world.settle();
    assert_eq!(world.pooled(), [good.id()]);
    assert_eq!((world.node.waiting().len(), world.why_closed(link)), (1, None));
}

#[test]
fn much_is_judged_in_runs_and_told_throughout() {
    let pool =
        PoolLimits { per_account: 1_000, transactions: 2 * RESTORE_RUN, ..PoolLimits::default() };
    let mut world = World::new(Setup { pool, ..Setup::default() });
    let many = 2 * RESTORE_RUN + 10;
    let tx = |n: usize| Tx::by((n % 8) as u8, (n / 80) as u64).on((n / 8 % 10) as u16).make();
    let transactions: Vec<_> = (0..many).map(tx).collect();
    world.input(Input::Restore { transactions });
    assert_eq!((world.kinds(), world.node.waiting().len()), (vec![Kind::Admit], 2 * RESTORE_RUN));
    world.run(Kind::Admit);
    assert_eq!((world.pooled().len(), world.kinds()), (RESTORE_RUN, vec![Kind::Admit]));
    assert_eq!(world.node.waiting().len(), 2 * RESTORE_RUN);
    // The second run's answer never comes: it is given up, not waited for.
    world.take(Kind::Admit);
    world.turn_clock(JOB_DEADLINE_MS);
    world.tick();
    assert_eq!((world.kinds(), world.node.waiting().len()), (vec![], RESTORE_RUN));
}

#[test]
fn best_moves_while_it_is_judged() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let transactions = vec![Tx::by(0, 0).make(), Tx::by(0, 1).make()];
    world.input(Input::Restore { transactions });
    let (id, done) = world.work(Kind::Admit);
    world.connect(&forge.block(chain_id(), 3, vec![Tx::by(0, 0).make()]));
    world.done(id, done);
    assert_eq!(world.node.waiting().len(), 2, "not judged yet");
    world.settle();
    assert_eq!(world.pooled(), [Tx::by(0, 1).id()]);
    assert_eq!(world.node.waiting().len(), 1);
}
