/// Which items stand or fall together. Bundles are stretches of the list.
#[derive(Clone, Copy)]
pub(crate) enum Bundles<'a> {
    /// None do: every item is to be judged.
    Apart,
    /// Each ends before one of these places, which rise; what is left is one more.
    Ends(&'a [usize]),
}

impl Bundles<'_> {
    /// The number of a place's bundle.
    pub(crate) fn of(self, place: usize) -> usize {
        match self {
            Self::Apart => place,
            Self::Ends(ends) => ends.partition_point(|end| *end <= place),
        }
    }
}
