//! Say what a block does to the state, and prove it.
//!
//! Out of scope: which block comes next (`consensus`), which block is best and what waits for one
//! (`chain`), where the state lies (`store`), and whether signatures are valid (`types`).
//!
//! ```text
//!   transactions ──▶ Execute ──▶ Executed ─┬─ layer          what the block wrote
//!                    │     ▲               ├─ tree           of all that there is, and its root
//!        calls       ▼     │ reads         ├─ receipts       what became of each transaction
//!   Modules ◀── Context    │               └─ next authority and params, for the child
//!   (assets, unique,     View ◀─ Stack ─┬─ layers of the blocks before, newest first
//!    locks, yours, …)                   └─ base
//! ```
//!
//! A chain is a list of modules. Here it has one, the native coin. It is born, a block moves coins,
//! and the state is asked:
//!
//! ```
//! use isonomy_crypto::{Hash, Secret};
//! use isonomy_ledger::assets::{self, Asset, Assets};
//! use isonomy_ledger::{Birth, Empty, Env, Execute, Mode, Modules, Stack, query};
//! use isonomy_types::*;
//! use std::sync::Arc;
//!
//! let secret = Secret::from_bytes(&[1; 32])?;
//! let policy = Policy::Key(secret.public());
//! let (alice, bob) = (policy.address(), Address(Hash::from_bytes([2; 32])));
//!
//! // Block 0: alice has a million coins.
//! let modules = Modules::default().with(assets::ID, Assets)?.purse(assets::ID)?;
//! let modules = Arc::new(modules);
//! let allocations = vec![(alice, Amount(1_000_000))].try_into()?;
//! let config = assets::Config { allocations, reward: Amount(50) };
//! let mut env = Env {
//!     genesis: Hash::ZERO,
//!     height: 0,
//!     time: Wall(0),
//!     producer: bob,
//!     authority: Arc::default(),
//!     params: Params::default(),
//! };
//! let configs = vec![(assets::ID, config.encode())];
//! let born = Birth { env: env.clone(), modules: modules.clone(), configs }.run()?;
//! let view = Arc::new(Stack { layers: vec![born.layer], base: Arc::new(Empty) });
//!
//! // A transaction: alice sends bob 500.
//! let transfer = assets::Call::pay(bob, Amount(500));
//! let payload = transfer.encode().try_into()?;
//! let intent = Intent {
//!     version: Version,
//!     signers: vec![Signer { account: alice, nonce: Nonce { lane: 0, seq: 0 } }].try_into()?,
//!     actions: vec![Action { module: assets::ID, by: 0, payload }].try_into()?,
//!     meter_limit: 20_000,
//!     price: 1,
//!     expires: 10,
//! };
//! let signature = secret.sign(&intent.signing_digest(&env.genesis), &[0; 32])?;
//! let witness = Witness { policy, signatures: vec![Some(signature)].try_into()? };
//! let transaction = Transaction::new(intent, vec![witness].try_into()?).check(&env.genesis)?;
//!
//! // Block 1, produced by bob.
//! env.height = 1;
//! let transactions = vec![Arc::new(transaction)];
//! let block = Execute {
//!     env: env.clone(),
//!     modules: modules.clone(),
//!     view: view.clone(),
//!     tree: born.tree.clone(),
//!     transactions,
//!     mode: Mode::Block,
//! };
//! let done = block.run()?;
//! assert_ne!(done.tree.root(), born.tree.root());
//!
//! // Bob holds what he was sent, the fee and the reward.
//! let layers = [&[done.layer], &view.layers[..]].concat();
//! let view = Arc::new(Stack { layers, base: view.base.clone() });
//! let question = assets::Query::Balance(bob, Asset::Coin).encode();
//! let answer = query(&env, &modules, view, assets::ID, &question)?;
//! let fee = done.receipts[0].fee;
//! assert_eq!(Amount::decode_exact(&answer)?, Amount(500 + 50 + fee.0));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # What it guarantees
//! - The same block on the same state gives the same layer, roots and receipts on every node.
//! - An inadmissible transaction ([`Inadmissible`]) is in no valid block, and leaves no trace in a
//!   template. An admissible one pays its fee and spends its nonces, whether its actions succeed or
//!   not; they take effect together or not at all.
//! - What fails is taken back whole: writes, events, next authority, next params. What it cost stays
//!   spent, and a meter once overdrawn fails the transaction even if a module goes on.
//! - A transaction pays its price for its weight, the meter units it used, bytes included. What is
//!   above the base fee is the producer's; of the base fee the chain burns the share that its params
//!   name. What payers lost is what the producer got and what the supply lost.
//! - A module reaches its own keys alone, and acts for one signer or, called by a module, for that
//!   module's own address. Never for more. It calls no module that it does not declare
//!   ([`Module::calls`]).
//! - A view that fails ends the execution with [`ReadFailed`], even if a module swallows it: a
//!   broken disk never condemns a block.
//! - What a template includes, a validator accepts, with the same roots.
//! - A [`StateTree`] has the root that [`state_root`] defines, however it came about and whoever ran
//!   its parts, and wherever its forks lie; each version stays what it was and proves any key's value
//!   or absence. A page of it that is not what was written is a [`ReadFailed`].
//!
//! # What it does not
//! - It trusts its modules: one that is not deterministic splits the chain.
//! - The completeness of a range cannot be proved by the state root.
//! - A scan pays for each pair it finds and each removal of its own block that it passes. Removals of
//!   earlier blocks it passes for nothing: which of them are still in layers differs from node to
//!   node, so no price could depend on it. What bounds them: each was paid for as a
//!   [`cost::WRITE`], and one execution or query passes each once, whatever number of scans crosses
//!   it; fewer than sixteen in a row are passed each time, which [`cost::READ`] covers. So `n`
//!   unflushed blocks add at most `n · body_meter / WRITE` steps to all the scans of a block.
//!
//! # Limits, and the attack each stops
//! - [`KEY_BYTES_MAX`], [`VALUE_BYTES_MAX`], [`EVENT_BYTES_MAX`], [`EVENTS_MAX`],
//!   [`EVENT_KEYS_MAX`], [`EVENT_KEY_BYTES_MAX`]: one action that fills memory, or every node's disk,
//!   for the price of a small one.
//! - [`MEMO_BYTES_MAX`], [`NAME_BYTES_MAX`], [`unique::METADATA_BYTES_MAX`]: files posing as words.
//! - [`PAGE_MAX`]: a long range, such as one account's million holdings, as one answer.
//! - 64 leaves a piece of the tree: keys ground to share a long beginning cost each of their writes
//!   at most 256 nodes more, and nobody else's.
//! - [`DEPTH_MAX`]: calls inside calls that exhaust the stack (attack 7).
//! - [`cost`]: work that nobody pays for (attack 28). [`cost::QUERY_MAX`]: questions that occupy a
//!   node.
//! - A block's writes lie in a hash table until it ends. Where they fall depends on a hash of the
//!   state's root, the block's frame and its transactions: keys chosen to fall together would have to
//!   be chosen after it (attack 28). No order of the table shows.
//! - [`Params`](isonomy_types::Params): the chain's own limits on blocks, transactions, keys, values
//!   and events, each within a hard bound, and the base fee, which makes a rush pay for itself.
//!
//! # Features
//! `std` (default): only for the dependencies' sake. Without it: `no_std` and `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(clippy::arithmetic_side_effects)]
extern crate alloc;

