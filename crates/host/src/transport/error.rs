//! Why a connection was not made or did not last.

use std::io;

/// Why a connection was not made or did not last. Every one of them ends it.
///
/// [`Io`](Self::Io), [`CutOff`](Self::CutOff) and [`HandshakeTimeout`](Self::HandshakeTimeout) are
/// no proof of a fault of the peer: networks break. Nor are failed bytes proof against a *known*
/// peer, since anyone on the path can alter them.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The socket failed.
    #[error("the socket failed: {0}")]
    Io(#[from] io::Error),

    /// The peer's bytes ended, and the peer had not closed its direction.
    #[error("the connection was cut off")]
    CutOff,

    /// The handshake did not end in time.
    #[error("the handshake took longer than {limit_ms} ms")]
    HandshakeTimeout {
        /// The time allowed, in milliseconds.
        limit_ms: u64,
    },

    /// A handshake message claims a length other than the one its pattern gives it.
    #[error("handshake message {message} has {got} bytes instead of {wanted}")]
    HandshakeLength {
        /// The message, counted from 0 over both sides.
        message: usize,
        /// The length claimed, in bytes.
        got: usize,
        /// The only length accepted, in bytes.
        wanted: usize,
    },

    /// A handshake message does not authenticate.
    #[error("handshake message {message} does not authenticate")]
    HandshakeForged {
        /// The message, counted from 0 over both sides.
        message: usize,
    },

    /// The peer proved another key than the one expected of it.
    #[error("the peer's key is {}, not {}", hex(got), hex(wanted))]
    WrongKey {
        /// The key proven.
        got: [u8; 32],
        /// The key expected.
        wanted: [u8; 32],
    },

    /// The peer's key is a point of small order. Anyone can speak for it, without a secret.
    #[error("the peer's key {} is a point of small order", hex(got))]
    WeakKey {
        /// The key shown.
        got: [u8; 32],
    },

    /// A record is too short to be authentic.
    #[error("a record has {got} bytes, less than its tag of {min}")]
    RecordShort {
        /// The length claimed, in bytes.
        got: usize,
        /// The least length, in bytes.
        min: usize,
    },

    /// A record does not authenticate: altered, replayed, out of place or not from the peer.
    #[error("record {record} does not authenticate")]
    RecordForged {
        /// The record, counted from 0 in its direction.
        record: u64,
    },

    /// This direction has carried all the records that one key may protect.
    #[error("the connection has carried its {limit} records")]
    Exhausted {
        /// The records allowed.
        limit: u64,
    },

    /// The connection failed before, or an earlier write was abandoned midway.
    #[error("the connection has failed before")]
    Failed,

    /// The Noise library failed on this side: it found no randomness, or was built incomplete.
    #[error("the Noise library failed: {0}")]
    Noise(#[from] snow::Error),
}

/// A key as people compare it.
pub(super) fn hex(key: &[u8; 32]) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
