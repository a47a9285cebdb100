use isonomy_crypto::{Hash, StateProofError};
use isonomy_types::DecodeError;

/// Why something is not proved.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofError {
    /// The text is no proof's.
    #[error("this is not a proof: {why}; have it made anew")]
    Text {
        /// Where it stops being one.
        why: String,
    },
    /// The text was written by newer software.
    #[error("the proof has version {got}, this software reads version {limit}; update it")]
    Version {
        /// The text's version.
        got: u64,
        /// The version read here.
        limit: u64,
    },
    /// It is about another block.
    #[error("the proof is about the block {got}, not {want}")]
    Block {
        /// The block that it is about.
        got: Hash,
        /// The block that is known.
        want: Hash,
    },
    /// It is about a block of another height.
    #[error("the proof is about height {got}, not {want}")]
    Height {
        /// The height that it is about.
        got: u64,
        /// The height that was asked about.
        want: u64,
    },
    /// It is about another state.
    #[error("the proof is about the state root {got}, not {want}")]
    StateRoot {
        /// The root that it is about.
        got: Hash,
        /// The root that is known.
        want: Hash,
    },
    /// There is not one value for each key.
    #[error("got {got} values, want {want}")]
    Values {
        /// Values in the answer.
        got: usize,
        /// Keys asked about.
        want: usize,
    },
    /// Proof or value has other bytes than there can be.
    #[error("a part of the proof {0}")]
    Bytes(DecodeError),
    /// It does not prove what it says.
    #[error("the proof is wrong: {0}")]
    Wrong(StateProofError),
    /// It says nothing of a key.
    #[error("the proof says nothing of the key {key}")]
    Unasked {
        /// The key, in hex.
        key: String,
    },
}
