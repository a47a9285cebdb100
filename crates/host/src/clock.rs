#![allow(clippy::disallowed_methods)] // The one place where time comes from.
use crate::StartError;
use isonomy_chain::{Append, Recovered};
use isonomy_types::{Header, Mono, Now, Wall};
use std::collections::BTreeSet;
use std::fmt;
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

/// Milliseconds that the wall clock may be behind the newest stored block at a start: more than any
/// correction of a clock that is kept right, less than what shuts a node out of its chain for long,
/// since blocks dated later than its clock wait.
pub const CLOCK_BEHIND_MAX_MS: u64 = 600_000;

/// Refuses a wall clock that is behind a stored header by more than [`CLOCK_BEHIND_MAX_MS`]: a block
/// is stored when its time has come, so the clock must have gone back since. A clock ahead of the
/// truth cannot be told, since no peer's clock is ever believed (attack 47).
///
/// # Errors
/// [`StartError::Clock`].
pub fn check_clock(stored: &Header) -> Result<(), StartError> {
    behind(Clock::start().now().wall, stored.height, stored.time)
}

fn behind(wall: Wall, height: u64, time: Wall) -> Result<(), StartError> {
    if wall.0.saturating_add(CLOCK_BEHIND_MAX_MS) >= time.0 {
        return Ok(());
    }
    Err(StartError::Clock { wall: Utc(wall), height, time: Utc(time) })
}

/// The same of all that was recovered: the tip, and the blocks above it that lead on from it.
pub(crate) fn check_recovered(wall: Wall, recovered: &Recovered) -> Result<(), StartError> {
    let tip = &recovered.tip.header;
    let (mut known, mut newest) = (BTreeSet::from([tip.id()]), (tip.time, tip.height));
    for append in &recovered.log {
        if let Append::Block { entry, .. } = append
            && known.contains(&entry.header.parent)
        {
            known.insert(entry.header.id());
            newest = newest.max((entry.header.time, entry.header.height));
        }
    }
    behind(wall, newest.1, newest.0)
}

/// A time for people, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Utc(pub Wall);

impl fmt::Display for Utc {
    /// As RFC 3339 has it, to the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.0 / 1_000;
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

/// The civil date so many days after 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms"). Years begin in March there, so that a leap day comes last.
const fn date(days: u64) -> (u64, u64, u64) {
    // Days of 400 years, and from 0000-03-01 to 1970-01-01.
    let (era_days, shift) = (146_097, 719_468);
    let days = days + shift;
    let (era, day) = (days / era_days, days % era_days);
    let year = (day - day / 1_460 + day / 36_524 - day / (era_days - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, late) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + late, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_a_date() {
        let table = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399_999, "2000-02-28T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_700_000_000_000, "2023-11-14T22:13:20Z"),
            (4_102_444_800_000, "2100-01-01T00:00:00Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ];
        for (ms, text) in table {
            assert_eq!(Utc(Wall(ms)).to_string(), text);
        }
        assert!(Utc(Wall(u64::MAX)).to_string().ends_with('Z'));
    }

    #[test]
    fn attack_47_only_a_clock_far_behind_is_refused() {
        let stored = Wall(1_700_000_000_000);
        for wall in [0, stored.0 - CLOCK_BEHIND_MAX_MS - 1] {
            let error = behind(Wall(wall), 7, stored).unwrap_err().to_string();
            assert!(error.contains("block 7") && error.contains("2023-11-14T22:13:20Z"), "{error}");
            assert!(error.contains(&Utc(Wall(wall)).to_string()), "{error}");
            assert!(error.contains("set the clock"), "{error}");
        }
        for wall in [stored.0 - CLOCK_BEHIND_MAX_MS, stored.0, u64::MAX] {
            assert!(behind(Wall(wall), 7, stored).is_ok());
        }
        assert!(behind(Wall(0), u64::MAX, Wall(u64::MAX)).is_err());
        assert!(behind(Wall(u64::MAX), 0, Wall(u64::MAX)).is_ok());
    }
}
