//! A peer that is cut off stays so, whoever calls and from wherever, until it is healed.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Options, tip, until};
use isonomy_host::Handle;
use std::time::Duration;

async fn peers(host: &Handle) -> usize {
    host.read(|node| node.peers().links().filter(|peer| peer.ready).count()).await.unwrap()
}

/// Long enough for several new calls: the first comes after a second.
async fn stays_alone(one: &Handle, other: &Handle) {
    for _ in 0..35 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(peers(one).await, 0);
        assert_eq!(peers(other).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_calls_is_refused_by_its_key_until_it_is_healed() {
    let called = Options::new(1, true, &[]).start().await;
    let caller = Options::new(2, false, &[called.address().unwrap()]).start().await;
    until("they are connected", || async { peers(&called).await == 1 }).await;

    called.cut(caller.key()).await.unwrap();
    assert_eq!(called.cuts().await.unwrap(), [caller.key()]);
    assert_eq!(peers(&called).await, 0, "hung up at once");
    until("the other end noticed", || async { peers(&caller).await == 0 }).await;
    let before = tip(&caller).await.0;
    // It calls from another port each time.
    caller.dial(called.address().unwrap()).await.unwrap();
    stays_alone(&called, &caller).await;
    assert_eq!(tip(&caller).await.0, before, "nothing gets through");
    assert!(tip(&called).await.0 > before, "or the test shows nothing");

    called.heal(caller.key()).await.unwrap();
    assert_eq!(called.cuts().await.unwrap(), []);
    caller.dial(called.address().unwrap()).await.unwrap();
    until("it catches up", || async { tip(&caller).await.0 > before }).await;
    called.stop().await;
    caller.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_is_not_called_while_it_is_cut_off() {
    let called = Options::new(1, false, &[]).start().await;
    let caller = Options::new(2, false, &[]).start().await;
    caller.cut(called.key()).await.unwrap();
    // A key that nobody has, cut and healed twice, changes nothing.
    let nobody = isonomy_types::NodeKey([7; 32]);
    for _ in 0..2 {
        caller.cut(nobody).await.unwrap();
    }
    assert_eq!(caller.cuts().await.unwrap().len(), 2);
    for _ in 0..2 {
        caller.heal(nobody).await.unwrap();
    }
    assert_eq!(caller.cuts().await.unwrap(), [called.key()]);
    caller.dial(called.address().unwrap()).await.unwrap();
    stays_alone(&called, &caller).await;
    called.dial(caller.address().unwrap()).await.unwrap();
    stays_alone(&called, &caller).await;
    caller.heal(called.key()).await.unwrap();
    caller.dial(called.address().unwrap()).await.unwrap();
    until("they are connected", || async { peers(&called).await == 1 }).await;
    called.stop().await;
    caller.stop().await;
}
