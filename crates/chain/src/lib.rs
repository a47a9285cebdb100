//! Import, execute, adopt, finalise; and keep what waits.
//!
//! Out of scope: which branch is best and what is final (an engine of `consensus` says so), what a
//! block does (`ledger`), where bytes come from and go to (`node`, `store`). A [`Chain`] and a
//! [`Pool`] do not know each other: whoever owns both tells the one what the other did.
//!
//! ```text
//!   Entry ── follow ──▶ job ── import ──▶ header ┐
//!   Body ─────────────────── import_body ──▶ body ┴─ execute ──▶ job ── executed ──▶ layer
//!
//!                          layer ── layer ◀── best ── adopt ──▶ blocks left and joined ──▶ Pool
//!                         ╱
//!   store ◀── Flush ── base ── layer ── layer (dropped once the base moves up the other branch)
//!     └────── view ──▶ rebase
//! ```
//!
//! A chain of one's own, from genesis to its first block:
//!
//! ```
//! use isonomy_chain::{Chain, Genesis, Outcome};
//! use isonomy_consensus::pow::{Mine, Schedule, Target, Work, WorkSeal};
//! use isonomy_crypto::list_root;
//! use isonomy_ledger::{Empty, Modules, Stack, StateTree};
//! use isonomy_types::{Address, Authority, Blob, Entry, Header, Params, Seal, Text, Version, Wall};
//! use std::sync::Arc;
//!
//! // What everyone on this chain agrees on.
//! let easy = Target::for_work(16).compact();
//! let schedule =
//!     Schedule { anchor: easy, interval_ms: 1_000, half_life_ms: 60_000, easiest: easy };
//! let (rules, modules) = (Arc::new(Work { schedule }), Arc::new(Modules::default()));
//! let genesis = Genesis {
//!     name: Text::try_from(String::from("example"))?,
//!     time: Wall(1_000),
//!     params: Params::default(),
//!     authority: Authority::default(),
//!     settings: Blob::default(),
//!     modules: Vec::new(),
//! };
//!
//! // A store would write the flush, and answer with the state. Here a layer over nothing does.
//! let flush = genesis.build(&*rules, modules.clone())?;
//! let id = flush.tip.trail.id;
//! let view = Arc::new(Stack { layers: vec![flush.layer.into()], base: Arc::new(Empty) });
//! let tree = StateTree::of(&*view)?;
//! let mut chain = Chain::new(rules.clone(), modules, id, flush.tip, Vec::new(), view, tree);
//!
//! // Fill a block on best. Running is a job: it may happen on another thread.
//! let (parent, time, producer) = (chain.best().clone(), Wall(2_000), Address::default());
//! let template = chain.template(parent.id, time, producer, Vec::new()).ok_or("not executed")?;
//! let executed = template.run()?;
//! let leaves: Vec<_> = executed.included.iter().map(|transaction| transaction.leaf()).collect();
//! let mut header = Header {
//!     version: Version,
//!     parent: parent.id,
//!     height: parent.height + 1,
//!     time,
//!     producer,
//!     body_root: list_root(&leaves),
//!     state_root: executed.tree.root(),
//!     receipts_root: executed.receipts_root,
//!     next_authority: executed.next_authority.hash(),
//!     next_params: executed.next_params.hash(),
//!     seal: Seal::default(),
//! };
//! let (target, seal_hash) = (rules.target(&parent)?, header.seal_hash());
//! let mine = Mine { target, seal_hash, extra: 0, from: 0, tries: u64::MAX };
//! header.seal = WorkSeal { nonce: mine.run().ok_or("no luck")?, extra: 0 }.seal();
//!
//! // Our own block goes the way of all others, but for being executed already.
//! let entry = Entry { header, authority: None, certificate: None };
//! let followed = chain.follow(vec![entry])?.run();
//! let valid = followed.valid.into_iter().next().ok_or("broken")?;
//! let id = chain.import(valid)?.id;
//! chain.import_body(id, executed.included.clone().into());
//! assert!(matches!(chain.executed(id, Ok(executed)), Outcome::Executed { .. }));
//!
//! let adopted = chain.adopt(id).ok_or("not executed")?;
//! assert_eq!((adopted.left.len(), adopted.joined.len()), (0, 1));
//! assert_eq!(chain.best().height, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//! - The state after a block is what its branch makes, run from genesis, whatever was executed or
//!   adopted in between. Layers are immutable: a reorganisation undoes nothing, it moves a pointer.
//! - A block is condemned by its own content alone, or with the block it stands on: its transactions
//!   cannot be executed, or come to something else than its header says. A body of another root or
//!   a read that failed condemns nothing.
//! - Best always stands on what was finalised. What is flushed is the difference that the state
//!   needs, each block once, in order.
//! - In a pool each lane holds the state's next nonce and those after it without a gap, no nonce
//!   twice, nothing expired, within its limits; whatever leaves is told. An account holds what all
//!   that waits may take from it, as far as the pool was told.
//! - Reading a state on best's branch looks at about log₂ of the layers above the base.
//! - The same calls in the same order have the same results on every machine.
//!
//! Not guaranteed: that a body matches its header's root, and that what waits can still pay or is
//! signed by the policy of today. Callers see to both, as [`Chain::import_body`] and [`Pool`] say.
//! Nor is memory bounded for executed blocks above the base: whoever moves the base moves it often
//! enough. On best's branch what a block wrote is held at most twice, in its own layer and joined with
//! its neighbours'; an executed block that is not adopted yet may hold what
//! [`JOINED_BLOCKS_MAX`] blocks wrote once more, until best moves another way.
//!
//! # Limits
//! | limit | stops |
//! |---|---|
//! | [`isonomy_consensus::HEADERS_MAX`] | a flood of cheap headers (attack 49) |
//! | [`AUTHORITIES_MAX`] | headers that each name a large committee of their own |
//! | [`WAITING_BODY_BYTES_MAX`] | bodies fetched faster than they are judged |
//! | [`TREE_FORKS_MAX`] | a state that is made to grow until its tree fills the memory |
//! | [`JOINED_BLOCKS_MAX`] | executed blocks that each hold what a whole branch wrote |
//! | [`MISSING_MAX`] | a long branch that slows down every step |
//! | [`PoolLimits`], cover | transactions that cost more to hold than they pay (attack 74) |
//! | [`LEAST_PRICE_HALF_LIFE_MS`] | filling a full pool again and again for the same price |
//! | [`REPLACE_PERCENT`], [`REPLACED_MAX`] | relay for free by replacing again and again |
//! | [`CHAINED_MAX`] | graphs of transactions that are dear to walk (attack 62), pinning |
//! | [`AGE_MS_MAX`] | what nobody will ever take |
//!
//! # Features
//! `std` (default): only for the dependencies' sake. Without it: `no_std` and `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::arithmetic_side_effects)]
extern crate alloc;

mod chain;
mod durable;
mod genesis;
mod outcome;
mod pool;

pub use chain::{
    AUTHORITIES_MAX, Chain, JOINED_BLOCKS_MAX, MISSING_MAX, TREE_FORKS_MAX, WAITING_BODY_BYTES_MAX,
};
pub use durable::{Append, Archive, Flush, Flushed, Recovered, StoreFailed, Tip};
pub use genesis::{Genesis, GenesisError};
pub use outcome::{Adopted, BlockInvalid, ExecuteRefused, HeaderRefused, Outcome, Transactions};
pub use pool::{
    AGE_MS_MAX, CHAINED_MAX, ESTIMATE_BLOCKS_MAX, ESTIMATE_FULL_BLOCKS, Inserted,
    LEAST_PRICE_HALF_LIFE_MS, LEAST_PRICE_STEP, Moved, Pool, PoolLimits, PoolRefused,
    REPLACE_PERCENT, REPLACED_MAX,
};
