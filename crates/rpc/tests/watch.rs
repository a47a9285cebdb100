//! Is the node alive, is it ready, what are its metrics: by plain GET.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, exchange, miner, post, serve, stopped, stuck};
use isonomy_rpc::{Stopped, Watch};
use isonomy_sim::coin::Coin;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    get_from(address, path, &address.to_string()).await
}

async fn get_from(address: SocketAddr, path: &str, host: &str) -> (u16, String) {
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    exchange(address, head.as_bytes()).await
}

fn why(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["ready"], false);
    body["why"].as_str().unwrap().to_owned()
}

fn node() -> (Hosts, isonomy_rpc::Source) {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0)]);
    let source = hosts.source(0);
    (hosts, source)
}

#[tokio::test]
async fn a_node_that_runs_is_alive_and_ready() {
    let (_hosts, source) = node();
    let (address, _) = serve(source).await;
    let answers = [("/health", json!({ "healthy": true })), ("/ready", json!({ "ready": true }))];
    for (path, want) in answers {
        let (status, body) = get(address, path).await;
        assert_eq!((status, serde_json::from_str::<Value>(&body).unwrap()), (200, want), "{path}");
    }
}

#[tokio::test]
async fn a_node_without_the_peers_it_should_have_is_alive_and_not_ready() {
    let (_hosts, mut source) = node();
    source.watch.peers = true;
    let (address, _) = serve(source).await;
    assert_eq!(get(address, "/health").await.0, 200);
    let (status, body) = get(address, "/ready").await;
    assert_eq!(status, 503);
    assert!(why(&body).contains("no peer is connected"), "{body}");
}

#[tokio::test]
async fn a_node_that_catches_up_says_how_far_it_is() {
    let coin = Coin::new(1).unwrap();
    let hosts = Hosts::start(1, vec![miner(&coin, 0), Default::default()]);
    hosts.mine(0, 30);
    // The second hears of all at once, and has executed little of it.
    let caught = hosts.act(|sim| {
        sim.connect(0, 1);
        sim.run_until(60_000, |sim| sim.node(1).sync().is_catching_up())
    });
    assert!(caught);
    let (address, _) = serve(hosts.source(1)).await;
    let (status, body) = get(address, "/ready").await;
    assert_eq!(status, 503);
    assert!(why(&body).contains("catching up") && body.contains("blocks to come"), "{body}");
}

#[tokio::test]
async fn a_node_that_stopped_is_neither_and_says_so() {
    let (address, _) = serve(stopped()).await;
    for path in ["/health", "/ready"] {
        let (status, body) = get(address, path).await;
        assert_eq!(status, 503, "{path}");
        assert!(body.contains("the node has stopped"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_that_is_stuck_is_not_waited_for() {
    let (address, _) = serve(stuck()).await;
    for path in ["/health", "/ready"] {
        let (status, body) = get(address, path).await;
        assert_eq!(status, 503, "{path}");
        assert!(body.contains("does not answer within"), "{body}");
    }
}

#[tokio::test]
async fn requests_are_counted_by_method_and_code() {
    let (_hosts, mut source) = node();
    let metrics = || async { Ok::<_, Stopped>("isonomy_height 7\n".to_owned()) };
    source.watch = Watch { metrics: Some(Arc::new(move || Box::pin(metrics()))), peers: false };
    let (address, _) = serve(source).await;
    for method in ["status", "status", "header", "no\\\"such\n{}"] {
        post(address, &json!({"jsonrpc": "2.0", "id": 1, "method": method}).to_string()).await;
    }
    let (status, text) = get(address, "/metrics").await;
    assert_eq!(status, 200);
    assert!(text.starts_with("isonomy_height 7\n") && text.ends_with("# EOF\n"), "{text}");
    for line in [
        "isonomy_rpc_requests_total{method=\"status\",code=\"0\"} 2",
        "isonomy_rpc_requests_total{method=\"header\",code=\"-32602\"} 1",
        "isonomy_rpc_requests_total{method=\"unknown\",code=\"-32601\"} 1",
        "isonomy_rpc_seconds_count{method=\"status\"} 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in {text}");
    }
    assert!(!text.contains("such"), "{text}");
}

#[tokio::test]
async fn other_peoples_pages_cannot_look() {
    let (address, _) = serve(stopped()).await;
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(get_from(address, path, "evil.example").await.0, 403, "{path}");
    }
}
