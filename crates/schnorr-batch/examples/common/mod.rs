//! How long work takes.
#![allow(dead_code, unreachable_pub, clippy::float_arithmetic)]
use rustix::time::{ClockId, clock_gettime};

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

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
