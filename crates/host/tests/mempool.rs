//! What waits is written at intervals and at the end, and admitted again.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::{Options, genesis, tip, transfer, until};
use isonomy_chain::{Append, Archive, Flush, Recovered, StoreFailed};
use isonomy_crypto::Hash;
use isonomy_host::{Ended, Handle, MEMPOOL_WRITE_MS, MempoolFile};
use isonomy_ledger::{StateTree, View};
use isonomy_store::{Disk, Store};
use std::path::Path;
use std::sync::Arc;

fn file(dir: &Path, write_ms: u64) -> Option<MempoolFile> {
    Some(MempoolFile { path: dir.join("mempool"), genesis: genesis().tip.trail.id, write_ms })
}

async fn on(dir: &Path, write_ms: u64, mining: bool) -> Handle {
    let store = Box::new(Disk::open(dir, &genesis()).unwrap());
    Options { store, mempool: file(dir, write_ms), ..Options::new(1, mining, &[]) }.start().await
}

async fn waiting(host: &Handle) -> Vec<Hash> {
    host.read(|node| node.pool().in_order().iter().map(|tx| tx.id()).collect()).await.unwrap()
}

async fn submit(host: &Handle, count: u64) -> Vec<Hash> {
    let mut ids = Vec::new();
    for seq in 0..count {
        ids.push(host.submit(transfer(seq, 9, 1)).await.unwrap().unwrap());
    }
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_stop_keeps_all_that_waits_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let first = on(dir.path(), MEMPOOL_WRITE_MS, false).await;
    let ids = submit(&first, 20).await;
    assert_eq!(first.stop().await, Ended::Stopped);
    let again = on(dir.path(), MEMPOOL_WRITE_MS, false).await;
    until("all wait again", || async { waiting(&again).await.len() == 20 }).await;
    assert_eq!(waiting(&again).await, ids);
    again.stop().await;
    // Stopped before anything was judged again, it is still there.
    let third = on(dir.path(), MEMPOOL_WRITE_MS, false).await;
    third.stop().await;
    let last = on(dir.path(), MEMPOOL_WRITE_MS, true).await;
    let none = || async { last.read(|node| node.waiting().is_empty()).await.unwrap() };
    until("a block takes them", none).await;
    until("they are in blocks", || async { tip(&last).await.0 > 0 }).await;
    last.stop().await;
    let empty = on(dir.path(), MEMPOOL_WRITE_MS, false).await;
    until("the log is executed", || async { tip(&empty).await.0 > 0 }).await;
    assert_eq!(waiting(&empty).await, []);
    empty.stop().await;
}

/// The process is gone without a word: what it wrote last is what the copies hold.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_last_survives_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let killed = on(dir.path(), 20, false).await;
    let ids = submit(&killed, 5).await;
    let copy = tempfile::tempdir().unwrap();
    let copied = copy.path().join("mempool");
    until("five are written", || async {
        std::fs::copy(dir.path().join("mempool"), &copied).is_ok_and(|bytes| bytes > 5 * 200)
    })
    .await;
    let mempool = file(copy.path(), MEMPOOL_WRITE_MS);
    let again = Options { mempool, ..Options::new(2, false, &[]) }.start().await;
    until("all wait again", || async { waiting(&again).await == ids }).await;
    again.stop().await;
    killed.stop().await;
}

/// On one thread tasks start in turn, so the node hears them in order; its workers judge them in any.
#[tokio::test]
async fn a_burst_of_one_lane_is_taken_whole() {
    let host = Options { workers: 4, ..Options::new(1, false, &[]) }.start().await;
    let submit = |seq| {
        let host = host.clone();
        tokio::spawn(async move { host.submit(transfer(seq, 9, 1)).await.unwrap() })
    };
    for answer in (0..40).map(submit).collect::<Vec<_>>() {
        answer.await.unwrap().unwrap();
    }
    assert_eq!(waiting(&host).await.len(), 40);
    host.stop().await;
}

/// A store whose state is not what its block commits.
struct Damaged(Disk);

impl Store for Damaged {
    fn append(&mut self, entries: &[Append]) -> Result<(), StoreFailed> {
        self.0.append(entries)
    }
    fn flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed> {
        self.0.flush(flush)
    }
    fn recover(&mut self) -> Result<Recovered, StoreFailed> {
        self.0.recover().map(|found| Recovered { tree: StateTree::default(), ..found })
    }
    fn unwind(&mut self, height: u64) -> Result<bool, StoreFailed> {
        self.0.unwind(height)
    }
    fn archive(&self) -> Arc<dyn Archive> {
        self.0.archive()
    }
}

/// Whoever mends the state finds what waited.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_halts_at_once_leaves_the_file_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let first = on(dir.path(), MEMPOOL_WRITE_MS, false).await;
    let ids = submit(&first, 3).await;
    first.stop().await;
    let store = Box::new(Damaged(Disk::open(dir.path(), &genesis()).unwrap()));
    let mempool = file(dir.path(), MEMPOOL_WRITE_MS);
    let halted = Options { store, mempool, ..Options::new(1, false, &[]) }.start().await;
    assert!(matches!(halted.ended().await, Ended::Halted(_)));
    drop(halted);
    let again = on(dir.path(), MEMPOOL_WRITE_MS, false).await;
    until("all wait again", || async { waiting(&again).await == ids }).await;
    again.stop().await;
}
