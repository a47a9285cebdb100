//! The state tree, as far as whoever holds no state needs it: its hashes and proofs against its root.
mod error;
mod hash;
mod proof;
#[cfg(test)]
mod tests;
mod verify;

pub use error::StateProofError;
pub use hash::{STATE_LEAF, STATE_NODE, state_path, state_paths, state_value, state_values};
pub use proof::{STATE_PROOF_TERMINALS_MAX, StateLeaf, StateProof, StateTerminal};
