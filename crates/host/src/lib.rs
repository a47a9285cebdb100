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
//! use isonomy_host::{Handle, Identity, Settings, StartError, start};
//! use isonomy_node::{Config, Node};
//! use isonomy_store::Store;
//!
//! async fn run(
//!     store: Box<dyn Store>,
//!     config: Config,
//!     engine: Box<dyn isonomy_consensus::Engine>,
//! ) -> Result<Handle, StartError> {
//!     let settings = Settings {
//!         listen: Some(([127, 0, 0, 1], 0).into()),
//!         identity: Identity::generate().expect("the system's randomness"),
//!         secrets: Vec::new(),
//!         workers: 0,
//!         hash_rate: None,
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
//! - A slow peer or a slow disk costs a bounded queue: inputs, carriers and commits have limits.
//! - Signing keys stay here; the machine sees signatures.
//!
//! Not guaranteed: that a job that panics is answered. It is logged as the bug it is, and the
//! machine's own deadline ends the wait.
//!
//! # Limits
//! The owner's [`Limits`](isonomy_peer::Limits) bound the connections accepted and the time of a
//! handshake. [`HANDSHAKES_MAX`] strangers at once, 1 KiB each before the handshake is done
//! (CVE-2015-3641); [`CARRIER_BYTES`] held for a slow socket; [`INPUTS_MAX`] inputs waiting.
//!
//! # Features
//! None. Needs the standard library and tokio.
#![allow(clippy::disallowed_types)]

mod clock;
mod error;
mod handle;
mod links;
mod run;
mod settings;
mod signals;
mod transport;
mod workers;
mod writer;

pub use error::{StartError, Stopped};
pub use handle::{Ended, Handle};
pub use run::start;
pub use settings::{CARRIER_BYTES, DIAL_MS, HANDSHAKES_MAX, INPUTS_MAX, STOP_MS, Settings};
pub use signals::stop_signal;
pub use transport::{
    CLOSE_MS, HANDSHAKE_BYTES_MAX, HANDSHAKE_MS, Identity, RECORD_MAX, Reader, Side,
    TransportError, Writer, secure,
};
