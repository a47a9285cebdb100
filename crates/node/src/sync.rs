/// How far a node is, beside what its peers claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sync {
    /// Height of the best block.
    pub height: u64,
    /// The greatest height that a peer claims, or our own. A claim, not a fact.
    pub target: u64,
}

impl Sync {
    /// Blocks still to come, if the claims are true.
    #[must_use]
    pub const fn behind(&self) -> u64 {
        self.target.saturating_sub(self.height)
    }
}
