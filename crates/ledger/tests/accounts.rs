//! Policies that change, lanes, several signers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, address, policy, several};
use isonomy_crypto::Hash;
use isonomy_ledger::accounts::{self, Call, refusal};
use isonomy_ledger::*;
use isonomy_types::*;
use std::slice::from_ref;

const RICH: u128 = 10_000_000_000;
const POLICY: Option<Inadmissible> = Some(Inadmissible::Policy { signer: 0 });

fn world() -> World {
    World::coins(&[(1, RICH), (2, RICH)], 0)
}

fn set(policy: Policy) -> Vec<u8> {
    Call::SetPolicy(policy).encode()
}

fn seq(seq: u64) -> Nonce {
    Nonce { lane: 0, seq }
}

#[test]
fn keys_rotate_and_the_address_stays() {
    let mut world = world();
    let rotate = Tx::by(1, 0).act(0, accounts::ID, set(policy(7)));
    // Within its own block the new policy binds already.
    let after = Tx::by(1, 1).nobody().hand(address(1), seq(1), policy(7), &[7]).send(2, 5);
    let done = world.block(&[rotate.sign(), after.sign()]).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.code == 0));
    assert_eq!(world.balance(2), RICH + 5);

    assert_eq!(world.refusal(&Tx::by(1, 2).sign()), POLICY, "the old key is out");
    let other = Tx::by(7, 0).sign();
    assert!(
        matches!(world.refusal(&other), Some(Inadmissible::Payer { .. })),
        "no money of its own"
    );

    let back = Tx::by(1, 2).nobody().hand(address(1), seq(2), policy(7), &[7]);
    world.block(&[back.act(0, accounts::ID, set(policy(1))).sign()]).unwrap();
    assert_eq!(world.refusal(&Tx::by(1, 3).sign()), None);
    let account = account(&*world.view(), &address(1)).unwrap();
    assert_eq!(account, Account { policy: None, lanes: vec![(0, 3)] }, "as if nothing had been");
}

#[test]
fn an_account_goes_to_two_of_three() {
    let mut world = world();
    let shared = several(2, &[4, 5, 6]);
    world.block(&[Tx::by(1, 0).act(0, accounts::ID, set(shared.clone())).sign()]).unwrap();
    let by = |policy: &Policy, people: &[u8]| {
        Tx::by(1, 1).nobody().hand(address(1), seq(1), policy.clone(), people)
    };
    assert_eq!(world.refusal(&by(&shared, &[4, 6]).sign()), None);
    assert_eq!(world.refusal(&by(&several(1, &[4, 5, 6]), &[4]).sign()), POLICY, "one of three");
    assert_eq!(world.refusal(&by(&several(2, &[4, 5, 8]), &[4, 5]).sign()), POLICY);
    let found = account(&*world.view(), &address(1)).unwrap().policy;
    assert_eq!(found, Some(shared.hash()));
    // The same policy has an address of its own too, where it is the first.
    let own = Tx::by(2, 0).hand(shared.address(), seq(0), shared, &[5, 6]);
    assert_eq!(world.refusal(&own.sign()), None);
}

#[test]
fn nobody_hands_over_anothers_account_or_to_nobody() {
    let mut world = world();
    let run = |world: &mut World, lane, payload| {
        let tx = Tx::by(1, 0).nobody().and(1, lane, 0).and(2, lane, 0);
        world.block(&[tx.act(1, accounts::ID, payload).sign()]).unwrap().receipts[0].code
    };
    let nobody = 256 + refusal::NOBODY_SIGNS;
    assert_eq!(run(&mut world, 0, set(Policy::Module(3))), nobody);
    assert_eq!(run(&mut world, 1, set(Policy::Contract(Hash::ZERO))), nobody);
    assert_eq!(run(&mut world, 2, vec![9, 9]), Fault::Payload(DecodeError(String::new())).code());
    assert_eq!(run(&mut world, 3, set(policy(9))), 0);
    let policy_of = |n| account(&*world.view(), &address(n)).unwrap().policy;
    assert_eq!(policy_of(1), None, "the action names the second signer");
    assert_eq!(policy_of(2), Some(policy(9).hash()));
}

#[test]
fn lanes_do_not_wait_for_each_other() {
    let mut world = world();
    let on = |lane, seq| Tx::by(1, 0).nobody().and(1, lane, seq).sign();
    world.block(&[on(300, 0), on(0, 0), on(300, 1), on(u16::MAX, 0), on(2, 0)]).unwrap();
    let lanes = account(&*world.view(), &address(1)).unwrap().lanes;
    assert_eq!(lanes, [(0, 1), (2, 1), (300, 2), (u16::MAX, 1)], "in the order of lanes");
    assert_eq!(account(&*world.view(), &address(2)).unwrap(), Account::default());
    let again = Some(Inadmissible::Nonce { signer: 0, got: 1, limit: 2 });
    assert_eq!(world.refusal(&on(300, 1)), again);
    assert_eq!(world.refusal(&on(1, 0)), None);
}

