use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;
use std::time::Instant;

/// Time, in nanoseconds.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Spent {
    /// On the wall's clock.
    pub(crate) wall: u128,
    /// Of all of the process's threads.
    pub(crate) cpu: i128,
}

impl Spent {
    /// Adds what `work` takes.
    pub(crate) fn of<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let (wall, cpu) = (Instant::now(), cpu());
        let done = work();
        *self += Self { wall: wall.elapsed().as_nanos(), cpu: self::cpu() - cpu };
        done
    }
}

impl AddAssign for Spent {
    fn add_assign(&mut self, other: Self) {
        (self.wall, self.cpu) = (self.wall + other.wall, self.cpu + other.cpu);
    }
}

fn cpu() -> i128 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}
