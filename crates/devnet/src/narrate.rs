//! What happens to a network, in sentences for people.
use crate::{Act, Snapshot};
use isonomy_crypto::Hash;
use std::collections::{BTreeMap, BTreeSet};

impl Act {
    /// What is done, and what to watch for after it.
    #[must_use]
    pub fn story(&self) -> String {
        let (done, watch) = match self {
            Self::Kill(_) => (
                "it is ended in the midst of what it does, and its mempool goes with it",
                "the others go on without it",
            ),
            Self::Restart(_) => (
                "it reads back what its disk kept",
                "it returns at the height it had, and catches up with the others",
            ),
            Self::Cut(..) => {
                ("these two hear each other no more", "news reaches both through the others")
            }
            Self::Heal(..) => {
                ("these two may talk again", "nothing much: they agreed all the time")
            }
            Self::Partition(_) => (
                "neither side hears of the other",
                "each side makes blocks of its own, and the tips differ",
            ),
            Self::Reunite => (
                "both sides hear of each other again",
                "the side with less work gives way, and its transfers wait again",
            ),
            Self::Add(_) => (
                "it knows nothing but the chain's genesis",
                "it fetches every block, and checks each itself",
            ),
            Self::Remove(_) => ("it stops in good order", "nobody misses it"),
        };
        format!("{self}: {done}. Watch: {watch}.")
    }
}

/// Tells what came of what was done, from one look at the nodes to the next.
#[derive(Default)]
pub struct Narrator {
    reorgs: BTreeMap<usize, u64>,
    behind: BTreeSet<usize>,
    /// Something was done, and the nodes have not been at one tip since.
    unsettled: bool,
    halves: bool,
}

impl Narrator {
    /// Something is being done.
    pub fn act(&mut self, act: &Act) {
        self.unsettled = true;
        match act {
            Act::Restart(node) | Act::Add(node) => drop(self.behind.insert(*node)),
            Act::Kill(node) | Act::Remove(node) => {
                self.behind.remove(node);
                self.reorgs.remove(node);
            }
            Act::Partition(_) => self.halves = true,
            Act::Reunite => self.halves = false,
            Act::Cut(..) | Act::Heal(..) => {}
        }
    }

    /// What has come of it since the last look.
    pub fn look(&mut self, snapshot: &Snapshot) -> Vec<String> {
        let up = snapshot.nodes.iter();
        let up = up.filter_map(|(number, status)| Some((*number, status.as_ref()?)));
        let top = up.clone().map(|(_, status)| status.height).max().unwrap_or_default();
        let mut told = Vec::new();
        for (number, status) in up.clone() {
            let before = self.reorgs.insert(number, status.reorgs).unwrap_or(status.reorgs);
            if status.reorgs > before {
                let height = status.height;
                told.push(format!(
                    "node {number} left its branch for one with more work, now at height {height}"
                ));
            }
            if status.height.saturating_add(1) >= top && self.behind.remove(&number) {
                told.push(format!("node {number} has caught up, at height {}", status.height));
            }
        }
        let tips: BTreeSet<Hash> = up.clone().map(|(_, status)| status.tip).collect();
        let (nodes, settled) = (up.count(), tips.len() == 1 && !self.halves);
        if self.unsettled && settled && self.behind.is_empty() && nodes > 1 {
            self.unsettled = false;
            told.push(format!("all {nodes} nodes that run are at one tip, height {top}"));
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;
    use isonomy_client::api::Status;

    fn node(height: u64, branch: u8, reorgs: u64) -> Option<Status> {
        let tip = Hash::from_bytes([branch; 32]);
        Some(Status { height, tip, reorgs, ..fake::status() })
    }

    fn seen<const N: usize>(nodes: [Option<Status>; N]) -> Snapshot {
        Snapshot { nodes: (1..).zip(nodes).collect(), sent: 0 }
    }

    #[test]
    fn a_partition_and_its_end_are_told_as_they_go() {
        let mut narrator = Narrator::default();
        let whole = seen([node(5, 1, 0), node(5, 1, 0), node(5, 1, 0)]);
        assert!(narrator.look(&whole).is_empty(), "nothing was done");
        narrator.act(&Act::Partition([1].into()));
        assert!(
            narrator.look(&whole).is_empty(),
            "they are at one tip still, and that says nothing"
        );
        assert!(narrator.look(&seen([node(6, 2, 0), node(7, 3, 0), node(7, 3, 0)])).is_empty());
        narrator.act(&Act::Reunite);
        let told = narrator.look(&seen([node(7, 3, 1), node(7, 3, 0), node(7, 3, 0)]));
        assert_eq!(
            told,
            [
                "node 1 left its branch for one with more work, now at height 7",
                "all 3 nodes that run are at one tip, height 7"
            ]
        );
        assert!(narrator.look(&seen([node(8, 4, 1), node(8, 4, 0), node(8, 4, 0)])).is_empty());
    }

    #[test]
    fn a_node_that_was_killed_is_waited_for_once_it_is_back() {
        let mut narrator = Narrator::default();
        narrator.look(&seen([node(5, 1, 0), node(5, 1, 2)]));
        narrator.act(&Act::Kill(2));
        assert!(
            narrator.look(&seen([node(6, 1, 0), None])).is_empty(),
            "one alone agrees with all"
        );
        narrator.act(&Act::Restart(2));
        assert!(narrator.look(&seen([node(9, 1, 0), node(4, 2, 0)])).is_empty());
        // Its count began anew: that is no reorganisation.
        let told = narrator.look(&seen([node(9, 1, 0), node(9, 1, 0)]));
        assert_eq!(
            told,
            ["node 2 has caught up, at height 9", "all 2 nodes that run are at one tip, height 9"]
        );
    }

    #[test]
    fn every_act_says_what_to_watch_for() {
        let acts = [
            Act::Kill(4),
            Act::Restart(4),
            Act::Cut(1, 2),
            Act::Heal(1, 2),
            Act::Partition([2].into()),
            Act::Reunite,
            Act::Add(5),
            Act::Remove(3),
        ];
        for act in acts {
            let story = act.story();
            assert!(
                story.starts_with(&format!("{act}: ")) && story.contains(". Watch: "),
                "{story}"
            );
        }
    }
}
