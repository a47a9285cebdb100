//! Few leaves in one piece of memory.
use super::fork::FORK_WIDTH;
use crate::root::Leaf;
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;

/// Leaves of one piece at most. Between 8 and 64 a piece, by the state's size: fewer would cost an
/// allocation and a miss of the cache for every leaf or two, more would be copied for each write.
pub(super) const FEW_MAX: usize = 64;

/// Pairs that the hashes before the leaves take.
const HASHES_LEN: usize = FORK_WIDTH / 2;

/// At most [`FEW_MAX`] leaves, by path. Before them lie the hashes of the subtrees that a fork in
/// their place would have for children: so a write hashes its own eighth of the leaves again, and
/// only copies the others.
#[derive(Clone, Default)]
pub(super) struct Few(Arc<[[Hash; 2]]>);

impl Few {
    pub(super) fn leaves(&self) -> &[Leaf] {
        self.0.get(HASHES_LEN..).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.leaves().len()
    }

    /// Of the subtrees, by place; none where there are no leaves.
    pub(super) fn hashes(&self) -> &[Hash] {
        self.0.get(..HASHES_LEN).unwrap_or_default().as_flattened()
    }

    /// With its hashes, which are known later than its leaves.
    pub(super) fn with(mut self, hashes: impl Iterator<Item = Hash>) -> Self {
        if let Some(slots) = Arc::get_mut(&mut self.0).and_then(|all| all.get_mut(..HASHES_LEN)) {
            slots.as_flattened_mut().iter_mut().zip(hashes).for_each(|(slot, hash)| *slot = hash);
        }
        self
    }

    /// Whether both are the same piece of memory.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Versions and forks that hold it.
    pub(super) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

/// A piece under way, whose memory serves the next one.
#[derive(Default)]
pub(super) struct Piece(Vec<[Hash; 2]>);

impl Piece {
    /// An empty one, to add leaves to.
    pub(super) fn begin(&mut self) -> &mut Vec<Leaf> {
        self.0.clear();
        self.0.resize(HASHES_LEN, [Hash::ZERO; 2]);
        &mut self.0
    }

    pub(super) fn leaves(&self) -> &[Leaf] {
        self.0.get(HASHES_LEN..).unwrap_or_default()
    }

    /// Without hashes as yet.
    pub(super) fn end(&self) -> Few {
        if self.leaves().is_empty() { Few::default() } else { Few(Arc::from(&*self.0)) }
    }
}
