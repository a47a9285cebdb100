//! Frozen: another value here is another chain. Before 1.0 it may change, with a line in the
//! changelog.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Tx, World, address, config, env};
use isonomy_crypto::{Domain, Hash, state_path, state_value};
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Call, Query};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;

fn root(pairs: &[(&[u8], &[u8])]) -> String {
    let write = |(key, value): &(&[u8], &[u8])| (Key::from(*key), Some(Value::from(*value)));
    let layer = Arc::new(Layer { writes: pairs.iter().map(write).collect() });
    state_root(&Stack { layers: vec![layer], base: Arc::new(Empty) }).unwrap().to_string()
}

#[test]
fn state_roots() {
    let zeros = "0".repeat(64);
    assert_eq!(root(&[]), zeros);
    assert_eq!(state_root(&Empty).unwrap(), Hash::ZERO);
    assert_eq!(
        root(&[(b"key", b"value")]),
        "53c9bfa2332839270872c910dc7a36ac98ba96d57c9f0e4f58028fbd5ada7b71"
    );
    assert_eq!(
        root(&[(b"key", b"value"), (b"other", b"value")]),
        "2d3cea9db04d6cc5612759fcd75b9549025f2c0dd850b948b30285246aaef9a0"
    );
    let many: Vec<_> = (0..100u8).map(|n| ([n], [n, n])).collect();
    let many: Vec<_> = many.iter().map(|(key, value)| (&key[..], &value[..])).collect();
    assert_eq!(root(&many), "600425668b41ab04fabdcce5d4220aeac080be54d6197d458ed0335d8bf9371c");
}

/// The lone leaf, from its definition.
#[test]
fn a_leaf_binds_key_and_value() {
    let leaf =
        Domain::new("isonomy state leaf 1").join(&[state_path(b"key"), state_value(b"value")]);
    assert_eq!(root(&[(b"key", b"value")]), leaf.to_string());
}

fn receipt() -> Receipt {
    let keys = List::truncated([vec![4], vec![5, 6]].map(Blob::truncated).to_vec());
    let event = Event { module: 0x0102, keys, payload: vec![7, 8, 9].try_into().unwrap() };
    Receipt {
        transaction: Hash::from_bytes([1; 32]),
        code: 0x0304,
        meter: 5,
        fee: Amount(6),
        events: List::truncated(vec![event]).into(),
    }
}

/// To people, as to `borsh`, an event's keys are a list of byte strings.
#[test]
fn an_event_as_json() {
    type Keys = List<Blob<EVENT_KEY_BYTES_MAX>, EVENT_KEYS_MAX>;
    let keys = List::truncated(vec![vec![7, 0xab].try_into().unwrap(), Blob::default()]);
    let event = Event { module: 0x0102, keys, payload: vec![9].try_into().unwrap() };
    let json = serde_json::json!({"module": 258, "keys": ["07ab", ""], "payload": "09"});
    assert_eq!(serde_json::to_value(&event).unwrap(), json);
    assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    assert_eq!(serde_json::to_value(Keys::default()).unwrap(), serde_json::json!([]));

    let read = serde_json::from_value::<Keys>;
    let (most, long) = (vec!["00"; EVENT_KEYS_MAX], "00".repeat(EVENT_KEY_BYTES_MAX));
    assert_eq!(read(serde_json::json!(most)).unwrap().len(), EVENT_KEYS_MAX);
    assert!(read(serde_json::json!([long])).is_ok());
    for bad in [
        serde_json::json!([&most[..], &["00"]].concat()),
        serde_json::json!([long + "00"]),
        serde_json::json!(["0"]),
        serde_json::json!(["AB"]),
        serde_json::json!({"count": 0, "bytes": []}),
        serde_json::json!(null),
    ] {
        assert!(read(bad.clone()).is_err(), "{bad}");
    }
}

