//! Two costs beside each other, on a machine that others use too.
#![allow(clippy::float_arithmetic, clippy::disallowed_methods)]
use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// Rounds of a comparison: odd, so that a median is one of them.
const ROUNDS: usize = 31;
/// How long one side of a round takes at least, in nanoseconds: many ticks of any clock.
const SIDE_NS: f64 = 4e6;

/// The medians of both sides, a call in nanoseconds, and the median of the rounds' ratios.
pub struct Paired {
    /// A call of ours, in nanoseconds.
    pub ours_ns: f64,
    /// A call of the peer's, in nanoseconds.
    pub beside_ns: f64,
    /// Ours divided by the peer's.
    pub ratio: f64,
}

/// Runs both in turns, A B A B, and compares each turn with its neighbour: what slows the machine
/// down slows both. Counts this thread's CPU time.
#[must_use]
pub fn paired(mut ours: impl FnMut(), mut beside: impl FnMut()) -> Paired {
    let (our_calls, their_calls) = (calls(&mut ours), calls(&mut beside));
    let rounds = (0..ROUNDS).map(|_| {
        let one = cpu_ns(|| (0..our_calls).for_each(|_| ours())) / our_calls as f64;
        let other = cpu_ns(|| (0..their_calls).for_each(|_| beside())) / their_calls as f64;
        (one, other)
    });
    of(rounds.collect())
}

/// The same from measured pairs: ours, then the peer's.
#[must_use]
pub fn of(rounds: Vec<(f64, f64)>) -> Paired {
    let ratios = rounds.iter().map(|(ours, beside)| ours / beside);
    let ratio = median(ratios.collect());
    let ours_ns = median(rounds.iter().map(|(ours, _)| *ours).collect());
    let beside_ns = median(rounds.iter().map(|(_, beside)| *beside).collect());
    Paired { ours_ns, beside_ns, ratio }
}

/// How often to call so that it takes long enough. Warms up on the way.
fn calls(call: &mut impl FnMut()) -> u64 {
    let mut count = 1;
    while cpu_ns(|| (0..count).for_each(|_| call())) < SIDE_NS {
        count *= 2;
    }
    count
}

/// What this thread spends on it, in nanoseconds.
pub fn cpu_ns(work: impl FnOnce()) -> f64 {
    let now = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
    };
    let before = now();
    work();
    now() - before
}

/// How long it takes on the wall's clock, in nanoseconds: for work on several threads.
pub fn wall_ns(work: impl FnOnce()) -> f64 {
    let before = Instant::now();
    work();
    before.elapsed().as_nanos() as f64
}

/// The middle one; of an even number the upper.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_of_neighbours_and_not_of_medians() {
        let Paired { ours_ns, beside_ns, ratio } = of(vec![(2.0, 1.0), (20.0, 10.0), (9.0, 100.0)]);
        assert_eq!((ours_ns, beside_ns, ratio), (9.0, 10.0, 2.0));
    }

    #[test]
    fn work_takes_time_and_sleep_takes_none_of_this_thread() {
        let sleep = || std::thread::sleep(std::time::Duration::from_millis(20));
        assert!(cpu_ns(sleep) < 1e7);
        assert!(wall_ns(sleep) > 1.5e7);
    }
}
