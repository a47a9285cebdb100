//! Bodies of JSON-RPC requests, without sockets.
use crate::chain::{CHAIN, genesis_id};
use crate::machine::World;
use isonomy_node::Node;
use isonomy_rpc::{ANSWER_BYTES_MAX, About, Desk, Source, Stopped, Watch};
use isonomy_types::{Encode, Transaction};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock, Mutex};

/// What stands around one answer that is refused for the batch's length.
const REFUSALS_BYTES_MAX: usize = 65_536;

static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let World { node, store, .. } = World::synced();
    let node: Arc<Mutex<Node>> = Arc::new(Mutex::new(node));
    Desk::new(Source {
        read: Arc::new(move |look| {
            let seen = node.lock().map(|node| look(&node)).map_err(|_| Stopped);
            Box::pin(async move { seen })
        }),
        submit: Arc::new(|transaction: Transaction| {
            Box::pin(async move { Ok(Ok(transaction.intent().id())) })
        }),
        events: Arc::new(|| tokio::sync::broadcast::channel(1).1),
        admin: None,
        index: None,
        archive: isonomy_store::Store::archive(&store),
        modules: CHAIN.coin.spec.modules.clone(),
        about: About { name: "fuzzed".into(), version: "1".into(), mining: false, faucet: None },
        watch: Watch::default(),
    })
});

/// Answers the bytes as the body of a request to a node that has a chain.
///
/// # Panics
/// Also if the system gives no thread.
pub fn rpc(data: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let Some(answer) = runtime.block_on(DESK.answer(data)) else { return };
    assert!(answer.len() <= ANSWER_BYTES_MAX + data.len() * 8 + REFUSALS_BYTES_MAX);
    let asked: Option<Value> = serde_json::from_slice(data).ok();
    match serde_json::from_str(&answer).expect("JSON is answered") {
        Value::Array(answers) => {
            assert!(!answers.is_empty() && asked.is_some_and(|asked| asked.is_array()));
            answers.iter().for_each(answered);
        }
        answer => {
            answered(&answer);
            if let Some(asked) = asked {
                assert_same_id(&asked, &answer);
            }
        }
    }
}

/// <https://www.jsonrpc.org/specification>, section 5.
fn answered(answer: &Value) {
    let fields = answer.as_object().expect("an answer is an object");
    assert_eq!(fields.get("jsonrpc"), Some(&json!("2.0")));
    assert!(fields.contains_key("id") && fields.len() == 3, "{answer}");
    if let Some(error) = fields.get("error") {
        assert!(error["code"].is_i64(), "{answer}");
        assert!(error["message"].as_str().is_some_and(|why| !why.is_empty()), "{answer}");
    } else {
        assert!(fields.contains_key("result"), "{answer}");
    }
}

fn assert_same_id(asked: &Value, answer: &Value) {
    if let Some(id @ (Value::Number(_) | Value::String(_))) = asked.get("id") {
        assert_eq!(answer["id"], *id);
    }
}

pub(crate) fn requests() -> Vec<Vec<u8>> {
    let block = &CHAIN.branches[1][0];
    let hex: String =
        CHAIN.transactions[0].encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let paid = block.body.transactions.first().map(|one| one.intent().id());
    let calls = [
        ("status", json!([])),
        ("header", json!({"height": 1})),
        ("header", json!([u64::MAX])),
        ("block", json!({"id": block.id()})),
        ("block", json!([genesis_id()])),
        ("transaction", json!({"id": paid})),
        ("transaction", json!(["00"])),
        ("account", json!({"address": CHAIN.coin.wallets[0].address()})),
        ("supply", Value::Null),
        ("peers", json!([])),
        ("mempool", json!({})),
        ("submit", json!({"transaction": hex})),
    ];
    let call = |(method, params): &(&str, Value)| {
        let mut call = json!({"jsonrpc": "2.0", "id": 1.5, "method": method});
        if !params.is_null() {
            call["params"] = params.clone();
        }
        call
    };
    let calls: Vec<Value> = calls.iter().map(call).collect();
    let batch = Value::Array(calls[..3].to_vec());
    calls.iter().chain([&batch]).map(|call| call.to_string().into_bytes()).collect()
}
