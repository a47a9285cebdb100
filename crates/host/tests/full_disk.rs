//! A store that fails: the host halts, says why, and what it acknowledged is there.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Options, genesis, tip, until};
use isonomy_chain::{Append, Archive, Flush, Recovered, StoreFailed};
use isonomy_host::Ended;
use isonomy_ledger::View;
use isonomy_store::{Memory, Store};
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

/// Fails at one write: all writes before it are kept, and none after it is asked for.
struct Failing {
    medium: Memory,
    appends_left: u64,
    flushes_left: u64,
    /// Gets a copy of the medium when the host lets it go.
    left: Sender<Memory>,
}

impl Drop for Failing {
    fn drop(&mut self) {
        let _ = self.left.send(self.medium.clone());
    }
}

fn full(left: &mut u64) -> Result<(), StoreFailed> {
    match left.checked_sub(1) {
        Some(fewer) => {
            *left = fewer;
            Ok(())
        }
        None => Err(StoreFailed { why: "No space left on device. Free some room".into() }),
    }
}

impl Store for Failing {
    fn append(&mut self, entries: &[Append]) -> Result<(), StoreFailed> {
        full(&mut self.appends_left)?;
        self.medium.append(entries)
    }

    fn flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed> {
        full(&mut self.flushes_left)?;
        self.medium.flush(flush)
    }

    fn recover(&mut self) -> Result<Recovered, StoreFailed> {
        self.medium.recover()
    }

    fn unwind(&mut self, height: u64) -> Result<bool, StoreFailed> {
        self.medium.unwind(height)
    }

    fn archive(&self) -> Arc<dyn Archive> {
        self.medium.archive()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_halts_the_node_and_loses_nothing() {
    for (appends_left, flushes_left) in [(0, u64::MAX), (5, u64::MAX), (u64::MAX, 0)] {
        let (left, found) = channel();
        let medium = Memory::new(&genesis());
        let store = Box::new(Failing { medium, appends_left, flushes_left, left });
        let host = Options { store, ..Options::new(1, true, &[]) }.start().await;
        let mut events = host.events();
        let mut best = 0;
        let ended = loop {
            tokio::select! {
                event = events.recv() => if let Ok(isonomy_node::Event::Best { height, .. }) = event {
                    best = best.max(height);
                },
                ended = host.ended() => break ended,
            }
        };
        let Ended::Halted(why) = ended else { panic!("{ended:?}") };
        assert!(why.contains("No space left on device. Free some room"), "{why}");
        assert!(host.read(|_| ()).await.is_err(), "a halted node answers nothing");
        assert!(best > 0 || appends_left == 0, "nothing was acknowledged");

        // There is room again.
        let store = Box::new(found.recv().unwrap());
        let again = Options { store, ..Options::new(1, true, &[]) }.start().await;
        until("what was shown is back", || async { tip(&again).await.0 >= best }).await;
        until("it goes on", || async { tip(&again).await.0 > best + 2 }).await;
        assert_eq!(again.stop().await, Ended::Stopped);
    }
}
