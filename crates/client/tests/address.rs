//! What counts as a node's address.
use isonomy_client::{Client, ClientError};
use std::time::Duration;

#[test]
fn an_address_has_a_host_and_a_port() {
    let good =
        ["127.0.0.1:7332", "localhost:1", "[::1]:7332", "http://127.0.0.1:7332", "http://node:80/"];
    for address in good {
        assert!(Client::new(address).is_ok(), "{address}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_the_reason() {
    let bad = [
        ("", "empty"),
        ("127.0.0.1", "the port is missing"),
        ("http://node", "the port is missing"),
        ("https://node:1", "a node speaks plain http"),
        ("ftp://node:1", "a node speaks plain http"),
        ("no de:1", "invalid"),
        ("node:99999999", "port"),
    ];
    for (address, reason) in bad {
        let error = Client::new(address).expect_err(address);
        let ClientError::Address { got, why } = &error else { panic!("{address}: {error}") };
        assert_eq!(got, address);
        assert!(why.contains(reason), "{address}: {why}");
        assert!(error.to_string().contains("give it as 127.0.0.1:PORT"), "{error}");
    }
}

#[tokio::test]
async fn nobody_there_names_the_address_and_the_next_step() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    for client in [Client::from(address), Client::new(&address.to_string()).unwrap()] {
        let error = client.status().await.unwrap_err();
        assert!(matches!(&error, ClientError::Unreachable { .. }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains(&address.to_string()), "{said}");
        assert!(said.contains("refused") && said.contains("start one"), "{said}");
    }
}

#[tokio::test]
async fn an_ipv6_socket_address_is_spelt_with_brackets() {
    let address: std::net::SocketAddr = "[::1]:1".parse().unwrap();
    let client = Client::from(address).with_time_limit(Duration::from_secs(2));
    let said = client.status().await.unwrap_err().to_string();
    assert!(said.contains("http://[::1]:1/"), "{said}");
}
