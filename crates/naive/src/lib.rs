//! Say what a chain's blocks come to, the slow and obvious way.
//!
//! A second opinion on the ledger, for tests (invariant 2). It was written from the rules and not
//! from the ledger's code, of which it uses none: of the workspace it knows `types` and `crypto`
//! alone. Where the two differ, one is wrong.
//!
//! Out of scope: seals and certificates, which are consensus; templates and memory pools; modules
//! that are not below. A module of a test comes along as a [`Call`].
//!
//! ```text
//!   Genesis ──▶ Chain ──── next(block) ────▶ Chain or Broken
//!                 │                            ▲
//!                 └─ draft ─▶ Draft ─ add(transaction)* ─ finish
//!                               │
//!                               └─ Desk ─▶ accounts, assets, unique, locks, calls of tests
//! ```
//!
//! ```
//! use isonomy_crypto::Hash;
//! use isonomy_naive::{Chain, Genesis};
//! use isonomy_types::*;
//!
//! let alice = Address(Hash::from_bytes([1; 32]));
//! let genesis = Genesis { allocations: vec![(alice, 1_000)], reward: 50, ..Genesis::default() };
//! let chain = Chain::new(Hash::ZERO, genesis);
//!
//! // A block without transactions pays its producer.
//! let next = chain.draft(Wall(1), alice).finish();
//! assert_eq!(next.balance(&alice), 1_050);
//! assert_ne!(next.state_root(), chain.state_root());
//! ```
//!
//! # What it guarantees
//! - One map of all pairs. Before a transaction acts, and in every savepoint, the whole of it is
//!   copied; if that fails, the copy stands. There is no cache, no layer, no journal.
//! - Roots are computed from nothing, by their definitions, for every block.
//! - All rules that a transaction breaks are named, in no order that matters.
//!
//! # What it does not
//! - It is not quick: a block costs as much as the whole state.
//! - It is no model of what is not a rule: reading the state, pruning, which block is best.
//!
//! # Features
//! None.

pub mod accounts;
pub mod assets;
mod chain;
mod desk;
mod draft;
pub mod locks;
pub mod price;
mod receipt;
mod root;
mod rule;
pub mod unique;

pub use chain::{Broken, Chain, Genesis};
pub use desk::{Book, Call, Desk, Facts, State};
pub use draft::Draft;
pub use receipt::{Event, Receipt};
pub use root::{list_root, state_root};
pub use rule::{Rule, stateless};
