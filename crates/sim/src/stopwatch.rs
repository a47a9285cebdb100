use std::time::Instant;

/// Time since a start, and the processor's.
pub(crate) struct Stopwatch {
    began: Instant,
    cpu_ms: Option<u64>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { began: Instant::now(), cpu_ms: cpu_ms() }
    }

    pub(crate) fn seconds(&self) -> u64 {
        self.began.elapsed().as_secs()
    }

    /// So many things a minute.
    pub(crate) fn per_minute(&self, count: u64) -> u128 {
        u128::from(count) * 60_000 / self.began.elapsed().as_millis().max(1)
    }

    /// In words.
    pub(crate) fn read(&self) -> String {
        let passed = seconds(self.began.elapsed().as_millis());
        match self.cpu_ms.zip(cpu_ms()) {
            Some((before, after)) => {
                let used = seconds(after.saturating_sub(before).into());
                format!("{passed} s, of them {used} s on the processor")
            }
            None => format!("{passed} s"),
        }
    }
}

fn seconds(ms: u128) -> String {
    format!("{}.{:02}", ms / 1_000, ms % 1_000 / 10)
}

/// Milliseconds that this thread has been on a processor. Linux tells.
fn cpu_ms() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns: u64 = text.split(' ').next()?.parse().ok()?;
    Some(ns / 1_000_000)
}
