use chacha20::ChaCha12Rng;
use isonomy_crypto::Domain;
use rand_core::{Rng, SeedableRng};

const DICE: Domain = Domain::new("isonomy sim dice 1");

/// Random choices that follow from a seed, and from nothing else.
///
/// Each part of a simulation has its own, so that one draw more in one part leaves the others as
/// they are.
pub struct Dice(ChaCha12Rng);

impl Dice {
    /// The choices of one `part` of the run with this `seed`.
    #[must_use]
    pub fn new(seed: u64, part: &str) -> Self {
        let mut hasher = DICE.hasher();
        hasher.update(&seed.to_le_bytes()).update(part.as_bytes());
        Self(ChaCha12Rng::from_seed(hasher.finalize().to_bytes()))
    }

    /// A number from `least` to `most`; `least` if `most` is below it.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        let span = most.saturating_sub(least).saturating_add(1);
        least.saturating_add(self.0.next_u64() % span)
    }

    /// True as often as `permille` says.
    pub fn chance(&mut self, permille: u64) -> bool {
        self.0.next_u64() % 1_000 < permille
    }

    /// One of several, if there is any.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let last = from.len().checked_sub(1)?;
        from.get(usize::try_from(self.between(0, last as u64)).ok()?)
    }

    /// Thirty-two bytes.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_part_decide_every_draw() {
        let draw = |seed, part| Dice::new(seed, part).bytes();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut dice = Dice::new(7, "bounds");
        for _ in 0..1_000 {
            assert!((3..=5).contains(&dice.between(3, 5)));
            assert_eq!(dice.between(9, 2), 9);
            assert!(!dice.chance(0));
            assert!(dice.chance(1_000));
        }
        assert!(dice.pick::<u8>(&[]).is_none());
        assert_eq!(dice.pick(&[4]), Some(&4));
        let hits = (0..10_000).filter(|_| dice.chance(250)).count();
        assert!((2_200..2_800).contains(&hits), "{hits} of 10 000 at one in four");
    }

    #[test]
    fn the_widest_range_does_not_overflow() {
        let mut dice = Dice::new(0, "wide");
        dice.between(0, u64::MAX);
        assert_eq!(dice.between(u64::MAX, u64::MAX), u64::MAX);
    }
}
