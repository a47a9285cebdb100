//! The native coin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{PRODUCER, Tx, World, address, config, env};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Call, Config, Query, refusal};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;

const RICH: u128 = 1_000_000;

fn birth(config: Vec<u8>) -> Result<Executed, ExecuteError> {
    let configs = vec![(assets::ID, config)];
    Birth { env: env(0), modules: Arc::new(common::coin()), configs }.run()
}

fn refused(code: u16) -> u16 {
    256 + code
}

#[test]
fn genesis_refuses_what_cannot_be() {
    let fault = |config| match birth(config) {
        Err(ExecuteError::Module(fault)) => fault.code(),
        other => panic!("{other:?}"),
    };
    assert_eq!(fault(config(&[(1, 5), (2, 5), (1, 5)], 0)), refused(refusal::TWICE));
    assert_eq!(fault(config(&[(1, u128::MAX), (2, 1)], 0)), refused(refusal::OVERFLOW));
    assert_eq!(fault(config(&[(1, 5), (2, 0)], 0)), refused(refusal::ZERO));
    assert_eq!(fault(b"?".to_vec()), Fault::Payload(DecodeError(String::new())).code());
    assert_eq!(fault(Vec::new()), Fault::Payload(DecodeError(String::new())).code());
    let tail = [config(&[(1, 5)], 0), vec![0]].concat();
    assert_eq!(fault(tail), Fault::Payload(DecodeError(String::new())).code());
}

#[test]
fn genesis_does_not_depend_on_the_order_of_allocations() {
    let one = birth(config(&[(1, 5), (2, 6)], 9)).unwrap();
    let other = birth(config(&[(2, 6), (1, 5)], 9)).unwrap();
    assert_eq!(one.tree.root(), other.tree.root());
    assert_ne!(one.tree.root(), birth(config(&[(1, 5), (2, 6)], 8)).unwrap().tree.root());
    assert!(one.receipts.is_empty());
}

#[test]
fn a_transfer_moves_coins_and_says_so() {
    let mut world = World::coins(&[(1, RICH)], 0);
    let done = world.block(&[Tx::by(1, 0).send(2, 700).sign()]).unwrap();
    let fee = done.receipts[0].fee.0;
    assert_eq!((world.balance(1), world.balance(2)), (RICH - 700 - fee, 700));
    let want = AssetsEvent::Transfer {
        asset: Asset::Coin,
        from: address(1),
        to: address(2),
        amount: Amount(700),
        memo: Memo::default(),
    };
    assert_eq!(done.receipts[0].events.len(), 1);
    assert_eq!(done.receipts[0].events.get(0).unwrap().module, assets::ID);
    assert_eq!(done.receipts[0].events.get(0).unwrap().payload[..], want.encode());
}

#[test]
fn every_refusal_has_its_code() {
    let mut world = World::coins(&[(1, RICH)], 0);
    let payload = Fault::Payload(DecodeError(String::new())).code();
    let call = |amount| Call::pay(address(2), Amount(amount)).encode();
    let table = [
        (call(0), refused(refusal::ZERO)),
        (call(RICH + 1), refused(refusal::NOT_ENOUGH)),
        (call(u128::MAX), refused(refusal::NOT_ENOUGH)),
        ([call(1), vec![0]].concat(), payload),
        (call(1)[..40].to_vec(), payload),
        (Vec::new(), payload),
        (vec![9], payload),
    ];
    for (seq, (bytes, code)) in table.into_iter().enumerate() {
        let tx = Tx::by(1, seq as u64).act(0, assets::ID, bytes).sign();
        assert_eq!(world.block(&[tx]).unwrap().receipts[0].code, code, "case {seq}");
        assert_eq!(world.counted(), RICH);
        assert_eq!(world.balance(2), 0);
    }
}

