use alloc::string::String;
use isonomy_crypto::Hash;

/// The rule a peer broke, with what was got and what the limit is.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Violation {
    /// These bytes are no message.
    #[error("malformed: {0}")]
    Malformed(String),
    /// A frame longer than its kind may be. Judged before a byte of it is kept.
    #[error("frame too long: {got} bytes, limit {limit}")]
    FrameTooLong {
        /// The claimed length, in bytes.
        got: usize,
        /// The longest frame of this kind at this time.
        limit: usize,
    },
    /// Kinds unknown here may be skipped now and then, not all the time.
    #[error("unknown kinds: kind {got} after the allowance of {limit} was used up")]
    UnknownKinds {
        /// The kind that was one too many.
        got: u8,
        /// How many are skipped at once.
        limit: u64,
    },
    /// Something before the handshake, or the handshake twice.
    #[error("out of turn: {0}")]
    OutOfTurn(&'static str),
    /// It follows another chain.
    #[error("other chain: genesis {got}, expected {limit}")]
    OtherChain {
        /// Its genesis.
        got: Hash,
        /// Ours.
        limit: Hash,
    },
    /// It speaks another version of this protocol.
    #[error("other version: protocol {got}, expected {limit}")]
    OtherVersion {
        /// Its version.
        got: u16,
        /// Ours.
        limit: u16,
    },
    /// The far end is this node.
    #[error("self connection: the far end is this node")]
    SelfConnection,
    /// There is another link to the same node.
    #[error("duplicate: another link leads to the same node")]
    Duplicate,
    /// An answer to a question that was not asked.
    #[error("unrequested: {0}")]
    Unrequested(&'static str),
    /// More than its share.
    #[error("too much: {got} {what}, limit {limit}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How much.
        got: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// It does not read what is sent to it.
    #[error("slow reader: {got} bytes wait for it, limit {limit}")]
    SlowReader {
        /// How much would wait, in bytes.
        got: usize,
        /// How much may wait, in bytes.
        limit: usize,
    },
    /// It moves bytes more slowly than a link may: it holds memory or a place for too long.
    #[error("slow {what}: {got} bytes a second, at least {limit}")]
    Slow {
        /// In which role: reader or sender.
        what: &'static str,
        /// How fast it was lately, in bytes a second.
        got: u64,
        /// [`Limits::least_bytes_per_s`](crate::Limits::least_bytes_per_s).
        limit: u64,
    },
    /// It holds more than any other while all together hold too much.
    #[error("costly: it holds {got} bytes, and all links together may hold {limit}")]
    Costly {
        /// What it holds, in bytes.
        got: usize,
        /// [`Limits::bytes`](crate::Limits::bytes).
        limit: usize,
    },
    /// It said nothing when it had to.
    #[error("silent: no {what} within {limit} ms")]
    Silent {
        /// What was expected.
        what: &'static str,
        /// How long was waited, in milliseconds.
        limit: u64,
    },
    /// A rule of a higher floor, which judged what was received.
    #[error("content: {0}")]
    Content(String),
}

impl Violation {
    /// Whether only a faulty or hostile peer does this. The rest also befalls honest ones: those
    /// with a slow line, of another chain, or already connected.
    #[must_use]
    pub const fn is_misbehaviour(&self) -> bool {
        match self {
            Self::OtherChain { .. }
            | Self::OtherVersion { .. }
            | Self::SelfConnection
            | Self::Duplicate
            | Self::SlowReader { .. }
            | Self::Slow { .. }
            | Self::Costly { .. }
            | Self::Silent { .. } => false,
            Self::Malformed(_)
            | Self::FrameTooLong { .. }
            | Self::UnknownKinds { .. }
            | Self::OutOfTurn(_)
            | Self::Unrequested(_)
            | Self::TooMuch { .. }
            | Self::Content(_) => true,
        }
    }
}

/// Why a link is closed from this side.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CloseReason {
    /// The peer broke a rule.
    #[error(transparent)]
    Violation(#[from] Violation),
    /// There are as many links as this node keeps.
    #[error("full: {limit} links are open")]
    Full {
        /// [`Limits::links`](crate::Limits::links), or for links that others dialled
        /// [`Limits::inbound`](crate::Limits::inbound).
        limit: usize,
    },
    /// A decision of this node that blames nobody.
    #[error("{0}")]
    Local(String),
}
