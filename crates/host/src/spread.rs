//! The state tree's update, on several cores.
use isonomy_ledger::TreePart;
use std::thread::{self, Builder};

/// The least parts that are worth a thread: some milliseconds of work.
const PARTS_A_THREAD: usize = 8;

/// Runs the parts on `threads` threads, this one among them.
pub(crate) fn spread(threads: usize, parts: &mut [TreePart<'_>]) {
    let share = parts.len().div_ceil(threads.max(1)).max(PARTS_A_THREAD);
    let mut shares = parts.chunks_mut(share);
    let own = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        for share in shares {
            // Where the system refuses a thread, its parts are left to whoever asked.
            let _ = Builder::new().spawn_scoped(scope, || TreePart::run(share));
        }
        TreePart::run(own);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_ledger::{Layer, StateTree};

    #[test]
    fn every_count_of_threads_makes_the_same_tree() {
        let write = |n: u32| (n.to_be_bytes().as_slice().into(), Some([1].as_slice().into()));
        let layer = |numbers: std::ops::Range<u32>| Layer { writes: numbers.map(write).collect() };
        let before = StateTree::default().update(&layer(0..20_000)).unwrap();
        let (next, few) = (layer(10_000..40_000), layer(7..9));
        let root = |layer| before.update(layer).unwrap().root();
        for threads in [0, 1, 2, 3, 64] {
            let mut shares = 0;
            let tree = before.update_in(&next, |parts| {
                shares = parts.len() / PARTS_A_THREAD;
                spread(threads, parts);
            });
            assert_eq!(tree.unwrap().root(), root(&next), "{threads} threads");
            assert!(shares > 1, "there is something to spread");
            let tree = before.update_in(&few, |parts| spread(threads, parts)).unwrap();
            assert_eq!(tree.root(), root(&few), "{threads} threads");
        }
    }
}