#[test]
fn receipts() {
    let bytes = receipt().encode();
    let want = [
        &[1; 32][..],
        &[4, 3],
        &[5, 0, 0, 0, 0, 0, 0, 0],
        &[6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[1, 0, 0, 0, 2, 1],
        &[2, 0, 0, 0, 1, 0, 0, 0, 4, 2, 0, 0, 0, 5, 6],
        &[3, 0, 0, 0, 7, 8, 9],
    ];
    assert_eq!(bytes, want.concat());
    assert_eq!(Receipt::decode_exact(&bytes), Ok(receipt()));
    let mut padded = bytes;
    padded.resize(128, 0);
    assert_eq!(receipt().leaf(), Domain::new("isonomy receipt leaf 2").hash(&padded));
    assert_eq!(
        receipt().leaf().to_string(),
        "641558d08dd0b3854428c723360626160a66703425b40a64e4f1bbfad1d94e9e"
    );
}

#[test]
fn a_receipts_leaf_covers_every_byte() {
    let bytes = receipt().encode();
    for at in 0..bytes.len() {
        let mut other = bytes.clone();
        other[at] ^= 1;
        // Most changes are another receipt, those of a length are none.
        if let Ok(other) = Receipt::decode_exact(&other) {
            assert_ne!(other.leaf(), receipt().leaf(), "byte {at}");
        }
    }
}

#[test]
fn codes() {
    let text = || DecodeError(String::new());
    let params = Params { body_bytes: 0, ..Params::default() }.check().unwrap_err();
    let table = [
        (Fault::Meter { got: 1, limit: 0 }, 1),
        (Fault::Depth { got: 1, limit: 0 }, 2),
        (Fault::ReadOnly, 3),
        (Fault::UnknownModule(0), 4),
        (Fault::Unsupported, 5),
        (Fault::NoCaller, 6),
        (Fault::Payload(text()), 7),
        (Fault::Stored(text()), 8),
        (Fault::Key { got: 1, limit: 0 }, 9),
        (Fault::Value { got: 1, limit: 0 }, 10),
        (Fault::Event { got: 1, limit: 0 }, 11),
        (Fault::Events { got: 1, limit: 0 }, 12),
        (Fault::Params(params), 13),
        (Fault::Undeclared { module: 1, callee: 2 }, 14),
        (Fault::EventKeys { got: 1, limit: 0 }, 15),
        (Fault::EventKey { got: 1, limit: 0 }, 16),
        (Fault::Read(ReadFailed), 255),
        (Fault::refused(0, ""), 256),
        (Fault::refused(1, "why does not matter"), 257),
        (Fault::refused(Fault::REFUSED_MAX, ""), u16::MAX),
        (Fault::refused(u16::MAX, ""), u16::MAX),
    ];
    for (fault, code) in table {
        assert_eq!(fault.code(), code, "{fault}");
    }
}

#[test]
fn calls_queries_and_events() {
    let (to, amount) = (Address(Hash::from_bytes([2; 32])), Amount(3));
    let from = Address(Hash::from_bytes([1; 32]));
    let three = 3u128.to_le_bytes();
    let (asset, memo) = (Asset::Issued(Hash::from_bytes([3; 32])), Memo::default());
    let paid = [&[0, 0][..], &[2; 32], &three, &[0; 4]].concat();
    assert_eq!(Call::pay(to, amount).encode(), paid);
    assert_eq!(Query::Balance(to, Asset::Coin).encode(), [&[0][..], &[2; 32], &[0]].concat());
    assert_eq!(Query::Supply(asset).encode(), [&[1, 1][..], &[3; 32]].concat());
    let moved = AssetsEvent::Transfer { asset, from, to, amount, memo };
    let want = [&[0, 1][..], &[3; 32], &[1; 32], &[2; 32], &three, &[0; 4]].concat();
    assert_eq!(moved.encode(), want);
    let minted = AssetsEvent::Reward { to, amount };
    assert_eq!(minted.encode(), [&[1][..], &[2; 32], &three].concat());
    let set = accounts::Call::SetPolicy(Policy::Module(4));
    assert_eq!(set.encode(), [0, 3, 4, 0]);
}

#[test]
fn keys_of_the_state() {
    let mut world = World::coins(&[(1, 1_000_000)], 5);
    let policy = accounts::Call::SetPolicy(common::policy(7)).encode();
    let tx = Tx::by(1, 0).nobody().and(1, 0x0203, 0).act(0, accounts::ID, policy);
    world.block(&[tx.sign()]).unwrap();
    let keys: Vec<_> = world.pairs().into_iter().map(|(key, _)| key.to_vec()).collect();
    let (one, producer) = (address(1).encode(), world.env.producer.encode());
    let mut want = vec![
        [&[0, 0, 0], &one[..]].concat(),
        [&[0, 0, 1], &one[..], &[2, 3]].concat(),
        [&[0, 1, 0], &one[..]].concat(),
        [&[0, 1, 0], &producer[..]].concat(),
        vec![0, 1, 1],
        vec![0, 1, 2],
    ];
    want.sort();
    assert_eq!(keys, want);
}

#[test]
fn prices() {
    assert_eq!(cost::VERSION, 1);
    let per_thing = [
        cost::TRANSACTION,
        cost::SIGNER,
        cost::SIGNATURE,
        cost::LANE,
        cost::CALL,
        cost::SAVEPOINT,
        cost::READ,
        cost::SCAN,
        cost::WRITE,
        cost::EVENT,
        cost::EVENT_KEY,
    ];
    assert_eq!(per_thing, [2_000, 2_500, 1_000, 1_000, 200, 50, 1_500, 2_000, 500, 100, 50]);
    let per_byte =
        [cost::TRANSACTION_BYTE, cost::READ_32_BYTES, cost::WRITE_BYTE, cost::EVENT_BYTE];
    assert_eq!(per_byte, [2, 1, 8, 2]);

    let two = Tx::by(1, 0).hand(
        common::several(2, &[4, 5, 6]).address(),
        Nonce { lane: 1, seq: 1 },
        common::several(2, &[4, 5, 6]),
        &[4, 6],
    );
    let two = two.sign();
    let want = 2_000 + 2 * two.bytes() as u64 + 2 * 2_500 + 3 * 1_000 + 1_000;
    assert_eq!(cost::intrinsic(&two), want);
}

#[test]
fn a_transfer_costs_what_it_did() {
    let mut world = World::coins(&[(1, 1_000_000)], 0);
    let done = world.block(&[Tx::by(1, 0).send(2, 5).sign()]).unwrap();
    assert_eq!(done.receipts[0].meter, 12_501);
}

#[test]
fn a_short_history() {
    let mut world = World::coins(&[(1, 10_000_000), (2, 5_000_000)], 50);
    assert_eq!(world.env.genesis, GENESIS);
    let born = Birth {
        env: env(0),
        modules: world.modules.clone(),
        configs: vec![(assets::ID, config(&[(1, 10_000_000), (2, 5_000_000)], 50))],
    };
    let born = born.run().unwrap();
    assert_eq!(
        born.tree.root().to_string(),
        "ef88d08755cc3f0fde501a0278ce35415f9530062d0a3581317be7cd0090aebc"
    );
    let good = Tx::by(1, 0).and(2, 3, 0).send_by(0, 3, 700).send_by(1, 1, 9).sign();
    let failing = Tx::by(2, 0).send(1, u128::MAX).sign();
    let done = world.block(&[good, failing]).unwrap();
    assert_eq!(
        done.tree.root().to_string(),
        "197b440ceb4d9ad70b3575d89496a5503b7ffc4fc4a3639e49df65d58badb73f"
    );
    assert_eq!(
        done.receipts_root.to_string(),
        "c7fd7e43a63fa8c52ce36c3d9afb2b6748d1a88f25a79443c65a93d23f710668"
    );
}
