use chacha20::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// Choice and jitter, the same for the same seed.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(ChaCha8Rng::from_seed(seed))
    }

    pub(crate) fn nonce(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// One of those `items` whose rank is least; `None` if there are none.
    pub(crate) fn pick<R: Ord, T: Copy>(&mut self, items: &[(R, T)]) -> Option<T> {
        let least = items.iter().map(|(rank, _)| rank).min()?;
        let count = items.iter().filter(|(rank, _)| rank == least).count() as u64;
        let index = usize::try_from(self.0.next_u64().checked_rem(count)?).ok()?;
        items.iter().filter(|(rank, _)| rank == least).nth(index).map(|(_, item)| *item)
    }

    /// Half to one and a half times `ms`, so that peers do not march in step.
    pub(crate) fn jitter(&mut self, ms: u64) -> u64 {
        let spread = self.0.next_u64().checked_rem(ms.max(1)).unwrap_or(0);
        (ms / 2).saturating_add(spread)
    }
}
