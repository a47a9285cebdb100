//! JSON, as people and other programs see it.
#![allow(clippy::unwrap_used)]
mod common;

use common::{blob, list, samples, strategies};
use isonomy_types::{
    Address, Amount, Blob, Committee, EngineMessage, Entry, Header, Keys, List, Params, Policy,
    Text, Transaction, Version, Wall,
};
use proptest::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::fmt::Debug;

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    let pretty = serde_json::to_value(value).unwrap();
    assert_eq!(&serde_json::from_value::<T>(pretty).unwrap(), value);
}

#[test]
fn every_type_comes_back_from_json() {
    comes_back(&Version::<1>);
    comes_back(&blob::<8>(vec![1, 2, 3]));
    comes_back(&list::<u16, 8>(vec![1, 2, 3]));
    comes_back(&Text::<8>::try_from(String::from("größe")).unwrap());
    comes_back(&samples::address(1));
    comes_back(&Amount::MAX);
    comes_back(&Wall(u64::MAX));
    comes_back(&EngineMessage::truncated(vec![1, 2]));
    comes_back(&samples::nonce());
    comes_back(&samples::signer(1));
    comes_back(&samples::action(1));
    comes_back(&samples::intent());
    comes_back(&samples::keys());
    comes_back(&Policy::Key(samples::key(1)));
    comes_back(&Policy::Keys(samples::keys()));
    comes_back(&Policy::Contract(samples::hash(3)));
    comes_back(&Policy::Module(5));
    comes_back(&samples::witness());
    comes_back(&samples::transaction());
    comes_back(&samples::member(1));
    comes_back(&samples::committee());
    comes_back(&samples::authority());
    comes_back(&Params::default());
    comes_back(&samples::header());
    comes_back(&samples::body());
    comes_back(&samples::block());
    comes_back(&samples::entry());
    comes_back(&Entry { header: samples::header(), authority: None, certificate: None });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_entry_and_block_come_back(entry in strategies::entry(), block in strategies::block()) {
        comes_back(&entry);
        comes_back(&block);
    }

    #[test]
    fn any_params_come_back(params in strategies::params()) {
        comes_back(&params);
    }
}

/// The names and shapes that other programs rely on.
#[test]
fn a_transaction_reads_like_this() {
    let (one, two) = (samples::address(1).to_string(), samples::address(2).to_string());
    let nonce = json!({ "lane": 0x0102, "seq": 0x0304_0506_0708_090a_u64 });
    let action = |by: u8| json!({ "module": 0x0b0c, "by": by, "payload": "d0d1d2" });
    let key = |byte: &str| byte.repeat(32);
    let several = json!({ "needed": 2, "keys": [key("01"), key("02"), key("03")] });
    let want = json!({
        "intent": {
            "version": 1,
            "signers": [{ "account": one, "nonce": nonce }, { "account": two, "nonce": nonce }],
            "actions": [action(0), action(1)],
            "meter_limit": 1_000_000,
            "price": 3,
            "expires": 400,
        },
        "witnesses": [
            {
                "policy": { "keys": several },
                "signatures": ["e1".repeat(64), null, "e3".repeat(64)],
            },
            { "policy": { "key": key("04") }, "signatures": ["e4".repeat(64)] },
        ],
    });
    assert_eq!(serde_json::to_value(samples::transaction()).unwrap(), want);
}

#[test]
fn an_entry_reads_like_this() {
    let hash = |byte: &str| byte.repeat(32);
    let member = |byte: &str, power: u64| json!({ "key": byte.repeat(32), "power": power });
    let want = json!({
        "header": {
            "version": 1,
            "parent": hash("01"),
            "height": 0x0102_0304_0506_0708_u64,
            "time": 1_700_000_000_000_u64,
            "producer": samples::address(2).to_string(),
            "body_root": hash("03"),
            "state_root": hash("04"),
            "receipts_root": hash("05"),
            "next_authority": hash("06"),
            "next_params": hash("07"),
            "seal": "f0f1",
        },
        "authority": {
            "rules_version": 0x0102_0304,
            "committee": [member("01", 1), member("02", 2), member("03", 3)],
        },
        "certificate": "c0c1c2",
    });
    assert_eq!(serde_json::to_value(samples::entry()).unwrap(), want);
}

/// Beyond 2⁵³ many readers of JSON lose digits.
#[test]
fn amounts_are_strings() {
    let text = serde_json::to_string(&Amount::MAX).unwrap();
    assert_eq!(text, "\"340282366920938463463374607431768211455\"");
    for text in ["1", "1.0", "1e3", "null", "[1]", "\"01\"", "\"+1\"", "\"\"", "\" 1\"", "\"1e3\""]
    {
        assert!(serde_json::from_str::<Amount>(text).is_err(), "{text}");
    }
}

fn error<T: DeserializeOwned + Debug>(value: Value) -> String {
    serde_json::from_value::<T>(value).unwrap_err().to_string()
}

