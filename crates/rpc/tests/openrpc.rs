//! The document of all methods, held against what is answered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, exchange, full, miner, post, serve};
use isonomy_client::Client;
use isonomy_client::api::{Topic, code};
use isonomy_crypto::Hash;
use isonomy_index::Index;
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Call, Issue};
use isonomy_ledger::locks::{self, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, Create, UniqueEvent};
use isonomy_rpc::Source;
use isonomy_types::{Address, Amount, Decode, Encode, ModuleId};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;

const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

async fn ask(address: SocketAddr, method: &str, params: Value) -> Value {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    post(address, &body.to_string()).await
}

/// What is wrong with `value`, if anything. Stricter than JSON Schema: what a schema does not know
/// must not be there, and a schema holds nothing but what is understood here.
fn wrong(document: &Value, schema: &Value, value: &Value) -> Option<String> {
    let fields = schema.as_object().unwrap();
    if let Some(name) = fields.get("$ref") {
        let path = name.as_str().unwrap().strip_prefix('#').unwrap();
        return wrong(document, document.pointer(path).expect(path), value);
    }
    if let Some(any) = fields.get("anyOf") {
        let tries = any.as_array().unwrap().iter().map(|one| wrong(document, one, value));
        return tries.collect::<Option<Vec<_>>>().map(|all| all.join(" or "));
    }
    let known =
        ["type", "pattern", "description", "enum", "minimum", "items", "properties", "required"];
    assert!(fields.keys().all(|name| known.contains(&name.as_str())), "{schema}");
    let fits = match fields["type"].as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() && fields["minimum"] == 0,
        "string" => {
            let text = value.as_str().unwrap_or("\u{0}");
            let hex = |text: &str| text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
            value.is_string()
                && fields.get("enum").is_none_or(|of| of.as_array().unwrap().contains(value))
                && match fields.get("pattern").and_then(Value::as_str) {
                    None => true,
                    Some("^[0-9a-f]{64}$") => text.len() == 64 && hex(text),
                    Some("^([0-9a-f]{2})*$") => text.len().is_multiple_of(2) && hex(text),
                    Some("^iso1[0-9a-z]+$") => text.starts_with("iso1"),
                    Some("^[0-9]{1,39}$") => text.parse::<u128>().is_ok(),
                    Some(other) => panic!("{other}"),
                }
        }
        "array" => {
            let Some(items) = value.as_array() else { return Some(format!("{value}: no array")) };
            return items.iter().find_map(|item| wrong(document, &fields["items"], item));
        }
        "object" => {
            let Some(object) = value.as_object() else {
                return Some(format!("{value}: no object"));
            };
            let properties = fields.get("properties")?;
            let required: BTreeSet<_> = fields["required"]
                .as_array()
                .unwrap()
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect();
            let there: BTreeSet<_> = object.keys().map(String::as_str).collect();
            if required != there {
                return Some(format!("{there:?} instead of {required:?}"));
            }
            let field = |(name, value)| wrong(document, properties.get(name)?, value);
            return object.iter().find_map(field);
        }
        other => panic!("{other}"),
    };
    (!fits).then(|| format!("{value} is not {schema}"))
}

/// What modules are asked for, so that there is one of each.
fn calls() -> Vec<(ModuleId, Vec<u8>)> {
    let issue = Call::Issue(Issue {
        symbol: "DEED".to_owned().try_into().unwrap(),
        name: "A boat".to_owned().try_into().unwrap(),
        decimals: 2,
        cap: None,
        rights: assets::Rights { mint: true, burn: false, freeze: true },
        amount: Amount(7),
        to: NOBODY,
    });
    let create = unique::Call::Create(Create {
        name: "Deeds".to_owned().try_into().unwrap(),
        cap: Some(200),
        metadata_bytes: 32,
        rights: unique::Rights { mint: true, burn: true },
    });
    let promise = Promise {
        asset: Asset::Coin,
        amount: Amount(500),
        to: NOBODY,
        hash: Preimage([7; 32]).hash(),
        expires: locks::Deadline::Height(900),
    };
    let lock = locks::Call::Lock(promise.clone());
    vec![
        (assets::ID, issue.encode()),
        (unique::ID, create.encode()),
        (assets::ID, deposit(&promise).encode()),
        (locks::ID, lock.encode()),
    ]
}

