//! Say what a transaction, block, committee and address are, and what their only bytes are.
//!
//! Out of scope: whether a transaction is affordable (`ledger`), whether a header is worth
//! following (`consensus`), and how bytes travel (`peer`).
//!
//! ```text
//!   Header ── body_root ──> Body ──> Transaction ──> Intent   (what is signed, names it)
//!     │                                          └─> Witness  (policy revealed, signatures)
//!     ├─ next_authority ──> Authority (committee, rules version)
//!     └─ next_params ─────> Params    (limits, base fee)
//! ```
//!
//! A transfer, from its maker to a node that checks it:
//!
//! ```
//! use isonomy_crypto::{Hash, Secret};
//! use isonomy_types::*;
//!
//! let genesis = Hash::from_bytes([7; 32]);
//! let secret = Secret::from_bytes(&[1; 32])?;
//! let policy = Policy::Key(secret.public());
//!
//! let intent = Intent {
//!     version: Version,
//!     signers: vec![Signer { account: policy.address(), nonce: Nonce { lane: 0, seq: 0 } }]
//!         .try_into()?,
//!     actions: List::default(),
//!     meter_limit: 1_000,
//!     price: 1,
//!     expires: 100,
//! };
//! let signature = secret.sign(&intent.signing_digest(&genesis), &[0; 32])?;
//! let witness = Witness { policy, signatures: vec![Some(signature)].try_into()? };
//! let bytes = Transaction::new(intent, vec![witness].try_into()?).encode();
//!
//! let received = Transaction::decode_exact(&bytes)?;
//! let checked = received.check(&genesis)?;
//! assert_eq!(checked.bytes(), bytes.len());
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! # Guarantees
//! - One value, one encoding: `decode_exact` fails, or `encode` gives the same bytes back.
//! - A [`Transaction<Checked>`] passed its stateless checks; no other code can make one, except
//!   [`Transaction::trust_own_log`], which says what it is for. Between both stands
//!   [`Transaction<Hashed>`], so that each hash is made once.
//! - No panic and no unbounded memory on any input.
//!
//! Not guaranteed: that a decoded key is on the curve (checking a signature shows it).
//!
//! # Limits
//! Every list, blob and text carries its bound in its type, so that a claimed length costs nothing
//! (CVE-2026-40881). Decoded, a body takes up at most ten times its length. No type contains itself,
//! so nesting cannot exhaust the stack (impossible: attack 07, because no wire type is recursive).
//!
//! # Features
//! `std` (default): only for the dependencies' sake. Without it: `no_std` and `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod address;
mod amount;
mod base_fee;
mod block;
mod bytes;
mod check;
mod committee;
mod hashed;
mod link;
mod params;
mod policy;
mod time;
mod transaction;

pub use address::{Address, ParseAddressError};
pub use amount::{Amount, ParseAmountError};
pub use base_fee::{
    BASE_FEE_FLOOR_MAX, BASE_FEE_MAX, BASE_FEE_SCALE, CHANGE_PER_MILLE_MAX, CHANGE_PER_MILLE_MIN,
    TARGET_PER_MILLE_MAX, TARGET_PER_MILLE_MIN,
};
pub use block::{
    Block, Body, CERTIFICATE_BYTES_MAX, Certificate, Entry, Header, SEAL_BYTES_MAX, Seal,
    TRANSACTIONS_MAX,
};
pub use bytes::{Blob, Decode, DecodeError, Encode, List, Text, TooLong, Version};
pub use check::{CheckAllError, CheckError};
pub use committee::{Authority, Committee, CommitteeError, MEMBERS_MAX, Member};
pub use hashed::{Checked, Hashed};
pub use link::{EngineMessage, Link, NodeKey};
pub use params::{
    BODY_BYTES_MAX, BODY_BYTES_MIN, BODY_METER_MAX, BODY_METER_MIN, EVENT_BYTES_MAX,
    EVENT_BYTES_MIN, EVENT_KEY_BYTES_MAX, EVENT_KEYS_MAX, EVENTS_MAX, EVENTS_MIN, KEY_BYTES_MAX,
    KEY_BYTES_MIN, PAYLOAD_BYTES_MIN, Params, ParamsError, TRANSACTION_BYTES_MIN, VALUE_BYTES_MAX,
    VALUE_BYTES_MIN,
};
pub use policy::{Keys, KeysError, POLICY_KEYS_MAX, Policy};
pub use time::{Mono, Now, Wall};
pub use transaction::{
    ACTIONS_MAX, Action, Intent, ModuleId, Nonce, PAYLOAD_BYTES_MAX, SIGNERS_MAX, Signer,
    TRANSACTION_BYTES_MAX, Transaction, Unchecked, Witness,
};
