//! A host whose clock is behind what it stored does not start.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Options, genesis};
use isonomy_chain::{Append, Archive, Flush, Recovered, StoreFailed};
use isonomy_host::{CLOCK_BEHIND_MAX_MS, StartError, check_clock};
use isonomy_ledger::View;
use isonomy_store::{Memory, Store};
use isonomy_types::{Body, Entry, Header, Wall};
use std::sync::Arc;

/// A header above the first block, dated so far from now.
fn dated(parent: isonomy_crypto::Hash, time: Wall) -> Append {
    let header = Header { parent, height: 1, time, ..genesis().tip.header };
    let entry = Box::new(Entry { header, authority: None, certificate: None });
    Append::Block { entry, body: Body::default() }
}

struct Logged(Memory, Append);

impl Store for Logged {
    fn append(&mut self, entries: &[Append]) -> Result<(), StoreFailed> {
        self.0.append(entries)
    }

    fn flush(&mut self, flush: &Flush) -> Result<Arc<dyn View>, StoreFailed> {
        self.0.flush(flush)
    }

    fn recover(&mut self) -> Result<Recovered, StoreFailed> {
        let log = vec![self.1.clone()];
        Ok(Recovered { log, ..self.0.recover()? })
    }

    fn unwind(&mut self, height: u64) -> Result<bool, StoreFailed> {
        self.0.unwind(height)
    }

    fn archive(&self) -> Arc<dyn Archive> {
        self.0.archive()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_47_a_clock_behind_the_stored_blocks_is_refused_at_the_start() {
    // The year 2100, which no machine's clock has reached.
    let late = Wall(4_102_444_800_000);
    let first = genesis().tip.trail.id;
    let store = |append| Box::new(Logged(Memory::new(&genesis()), append));
    let options = || Options::new(1, false, &[]);

    let error = Options { store: store(dated(first, late)), ..options() }.try_start().await;
    let Err(StartError::Clock { height, time, .. }) = error else { panic!("it starts") };
    assert_eq!((height, time.to_string().as_str()), (1, "2100-01-01T00:00:00Z"));
    assert!(check_clock(&Header { time: late, ..genesis().tip.header }).is_err());
    assert!(check_clock(&genesis().tip.header).is_ok());

    // One that leads on from nothing stored proves nothing, nor does one within the bound.
    let orphan = dated(isonomy_crypto::Hash::from_bytes([9; 32]), late);
    let recent = dated(first, Wall(genesis().tip.header.time.0 + CLOCK_BEHIND_MAX_MS));
    for append in [orphan, recent] {
        let host = Options { store: store(append), ..options() }.try_start().await.unwrap();
        host.stop().await;
    }
}
