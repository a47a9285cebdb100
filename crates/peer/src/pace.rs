/// Patience with a link that has not yet answered anything, in milliseconds.
pub const PATIENCE_MS: u64 = 2_000;
/// The least patience, in milliseconds: a link that was quick for a while may once be busy.
pub const PATIENCE_MS_MIN: u64 = 500;
/// What an answer is taken to cost before one was measured, in milliseconds.
const UNKNOWN_MS: u64 = 250;
/// How often patience doubles at most. A bound in milliseconds is what counts.
const DOUBLINGS_MAX: u32 = 8;
/// Larger answers than usual lengthen patience by this factor at most.
const SCALE_MAX: u64 = 16;
/// Averages are kept in sixty-fourths, so that small differences are not cut off.
const UNIT: u64 = 64;

/// How soon a link answers, by what it did so far: the smoothed mean and deviation of RFC 6298. As
/// with Bitcoin Core's timeout for stalled blocks, patience doubles after a miss and comes down
/// again with answers, so that a slow line is not asked twice for everything.
pub(crate) struct Pace {
    most_ms: u64,
    /// Nothing until an answer was measured.
    known: Option<Averages>,
    doublings: u32,
    /// Patience ended, and no answer came since.
    late: bool,
}

/// All in sixty-fourths.
struct Averages {
    ms: u64,
    deviation_ms: u64,
    bytes: u64,
}

impl Pace {
    /// Patience never passes `most_ms`, however slow the link: it chooses how soon it answers.
    pub(crate) const fn new(most_ms: u64) -> Self {
        Self { most_ms, known: None, doublings: 0, late: false }
    }

    /// An answer of so many bytes came after so long.
    pub(crate) fn answered(&mut self, ms: u64, bytes: usize) {
        let ms = ms.min(self.most_ms).saturating_mul(UNIT);
        let bytes = (bytes as u64).saturating_mul(UNIT);
        (self.late, self.doublings) = (false, self.doublings.saturating_sub(1));
        let known = self.known.get_or_insert(Averages { ms, deviation_ms: ms, bytes });
        known.deviation_ms = near(known.deviation_ms, known.ms.abs_diff(ms), 4);
        known.ms = near(known.ms, ms, 8);
        known.bytes = near(known.bytes, bytes, 8);
    }

    /// Patience ended. Said again before an answer came, it changes nothing.
    pub(crate) fn missed(&mut self) {
        if !self.late {
            self.late = true;
            self.doublings = self.doublings.saturating_add(1).min(DOUBLINGS_MAX);
        }
    }

    /// Whether patience ended and no answer came since.
    pub(crate) const fn is_late(&self) -> bool {
        self.late
    }

    /// How long the next answer may take, in milliseconds, if it is of about so many bytes.
    pub(crate) fn patience_ms(&self, bytes: u64) -> u64 {
        let usual = self.known.as_ref().map_or(PATIENCE_MS, |known| {
            let ms = known.ms.saturating_add(known.deviation_ms.saturating_mul(4)) / UNIT;
            let scale = bytes.saturating_mul(UNIT) / known.bytes.max(UNIT);
            ms.saturating_mul(scale.clamp(1, SCALE_MAX))
        });
        let doubled = usual.max(PATIENCE_MS_MIN).saturating_mul(1 << self.doublings);
        doubled.min(self.most_ms)
    }

    /// What one answer costs, in milliseconds: at least 1.
    pub(crate) fn answer_ms(&self) -> u64 {
        self.known.as_ref().map_or(UNKNOWN_MS, |known| known.ms / UNIT).max(1)
    }
}

/// Moves an average by one part in `parts` of the difference.
pub(crate) fn near(average: u64, new: u64, parts: u64) -> u64 {
    let step = average.abs_diff(new) / parts.max(1);
    if new > average { average.saturating_add(step) } else { average.saturating_sub(step) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn patience_follows_what_was_measured() {
        // (what, answers in ms, patience from, to)
        let table: [(&str, &[u64], u64, u64); 5] = [
            ("nothing is known", &[], PATIENCE_MS, PATIENCE_MS),
            ("a quick link", &[20; 30], PATIENCE_MS_MIN, PATIENCE_MS_MIN),
            ("a steady slow one", &[1_500; 40], 1_500, 1_700),
            ("one that varies", &[100, 1_900, 100, 1_900, 100, 1_900], 2_500, 6_000),
            ("an absurd one", &[u64::MAX; 30], 10_000, 10_000),
        ];
        for (what, answers, least, most) in table {
            let mut pace = Pace::new(10_000);
            answers.iter().for_each(|ms| pace.answered(*ms, 1_000));
            let got = pace.patience_ms(1_000);
            assert!((least..=most).contains(&got), "{what}: {got}");
        }
    }

    #[test]
    fn patience_doubles_after_a_miss_and_comes_back_with_answers() {
        let mut pace = Pace::new(20_000);
        let mut seen = Vec::new();
        for _ in 0..5 {
            pace.missed();
            pace.missed();
            assert!(pace.is_late());
            seen.push(pace.patience_ms(0));
            pace.late = false;
        }
        assert_eq!(seen, [4_000, 8_000, 16_000, 20_000, 20_000]);
        (0..40).for_each(|_| pace.answered(10, 10));
        assert!(!pace.is_late());
        assert_eq!(pace.patience_ms(10), PATIENCE_MS_MIN);
    }

    #[test]
    fn larger_answers_may_take_longer() {
        let mut pace = Pace::new(60_000);
        (0..40).for_each(|_| pace.answered(1_000, 10_000));
        let usual = pace.patience_ms(10_000);
        assert!(pace.patience_ms(40_000) >= 3 * usual);
        assert_eq!(pace.patience_ms(1), usual, "a small one is not hurried");
        assert_eq!(pace.patience_ms(u64::MAX), pace.patience_ms(10_000_000), "bounded");
    }

    #[test]
    fn attack_69_extreme_measurements_do_not_overflow() {
        let mut pace = Pace::new(u64::MAX);
        for ms in [u64::MAX, 0, u64::MAX, 1] {
            pace.answered(ms, usize::MAX);
            pace.missed();
        }
        assert!(pace.patience_ms(u64::MAX) >= PATIENCE_MS_MIN && pace.answer_ms() >= 1);
    }
}