#[test]
fn an_empty_account_leaves_the_state() {
    let modules = Modules::default().with(assets::ID, assets::Assets).unwrap();
    let mut world = World::new(modules, vec![(assets::ID, config(&[(1, 5)], 0))]);
    let key = |n| [&[0, 1, 0][..], &address(n).encode()].concat();
    assert!(world.view().get(&key(1)).unwrap().is_some());
    world.block(&[Tx::by(1, 0).send(2, 5).sign()]).unwrap();
    assert_eq!(world.view().get(&key(1)), Ok(None));
    assert!(world.view().get(&key(2)).unwrap().is_some());
}

#[test]
fn a_block_is_rewarded_and_the_supply_grows() {
    let mut world = World::coins(&[(1, RICH)], 50);
    assert_eq!((world.supply(), world.balance(PRODUCER)), (RICH, 0), "not for genesis");
    for height in 1..=3u128 {
        let done = world.block(&[]).unwrap();
        assert_eq!(world.balance(PRODUCER), 50 * height);
        assert_eq!(world.supply(), RICH + 50 * height);
        let want = AssetsEvent::Reward { to: address(PRODUCER), amount: Amount(50) };
        assert_eq!(done.receipts.len(), 1);
        assert_eq!(done.receipts[0].events.get(0).unwrap().payload[..], want.encode());
    }
    assert_eq!(world.counted(), world.supply());
}

#[test]
fn without_a_reward_there_is_nothing_to_say() {
    let mut world = World::coins(&[(1, RICH)], 0);
    let done = world.block(&[]).unwrap();
    assert!(done.receipts.is_empty());
    assert!(done.layer.writes.is_empty());
}

#[test]
fn answers_are_amounts() {
    let world = World::coins(&[(1, 7), (2, 8)], 0);
    let ask = |query: Query| Amount::decode_exact(&world.ask(assets::ID, &query.encode()).unwrap());
    assert_eq!(ask(Query::Balance(address(1), Asset::Coin)), Ok(Amount(7)));
    assert_eq!(ask(Query::Balance(address(3), Asset::Coin)), Ok(Amount::ZERO));
    assert_eq!(ask(Query::Supply(Asset::Coin)), Ok(Amount(15)));
    assert!(matches!(world.ask(assets::ID, b"?"), Err(Fault::Payload(_))));
}

#[test]
fn transfers_are_said_in_plain_words() {
    let modules = common::coin();
    let say = |payload: &[u8]| modules.get(assets::ID).unwrap().describe(payload);
    let to = Address(Hash::from_bytes([3; 32]));
    let call = Call::pay(to, Amount(12)).encode();
    assert_eq!(say(&call), format!("send 12 coins to {to}"));
    assert!(to.to_string().starts_with("iso1"));
    assert_eq!(say(&call[1..]), "a call to the assets that cannot be read");
}

#[test]
fn people_write_json() {
    let json = |value: &str| value.replace('\'', "\"");
    let to = address(1);
    let call = Call::pay(to, Amount(u128::MAX));
    let text = json(&format!(
        "{{'transfer':{{'asset':'coin','to':'{to}','amount':'{}','memo':''}}}}",
        u128::MAX
    ));
    assert_eq!(serde_json::to_string(&call).unwrap(), text);
    assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);

    let allocations = vec![(to, Amount(5))].try_into().unwrap();
    let config = Config { allocations, reward: Amount(50) };
    let text = json(&format!("{{'allocations':[['{to}','5']],'reward':'50'}}"));
    assert_eq!(serde_json::to_string(&config).unwrap(), text);
    assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    assert!(serde_json::from_str::<Config>(&text.replace("reward", "rewards")).is_err());

    let mut world = World::coins(&[(1, RICH)], 0);
    let done = world.block(&[Tx::by(1, 0).send(2, 5).sign()]).unwrap();
    let text = serde_json::to_string(&done.receipts).unwrap();
    assert!(text.contains("\"fee\":\""), "an amount is a string: {text}");
    assert_eq!(serde_json::from_str::<Vec<Receipt>>(&text).unwrap(), done.receipts);
}
