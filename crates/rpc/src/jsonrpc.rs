//! JSON-RPC 2.0 (<https://www.jsonrpc.org/specification>): requests, notifications, batches.
#![allow(clippy::disallowed_methods)] // Answers are timed.
use crate::access::{Admitted, Rates};
use crate::error::Refusal;
use crate::limits::{ANSWER_BYTES_MAX, BATCH_MAX};
use crate::methods;
use crate::news::Listener;
use crate::source::Desk;
use isonomy_client::api::{Role, code};
use serde_json::{Map, Value, json};
use std::time::Instant;

/// One request. Without an id it is a notification: nobody waits for its answer.
struct Call {
    id: Option<Value>,
    method: String,
    params: Option<Value>,
}

/// Who asks, as far as answers depend on it.
pub(crate) struct Caller<'a> {
    pub(crate) admitted: Admitted,
    pub(crate) rates: &'a Rates,
    /// Where it hears notices, if it can.
    pub(crate) listener: Option<&'a mut Listener>,
}

impl Caller<'_> {
    /// Whether a method of this role is for this caller.
    pub(crate) fn admit(&self, method: &str, role: Role) -> Result<(), Refusal> {
        if self.admitted.role >= role {
            return Ok(());
        }
        let (want, have) = (role.name(), self.admitted.role.name());
        let why = format_args!(
            "{method:?} needs the role {want}, yours is {have}: show a token of that role, for \
             example the one in rpc.cookie in the node's directory (ISONOMY_TOKEN_FILE names its file)"
        );
        Err(Refusal::new(code::DENIED, why))
    }

    /// Counts one request.
    fn count(&self) -> Result<(), Refusal> {
        if self.rates.take(&self.admitted) {
            return Ok(());
        }
        let per_s = self.rates.per_s();
        let why = format_args!("more than {per_s} requests a second; ask less often");
        Err(Refusal::new(code::RATE, why))
    }
}

/// Answers a body. `None` if it holds nothing but notifications.
pub(crate) async fn answer(desk: &Desk, caller: &mut Caller<'_>, body: &[u8]) -> Option<String> {
    match serde_json::from_slice(body) {
        Ok(Value::Array(calls)) => batch(desk, caller, calls).await,
        Ok(call) => one(desk, caller, call).await,
        Err(error) => {
            let why = format!("not JSON: {error}; see where it breaks off");
            Some(refusal(&Value::Null, &Refusal::new(code::PARSE, why)))
        }
    }
}

/// One after another, so that a batch costs no more at a time than a single request.
async fn batch(desk: &Desk, caller: &mut Caller<'_>, calls: Vec<Value>) -> Option<String> {
    if calls.is_empty() || calls.len() > BATCH_MAX {
        let why = format!("got a batch of {} requests, send 1 to {BATCH_MAX}", calls.len());
        return Some(refusal(&Value::Null, &Refusal::new(code::REQUEST, why)));
    }
    let (mut answers, mut bytes) = (Vec::new(), 0_usize);
    for call in calls {
        let id = call.get("id").cloned();
        let Some(mut answer) = one(desk, caller, call).await else { continue };
        if bytes.saturating_add(answer.len()) > ANSWER_BYTES_MAX {
            let why = format!("the batch's answer is over {ANSWER_BYTES_MAX} bytes; ask for less");
            answer = refusal(&shown(id), &Refusal::new(code::REQUEST, why));
        }
        bytes = bytes.saturating_add(answer.len());
        answers.push(answer);
    }
    (!answers.is_empty()).then(|| format!("[{}]", answers.join(",")))
}

async fn one(desk: &Desk, caller: &mut Caller<'_>, call: Value) -> Option<String> {
    let Call { id, method, params } = match read(call) {
        Ok(call) => call,
        Err((id, refused)) => return Some(refusal(&id, &refused)),
    };
    let began = Instant::now();
    let answer = match caller.count() {
        Ok(()) => methods::answer(desk, caller, &method, params).await,
        Err(refused) => Err(refused),
    };
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
