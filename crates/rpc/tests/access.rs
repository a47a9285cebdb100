//! Roles, tokens and rates.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, exchange, head, miner, serve, serve_with, stopped};
use isonomy_client::api::{Role, Topic, code};
use isonomy_client::{Client, ClientError, Token};
use isonomy_rpc::{Access, RATE_BURST_S, Server};
use isonomy_sim::coin::Coin;
use isonomy_types::NodeKey;
use serde_json::{Value, json};
use std::net::SocketAddr;

const READER: &str = "reader-reader-reader";
const SENDER: &str = "sender-sender-sender";
const OWNER: &str = "owner-owner-owner-1";
const STATUS: &str = r#"{"jsonrpc":"2.0","id":1,"method":"status"}"#;

fn access() -> Access {
    let grants = [(READER, Role::Read), (SENDER, Role::Submit), (OWNER, Role::Admin)];
    let closed = Access::at(Server::ADDRESS).with_anonymous(None);
    grants
        .into_iter()
        .fold(closed, |access, (text, role)| access.with_token(&Token::new(text).unwrap(), role))
}

fn with(client: &Client, token: &str) -> Client {
    client.clone().with_token(Token::new(token).unwrap())
}

fn denied<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Refused { code: code::DENIED, message }) => message,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_role_may_do_its_part_and_no_more() {
    let mut coin = Coin::new(2).unwrap();
    let hosts = Hosts::start(2, vec![miner(&coin, 0)]);
    let (_, client) = serve_with(hosts.source(0), access()).await;
    let to = coin.wallets[0].address();
    let payment = coin.wallets[1].transfer(to, 5);
    let [reader, sender, owner] = [READER, SENDER, OWNER].map(|token| with(&client, token));

    let why = denied(client.status().await);
    assert!(why.contains("needs a token") && why.contains("rpc.cookie"), "{why}");
    for someone in [&reader, &sender, &owner] {
        assert_eq!(someone.status().await.unwrap().height, 0);
    }
    let why = denied(reader.submit(&payment).await);
    assert!(why.contains("needs the role submit, yours is read"), "{why}");
    let why = denied(sender.cut(NodeKey([1; 32])).await);
    assert!(why.contains("needs the role admin, yours is submit"), "{why}");
    assert_eq!(sender.submit(&payment).await.unwrap().id, payment.intent().id());
    // This node has no links to give orders to: the role is not what is missing.
    let other = owner.cut(NodeKey([1; 32])).await;
    assert!(matches!(other, Err(ClientError::Refused { code: code::METHOD, .. })), "{other:?}");
}

#[tokio::test]
async fn a_token_that_nobody_has_is_refused_and_not_shown() {
    let (_, client) = serve_with(stopped(), access()).await;
    for wrong in ["reader-reader-reade", "reader-reader-readerx", "READER-reader-reader"] {
        let why = denied(with(&client, wrong).status().await);
        assert!(why.contains("nobody has this token") && !why.contains("reader"), "{why}");
    }
    // Also where none is needed.
    let (_, open) = serve(stopped()).await;
    denied(with(&open, READER).status().await);
}

#[tokio::test]
async fn a_token_comes_as_a_bearer_or_in_a_cookie() {
    let (address, _) = serve_with(stopped(), access()).await;
    let shown = [
        (format!("authorization: Bearer {READER}"), 200),
        (format!("Authorization: Bearer  {READER}"), 200),
        (format!("cookie: isonomy_token={READER}"), 200),
        (format!("cookie: a=b; isonomy_token={READER}; c=d"), 200),
        (format!("cookie: other={READER}"), 401),
        (format!("authorization: Basic {READER}"), 401),
        (format!("authorization: {READER}"), 401),
        ("x: y".into(), 401),
    ];
    for (line, want) in shown {
        let good = head(address, STATUS.len());
        let request = good.replacen("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"), 1) + STATUS;
        let (status, answer) = exchange(address, request.as_bytes()).await;
        assert_eq!(status, want, "{line}: {answer}");
    }
}

