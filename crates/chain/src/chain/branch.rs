//! Best moves, and the base after it.
use super::{Block, Chain, State};
use crate::{Adopted, Flush, Flushed, Tip, Transactions};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_ledger::{Layer, StateTree, View};

impl Chain {
    /// Moves best to an executed block, and says which blocks that leaves and joins. `None`, and
    /// nothing moves, if the block is not executed or does not stand on the last one finalised.
    pub fn adopt(&mut self, id: Hash) -> Option<Adopted> {
        let stands = self.tree.leads_through(&id, &self.floor);
        self.states.get(&id).filter(|_| stands)?;
        let fork = self.tree.fork_point(&self.best.id, &id)?.id;
        let adopted =
            Adopted { left: self.between(&fork, self.best.id), joined: self.between(&fork, id) };
        // impossible: attack 26, because no state is changed back: each block has a layer of its own,
        // and best is only a name.
        self.best = self.tree.get(&id)?.clone();
        self.prune_joined();
        Some(adopted)
    }

    fn between(&self, from: &Hash, to: Hash) -> Vec<(Hash, Transactions)> {
        let body = |id: Hash| Some((id, self.transactions(&id)?.clone()));
        self.path(from, to).into_iter().filter_map(body).collect()
    }

    /// What a store must write so that `id` can become the base: all blocks above the one finalised
    /// before, whether that has been written meanwhile or not. From now on best stays on `id`.
    ///
    /// `None`, and nothing changes, if `id` is not on best's branch (adopt it first) or not above
    /// what was finalised before.
    pub fn finalise(&mut self, id: Hash) -> Option<Flush> {
        let above = id != self.floor && self.tree.leads_through(&id, &self.floor);
        if !above || !self.contains_on_best(&id) {
            return None;
        }
        let path = self.path(&self.floor, id);
        let layer = |id| Some(self.states.get(id)?.layer.clone());
        let layer = Layer::joined(&path.iter().map(layer).collect::<Option<Vec<_>>>()?);
        let blocks = path.iter().map(|id| self.flushed(id)).collect::<Option<_>>()?;
        let tree = |id| self.states.get(id).map(|state| state.tree.clone());
        let (before, tree) = (tree(&self.floor)?, tree(&id)?);
        let flush = Flush { layer, before, tree, tip: self.tip(&id)?, blocks };
        self.floor = id;
        Some(flush)
    }

    fn flushed(&self, id: &Hash) -> Option<Flushed> {
        let (entry, trail) = (self.entry(id)?, self.tree.get(id)?.clone());
        let transactions = self.transactions(id)?.iter().map(|tx| tx.id()).collect();
        let receipts = self.states.get(id)?.receipts.clone();
        Some(Flushed { entry, trail, transactions, receipts })
    }

    fn tip(&self, id: &Hash) -> Option<Tip> {
        let Block { header, certificate } = self.blocks.get(id)?;
        Some(Tip {
            header: header.clone(),
            trail: self.tree.get(id)?.clone(),
            authority: self.authority_after(id)?,
            params: self.params_after(id)?.clone(),
            certificate: certificate.clone(),
        })
    }

    /// The store has what [`finalise`](Self::finalise) gave for `id`: the chain stands on it from
    /// now on, `view` being the state after it. Branches that do not lead through it are dropped; of
    /// what lies below, some trails stay; so much of the state's tree stays as the limit lets. Does
    /// nothing if `id` was not finalised or is below the base.
    pub fn rebase(&mut self, id: Hash, view: Arc<dyn View>) {
        let base = self.base().id;
        if !self.tree.leads_through(&self.floor, &id) || !self.tree.leads_through(&id, &base) {
            return;
        }
        let Some(State { tree, params, .. }) = self.states.get(&id) else { return };
        let flushed = State::flushed(tree.clone(), params.clone());
        let passed = self.path(&base, id).into_iter().chain([base]).filter(|gone| *gone != id);
        let passed: Vec<Hash> = passed.collect();
        for gone in self.tree.reroot(id).into_iter().chain(passed) {
            self.blocks.remove(&gone);
        }
        // The tree holds on to a branch that it dropped if something on it was condemned.
        let stays = |other: &Hash| *other != id && self.tree.leads_through(other, &id);
        let gone: Vec<Hash> = self.bodies.keys().filter(|id| !stays(id)).copied().collect();
        gone.iter().for_each(|other| self.drop_body(other));
        self.states.retain(|other, _| self.tree.leads_through(other, &id));
        self.states.insert(id, flushed);
        self.view = view;
        self.prune_joined();
        self.settle_trees(id);
        self.prune_authorities();
    }

    /// The trees of the new base and of all blocks above are read from the new view from now on. What
    /// is too much of the base's leaves memory, and with it what the others share of it.
    fn settle_trees(&mut self, base: Hash) {
        let height = |id: &Hash| self.tree.get(id).map(|trail| (trail.height, *id, trail.parent));
        let mut ids: Vec<_> = self.states.keys().filter_map(height).collect();
        ids.sort_unstable();
        let mut settles = false;
        for (_, id, parent) in ids {
            let before = self.states.get(&parent).map(|state| state.tree.clone());
            let Some(state) = self.states.get_mut(&id) else { continue };
            state.tree = match before.filter(|_| settles) {
                Some(before) => state.tree.following(&before),
                None => state.tree.reading(self.view.clone()),
            };
            if id == base
                && let Some(settled) = state.tree.settled(self.tree_forks)
            {
                (state.tree, settles) = (settled, true);
            }
        }
    }

    /// The tree of the state after an executed block, for proofs. A clone copies a pointer.
    #[must_use]
    pub fn tree(&self, id: &Hash) -> Option<&StateTree> {
        self.states.get(id).map(|state| &state.tree)
    }
}
