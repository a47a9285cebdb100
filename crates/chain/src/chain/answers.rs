//! What peers ask about headers.
use super::Chain;
use alloc::vec::Vec;
use core::iter::successors;
use isonomy_crypto::Hash;
use isonomy_types::Entry;

/// Ids at the head of a locator that stand next to each other: most forks are shorter.
const LOCATOR_DENSE: u32 = 8;

impl Chain {
    /// A header that is not below the base, as it travels: with the authority where it changes, with
    /// the certificate if there is one.
    #[must_use]
    pub fn entry(&self, id: &Hash) -> Option<Entry> {
        let block = self.blocks.get(id)?;
        let next = block.header.next_authority;
        let parent = self.tree.get(&block.header.parent);
        let changes = parent.is_none_or(|parent| parent.next_authority != next);
        let authority = self.authority_after(id).filter(|_| changes);
        Some(Entry {
            header: block.header.clone(),
            authority: authority.map(|authority| authority.as_ref().clone()),
            certificate: block.certificate.clone(),
        })
    }

    /// Where we stand, for a peer to find the last block in common: ids next to each other from
    /// `from` down, then ever further apart, then genesis.
    #[must_use]
    pub fn locator(&self, from: Hash) -> Vec<Hash> {
        let top = self.tree.get(&from).map(|trail| trail.height);
        let steps = (0_u32..).map(|index| 1_u64.checked_shl(index.saturating_sub(LOCATOR_DENSE)));
        let mut steps = steps.map_while(|step| step);
        let heights = successors(top, |height| height.checked_sub(steps.next()?));
        let ids = heights.map_while(|height| Some(self.tree.ancestor(&from, height)?.id));
        let mut ids: Vec<_> = ids.filter(|id| *id != self.genesis).collect();
        ids.push(self.genesis);
        ids
    }

    /// At most `limit` entries of best's branch, oldest first, after the first id of `locator` that
    /// is on it. `None` if there is no such id from the base up: then the archive may know one.
    #[must_use]
    pub fn after(&self, locator: &[Hash], limit: usize) -> Option<Vec<Entry>> {
        let held = |id: &&Hash| {
            let height = self.tree.get(id).map(|trail| trail.height);
            height >= Some(self.base().height) && self.contains_on_best(id)
        };
        let from = self.tree.get(locator.iter().find(held)?)?;
        let last = from.height.saturating_add(limit as u64).min(self.best.height);
        let last = self.tree.ancestor(&self.best.id, last)?.id;
        Some(self.path(&from.id, last).iter().filter_map(|id| self.entry(id)).collect())
    }
}
