//! Published faults of other chains that would live here.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{PRODUCER, Shared, Tx, World, address, config, policy};
use isonomy_ledger::assets::{self, refusal};
use isonomy_ledger::*;
use isonomy_types::*;
use std::slice::from_ref;
use std::sync::Arc;

const RICH: u128 = 10_000_000_000;

fn nonce(signer: usize, got: u64, limit: u64) -> Inadmissible {
    Inadmissible::Nonce { signer, got, limit }
}

/// Calls itself as told, in calls, queries or savepoints, and reports how deep it came.
struct Deep;

impl Module for Deep {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        // Some stack of its own, as a real module has.
        let held = [payload.first().copied().unwrap_or(0); 1024];
        match std::hint::black_box(held).first() {
            Some(0) => ctx.call(1, payload),
            Some(1) => ctx.query(1, payload),
            Some(2) => ctx.savepoint(|ctx| self.call(ctx, payload)),
            _ => ctx.savepoint(|ctx| ctx.call(1, payload)),
        }
    }

    fn query(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        ctx.query(1, payload)
    }

    fn describe(&self, _: &[u8]) -> String {
        "dive".into()
    }
}

#[test]
fn attack_07_deep_calls_exhaust_the_stack() {
    let dive = || {
        let mut world = World::bare(Modules::default().with(1, Deep).unwrap());
        for (seq, way) in (0..4u8).enumerate() {
            let tx = Tx::by(1, seq as u64).limit(1_000_000).act(0, 1, vec![way]).forge();
            let done = world.block(&[tx]).unwrap();
            let fault = Fault::Depth { got: DEPTH_MAX + 1, limit: DEPTH_MAX };
            assert_eq!(done.receipts[0].code, fault.code(), "way {way}");
        }
        let limit = DEPTH_MAX;
        assert_eq!(world.ask(1, b""), Err(Fault::Depth { got: limit + 1, limit }));
    };
    let small = std::thread::Builder::new().stack_size(256 * 1024);
    small.spawn(dive).unwrap().join().unwrap();
}

/// A module two calls above another.
struct Ladder;

impl Module for Ladder {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        match payload.split_first() {
            Some((0, _)) | None => Ok(Vec::new()),
            Some((more, _)) => ctx.call(1, &[more - 1]),
        }
    }

    fn describe(&self, _: &[u8]) -> String {
        "climb".into()
    }
}

#[test]
fn attack_07_the_cap_is_exact() {
    let mut world = World::bare(Modules::default().with(1, Ladder).unwrap());
    let mut climb = |seq, levels| {
        let tx = Tx::by(1, seq).limit(1_000_000).act(0, 1, vec![levels]).forge();
        world.block(&[tx]).unwrap().receipts[0].code
    };
    assert_eq!(climb(0, DEPTH_MAX), 0);
    assert_eq!(climb(1, DEPTH_MAX + 1), 2);
    assert_eq!(climb(2, DEPTH_MAX), 0, "the depth is the call's, not the block's");
}

#[test]
fn attack_09_two_equal_rewards_have_one_name() {
    let mut world = World::coins(&[(1, RICH)], 50);
    let (one, two) = (world.block(&[]).unwrap(), world.block(&[]).unwrap());
    assert_eq!(one.receipts[0].events, two.receipts[0].events, "the same happened");
    assert_ne!(one.receipts[0].transaction, two.receipts[0].transaction);
    assert_ne!(one.receipts_root, two.receipts_root);
    assert_eq!(world.balance(PRODUCER), 100, "the second did not replace the first");

    let mut other = World::coins(&[(1, RICH)], 50);
    other.env.genesis = address(1).0;
    let elsewhere = other.block(&[]).unwrap();
    assert_ne!(one.receipts[0].transaction, elsewhere.receipts[0].transaction);
}

#[test]
fn attack_22_sums_overflow_near_the_maximum() {
    let mut world = World::coins(&[(1, u128::MAX - RICH), (2, RICH)], 0);
    let code = 256 + refusal::NOT_ENOUGH;
    let tries = [
        Tx::by(2, 0).send(1, u128::MAX).send(1, u128::MAX),
        Tx::by(2, 1).send(1, u128::MAX - RICH + 1),
        Tx::by(1, 0).send(2, u128::MAX),
        Tx::by(1, 1).send(2, u128::MAX / 2 + 1).send(3, u128::MAX / 2 + 1),
    ];
    let tries: Vec<_> = tries.iter().map(Tx::sign).collect();
    let done = world.block(&tries).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.code == code));
    assert_eq!(world.counted(), u128::MAX);

    // All that there is in one place.
    let all = world.balance(1);
    let done = world.block(&[Tx::by(2, 2).and(1, 0, 2).send_by(1, 3, all).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, 0);
    assert_eq!(world.balance(3), all);
    assert_eq!((world.counted(), world.supply()), (u128::MAX, u128::MAX));
}

