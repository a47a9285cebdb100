//! Whether the peers that the node is told of answer.
use super::Finding;
use isonomy::client::api::Status;
use isonomy::host::DIAL_MS;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

pub(super) async fn examine(peers: &[SocketAddr], node: Option<&Status>, found: &mut Vec<Finding>) {
    let mut tries = JoinSet::new();
    for (place, peer) in peers.iter().copied().enumerate() {
        tries.spawn(async move { (place, peer, call(peer).await) });
    }
    let mut answers = tries.join_all().await;
    answers.sort_by_key(|(place, ..)| *place);
    let any = answers.iter().any(|(.., answer)| answer.is_ok());
    for (_, peer, answer) in answers {
        let step = "see that a node runs there, and that no firewall or router stands between";
        found.push(match answer {
            Ok(()) => Finding::ok("peer", format_args!("{peer} answers")),
            Err(why) if any => Finding::warn("peer", format_args!("{peer}: {why}"), step),
            Err(why) => Finding::fail("peer", format_args!("{peer}: {why}"), step),
        });
    }
    match node {
        Some(Status { peers: 0, .. }) => {
            let step = "name one with --peer, or have others call this one; one is enough";
            found.push(Finding::warn("peers", "the node is connected to nobody", step));
        }
        Some(Status { peers, .. }) => {
            found.push(Finding::ok("peers", format_args!("{peers} connected")));
        }
        None if peers.is_empty() => {
            found.push(Finding::ok("peers", "none is named: the node waits until others call it"));
        }
        None => {}
    }
}

async fn call(peer: SocketAddr) -> Result<(), String> {
    let limit = Duration::from_millis(DIAL_MS);
    match tokio::time::timeout(limit, TcpStream::connect(peer)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {DIAL_MS} ms")),
    }
}
