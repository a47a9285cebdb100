//! Run a node for real: sockets, clock, disk, threads, keys.
//!
//! Out of scope: what a node decides (`isonomy-node`), what is written to disk (`isonomy-store`),
//! what people ask (`isonomy-rpc`).
//!
//! ```text
//!   TCP + Noise ── links ──┐                 ┌── workers (all cores) and the miner
//!   clock ─────────────────┤  the run loop:  ├── writer (the store's thread)
//!   Handle: submit, read ──┘  one Node       └── events
//! ```
//!
//! A node on a chain of its own, in this process:
//!
//! ```no_run
//! use isonomy_host::{Handle, Identity, Settings, StartError, listen, start};
//! use isonomy_node::{Config, Node};
//! use isonomy_store::Store;
//!
//! async fn run(
//!     store: Box<dyn Store>,
//!     config: Config,
//!     engine: Box<dyn isonomy_consensus::Engine>,
//! ) -> Result<Handle, StartError> {
//!     let settings = Settings {
//!         listen: Some(listen(([127, 0, 0, 1], 0).into()).await?),
//!         identity: Identity::generate().expect("the system's randomness"),
//!         secrets: Vec::new(),
//!         workers: 0,
//!         hash_rate: None,
//!         mempool: None,
//!         limits: config.limits.peers.clone(),
//!     };
//!     start(settings, store, |now, recovered, listening| {
//!         Node::new(now, Config { listening, ..config }, engine, recovered)
//!     })
//!     .await
//! }
//! ```
//!
//! # Guarantees
//! - Every connection is encrypted and authenticated by Noise XX; a peer is who its key says.
//! - What was acknowledged is on disk, however the process ends; [`Handle::stop`] also empties
//!   the queue.
//! - What waits in the mempool is written at intervals and when the node stops, and admitted again
//!   after a restart. A file that cannot be read is told and set aside.
//! - A slow peer or a slow disk costs a bounded queue: inputs, carriers and commits have limits.
//! - Signing keys stay here; the machine sees signatures.
//! - A peer that is [cut](Handle::cut) off is refused by its key, whoever calls: for tests of what
//!   a network does without a link.
//! - [`Handle::metrics`] tells what operators watch, each node its own: nothing in it is global, and
//!   recording it changes no input of the machine.
//!
//! Not guaranteed: that a job that panics is answered. It is logged as the bug it is, and the
//! machine's own deadline ends the wait.
//!
//! # Limits
//! The owner's [`Limits`](isonomy_peer::Limits) bound the connections accepted and the time of a
//! handshake. [`HANDSHAKES_MAX`] strangers at once, 1 KiB each before the handshake is done
//! (CVE-2015-3641); [`CARRIER_BYTES`] held for a slow socket; [`INPUTS_MAX`] inputs waiting;
//! [`MEMPOOL_FILE_BYTES_MAX`] of what waited read; [`PEER_LINES_MAX`] log lines a second about peers
//! (CVE-2025-54604); a clock at most [`CLOCK_BEHIND_MAX_MS`] behind what is stored.
//!
//! # Features
//! None. Needs the standard library and tokio.
#![allow(clippy::disallowed_types)]

mod clock;
mod error;
mod handle;
mod lines;
mod links;
mod mempool;
mod metrics;
mod run;
mod settings;
mod signals;
mod spread;
mod transport;
mod verifier;
mod workers;
mod writer;

pub use clock::{CLOCK_BEHIND_MAX_MS, Utc, check_clock};
pub use error::{StartError, Stopped};
pub use handle::{Ended, Handle};
pub use lines::{PEER_LINE_BYTES_MAX, PEER_LINES_MAX};
pub use mempool::{MEMPOOL_FILE_BYTES_MAX, MEMPOOL_FILE_VERSION, MEMPOOL_WRITE_MS, MempoolFile};
pub use run::start;
pub use settings::{CARRIER_BYTES, DIAL_MS, HANDSHAKES_MAX, INPUTS_MAX, STOP_MS, Settings, listen};
pub use signals::{Reloads, stop_signal};
pub use transport::{
    CLOSE_MS, HANDSHAKE_BYTES_MAX, HANDSHAKE_MS, Identity, RECORD_MAX, Reader, Side,
    TransportError, Writer, secure,
};
pub use verifier::Verifier;
