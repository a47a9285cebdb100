//! What makes a transaction inadmissible, what it pays, and what a pool is told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{PRODUCER, Tx, World, address, policy};
use isonomy_ledger::*;
use isonomy_types::*;
use std::slice::from_ref;

const RICH: u128 = 10_000_000_000;

fn world() -> World {
    World::coins(&[(1, RICH), (2, RICH), (3, 29_999)], 0)
}

fn nonce(signer: usize, got: u64, limit: u64) -> Option<Inadmissible> {
    Some(Inadmissible::Nonce { signer, got, limit })
}

/// Refused alike by a block, a template and (unless the rule is about gaps) a pool.
#[test]
fn every_rule_has_its_refusal() {
    let mut world = world();
    world.env.height = 5;
    world.env.params.base_fee = 2_999;
    let good = || Tx::by(1, 0).price(2);
    let least = cost::intrinsic(&good().sign());
    let odd = |people: &[u8]| common::several(1, people);
    let table: Vec<(&str, Tx, Option<Inadmissible>)> = vec![
        ("good", good(), None),
        ("last height", good().expires(5), None),
        ("expired", good().expires(4), Some(Inadmissible::Expired { got: 4, limit: 5 })),
        ("cheap", good().price(1), Some(Inadmissible::Price { got: 1, limit: 2 })),
        ("dear", good().price(9), None),
        ("just enough meter", good().limit(least), None),
        (
            "too little meter",
            good().limit(least - 1),
            Some(Inadmissible::Meter { got: least - 1, limit: least }),
        ),
        ("the block's whole meter", good().limit(10_000_000), None),
        (
            "more than the block's meter",
            good().limit(10_000_001),
            Some(Inadmissible::BlockMeter { got: 10_000_001, limit: 10_000_000 }),
        ),
        ("a second signer's gap", good().and(2, 0, 1), nonce(1, 1, 0)),
        ("a gap", Tx::by(1, 1).price(2), nonce(0, 1, 0)),
        ("a gap on a lane", good().nobody().and(1, 9, 3), nonce(0, 3, 0)),
        ("the last nonce there is", Tx::by(1, u64::MAX).price(2), nonce(0, u64::MAX, 0)),
        (
            "another's account",
            good().nobody().hand(address(2), Nonce { lane: 0, seq: 0 }, policy(1), &[1]),
            Some(Inadmissible::Policy { signer: 0 }),
        ),
        (
            "another kind of policy with the same key",
            good().hand(address(2), Nonce { lane: 0, seq: 0 }, odd(&[2]), &[2]),
            Some(Inadmissible::Policy { signer: 1 }),
        ),
    ];
    for (what, tx, want) in table {
        let tx = tx.sign();
        assert_eq!(world.refusal(&tx), want, "{what}");
        let template = world.execute(from_ref(&tx), Mode::Template).unwrap();
        assert_eq!(template.refused.first().map(|(_, why)| why), want.as_ref(), "{what}");
        let pooled = world.admit(&tx).err();
        match want {
            Some(Inadmissible::Nonce { got, limit, .. }) if got > limit && got < u64::MAX => {
                assert_eq!(pooled, None, "{what}");
            }
            want => assert_eq!(pooled, want.map(AdmitError::Inadmissible), "{what}"),
        }
    }
}

#[test]
fn the_payer_covers_the_highest_fee() {
    let world = world();
    assert_eq!(world.refusal(&Tx::by(3, 0).limit(29_999).sign()), None);
    let short = Tx::by(3, 0).limit(30_000).sign();
    let Some(Inadmissible::Payer { limit, fault }) = world.refusal(&short) else {
        panic!("someone pays what he does not have")
    };
    assert_eq!(limit, Amount(30_000));
    assert_eq!(fault.code(), 256 + assets::refusal::NOT_ENOUGH);
    assert!(matches!(
        world.admit(&short),
        Err(AdmitError::Inadmissible(Inadmissible::Payer { .. }))
    ));
    // The second signer's means do not matter, the first's do.
    assert_eq!(world.refusal(&Tx::by(1, 0).and(3, 0, 0).sign()), None);
    assert!(world.refusal(&Tx::by(3, 0).and(1, 0, 0).sign()).is_some());
}