/// A chain with one of each, and how to ask for it.
async fn world() -> ((Hosts, TempDir), SocketAddr, Client, Vec<(&'static str, Value)>) {
    let mut coin = full(3);
    let hosts = Hosts::on(|| full(3), vec![miner(&coin, 0), miner(&coin, 1)]);
    hosts.act(|sim| sim.connect(0, 1));
    let modules = coin.spec.modules.clone();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("index.redb");
    let index = Arc::new(Index::open(&path, &coin.spec.genesis).unwrap());
    let source = Source { modules, index: Some(index.clone()), ..hosts.source(0) };
    let (address, client) = serve(source).await;
    let alice = coin.wallets[2].address();
    let mut sent = Vec::new();
    for (module, payload) in calls() {
        let call = coin.wallets[2].call(module, payload);
        sent.push(client.submit(&call).await.unwrap().id);
    }
    hosts.mine(0, 3);
    let said = async |id| {
        let receipt = client.transaction(id).await.unwrap().receipt.unwrap();
        assert_eq!(receipt.code, 0);
        receipt.events
    };
    let issued =
        said(sent[0]).await.into_iter().find_map(|event| {
            match AssetsEvent::decode_exact(&event.payload) {
                Ok(AssetsEvent::Issue { asset, .. }) => Some(asset),
                _ => None,
            }
        });
    let created =
        said(sent[1]).await.into_iter().find_map(|event| {
            match UniqueEvent::decode_exact(&event.payload) {
                Ok(UniqueEvent::Create { collection, .. }) => Some(collection),
                _ => None,
            }
        });
    let (asset, collection) = (issued.unwrap(), created.unwrap());
    let lock = client.locks(alice, None).await.unwrap().locks[0].id;
    let (content, metadata) = (Hash::ZERO, String::new().try_into().unwrap());
    let mint = unique::Call::Mint { id: (collection, 7), to: NOBODY, content, metadata };
    client.submit(&coin.wallets[2].call(unique::ID, mint.encode())).await.unwrap();
    hosts.mine(0, 3);
    hosts.index(0, &index);
    let waits = coin.wallets[2].transfer(NOBODY, 1);
    let hex: String = waits.encode().iter().map(|byte| format!("{byte:02x}")).collect();
    let asks = vec![
        ("status", json!([])),
        ("header", json!({"height": 1})),
        ("header", json!([client.status().await.unwrap().tip])),
        ("block", json!([1])),
        ("block", json!({"height": 2})),
        ("transaction", json!([sent[0]])),
        ("decode", json!([hex])),
        ("submit", json!([hex])),
        ("transaction", json!([waits.intent().id()])),
        ("account", json!([alice])),
        ("balance", json!([alice])),
        ("supply", json!([])),
        ("asset", json!([asset])),
        ("holdings", json!([NOBODY])),
        ("collection", json!([collection])),
        ("item", json!([collection, 7])),
        ("items", json!([NOBODY])),
        ("lock", json!([lock])),
        ("locks", json!([alice])),
        ("history", json!([alice])),
        ("events", json!({"key": asset})),
        ("holders", json!([])),
        ("holders", json!({"asset": asset, "limit": 1})),
        ("prove", json!([["00"]])),
        ("tips", json!([])),
        ("branches", json!([])),
        ("branches", json!([2])),
        ("series", json!([3])),
        ("find", json!(["1"])),
        ("find", json!([sent[0]])),
        ("find", json!([asset])),
        ("find", json!([lock])),
        ("find", json!([collection])),
        ("find", json!([format!("{collection}/7")])),
        ("find", json!([alice])),
        ("peers", json!([])),
        ("mempool", json!([])),
        ("estimate", json!([2])),
        ("rpc.discover", json!([])),
    ];
    ((hosts, dir), address, client, asks)
}

#[tokio::test]
async fn every_method_answers_as_the_document_says() {
    let (_hosts, address, client, asks) = world().await;
    let document = ask(address, "rpc.discover", json!([])).await["result"].clone();
    assert_eq!(document["openrpc"], "1.3.2");
    let methods = document["methods"].as_array().unwrap();
    let mut left: BTreeSet<&str> =
        methods.iter().map(|method| method["name"].as_str().unwrap()).collect();
    assert_eq!(left.len(), methods.len(), "a method stands twice");
    for (name, params) in &asks {
        let method = methods.iter().find(|method| method["name"] == *name).expect(name);
        let answer = ask(address, name, params.clone()).await;
        let result = answer.get("result").unwrap_or_else(|| panic!("{name} {params}: {answer}"));
        let why = wrong(&document, &method["result"]["schema"], result);
        assert_eq!(why, None, "{name}: {result}");
        if *name == "find" {
            assert_eq!(result.as_array().unwrap().len(), 1, "{params}: {result}");
        }
        left.remove(name);
    }
    for name in ["links", "cut", "heal", "dial"] {
        let answer = ask(address, name, json!([])).await;
        assert_eq!(answer["error"]["code"], code::DENIED, "{name}: {answer}");
        left.remove(name);
    }
    let mut told = client.subscriptions().await.unwrap();
    let number = told.subscribe(Topic::Heads).await.unwrap();
    assert!(told.unsubscribe(number).await.unwrap());
    left.retain(|name| !name.ends_with("subscribe"));
    assert_eq!(left, BTreeSet::new(), "nobody has tried these");
    for unknown in ["", "rpc", "rpc.discover2", "Status"] {
        assert_eq!(ask(address, unknown, json!([])).await["error"]["code"], code::METHOD);
    }
}

#[tokio::test]
async fn the_document_is_served_as_a_file_too() {
    let (_hosts, address, ..) = world().await;
    let get = format!("GET /openrpc.json HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let (status, file) = exchange(address, get.as_bytes()).await;
    assert_eq!(status, 200);
    let file: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(file, ask(address, "rpc.discover", json!([])).await["result"]);
    // Every reference leads somewhere, and every parameter that must be given is refused without.
    let text = file.to_string();
    for name in text.split("\"#/components/schemas/").skip(1) {
        let name = name.split('"').next().unwrap();
        assert!(file["components"]["schemas"].get(name).is_some(), "{name}");
    }
    for method in file["methods"].as_array().unwrap() {
        let must =
            method["params"].as_array().unwrap().iter().any(|param| param["required"] == true);
        let name = method["name"].as_str().unwrap();
        if must && method["x-role"] != "admin" && !name.ends_with("subscribe") {
            let answer = ask(address, name, json!([])).await;
            assert_eq!(answer["error"]["code"], code::PARAMS, "{name}: {answer}");
        }
    }
}
