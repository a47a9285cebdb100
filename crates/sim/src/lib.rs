//! Run many nodes under one virtual clock, break things, and check what must hold.
//!
//! Out of scope: real sockets, disks and threads (`isonomy-host`), and speed: a job takes the time
//! that its price says, not the time that this machine needs.
//!
//! ```text
//!   Settings (seed) ──┐
//!   ChainSpec ────────┼──> Sim ──┬── Host: Node, store, clock, jobs, keys
//!   Action, at a time ┘          ├── network: packets lost, doubled, late; splits
//!                                └── check: Replay of all blocks, invariants by number
//!
//!   scenario: a seed ──> plan of acts ──> Sim ──> checks ──> verdict, or the smallest that fails
//! ```
//!
//! Two nodes, one mines, a transfer gets through on a bad network:
//!
//! ```
//! use isonomy_sim::coin::{Coin, balance};
//! use isonomy_sim::work::Role;
//! use isonomy_sim::{Settings, Sim, check};
//! use isonomy_types::{Address, Amount};
//!
//! let mut coin = Coin::new(2)?;
//! let bob = coin.wallets[1].address();
//! let settings = Settings { seed: 7, loss_permille: 50, ..Settings::default() };
//! let mut sim = Sim::new(settings, coin.spec.clone());
//! let miner = sim.add(coin.maker(Role { mining: true, ..Role::default() }), vec![]);
//! let peers = vec![Sim::address_of(miner)];
//! let other = sim.add(coin.maker(Role { peers, ..Role::default() }), vec![]);
//!
//! sim.run_for(5_000); // They meet.
//! sim.submit(other, coin.wallets[0].transfer(bob, 5));
//! let paid = Some(Amount(1_000_000_005));
//! let modules = &coin.spec.modules;
//! assert!(sim.run_until(60_000, |sim| balance(sim.node(other), modules, bob) == paid));
//!
//! sim.stop_mining();
//! sim.run_for(30_000);
//! check::all(&sim)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The command `isonomy-sim` runs [`scenario`]s by seed and shrinks the first that fails:
//!
//! ```text
//! cargo run --release -p isonomy-sim -- soak --seeds 1000 --nodes 4-16
//! cargo run --release -p isonomy-sim -- soak --seeds 1 --nodes 32 --hours 1
//! cargo run --release -p isonomy-sim -- run --seed 7 --nodes 4-16
//! cargo run --release -p isonomy-sim -- replay isonomy-sim-failure.toml
//! cargo run --release -p isonomy-sim -- scenario chaos.toml  # of isonomy devnet --record
//! ```
//!
//! Invariants 1 to 3 and 6 to 17 are checked in every scenario; a [`Mutant`], or a node made wrong,
//! shows of each check that it can fail.
//!
//! # What it guarantees
//! - The same seed and the same actions give the same run, event by event
//!   ([`Sim::trace_hash`]), on every machine. A run that panics prints its seed and the time.
//! - Nodes get what a real host gives them: streams in order, cut anywhere; credit that comes back
//!   when bytes are acknowledged; answers to jobs in another order, or to nobody; writes that are
//!   durable late, in order; and, of those that a crash cuts off, the first few.
//! - Signatures that one host verified may be taken as verified by all
//!   ([`Settings::shares_checks`]): the run is the same, and quicker.
//! - A crash takes all that was in flight. Peers hear nothing of it, as when the power fails.
//! - Jobs do their real work: signatures are checked, nonces are searched for.
//!
//! # What it does not
//! - Links have no limit of bytes a second, disks and processors no queue.
//! - A write is durable whole or not at all, and some that a crash cut off are, though nobody was
//!   told; torn ones are the store's own tests.
//! - [`check`] proves nothing about schedules that no seed drew.
//!
//! # Limits
//! [`WINDOW_BYTES`] bounds what is under way on a link and [`PACKET_BYTES_MAX`] a packet, so that a
//! large message takes several round trips; [`RESEND_MS`], [`RESEND_MS_MAX`] and
//! [`DIAL_TIMEOUT_MS`] are how patient the carrier is. What nodes are held to is named in [`check`]:
//! [`check::JOBS_MAX`], [`check::OUTPUTS_MAX`], [`check::BODIES_BYTES_MAX`],
//! [`check::ANSWER_MS_MAX`], [`Settings::pool`]. None of them defends anything: the limits of
//! the crates below are what this one tries.
//!
//! # Features
//! None. Needs std.
mod action;
mod agenda;
pub mod check;
pub mod coin;
mod dice;
mod host;
mod job;
pub mod load;
mod mutant;
mod network;
mod run;
pub mod scenario;
mod settings;
mod sim;
mod spec;
mod stats;
mod trace;
pub mod wire;
pub mod work;
mod written;

pub use action::Action;
pub use dice::Dice;
pub use host::{Host, Maker, Outsider};
pub use job::price;
pub use mutant::Mutant;
pub use settings::{
    DIAL_TIMEOUT_MS, EPOCH_MS, PACKET_BYTES_MAX, RESEND_MS, RESEND_MS_MAX, Settings, WINDOW_BYTES,
};
pub use sim::Sim;
pub use spec::ChainSpec;
pub use stats::Stats;

use settings::PORT;
