//! The methods, by name.
mod account;
mod admin;
mod assets;
mod blocks;
mod branches;
mod events;
mod history;
mod holders;
mod items;
mod locks;
mod network;
mod prove;
mod search;
mod snapshot;
mod status;
mod table;
mod transactions;
mod words;

use crate::error::Refusal;
use crate::jsonrpc::Caller;
use crate::news::Listener;
use crate::params;
use crate::source::Desk;
use isonomy_client::api::{BlockAt, Role, code};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::pin::Pin;
pub(crate) use table::METHODS;
pub(crate) use transactions::event_reply;

/// A method: what the dispatcher needs to answer it, and the document to describe it.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    /// What it answers, for people.
    pub(crate) about: &'static str,
    /// Who may ask.
    pub(crate) role: Role,
    pub(crate) params: &'static [Param],
    /// How the parameters should look, for who gave others.
    pub(crate) usage: &'static str,
    pub(crate) result: fn() -> Value,
    answer: Answer,
}

/// A parameter.
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) schema: fn() -> Value,
}

/// The result as JSON.
type Answer = for<'a, 'l> fn(
    &'a Desk,
    &'a mut Caller<'l>,
    Given,
) -> Pin<Box<dyn Future<Output = Result<String, Refusal>> + Send + 'a>>;

/// What came as parameters of a method.
struct Given {
    method: &'static Method,
    params: Option<Value>,
}

impl Given {
    fn read<T: DeserializeOwned>(self) -> Result<T, Refusal> {
        let names: Vec<&str> = self.method.params.iter().map(|param| param.name).collect();
        params::named(self.params, &names, self.method.usage)
    }

    fn block(self) -> Result<BlockAt, Refusal> {
        params::block_at(self.params, self.method.usage)
    }

    fn none(self) -> Result<(), Refusal> {
        params::none(self.params)
    }
}

/// The result as JSON.
pub(crate) async fn answer(
    desk: &Desk,
    caller: &mut Caller<'_>,
    name: &str,
    params: Option<Value>,
) -> Result<String, Refusal> {
    let Some(method) = METHODS.iter().find(|method| method.name == name) else {
        let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
        let why = format_args!("no method {name:?}; there are {}", names.join(", "));
        return Err(Refusal::new(code::METHOD, why));
    };
    caller.admit(method.name, method.role)?;
    (method.answer)(desk, caller, Given { method, params }).await
}

fn listener<'a>(caller: &'a mut Caller<'_>) -> Result<&'a mut Listener, Refusal> {
    caller.listener.as_deref_mut().ok_or_else(|| {
        Refusal::new(code::METHOD, "subscriptions need a WebSocket: connect to the path /ws")
    })
}

fn json(reply: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(reply).map_err(Refusal::internal)
}

pub(crate) fn not_found(what: impl std::fmt::Display) -> Refusal {
    Refusal::new(code::NOT_FOUND, what)
}
