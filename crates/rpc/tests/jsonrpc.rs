//! What counts as a request, and what is said of the rest.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{exchange, head, post, serve, stopped};
use isonomy_client::api::code;
use isonomy_rpc::BATCH_MAX;
use isonomy_sim::coin::Coin;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// A server whose node has stopped: what needs the node is refused, the archive holds genesis.
async fn server() -> SocketAddr {
    serve(stopped()).await.0
}

fn error(answer: &Value) -> (i64, &str) {
    assert_eq!(answer["jsonrpc"], "2.0", "{answer}");
    assert!(answer.get("result").is_none(), "{answer}");
    let error = &answer["error"];
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap())
}

#[tokio::test]
async fn what_is_not_json_is_said_to_be_so() {
    let address = server().await;
    for body in ["", "{", "status", "{\"a\":1}}", "[1,]", "\u{0}"] {
        let answer = post(address, body).await;
        let (code, message) = error(&answer);
        assert_eq!((code, &answer["id"]), (code::PARSE, &Value::Null), "{body:?}");
        assert!(message.starts_with("not JSON: "), "{message}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(error(&post(address, &deep).await).0, code::PARSE);
}

#[tokio::test]
async fn json_that_is_no_request_is_said_to_be_so() {
    let address = server().await;
    let good = json!({"jsonrpc": "2.0", "id": 7, "method": "status"});
    let with = |name: &str, value: Value| {
        let mut request = good.clone();
        request[name] = value;
        request
    };
    let without = |name: &str| {
        let mut request = good.clone();
        request.as_object_mut().unwrap().remove(name);
        request
    };
    let table = [
        (json!(7), Value::Null, "a request is an object"),
        (json!("status"), Value::Null, "a request is an object"),
        (json!({}), Value::Null, "jsonrpc is missing"),
        (without("jsonrpc"), json!(7), "jsonrpc is missing"),
        (with("jsonrpc", json!("1.0")), json!(7), "jsonrpc is missing, or not \"2.0\""),
        (with("jsonrpc", json!(2.0)), json!(7), "jsonrpc is missing, or not \"2.0\""),
        (without("method"), json!(7), "method is missing"),
        (with("method", json!(1)), json!(7), "method is missing, or not a string"),
        (with("id", json!([])), Value::Null, "id is a string, a number or null"),
        (with("id", json!({"a": 1})), Value::Null, "id is a string, a number or null"),
        (with("parms", json!({})), json!(7), "\"parms\" is unknown"),
    ];
    for (request, id, reason) in table {
        let answer = post(address, &request.to_string()).await;
        let (code, message) = error(&answer);
        assert_eq!((code, &answer["id"]), (code::REQUEST, &id), "{request}");
        assert!(message.contains(reason), "{request}: {message}");
    }
}

#[tokio::test]
async fn an_unknown_method_is_answered_with_those_there_are() {
    let address = server().await;
    for method in ["", "Status", "status ", "rpc.discovery", "eth_blockNumber"] {
        let request = json!({"jsonrpc": "2.0", "id": "a", "method": method});
        let answer = post(address, &request.to_string()).await;
        let (code, message) = error(&answer);
        assert_eq!((code, &answer["id"]), (code::METHOD, &json!("a")), "{method:?}");
        assert!(message.contains(&format!("no method {method:?}")), "{message}");
        assert!(message.contains("header") && message.contains("submit"), "{message}");
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_named() {
    let address = server().await;
    let hash = "ab".repeat(32);
    let table = [
        ("status", json!([1]), "1 parameters, limit 0"),
        ("status", json!({"verbose": true}), "unknown parameter \"verbose\""),
        ("status", json!("x"), "neither an object nor an array"),
        ("status", Value::Null, "neither an object nor an array"),
        ("supply", json!({"of": "coins"}), "unknown field `of`"),
        ("supply", json!([1, 2]), "2 parameters, limit 1"),
        ("account", json!({"address": hash, "height": "7"}), "typing error"),
        ("item", json!({"collection": hash}), "missing field `number`"),
        ("prove", json!({"keys": "00"}), "expected a sequence"),
        ("peers", json!([true]), "give none"),
        ("mempool", json!([0, 1]), "give none"),
        ("header", json!({}), "give {\"id\": HASH} or {\"height\": NUMBER}"),
        ("header", json!([]), "give {\"id\": HASH} or {\"height\": NUMBER}"),
        ("header", json!([1, 2]), "2 parameters, limit 1"),
        ("header", json!([-1]), "invalid value: integer `-1`"),
        ("header", json!([1.5]), "floating point"),
        ("header", json!({"height": "1"}), "invalid type: string \"1\""),
        ("header", json!({"hash": hash}), "unknown variant `hash`"),
        ("header", json!({"id": hash, "height": 1}), "expected map with a single key"),
        ("block", json!(["abcd"]), "got 4 hex digits, want 64"),
        ("block", json!([hash.to_uppercase()]), "want a hex digit in lower case"),
        ("transaction", json!({}), "missing field `id`"),
        ("transaction", json!({"id": hash, "full": true}), "unknown field `full`"),
        ("transaction", json!([7]), "give {\"id\": HASH}"),
        ("account", json!({"address": "iso1x"}), "typing error"),
        ("account", json!([]), "missing field `address`"),
        ("estimate", json!([]), "missing field `blocks`"),
        ("estimate", json!({"blocks": -1}), "give {\"blocks\": NUMBER}"),
        ("estimate", json!({"blocks": 4_294_967_296_u64}), "expected u32"),
        ("estimate", json!({"blocks": 1, "price": 2}), "unknown field `price`"),
        ("submit", json!({"transaction": "zz"}), "want a hex digit"),
        ("submit", json!({"transaction": "00"}), "the transaction cannot be decoded"),
        ("submit", json!(["", ""]), "2 parameters, limit 1"),
    ];
    for (method, params, reason) in table {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = post(address, &request.to_string()).await;
        let (code, message) = error(&answer);
        assert_eq!(code, code::PARAMS, "{request}: {message}");
        assert!(message.contains(reason), "{request}: {message}");
    }
}

#[tokio::test]
async fn a_node_that_has_stopped_says_so() {
    let address = server().await;
    let coin = Coin::new(1).unwrap();
    let (hash, account) = ("ab".repeat(32), coin.wallets[0].address().to_string());
    let table = [
        ("status", json!([])),
        ("header", json!([0])),
        ("block", json!({"id": hash})),
        ("transaction", json!([hash])),
        ("account", json!([account])),
        ("supply", json!({})),
        ("peers", json!([])),
        ("mempool", json!([])),
        ("estimate", json!([2])),
    ];
    for (method, params) in table {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let answer = post(address, &request.to_string()).await;
        let want = (code::UNREADY, "the node has stopped; start it again");
        assert_eq!(error(&answer), want, "{request}");
    }
}

#[tokio::test]
async fn ids_come_back_as_they_were() {
    let address = server().await;
    for id in [json!(1), json!(-1), json!(1.5), json!("ü\"\\"), Value::Null, json!(u64::MAX)] {
        let request = json!({"jsonrpc": "2.0", "id": id, "method": "nothing"});
        assert_eq!(post(address, &request.to_string()).await["id"], id);
    }
}

#[tokio::test]
async fn a_notification_is_not_answered() {
    let address = server().await;
    let quiet = [
        json!({"jsonrpc": "2.0", "method": "status"}),
        json!({"jsonrpc": "2.0", "method": "nothing"}),
        json!([{"jsonrpc": "2.0", "method": "status"}, {"jsonrpc": "2.0", "method": "x"}]),
    ];
    for body in quiet {
        let body = body.to_string();
        let request = head(address, body.len()) + &body;
        assert_eq!(exchange(address, request.as_bytes()).await, (204, String::new()), "{body}");
    }
}

#[tokio::test]
async fn a_batch_is_answered_in_order_without_its_notifications() {
    let address = server().await;
    let batch = json!([
        {"jsonrpc": "2.0", "id": 3, "method": "nothing"},
        {"jsonrpc": "2.0", "method": "nothing"},
        7,
        {"jsonrpc": "2.0", "id": 1, "method": "status", "params": [1]},
        {"jsonrpc": "2.0", "id": 2, "method": "status"},
    ]);
    let answers = post(address, &batch.to_string()).await;
    let seen: Vec<_> =
        answers.as_array().unwrap().iter().map(|one| (one["id"].clone(), error(one).0)).collect();
    let want = [
        (json!(3), code::METHOD),
        (Value::Null, code::REQUEST),
        (json!(1), code::PARAMS),
        (json!(2), code::UNREADY),
    ];
    assert_eq!(seen, want);
}

#[tokio::test]
async fn attack_79_a_batch_is_bounded() {
    let address = server().await;
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "x"});
    for (length, good) in [(0, false), (1, true), (BATCH_MAX, true), (BATCH_MAX + 1, false)] {
        let answer = post(address, &Value::Array(vec![call.clone(); length]).to_string()).await;
        if good {
            assert_eq!(answer.as_array().unwrap().len(), length);
        } else {
            let (code, message) = error(&answer);
            assert_eq!(code, code::REQUEST);
            let want = format!("got a batch of {length} requests, send 1 to {BATCH_MAX}");
            assert_eq!(message, want);
        }
    }
}
