//! Say which header is valid, which branch wins, what is final, and what to send or sign.
//!
//! Out of scope: what a block does to the state (`ledger`), the bodies and states of the branches
//! (`chain`), who sent a header and when its time has come (`node`), and sockets, keys, clocks.
//!
//! ```text
//!              parent's Trail, Authority
//!                        │
//!  Entry ── Follow ── check ── Rules::step ──> Valid ──> Trail ──> Tree: which branch wins
//!           (a job)                                        │
//!                                                          v
//!  facts: headers, executed, condemned, answers ──────> Engine ──> want, best, base, final,
//!                                                                  propose, mine, sign, send
//! ```
//!
//! [`Rules`] judge one header in a constant-size context; they are functions. An [`Engine`] is a
//! machine, which decides what a node does about headers. Two blocks mined, and followed by somebody
//! else:
//!
//! ```
//! use isonomy_consensus::{Follow, Rules, Trail, Tree, Valid, check, pow};
//! use isonomy_crypto::Hash;
//! use isonomy_types::{Address, Authority, Blob, Entry, Header, Version, Wall};
//! use std::sync::Arc;
//!
//! // A hash in 256 is good enough; a block is due each second.
//! let easy = pow::Target::for_work(256).compact();
//! let schedule =
//!     pow::Schedule { anchor: easy, interval_ms: 1_000, half_life_ms: 60_000, easiest: easy };
//! schedule.check()?;
//! let rules = Arc::new(pow::Work { schedule });
//!
//! let authority = Arc::new(Authority::default());
//! let template = |parent: Hash, height: u64| Header {
//!     version: Version,
//!     parent,
//!     height,
//!     time: Wall(1_000 * height),
//!     producer: Address(Hash::ZERO),
//!     body_root: Hash::ZERO,
//!     state_root: Hash::ZERO,
//!     receipts_root: Hash::ZERO,
//!     next_authority: authority.hash(),
//!     next_params: Hash::ZERO,
//!     seal: Blob::default(),
//! };
//! let genesis = template(Hash::ZERO, 0);
//! let genesis = Trail { memory: rules.begin(&genesis), ..Trail::trusted(&genesis) };
//!
//! // The miner.
//! let (mut tip, mut entries) = (genesis.clone(), Vec::new());
//! for height in 1..=2 {
//!     let mut header = template(tip.id, height);
//!     let target = rules.target(&tip)?;
//!     let mut mine =
//!         pow::Mine { target, seal_hash: header.seal_hash(), extra: 0, from: 0, tries: 100 };
//!     let nonce = loop {
//!         match mine.run() {
//!             Some(nonce) => break nonce,
//!             None => mine = mine.next(),
//!         }
//!     };
//!     header.seal = pow::WorkSeal { nonce, extra: mine.extra }.seal();
//!     tip = check(&*rules, &tip, &authority, &header)?;
//!     entries.push(Entry { header, authority: None, certificate: None });
//! }
//!
//! // Somebody else, who knows genesis.
//! let mut tree = Tree::new(genesis.clone());
//! let followed = Follow { rules, parent: genesis, authority, entries }.run();
//! assert_eq!(followed.broken, None);
//! for valid in &followed.valid {
//!     tree.insert(valid.trail().clone())?;
//! }
//! assert_eq!(tree.heaviest(|_| true), Some(&tip));
//! assert!(tip.weight >= 2 * 256);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//! - The same header gets the same verdict everywhere and at any time: [`Rules`] see no clock.
//! - Of two branches the same one wins everywhere: more weight, of equals the lower id. The order of
//!   arrival plays no part.
//! - A [`Valid`] entry passed the rules, and so did the certificate that it carries.
//! - No panic, no overflow and no unbounded memory on any input.
//!
//! Not guaranteed: that the body of a valid header exists or is valid; that work, once best, stays
//! best ([`pow`] finalises nothing: who has more than half of the hash rate, or with luck and
//! withheld blocks somewhat less, rewrites the newest blocks); that weights beyond 2¹²⁸ are told
//! apart.
//!
//! # Limits
//! - [`HEADERS_MAX`]: headers in one [`Tree`]; stops floods of cheap headers (attack 49). Who fills
//!   it on purpose must pay the work of each, which is little near the genesis of a young chain:
//!   there a node first follows a branch without keeping it, which takes one [`Trail`], and keeps it
//!   once it weighs enough.
//! - [`BELOW_MAX`]: headers below the root of a tree, to recognise deep forks.
//! - [`MEMORY_BYTES_MAX`]: what rules carry from block to block; keeps contexts constant (attack 49).
//! - [`pow::BASE_DEPTH_MAX`], [`pow::WANT_MAX`]: what an engine keeps open and asks for at a time
//!   (attacks 49 and 63).
//! - [`pow::PROPOSE_AGAIN_MS`], [`pow::PROPOSE_LOST_MS`], [`pow::PROPOSE_RETRY_MS`]: how long a
//!   miner waits.
//! - [`RECORD_BYTES_MAX`], [`EVIDENCE_BYTES_MAX`]: what an engine may have kept and proved.
//!
//! # Features
//! `std` (default): only for the dependencies' sake. Without it: `no_std` and `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::arithmetic_side_effects)]
extern crate alloc;

mod broken;
mod engine;
mod follow;
pub mod pow;
mod rules;
mod tree;

pub use broken::{Broken, SealError};
pub use engine::{Ask, EVIDENCE_BYTES_MAX, Engine, Input, Output, RECORD_BYTES_MAX, Record};
pub use follow::{Follow, Followed, Valid};
pub use rules::{MEMORY_BYTES_MAX, Rules, Step, Trail, check};
pub use tree::{BELOW_MAX, HEADERS_AHEAD, HEADERS_MAX, Tree, TreeError};
