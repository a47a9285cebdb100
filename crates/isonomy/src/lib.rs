//! Embed a node of a peer-to-peer blockchain.
//!
//! Out of scope: a chain with rules of its own (build it from the crates re-exported here), and
//! the command line (`examples/node`).
//!
//! ```text
//!   Spec (a chain, from a file) ──┐
//!                                 ├──> Node ──> submit, events, stop
//!   Settings (this machine) ──────┘      └────> rpc: what `client` asks
//! ```
//!
//! ```
//! use isonomy::{Node, Settings, Spec};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let spec = Spec::parse(r#"
//!     version = 1
//!     name = "example"
//!     time = 1700000000000
//!     reward = "50"
//!     [work]
//!     hashes = 1000
//!     interval_ms = 2000
//!     half_life_ms = 600000
//!     [allocations]
//! "#)?;
//! # let dir = tempfile::tempdir()?;
//! # let dir = dir.path();
//! let node = Node::start(&spec, Settings::local(dir)).await?;
//! println!("chain {} at {:?}", node.genesis(), node.address());
//! node.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Guarantees
//! - A node checks everything itself and trusts no other.
//! - What [`Node::submit`] acknowledged waits in the mempool, and waits again after a restart; what
//!   is confirmed is on disk and survives any end of the process.
//!
//! - What cannot be right is refused at the start, with the cause and the next step, before a byte is
//!   written: a foreign directory or one whose damage shows at once ([`check`] looks at all of it), another chain's, one in use, a port that is taken, a
//!   key that others can read, a clock that went back.
//!
//! Not durable: that a block was condemned. A restarted node judges it again if a peer sends it.
//! A heavier branch that forks off below the stored state halts a node, and every start after it,
//! until [`rewind`] took the state back to below the fork.
//!
//! Not guaranteed: finality. Proof of work makes deep reorganisations dear, not impossible. The
//! code is unaudited; put no real money on it.
//!
//! # Limits
//! See the heads of the crates below; those that an owner may choose are in [`Settings`].
//!
//! # The crates
//! [`crypto`], [`types`], [`ledger`], [`consensus`], [`chain`], [`peer`], [`node`](mod@node) run
//! anywhere, also without an operating system; [`store`], [`host`], [`index`],
//! [`rpc`], [`client`] and [`wallet`] need one.
mod coin;
mod cookie;
mod directory;
mod identity;
mod indexing;
mod questions;
mod settings;
mod spec;

pub use coin::{Node, NodeError};
pub use directory::{Checked, check, rewind, stored_height};
pub use identity::KeyError;
pub use settings::{BASE_DEPTH, FLUSH_BLOCKS, Mining, OUTBOUND, Settings};
pub use spec::{Coin, SPEC_VERSION, Spec, SpecError, WorkSpec};

pub use isonomy_chain as chain;
pub use isonomy_client as client;
pub use isonomy_consensus as consensus;
pub use isonomy_crypto as crypto;
pub use isonomy_host as host;
pub use isonomy_index as index;
pub use isonomy_ledger as ledger;
pub use isonomy_node as node;
pub use isonomy_peer as peer;
pub use isonomy_rpc as rpc;
pub use isonomy_store as store;
pub use isonomy_types as types;
pub use isonomy_wallet as wallet;

/// The README's snippets compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
