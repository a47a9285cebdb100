use isonomy_types::Mono;

/// A token bucket: `rate` units a second, of which some seconds' worth may be saved up.
pub(crate) struct Bucket {
    /// Thousandths of a unit, so that a millisecond adds exactly `rate`.
    level: u64,
    rate: u64,
    burst: u64,
    at: Mono,
}

impl Bucket {
    /// Starts full.
    pub(crate) const fn new(now: Mono, rate: u64, burst: u64) -> Self {
        Self { level: burst.saturating_mul(1_000), rate, burst, at: now }
    }

    pub(crate) const fn burst(&self) -> u64 {
        self.burst
    }

    /// Takes `units` if they are there.
    pub(crate) fn take(&mut self, now: Mono, units: u64) -> bool {
        let added = now.since(self.at).saturating_mul(self.rate);
        let full = self.burst.saturating_mul(1_000);
        self.level = self.level.saturating_add(added).min(full);
        self.at = self.at.max(now);
        let left = self.level.checked_sub(units.saturating_mul(1_000));
        self.level = left.unwrap_or(self.level);
        left.is_some()
    }

    /// When one unit is there.
    pub(crate) fn next(&self) -> Mono {
        let missing = 1_000_u64.saturating_sub(self.level);
        self.at.plus(missing.div_ceil(self.rate.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_what_was_saved_and_then_its_rate() {
        let mut bucket = Bucket::new(Mono(0), 10, 20);
        assert!(bucket.take(Mono(0), 20));
        assert!(!bucket.take(Mono(0), 1));
        assert_eq!(bucket.next(), Mono(100));
        assert!(!bucket.take(Mono(99), 1));
        assert!(bucket.take(Mono(100), 1));
        assert!(!bucket.take(Mono(100), 1));
        assert!(!bucket.take(Mono(1_000_000), 21), "more than can be saved");
        assert!(bucket.take(Mono(1_000_000), 20));
    }

    #[test]
    fn attack_69_extreme_times_and_amounts_do_not_overflow() {
        let mut bucket = Bucket::new(Mono(u64::MAX), u64::MAX, u64::MAX);
        assert!(!bucket.take(Mono(0), u64::MAX) || bucket.take(Mono(u64::MAX), 0));
        let mut still = Bucket::new(Mono(0), 0, 0);
        assert!(!still.take(Mono(u64::MAX), 1));
        assert_eq!(still.next(), Mono(u64::MAX));
    }
}
