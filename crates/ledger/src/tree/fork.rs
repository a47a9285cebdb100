//! Subtrees: immutable, shared by every version of the state that holds them.
use crate::root::Leaf;
use alloc::sync::Arc;
use isonomy_crypto::Hash;

/// Leaves that lie in one piece of memory, without nodes between them: hashing their few nodes again
/// costs about what reading them would. In a fork of 16, between 2 and 32 a piece, by the state's
/// size; fewer would cost a pointer and an allocation for every leaf or two.
pub(super) const FEW_MAX: usize = 32;

/// Bits of a path that one fork reads.
pub(super) const FORK_BITS: usize = 4;

/// Children of a fork. They lie side by side, so four levels of nodes cost one miss of the cache.
pub(super) const FORK_WIDTH: usize = 1 << FORK_BITS;

/// The leaves whose paths start with the same bits, as many as the subtree is deep.
#[derive(Clone, Default)]
pub(super) struct Subtree {
    pub(super) hash: Hash,
    pub(super) below: Below,
}

/// Its shape is a function of the leaves alone.
#[derive(Clone)]
pub(super) enum Below {
    /// At most [`FEW_MAX`], by path.
    Few(Arc<[Leaf]>),
    /// More.
    Fork(Arc<Fork>),
}

/// Four levels of nodes. The hashes between these and its own are made again when they are asked for.
#[derive(Clone)]
pub(super) struct Fork {
    pub(super) hashes: [Hash; FORK_WIDTH],
    pub(super) below: [Below; FORK_WIDTH],
    /// Leaves below.
    pub(super) len: usize,
}

impl Default for Below {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

impl Default for Fork {
    fn default() -> Self {
        Self { hashes: [Hash::ZERO; FORK_WIDTH], below: Default::default(), len: 0 }
    }
}

impl Below {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Few(leaves) => leaves.len(),
            Self::Fork(fork) => fork.len,
        }
    }

    /// Versions and forks that hold it. Reading this of several children before cloning them fetches
    /// them from memory side by side, which the atomic increments that follow would do one by one.
    fn holders(&self) -> usize {
        match self {
            Self::Few(leaves) => Arc::strong_count(leaves),
            Self::Fork(fork) => Arc::strong_count(fork),
        }
    }
}

impl Fork {
    /// A copy that shares the children.
    pub(super) fn copy(&self) -> Self {
        let holders = self.below.iter().map(Below::holders);
        core::hint::black_box(holders.fold(0, usize::wrapping_add));
        self.clone()
    }
}

/// The child of a fork at `depth` on the way to `path`: its next four bits.
pub(super) fn slot(path: &Hash, depth: usize) -> usize {
    let byte = path.as_bytes().get(depth / 8).copied().unwrap_or_default();
    usize::from(if depth.is_multiple_of(8) { byte >> FORK_BITS } else { byte & 0xf })
}
