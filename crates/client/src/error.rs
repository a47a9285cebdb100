use crate::ProofError;
use crate::api::code;
use isonomy_crypto::Hash;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClientError {
    /// The text names no place that could be asked. Nothing was sent.
    #[error(
        "{got:?} is not a node's address: {why}; give it as 127.0.0.1:PORT or http://HOST:PORT"
    )]
    Address {
        /// What was given.
        got: String,
        /// What is wrong with it.
        why: String,
    },
    /// Nobody is there, or the connection broke. A transaction handed over may have arrived.
    #[error(
        "no node answers at {address}: {why}; start one, or give the address it prints for RPC"
    )]
    Unreachable {
        /// Where.
        address: String,
        /// What the system says.
        why: String,
    },
    /// No answer in time. A transaction handed over may have arrived.
    #[error("{address} did not answer within {limit_ms} ms; see whether the node is busy or stuck")]
    TimeLimit {
        /// Where.
        address: String,
        /// How long was waited, in milliseconds.
        limit_ms: u64,
    },
    /// The node answers that it will not, or cannot.
    #[error("{message}")]
    Refused {
        /// Why, for programs: see [`code`].
        code: i64,
        /// The same for people.
        message: String,
    },
    /// Something answers, and not as a node does.
    #[error("{address} does not answer as a node does: {why}; see whether it is the RPC address")]
    BadAnswer {
        /// Where.
        address: String,
        /// What is wrong with the answer.
        why: String,
    },
    /// The node closed a connection of subscriptions.
    #[error("{address} closed the connection ({code}): {why}")]
    Closed {
        /// Where.
        address: String,
        /// Why, for programs: a WebSocket's close code, or [`CLOSE_SLOW`](crate::api::CLOSE_SLOW) or
        /// [`CLOSE_MISSED`](crate::api::CLOSE_MISSED).
        code: u16,
        /// The same for people.
        why: String,
    },
    /// It cannot be a token. Nothing was sent.
    #[error(
        "no token in {place}: {why}; give the file rpc.cookie in the directory of a running node"
    )]
    Token {
        /// Where it was looked for.
        place: String,
        /// What is wrong. Never the token.
        why: String,
    },
    /// No node takes so large a transaction. Nothing was sent.
    #[error("the transaction has {got} bytes, limit {limit}")]
    Large {
        /// Its length, in bytes.
        got: usize,
        /// [`TRANSACTION_BYTES_MAX`](isonomy_types::TRANSACTION_BYTES_MAX).
        limit: usize,
    },
    /// So many keys, or so long a one, cannot be proved at once. Nothing was sent.
    #[error("got {got} {what}, limit {limit}")]
    Keys {
        /// What there is too much of: keys, or bytes of a key.
        what: &'static str,
        /// How many.
        got: usize,
        /// [`PROVE_KEYS_MAX`](crate::api::PROVE_KEYS_MAX) or
        /// [`KEY_BYTES_MAX`](isonomy_types::KEY_BYTES_MAX).
        limit: usize,
    },
    /// Between two questions another block took the place of the one that they are about. If it stays
    /// so, the block is off the node's best branch, or the node lies.
    #[error(
        "the chain moved while we asked: try again; at height {height} {address} now has the \
        block {got}, not {want}"
    )]
    Moved {
        /// Where.
        address: String,
        /// The height asked about.
        height: u64,
        /// The block that the node now has there.
        got: Hash,
        /// The block asked about.
        want: Hash,
    },
    /// The node answers, and does not prove its answer.
    #[error("{address} does not prove its answer: {why}; ask again, or another node")]
    Unproved {
        /// Where.
        address: String,
        /// What is wrong with the proof.
        why: ProofError,
    },
}

impl ClientError {
    /// Whether the node works and knows no such thing.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { code: code::NOT_FOUND, .. })
    }
}
