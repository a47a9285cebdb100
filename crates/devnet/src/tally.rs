use crate::Act;
use serde::Serialize;

/// What was done to a network, and what it did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Tally {
    /// What the schedule follows from.
    pub seed: u64,
    /// Nodes ended by SIGKILL.
    pub kills: u64,
    /// Killed nodes started again.
    pub restarts: u64,
    /// Times that a link was cut.
    pub cuts: u64,
    /// Times that the network was parted in two.
    pub partitions: u64,
    /// Nodes that joined late.
    pub added: u64,
    /// Nodes that left for good.
    pub removed: u64,
    /// Times that a node's best block moved to another branch, of all nodes together. What a node
    /// did between its last look and its end is not counted.
    pub reorgs: u64,
    /// Transfers that were acknowledged by a node alone that was killed or removed later, and went
    /// with its mempool.
    pub dropped: u64,
}

impl Tally {
    pub(crate) fn count(&mut self, act: &Act) {
        let counted = match act {
            Act::Kill(_) => &mut self.kills,
            Act::Restart(_) => &mut self.restarts,
            Act::Cut(..) => &mut self.cuts,
            Act::Partition(_) => &mut self.partitions,
            Act::Add(_) => &mut self.added,
            Act::Remove(_) => &mut self.removed,
            Act::Heal(..) | Act::Reunite => return,
        };
        *counted = counted.saturating_add(1);
    }

    /// What has not happened yet, if anything.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        let kinds = [
            (self.kills, "no node was killed"),
            (self.restarts, "no node was restarted"),
            (self.cuts, "no link was cut"),
            (self.partitions, "there was no partition"),
            (self.added, "no node joined"),
            (self.removed, "no node left"),
        ];
        kinds.into_iter().find(|(count, _)| *count == 0).map(|(_, missing)| missing)
    }
}
