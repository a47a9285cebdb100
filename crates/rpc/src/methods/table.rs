//! Every method there is. The document of [`openrpc`](crate::openrpc) is made of this.
use super::{
    Method, Param, account, admin, assets, blocks, branches, events, history, holders, items, json,
    listener, locks, network, prove, search, status, transactions,
};
use crate::{Order, openrpc, schema};
use isonomy_client::api::{DialQuestion, KeyQuestion, Role};
use serde_json::Value;

const fn must(name: &'static str, schema: fn() -> Value) -> Param {
    Param { name, required: true, schema }
}

const fn may(name: &'static str, schema: fn() -> Value) -> Param {
    Param { name, required: false, schema }
}

/// One method: name, role, what about, parameters, how they look, result, answer.
macro_rules! method {
    (
        $name:literal, $role:ident, $about:literal, [$($param:expr),*], $usage:literal,
        $result:ident, |$desk:pat_param, $caller:pat_param, $given:ident| $answer:expr
    ) => {
        Method {
            name: $name,
            about: $about,
            role: Role::$role,
            params: &[$($param),*],
            usage: $usage,
            result: schema::$result,
            answer: |$desk, $caller, $given| Box::pin(async move { json(&$answer) }),
        }
    };
}

pub(crate) static METHODS: &[Method] = &[
    method!("status", Read, "How the node is.", [], "none", status, |desk, _, given| {
        given.none()?;
        status::status(desk).await?
    }),
    method!(
        "header",
        Read,
        "One header, on the best branch or (by id) off it.",
        [may("id", schema::hash), may("height", schema::number)],
        r#"{"id": HASH} or {"height": NUMBER}"#,
        header,
        |desk, _, given| blocks::header(desk, given.block()?).await?
    ),
    method!(
        "block",
        Read,
        "One block, on the best branch or (by id) off it.",
        [may("id", schema::hash), may("height", schema::number)],
        r#"{"id": HASH} or {"height": NUMBER}"#,
        block,
        |desk, _, given| blocks::block(desk, given.block()?).await?
    ),
    method!(
        "transaction",
        Read,
        "One transaction that waits or is on the best branch, with its receipt.",
        [must("id", schema::hash)],
        r#"{"id": HASH}"#,
        transaction,
        |desk, _, given| transactions::transaction(desk, given.read()?).await?
    ),
    method!(
        "decode",
        Read,
        "What a transaction's bytes say, in plain words. Nothing is checked.",
        [must("transaction", schema::hex)],
        r#"{"transaction": HEX}"#,
        decode,
        |desk, _, given| transactions::decode(desk, given.read()?).await?
    ),
    method!(
        "account",
        Read,
        "An account: balance, policy, nonces.",
        [must("address", schema::address), may("height", schema::number)],
        r#"{"address": ADDRESS}, or with "height": NUMBER"#,
        account,
        |desk, _, given| account::account(desk, given.read()?).await?
    ),
    method!(
        "balance",
        Read,
        "What an account holds of one asset, and whether it is frozen.",
        [
            must("address", schema::address),
            may("asset", schema::hash),
            may("height", schema::number)
        ],
        r#"{"address": ADDRESS}, or with "asset": HASH or "height": NUMBER"#,
        balance,
        |desk, _, given| account::balance(desk, given.read()?).await?
    ),
    method!(
        "supply",
        Read,
        "Every coin there is.",
        [may("height", schema::number)],
        r#"none or {"height": NUMBER}"#,
        supply,
        |desk, _, given| account::supply(desk, given.read()?).await?
    ),
    method!(
        "asset",
        Read,
        "An issued asset.",
        [must("id", schema::hash), may("height", schema::number)],
        r#"{"id": HASH}, or with "height": NUMBER"#,
        asset,
        |desk, _, given| assets::asset(desk, given.read()?).await?
    ),
    method!(
        "holdings",
        Read,
        "What an account holds of issued assets, page by page.",
        [
            must("address", schema::address),
            may("after", schema::hash),
            may("height", schema::number)
        ],
        r#"{"address": ADDRESS}, or with "after": HASH or "height": NUMBER"#,
        holdings,
        |desk, _, given| assets::holdings(desk, given.read()?).await?
    ),
    method!(
        "collection",
        Read,
        "A collection of unique items.",
        [must("id", schema::hash), may("height", schema::number)],
        r#"{"id": HASH}, or with "height": NUMBER"#,
        collection,
        |desk, _, given| items::collection(desk, given.read()?).await?
    ),
    method!(
        "item",
        Read,
        "One unique item.",
        [
            must("collection", schema::hash),
            must("number", schema::number),
            may("height", schema::number)
        ],
        r#"{"collection": HASH, "number": NUMBER}, or with "height": NUMBER"#,
        item,
        |desk, _, given| items::item(desk, given.read()?).await?
    ),
    method!(
        "items",
        Read,
        "The unique items that an account owns, page by page.",
        [
            must("address", schema::address),
            may("after", schema::item_id),
            may("height", schema::number)
        ],
        r#"{"address": ADDRESS}, or with "after": {"collection": HASH, "number": NUMBER} or "height": NUMBER"#,
        items,
        |desk, _, given| items::items(desk, given.read()?).await?
    ),
    method!(
        "lock",
        Read,
        "A conditional payment.",
        [must("id", schema::hash), may("height", schema::number)],
        r#"{"id": HASH}, or with "height": NUMBER"#,
        lock,
        |desk, _, given| locks::lock(desk, given.read()?).await?
    ),
    method!(
        "locks",
        Read,
        "The conditional payments that an account made, page by page.",
        [
            must("address", schema::address),
            may("before", schema::number),
            may("height", schema::number)
        ],
        r#"{"address": ADDRESS}, or with "before": NUMBER or "height": NUMBER"#,
        locks,
        |desk, _, given| locks::locks(desk, given.read()?).await?
    ),
    method!(
        "history",
        Read,
        "What concerned an address, the youngest first, page by page. From the index.",
        [
            must("address", schema::address),
            may("before", schema::text),
            may("limit", schema::number)
        ],
        r#"{"address": ADDRESS}, or with "before": the "next" of the page before, or "limit": NUMBER"#,
        history,
        |desk, _, given| history::history(desk, given.read()?).await?
    ),
    method!(
        "events",
        Read,
        "What was said under a key, the youngest first, page by page. From the index.",
        [
            may("module", schema::number),
            must("key", schema::hex),
            may("before", schema::text),
            may("limit", schema::number)
        ],
        r#"{"key": HEX}, or with "module": NUMBER, "before": the "next" of the page before, or "limit": NUMBER"#,
        events,
        |desk, _, given| events::events(desk, given.read()?).await?
    ),
    method!(
        "holders",
        Read,
        "Who holds an asset, by address, page by page. From the index.",
        [may("asset", schema::hash), may("after", schema::text), may("limit", schema::number)],
        r#"{"asset": HASH} or none, or with "after": the "next" of the page before, or "limit": NUMBER"#,
        holders,
        |desk, _, given| holders::holders(desk, given.read()?).await?
    ),
    method!(
        "prove",
        Read,
        "What the state holds under some keys, and the proof.",
        [must("keys", || schema::list(schema::hex())), may("height", schema::number)],
        r#"{"keys": [HEX, ...]}, or with "height": NUMBER"#,
        prove,
        |desk, _, given| prove::prove(desk, given.read()?).await?
    ),
    method!(
        "tips",
        Read,
        "Where branches end, the heaviest first.",
        [],
        "none",
        tips,
        |desk, _, given| {
            given.none()?;
            branches::tips(desk).await?
        }
    ),
    method!(
        "branches",
        Read,
        "The newest blocks of all branches, the lowest first.",
        [may("depth", schema::number)],
        r#"none or {"depth": NUMBER}"#,
        branches,
        |desk, _, given| branches::branches(desk, given.read()?).await?
    ),
    method!(
        "series",
        Read,
        "The newest blocks of the best branch in numbers, the lowest first.",
        [must("blocks", schema::number)],
        r#"{"blocks": NUMBER}"#,
        series,
        |desk, _, given| branches::series(desk, given.read()?).await?
    ),
    method!(
        "find",
        Read,
        "What has this name: a height, an id, an address, COLLECTION/NUMBER.",
        [must("text", schema::text)],
        r#"{"text": TEXT}"#,
        find,
        |desk, _, given| search::find(desk, given.read()?).await?
    ),
    method!("peers", Read, "Who is connected.", [], "none", peers, |desk, _, given| {
        given.none()?;
        network::peers(desk).await?
    }),
    method!("mempool", Read, "What waits.", [], "none", mempool, |desk, _, given| {
        given.none()?;
        network::mempool(desk).await?
    }),
    method!(
        "estimate",
        Read,
        "What to pay to be in one of the next so many blocks.",
        [must("blocks", schema::number)],
        r#"{"blocks": NUMBER}"#,
        estimate,
        |desk, _, given| network::estimate(desk, given.read()?).await?
    ),
    method!(
        "submit",
        Submit,
        "Hands a transaction over; answers once it waits in the mempool.",
        [must("transaction", schema::hex)],
        r#"{"transaction": HEX}"#,
        submit,
        |desk, _, given| transactions::submit(desk, given.read()?).await?
    ),
    method!(
        "subscribe",
        Read,
        "Tells what happens from now on, by notices. Over a WebSocket alone.",
        [must("topic", schema::topic), may("module", schema::number), may("key", schema::hex)],
        r#"{"topic": TOPIC}, with "events" also "module": NUMBER or "key": HEX"#,
        subscribe,
        |_, caller, given| listener(caller)?.subscribe(given.read()?).await?
    ),
    method!(
        "unsubscribe",
        Read,
        "Ends a subscription; answers whether there was one.",
        [must("subscription", schema::number)],
        r#"{"subscription": NUMBER}"#,
        flag,
        |_, caller, given| listener(caller)?.unsubscribe(given.read()?)
    ),
    method!(
        "links",
        Admin,
        "Who the node is, and whom it refuses.",
        [],
        "none",
        links,
        |desk, _, given| {
            given.none()?;
            admin::order(desk, Order::Look).await?
        }
    ),
    method!(
        "cut",
        Admin,
        "Hangs up on a peer, and refuses it until it is healed.",
        [must("key", schema::hash)],
        r#"{"key": KEY}"#,
        links,
        |desk, _, given| {
            let KeyQuestion { key } = given.read()?;
            admin::order(desk, Order::Cut(key)).await?
        }
    ),
    method!(
        "heal",
        Admin,
        "Refuses a peer no longer.",
        [must("key", schema::hash)],
        r#"{"key": KEY}"#,
        links,
        |desk, _, given| {
            let KeyQuestion { key } = given.read()?;
            admin::order(desk, Order::Heal(key)).await?
        }
    ),
    method!(
        "dial",
        Admin,
        "Calls an address now. It may come to nothing.",
        [must("address", schema::text)],
        r#"{"address": "IP:PORT"}"#,
        links,
        |desk, _, given| {
            let DialQuestion { address } = given.read()?;
            admin::order(desk, Order::Dial(address)).await?
        }
    ),
    method!("rpc.discover", Read, "This document.", [], "none", document, |desk, _, given| {
        given.none()?;
        openrpc::document(&desk.source.about.version)
    }),
];