#[test]
fn what_is_reserved_cannot_be_spent() {
    let mut world = World::coins(&[(1, 40_000)], 0);
    let done = world.block(&[Tx::by(1, 0).send(2, 10_001).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, 256 + assets::refusal::NOT_ENOUGH);
    assert_eq!(world.balance(2), 0);
    let left = 40_000 - done.receipts[0].fee.0;
    assert_eq!(world.balance(1), left, "the rest came back");
    world.block(&[Tx::by(1, 1).send(2, left - 30_000).sign()]).unwrap();
    assert_eq!(world.balance(2), left - 30_000);
}

#[test]
fn fees_reach_the_producer_once_at_the_end() {
    let mut world = world();
    // The producer has nothing yet: within the block its fees are not there to be spent.
    let early = Tx::by(PRODUCER, 0).sign();
    let txs = [Tx::by(1, 0).price(3).sign(), Tx::by(2, 0).send(1, 5).sign()];
    let template = [&txs[..], &[early]].concat();
    let template = world.execute(&template, Mode::Template).unwrap();
    assert_eq!((template.included.len(), template.refused.len()), (2, 1));

    let done = world.block(&txs).unwrap();
    let fees: Vec<_> = done.receipts.iter().map(|receipt| receipt.fee.0).collect();
    assert_eq!(fees[0], u128::from(done.receipts[0].meter) * 3);
    assert_eq!(world.balance(PRODUCER), fees[0] + fees[1]);
    assert_eq!(world.balance(1), RICH - fees[0] + 5);
    assert_eq!(world.balance(2), RICH - fees[1] - 5);
    assert_eq!(world.counted(), world.supply());
}

#[test]
fn a_producer_can_pay_itself() {
    let mut world = World::coins(&[(PRODUCER, RICH)], 0);
    world.block(&[Tx::by(PRODUCER, 0).send(1, 7).sign()]).unwrap();
    assert_eq!((world.balance(PRODUCER), world.balance(1)), (RICH - 7, 7));
}

#[test]
fn a_chain_without_a_purse_is_free() {
    let modules = Modules::default().with(assets::ID, assets::Assets).unwrap();
    let configs = vec![(assets::ID, common::config(&[(1, 10)], 0))];
    let mut world = World::new(modules, configs);
    let done = world.block(&[Tx::by(2, 0).sign(), Tx::by(1, 0).send(2, 4).sign()]).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.fee == Amount::ZERO));
    assert!(done.receipts.iter().all(|receipt| receipt.meter > 0));
    assert_eq!((world.balance(1), world.balance(2)), (6, 4));
}

#[test]
fn the_meter_runs_out() {
    let mut world = world();
    let tx = |seq| Tx::by(1, seq).send(2, 5);
    let whole = world.block(&[tx(0).sign()]).unwrap().receipts[0].meter;
    // From the second on, the lane is not new, but the numbers written have the same lengths.
    let whole = whole - cost::LANE;
    let done = world.block(&[tx(1).limit(whole).sign()]).unwrap();
    assert_eq!((done.receipts[0].code, done.receipts[0].meter), (0, whole));
    let done = world.block(&[tx(2).limit(whole - 1).sign()]).unwrap();
    let out = Fault::Meter { got: whole, limit: whole - 1 };
    assert_eq!((done.receipts[0].code, done.receipts[0].meter), (out.code(), whole - 1));
    assert_eq!(done.receipts[0].fee, Amount::cost(whole - 1, 1), "it pays all it offered");
    assert_eq!(world.balance(2), RICH + 10);
}

#[test]
fn the_blocks_meter_is_filled_by_what_is_used() {
    let mut world = world();
    let least = cost::intrinsic(&Tx::by(1, 1).sign());
    let first = cost::intrinsic(&Tx::by(1, 0).sign());
    world.env.params.body_meter = first + least + 30_000;
    // Three times a limit of 30 000 would not fit, but the first two use less.
    let txs = [0, 1, 2].map(|seq| Tx::by(1, seq).sign());
    assert_eq!(world.execute(&txs, Mode::Block).unwrap().included.len(), 3);
    world.env.params.body_meter -= 1;
    let why =
        Inadmissible::BlockMeter { got: first + least + 30_000, limit: first + least + 29_999 };
    let got = world.execute(&txs, Mode::Block).err();
    assert_eq!(got, Some(ExecuteError::Invalid { index: 2, why: why.clone() }));
    let template = world.execute(&txs, Mode::Template).unwrap();
    assert_eq!(template.refused, [(txs[2].id(), why)]);
}

