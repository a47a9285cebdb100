//! Be a whole node as one deterministic state machine.
//!
//! Out of scope: sockets, files, clocks, entropy, threads, keys, logs. They are the host's
//! (`isonomy-host` runs a node for real, `isonomy-sim` runs a thousand under virtual time).
//!
//! ```text
//!            Input                          Output
//!   Opened Received Writable ─┐        ┌─ Send Close Dial
//!   Done (a job's answer) ────┤  Node  ├─ Job Cancel
//!   Committed ────────────────┤        ├─ Commit
//!   Submit Restore Tick ──────┘        └─ Event Halt
//!
//!   inside: Chain ─ Pool ─ Engine ─ Peers, strangers to each other, wired here
//! ```
//!
//! The run loop of every host, real or simulated:
//!
//! ```
//! use isonomy_node::{Input, Node, Output};
//! use isonomy_types::Now;
//!
//! fn turn(node: &mut Node, now: Now, input: Input, mut perform: impl FnMut(Output)) {
//!     node.handle(now, input);
//!     while let Some(output) = node.poll() {
//!         perform(output);
//!     }
//!     // … and see to it that a `Tick` comes at `node.deadline()`, if nothing comes before.
//! }
//! ```
//!
//! # Guarantees
//! - The same inputs give the same outputs, on any machine, in any build.
//! - No input causes a panic; a peer's fault leaves as [`Output::Close`] with the rule it broke.
//! - A block of one's own, and an engine's record, is durable before anyone is shown what rests
//!   on it. A restart goes on from the last flush and the log above it.
//! - Answers to jobs may come in any order or never; a lost one stalls nothing for good.
//!
//! Not guaranteed: that `handle` is cheap if its outputs are not carried out.
//!
//! # Limits
//! Those that an owner may choose are in [`Limits`]. Each has a name and, beside it, the attack it
//! stops: see `limits.rs` and `dial.rs` here, and the heads of `isonomy-peer` and `isonomy-chain` for
//! their own. Headers are asked of one peer at a time, and of the next when it is slow or has no more;
//! [`Sync`] says how far that is.
//!
//! # Features
//! `std` (default): only for the dependencies' sake. Without it: `no_std` and `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod ahead;
mod arrivals;
mod config;
mod dial;
mod done;
mod headers;
mod import;
mod input;
mod job;
mod jobs;
mod limits;
mod machine;
mod output;
mod reports;
mod restore;
mod submissions;
mod sync;
mod transactions;
mod waiting;
mod wants;
mod writes;

pub use config::Config;
pub use input::{Input, Request, Ticket};
pub use job::{
    AdmitAll, BodyError, Done, Incoming, Job, JobId, Judged, Lent, Refusal, Shared, Verdict,
};
pub use limits::{
    AHEAD_MAX, AHEAD_SEQ_MAX, ARRIVALS_BYTES, ARRIVALS_TAKEN, ARRIVALS_WAIT_MS, COMMIT_BYTES_MAX,
    EARLY_HEADERS_MAX, HEADERS_READ_BYTES_MAX, HELD_MAX, JOB_DEADLINE_MS, JOBS_MAX, LINK_JOBS_MAX,
    LINK_RUNS_MAX, Limits, PASS_MS, READS_FAILED_MAX, RESTORE_RUN, RESTORE_WAIT_MS, TEMPLATES_MAX,
};
pub use machine::Node;
pub use output::{Event, Output};
pub use submissions::SubmitError;
pub use sync::{CATCHING_UP_BLOCKS, Sync};
