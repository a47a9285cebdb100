//! Who may ask, how, how much and how long.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, exchange, head, miner, post, serve, stopped, stuck};
use isonomy_client::{ClientError, api::code};
use isonomy_rpc::{Access, CONNECTIONS_MAX, HEAD_MS, REQUEST_BYTES_MAX, REQUEST_MS, Role, Server};
use isonomy_sim::coin::Coin;
use serde_json::Value;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

const STATUS: &str = r#"{"jsonrpc":"2.0","id":1,"method":"status"}"#;

async fn live() -> (Hosts, SocketAddr) {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let (address, _) = serve(hosts.source(0)).await;
    (hosts, address)
}

fn message(answer: &str) -> String {
    let answer: Value = serde_json::from_str(answer).unwrap();
    answer["error"]["message"].as_str().unwrap().to_owned()
}

/// A status request with one line of the head replaced, or added.
async fn with_line(address: SocketAddr, line: &str) -> (u16, String) {
    let good = head(address, STATUS.len());
    let name = line.split(':').next().unwrap();
    let lines = good.lines().filter(|old| !old.is_empty() && !old.starts_with(name));
    let lines: Vec<&str> = lines.chain((!line.ends_with(": ")).then_some(line)).collect();
    let request = lines.join("\r\n") + "\r\n\r\n" + STATUS;
    exchange(address, request.as_bytes()).await
}

#[tokio::test]
async fn a_good_request_is_answered_with_json() {
    let (_hosts, address) = live().await;
    let answer = post(address, STATUS).await;
    assert_eq!((&answer["jsonrpc"], &answer["id"]), (&"2.0".into(), &1.into()));
    assert_eq!(answer["result"]["height"], 0);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = head(address, STATUS.len()) + STATUS;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
}

#[tokio::test]
async fn only_post_and_only_the_root_path() {
    let (address, _) = serve(stopped()).await;
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let request = head(address, STATUS.len()).replace("POST", method) + STATUS;
        let (status, answer) = exchange(address, request.as_bytes()).await;
        assert_eq!(status, 405, "{method}");
        assert!(message(&answer).contains("ask by POST"), "{answer}");
    }
    let request = head(address, STATUS.len()).replace("POST /", "POST /status") + STATUS;
    let (status, answer) = exchange(address, request.as_bytes()).await;
    assert_eq!(status, 404);
    assert!(message(&answer).contains("ask by POST at /"), "{answer}");
    let (status, _) = exchange(address, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").await;
    assert_eq!(status, 400, "TLS is not HTTP");
}

