//! Ask a node, and hand it transactions.
//!
//! Out of scope: keys and signing (`isonomy-wallet`), proofs that make an answer believable
//! (`isonomy-light`), and the other end (`isonomy-rpc`, which shares [`api`]).
//!
//! ```text
//!   Client ── HTTP/1.1 POST, JSON-RPC 2.0 ──▶ a node's RPC address
//!     │         status header block transaction account
//!     │         supply peers mempool estimate submit; links cut heal dial (networks of tests)
//!     └─◀─ a reply of `api`, or a ClientError that says what to do next
//! ```
//!
//! A payment, followed into its block:
//!
//! ```no_run
//! use isonomy_client::{Client, ClientError, api::TransactionStatus};
//! use isonomy_types::Transaction;
//!
//! async fn pay(signed: Transaction) -> Result<u64, ClientError> {
//!     let node = Client::new("127.0.0.1:7332")?;
//!     let id = node.submit(&signed).await?.id;
//!     loop {
//!         match node.transaction(id).await?.status {
//!             TransactionStatus::Confirmed { height, .. } => return Ok(height),
//!             TransactionStatus::Waiting => {
//!                 tokio::time::sleep(std::time::Duration::from_secs(1)).await;
//!             }
//!         }
//!     }
//! }
//! ```
//!
//! # What it guarantees
//! - Every question ends: with an answer, or with an error that names what was wrong and the next
//!   step, within [`TIME_LIMIT_MS`].
//! - What answers cannot fill the asker's memory.
//! - A transaction handed over twice is executed once: its id and its nonces see to that.
//!
//! # What it does not
//! - An answer is the node's word. Ask a node of your own, or check proofs with a light client.
//! - The connection is not encrypted: it is meant for loopback, or for a tunnel of your own.
//!
//! # Limits, and the attack each stops
//! - [`TIME_LIMIT_MS`]: a node that never answers.
//! - [`ANSWER_BYTES_MAX`]: an answer without an end.
//!
//! # Features
//! None. Needs the standard library and a tokio runtime.

pub mod api;
mod client;
mod error;
mod exchange;

pub use client::{Client, TIME_LIMIT_MS};
pub use error::ClientError;
pub use exchange::ANSWER_BYTES_MAX;
