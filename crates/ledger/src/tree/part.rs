//! An update in parts that do not know each other, for callers that have threads.
use super::draft::{Draft, Old};
use super::fork::{FORK_BITS, Subtree};
use super::write::Write;
use alloc::vec::Vec;

/// Writes of a part at most. What they lead to and what they make, some 5 KB each, fits in a core's
/// cache, and their nodes are enough to be hashed in full batches.
const PART_WRITES_MAX: usize = 256;

/// One of the independent parts of [`StateTree::update_in`](crate::StateTree::update_in).
pub struct TreePart<'a> {
    old: Old<'a>,
    writes: &'a [Write],
    depth: usize,
    /// `Some(None)` where nothing has changed.
    done: Option<Option<Subtree>>,
}

impl TreePart<'_> {
    /// Does the work of some parts. They may run in any order, on any thread; a second run does
    /// nothing. A thread best runs all of its parts at once: they share memory to work in.
    pub fn run(parts: &mut [Self]) {
        let mut draft = Draft::default();
        for part in parts {
            part.run_in(&mut draft);
        }
    }

    /// In memory that serves one part after the other: the allocator would hand out and take back
    /// large pieces between the small ones that stay.
    fn run_in(&mut self, draft: &mut Draft) -> &mut Option<Subtree> {
        self.done.get_or_insert_with(|| {
            self.old.fetch(self.writes, self.depth);
            draft.run(self.old, self.writes, self.depth)
        })
    }
}

/// `old` after `writes`, or nothing where it stays what it was. Parts that `run` leaves are run after it.
pub(super) fn update(
    old: Old<'_>,
    writes: &[Write],
    run: impl FnOnce(&mut [TreePart<'_>]),
) -> Option<Subtree> {
    let mut parts = Vec::new();
    divide(old, writes, 0, &mut parts);
    run(&mut parts);
    let mut draft = Draft::default();
    let done = parts.iter_mut().map(|part| part.run_in(&mut draft).take());
    Draft::above(PART_WRITES_MAX, done.collect()).run(old, writes, 0)
}

/// Walks as [`Draft`] does, down to where the writes are few enough for a part.
fn divide<'a>(old: Old<'a>, writes: &'a [Write], depth: usize, parts: &mut Vec<TreePart<'a>>) {
    if writes.len() <= PART_WRITES_MAX {
        parts.push(TreePart { old, writes, depth, done: None });
    } else if !old.stays(writes) {
        let below = depth.saturating_add(FORK_BITS);
        old.split(writes, depth).for_each(|(_, old, writes)| divide(old, writes, below, parts));
    }
}
