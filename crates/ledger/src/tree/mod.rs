//! The state's tree, kept from block to block.
pub(crate) mod leaf;
mod subtree;
#[cfg(test)]
mod tests;

use crate::{Layer, ReadFailed, View};
use alloc::vec::Vec;
use core::fmt;
use isonomy_crypto::Hash;
use leaf::{leaf_hash, leaves, path};
use subtree::{Subtree, Write};

/// The tree under [`state_root`](crate::state_root), of one state: a block changes the paths that
/// it wrote to, and shares the rest with the tree before.
///
/// Immutable, and a clone copies a pointer: every block of every branch has its own. Holds hashes
/// alone, about 90 bytes a key; the pairs are the [`View`]'s. The default is the tree of the empty
/// state.
///
/// ```
/// use isonomy_ledger::{Empty, Layer, Stack, StateTree, state_root};
/// use std::sync::Arc;
///
/// let writes = [(b"key".as_slice().into(), Some(b"value".as_slice().into()))].into();
/// let layer = Arc::new(Layer { writes });
/// let tree = StateTree::default().update(&layer);
///
/// let view = Stack { layers: vec![layer], base: Arc::new(Empty) };
/// assert_eq!(tree.root(), state_root(&view)?);
/// assert_eq!(tree.root(), StateTree::of(&view)?.root());
/// # Ok::<(), isonomy_ledger::ReadFailed>(())
/// ```
#[derive(Clone, Default)]
pub struct StateTree {
    top: Subtree,
}

impl StateTree {
    /// Builds the tree of a whole state: for a start, since it reads every pair.
    ///
    /// # Errors
    /// When the view fails.
    pub fn of(view: &dyn View) -> Result<Self, ReadFailed> {
        Ok(Self { top: Subtree::of(&leaves(view)?, 0) })
    }

    /// The tree after a block wrote `layer` over this tree's state. Hashes each node above a write
    /// once, so the work grows with the layer and hardly with the state.
    #[must_use]
    pub fn update(&self, layer: &Layer) -> Self {
        let write = |(key, value): (&crate::Key, &Option<crate::Value>)| {
            let path = path(key);
            Write { path, leaf: value.as_ref().map(|value| leaf_hash(path, value)) }
        };
        let mut writes: Vec<_> = layer.writes.iter().map(write).collect();
        writes.sort_unstable_by_key(|write| write.path);
        Self { top: self.top.update(&writes, 0) }
    }

    /// What a header commits: [`state_root`](crate::state_root) of the same state.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.top.hash
    }

    /// Pairs of the state.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.top.len
    }

    /// Whether the state holds nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The root and the length: the nodes are too many to print.
impl fmt::Debug for StateTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateTree({:?}, {} pairs)", self.root(), self.len())
    }
}