#[test]
fn unknown_fields_of_params_are_refused() {
    let params = |more: Value| {
        let mut value = serde_json::to_value(Params::default()).unwrap();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    assert!(serde_json::from_value::<Params>(params(json!({}))).is_ok());
    for name in ["base_fe", "Base_fee", "body_byte", ""] {
        let said = error::<Params>(params(json!({ name: 1 })));
        assert!(said.contains(&format!("unknown field `{name}`")), "{said}");
    }
    for missing in ["body_bytes", "signers", "event_bytes", "base_fee", "burned_per_mille"] {
        let mut value = params(json!({}));
        value.as_object_mut().unwrap().remove(missing);
        assert!(error::<Params>(value).contains(&format!("missing field `{missing}`")));
    }
}

fn assert_over<T: DeserializeOwned + Debug>(value: Value, got: usize, limit: usize) {
    let said = error::<T>(value);
    assert!(said.contains(&format!("got {got} elements, limit {limit}")), "{said}");
}

#[test]
fn bounds_hold_in_json() {
    assert_over::<Blob<2>>(json!("010203"), 3, 2);
    assert_over::<Text<4>>(json!("größ"), 6, 4);
    assert_over::<List<u8, 2>>(json!([1, 2, 3]), 3, 2);

    let transaction = serde_json::to_value(samples::transaction()).unwrap();
    let with = |pointer: &str, count: usize| {
        let mut value = transaction.clone();
        let items = value.pointer_mut(pointer).unwrap();
        *items = json!(vec![items[0].clone(); count]);
        value
    };
    let lists = [
        ("/intent/signers", 16),
        ("/intent/actions", 64),
        ("/witnesses", 16),
        ("/witnesses/0/signatures", 16),
        ("/witnesses/0/policy/keys/keys", 16),
    ];
    for (pointer, limit) in lists {
        assert_over::<Transaction>(with(pointer, limit + 1), limit + 1, limit);
    }
    let mut value = transaction.clone();
    *value.pointer_mut("/intent/actions/0/payload").unwrap() = json!("00".repeat(65_537));
    assert_over::<Transaction>(value, 65_537, 65_536);

    let mut header = serde_json::to_value(samples::header()).unwrap();
    header["seal"] = json!("00".repeat(257));
    assert_over::<Header>(header, 257, 256);
    let mut entry = serde_json::to_value(samples::entry()).unwrap();
    entry["certificate"] = json!("00".repeat(32_769));
    assert_over::<Entry>(entry, 32_769, 32_768);
    let member = serde_json::to_value(samples::member(1)).unwrap();
    assert_over::<Committee>(json!(vec![member; 257]), 257, 256);
}

#[test]
fn rules_hold_in_json() {
    let key = |byte: &str| byte.repeat(32);
    let keys = |needed: u8, keys: [String; 2]| json!({ "needed": needed, "keys": keys });
    assert!(error::<Keys>(keys(0, [key("01"), key("02")])).contains("0 of 2 keys needed"));
    assert!(error::<Keys>(keys(3, [key("01"), key("02")])).contains("3 of 2 keys needed"));
    assert!(error::<Keys>(keys(1, [key("02"), key("01")])).contains("key 1 does not come after"));
    let member = |byte: &str, power: u64| json!({ "key": key(byte), "power": power });
    let order = json!([member("02", 1), member("01", 1)]);
    assert!(error::<Committee>(order).contains("member 1 does not come after"));
    assert!(error::<Committee>(json!([member("01", 0)])).contains("member 0 has no power"));
    let power = json!([member("01", u64::MAX), member("02", 1)]);
    assert!(error::<Committee>(power).contains("sum to 18446744073709551616"));
    assert!(error::<Version<1>>(json!(2)).contains("got format version 2"));
    assert!(error::<Address>(json!("iso1")).contains("typing error"));
    assert!(error::<Policy>(json!({ "anyone": 1 })).contains("unknown variant"));
}

/// Hex has one spelling wherever it stands.
#[test]
fn hex_is_lower_case_and_bare() {
    for text in ["AB", "aB", "0xab", "0Xab", "a", "abc", " ab", "ab ", "g0", "ab\n", "é"] {
        assert!(serde_json::from_value::<Blob<8>>(json!(text)).is_err(), "{text:?}");
    }
    let header = serde_json::to_value(samples::header()).unwrap();
    for text in
        ["01".repeat(31), "01".repeat(33), "AB".repeat(32), format!("0x{}", "01".repeat(32))]
    {
        let mut changed = header.clone();
        changed["parent"] = json!(text);
        assert!(serde_json::from_value::<Header>(changed).is_err(), "{text}");
    }
}

/// Whether a transaction passed its checks is no field that a stranger can fill in.
#[test]
fn json_says_nothing_of_checks() {
    let mut value = serde_json::to_value(samples::transaction()).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 2);
    value["state"] = json!({ "id": "00".repeat(32) });
    let read = serde_json::from_value::<Transaction>(value).unwrap();
    assert_eq!(read, samples::transaction());
    let checked = samples::transaction().trust_own_log();
    let texts = [serde_json::to_string(&checked), serde_json::to_string(&read)];
    assert_eq!(texts[0].as_ref().unwrap(), texts[1].as_ref().unwrap());
}
