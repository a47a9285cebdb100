//! The document of all methods (<https://spec.open-rpc.org>), out of the table that answers them.
use crate::methods::{METHODS, Method, Param};
use crate::schema;
use isonomy_client::api::code;
use serde_json::{Value, json};

/// The version of the specification that the document follows.
const OPENRPC: &str = "1.3.2";

/// The document, for a node of this software version.
pub(crate) fn document(version: &str) -> Value {
    json!({
        "openrpc": OPENRPC,
        "info": {
            "title": "Isonomy node",
            "version": version,
            "description": "Ask by POST / or over the WebSocket /ws. Parameters go by name or by \
                position. Whoever shows no token has the role that the node's owner says: submit on \
                loopback, none elsewhere."
        },
        "methods": METHODS.iter().map(method).collect::<Vec<_>>(),
        "components": schema::components(),
    })
}

fn method(method: &Method) -> Value {
    let Method { name, about, role, params, result, .. } = method;
    json!({
        "name": name,
        "summary": about,
        "description": format!("Role: {}.", role.name()),
        "x-role": role.name(),
        "paramStructure": "either",
        "params": params.iter().map(param).collect::<Vec<_>>(),
        "result": {"name": "result", "schema": result()},
        "errors": errors(),
    })
}

fn param(Param { name, required, schema }: &Param) -> Value {
    json!({"name": name, "required": required, "schema": schema()})
}

fn errors() -> Value {
    let all = [
        (code::PARAMS, "the parameters do not fit"),
        (code::INTERNAL, "the node failed"),
        (code::NOT_FOUND, "there is no such thing"),
        (code::REFUSED, "the node does not take it"),
        (code::UNREADY, "the node is not ready"),
        (code::NO_STATE, "the state of that height is not kept"),
        (code::DENIED, "it needs a greater role"),
        (code::RATE, "too many requests"),
    ];
    all.into_iter().map(|(code, message)| json!({"code": code, "message": message})).collect()
}
