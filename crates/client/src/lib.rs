//! Ask a node, and hand it transactions.
//!
//! Out of scope: keys and signing (`isonomy-wallet`), following headers so that one knows which block
//! is the chain's, and the other end (`isonomy-rpc`, which shares [`api`]).
//!
//! ```text
//!   Client ── HTTP/1.1 POST, JSON-RPC 2.0 ──▶ a node's RPC address
//!     │         status header block transaction peers mempool estimate submit
//!     │         account balance supply holdings asset collection item items lock locks
//!     │         history events holders (nodes with an index)
//!     │         prove; links cut heal dial (networks of tests)
//!     ├─◀─ a reply of `api`, or a ClientError that says what to do next
//!     └── WebSocket ──▶ Subscriptions ── next ──▶ heads, reorganisations, blocks, mempool, events
//!
//!   prove ──▶ Proof ── check(a block's id, or a state root) ──▶ Proven
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
//! What an account held two blocks ago, proved to who knows that block's header, as text that proves
//! it to others too:
//!
//! ```no_run
//! use isonomy_client::{Client, ClientError, Known, Proof, balance_key};
//! use isonomy_types::{Address, Header};
//!
//! async fn prove(header: &Header, alice: Address) -> Result<String, ClientError> {
//!     let node = Client::new("127.0.0.1:7332")?;
//!     let proven = node.prove(header, &[balance_key(alice, None)]).await?;
//!     Ok(proven.proof().to_text())
//! }
//!
//! fn believe(text: &str, block: isonomy_crypto::Hash, alice: Address) -> bool {
//!     let checked = Proof::from_text(text.as_bytes()).and_then(|it| it.check(Known::Block(block)));
//!     checked.is_ok_and(|proven| proven.balance(alice, None).is_ok_and(|held| held.0 >= 500))
//! }
//! ```
//!
//! Who knows a height or an id alone has the header asked for too, by [`Client::prove_at`].
//!
//! # What it guarantees
//! - A [`Proven`] value is the one in the state that the header commits, or the one that has the state
//!   root: checked with `isonomy-crypto` and `isonomy-types` alone, so that the node is not believed.
//! - All answers about one height of one branch are about one state, and say which block's.
//! - Every question ends: with an answer, or with an error that names what was wrong and the next
//!   step, within [`TIME_LIMIT_MS`].
//! - What answers cannot fill the asker's memory.
//! - A [`Token`] is in no text that this crate makes, and wiped from memory when it is dropped.
//! - A transaction handed over twice is executed once: its id and its nonces see to that.
//!
//! # What it does not
//! - Any other answer is the node's word. Ask a node of your own, or have it [proved](Client::prove).
//! - That a header is of the chain that matters: a proof says what a block's state holds, and not
//!   whether anyone builds on that block. A proof of a range being complete there is none.
//! - The connection is not encrypted: it is meant for loopback, or for a tunnel of your own.
//!
//! # Limits, and the attack each stops
//! - [`TIME_LIMIT_MS`]: a node that never answers.
//! - [`NOTICES_MAX`], [`TOKEN_BYTES_MAX`]: notices before an answer, and a file, without an end.
//! - [`ANSWER_BYTES_MAX`], [`PROOF_TEXT_BYTES_MAX`]: an answer without an end.
//! - [`PROVE_KEYS_MAX`](api::PROVE_KEYS_MAX), [`PROOF_BYTES_MAX`](api::PROOF_BYTES_MAX): a proof that
//!   costs its maker or its reader much.
//!
//! # Features
//! None. Needs the standard library and a tokio runtime.

pub mod api;
mod client;
mod error;
mod exchange;
mod index;
mod proof;
mod proof_error;
mod state;
mod subscriptions;
mod token;

pub use client::{Client, TIME_LIMIT_MS};
pub use error::ClientError;
pub use exchange::ANSWER_BYTES_MAX;
pub use proof::{Known, PROOF_TEXT_BYTES_MAX, Proof, Proven, ProvenBalance, balance_key};
pub use proof_error::ProofError;
pub use subscriptions::{NOTICES_MAX, Subscriptions};
pub use token::{TOKEN_BYTES_MAX, Token};
