/// What a run came to: shows that faults really happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Inputs that nodes handled.
    pub inputs: u64,
    /// The most outputs that one input gave.
    pub outputs_max: usize,
    /// Packets sent, copies and repetitions included.
    pub packets: u64,
    /// Packets lost by chance.
    pub lost: u64,
    /// Packets that arrived twice.
    pub doubled: u64,
    /// Packets that were late, so that others overtook them.
    pub late: u64,
    /// Packets sent again.
    pub resent: u64,
    /// Packets that ran into a split network or a host that was down.
    pub swallowed: u64,
    /// Packets that came to somebody who reads nothing.
    pub unread: u64,
    /// Connections that stood.
    pub links: u64,
    /// Calls that nobody answered.
    pub unanswered: u64,
    /// Jobs run.
    pub jobs: u64,
    /// Answers to cancelled jobs that never came …
    pub cancelled: u64,
    /// … and that came all the same.
    pub unwanted: u64,
    /// Writes that became durable.
    pub writes: u64,
    /// Writes and answers that a crash lost.
    pub forgotten: u64,
    /// Writes that a crash found under way …
    pub cut: u64,
    /// … and those of them that reached the medium though nobody was told.
    pub survived: u64,
    /// Crashes.
    pub crashes: u64,
    /// Reorganisations: best moved to a branch that did not contain the former best.
    pub reorganisations: u64,
    /// The most blocks that one reorganisation left.
    pub deepest: u64,
}

impl Stats {
    pub(crate) fn count(counter: &mut u64) {
        *counter = counter.saturating_add(1);
    }
}