#[tokio::test]
async fn browsers_are_shown_the_explorer_and_nothing_else() {
    let (address, _) = serve(stopped()).await;
    let get = |path: &str, host: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")
    };
    let own = address.to_string();
    for (path, begins) in [("/", "<!doctype html>"), ("/?x=1", "<!doctype html>")] {
        let (status, page) = exchange(address, get(path, &own).as_bytes()).await;
        assert_eq!(status, 200);
        assert!(page.starts_with(begins), "{page}");
    }
    for name in ["", "nothing.js", "index.html/", "../Cargo.toml", "%2e%2e/Cargo.toml"] {
        let path = format!("/assets/{name}");
        assert_eq!(exchange(address, get(&path, &own).as_bytes()).await.0, 404, "{path}");
    }
    // A page that gave this machine a name of its own.
    let (status, answer) = exchange(address, get("/", "evil.example").as_bytes()).await;
    assert_eq!(status, 403, "{answer}");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(get("/", &own).as_bytes()).await.unwrap();
    let mut head = String::new();
    stream.read_to_string(&mut head).await.unwrap();
    for (name, value) in isonomy_explorer::HEADERS {
        assert!(head.contains(&format!("{name}: {value}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn only_json_is_read() {
    let (_hosts, address) = live().await;
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/json ;q"] {
        let (status, answer) = with_line(address, &format!("content-type: {kind}")).await;
        assert_eq!(status, 200, "{kind}: {answer}");
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ""]
    {
        let (status, answer) = with_line(address, &format!("content-type: {kind}")).await;
        assert_eq!(status, 415, "{kind}: {answer}");
        assert!(message(&answer).contains("send content-type: application/json"), "{answer}");
    }
}

/// A web page whose own name leads here may not ask: its browser sends that name.
#[tokio::test]
async fn a_loopback_server_answers_under_its_own_names_alone() {
    let (_hosts, address) = live().await;
    let port = address.port();
    let own = ["127.0.0.1", "localhost", "LOCALHOST:1", "127.9.9.9", "[::1]", "[::1]:80"];
    for host in own.map(str::to_owned).into_iter().chain([format!("localhost:{port}")]) {
        let (status, answer) = with_line(address, &format!("host: {host}")).await;
        assert_eq!(status, 200, "{host}: {answer}");
    }
    let foreign = [
        "evil.example",
        "evil.example:7332",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@127.0.0.1.nip.io",
        "10.0.0.1",
        "0.0.0.0",
        "[::]",
        "",
    ];
    for host in foreign {
        let (status, answer) = with_line(address, &format!("host: {host}")).await;
        assert_eq!(status, 403, "{host}: {answer}");
        assert!(message(&answer).contains("its own machine alone"), "{answer}");
    }
}

#[tokio::test]
async fn a_public_server_answers_under_any_name() {
    let server = Server::bind(([0, 0, 0, 0], 0).into()).await.unwrap();
    let access = Access::at(server.address()).with_anonymous(Some(Role::Read));
    let server = server.with_access(access);
    let address = SocketAddr::from(([127, 0, 0, 1], server.address().port()));
    tokio::spawn(server.serve(stopped(), pending()));
    let (status, answer) = with_line(address, "host: node.example").await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test]
async fn attack_79_bodies_are_bounded() {
    let (address, _) = serve(stopped()).await;
    let fits = STATUS.to_owned() + &" ".repeat(REQUEST_BYTES_MAX - STATUS.len());
    assert_eq!(post(address, &fits).await["error"]["code"], code::UNREADY);
    let over = fits + " ";
    // By what it claims: nothing of the body is read.
    let claimed = head(address, over.len());
    // By what comes.
    let chunked =
        claimed.replace(&format!("content-length: {}", over.len()), "transfer-encoding: chunked");
    let chunked = chunked + &format!("{:x}\r\n{over}\r\n0\r\n\r\n", over.len());
    let absurd = claimed.replace(&over.len().to_string(), &u64::MAX.to_string());
    for request in [claimed.clone(), claimed + &over, chunked] {
        let (status, answer) = exchange(address, request.as_bytes()).await;
        assert_eq!(status, 413, "{answer}");
        let want = format!("more than {REQUEST_BYTES_MAX} bytes in one request");
        assert!(message(&answer).starts_with(&want), "{answer}");
    }
    let (status, _) = exchange(address, absurd.as_bytes()).await;
    assert!((400..500).contains(&status), "{status}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_named_with_the_next_step() {
    let first = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let error = Server::bind(first.address()).await.unwrap_err();
    assert_eq!(error.address, first.address());
    let said = error.to_string();
    assert!(said.starts_with(&format!("cannot answer questions on {}", first.address())), "{said}");
    assert!(said.contains("in use") && said.contains("port 0"), "{said}");
    assert!(Server::ADDRESS.ip().is_loopback());
}

#[tokio::test]
async fn a_stuck_node_costs_bounded_time() {
    let (_, client) = serve(stuck()).await;
    let ClientError::Refused { code, message } = client.status().await.unwrap_err() else {
        panic!("not refused");
    };
    assert_eq!(code, code::UNREADY);
    assert!(message.contains(&format!("no answer within {REQUEST_MS} ms")), "{message}");
}

#[tokio::test]
async fn attack_79_silent_clients_do_not_keep_others_out() {
    let (_hosts, address) = live().await;
    let mut silent = Vec::new();
    for number in 0..CONNECTIONS_MAX {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let begun = [&b""[..], b"POST / HT", b"POST / HTTP/1.1\r\nhost: "][number % 3];
        stream.write_all(begun).await.unwrap();
        silent.push(stream);
    }
    // There is no place left, until the silent have been waited for long enough.
    let early = tokio::time::timeout(Duration::from_millis(500), post(address, STATUS));
    early.await.unwrap_err();
    let asked = tokio::time::timeout(Duration::from_millis(2 * HEAD_MS), post(address, STATUS));
    assert_eq!(asked.await.unwrap()["result"]["height"], 0);
}

/// Each way to hang up, more often than there are connections.
#[tokio::test]
async fn attack_80_a_reset_at_any_byte_leaves_the_server_well() {
    let (hosts, address) = live().await;
    let request = head(address, STATUS.len()) + STATUS;
    let request = request.as_bytes();
    for cut in (0..=request.len()).step_by(2).chain([request.len(); CONNECTIONS_MAX]) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(&request[..cut]).await.unwrap();
        if cut % 4 == 0 {
            stream.set_zero_linger().unwrap();
        }
    }
    assert_eq!(post(address, STATUS).await["result"]["height"], 0);
    hosts.mine(0, 1);
    assert_eq!(post(address, STATUS).await["result"]["height"], 1);
}

/// The node is at work on the question when its asker goes.
#[tokio::test]
async fn attack_80_a_reset_while_the_node_works_reaches_nobody() {
    let (hosts, address) = live().await;
    let held = hosts.hold();
    for _ in 0..CONNECTIONS_MAX / 2 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = head(address, STATUS.len()) + STATUS;
        stream.write_all(request.as_bytes()).await.unwrap();
        tokio::task::yield_now().await;
        stream.set_zero_linger().unwrap();
    }
    drop(held);
    assert_eq!(post(address, STATUS).await["result"]["height"], 0);
}

#[tokio::test]
async fn a_server_that_stops_finishes_what_it_began() {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(hosts.source(0), async { drop(stopped.await) }));
    let mut idle = TcpStream::connect(address).await.unwrap();

    let held = hosts.hold();
    let asked = tokio::spawn(post(address, STATUS));
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!serving.is_finished(), "a request is under way");
    assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");
    drop(held);
    assert_eq!(asked.await.unwrap()["result"]["height"], 0);
    serving.await.unwrap();
    assert_eq!(idle.read(&mut [0; 1]).await.unwrap(), 0, "an idle connection is closed");
}