#[test]
fn attack_22_rewards_end_where_the_supply_would_overflow() {
    let mut world = World::coins(&[(1, u128::MAX - 120)], 50);
    let supplies: Vec<_> = (0..4)
        .map(|_| {
            world.block(&[]).unwrap();
            (world.supply(), world.balance(PRODUCER))
        })
        .collect();
    let max = u128::MAX - 20;
    assert_eq!(supplies, [(max - 50, 50), (max, 100), (max, 100), (max, 100)], "and blocks go on");
}

#[test]
fn attack_22_fees_overflow_near_the_maximum() {
    let mut world = World::coins(&[(1, u128::MAX / 2), (2, u128::MAX / 2)], 1);
    world.env.params.body_meter = u64::MAX;
    let dear = |n| Tx::by(n, 0).price(u64::MAX).limit(u64::MAX / 2 - 1);
    let done = world.block(&[dear(1).sign(), dear(2).sign()]).unwrap();
    let fees: u128 = done.receipts.iter().map(|receipt| receipt.fee.0).sum();
    assert_eq!(fees, u128::from(done.receipts[0].meter) * 2 * u128::from(u64::MAX));
    assert_eq!(world.balance(PRODUCER), fees + 1);
    assert_eq!((world.counted(), world.supply()), (u128::MAX, u128::MAX));
    // The highest fee that can be written down is more than anyone has.
    let over = Tx::by(1, 1).price(u64::MAX).limit(u64::MAX).sign();
    assert!(matches!(world.refusal(&over), Some(Inadmissible::Payer { .. })));
}

#[test]
fn attack_23_one_nonce_twice_in_a_transaction() {
    let twice = Tx::by(1, 0).and(1, 0, 0).send_by(1, 2, 5);
    let error = twice.unchecked().check(&common::GENESIS).unwrap_err();
    assert_eq!(error, CheckError::RepeatedSigner { index: 1 });
    // Even if that check were gone.
    let world = World::coins(&[(1, RICH)], 0);
    assert_eq!(world.refusal(&twice.forge()), Some(nonce(1, 0, 1)));
}

#[test]
fn attack_23_one_nonce_twice_in_a_block() {
    let mut world = World::coins(&[(1, RICH), (2, RICH)], 0);
    let (one, other) = (Tx::by(1, 0).send(3, 5).sign(), Tx::by(1, 0).send(4, 5).sign());
    let second = Tx::by(2, 0).and(1, 0, 0).sign();
    let invalid = |world: &World, txs: &[Shared]| world.execute(txs, Mode::Block).err();
    let want = |signer, index| Some(ExecuteError::Invalid { index, why: nonce(signer, 0, 1) });
    assert_eq!(invalid(&world, &[one.clone(), one.clone()]), want(0, 1), "the same transaction");
    assert_eq!(invalid(&world, &[one.clone(), other.clone()]), want(0, 1), "another one");
    assert_eq!(invalid(&world, &[one.clone(), second]), want(1, 1), "as a second signer");
    let template = world.execute(&[one.clone(), other.clone(), one.clone()], Mode::Template);
    assert_eq!(template.unwrap().included, from_ref(&one));

    world.block(from_ref(&one)).unwrap();
    assert_eq!(invalid(&world, &[one]), want(0, 0), "in the next block");
    assert_eq!(world.balance(3), 5);
    assert_eq!(invalid(&world, &[other]), want(0, 0));
}

#[test]
fn attack_23_one_nonce_twice_in_a_batch() {
    let tx = Tx::by(1, 0).send(3, 5).unchecked();
    // Signatures are verified together, and both are good: the ledger still takes one.
    let batch = Transaction::check_all(vec![tx.clone(), tx], &common::GENESIS).unwrap();
    let batch: Vec<_> = batch.into_iter().map(Arc::new).collect();
    let world = World::coins(&[(1, RICH)], 0);
    let why = nonce(0, 0, 1);
    let got = world.execute(&batch, Mode::Block).err();
    assert_eq!(got, Some(ExecuteError::Invalid { index: 1, why }));
}

