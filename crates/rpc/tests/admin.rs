//! Orders to a node's links: for the role admin alone.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{post, serve, serve_with, stopped};
use isonomy_client::api::{LinksReply, code};
use isonomy_client::{Client, ClientError};
use isonomy_rpc::{Access, Order, Role, Server, Source};
use isonomy_types::NodeKey;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

const OWN: NodeKey = NodeKey([1; 32]);
const OTHER: NodeKey = NodeKey([2; 32]);

/// A node that writes down its orders.
fn obedient() -> (Source, Arc<Mutex<Vec<Order>>>) {
    let orders: Arc<Mutex<Vec<Order>>> = Arc::default();
    let written = orders.clone();
    let admin: isonomy_rpc::Admin = Arc::new(move |order| {
        written.lock().unwrap().push(order);
        Box::pin(async { Ok(LinksReply { key: OWN, cut: vec![OTHER] }) })
    });
    (Source { admin: Some(admin), ..stopped() }, orders)
}

/// Whoever asks is the owner.
fn owner() -> Access {
    Access::at(Server::ADDRESS).with_anonymous(Some(Role::Admin))
}

async fn all(node: &Client, at: SocketAddr) -> [Result<LinksReply, ClientError>; 4] {
    [node.links().await, node.cut(OTHER).await, node.heal(OTHER).await, node.dial(at).await]
}

#[tokio::test]
async fn orders_reach_the_node_that_allows_them() {
    let (source, orders) = obedient();
    let (address, node) = serve_with(source, owner()).await;
    for answer in all(&node, address).await {
        assert_eq!(answer, Ok(LinksReply { key: OWN, cut: vec![OTHER] }));
    }
    let given = [Order::Look, Order::Cut(OTHER), Order::Heal(OTHER), Order::Dial(address)];
    assert_eq!(*orders.lock().unwrap(), given);
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_not_carried_out() {
    let (source, orders) = obedient();
    let (address, _) = serve_with(source, owner()).await;
    for (method, params) in [
        ("links", "[1]"),
        ("cut", "{}"),
        ("cut", r#"{"key":"00"}"#),
        ("heal", r#"["127.0.0.1:1"]"#),
        ("dial", r#"{"address":"nowhere"}"#),
        ("dial", r#"{"address":"127.0.0.1"}"#),
    ] {
        let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{params}}}"#);
        let answer = post(address, &body).await;
        assert_eq!(answer["error"]["code"], code::PARAMS, "{body}: {answer}");
    }
    assert_eq!(*orders.lock().unwrap(), []);
}

fn denied(answer: Result<LinksReply, ClientError>) {
    let Err(ClientError::Refused { code, message }) = answer else { panic!("{answer:?}") };
    assert_eq!(code, code::DENIED);
    assert!(message.contains("the role admin"), "{message}");
}

#[tokio::test]
async fn orders_are_refused_unless_they_are_allowed() {
    let (source, orders) = obedient();
    let (address, node) = serve(source).await;
    all(&node, address).await.into_iter().for_each(denied);
    assert_eq!(*orders.lock().unwrap(), []);
}

#[tokio::test]
async fn a_node_that_takes_no_orders_says_so() {
    let (address, node) = serve_with(stopped(), owner()).await;
    for answer in all(&node, address).await {
        let Err(ClientError::Refused { code, message }) = answer else { panic!("{answer:?}") };
        assert_eq!(code, code::METHOD);
        assert!(message.contains("nobody give orders"), "{message}");
    }
}

#[tokio::test]
async fn orders_are_refused_where_others_can_ask() {
    let (source, orders) = obedient();
    let server = Server::bind(([0, 0, 0, 0], 0).into()).await.unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], server.address().port()));
    let access = Access::at(server.address()).with_anonymous(Some(Role::Submit));
    tokio::spawn(server.with_access(access).serve(source, std::future::pending()));
    all(&Client::from(address), address).await.into_iter().for_each(denied);
    assert_eq!(*orders.lock().unwrap(), []);
}
