//! Hash, sign, prove membership.
//!
//! Out of scope: what is hashed or signed and how it is encoded (that is for the types above),
//! keeping the state's tree (the ledger's), encryption and key exchange (the host's), key derivation
//! and storage (the wallet's). Randomness is an input.
//!
//! ```text
//!   bytes ── Domain ──▶ Hash ── list_root ──▶ root        Secret ── sign ──▶ Signature
//!                         │                     ▲            │                   │
//!                         └──── ListProof ──────┘         PublicKey ── Claim ────┘
//!
//!   key, value or none ── StateProof ──▶ state root
//! ```
//!
//! ```
//! use isonomy_crypto::{Claim, Domain, ListProof, Secret, list_root, verify_all};
//!
//! const NAME: Domain = Domain::new("example name 1");
//! const ROLL: Domain = Domain::new("example roll 1");
//!
//! // A list of names, signed by its keeper.
//! let names = [NAME.hash(b"ada"), NAME.hash(b"emmy"), NAME.hash(b"grace")];
//! let root = list_root(&names);
//! let keeper = Secret::from_bytes(&[7; 32])?;
//! let digest = ROLL.join(&[root]);
//! let signature = keeper.sign(&digest, &[0; 32])?;
//!
//! // Whoever knows the keeper's key needs neither the list nor the keeper to find a name in it.
//! let proof = ListProof::new(&names, 1).ok_or("no second name")?;
//! verify_all(&[Claim { key: keeper.public(), digest, signature }])?;
//! proof.verify(&root, &NAME.hash(b"emmy"), 1)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A proof of the state also says what is not there:
//! ```
//! use isonomy_crypto::{
//!     STATE_LEAF, StateLeaf, StateProof, StateTerminal, state_path, state_value,
//! };
//!
//! // The state of one pair. Its ledger proves it, and the absence of another key.
//! let leaf = StateLeaf { path: state_path(b"ada"), value: state_value(b"7 coins") };
//! let root = STATE_LEAF.join(&[leaf.path, leaf.value]);
//! let mut paths = [leaf.path, state_path(b"emmy")];
//! paths.sort();
//! let proof = StateProof::new(&paths, &[StateTerminal { depth: 0, leaf: Some(leaf) }], [])?;
//!
//! // Whoever knows the root needs no state.
//! proof.verify(&root, &[(b"ada", Some(b"7 coins")), (b"emmy", None)])?;
//! assert!(proof.verify(&root, &[(b"ada", Some(b"8 coins")), (b"emmy", None)]).is_err());
//! # Ok::<(), isonomy_crypto::StateProofError>(())
//! ```
//!
//! # What it guarantees
//! - A digest belongs to one [`Domain`]: a leaf cannot pose as a node, nor a vote as a transaction.
//! - [`list_root`] binds every leaf, its position and the number of leaves; a [`ListProof`] verifies
//!   for one position, leaf and root, and no changed byte of it does.
//! - A [`StateProof`] verifies exactly when each key has the value claimed, or none where none is
//!   claimed, in the state of that root. For a state and a set of keys it has one encoding.
//! - Many hashes at once ([`Domain::join_all`], [`Domain::hash_all_padded`], [`state_paths`]) are the same as one by one.
//! - [`Claim::verify`] accepts what BIP340 accepts, and of each signature one encoding only.
//!   [`verify_all`] accepts a list exactly if each is accepted alone, but for a chance below 2⁻¹¹⁰.
//! - Any bytes may be a [`PublicKey`] or a [`Signature`]; checking them ends in an error, not a panic.
//! - A [`Secret`] signs with its own public half, prints nothing of itself and is wiped when dropped.
//!
//! # What it does not
//! - A domain cannot see whether its input is injective. Use each with one shape of input.
//! - A [`ListProof`] says that a leaf is in a list, never that it is not. A [`StateProof`] speaks of
//!   the keys that are named, never of all keys in a range.
//! - Signing takes constant time as far as `k256` does; verifying does not, all it sees is public.
//! - Wiping reaches the secret where it lies, not copies the compiler made on the stack.
//!
//! # Limits, and the attack each stops
//! - A [`ListProof`] decodes with at most 32 siblings, the depth of a tree of `u32::MAX` leaves: a
//!   claimed length cannot ask for memory that the input does not fill.
//! - A [`StateProof`] has at most [`STATE_PROOF_TERMINALS_MAX`] terminals, and 256 siblings for each: it
//!   cannot make its reader hash without end. Reading it goes at most 256 calls deep, the bits of a
//!   path: it cannot exhaust a stack.
//! - A [`Domain`] has 1 to 32 printable characters, so that padding it with zeros keeps two names
//!   apart.
//! - A [`SignatureCache`] has all its room from the start, and new claims push out old ones: strangers
//!   who send many signatures cost it time, not memory.
//! - A [`Secret`] is neither zero nor at least the group's order: its public half is never the point
//!   at infinity, and one key has one encoding.
//!
//! # Features
//! - `std` (default): forwards to the dependencies, and gives `k256` its precomputed tables, which
//!   make signing faster. Without it the crate needs `alloc` alone. No output depends on it.
//! - `rayon`: `verify_bundles_parallel`, which verifies on several threads.
//! - `portable`: hashes tree nodes one by one, through nothing that `blake3` leaves undocumented.
//!   Several times slower where many are hashed. No output depends on it.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod block;
mod cache;
mod domain;
mod hash;
mod hex;
mod key;
mod list;
mod signature;
mod state;
#[cfg(test)]
mod tests;

pub use cache::{HeldClaims, SignatureCache, UnknownClaims};
pub use domain::{Domain, Hasher};
pub use hash::{Hash, ParseHashError};
pub use key::{PublicKey, Secret, SecretError, SignError};
pub use list::{ListProof, ProofError, list_root};
#[cfg(feature = "rayon")]
pub use signature::verify_bundles_parallel;
pub use signature::{
    Claim, ClaimError, InvalidClaim, InvalidClaims, Signature, verify_all, verify_bundles,
};
pub use state::{
    STATE_LEAF, STATE_NODE, STATE_PROOF_TERMINALS_MAX, StateLeaf, StateProof, StateProofError,
    StateTerminal, state_path, state_paths, state_value, state_values,
};
