//! Whatever is sent, what comes back is JSON-RPC, and the server goes on.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{exchange, head, serve, stopped};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::net::SocketAddr;
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

fn server() -> &'static (Runtime, SocketAddr) {
    static SERVER: OnceLock<(Runtime, SocketAddr)> = OnceLock::new();
    SERVER.get_or_init(|| {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (address, _) = runtime.block_on(serve(stopped()));
        (runtime, address)
    })
}

fn ask(body: &str) -> (u16, String) {
    let (runtime, address) = server();
    let request = head(*address, body.len()) + body;
    runtime.block_on(exchange(*address, request.as_bytes()))
}

/// Values that look like requests, more or less.
fn value() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("jsonrpc"),
        Just("id"),
        Just("method"),
        Just("params"),
        Just("height"),
        Just("address"),
        Just("transaction"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!("2.0")),
        prop_oneof!["status", "header", "block", "transaction", "account", "submit", "[a-z0-9]*"]
            .prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let fields = btree_map(name.clone().prop_map(str::to_owned), inner.clone(), 0..6);
        let object = fields.prop_map(|fields| Value::Object(Map::from_iter(fields)));
        prop_oneof![vec(inner, 0..6).prop_map(Value::Array), object]
    })
}

fn check_one(answer: &Value) {
    let answer = answer.as_object().unwrap();
    assert_eq!(answer["jsonrpc"], "2.0");
    assert!(answer.contains_key("id"));
    assert_eq!(answer.len(), 3);
    let error = answer["error"].as_object().unwrap();
    assert!(error["code"].is_i64() && !error["message"].as_str().unwrap().is_empty());
}

fn check(body: &str) {
    match ask(body) {
        (204, answer) => assert_eq!(answer, "", "{body}"),
        (200, answer) => match serde_json::from_str(&answer).unwrap() {
            Value::Array(answers) => {
                assert!(!answers.is_empty(), "{body}");
                answers.iter().for_each(check_one);
            }
            answer => check_one(&answer),
        },
        other => panic!("{body}: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_json_is_answered(body in value()) {
        check(&body.to_string());
    }

    #[test]
    fn any_text_is_answered(body in ".{0,64}") {
        check(&body);
    }

    /// A request cut short, or with one byte changed.
    #[test]
    fn a_damaged_request_is_answered(at in 0_usize..60, byte in 0_u8..128, cut: bool) {
        let good = r#"{"jsonrpc":"2.0","id":1,"method":"header","params":[7]}"#;
        let at = at % good.len();
        let mut bytes = good.as_bytes().to_vec();
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        check(&String::from_utf8(bytes).unwrap());
    }

    /// One answer for each request, in order.
    #[test]
    fn a_batch_of_requests_has_as_many_answers(ids in vec(any::<u32>(), 1..8)) {
        let call = |id: &u32| json!({"jsonrpc": "2.0", "id": id, "method": "status"});
        let batch = Value::Array(ids.iter().map(call).collect());
        let (_, answer) = ask(&batch.to_string());
        let answers: Vec<Value> = serde_json::from_str(&answer).unwrap();
        let got: Vec<u64> = answers.iter().map(|answer| answer["id"].as_u64().unwrap()).collect();
        prop_assert_eq!(got, ids.into_iter().map(u64::from).collect::<Vec<_>>());
    }
}