#[test]
fn a_new_lane_is_priced_as_state() {
    let meter = |tx: Tx| cost::intrinsic(&tx.sign());
    let (first, later) = (meter(Tx::by(1, 0)), meter(Tx::by(1, 1)));
    assert_eq!(first - later, cost::LANE);
    let (two_new, one_new) = (meter(Tx::by(1, 0).and(2, 1, 0)), meter(Tx::by(1, 0).and(2, 1, 5)));
    assert_eq!(two_new - one_new, cost::LANE);
}

#[test]
fn a_trade_is_done_whole_or_not_at_all() {
    let mut world = World::coins(&[(1, RICH), (2, 50)], 0);
    let trade =
        |seq, back| Tx::by(1, seq).and(2, 5, seq).send_by(0, 2, 1_000).send_by(1, 3, back).sign();
    let done = world.block(&[trade(0, 2_000)]).unwrap();
    assert_eq!(done.receipts[0].code, 256 + assets::refusal::NOT_ENOUGH);
    assert!(done.receipts[0].events.is_empty());
    assert_eq!((world.balance(2), world.balance(3)), (50, 0));
    assert_eq!(account(&*world.view(), &address(2)).unwrap().lanes, [(5, 1)], "both nonces spent");

    let done = world.block(&[trade(1, 900)]).unwrap();
    assert_eq!((done.receipts[0].code, done.receipts[0].events.len()), (0, 2));
    assert_eq!((world.balance(2), world.balance(3)), (150, 900));
}

#[test]
fn an_offer_is_cancelled_by_spending_its_nonce() {
    let mut world = world();
    let offer = Tx::by(2, 0).and(1, 8, 0).send_by(1, 2, 1_000).sign();
    assert_eq!(world.refusal(&offer), None);
    world.block(&[Tx::by(1, 0).sign(), Tx::by(1, 0).nobody().and(1, 8, 0).sign()]).unwrap();
    assert_eq!(world.refusal(&offer), Some(Inadmissible::Nonce { signer: 1, got: 0, limit: 1 }));
}

#[test]
fn accounts_explain_themselves() {
    let modules = Modules::default();
    let say = |payload: &[u8]| modules.get(accounts::ID).unwrap().describe(payload);
    let key = common::secret(1).public();
    assert_eq!(say(&set(policy(1))), format!("hand this account over to the key {key}"));
    let shared = say(&set(several(2, &[1, 2, 3])));
    assert!(shared.starts_with("hand this account over to any 2 of 3 keys: "), "{shared}");
    assert!(shared.contains(&key.to_string()), "whose they are can be checked: {shared}");
    assert!(say(&set(Policy::Module(3))).ends_with("(this will be refused)"));
    assert_eq!(say(b"?"), "a call to the accounts that cannot be read");
}

#[test]
fn a_state_that_nobody_wrote_is_a_failed_read() {
    let mut world = world();
    let key = [&[0, 0, 0][..], &address(1).encode()].concat();
    let mut layer = Layer::default();
    layer.writes.insert(key.into(), Some(vec![1, 2, 3].into()));
    world.tree = world.tree.update(&layer).unwrap();
    world.layers.insert(0, layer.into());
    assert_eq!(account(&*world.view(), &address(1)), Err(ReadFailed));
    let tx = Tx::by(1, 0).sign();
    assert_eq!(world.admit(&tx), Err(AdmitError::Read(ReadFailed)));
    for mode in [Mode::Block, Mode::Template] {
        let got = world.execute(from_ref(&tx), mode).err();
        assert_eq!(got, Some(ExecuteError::Read(ReadFailed)));
    }
}

#[test]
fn lane_0_and_another_policy_share_a_record() {
    let mut world = world();
    let record = |world: &World| {
        let key = [&[0, 0, 0][..], &address(1).encode()].concat();
        world.view().get(&key).unwrap().map(|value| value.to_vec())
    };
    let on = |lane, seq: u64, by: u8, policy: Policy, call: &Policy| {
        let hand = Tx::by(2, 0).nobody().hand(address(1), Nonce { lane, seq }, policy, &[by]);
        hand.act(0, accounts::ID, set(call.clone())).sign()
    };
    assert_eq!(record(&world), None);
    // The policy changes and comes back on another lane: lane 0 was never used.
    world.block(&[on(5, 0, 1, policy(1), &policy(7))]).unwrap();
    let changed = [&[0; 8][..], &[1], policy(7).hash().as_bytes()].concat();
    assert_eq!(record(&world), Some(changed));
    assert_eq!(account(&*world.view(), &address(1)).unwrap().lanes, [(5, 1)]);
    world.block(&[on(5, 1, 7, policy(7), &policy(1))]).unwrap();
    assert_eq!(record(&world), None, "what says nothing is not stored");
    // Lane 0 counts beside it, and a change of policy does not touch the count.
    world.block(&[Tx::by(1, 0).sign()]).unwrap();
    assert_eq!(record(&world), Some(vec![1, 0, 0, 0, 0, 0, 0, 0, 0]));
    world.block(&[on(0, 1, 1, policy(1), &policy(7))]).unwrap();
    let both = [&[2, 0, 0, 0, 0, 0, 0, 0, 1][..], policy(7).hash().as_bytes()].concat();
    assert_eq!(record(&world), Some(both));
    let lanes = account(&*world.view(), &address(1)).unwrap().lanes;
    assert_eq!(lanes, [(0, 2), (5, 2)], "in order");
}
