//! Headers above the newest final block, and what is known of them.
use crate::rules::Origin;
use isonomy_consensus::Trail;
use isonomy_crypto::Hash;
use isonomy_types::{Authority, Certificate};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Blocks {
    trails: BTreeMap<Hash, Trail>,
    executed: BTreeMap<Hash, Arc<Authority>>,
    /// With the height that each is for: its header may not be here yet.
    certificates: BTreeMap<Hash, (u64, Certificate)>,
}

impl Blocks {
    pub(crate) fn insert(&mut self, trail: Trail) {
        self.trails.insert(trail.id, trail);
    }

    pub(crate) fn certify(&mut self, id: Hash, height: u64, certificate: Certificate) {
        self.certificates.entry(id).or_insert((height, certificate));
    }

    pub(crate) fn get(&self, id: &Hash) -> Option<&Trail> {
        self.trails.get(id)
    }

    pub(crate) fn executed(&mut self, id: Hash, authority: Arc<Authority>) {
        if self.trails.contains_key(&id) {
            self.executed.insert(id, authority);
        }
    }

    pub(crate) fn is_executed(&self, id: &Hash) -> bool {
        self.executed.contains_key(id)
    }

    pub(crate) fn remove(&mut self, id: &Hash) {
        self.trails.remove(id);
    }

    /// What a leader's proposal names: a child of `tip` that was new in this round, or any child by
    /// its id. One seal hash may have several seals.
    pub(crate) fn named(&self, tip: Hash, round: u32, what: Hash) -> impl Iterator<Item = Hash> {
        let origin = Origin { round, seal_hash: what };
        let named = move |trail: &&Trail| trail.id == what || Origin::of(trail) == Some(origin);
        self.children(tip).filter(named).map(|trail| trail.id)
    }

    pub(crate) fn children(&self, tip: Hash) -> impl Iterator<Item = &Trail> {
        self.trails.values().filter(move |trail| trail.parent == tip)
    }

    /// The highest certified block, if it is still to be executed.
    pub(crate) fn certified(&self) -> Option<Hash> {
        let certified = self.trails.values().filter(|t| self.certificates.contains_key(&t.id));
        let top = certified.max_by_key(|trail| trail.height).map(|trail| trail.id);
        top.filter(|id| !self.is_executed(id))
    }

    /// The child of `tip` that is executed and certified, what binds its child, and the proof.
    pub(crate) fn next_final(&self, tip: Hash) -> Option<(Trail, Arc<Authority>, Certificate)> {
        self.children(tip).find_map(|trail| {
            let authority = self.executed.get(&trail.id)?.clone();
            let (_, certificate) = self.certificates.get(&trail.id)?.clone();
            Some((trail.clone(), authority, certificate))
        })
    }

    /// Forgets what is not above this height.
    pub(crate) fn prune(&mut self, height: u64) {
        self.trails.retain(|_, trail| trail.height > height);
        self.executed.retain(|id, _| self.trails.contains_key(id));
        self.certificates.retain(|_, (of, _)| *of > height);
    }
}
