//! Whatever limits a chain sets itself, it goes on, and can set others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{PRODUCER, Shared, Tx, World, address, config, several};
use isonomy_ledger::assets::{self, Assets};
use isonomy_ledger::*;
use isonomy_types::*;
use proptest::prelude::*;
use proptest::sample::select;

/// Sets the params that it is told.
struct Council;

impl Module for Council {
    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        ctx.set_next_params(Params::decode_exact(payload).map_err(Fault::Payload)?)?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "rule".into()
    }
}

/// The council's module id, beside the coin's.
const COUNCIL: ModuleId = 2;
const RICH: u128 = u128::MAX / 4;

fn world() -> World {
    let modules = common::coin().with(COUNCIL, Council).unwrap();
    let configs = vec![(assets::ID, config(&[(1, RICH), (2, RICH)], 5)), (COUNCIL, Vec::new())];
    World::new(modules, configs)
}

fn tightest() -> Params {
    Params {
        body_bytes: BODY_BYTES_MIN,
        body_meter: BODY_METER_MIN,
        transaction_bytes: TRANSACTION_BYTES_MIN as u32,
        signers: 1,
        actions: 1,
        payload_bytes: PAYLOAD_BYTES_MIN as u32,
        key_bytes: KEY_BYTES_MIN as u32,
        value_bytes: VALUE_BYTES_MIN as u32,
        events: EVENTS_MIN as u32,
        event_bytes: EVENT_BYTES_MIN as u32,
        ..Params::default()
    }
}

/// Mostly within bounds, often at an edge, sometimes beyond one.
fn around(least: u64, limit: u64) -> impl Strategy<Value = u64> {
    prop_oneof![
        24 => least..=limit,
        8 => select(vec![least, limit]),
        1 => select(vec![0, least.saturating_sub(1), limit + 1, u32::MAX.into()]),
    ]
}

fn small(least: usize, limit: usize) -> impl Strategy<Value = u32> {
    around(least as u64, limit as u64).prop_map(|number| number as u32)
}

