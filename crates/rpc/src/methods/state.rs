//! The methods that read a state, by name.
use super::{account, assets, items, json, locks, prove};
use crate::error::Refusal;
use crate::params::named;
use crate::source::Desk;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The result as JSON. `None`: there is no such method.
pub(super) async fn answer(
    desk: &Desk,
    method: &str,
    params: Option<Value>,
) -> Option<Result<String, Refusal>> {
    Some(match method {
        "account" => {
            let usage = r#"{"address": ADDRESS}, or with "height": NUMBER"#;
            reply(params, &["address", "height"], usage, async |it| {
                account::account(desk, it).await
            })
            .await
        }
        "balance" => {
            let usage = r#"{"address": ADDRESS}, or with "asset": HASH or "height": NUMBER"#;
            let names = ["address", "asset", "height"];
            reply(params, &names, usage, async |it| account::balance(desk, it).await).await
        }
        "supply" => {
            let usage = r#"none or {"height": NUMBER}"#;
            reply(params, &["height"], usage, async |it| account::supply(desk, it).await).await
        }
        "asset" => one(params, async |it| assets::asset(desk, it).await).await,
        "collection" => one(params, async |it| items::collection(desk, it).await).await,
        "lock" => one(params, async |it| locks::lock(desk, it).await).await,
        "holdings" => {
            let usage = r#"{"address": ADDRESS}, or with "after": HASH or "height": NUMBER"#;
            let names = ["address", "after", "height"];
            reply(params, &names, usage, async |it| assets::holdings(desk, it).await).await
        }
        "item" => {
            let usage = r#"{"collection": HASH, "number": NUMBER}, or with "height": NUMBER"#;
            let names = ["collection", "number", "height"];
            reply(params, &names, usage, async |it| items::item(desk, it).await).await
        }
        "items" => {
            let usage = r#"{"address": ADDRESS}, or with "after": {"collection": HASH, "number": NUMBER} or "height": NUMBER"#;
            let names = ["address", "after", "height"];
            reply(params, &names, usage, async |it| items::items(desk, it).await).await
        }
        "locks" => {
            let usage = r#"{"address": ADDRESS}, or with "before": NUMBER or "height": NUMBER"#;
            let names = ["address", "before", "height"];
            reply(params, &names, usage, async |it| locks::locks(desk, it).await).await
        }
        "prove" => {
            let usage = r#"{"keys": [HEX, ...]}, or with "height": NUMBER"#;
            reply(params, &["keys", "height"], usage, async |it| prove::prove(desk, it).await).await
        }
        _ => return None,
    })
}

async fn one<Q: DeserializeOwned, A: serde::Serialize>(
    params: Option<Value>,
    answer: impl AsyncFnOnce(Q) -> Result<A, Refusal>,
) -> Result<String, Refusal> {
    reply(params, &["id", "height"], r#"{"id": HASH}, or with "height": NUMBER"#, answer).await
}

async fn reply<Q: DeserializeOwned, A: serde::Serialize>(
    params: Option<Value>,
    names: &[&str],
    usage: &str,
    answer: impl AsyncFnOnce(Q) -> Result<A, Refusal>,
) -> Result<String, Refusal> {
    json(&answer(named(params, names, usage)?).await?)
}