#[test]
fn attack_24_a_verdict_at_one_tip_stands_for_another() {
    let tx = Tx::by(1, 0).and(2, 0, 0).send(3, 5).sign();
    let start = World::coins(&[(1, 60_000), (2, RICH)], 0);
    assert!(start.admit(&tx).is_ok());
    assert_eq!(start.execute(from_ref(&tx), Mode::Template).unwrap().included, from_ref(&tx));
    let refused = |changes: &[Shared], height: Option<u64>| {
        let mut world = start.clone();
        world.block(changes).unwrap();
        world.env.height = height.unwrap_or(world.env.height);
        let why = world.refusal(&tx);
        assert_eq!(world.admit(&tx).err(), why.clone().map(AdmitError::Inadmissible));
        why
    };
    assert_eq!(refused(&[], None), None);
    let spent = refused(&[Tx::by(2, 0).sign()], None);
    assert_eq!(spent, Some(nonce(1, 0, 1)));
    let rotate = accounts::Call::SetPolicy(policy(9)).encode();
    let rotated = Tx::by(2, 0).nobody().and(2, 7, 0).act(0, accounts::ID, rotate);
    assert_eq!(refused(&[rotated.sign()], None), Some(Inadmissible::Policy { signer: 1 }));
    let poor = Tx::by(2, 0).nobody().and(2, 7, 0).and(1, 7, 0).send_by(1, 3, 50_000);
    assert!(matches!(refused(&[poor.sign()], None), Some(Inadmissible::Payer { .. })));
    // A block fuller than its target, and the base fee is above what the transaction pays.
    let full = {
        let mut tight = start.clone();
        tight.env.params.body_meter = 60_000;
        tight.env.params.target_per_mille = 100;
        tight.env.params.base_fee = 1_990;
        assert_eq!(tight.refusal(&tx), None);
        tight.block(&[Tx::by(2, 0).nobody().and(2, 7, 0).send(3, 1).sign()]).unwrap();
        (tight.refusal(&tx), tight.admit(&tx).err())
    };
    let price = Inadmissible::Price { got: 1, limit: 2 };
    assert_eq!(full, (Some(price.clone()), Some(AdmitError::Inadmissible(price))));
    let late = refused(&[], Some(1_001));
    assert_eq!(late, Some(Inadmissible::Expired { got: 1_000, limit: 1_001 }));
}

