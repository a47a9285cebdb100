//! Subtrees: immutable, shared by every version of the state that holds them.
use crate::root::Leaf;
use alloc::sync::Arc;
use isonomy_crypto::Hash;

/// Leaves that lie in one piece of memory, without nodes between them: hashing their few nodes again
/// costs about what reading them would. Between 2 and 16 a piece, by the state's size: fewer would
/// cost a pointer and an allocation for every leaf or two, more would be copied for each write.
pub(super) const FEW_MAX: usize = 16;

/// Bits of a path that one fork reads.
pub(super) const FORK_BITS: usize = 3;

/// Children of a fork. They lie side by side, so three levels of nodes cost one miss of the cache.
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
    /// More, of which the tree's view keeps the page.
    Stored {
        /// Leaves below.
        len: usize,
    },
}

/// Some levels of nodes. The hashes between these and its own are made again when they are asked for.
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
            Self::Stored { len } => *len,
        }
    }

    /// Whether both are the same piece of memory, or neither is in memory.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Few(one), Self::Few(other)) => Arc::ptr_eq(one, other),
            (Self::Fork(one), Self::Fork(other)) => Arc::ptr_eq(one, other),
            (Self::Stored { .. }, Self::Stored { .. }) => true,
            _ => false,
        }
    }

    /// Versions and forks that hold it. Reading this of several children before cloning them fetches
    /// them from memory side by side, which the atomic increments that follow would do one by one.
    fn holders(&self) -> usize {
        match self {
            Self::Few(leaves) => Arc::strong_count(leaves),
            Self::Fork(fork) => Arc::strong_count(fork),
            Self::Stored { .. } => 0,
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

/// The child of a fork at `depth` on the way to `path`: its next bits. Past its end there are zeros.
pub(super) fn slot(path: &Hash, depth: usize) -> usize {
    let byte = |at: usize| path.as_bytes().get(at).copied().unwrap_or_default();
    let at = depth / 8;
    let bits = u16::from_be_bytes([byte(at), byte(at.saturating_add(1))]);
    let turned = bits.rotate_left((depth % 8).saturating_add(FORK_BITS) as u32);
    usize::from(turned) % FORK_WIDTH
}
