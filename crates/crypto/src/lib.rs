//! Hash, sign, prove membership.
//!
//! Out of scope: what is hashed or signed and how it is encoded (that is for the types above), the
//! state tree (the ledger's), encryption and key exchange (the host's), key derivation and storage
//! (the wallet's). Randomness is an input.
//!
//! ```text
//!   bytes ── Domain ──▶ Hash ── list_root ──▶ root        Secret ── sign ──▶ Signature
//!                         │                     ▲            │                   │
//!                         └──── ListProof ──────┘         PublicKey ── Claim ────┘
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
//! # What it guarantees
//! - A digest belongs to one [`Domain`]: a leaf cannot pose as a node, nor a vote as a transaction.
//! - [`list_root`] binds every leaf, its position and the number of leaves; a [`ListProof`] verifies
//!   for one position, leaf and root, and no changed byte of it does.
//! - [`Claim::verify`] accepts what BIP340 accepts, and of each signature one encoding only.
//! - Any bytes may be a [`PublicKey`] or a [`Signature`]; checking them ends in an error, not a panic.
//! - A [`Secret`] signs with its own public half, prints nothing of itself and is wiped when dropped.
//!
//! # What it does not
//! - A domain cannot see whether its input is injective. Use each with one shape of input.
//! - A proof says that a leaf is in a list, never that it is not.
//! - Signing takes constant time as far as `k256` does; verifying does not, all it sees is public.
//! - Wiping reaches the secret where it lies, not copies the compiler made on the stack.
//!
//! # Limits, and the attack each stops
//! - A proof decodes with at most 32 siblings, the depth of a tree of `u32::MAX` leaves: a claimed
//!   length cannot ask for memory that the input does not fill.
//! - A [`Domain`] has 1 to 32 printable characters, so that padding it with zeros keeps two names
//!   apart.
//! - A [`SignatureCache`] forgets the older half when it is full: strangers who send many signatures
//!   cost it time, not memory.
//! - A [`Secret`] is neither zero nor at least the group's order: its public half is never the point
//!   at infinity, and one key has one encoding.
//!
//! # Features
//! - `std` (default): forwards to the dependencies, and gives `k256` its precomputed tables, which
//!   make signing faster. Without it the crate needs `alloc` alone. No output depends on it.
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

pub use cache::{SignatureCache, UnknownClaims};
pub use domain::{Domain, Hasher};
pub use hash::{Hash, ParseHashError};
pub use key::{PublicKey, Secret, SecretError, SignError};
pub use list::{ListProof, ProofError, list_root};
pub use signature::{Claim, ClaimError, InvalidClaim, Signature, verify_all};
pub use state::{STATE_LEAF, STATE_NODE, state_path, state_paths, state_value, state_values};
