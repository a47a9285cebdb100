//! What takes headers out of play.
use super::{BELOW_MAX, HEADERS_AHEAD, HEADERS_MAX, LOOKS_MAX, Tree};
use crate::Trail;
use alloc::vec::Vec;
use core::cmp::Reverse;
use isonomy_crypto::Hash;

impl Tree {
    /// Lets the end of one branch go if the tree is full and `newcomer` is worth more. Returns what
    /// went: as if it had never been inserted.
    ///
    /// Farther than [`HEADERS_AHEAD`] above `executed`, the height of what is executed, the highest
    /// goes first, for anything lower. Else the lightest goes, for anything heavier. So neither a
    /// flood of cheap headers nor one long branch, whoever signed it, shuts the others out (attack
    /// 49). Many branches that came first, each heavier than the beginning of an honest one, do until
    /// the root moves.
    ///
    /// What `keeps` names stays, as do the root and the newcomer's parent. Nothing goes for a newcomer
    /// that could not be inserted then. Takes logarithmic time.
    pub fn make_room(
        &mut self,
        newcomer: &Trail,
        executed: u64,
        keeps: impl Fn(&Hash) -> bool,
    ) -> Option<Trail> {
        let fits = self.contains(&newcomer.parent) && !self.is_condemned(&newcomer.parent);
        if self.len() < HEADERS_MAX || self.contains(&newcomer.id) || !fits {
            return None;
        }
        let may_go = |id: &&Hash| {
            let bare = self.children_of(id).next().is_none();
            bare && **id != newcomer.parent && **id != self.root.id && !keeps(id)
        };
        let near = executed.saturating_add(HEADERS_AHEAD);
        let far = self.heights.iter().rev().take_while(|(height, _)| *height > near);
        let highest = far.map(|(_, id)| id).take(LOOKS_MAX).find(may_go);
        let lightest = self.leaves.iter().map(|(_, Reverse(id))| id).take(LOOKS_MAX).find(may_go);
        let victim = match highest {
            Some(id) => self.get(id).filter(|victim| newcomer.height < victim.height),
            None => lightest
                .and_then(|id| self.get(id))
                .filter(|lightest| newcomer.height <= near && newcomer.outweighs(lightest)),
        };
        let victim = victim?.clone();
        self.forget(&victim.id);
        Some(victim)
    }

    /// Lets a header go as if it had never been inserted, and says whether it did: only the end of a
    /// branch may go, and not the root.
    pub fn forget(&mut self, id: &Hash) -> bool {
        let Some(parent) = self.get(id).map(|trail| trail.parent) else { return false };
        if *id == self.root.id || self.is_condemned(id) || self.children_of(id).next().is_some() {
            return false;
        }
        self.strays.remove(id);
        self.remove(id);
        self.see_leaf(&parent);
        true
    }

    /// Marks a block invalid for good, and lets go of all that stands on it. Returns both, parents
    /// first.
    ///
    /// Nothing happens to a header that is not held or condemned already, nor to the root and what is
    /// below it: those were valid when the root moved there. What is condemned is remembered, so that
    /// it is not judged anew each time it is sent, until the block that it forks from is forgotten.
    /// What stood on it is not: a long branch on an invalid block would keep its room, and once the
    /// tree is full nothing could move the root (attack 49).
    pub fn condemn(&mut self, id: Hash) -> Vec<Hash> {
        let judged = self.is_condemned(&id) || self.leads_through(&self.root.id, &id);
        let Some(trail) = self.get(&id).filter(|_| !judged).cloned() else { return Vec::new() };
        let condemned = self.descent(id);
        condemned.iter().skip(1).for_each(|id| self.remove(id));
        if let Some(node) = self.nodes.get_mut(&id) {
            node.condemned = true;
        }
        self.remove_leaf(&trail);
        self.see_leaf(&trail.parent);
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
            if self.is_condemned(&id) || self.children_of(&id).next().is_some() {
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
        let node = self.nodes.get(id).filter(|node| !node.condemned && !live);
        if let Some(trail) = node.map(|node| node.trail.clone()) {
            self.add_leaf(&trail);
        }
    }

    fn remove(&mut self, id: &Hash) {
        if let Some(node) = self.nodes.remove(id) {
            self.remove_leaf(&node.trail);
            self.children.remove(&(node.trail.parent, *id));
        }
    }
}
