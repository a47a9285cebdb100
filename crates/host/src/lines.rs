//! What is logged about peers, bounded (attack 78).
#![allow(clippy::disallowed_methods)] // Lines are counted by the second.
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Lines a second about all peers and strangers together. Stops one who connects, breaks rules and
/// connects again from filling the disk with what is said of it (CVE-2025-54604); names are free, so
/// a bound for each would be none.
pub const PEER_LINES_MAX: u32 = 50;

/// Bytes of one such line: what a peer said may be quoted in it.
pub const PEER_LINE_BYTES_MAX: usize = 512;

/// Counts lines about peers.
pub(crate) struct Lines {
    start: Instant,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    second: u64,
    said: u32,
    left_out: u64,
}

impl Lines {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), counted: Mutex::default() }
    }

    /// Logs the line, unless there were too many in this second.
    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let second = self.start.elapsed().as_secs();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left_out) = counted.room(second) else { return };
        drop(counted);
        if left_out > 0 {
            tracing::debug!(left_out, "lines about peers were left out");
        }
        tracing::debug!("{}", cut(line()));
    }
}

impl Counted {
    /// How many lines were left out since the last one that was not; nothing if this one must be.
    fn room(&mut self, second: u64) -> Option<u64> {
        if second != self.second {
            (self.second, self.said) = (second, 0);
        }
        if self.said >= PEER_LINES_MAX {
            self.left_out = self.left_out.saturating_add(1);
            return None;
        }
        self.said = self.said.saturating_add(1);
        Some(std::mem::take(&mut self.left_out))
    }
}

fn cut(mut line: String) -> String {
    line.truncate(line.floor_char_boundary(PEER_LINE_BYTES_MAX));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_78_lines_a_second_are_counted() {
        let mut counted = Counted::default();
        for second in [0, 1, 5, u64::MAX] {
            let said = (0..10_000).filter_map(|_| counted.room(second)).collect::<Vec<_>>();
            assert_eq!(said.len(), PEER_LINES_MAX as usize);
            let left_out = if second == 0 { 0 } else { 10_000 - u64::from(PEER_LINES_MAX) };
            assert_eq!(said[0], left_out, "second {second}");
            assert!(said[1..].iter().all(|left_out| *left_out == 0));
        }
    }

    #[test]
    fn attack_78_a_line_is_cut() {
        assert_eq!(cut("short".into()), "short");
        let long = cut("é".repeat(PEER_LINE_BYTES_MAX));
        assert!(long.len() <= PEER_LINE_BYTES_MAX && long.ends_with('é'));
    }
}
