//! What a wallet's owner reads of the past, from a real node with an index.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
mod common;

use common::world::World;
use common::{isonomy, stderr, stdout, until};
use isonomy::wallet::{Argon2Cost, Mnemonic, Origin, Store};
use serde_json::{Value, json};
use std::process::Output;

const WORDS: &str = "legal winner thank year wave sausage worth useful legal winner thank yellow";
/// Who is paid for blocks.
const NOBODY: &str = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv";

fn run(world: &World, arguments: &[&str]) -> Output {
    let full = |word: &&str| word.strip_prefix('@').map_or((*word).into(), |name| world.at(name));
    let arguments: Vec<String> = arguments.iter().map(full).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut command = isonomy(&[&arguments[..], &["--wallet", &world.at("wallet")]].concat());
    command.env("ISONOMY_PASSPHRASE", "pass").output().unwrap()
}

fn done(world: &World, arguments: &[&str]) -> String {
    let output = run(world, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    stdout(&output).trim().to_owned()
}

fn history(world: &World, more: &[&str]) -> Value {
    let ask = ["wallet", "history", "--rpc", &world.node.rpc, "--json"];
    serde_json::from_str(&done(world, &[&ask[..], more].concat())).unwrap()
}

/// Signs with the wallet and waits for the block.
fn made(world: &World, arguments: &[&str]) -> Value {
    let end = ["--rpc", &world.node.rpc, "--yes", "--wait", "--json"];
    serde_json::from_str(&done(world, &[arguments, &end].concat())).unwrap()
}

/// A wallet with `main`, `savings`, Alice watched, and Nobody known.
fn wallet(world: &World) {
    let origin = Origin::Mnemonic(Mnemonic::parse(WORDS).unwrap());
    let cost = Argon2Cost::new(8, 1).unwrap();
    Store::create(world.at("wallet").as_ref(), "pass", origin, cost).unwrap();
    done(world, &["wallet", "derive", "--label", "savings"]);
    done(world, &["wallet", "watch", &world.address("alice"), "alice"]);
    done(world, &["wallet", "label", NOBODY, "nobody"]);
}

/// The index lags a little behind its node.
fn indexed(world: &World, id: &Value) {
    until("it is indexed", || {
        history(world, &["--limit", "1"])["entries"][0]["transaction"] == *id
    });
}

#[test]
fn what_happened_is_told_youngest_first_across_accounts() {
    let world = World::with(&["alice"], &[], &["--index"]);
    wallet(&world);
    let rpc = &world.node.rpc;
    let main = done(&world, &["wallet", "address", "main"]);
    let savings = done(&world, &["wallet", "address", "savings"]);
    let empty = ["wallet", "history", "savings", "--rpc", rpc];
    assert_eq!(done(&world, &empty), "nothing has happened");

    let pay = ["send", "--key", "@alice", "--to", &main, "--amount", "600000"];
    let paid = world.made(&pay)["id"].clone();
    let moved = made(&world, &["send", "--to", "savings", "--amount", "700"])["id"].clone();
    let issue = ["asset", "issue", "--symbol", "DEED", "--name", "A boat", "--amount", "40"];
    let issued = made(&world, &issue);
    let asset = issued["asset"].clone();
    indexed(&world, &issued["id"]);

    let all = history(&world, &["--all"]);
    let told: Vec<_> = all["entries"].as_array().unwrap().iter().collect();
    let ids: Vec<_> = told.iter().map(|entry| &entry["transaction"]).collect();
    assert_eq!(ids, [&issued["id"], &moved, &paid]);
    assert_eq!(all["next"], Value::Null);
    // One transaction of two accounts is told once, with both.
    let labels = |entry: &Value| {
        let accounts = entry["accounts"].as_array().unwrap();
        accounts.iter().map(|it| it["label"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(labels(told[1]), ["main", "savings"]);
    assert_eq!(labels(told[2]), ["main", "alice"]);
    let coins = |amount: &str| json!([{ "asset": null, "amount": amount }]);
    let (from, to) = (&told[1]["accounts"][0], &told[1]["accounts"][1]);
    assert_eq!((&from["in"], &from["out"]), (&json!([]), &coins("700")));
    assert_eq!((&to["in"], &to["out"], &to["fee"]), (&coins("700"), &json!([]), &Value::Null));
    assert_eq!(told[0]["accounts"][0]["in"], json!([{ "asset": asset, "amount": "40" }]));
    assert_eq!(told[2]["accounts"][1]["kind"], "watched");
    // What was told is what there is.
    let amount = |value: &Value| value.as_str().unwrap().parse::<u128>().unwrap();
    let fees: u128 = told[..2].iter().map(|entry| amount(&entry["accounts"][0]["fee"])).sum();
    assert_eq!(world.balance(&main), 600_000 - 700 - fees);
    assert!(told.iter().all(|entry| entry["confirmations"].as_u64().unwrap() > 0));
    assert_eq!(told[1]["actions"], json!([format!("{main}: send 700 coins to {savings}")]));

    // Page by page the same.
    let (mut paged, mut next) = (Vec::new(), Value::Null);
    loop {
        let before: Vec<_> =
            next.as_str().map(|next| ["--before", next]).into_iter().flatten().collect();
        let page = history(&world, &[&["--limit", "1"], &before[..]].concat());
        paged
            .extend(page["entries"].as_array().unwrap().iter().map(|it| it["transaction"].clone()));
        next = page["next"].clone();
        if next.is_null() {
            break;
        }
    }
    assert_eq!(paged.iter().collect::<Vec<_>>(), ids);

    let one = history(&world, &["savings"]);
    assert_eq!(one["entries"].as_array().unwrap().len(), 1);
    assert_eq!(labels(&one["entries"][0]), ["savings"]);
    let text = done(&world, &["wallet", "history", "--rpc", rpc, "--limit", "2"]);
    let fee = told[1]["accounts"][0]["fee"].as_str().unwrap();
    for words in [
        &*format!("  {main} [main]: send 700 coins to {savings} [savings]\n"),
        &format!("  main: out 700 coins, fee {fee} coins\n  savings: in 700 coins\n"),
        &format!("  transaction {}\n", moved.as_str().unwrap()),
        " confirmation",
        "there is more: add --before ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let wrong = run(&world, &["wallet", "history", "--rpc", rpc, "--before", "yesterday"]);
    assert!(stderr(&wrong).contains("give the `next` of the page before"), "{}", stderr(&wrong));

    // Who makes blocks: one of other people's, when named.
    let blocks = history(&world, &["nobody", "--limit", "3"]);
    for entry in blocks["entries"].as_array().unwrap() {
        let (height, account) = (&entry["height"], &entry["accounts"][0]);
        assert_eq!(account["roles"].as_array().unwrap().last().unwrap(), "producer", "{entry}");
        assert_eq!(account["in"][0]["asset"], Value::Null, "{entry}");
        assert_eq!(entry["actions"], json!([format!("block {height} was made")]));
    }
    assert!(world.node.stop());
}

#[test]
fn a_node_without_an_index_says_how_to_have_one() {
    let world = World::new(&["alice"], &[]);
    wallet(&world);
    let output = run(&world, &["wallet", "history", "--rpc", &world.node.rpc]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("start it with --index"), "{}", stderr(&output));
    assert_eq!(stdout(&output), "");
    assert!(world.node.stop());
}
