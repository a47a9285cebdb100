//! Whatever limits a chain sets itself, it goes on, and can set others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, several};
use isonomy_ledger::*;
use isonomy_types::*;
use proptest::prelude::*;

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

fn world() -> World {
    World::bare(Modules::default().with(1, Council).unwrap())
}

fn params() -> impl Strategy<Value = Params> {
    let edges = [BODY_BYTES_MIN - 1, BODY_BYTES_MIN, BODY_BYTES_MAX, BODY_BYTES_MAX + 1];
    let bytes = prop_oneof![any::<u32>(), 0..200_u32, proptest::sample::select(edges.to_vec())];
    let edges = [BODY_METER_MIN - 1, BODY_METER_MIN, BODY_METER_MAX, BODY_METER_MAX + 1];
    let meter = prop_oneof![any::<u64>(), 0..20_000_u64, proptest::sample::select(edges.to_vec())];
    (bytes, meter, any::<u64>()).prop_map(|(body_bytes, body_meter, base_fee)| Params {
        body_bytes,
        body_meter,
        base_fee,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// The next block can hold the transaction that decides otherwise. (Nobody pays here: a fee that
    /// no account can cover is beyond what limits can prevent.)
    #[test]
    fn attack_58_a_change_of_params_halts_the_chain(
        changes in proptest::collection::vec(params(), 1..8),
    ) {
        let mut world = world();
        for (seq, change) in changes.iter().enumerate() {
            let before = world.env.params.clone();
            let tx = Tx::by(1, seq as u64).price(before.base_fee).act(0, 1, change.encode());
            let done = world.block(&[tx.forge()]);
            prop_assert!(done.is_ok(), "{:?} under {before:?}", done.err());
            let took = done.unwrap().receipts[0].code == 0;
            prop_assert_eq!(took, change.check().is_ok());
            prop_assert_eq!(&world.env.params, if took { change } else { &before });
        }
    }
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
    assert!(cost::intrinsic(&full) + calls <= 560_000, "as the bound says");

    let mut world = world();
    let tightest = Params { body_bytes: BODY_BYTES_MIN, body_meter: BODY_METER_MIN, base_fee: 1 };
    assert_eq!(tightest.check(), Ok(()));
    world.env.params = tightest.clone();
    assert_eq!(world.refusal(&full), None);
    world.env.params.body_bytes -= 1;
    let (got, limit) = (u64::from(BODY_BYTES_MIN), u64::from(BODY_BYTES_MIN) - 1);
    assert_eq!(world.refusal(&full), Some(Inadmissible::BlockBytes { got, limit }));
}
