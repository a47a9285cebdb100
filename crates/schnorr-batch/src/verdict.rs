use alloc::vec::Vec;

/// What is wrong with an item.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, thiserror::Error)]
pub enum Flaw {
    /// The key is not the x-coordinate of a point on the curve.
    #[error("the key is not on the curve")]
    Key,
    /// The signature is out of range: `r` or `s` is zero, `r ≥ p` or `s ≥ n`. BIP340's range has
    /// an `s` of zero, but nobody can make a signature with it.
    #[error("the signature is malformed: r or s is zero, r ≥ p or s ≥ n")]
    Malformed,
    /// The signature is not this key's over this message.
    #[error("the signature is wrong")]
    Wrong,
}

/// The items of a batch that are not valid; all others are.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{} of the batch's signatures invalid, the first at {}", flaws.len(), self.first().0)]
pub struct Invalid {
    /// Sorted by index, never empty.
    flaws: Vec<(usize, Flaw)>,
}

impl Invalid {
    /// Sorts what was found; nothing found is valid.
    pub(crate) fn of(mut flaws: Vec<(usize, Flaw)>) -> Result<(), Self> {
        flaws.sort_unstable();
        if flaws.is_empty() { Ok(()) } else { Err(Self { flaws }) }
    }

    /// Every invalid item: its position in the batch, from zero, rising; and what is wrong with it.
    #[must_use]
    pub fn flaws(&self) -> &[(usize, Flaw)] {
        &self.flaws
    }

    /// The positions alone.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        self.flaws.iter().map(|(index, _)| *index)
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> (usize, Flaw) {
        self.flaws.first().copied().unwrap_or((0, Flaw::Wrong))
    }
}
