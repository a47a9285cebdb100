//! Start a network of processes, load it, watch it, and judge it.
//!
//! Out of scope: what a node does, how its command line is read (`examples/node`), and networks in
//! one process under virtual time (`isonomy-sim`).
//!
//! ```text
//!   Settings ──> Network ──┬── processes: one `isonomy run` a node, real sockets and disks
//!                          ├── links: a proxy each that delays, if a latency is asked for
//!                          ├── load: signed transfers, handed to the nodes in turn
//!                          ├── faucet: coins for whoever asks by HTTP
//!                          ├── pass  <── Schedule (from a seed) or Scenario (from a file)
//!                          ├── look  ──> Snapshot, Narrator, for people
//!                          └── judge ──> Report, for programs
//! ```
//!
//! ```no_run
//! use isonomy_devnet::{DevnetError, Network, Settings};
//!
//! async fn ten_blocks() -> Result<bool, DevnetError> {
//!     let mut network = Network::start(Settings::new("target/release/isonomy".into())).await?;
//!     let report = network.judge(10).await?;
//!     network.stop().await;
//!     Ok(report.agreed)
//! }
//! ```
//!
//! # Guarantees
//! - Nodes are what a user runs: the same executable, command line and RPC.
//! - A node ends with this process, however this process ends: it watches a pipe that only this
//!   process holds.
//! - A folder that is not a devnet's is never written to.
//! - One seed gives one [`Schedule`], the same named accounts and the same latencies. A recorded
//!   [`Scenario`] gives the same steps again. What nodes make of it depends on the machine's mood.
//! - A transfer that a node acknowledged is looked for in the end; a network that lost it does not
//!   count as agreed, unless that node was killed or removed meanwhile.
//!
//! Not guaranteed: that a network at another machine's mercy agrees in time. The report says what
//! was missing.
//!
//! # Limits
//! [`NODES_MAX`] nodes, [`CHAOS_NODES_MIN`] for chaos; [`AGREE_MS`] to agree; [`INTERVAL_MS_MIN`]
//! between blocks; [`SCENARIO_BYTES_MAX`] of a scenario; [`BLOCKS_KEPT`] blocks for people. The
//! faucet gives [`FAUCET_COINS`] at a time, [`FAUCET_ADDRESS_MAX`] times to an address and
//! [`FAUCET_PAYMENTS_MAX`] times in all, and answers no page of another machine. Everything listens
//! on loopback alone.
//!
//! # Features
//! None. Needs an operating system with processes and pipes.
mod account;
mod act;
mod blocks;
mod breaks;
mod child;
mod delay;
mod dice;
mod error;
#[cfg(test)]
mod fake;
mod faucet;
mod judge;
mod latency;
mod links;
mod load;
mod named;
mod narrate;
mod network;
mod place;
mod recorder;
mod scenario;
mod schedule;
mod settings;
mod tally;
mod watch;

pub use blocks::{BLOCKS_KEPT, Block};
pub use error::DevnetError;
pub use faucet::{FAUCET_ADDRESS_MAX, FAUCET_COINS, FAUCET_PAYMENTS_MAX, FaucetError};
pub use judge::Report;
pub use latency::Latency;
pub use named::{NAMES, Named};
pub use narrate::Narrator;
pub use network::{AGREE_MS, Network};
pub use scenario::{Recorded, SCENARIO_BYTES_MAX, SCENARIO_VERSION, Scenario, ScenarioError};
pub use schedule::{Act, Schedule, Step};
pub use settings::{CHAOS_NODES_MIN, Chaos, INTERVAL_MS_MIN, NODES_MAX, Settings};
pub use tally::Tally;
pub use watch::Snapshot;