#[test]
fn attack_25_a_self_transfer_mints() {
    let mut world = World::coins(&[(1, RICH)], 0);
    let mut held = RICH;
    for (seq, amount) in [1, 5, RICH / 2, RICH - 1_000_000].into_iter().enumerate() {
        let done = world.block(&[Tx::by(1, seq as u64).send(1, amount).sign()]).unwrap();
        held -= done.receipts[0].fee.0;
        assert_eq!(done.receipts[0].code, 0);
        assert_eq!(world.balance(1), held);
    }
    // More than one holds is not there, even to be sent to oneself.
    let done = world.block(&[Tx::by(1, 4).send(1, held + 1).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, 256 + refusal::NOT_ENOUGH);
    held -= done.receipts[0].fee.0;
    assert_eq!((world.balance(1), world.counted()), (held, RICH));
}

#[test]
fn attack_25_all_that_one_holds_to_oneself() {
    let modules = Modules::default().with(assets::ID, assets::Assets).unwrap();
    let mut world = World::new(modules, vec![(assets::ID, config(&[(1, 77)], 0))]);
    let before = world.view().get(&[&[0, 1, 0][..], &address(1).encode()].concat());
    world.block(&[Tx::by(1, 0).send(1, 77).sign()]).unwrap();
    let after = world.view().get(&[&[0, 1, 0][..], &address(1).encode()].concat());
    assert_eq!(before, after);
    assert_eq!(world.balance(1), 77);
}

#[test]
fn attack_25_long_chains_of_transfers_mint() {
    let mut world = World::coins(&[(1, RICH), (2, RICH), (3, RICH)], 0);
    let long = (0..ACTIONS_MAX).fold(Tx::by(1, 0), |tx, _| tx.send(1, 500));
    let circle = Tx::by(1, 1).and(2, 1, 0).and(3, 1, 0);
    let circle = (0..ACTIONS_MAX).fold(circle, |tx, n| {
        let by = (n % 3) as u8;
        tx.send_by(by, (by + 1) % 3 + 1, RICH / 2)
    });
    let txs = [long.limit(1_000_000).sign(), circle.limit(1_000_000).sign()];
    let done = world.block(&txs).unwrap();
    assert_eq!(done.receipts.iter().map(|receipt| receipt.code).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(done.receipts[1].events.len(), ACTIONS_MAX);
    let fees: u128 = done.receipts.iter().map(|receipt| receipt.fee.0).sum();
    // 64 steps: the last is the first signer's again.
    assert_eq!(world.balance(1), RICH - fees - RICH / 2);
    assert_eq!(world.balance(2), RICH + RICH / 2);
    assert_eq!(world.balance(3), RICH);
    assert_eq!(world.counted(), 3 * RICH);
}

/// Removes its first two hundred keys, or looks for the first that is there.
struct Sweep;

impl Module for Sweep {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        match payload {
            [] => (0..200u8).try_for_each(|key| ctx.remove(&[key]))?,
            _ => drop(ctx.scan(&Span::all(), Order::Up, 1)?),
        }
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "sweep".into()
    }
}

/// One transaction removes; those after it in the block scan over what it removed.
#[test]
fn attack_28_scans_over_removals_cost_nothing() {
    let scan = |seq, limit| Tx::by(1, seq).limit(limit).act(0, 1, vec![1]).forge();
    let sweep = Tx::by(1, 1).limit(500_000).act(0, 1, Vec::new()).forge();
    let short = cost::intrinsic(&scan(3, 0)) + 5_000;
    let txs = [scan(0, 500_000), sweep, scan(2, 500_000), scan(3, short)];
    let mut world = World::bare(Modules::default().with(1, Sweep).unwrap());
    let template = world.execute(&txs, Mode::Template).unwrap();
    let done = world.block(&txs).unwrap();
    assert_eq!((&template.receipts, template.tree.root()), (&done.receipts, done.tree.root()));
    let [before, _, after, short] = &done.receipts[..] else { panic!("{:?}", done.receipts) };
    // The first one's lane was new.
    let passed = after.meter + cost::LANE - before.meter;
    assert_eq!(passed, 200 * (cost::READ + cost::READ_32_BYTES));
    assert_eq!((after.code, short.code), (0, 1), "who cannot pay gets no further");
}

#[test]
fn attack_31_a_failed_transaction_runs_twice() {
    let mut world = World::coins(&[(1, RICH)], 0);
    let failing = Tx::by(1, 0).send(2, 5).send(2, RICH).sign();
    let done = world.block(from_ref(&failing)).unwrap();
    let receipt = &done.receipts[0];
    assert_eq!(receipt.code, 256 + refusal::NOT_ENOUGH);
    assert_eq!(receipt.fee, Amount::cost(receipt.meter, 1));
    assert!(receipt.meter > cost::intrinsic(&failing));
    assert_eq!((world.balance(1), world.balance(2)), (RICH - receipt.fee.0, 0));
    // Coins arrive, so that it could succeed now: its nonce is gone.
    assert_eq!(world.refusal(&failing), Some(nonce(0, 0, 1)));
    assert_eq!(account(&*world.view(), &address(1)).unwrap().lanes, [(0, 1)]);
}

/// Failed once, paid once: of the fee one part is burned, the rest is the producer's, and what it
/// would have moved stays. Every kind of failure.
#[test]
fn attack_31_a_failed_transaction_pays_once_however_it_fails() {
    let empty = |tx: Tx| tx.limit(12_000);
    let table = [
        ("what it holds does not do", Tx::by(1, 0).send(2, RICH), 256 + refusal::NOT_ENOUGH),
        ("zero", Tx::by(1, 0).send(2, 5).send(2, 0), 256 + refusal::ZERO),
        ("no such module", Tx::by(1, 0).send(2, 5).act(0, 77, Vec::new()), 4),
        ("no such call", Tx::by(1, 0).send(2, 5).act(0, assets::ID, vec![9]), 7),
        ("out of meter", empty((0..20).fold(Tx::by(1, 0), |tx, _| tx.send(2, 5))), 1),
    ];
    for (what, tx, code) in table {
        let mut world = World::coins(&[(1, RICH), (3, RICH)], 0);
        world.env.params.burned_per_mille = 250;
        world.env.params.base_fee = 2_000;
        let tx = tx.limit(20_000).price(5).sign();
        let done = world.block(from_ref(&tx)).unwrap();
        let receipt = &done.receipts[0];
        assert_eq!((receipt.code, receipt.events.len()), (code, 0), "{what}");
        let (fee, burned) = (receipt.fee.0, u128::from(receipt.meter) * 2 / 4);
        assert_eq!(fee, u128::from(receipt.meter) * 5);
        assert_eq!((world.balance(1), world.balance(2)), (RICH - fee, 0), "{what}");
        assert_eq!(world.balance(PRODUCER), fee - burned);
        assert_eq!((world.supply(), world.counted()), (2 * RICH - burned, 2 * RICH - burned));
        let again = Some(nonce(0, 0, 1));
        assert_eq!(world.refusal(&tx), again, "{what}: a second time");
        assert_eq!(world.execute(from_ref(&tx), Mode::Template).unwrap().included, []);
    }
}
