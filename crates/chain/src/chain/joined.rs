//! Layers of a branch joined, so that a read looks at few.
//!
//! Joined as a binary counter carries: a block joins what it wrote with the layer below as long as that
//! is of no more blocks, and both are of no more than [`JOINED_BLOCKS_MAX`]:
//!
//! ```text
//!   block       1   2   3   4   5   6   7   8   9
//!   layer       1   2   3   4   5   6   7   8   9
//!   joined         1-2     1-4     5-6     1-8
//! ```
//!
//! The state after 7 is read in 7, 5-6 and 1-4. Whoever executes the block joins, on its own thread.
//! Joined layers are an index, nothing more: what has none is read from the blocks' own layers, and
//! joined by the next block on it.
use super::Chain;
use alloc::{boxed::Box, collections::BTreeSet, sync::Arc, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_ledger::{Joined, Layer, Order, Pair, ReadFailed, Span, Stack, Steps, Value, View};

/// Blocks whose writes are joined in one layer at most. Twice as many would save a read one look of
/// about eight, and hold a write once more while blocks are executed; half as many would cost a read
/// three more below 96 blocks.
pub const JOINED_BLOCKS_MAX: u64 = 32;

/// The newest of `layers` that the next block joins with its own.
fn joined_next(layers: &[Joined]) -> &[Joined] {
    let (mut blocks, mut count) = (1_u64, 0_usize);
    for older in layers.iter().map(Joined::blocks) {
        let both = blocks.saturating_add(older);
        if older > blocks || both > JOINED_BLOCKS_MAX {
            break;
        }
        (blocks, count) = (both, count.saturating_add(1));
    }
    layers.get(..count).unwrap_or_default()
}

/// The state that a block is executed on.
struct Parent {
    state: Stack,
    /// What the block joins with its own layer.
    older: Vec<Joined>,
}

impl View for Parent {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.state.get(key)
    }

    fn get_all(
        &self,
        keys: &[&[u8]],
        found: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), ReadFailed> {
        self.state.get_all(keys, found)
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        self.state.scan(span, order)
    }

    fn steps<'a>(&'a self, span: &Span, order: Order) -> Steps<'a> {
        self.state.steps(span, order)
    }

    fn join(&self, newest: &Arc<Layer>) -> Option<Joined> {
        let joins = !self.older.is_empty();
        joins.then(|| Joined::one(newest.clone()).over(&self.older))
    }
}

impl Chain {
    /// The state after an executed block: what was written from it down to the base, over the base's.
    #[must_use]
    pub fn view(&self, id: &Hash) -> Option<Arc<dyn View>> {
        Some(Arc::new(self.stack(&self.layers_above(id)?)))
    }

    /// The same, for executing a child.
    pub(super) fn parent_view(&self, id: &Hash) -> Option<Arc<dyn View>> {
        let layers = self.layers_above(id)?;
        let older = joined_next(&layers).to_vec();
        Some(Arc::new(Parent { state: self.stack(&layers), older }))
    }

    /// How many layers a read of the state after an executed block looks at, above the base. About
    /// log₂ of the blocks above the base and one for each [`JOINED_BLOCKS_MAX`] of them on best's
    /// branch; off it, as many more as stand in layers of their own.
    #[must_use]
    pub fn layers(&self, id: &Hash) -> Option<usize> {
        self.layers_above(id).map(|layers| layers.len())
    }

    fn stack(&self, layers: &[Joined]) -> Stack {
        let layers = layers.iter().map(|joined| joined.layer().clone()).collect();
        Stack { layers, base: self.view.clone() }
    }

    fn layers_above(&self, id: &Hash) -> Option<Vec<Joined>> {
        self.states.get(id)?;
        self.steps_down(*id).map(|id| self.layer_at(&id)).collect()
    }

    fn layer_at(&self, id: &Hash) -> Option<Joined> {
        let own = || Some(Joined::one(self.states.get(id)?.layer.clone()));
        self.joined.get(id).cloned().or_else(own)
    }

    /// From an executed block down to the base: those whose layers, joined where they are, hold what
    /// all of them wrote. A joined layer may hold what is in the base too: the same, or newer.
    fn steps_down(&self, id: Hash) -> impl Iterator<Item = Hash> + '_ {
        let base = self.base();
        core::iter::successors(Some(id), |id| {
            let blocks = self.joined.get(id).map_or(1, Joined::blocks);
            let below = self.tree.get(id)?.height.saturating_sub(blocks).max(base.height);
            self.tree.ancestor(id, below).map(|trail| trail.id)
        })
        .take_while(|id| *id != base.id)
    }

    /// Drops the joined layers that are not read on best's branch any more, as wider ones hold what
    /// they do; and those off it, but for those of blocks that stand on best.
    pub(super) fn prune_joined(&mut self) {
        let best = self.best.id;
        let read: BTreeSet<Hash> = self.steps_down(best).collect();
        let (tree, states, base) = (&self.tree, &self.states, self.tree.root().id);
        self.joined.retain(|id, _| {
            let stands = read.contains(id) || tree.leads_through(id, &best);
            stands && *id != base && states.contains_key(id)
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]
    use super::*;
    use alloc::vec;

    /// The next block's own layer, joined with what it joins.
    fn next(layers: &mut Vec<Joined>) {
        let older = joined_next(layers).to_vec();
        let newest = Joined::one(Arc::default()).over(&older);
        layers.splice(..older.len(), [newest]);
    }

    fn blocks(layers: &[Joined]) -> Vec<u64> {
        layers.iter().map(Joined::blocks).collect()
    }

    #[test]
    fn layers_are_joined_as_a_counter_carries() {
        let mut layers = Vec::new();
        for count in 1..=1_000_u64 {
            next(&mut layers);
            let low = count % JOINED_BLOCKS_MAX;
            let bits = (0..5).map(|bit| 1 << bit).filter(|bit| low & bit != 0);
            let full =
                core::iter::repeat_n(JOINED_BLOCKS_MAX, (count / JOINED_BLOCKS_MAX) as usize);
            assert_eq!(blocks(&layers), bits.chain(full).collect::<Vec<_>>());
        }
    }

    #[test]
    fn layers_that_stood_alone_are_joined_at_once() {
        let mut layers = vec![Joined::one(Arc::default()); 40];
        next(&mut layers);
        assert_eq!(blocks(&layers), [&[32][..], &[1; 9]].concat());
        next(&mut layers);
        assert_eq!(blocks(&layers), [&[1, 32][..], &[1; 9]].concat());
    }
}
