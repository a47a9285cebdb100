use crate::Hash;

/// Why a [`StateProof`](crate::StateProof) is none, or does not prove what is claimed. Where a claim
/// is named, its `index` is its place among the claims given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StateProofError {
    /// It has too many terminals.
    #[error("got {got} terminals, limit {limit}")]
    Terminals {
        /// Terminals in it.
        got: usize,
        /// The limit, [`STATE_PROOF_TERMINALS_MAX`](crate::STATE_PROOF_TERMINALS_MAX).
        limit: usize,
    },
    /// A terminal is deeper than a path is long.
    #[error("got a terminal at depth {got}, limit {limit}")]
    Depth {
        /// The terminal's depth.
        got: u16,
        /// Bits of a path.
        limit: u16,
    },
    /// It has more siblings than any tree has beside so many terminals.
    #[error("got {got} siblings, limit {limit}")]
    Siblings {
        /// Siblings in it, at least.
        got: usize,
        /// 256 a terminal.
        limit: usize,
    },
    /// An empty sibling is spelt out, which has a mark alone.
    #[error("sibling {index} is zero, which is a mark's to say")]
    ZeroSibling {
        /// Its place among the siblings spelt out.
        index: usize,
    },
    /// The marks speak of another number of siblings.
    #[error("got {got} siblings, the marks say {want}")]
    Marks {
        /// Siblings spelt out.
        got: usize,
        /// Marks that are set.
        want: usize,
    },
    /// It ends before every claim has its terminal and every node its halves.
    #[error("the proof ends too early for these claims")]
    Short,
    /// The claims make no use of all its terminals, marks and siblings.
    #[error("the proof holds more than these claims need")]
    Unused,
    /// A terminal lies above the fork where its claims part from those before.
    #[error("got a terminal at depth {got}, but its claims part at {want}")]
    Above {
        /// The terminal's depth.
        got: u16,
        /// The depth that it has at least.
        want: u16,
    },
    /// A key is claimed to have a value, and the proof finds it absent.
    #[error("claim {index} has a value, but its key is absent")]
    Absent {
        /// The claim.
        index: usize,
    },
    /// A key is claimed to be absent, and the proof finds it present.
    #[error("claim {index} has no value, but its key is present")]
    Present {
        /// The claim.
        index: usize,
    },
    /// Two claims want one leaf: two keys, or one with two values.
    #[error("claim {index} wants the leaf of another claim")]
    Contradiction {
        /// One of the two.
        index: usize,
    },
    /// The leaf that is to show a key's absence has its place elsewhere.
    #[error("the leaf for claim {index} parts from its key before depth {depth}")]
    Elsewhere {
        /// The first claim at the terminal.
        index: usize,
        /// The terminal's depth.
        depth: u16,
    },
    /// Claims and proof make another root.
    #[error("the proof's root is {got}, want {want}")]
    Root {
        /// The root they make.
        got: Hash,
        /// The root asked about.
        want: Hash,
    },
}