fn params() -> impl Strategy<Value = Params> {
    let bodies = (
        small(BODY_BYTES_MIN as usize, BODY_BYTES_MAX as usize),
        around(BODY_METER_MIN, BODY_METER_MAX),
    );
    let transactions = (
        small(TRANSACTION_BYTES_MIN, TRANSACTION_BYTES_MAX),
        small(1, SIGNERS_MAX),
        small(1, ACTIONS_MAX),
        small(PAYLOAD_BYTES_MIN, PAYLOAD_BYTES_MAX),
    );
    let states = (
        small(KEY_BYTES_MIN, KEY_BYTES_MAX),
        small(VALUE_BYTES_MIN, VALUE_BYTES_MAX),
        small(EVENTS_MIN, EVENTS_MAX),
        small(EVENT_BYTES_MIN, EVENT_BYTES_MAX),
    );
    let fees =
        (any::<u64>(), around(0, BASE_FEE_FLOOR_MAX), around(BASE_FEE_FLOOR_MAX, BASE_FEE_MAX));
    let shares = (
        small(TARGET_PER_MILLE_MIN as usize, TARGET_PER_MILLE_MAX as usize),
        small(CHANGE_PER_MILLE_MIN as usize, CHANGE_PER_MILLE_MAX as usize),
        small(0, 1_000),
    );
    (bodies, transactions, states, fees, shares).prop_map(|(bodies, tx, state, fee, share)| {
        Params {
            body_bytes: bodies.0,
            body_meter: bodies.1,
            transaction_bytes: tx.0,
            signers: tx.1,
            actions: tx.2,
            payload_bytes: tx.3,
            key_bytes: state.0,
            value_bytes: state.1,
            events: state.2,
            event_bytes: state.3,
            base_fee: fee.0,
            base_fee_floor: fee.1,
            base_fee_ceiling: fee.2,
            target_per_mille: share.0,
            change_per_mille: share.1,
            burned_per_mille: share.2,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The next block can hold the transaction that decides otherwise, another that pays, and the
    /// reward. (That accounts can cover the fee is the chain's own matter: its floor is.)
    #[test]
    fn attack_58_a_change_of_params_halts_the_chain(
        changes in proptest::collection::vec(params(), 1..8),
    ) {
        let mut world = world();
        for (seq, change) in changes.iter().enumerate() {
            let (seq, before) = (seq as u64, world.env.params.clone());
            let decide = Tx::by(1, seq).price(before.base_price()).act(0, COUNCIL, change.encode());
            let pay = Tx::by(2, seq).price(before.base_price()).send(3, 1);
            let (decide, pay) = (decide.forge(), pay.forge());
            let done = world.block(&[decide.clone(), pay.clone()]);
            prop_assert!(done.is_ok(), "{:?} under {before:?}", done.err());
            let done = done.unwrap();
            prop_assert_eq!(done.receipts[1].code, 0);
            prop_assert_eq!(world.balance(3), u128::from(seq) + 1);

            // The base fee goes on from the block's, whatever the council says.
            let mut change = change.clone();
            change.base_fee = change.within(before.base_fee);
            prop_assert_eq!(done.receipts[0].code == 0, change.check().is_ok());
            let mut want = if change.check().is_ok() { change } else { before.clone() };
            let meter = done.receipts.iter().map(|receipt| receipt.meter).sum();
            let bytes = 4 + decide.bytes() + pay.bytes();
            want.base_fee = want.within(before.next_base_fee(bytes as u64, meter));
            prop_assert_eq!(&world.env.params, &want);
            prop_assert_eq!(want.check(), Ok(()));
            prop_assert_eq!(world.counted(), world.supply());
        }
    }
}

#[test]
fn attack_58_the_tightest_limits_are_left_again() {
    let mut world = world();
    world.env.params = tightest();
    assert_eq!(tightest().check(), Ok(()));
    let tx = Tx::by(1, 0).act(0, COUNCIL, Params::default().encode()).forge();
    let done = world.block(&[tx, Tx::by(2, 0).send(3, 1).forge()]).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.code == 0), "{:?}", done.receipts);
    assert_eq!(done.receipts.len(), 3, "the reward is told too");
    assert_eq!(world.env.params, Params::default());
}

/// The largest there is, with the most signers, signatures and actions.
#[test]
fn attack_58_the_dearest_transaction_fits_the_tightest_block() {
    let keys = POLICY_KEYS_MAX as u8;
    let signed = (1..=SIGNERS_MAX as u8).fold(Tx::by(1, 0).nobody(), |tx, first| {
        let people: Vec<u8> = (first..first + keys).collect();
        let policy = several(keys, &people);
        tx.hand(policy.address(), Nonce { lane: 0, seq: 0 }, policy, &people)
    });
    let small = (2..ACTIONS_MAX).fold(signed, |tx, _| tx.act(0, 1, Vec::new()));
    let small = small.limit(BODY_METER_MIN);
    let holding = |bytes: usize| {
        let tx = small.clone().act(0, 1, vec![0; bytes / 2]);
        tx.act(0, 1, vec![0; bytes - bytes / 2]).forge()
    };
    let full = holding(TRANSACTION_BYTES_MAX - holding(0).bytes());
    assert_eq!(full.bytes(), TRANSACTION_BYTES_MAX);
    let calls = ACTIONS_MAX as u64 * cost::CALL;
    assert!(cost::intrinsic(&full) + calls <= 590_000, "as the bound says");

    let mut world = World::bare(Modules::default().with(1, Council).unwrap());
    let (body_bytes, body_meter) = (BODY_BYTES_MIN, BODY_METER_MIN);
    world.env.params = Params { body_bytes, body_meter, ..Params::default() };
    assert_eq!(world.env.params.check(), Ok(()));
    assert_eq!(world.refusal(&full), None);
    world.env.params.body_bytes -= 1;
    let (got, limit) = (u64::from(BODY_BYTES_MIN), u64::from(BODY_BYTES_MIN) - 1);
    assert_eq!(world.refusal(&full), Some(Inadmissible::BlockBytes { got, limit }));
}

/// Each limit on a transaction: at it, and one beyond.
#[test]
fn a_chain_takes_what_its_limits_say() {
    let refused = |change: fn(&mut Params), tx: &Shared| {
        let mut world = world();
        change(&mut world.env.params);
        let (why, admitted) = (world.refusal(tx), world.admit(tx).err());
        assert_eq!(admitted, why.clone().map(AdmitError::Inadmissible), "a pool says the same");
        let template = world.execute(std::slice::from_ref(tx), Mode::Template).unwrap();
        assert_eq!(template.refused.first().map(|(_, why)| why.clone()), why);
        why
    };
    let send = |count: u8| (0..count).fold(Tx::by(1, 0), |tx, _| tx.send(2, 1));
    let three = Tx::by(1, 0).and(2, 0, 0).and(3, 0, 0);
    let large = |bytes| Tx::by(1, 0).limit(300_000).act(0, 9, vec![0; bytes]);
    let second = large(1).act(0, 9, vec![0; 1_025]);
    let full = large(TRANSACTION_BYTES_MIN - large(0).forge().bytes());
    assert_eq!(full.forge().bytes(), TRANSACTION_BYTES_MIN);
    let over = large(TRANSACTION_BYTES_MIN - large(0).forge().bytes() + 1);
    type Row = (fn(&mut Params), Tx, Option<Inadmissible>);
    let table: [Row; 8] = [
        (|p| p.signers = 3, three.clone(), None),
        (|p| p.signers = 2, three, Some(Inadmissible::Signers { got: 3, limit: 2 })),
        (|p| p.actions = 4, send(4), None),
        (|p| p.actions = 3, send(4), Some(Inadmissible::Actions { got: 4, limit: 3 })),
        (|p| p.payload_bytes = 1_025, second.clone(), None),
        (
            |p| p.payload_bytes = 1_024,
            second,
            Some(Inadmissible::Payload { action: 1, got: 1_025, limit: 1_024 }),
        ),
        (|p| p.transaction_bytes = TRANSACTION_BYTES_MIN as u32, full, None),
        (
            |p| p.transaction_bytes = TRANSACTION_BYTES_MIN as u32,
            over,
            Some(Inadmissible::Bytes { got: 16_385, limit: 16_384 }),
        ),
    ];
    for (change, tx, want) in table {
        assert_eq!(refused(change, &tx.forge()), want);
    }
}

/// A chain's coins under a council: it is told of each change, and nothing else changes.
#[test]
fn a_council_cannot_choose_the_base_fee() {
    let mut world = world();
    world.env.params.base_fee = 100_000;
    let next = Params { base_fee: 7_000, base_fee_floor: 3_000, ..Params::default() };
    let tx = Tx::by(1, 0).price(100).act(0, COUNCIL, next.encode()).forge();
    world.block(&[tx]).unwrap();
    assert_eq!((world.env.params.base_price(), world.env.params.base_fee_floor), (87, 3_000));
    // A floor above takes it along, a ceiling below too.
    let next = Params { base_fee_floor: 1_000_000, ..Params::default() };
    let tx = Tx::by(1, 1).price(88).act(0, COUNCIL, next.encode()).forge();
    world.block(&[tx]).unwrap();
    assert_eq!(world.env.params.base_fee, 1_000_000);
    let next = Params { base_fee_ceiling: 10_000, ..Params::default() };
    let tx = Tx::by(1, 2).price(1_000).act(0, COUNCIL, next.encode()).forge();
    let done = world.block(&[tx]).unwrap();
    assert_eq!((done.receipts[0].code, world.env.params.base_fee), (0, 10_000));
    assert!(world.balance(PRODUCER) > 0 && world.balance_of(address(9)) == 0);
}

/// Without a purse nobody pays, and nothing is burned: the base fee moves all the same.
#[test]
fn a_chain_without_coins_burns_nothing() {
    let mut world = World::bare(Modules::default().with(1, Council).unwrap());
    world.env.params.burned_per_mille = 1_000;
    world.env.params.base_fee = 1_000_000;
    let done = world.block(&[Tx::by(1, 0).price(1_000).act(0, 9, Vec::new()).forge()]).unwrap();
    assert_eq!((done.receipts[0].fee, done.receipts.len()), (Amount::ZERO, 1));
    assert!(world.env.params.base_fee < 1_000_000);
    let assets = Modules::default().with(assets::ID, Assets).unwrap();
    let mut world = World::new(assets, vec![(assets::ID, config(&[(1, 50)], 0))]);
    world.env.params.burned_per_mille = 1_000;
    world.block(&[Tx::by(1, 0).send(2, 20).forge()]).unwrap();
    assert_eq!((world.supply(), world.balance(1)), (50, 30), "the coin is not the purse here");
}
