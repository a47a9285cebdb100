use super::{Target, work::Puzzle};
use isonomy_crypto::Hash;

/// A slice of the search for a nonce: the work of a job. Small, so that a job nobody wants any more
/// ends by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mine {
    /// What the hash must meet.
    pub target: Target,
    /// What is worked on: the header without its seal.
    pub seal_hash: Hash,
    /// The extra nonce of every try.
    pub extra: u64,
    /// The first nonce.
    pub from: u64,
    /// How many nonces to try. The search ends with the last nonce there is.
    pub tries: u64,
}

impl Mine {
    /// The lowest nonce of the slice that meets the target. One hash of 48 bytes a try.
    #[must_use]
    pub fn run(&self) -> Option<u64> {
        let mut puzzle = Puzzle::new(&self.seal_hash, self.extra);
        let mut nonces = (0..self.tries).map_while(|step| self.from.checked_add(step));
        nonces.find(|nonce| self.target.met_by(puzzle.hash(*nonce).as_bytes()))
    }

    /// The slice after this one. When every nonce is used up, it goes on with the next extra nonce.
    #[must_use]
    pub fn next(&self) -> Self {
        let (extra, from) = match self.from.checked_add(self.tries) {
            Some(from) => (self.extra, from),
            None => (self.extra.wrapping_add(1), 0),
        };
        Self { extra, from, ..self.clone() }
    }

    /// Tries to success on average, for a simulator that draws the time of a search.
    #[must_use]
    pub fn expected(&self) -> u128 {
        self.target.work()
    }
}
