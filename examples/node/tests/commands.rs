//! What a person types, what they are told, and what scripts see.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods)]
mod common;

use common::{isonomy, run, start, stderr, stdout, until};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

/// An address like any other.
const NOBODY: &str = "iso16uumw20q03hhhvjfqa053zgm6fsnsqq8vwjlyfq0jrj4zqwgykgqktdqvv";

/// Asks a node in one connection, and answers with all that it says.
fn post(rpc: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(rpc).unwrap();
    let head = "POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json";
    let length = body.len();
    write!(stream, "{head}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Stands before a node, hands every question on, and breaks off instead of answering `submit`.
fn cut_off_answers_to_submit(rpc: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut asked) = (stream.unwrap(), Vec::new());
            while !asked.ends_with(b"}") {
                let mut part = [0; 4_096];
                let count = stream.read(&mut part).unwrap();
                asked.extend(&part[..count]);
                if count == 0 {
                    break;
                }
            }
            let body = asked.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
            let answer = post(&rpc, &asked[body..]);
            if !String::from_utf8_lossy(&asked).contains("\"submit\"") {
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
    });
    address
}

fn refused(arguments: &[&str], code: i32, words: &str) {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
    assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
}

#[test]
fn keys_are_made_once_and_shown() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("alice.json");
    let file = path.to_str().unwrap();
    let made = run(&["keys", "new", "--out", file]);
    assert!(made.status.success());
    assert!(stdout(&made).starts_with("iso1"));
    assert_eq!(stdout(&run(&["keys", "show", file])), stdout(&made));
    let before = std::fs::read(&path).unwrap();
    refused(&["keys", "new", "--out", file], 1, "never overwritten");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_genesis_file_is_checked_and_never_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("genesis.toml");
    let out = path.to_str().unwrap();
    let address = "iso1";
    refused(&["genesis", "--out", out, "--allocate", &format!("{address}=5")], 2, "typing error");
    assert!(!path.exists());
    let made = run(&["genesis", "--out", out, "--name", "test"]);
    assert!(made.status.success(), "{}", stderr(&made));
    assert_eq!(stdout(&made).trim().len(), 64);
    refused(&["genesis", "--out", out], 1, "choose another name");
    let missing = dir.path().join("missing/genesis.toml");
    refused(&["genesis", "--out", missing.to_str().unwrap()], 1, "make its directory first");
    let other = dir.path().join("other.toml");
    let other = other.to_str().unwrap();
    for (flags, words) in [
        (["--hashes", "0"], "0 is not in 1.."),
        (["--interval-ms", "0"], "0 is not in 1.."),
        (["--reward", "1.5"], "a whole number"),
        (["--allocate", "nobody"], "expected ADDRESS=AMOUNT"),
    ] {
        refused(&[&["genesis", "--out", other], &flags[..]].concat(), 2, words);
    }
    assert!(!std::path::Path::new(other).exists());
}

#[test]
fn a_node_that_cannot_start_says_why_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (genesis, data, config) = (at("genesis.toml"), at("data"), at("node.toml"));
    refused(&["run", "--genesis", &genesis, "--dir", &data], 2, "isonomy genesis");
    assert!(run(&["genesis", "--out", &genesis]).status.success());

    let node = ["run", "--genesis", &genesis, "--dir", &data];
    let with = |more: &[&'static str]| [&node[..], more].concat();
    refused(&with(&["--mine"]), 2, "--producer");
    refused(&with(&["--hash-rate", "5"]), 2, "add --mine");
    refused(&with(&["--producer", NOBODY]), 2, "add --mine");
    refused(&with(&["--workers", "257"]), 2, "workers = 257, expected 0 to 256");
    refused(&with(&["--mine", "--hash-rate", "0"]), 2, "--hash-rate");
    refused(&with(&["--admin", "--rpc", "0.0.0.0:0"]), 2, "loopback address with --rpc");
    refused(&with(&["--outbound", "17"]), 2, "128 links hold no 112 inbound and 17 outbound");
    assert!(!std::path::Path::new(&data).exists(), "nothing is changed");
    std::fs::write(&config, "lisen = \"127.0.0.1:1\"").unwrap();
    refused(&[&node[..], &["--config", &config]].concat(), 2, "lisen");
    for (text, words) in [
        ("link_bytes = 5", "[limits] link_bytes = 5, expected "),
        ("inbound = 200", "[limits] inbound = 200, expected 0 to 128"),
        ("links = 20\ninbound = 13", "20 links hold no 13 inbound and 8 outbound"),
        ("link_jobs = 300", "[limits] link_jobs = 300, expected 1 to 256"),
        ("handshake_ms = -1", "handshake_ms"),
        ("inbuond = 5", "inbuond"),
    ] {
        std::fs::write(&config, format!("[limits]\n{text}\n")).unwrap();
        refused(&[&node[..], &["--config", &config]].concat(), 2, words);
    }

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let free = "127.0.0.1:0";
    refused(&[&node[..], &["--listen", &taken, "--rpc", free]].concat(), 1, &taken);
    refused(&[&node[..], &["--listen", free, "--rpc", &taken]].concat(), 1, &taken);
    drop(listener);

    std::fs::create_dir(at("foreign")).unwrap();
    std::fs::write(at("foreign/diary.txt"), "mine").unwrap();
    refused(&["run", "--genesis", &genesis, "--dir", &at("foreign")], 1, "foreign");
    assert_eq!(std::fs::read_dir(at("foreign")).unwrap().count(), 1, "nothing is changed");
}

