//! What takes headers out of play.
use super::{BELOW_MAX, Tree, rank};
use alloc::vec::Vec;
use isonomy_crypto::Hash;

impl Tree {
    /// Marks a block invalid for good, and all that stands on it. Returns those marked now, parents
    /// first.
    ///
    /// Nothing happens to a header that is not held, nor to the root and what is below it: those
    /// were valid when the root moved there. What is condemned is remembered, so that it is not
    /// judged anew each time it is sent, until the block that it forks from is forgotten.
    pub fn condemn(&mut self, id: Hash) -> Vec<Hash> {
        if !self.contains(&id) || self.leads_through(&self.root.id, &id) {
            return Vec::new();
        }
        let mut condemned = self.descent(id);
        condemned.retain(|id| !self.is_condemned(id));
        for id in &condemned {
            if let Some(node) = self.nodes.get_mut(id) {
                node.condemned = true;
                self.leaves.remove(&rank(&node.trail));
            }
        }
        let parent = self.get(&id).map(|trail| trail.parent);
        parent.into_iter().for_each(|parent| self.see_leaf(&parent));
        condemned
    }

    /// Moves the root up to a descendant, and drops every branch that does not lead through it.
    /// Returns what it dropped, those that fell off the lower end included.
    ///
    /// A condemned block that forks below the new root stays, with the way to it. Nothing happens
    /// if `id` is no descendant of the root or is condemned.
    pub fn reroot(&mut self, id: Hash) -> Vec<Hash> {
        let Some(root) = self.get(&id).cloned() else { return Vec::new() };
        if self.is_condemned(&id) || !self.leads_through(&id, &self.root.id) {
            return Vec::new();
        }
        let old = self.root.id;
        let ids = self.ancestry(id).map(|trail| trail.id);
        let mut way: Vec<Hash> = ids.take_while(|id| *id != old).chain([old]).collect();
        way.reverse();
        for (parent, next) in way.iter().zip(way.iter().skip(1)) {
            let forks: Vec<Hash> = self.children_of(parent).filter(|child| child != next).collect();
            self.strays.extend(forks);
        }
        way.pop();
        self.below.extend(way);
        self.root = root;
        let mut dropped = self.drop_strays();
        while self.below.len() > BELOW_MAX {
            dropped.extend(self.drop_oldest());
        }
        self.strays.retain(|id| self.nodes.contains_key(id));
        dropped
    }

    /// Drops what forks below the root and is not on the way to something condemned.
    fn drop_strays(&mut self) -> Vec<Hash> {
        let strays = self.strays.iter();
        let forked: Vec<Hash> = strays.flat_map(|stray| self.descent(*stray)).collect();
        let mut dropped = Vec::new();
        // Children first, so that a parent is seen when all that it was needed for is gone.
        for id in forked.into_iter().rev() {
            let needed = if self.is_condemned(&id) {
                self.get(&id).is_some_and(|trail| !self.is_condemned(&trail.parent))
            } else {
                self.children_of(&id).next().is_some()
            };
            if needed {
                self.see_leaf(&id);
            } else {
                self.remove(&id);
                dropped.push(id);
            }
        }
        dropped
    }

    /// Forgets the lowest header, and with it all that forks from it.
    fn drop_oldest(&mut self) -> Vec<Hash> {
        let Some(oldest) = self.below.pop_front() else { return Vec::new() };
        let next = self.below.front().copied().unwrap_or(self.root.id);
        let strays: Vec<Hash> = self.children_of(&oldest).filter(|id| *id != next).collect();
        let mut dropped: Vec<Hash> = strays.into_iter().flat_map(|id| self.descent(id)).collect();
        self.children.remove(&(oldest, next));
        dropped.push(oldest);
        dropped.iter().for_each(|id| self.remove(id));
        dropped
    }

    /// `id` and all that stands on it, parents first.
    fn descent(&self, id: Hash) -> Vec<Hash> {
        let mut found = Vec::from([id]);
        let mut seen = 0;
        while let Some(id) = found.get(seen).copied() {
            found.extend(self.children_of(&id));
            seen = seen.saturating_add(1);
        }
        found
    }

    fn children_of(&self, id: &Hash) -> impl Iterator<Item = Hash> {
        let (from, to) = ((*id, Hash::ZERO), (*id, Hash::from_bytes([255; Hash::LEN])));
        self.children.range(from..=to).map(|(_, child)| *child)
    }

    /// Makes a node a leaf if it has become one.
    fn see_leaf(&mut self, id: &Hash) {
        let live = self.children_of(id).any(|child| !self.is_condemned(&child));
        if let Some(node) = self.nodes.get(id).filter(|node| !node.condemned && !live) {
            self.leaves.insert(rank(&node.trail));
        }
    }

    fn remove(&mut self, id: &Hash) {
        if let Some(node) = self.nodes.remove(id) {
            self.leaves.remove(&rank(&node.trail));
            self.children.remove(&(node.trail.parent, *id));
        }
    }
}
