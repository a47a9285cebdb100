//! Subtrees: immutable, shared by every version of the state that holds them.
use super::few::{FEW_MAX, Few};
use alloc::sync::Arc;
use isonomy_crypto::Hash;

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
    /// At most [`FEW_MAX`] leaves.
    Few(Few),
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
        Self::Few(Few::default())
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
            Self::Few(few) => few.len(),
            Self::Fork(fork) => fork.len,
            Self::Stored { len } => *len,
        }
    }

    /// Whether both are the same piece of memory, or neither is in memory.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Few(one), Self::Few(other)) => one.is(other),
            (Self::Fork(one), Self::Fork(other)) => Arc::ptr_eq(one, other),
            (Self::Stored { .. }, Self::Stored { .. }) => true,
            _ => false,
        }
    }

    /// Leaves at least: all there are of few. Stays out of a fork's memory.
    pub(super) fn len_min(&self) -> usize {
        match self {
            Self::Few(few) => few.len(),
            Self::Fork(_) | Self::Stored { .. } => FEW_MAX,
        }
    }

    fn holders(&self) -> usize {
        match self {
            Self::Few(few) => few.holders(),
            Self::Fork(fork) => Arc::strong_count(fork),
            Self::Stored { .. } => 0,
        }
    }
}

impl Fork {
    /// A copy that shares the children.
    pub(super) fn copy(&self) -> Self {
        self.fetch();
        self.clone()
    }

    /// Brings the children's counts of holders from memory, side by side. The atomic steps that
    /// follow would wait for them one by one.
    pub(super) fn fetch(&self) {
        let holders = self.below.iter().map(Below::holders);
        core::hint::black_box(holders.fold(0, usize::wrapping_add));
    }
}

impl Drop for Fork {
    fn drop(&mut self) {
        self.fetch();
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

/// `sorted` by the child of a fork at `depth` that each leads to.
pub(super) fn by_slot<T>(
    sorted: &[T],
    path: impl Fn(&T) -> &Hash,
    depth: usize,
) -> [&[T]; FORK_WIDTH] {
    let mut lens = [0_usize; FORK_WIDTH];
    for item in sorted {
        let len = &mut lens[slot(path(item), depth)];
        *len = len.saturating_add(1);
    }
    let mut rest = sorted;
    lens.map(|len| {
        let (here, after) = rest.split_at(len);
        rest = after;
        here
    })
}
