use isonomy_crypto::Domain;

const DICE: Domain = Domain::new("isonomy devnet dice 1");
const PART: Domain = Domain::new("isonomy devnet part 1");

/// Random choices that follow from a seed, and from nothing else.
pub(crate) struct Dice {
    seed: u64,
    draws: u64,
}

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, draws: 0 }
    }

    /// The choices of one `part` of a run: a draw more in one leaves the others as they are.
    pub(crate) fn part(seed: u64, part: &str) -> Self {
        let mut hasher = PART.hasher();
        hasher.update(&seed.to_le_bytes()).update(part.as_bytes());
        let drawn = hasher.finalize().to_bytes();
        Self::new(drawn.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)))
    }

    fn draw(&mut self) -> u64 {
        let mut input = [0; 16];
        input[..8].copy_from_slice(&self.seed.to_le_bytes());
        input[8..].copy_from_slice(&self.draws.to_le_bytes());
        self.draws = self.draws.wrapping_add(1);
        let drawn = DICE.hash(&input).to_bytes();
        drawn.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    }

    /// A number from `least` to `most`; `least` if `most` is below it.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        let span = most.saturating_sub(least).saturating_add(1);
        least.saturating_add(self.draw() % span)
    }

    /// So many of several, in a random order; all if there are fewer.
    pub(crate) fn pick<T>(&mut self, mut from: Vec<T>, count: usize) -> Vec<T> {
        let mut picked = Vec::new();
        while picked.len() < count
            && let Some(last) = from.len().checked_sub(1)
        {
            let index = self.between(0, last as u64);
            picked.push(from.swap_remove(usize::try_from(index).unwrap_or(last)));
        }
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_every_draw() {
        let draws = |seed| {
            let mut dice = Dice::new(seed);
            [dice.draw(), dice.draw(), dice.draw()]
        };
        assert_eq!(draws(1), draws(1));
        assert_ne!(draws(1), draws(2));
        let [first, second, third] = draws(1);
        assert!(first != second && second != third && first != third);
        let part = |seed, part| Dice::part(seed, part).draw();
        assert_eq!(part(1, "a"), part(1, "a"));
        assert_ne!(part(1, "a"), part(2, "a"));
        assert_ne!(part(1, "a"), part(1, "b"));
    }

    #[test]
    fn draws_stay_within_their_bounds_and_reach_them() {
        let mut dice = Dice::new(7);
        let drawn: Vec<u64> = (0..1_000).map(|_| dice.between(3, 5)).collect();
        assert_eq!((drawn.iter().min(), drawn.iter().max()), (Some(&3), Some(&5)));
        assert_eq!(dice.between(9, 2), 9);
        dice.between(0, u64::MAX);
    }

    #[test]
    fn what_is_picked_is_picked_once() {
        let mut dice = Dice::new(7);
        for count in 0..6 {
            let mut picked = dice.pick(vec![1, 2, 3, 4], count);
            picked.sort_unstable();
            picked.dedup();
            assert_eq!(picked.len(), count.min(4));
        }
        let orders: std::collections::BTreeSet<_> =
            (0..200).map(|_| dice.pick(vec![1, 2, 3], 3)).collect();
        assert_eq!(orders.len(), 6, "every order comes up");
    }
}
