//! Which branch to run, which block is best, and what will not change.
use crate::{Output, Trail, Tree, TreeError};
use alloc::{
    collections::{BTreeSet, VecDeque},
    format,
    vec::Vec,
};
use isonomy_crypto::Hash;

/// The deepest base, in blocks below best. What is above the base is held in memory, and the header
/// tree must have room for it several times over.
pub const BASE_DEPTH_MAX: u64 = 16_384;

/// Branches wanted at once. More than one, so that a miner who withholds the body of the heaviest
/// does not hide the next (attack 63); few, since most of the work on them is for nothing.
pub const WANT_MAX: usize = 4;

/// The header tree over the base, and what of it is executed.
pub(super) struct Branches {
    base_depth: u64,
    tree: Tree,
    /// The root, and those above it.
    executed: BTreeSet<Hash>,
    best: Trail,
    wanted: Vec<Hash>,
    /// The end of the heaviest branch that was in the log, and so was best before a restart.
    restored: Hash,
    halted: bool,
}

impl Branches {
    pub(super) fn new(base_depth: u64, tip: Trail, above: Vec<Trail>) -> Self {
        let mut tree = Tree::new(tip.clone());
        for trail in above {
            // One that does not connect is of no use, and will be sent again if it is.
            let _ = tree.insert(trail);
        }
        let restored = tree.leaves().next().map_or(tip.id, |leaf| leaf.id);
        Self {
            base_depth: base_depth.min(BASE_DEPTH_MAX),
            restored,
            tree,
            executed: BTreeSet::from([tip.id]),
            best: tip,
            wanted: Vec::new(),
            halted: false,
        }
    }

    pub(super) const fn best(&self) -> &Trail {
        &self.best
    }

    pub(super) const fn halted(&self) -> bool {
        self.halted
    }

    /// Blocks to execute before best can be the end of the heaviest branch. Without bound until what
    /// was in the log is executed again: a rival of one's own block that was shown would unsay it.
    pub(super) fn behind(&self) -> u64 {
        let restored =
            self.tree.get(&self.restored).filter(|_| !self.tree.is_condemned(&self.restored));
        if restored.is_some_and(|restored| restored.outweighs(&self.best)) {
            return u64::MAX;
        }
        let height = |id| self.tree.get(id).map_or(0, |trail| trail.height);
        self.wanted.first().map_or(0, height).saturating_sub(self.best.height)
    }

    /// A header whose parent is not held forks below the base, since parents come first.
    pub(super) fn header(&mut self, trail: Trail, out: &mut VecDeque<Output>) {
        match self.tree.insert(trail.clone()) {
            Err(TreeError::Orphan { .. }) if trail.weight > self.heaviest().weight => {
                self.halt(&trail, out);
            }
            Ok(()) => self.settle(out),
            Err(_) => {}
        }
    }

    pub(super) fn executed(&mut self, id: Hash, out: &mut VecDeque<Output>) {
        let Some(trail) = self.tree.get(&id).filter(|trail| self.is_above_base(trail)) else {
            return;
        };
        if self.tree.is_condemned(&id) || !self.executed.insert(id) {
            return;
        }
        out.push_back(Output::Announce(id));
        if trail.outweighs(&self.best) {
            self.best = trail.clone();
            out.push_back(Output::Best(id));
            self.settle(out);
        }
    }

    pub(super) fn condemn(&mut self, id: Hash, out: &mut VecDeque<Output>) {
        for id in self.tree.condemn(id) {
            self.executed.remove(&id);
        }
        if !self.executed.contains(&self.best.id) {
            let executed = self.executed.iter().filter_map(|id| self.tree.get(id));
            let better = |a, b| if Trail::outweighs(b, a) { b } else { a };
            self.best = executed.fold(self.tree.root(), better).clone();
            out.push_back(Output::Best(self.best.id));
        }
        self.settle(out);
    }

    pub(super) fn forget(&mut self, id: &Hash, out: &mut VecDeque<Output>) {
        if !self.executed.contains(id) && self.tree.forget(id) {
            self.settle(out);
        }
    }

