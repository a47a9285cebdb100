use crate::Violation;
use alloc::collections::VecDeque;
use isonomy_types::Mono;

/// How long a link may leave a question open without answering any, in milliseconds. Long enough
/// for the largest body on a slow line; a link that only stalls is closed (CVE-2024-52913).
pub const ANSWER_MS: u64 = 60_000;

/// Questions of one kind that one link has not yet answered. They stay here until they are, even
/// if another link was asked meanwhile: a late answer is no offence, and its place is not free.
pub(crate) struct Asked<T> {
    asks: VecDeque<T>,
    /// When the oldest was asked or the answer before it came.
    progress: Mono,
}

impl<T> Asked<T> {
    pub(crate) const fn new() -> Self {
        Self { asks: VecDeque::new(), progress: Mono(0) }
    }

    pub(crate) fn push(&mut self, now: Mono, ask: T) {
        if self.asks.is_empty() {
            self.progress = now;
        }
        self.asks.push_back(ask);
    }

    /// Takes out the oldest that `fits`: it is answered. Also says how long that took since it was
    /// asked or its turn came. Who answers out of turn makes no progress: what it owes stays late.
    pub(crate) fn take(&mut self, now: Mono, fits: impl Fn(&T) -> bool) -> Option<(T, u64)> {
        let index = self.asks.iter().position(fits)?;
        let took = now.since(self.progress);
        if index == 0 {
            self.progress = now;
        }
        Some((self.asks.remove(index)?, took))
    }

    /// When the oldest was asked or the answer before it came.
    pub(crate) const fn progress(&self) -> Mono {
        self.progress
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.asks.iter()
    }

    pub(crate) fn len(&self) -> usize {
        self.asks.len()
    }

    /// When patience with the link ends.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        (!self.asks.is_empty()).then(|| self.progress.plus(ANSWER_MS))
    }

    /// Whether something is open and nothing was answered for `ms`.
    pub(crate) fn stalls(&self, now: Mono, ms: u64) -> bool {
        !self.asks.is_empty() && now.since(self.progress) >= ms
    }

    pub(crate) fn overdue(&self, now: Mono) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now)
    }
}

/// What an overdue link is closed for.
pub(crate) const fn unanswered(what: &'static str) -> Violation {
    Violation::Silent { what, limit: ANSWER_MS }
}