/// The first line of the answer to somebody who opens a WebSocket.
async fn open(address: SocketAddr, path: &str, lines: &str) -> (u16, String) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{lines}\r\n"
    );
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 2_048];
    let read = tokio::io::AsyncReadExt::read(&mut stream, &mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
}

#[tokio::test]
async fn a_websocket_shows_its_token_in_the_head_or_in_its_address() {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let (address, client) = serve_with(hosts.source(0), access()).await;
    assert_eq!(open(address, "/ws", "").await.0, 401);
    assert_eq!(open(address, "/ws?token=nobody", "").await.0, 401);
    assert_eq!(open(address, &format!("/ws?token={READER}"), "").await.0, 101);
    assert_eq!(open(address, "/ws", &format!("cookie: isonomy_token={READER}\r\n")).await.0, 101);
    assert!(client.subscriptions().await.is_err());
    let mut told = with(&client, READER).subscriptions().await.unwrap();
    told.subscribe(Topic::Heads).await.unwrap();
    // A token in an address opens nothing else.
    let request = head(address, STATUS.len()).replace("POST /", &format!("POST /?token={READER}"));
    assert_eq!(exchange(address, (request + STATUS).as_bytes()).await.0, 401);
}

#[tokio::test]
async fn attack_79_a_foreign_web_page_opens_no_websocket() {
    let (address, _) = serve(stopped()).await;
    for (origin, want) in [
        (format!("http://{address}"), 101),
        ("http://evil.example".into(), 403),
        (format!("http://evil.example/{address}"), 403),
        (format!("http://localhost:{}", address.port()), 403),
        (address.to_string(), 403),
        ("null".into(), 403),
        (String::new(), 403),
    ] {
        let (status, answer) = open(address, "/ws", &format!("origin: {origin}\r\n")).await;
        assert_eq!(status, want, "{origin}: {answer}");
    }
    let (status, answer) = open(address, "/ws", "").await;
    assert_eq!(status, 101, "{answer}");
    let plain = format!("GET /ws HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let (status, answer) = exchange(address, plain.as_bytes()).await;
    assert!(status == 400 && answer.contains("open a WebSocket here"), "{answer}");
}

#[tokio::test]
async fn attack_79_who_asks_too_often_is_refused_until_later() {
    let access = Access::at(Server::ADDRESS)
        .with_rate(5)
        .with_token(&Token::new(OWNER).unwrap(), Role::Admin);
    let (address, client) = serve_with(stopped(), access).await;
    let calls: Vec<Value> =
        (0..64).map(|id| json!({"jsonrpc": "2.0", "id": id, "method": "nothing"})).collect();
    let body = Value::Array(calls).to_string();
    let answers = common::post(address, &body).await;
    let codes: Vec<i64> = answers
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["error"]["code"].as_i64().unwrap())
        .collect();
    let admitted = usize::try_from(5 * RATE_BURST_S).unwrap();
    assert!(codes[..admitted].iter().all(|got| *got == code::METHOD), "{codes:?}");
    // Some may have become due meanwhile.
    assert!(codes[admitted..].iter().filter(|got| **got == code::RATE).count() > 40, "{codes:?}");
    // Another caller is not held up.
    let other = with(&client, OWNER).status().await;
    assert!(matches!(other, Err(ClientError::Refused { code: code::UNREADY, .. })), "{other:?}");
}

#[tokio::test]
async fn elsewhere_nobody_has_a_role_without_a_token() {
    let server = Server::bind(([0, 0, 0, 0], 0).into()).await.unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], server.address().port()));
    tokio::spawn(server.serve(stopped(), std::future::pending()));
    denied(Client::from(address).status().await);
    assert_eq!(open(address, "/ws", "").await.0, 401);
    let document =
        format!("GET /openrpc.json HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    assert_eq!(exchange(address, document.as_bytes()).await.0, 401);
}
