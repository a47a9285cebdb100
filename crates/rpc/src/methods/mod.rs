//! The methods, by name.
mod account;
mod admin;
mod assets;
mod blocks;
mod events;
mod history;
mod holders;
mod items;
mod locks;
mod network;
mod prove;
mod snapshot;
mod state;
mod status;
mod transactions;

use crate::Order;
use crate::error::Refusal;
use crate::params::{block_at, named, none};
use crate::source::Desk;
use isonomy_client::api::{DialQuestion, KeyQuestion, code};
use serde::Serialize;
use serde_json::Value;

const NAMES: &str = "status, header, block, transaction, account, balance, supply, asset, holdings, \
    collection, item, items, lock, locks, history, events, holders, prove, peers, mempool, estimate and submit";

/// The result as JSON.
pub(crate) async fn answer(
    desk: &Desk,
    method: &str,
    params: Option<Value>,
) -> Result<String, Refusal> {
    match method {
        "status" => {
            none(params)?;
            json(&status::status(desk).await?)
        }
        "header" => json(&blocks::header(desk, block_at(params)?).await?),
        "block" => json(&blocks::block(desk, block_at(params)?).await?),
        "transaction" => {
            let question = named(params, &["id"], r#"{"id": HASH}"#)?;
            json(&transactions::transaction(desk, question).await?)
        }
        "peers" => {
            none(params)?;
            json(&network::peers(desk).await?)
        }
        "mempool" => {
            none(params)?;
            json(&network::mempool(desk).await?)
        }
        "estimate" => {
            let question = named(params, &["blocks"], r#"{"blocks": NUMBER}"#)?;
            json(&network::estimate(desk, question).await?)
        }
        "submit" => {
            let question = named(params, &["transaction"], r#"{"transaction": HEX}"#)?;
            json(&transactions::submit(desk, question).await?)
        }
        "history" => {
            json(&history::history(desk, named(params, &history::NAMES, history::USAGE)?).await?)
        }
        "events" => {
            json(&events::events(desk, named(params, &events::NAMES, events::USAGE)?).await?)
        }
        "holders" => {
            json(&holders::holders(desk, named(params, &holders::NAMES, holders::USAGE)?).await?)
        }
        "links" => {
            none(params)?;
            json(&admin::order(desk, method, Order::Look).await?)
        }
        "cut" | "heal" => {
            let KeyQuestion { key } = named(params, &["key"], r#"{"key": KEY}"#)?;
            let order = if method == "cut" { Order::Cut(key) } else { Order::Heal(key) };
            json(&admin::order(desk, method, order).await?)
        }
        "dial" => {
            let usage = r#"{"address": "IP:PORT"}"#;
            let DialQuestion { address } = named(params, &["address"], usage)?;
            json(&admin::order(desk, method, Order::Dial(address)).await?)
        }
        _ => state::answer(desk, method, params).await.unwrap_or_else(|| {
            let why = format!("no method {method:?}; there are {NAMES}");
            Err(Refusal::new(code::METHOD, why))
        }),
    }
}

fn json(reply: &impl Serialize) -> Result<String, Refusal> {
    serde_json::to_string(reply).map_err(Refusal::internal)
}

pub(crate) fn not_found(what: impl std::fmt::Display) -> Refusal {
    Refusal::new(code::NOT_FOUND, what)
}