#[test]
fn the_blocks_bytes_are_those_of_the_encoded_body() {
    let mut world = world();
    let txs = [0, 1, 2].map(|seq| Tx::by(1, seq).sign());
    let unchecked: Vec<_> = txs.iter().map(|tx| tx.to_unchecked()).collect();
    let body = Body { transactions: unchecked.try_into().unwrap() };
    let bytes = body.encoded_len();
    world.env.params.body_bytes = bytes as u32;
    assert_eq!(world.execute(&txs, Mode::Block).unwrap().included.len(), 3);
    world.env.params.body_bytes -= 1;
    let why = Inadmissible::BlockBytes { got: bytes as u64, limit: bytes as u64 - 1 };
    let got = world.execute(&txs, Mode::Block).err();
    assert_eq!(got, Some(ExecuteError::Invalid { index: 2, why }));
}

/// A template cannot outgrow the list of a body: bytes run out first.
#[test]
fn no_body_holds_more_transactions_than_its_list() {
    let smallest = Tx::by(1, 0).sign().bytes();
    assert!(smallest * TRANSACTIONS_MAX > BODY_BYTES_MAX as usize);
}

#[test]
fn a_pool_hears_what_each_lane_waits_for() {
    let mut world = world();
    world.block(&[Tx::by(1, 0).sign(), Tx::by(1, 1).and(2, 4, 0).sign()]).unwrap();
    let standing = world.admit(&Tx::by(1, 9).and(2, 4, 1).and(3, 0, 0).sign()).unwrap();
    assert_eq!(standing.next, [2, 1, 0]);
    let late = world.admit(&Tx::by(2, 0).and(1, 0, 1).sign()).err();
    assert_eq!(late, nonce(1, 1, 2).map(AdmitError::Inadmissible));
}

#[test]
fn a_pool_hears_what_each_signer_holds_and_may_lose() {
    let world = world();
    let tx = Tx::by(1, 0).send(2, 5).and(3, 0, 0).send(2, 7).act(1, assets::ID, vec![255]);
    let tx = tx.send_by(1, 2, 11).sign();
    let standing = world.admit(&tx).unwrap();
    assert_eq!(standing.holds, [Amount(RICH), Amount(29_999)], "before the fee is taken");
    let fee = tx.intent().max_fee().0;
    assert_eq!(standing.pays, [Amount(fee + 5 + 7), Amount(11)]);
    // Calls to other modules take nothing by themselves.
    let call = assets::Call::pay(address(2), Amount(11));
    let other = Tx::by(1, 0).act(0, 77, call.encode()).sign();
    let standing = world.admit(&other).unwrap();
    assert_eq!(standing.pays, [other.intent().max_fee()]);
}

#[test]
fn a_chain_without_coins_covers_everything() {
    let world = World::bare(Modules::default());
    let standing = world.admit(&Tx::by(1, 0).send(2, 11).sign()).unwrap();
    assert_eq!((standing.holds, standing.pays), (vec![Amount::MAX], vec![Amount::ZERO]));
}

#[test]
fn what_is_inadmissible_leaves_no_trace_in_a_template() {
    let world = world();
    let good = [Tx::by(1, 0).send(2, 5).sign(), Tx::by(2, 0).sign()];
    // Its first nonce is right and would be spent before the second is found wrong.
    let bad = [Tx::by(1, 1).and(2, 0, 7).sign(), Tx::by(3, 0).send(1, 1).sign()];
    let mixed = [bad[0].clone(), good[0].clone(), bad[0].clone(), good[1].clone(), bad[1].clone()];
    let template = world.execute(&mixed, Mode::Template).unwrap();
    let clean = world.execute(&good, Mode::Block).unwrap();
    assert_eq!(template.included, good);
    assert_eq!(template.refused.len(), 3);
    assert_eq!(template.layer, clean.layer);
    assert_eq!(template.receipts, clean.receipts);
}
