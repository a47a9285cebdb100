//! JSON-RPC 2.0 (<https://www.jsonrpc.org/specification>): requests, notifications, batches.
#![allow(clippy::disallowed_methods)] // Answers are timed.
use crate::error::Refusal;
use crate::limits::{ANSWER_BYTES_MAX, BATCH_MAX};
use crate::methods;
use crate::source::Desk;
use isonomy_client::api::code;
use serde_json::{Map, Value, json};
use std::time::Instant;

/// One request. Without an id it is a notification: nobody waits for its answer.
struct Call {
    id: Option<Value>,
    method: String,
    params: Option<Value>,
}

/// Answers a body. `None` if it holds nothing but notifications.
pub(crate) async fn answer(desk: &Desk, body: &[u8]) -> Option<String> {
    match serde_json::from_slice(body) {
        Ok(Value::Array(calls)) => batch(desk, calls).await,
        Ok(call) => one(desk, call).await,
        Err(error) => {
            let why = format!("not JSON: {error}; see where it breaks off");
            Some(refusal(&Value::Null, &Refusal::new(code::PARSE, why)))
        }
    }
}

/// One after another, so that a batch costs no more at a time than a single request.
async fn batch(desk: &Desk, calls: Vec<Value>) -> Option<String> {
    if calls.is_empty() || calls.len() > BATCH_MAX {
        let why = format!("got a batch of {} requests, send 1 to {BATCH_MAX}", calls.len());
        return Some(refusal(&Value::Null, &Refusal::new(code::REQUEST, why)));
    }
    let (mut answers, mut bytes) = (Vec::new(), 0_usize);
    for call in calls {
        let id = call.get("id").cloned();
        let Some(mut answer) = one(desk, call).await else { continue };
        if bytes.saturating_add(answer.len()) > ANSWER_BYTES_MAX {
            let why = format!("the batch's answer is over {ANSWER_BYTES_MAX} bytes; ask for less");
            answer = refusal(&shown(id), &Refusal::new(code::REQUEST, why));
        }
        bytes = bytes.saturating_add(answer.len());
        answers.push(answer);
    }
    (!answers.is_empty()).then(|| format!("[{}]", answers.join(",")))
}

async fn one(desk: &Desk, call: Value) -> Option<String> {
    let Call { id, method, params } = match read(call) {
        Ok(call) => call,
        Err((id, refused)) => return Some(refusal(&id, &refused)),
    };
    let began = Instant::now();
    let answer = methods::answer(desk, &method, params).await;
    desk.counts.answered(&method, began, answer.as_ref().err());
    let id = id?;
    Some(match answer {
        Ok(result) => format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#),
        Err(refused) => refusal(&id, &refused),
    })
}

/// The request in `call`, or the id to answer to and what is wrong.
fn read(call: Value) -> Result<Call, (Value, Refusal)> {
    let Value::Object(mut fields) = call else {
        let why = "a request is an object with jsonrpc, id, method and params";
        return Err((Value::Null, Refusal::new(code::REQUEST, why)));
    };
    let id = fields.remove("id");
    members(fields, id.as_ref())
        .map(|(method, params)| Call { id: id.clone(), method, params })
        .map_err(|why| (shown(id), Refusal::new(code::REQUEST, why)))
}

fn members(
    mut fields: Map<String, Value>,
    id: Option<&Value>,
) -> Result<(String, Option<Value>), String> {
    if id.is_some_and(|id| !is_id(id)) {
        return Err("id is a string, a number or null".into());
    }
    if fields.remove("jsonrpc") != Some(json!("2.0")) {
        return Err(r#"jsonrpc is missing, or not "2.0""#.into());
    }
    let Some(Value::String(method)) = fields.remove("method") else {
        return Err("method is missing, or not a string".into());
    };
    let params = fields.remove("params");
    match fields.keys().next() {
        Some(other) => Err(format!("{other:?} is unknown; use jsonrpc, id, method and params")),
        None => Ok((method, params)),
    }
}

fn is_id(id: &Value) -> bool {
    matches!(id, Value::Null | Value::Number(_) | Value::String(_))
}

/// The id to answer to where it may be none.
fn shown(id: Option<Value>) -> Value {
    id.filter(is_id).unwrap_or_default()
}

pub(crate) fn refusal(id: &Value, Refusal { code, message }: &Refusal) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}}).to_string()
}
