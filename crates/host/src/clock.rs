#![allow(clippy::disallowed_methods)] // The one place where time comes from.
use isonomy_types::{Mono, Now, Wall};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Reads both clocks.
#[derive(Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Now { mono: Mono(millis(self.0.elapsed())), wall: Wall(millis(wall)) }
    }

    /// How long until `deadline`.
    pub(crate) fn until(self, deadline: Mono) -> Duration {
        Duration::from_millis(deadline.since(self.now().mono))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