#[test]
fn a_node_that_does_not_answer_is_said_so() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    refused(&["status", "--rpc", &free.to_string()], 4, "no node answers");
    refused(&["status", "--rpc", "nowhere"], 2, "not a node's address");
    refused(&["status", "--rpc", "https://127.0.0.1:1"], 2, "a node speaks plain http");
    refused(&["status", "--rpc", "127.0.0.1:99999"], 2, "above 65535");
    let run = ["run", "--genesis", "g", "--dir", "d"];
    for flag in ["--listen", "--rpc", "--peer"] {
        refused(&[&run[..], &[flag, "localhost:1"]].concat(), 2, "as in 127.0.0.1:7331");
    }
    let nonsense =
        isonomy(&["status", "--rpc", "127.0.0.1:1"]).env("ISONOMY_LOG", "a=b=c").output();
    let nonsense = nonsense.unwrap();
    assert_eq!(nonsense.status.code(), Some(2), "{}", stderr(&nonsense));
    assert!(stderr(&nonsense).contains("in ISONOMY_LOG"), "{}", stderr(&nonsense));
    refused(&["devnet", "--nodes", "17"], 2, "1..=16");
}

#[test]
fn coins_are_sent_and_what_cannot_be_sent_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (genesis, rich, poor) = (at("genesis.toml"), at("rich.json"), at("poor.json"));
    let key = |file: &str| stdout(&run(&["keys", "new", "--out", file])).trim().to_string();
    let (payer, other) = (key(&rich), key(&poor));
    let funds = format!("{payer}=100000");
    let quick = ["--hashes", "50", "--interval-ms", "100", "--allocate", &funds];
    assert!(run(&[&["genesis", "--out", &genesis], &quick[..]].concat()).status.success());
    let mining = ["--mine", "--producer", &other, "--hash-rate", "5000"];
    let node = start(&genesis, &at("data"), &mining);
    let send = |key: &str, amount: &str| {
        let to = ["send", "--rpc", &node.rpc, "--key", key, "--to", &other, "--amount", amount];
        to.map(str::to_string).to_vec()
    };
    let with = |key: &str, amount: &str, more: &[&str]| {
        let arguments = send(key, amount);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        run(&[&arguments[..], more].concat())
    };
    let table = [
        ("0", &["--yes"][..], 2, "nothing to send"),
        ("-5", &["--yes"], 2, "--amount"),
        ("100000", &["--yes"], 3, "holds 100000"),
        ("500", &["--yes", "--price", "0"], 3, "the chain asks 1"),
        ("500", &[], 2, "add --yes"),
    ];
    for (amount, more, code, words) in table {
        let output = with(&rich, amount, more);
        assert_eq!(output.status.code(), Some(code), "{amount} {more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(words), "{amount} {more:?}: {}", stderr(&output));
    }
    let sent = with(&rich, "500", &["--yes", "--wait"]);
    assert!(sent.status.success() && stdout(&sent).contains("is in block"), "{}", stderr(&sent));
    // Whose answer is lost is told what to ask for: sent again, it would be paid twice.
    let cut = cut_off_answers_to_submit(node.rpc.clone());
    let to = ["send", "--rpc", &cut, "--key", &rich, "--to", &other, "--amount", "7", "--yes"];
    let lost = run(&to);
    let said = stderr(&lost);
    assert_eq!(lost.status.code(), Some(4), "{said}");
    assert!(said.contains("may have been taken"), "{said}");
    let id = said.split_whitespace().find(|word| word.len() == 64).unwrap();
    let question =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"transaction","params":["{id}"]}}"#);
    until("it was taken", || post(&node.rpc, question.as_bytes()).contains("\"result\""));
    until("a status", || run(&["status", "--rpc", &node.rpc]).status.success());
    assert!(node.stop());
}