    /// Says what else has changed: the base, what is wanted.
    pub(super) fn settle(&mut self, out: &mut VecDeque<Output>) {
        let heaviest = self.heaviest();
        let stray = self.tree.leaves().next().filter(|leaf| leaf.weight > heaviest.weight);
        if let Some(stray) = stray.cloned() {
            return self.halt(&stray, out);
        }
        self.raise_base(out);
        self.want(out);
    }

    /// The base stays below the fork to a heavier branch: it may yet win.
    fn raise_base(&mut self, out: &mut VecDeque<Output>) {
        let height = self.best.height.saturating_sub(self.base_depth);
        let fork = self.tree.fork_point(&self.best.id, &self.heaviest().id);
        let height = fork.map_or(height, |fork| fork.height.min(height));
        let old = self.tree.root();
        let base = self.tree.ancestor(&self.best.id, height).filter(|_| height > old.height);
        let Some(Trail { id, parent, .. }) = base.cloned() else { return };
        let ids = self.tree.ancestry(parent).map(|trail| trail.id);
        let passed: Vec<Hash> = ids.take_while(|id| *id != old.id).chain([old.id]).collect();
        for gone in self.tree.reroot(id).iter().chain(&passed) {
            self.executed.remove(gone);
        }
        out.push_back(Output::Base(id));
    }

    fn want(&mut self, out: &mut VecDeque<Output>) {
        let leaves = self.tree.leaves().filter(|leaf| self.is_above_base(leaf));
        let better = leaves.take_while(|leaf| leaf.outweighs(&self.best));
        let wanted: Vec<Hash> = better.take(WANT_MAX).map(|leaf| leaf.id).collect();
        if wanted != self.wanted {
            self.wanted.clone_from(&wanted);
            out.push_back(Output::Want(wanted));
        }
    }

    fn halt(&mut self, stray: &Trail, out: &mut VecDeque<Output>) {
        let (Trail { id, height, weight, .. }, base) = (stray, self.tree.root());
        let why = format!(
            "the heaviest branch forks below the base: its block {id} of height {height} weighs \
             {weight}, the base is {} of height {}. To follow it, take the stored state back to \
             below the fork (`isonomy rewind`) and start again, or start in another directory",
            base.id, base.height,
        );
        self.halted = true;
        out.push_back(Output::Halt { why });
    }

    /// The end of the heaviest branch that leads through the base.
    fn heaviest(&self) -> &Trail {
        self.tree.leaves().find(|leaf| self.is_above_base(leaf)).unwrap_or(&self.best)
    }

    fn is_above_base(&self, trail: &Trail) -> bool {
        self.tree.leads_through(&trail.id, &self.tree.root().id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_types::{Blob, Wall};

    fn trail(height: u8) -> Trail {
        Trail {
            id: Hash::from_bytes([height.wrapping_add(1); 32]),
            parent: Hash::from_bytes([height; 32]),
            height: height.into(),
            time: Wall(0),
            weight: height.into(),
            next_authority: Hash::ZERO,
            memory: Blob::default(),
        }
    }

    #[test]
    fn what_the_base_has_passed_is_forgotten() {
        let mut out = VecDeque::new();
        let mut branches = Branches::new(3, trail(0), (1..200).map(trail).collect());
        for height in 1..200 {
            branches.executed(trail(height).id, &mut out);
            let open = usize::from(height).min(3);
            assert_eq!(branches.executed.len(), open.saturating_add(1));
        }
        assert_eq!(branches.tree.root(), &trail(196));
    }

    #[test]
    fn the_base_is_never_deeper_than_the_tree_has_room_for() {
        let branches = Branches::new(u64::MAX, trail(0), Vec::new());
        assert_eq!(branches.base_depth, BASE_DEPTH_MAX);
        assert!(BASE_DEPTH_MAX < crate::HEADERS_MAX as u64 / 2);
    }
}
