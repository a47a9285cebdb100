//! The header tree against a naive model: a list of headers and searches through it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{genesis, grow, rules};
use isonomy_consensus::{Trail, Tree, TreeError};
use isonomy_crypto::Hash;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

struct Model {
    held: BTreeMap<Hash, Trail>,
    condemned: BTreeSet<Hash>,
    root: Hash,
}

impl Model {
    fn new(root: Trail) -> Self {
        let id = root.id;
        Self { held: BTreeMap::from([(id, root)]), condemned: BTreeSet::new(), root: id }
    }

    fn insert(&mut self, trail: &Trail) -> Result<(), TreeError> {
        if self.condemned.contains(&trail.id) || self.condemned.contains(&trail.parent) {
            return Err(TreeError::Condemned);
        }
        if self.held.contains_key(&trail.id) {
            return Err(TreeError::Known);
        }
        if !self.held.contains_key(&trail.parent) {
            return Err(TreeError::Orphan { parent: trail.parent });
        }
        self.held.insert(trail.id, trail.clone());
        Ok(())
    }

    fn ancestry(&self, id: Hash) -> Vec<Hash> {
        let mut found = Vec::new();
        let mut next = self.held.get(&id);
        while let Some(trail) = next {
            found.push(trail.id);
            next = self.held.get(&trail.parent);
        }
        found
    }

    fn leads_through(&self, id: Hash, ancestor: Hash) -> bool {
        self.ancestry(id).contains(&ancestor)
    }

    fn condemn(&mut self, id: Hash) -> BTreeSet<Hash> {
        if self.leads_through(self.root, id) || self.condemned.contains(&id) {
            return BTreeSet::new();
        }
        let stands = |other: &&Hash| self.leads_through(**other, id);
        let all: BTreeSet<Hash> = self.held.keys().filter(stands).copied().collect();
        self.held.retain(|other, _| *other == id || !all.contains(other));
        self.condemned.retain(|other| !all.contains(other));
        self.condemned.extend(all.get(&id));
        all
    }

    fn reroot(&mut self, id: Hash) -> BTreeSet<Hash> {
        if !self.leads_through(id, self.root) || self.condemned.contains(&id) {
            return BTreeSet::new();
        }
        let mut kept: BTreeSet<Hash> = self.ancestry(id).into_iter().collect();
        for other in self.held.keys() {
            if self.leads_through(*other, id) {
                kept.insert(*other);
            } else if self.condemned.contains(other) {
                kept.extend(self.ancestry(*other));
            }
        }
        let dropped = self.held.keys().filter(|other| !kept.contains(other)).copied().collect();
        self.held.retain(|other, _| kept.contains(other));
        self.condemned.retain(|other| kept.contains(other));
        self.root = id;
        dropped
    }

    fn live(&self) -> Vec<&Trail> {
        self.held.values().filter(|trail| !self.condemned.contains(&trail.id)).collect()
    }

    fn heaviest(&self, filter: impl Fn(&Trail) -> bool) -> Option<Hash> {
        let live = self.live();
        let mut best: Option<&Trail> = None;
        for trail in live.into_iter().filter(|trail| filter(trail)) {
            let wins = best.is_none_or(|best| {
                trail.weight > best.weight || trail.weight == best.weight && trail.id < best.id
            });
            if wins {
                best = Some(trail);
            }
        }
        best.map(|trail| trail.id)
    }

    fn leaves(&self) -> Vec<Hash> {
        let live = self.live();
        let ends = live.iter().filter(|end| live.iter().all(|child| child.parent != end.id));
        let mut ends: Vec<_> = ends.map(|end| (u128::MAX - end.weight, end.id)).collect();
        ends.sort();
        ends.into_iter().map(|(_, id)| id).collect()
    }

    fn fork_point(&self, a: Hash, b: Hash) -> Option<Hash> {
        let b = self.ancestry(b);
        self.ancestry(a).into_iter().find(|id| b.contains(id))
    }
}

#[derive(Clone, Debug)]
enum Op {
    Insert(usize),
    Condemn(usize),
    Reroot(usize),
}

fn op() -> impl Strategy<Value = Op> {
    let which = 0..60_usize;
    prop_oneof![
        20 => which.clone().prop_map(Op::Insert),
        1 => which.clone().prop_map(Op::Condemn),
        1 => which.prop_map(Op::Reroot),
    ]
}

fn agree(tree: &Tree, model: &Model, trails: &[Trail]) {
    assert_eq!(tree.len(), model.held.len());
    assert_eq!(tree.root().id, model.root);
    assert_eq!(tree.leaves().map(|trail| trail.id).collect::<Vec<_>>(), model.leaves());
    for parity in [0, 1] {
        let filter = |trail: &Trail| trail.height % 2 == parity;
        assert_eq!(tree.heaviest(filter).map(|trail| trail.id), model.heaviest(filter));
    }
    for (index, trail) in trails.iter().enumerate() {
        let id = trail.id;
        assert_eq!(tree.get(&id), model.held.get(&id));
        assert_eq!(tree.is_condemned(&id), model.condemned.contains(&id));
        let ancestry: Vec<Hash> = tree.ancestry(id).map(|trail| trail.id).collect();
        assert_eq!(ancestry, model.ancestry(id));
        let other = trails[(index * 7 + 3) % trails.len()].id;
        assert_eq!(tree.leads_through(&id, &other), model.leads_through(id, other));
        let fork = tree.fork_point(&id, &other).map(|trail| trail.id);
        assert_eq!(fork, model.fork_point(id, other));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn the_tree_is_the_naive_one(
        picks in prop::collection::vec(any::<(u8, u8)>(), 59),
        ops in prop::collection::vec(op(), 1..160),
    ) {
        let trails = grow(genesis(&rules()), &picks);
        let (mut tree, mut model) = (Tree::new(trails[0].clone()), Model::new(trails[0].clone()));
        // Most of the tree first, parents first; then changes in any order.
        for trail in trails.iter().skip(1).step_by(2) {
            prop_assert_eq!(tree.insert(trail.clone()), model.insert(trail));
        }
        for op in ops {
            match op {
                Op::Insert(at) => {
                    prop_assert_eq!(tree.insert(trails[at].clone()), model.insert(&trails[at]));
                }
                Op::Condemn(at) => {
                    let new = tree.condemn(trails[at].id);
                    let parents_first = new.iter().enumerate().all(|(index, id)| {
                        let parent = trails.iter().find(|trail| trail.id == *id).unwrap().parent;
                        new.iter().skip(index).all(|later| *later != parent)
                    });
                    prop_assert!(parents_first);
                    prop_assert_eq!(BTreeSet::from_iter(new), model.condemn(trails[at].id));
                }
                Op::Reroot(at) => {
                    let dropped = tree.reroot(trails[at].id);
                    prop_assert_eq!(BTreeSet::from_iter(dropped), model.reroot(trails[at].id));
                }
            }
        }
        agree(&tree, &model, &trails);
    }
}
