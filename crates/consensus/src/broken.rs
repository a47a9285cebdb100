use isonomy_crypto::Hash;
use isonomy_types::Wall;

/// The rule that a header, or what travels beside it, breaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    /// It names another parent.
    #[error("the header is not a child of the block before it")]
    Parent,
    /// It is not one above its parent.
    #[error("height {got}, must be {limit}")]
    Height {
        /// What the header says.
        got: u64,
        /// One above the parent. A parent at the last height has no child.
        limit: u64,
    },
    /// It is not later than its parent.
    #[error("time {} ms, must be after {} ms", got.0, limit.0)]
    Time {
        /// What the header says.
        got: Wall,
        /// The parent's.
        limit: Wall,
    },
    /// This authority is not the one committed.
    #[error("authority {got}, the header before commits {limit}")]
    Authority {
        /// Hash of the authority at hand.
        got: Hash,
        /// The hash committed.
        limit: Hash,
    },
    /// The header before changed the authority, and nobody showed the new one.
    #[error("the authority {limit} was not sent along")]
    AuthorityMissing {
        /// The hash committed.
        limit: Hash,
    },
    /// The trail of the parent was not made by these rules. A fault of the caller, not of the
    /// header.
    #[error("the parent's trail has {got} bytes of memory that these rules did not write")]
    Memory {
        /// Their number.
        got: usize,
    },
    /// The seal is not good enough.
    #[error("seal: {0}")]
    Seal(SealError),
    /// The certificate proves nothing. The text says what is wrong with it.
    #[error("certificate: {0}")]
    Certificate(&'static str),
}

/// What is wrong with a seal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SealError {
    /// These rules write seals of another length.
    #[error("{got} bytes, must be {limit}")]
    Length {
        /// Its length in bytes.
        got: usize,
        /// The only valid length.
        limit: usize,
    },
    /// Not enough work: as big-endian numbers, the hash exceeds the target.
    #[error("work hash {got} is above the target {limit}")]
    Work {
        /// The hash of the work.
        got: Hash,
        /// The target.
        limit: Hash,
    },
    /// A rule that other rules than ours make. The text says which.
    #[error("{0}")]
    Other(&'static str),
}