pub mod accounts;
mod admit;
pub mod assets;
mod collections;
mod context;
pub mod cost;
mod draft;
mod event;
mod execute;
mod expect;
mod fault;
mod fee;
mod filter;
mod gaps;
mod layer;
pub mod locks;
mod merge;
mod module;
mod receipt;
mod root;
mod run;
mod session;
mod shared;
mod short;
mod spread;
mod tree;
pub mod unique;
mod view;
mod writes;

pub use accounts::{Account, account};
pub use admit::{Admit, AdmitError, Inadmissible, Standing};
pub use collections::{Indexed, IndexedMap, Item, Map, Range, Set, UniqueMap};
pub use context::{Context, DEPTH_MAX};
pub use event::{Event, Events};
pub use execute::{Birth, Execute, ExecuteError, Executed, Mode, query};
pub use fault::Fault;
pub use isonomy_types::{
    EVENT_BYTES_MAX, EVENT_KEY_BYTES_MAX, EVENT_KEYS_MAX, EVENTS_MAX, KEY_BYTES_MAX,
    VALUE_BYTES_MAX,
};
pub use layer::{Joined, Layer, Stack};
pub use module::{Module, Modules, ModulesError, Purse};
pub use receipt::Receipt;
pub use root::state_root;
pub use session::Env;
pub use shared::{MEMO_BYTES_MAX, Memo, NAME_BYTES_MAX, PAGE_MAX, Page};
pub use spread::Spread;
pub use tree::{CompareError, ProveError, StateTree, TreePart, tree_page_forks};
pub use view::{Empty, Key, Order, Pair, ReadFailed, Span, Steps, Value, View};
pub use writes::{Writes, WritesIter};
