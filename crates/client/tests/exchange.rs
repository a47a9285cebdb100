//! One question and its answer, against a far end that does as it is told.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Then, answering, far_end, http};
use isonomy_client::api::{ItemId, code};
use isonomy_client::{ANSWER_BYTES_MAX, Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_types::{
    Action, Address, Blob, Decode, Encode, Intent, List, TRANSACTION_BYTES_MAX, Transaction,
    Version,
};
use serde_json::{Value, json};
use std::time::Duration;

const PRICE: &str = r#"{"jsonrpc":"2.0","id":1,"result":{"price":7,"base_fee":5}}"#;

fn body(question: &str) -> Value {
    serde_json::from_str(question.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[tokio::test]
async fn a_question_is_a_post_of_json_rpc() {
    let (client, asked) = answering(PRICE).await;
    assert_eq!(client.estimate(1).await.unwrap().price, 7);
    let question = asked.await.unwrap();
    assert!(question.starts_with("POST / HTTP/1.1\r\n"), "{question}");
    assert!(question.contains("content-type: application/json\r\n"), "{question}");
    assert!(question.contains("host: 127.0.0.1:"), "{question}");
    assert_eq!(
        body(&question),
        json!({"jsonrpc": "2.0", "id": 1, "method": "estimate", "params": {"blocks": 1}})
    );
}

#[tokio::test]
async fn each_method_sends_its_parameters_by_name() {
    async fn sent(ask: impl AsyncFnOnce(&Client)) -> Value {
        let (client, asked) = answering("{}").await;
        ask(&client).await;
        body(&asked.await.unwrap())
    }
    let (id, address) = (Hash::from_bytes([0xab; 32]), Address(Hash::from_bytes([1; 32])));
    let hex = "ab".repeat(32);
    let item = ItemId { collection: id, number: 4 };
    let table = [
        (sent(async |c| drop(c.status().await)).await, json!("status"), Value::Null),
        (sent(async |c| drop(c.header(7).await)).await, json!("header"), json!({"height": 7})),
        (sent(async |c| drop(c.header(id).await)).await, json!("header"), json!({"id": hex})),
        (sent(async |c| drop(c.block(0).await)).await, json!("block"), json!({"height": 0})),
        (
            sent(async |c| drop(c.transaction(id).await)).await,
            json!("transaction"),
            json!({"id": hex}),
        ),
        (
            sent(async |c| drop(c.account(address).await)).await,
            json!("account"),
            json!({"address": address.to_string()}),
        ),
        (
            sent(async |c| drop(c.at_height(7).account(address).await)).await,
            json!("account"),
            json!({"address": address.to_string(), "height": 7}),
        ),
        (
            sent(async |c| drop(c.balance(address, Some(id)).await)).await,
            json!("balance"),
            json!({"address": address.to_string(), "asset": hex}),
        ),
        (sent(async |c| drop(c.supply().await)).await, json!("supply"), json!({})),
        (sent(async |c| drop(c.asset(id).await)).await, json!("asset"), json!({"id": hex})),
        (
            sent(async |c| drop(c.at_height(3).holdings(address, Some(id)).await)).await,
            json!("holdings"),
            json!({"address": address.to_string(), "after": hex, "height": 3}),
        ),
        (
            sent(async |c| drop(c.collection(id).await)).await,
            json!("collection"),
            json!({"id": hex}),
        ),
        (
            sent(async |c| drop(c.item(item).await)).await,
            json!("item"),
            json!({"collection": hex, "number": 4}),
        ),
        (
            sent(async |c| drop(c.items(address, Some(item)).await)).await,
            json!("items"),
            json!({"address": address.to_string(), "after": {"collection": hex, "number": 4}}),
        ),
        (sent(async |c| drop(c.lock(id).await)).await, json!("lock"), json!({"id": hex})),
        (
            sent(async |c| drop(c.locks(address, Some(9)).await)).await,
            json!("locks"),
            json!({"address": address.to_string(), "before": 9}),
        ),
        (sent(async |c| drop(c.peers().await)).await, json!("peers"), Value::Null),
        (sent(async |c| drop(c.mempool().await)).await, json!("mempool"), Value::Null),
        (sent(async |c| drop(c.estimate(3).await)).await, json!("estimate"), json!({"blocks": 3})),
    ];
    for (question, method, params) in table {
        assert_eq!(question["method"], method);
        assert_eq!(question["params"], params, "{method}");
    }
}

fn transaction(payload: usize, actions: usize) -> Transaction {
    let action = Action { module: 1, by: 0, payload: Blob::truncated(vec![7; payload]) };
    let intent = Intent {
        version: Version,
        signers: List::default(),
        actions: List::truncated(vec![action; actions]),
        meter_limit: 1,
        price: 2,
        expires: 3,
    };
    Transaction::new(intent, List::default())
}

#[tokio::test]
async fn a_transaction_is_sent_as_its_bytes_in_hex() {
    let hex = "cd".repeat(32);
    let (client, asked) = answering(&json!({"result": {"id": hex}}).to_string()).await;
    let sent = transaction(10, 1);
    assert_eq!(client.submit(&sent).await.unwrap().id.to_string(), hex);
    let question = body(&asked.await.unwrap());
    let text = question["params"]["transaction"].as_str().unwrap();
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
    assert_eq!(bytes, sent.encode());
    assert_eq!(Transaction::decode_exact(&bytes).unwrap(), sent);
}

#[tokio::test]
async fn a_transaction_that_no_node_takes_is_not_sent() {
    let nowhere = Client::new("127.0.0.1:1").unwrap();
    let error = nowhere.submit(&transaction(65_536, 2)).await.unwrap_err();
    let ClientError::Large { got, limit } = error else { panic!("{error}") };
    assert!(got > limit);
    assert_eq!(limit, TRANSACTION_BYTES_MAX);
}

#[tokio::test]
async fn a_refusal_carries_the_nodes_code_and_words() {
    let refusal = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"no such block"}}"#;
    for status in ["200 OK", "503 Service Unavailable"] {
        let (client, _) = far_end(Then::Say(http(status, refusal))).await;
        let error = client.header(9).await.unwrap_err();
        let message = "no such block".to_owned();
        assert!(error.is_not_found());
        assert_eq!(error.to_string(), message);
        assert_eq!(error, ClientError::Refused { code: code::NOT_FOUND, message });
    }
}

#[tokio::test]
async fn what_is_no_answer_is_named() {
    let table = [
        (http("200 OK", "<html>"), "expected value"),
        (http("404 Not Found", "<html>"), "HTTP status 404 Not Found"),
        (http("200 OK", "{}"), "neither a result nor an error"),
        (http("200 OK", r#"{"result":{"price":"7"}}"#), "invalid type: string"),
        (http("200 OK", r#"{"result":{"sum":7}}"#), "missing field `price`"),
    ];
    for (bytes, reason) in table {
        let (client, _) = far_end(Then::Say(bytes)).await;
        let error = client.estimate(1).await.unwrap_err();
        let ClientError::BadAnswer { why, .. } = &error else { panic!("{error:?}") };
        assert!(why.contains(reason), "{why}");
    }
}

#[tokio::test]
async fn a_reply_may_have_fields_of_a_newer_node() {
    let (client, _) = answering(r#"{"result":{"price":7,"base_fee":5,"burnt":0}}"#).await;
    assert_eq!(client.estimate(1).await.unwrap().price, 7);
}

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    let endless = " ".repeat(ANSWER_BYTES_MAX + 1);
    let claimed = http("200 OK", &endless);
    let body = format!("{:x}\r\n{endless}\r\n0\r\n\r\n", endless.len());
    let chunked = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{body}");
    for bytes in [claimed, chunked.into_bytes()] {
        let (client, _) = far_end(Then::Say(bytes)).await;
        let error = client.status().await.unwrap_err();
        let ClientError::BadAnswer { why, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*why, format!("more than {ANSWER_BYTES_MAX} bytes"));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_unreachable() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{";
    for bytes in [head.as_bytes(), b"HTTP/1.1 2", b""] {
        let (client, _) = far_end(Then::Say(bytes.to_vec())).await;
        let error = client.status().await.unwrap_err();
        assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_node_that_never_answers_costs_bounded_time() {
    let (client, asked) = far_end(Then::Stay).await;
    let client = client.with_time_limit(Duration::from_millis(100));
    let error = client.status().await.unwrap_err();
    let ClientError::TimeLimit { limit_ms, .. } = error else { panic!("{error:?}") };
    assert_eq!(limit_ms, 100);
    asked.abort();
}
