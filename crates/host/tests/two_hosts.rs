//! Two hosts on real sockets: they meet, agree, carry a transfer, and stop cleanly.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Options, genesis, tip, transfer, until};
use isonomy_host::Ended;
use isonomy_store::Disk;

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_handed_to_one_is_confirmed_at_the_other() {
    let miner = Options::new(1, true, &[]).start().await;
    let other = Options::new(2, false, &[miner.address().unwrap()]).start().await;
    until("three blocks", || async { tip(&other).await.0 >= 3 }).await;

    let id = other.submit(transfer(0, 9, 500)).await.unwrap().unwrap();
    let confirmed = || async {
        let held = miner.read(move |node| {
            let chain = node.chain();
            let best = chain.best().id;
            let mut bodies = chain.ancestry(best).filter_map(|block| chain.body(&block));
            bodies.any(|body| body.transactions.iter().any(|tx| tx.intent().id() == id))
        });
        held.await.unwrap()
    };
    until("the transfer is in a block", confirmed).await;
    let agree = || async { tip(&miner).await == tip(&other).await };
    until("both have one tip and root", agree).await;
    assert_eq!(other.stop().await, Ended::Stopped);
    assert_eq!(miner.stop().await, Ended::Stopped);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_host_goes_on_where_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let store = Box::new(Disk::open(dir.path(), &genesis()).unwrap());
    let first = Options { store, ..Options::new(1, true, &[]) }.start().await;
    until("twelve blocks", || async { tip(&first).await.0 >= 12 }).await;
    assert_eq!(first.stop().await, Ended::Stopped);
    assert!(first.read(|_| ()).await.is_err(), "a stopped node answers nothing");

    let store = Box::new(Disk::open(dir.path(), &genesis()).unwrap());
    let again = Options { store, ..Options::new(1, false, &[]) }.start().await;
    until("as high as before", || async { tip(&again).await.0 >= 12 }).await;
    let late = Options::new(3, false, &[again.address().unwrap()]).start().await;
    let agree = || async { tip(&again).await == tip(&late).await };
    until("a new node follows it", agree).await;
    late.stop().await;
    again.stop().await;
}
