//! The state's tree, kept from block to block.
mod draft;
mod few;
mod fork;
mod joins;
mod part;
mod prove;
#[cfg(test)]
mod tests;
mod write;

use crate::{Layer, ReadFailed, View};
use core::fmt;
use draft::Old;
use fork::Subtree;
use isonomy_crypto::{Hash, StateProof, StateProofError};
pub use part::TreePart;
use write::{Write, writes};

/// The tree under [`state_root`](crate::state_root), of one state: a block changes the paths that
/// it wrote to, and shares the rest with the tree before.
///
/// Immutable, and a clone copies a pointer: every block of every branch has its own. Holds hashes
/// alone, about 75 bytes a key; the pairs are the [`View`]'s. What it was before costs memory only
/// for what has changed since, and frees that when it is dropped. The default is the tree of the
/// empty state.
///
/// ```text
///   fork ─┬─ hash of each child        eight side by side: three levels of nodes,
///         └─ each child ─┬─ fork …     one piece of memory
///                        └─ at most 64 leaves: path and value's hash, by path,
///                           behind the hashes of their eighths
/// ```
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
        Ok(Self::default().after(&write::all(view)?, |_| ()))
    }

    /// The tree after a block wrote `layer` over this tree's state. Hashes each node above a write
    /// once, many at a time, so the work grows with the layer and hardly with the state.
    #[must_use]
    pub fn update(&self, layer: &Layer) -> Self {
        self.update_in(layer, |_| ())
    }

    /// [`update`](Self::update) for a caller with threads, with the same result: `run` is given the
    /// independent parts of the work and runs each on any thread, or leaves it to this one.
    ///
    /// ```
    /// use isonomy_ledger::{Layer, StateTree, TreePart};
    ///
    /// let write = |n: u32| (n.to_be_bytes().as_slice().into(), Some([1].as_slice().into()));
    /// let layer = Layer { writes: (0..10_000).map(write).collect() };
    /// let tree = StateTree::default().update_in(&layer, |parts| {
    ///     let (one, other) = parts.split_at_mut(parts.len() / 2);
    ///     std::thread::scope(|scope| {
    ///         scope.spawn(|| one.iter_mut().for_each(TreePart::run));
    ///         other.iter_mut().for_each(TreePart::run);
    ///     });
    /// });
    /// assert_eq!(tree.root(), StateTree::default().update(&layer).root());
    /// ```
    #[must_use]
    pub fn update_in(&self, layer: &Layer, run: impl FnOnce(&mut [TreePart<'_>])) -> Self {
        self.after(&writes(layer), run)
    }

    /// Proves for each of `keys` which value it has in this state, or that it has none, to whoever
    /// knows the root. In any order; a key may come twice. Reads no pair, and hashes some twenty nodes
    /// more than it hands on.
    ///
    /// ```
    /// use isonomy_ledger::{Layer, StateTree};
    ///
    /// let write = |n: u32| (n.to_be_bytes().as_slice().into(), Some([1].as_slice().into()));
    /// let tree = StateTree::default().update(&Layer { writes: (0..1_000).map(write).collect() });
    /// let (there, absent) = (7_u32.to_be_bytes(), 7_000_u32.to_be_bytes());
    ///
    /// let proof = tree.prove(&[&there, &absent])?;
    /// proof.verify(&tree.root(), &[(&there, Some(&[1])), (&absent, None)])?;
    /// # Ok::<(), isonomy_crypto::StateProofError>(())
    /// ```
    ///
    /// # Errors
    /// [`StateProofError::Terminals`] when the keys' paths end in more places than a proof may name,
    /// [`STATE_PROOF_TERMINALS_MAX`](isonomy_crypto::STATE_PROOF_TERMINALS_MAX): so many keys or
    /// fewer always have one.
    pub fn prove(&self, keys: &[&[u8]]) -> Result<StateProof, StateProofError> {
        prove::prove(&self.top.below, keys)
    }

    fn after(&self, writes: &[Write], run: impl FnOnce(&mut [TreePart<'_>])) -> Self {
        let top = part::update(Old::of(&self.top.below), writes, run);
        top.map_or_else(|| self.clone(), |top| Self { top })
    }

    /// What a header commits: [`state_root`](crate::state_root) of the same state.
    #[must_use]
    pub const fn root(&self) -> Hash {
        self.top.hash
    }

    /// Pairs of the state.
    #[must_use]
    pub fn len(&self) -> usize {
        self.top.below.len()
    }

    /// Whether the state holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The root and the length: the nodes are too many to print.
impl fmt::Debug for StateTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateTree({:?}, {} pairs)", self.root(), self.len())
    }
}
