//! The state's tree, kept from block to block.
mod compare;
mod draft;
mod few;
mod fork;
mod joins;
mod load;
mod page;
mod part;
mod prove;
mod settle;
#[cfg(test)]
mod tests;
mod write;

use crate::{Layer, ReadFailed, View};
use alloc::{sync::Arc, vec::Vec};
pub use compare::CompareError;
use core::fmt;
use draft::Old;
use few::FEW_MAX;
use fork::{Below, FORK_BITS, Subtree};
use isonomy_crypto::{Hash, StateProof, StateProofError, state_paths};
pub use page::tree_page_forks;
pub use part::TreePart;
use write::{Write, writes};

/// Why there is no proof.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProveError {
    /// A proof is of one key at least: of none it would say nothing.
    #[error("got no key to prove, want at least one")]
    NoKeys,
    /// A page of the tree could not be read.
    #[error(transparent)]
    Read(#[from] ReadFailed),
    /// No proof may be so large.
    #[error(transparent)]
    Proof(#[from] StateProofError),
}

/// The tree under [`state_root`](crate::state_root), of one state: a block changes the paths that
/// it wrote to, and shares the rest with the tree before.
///
/// Immutable, and a clone copies pointers: every block of every branch has its own. Holds hashes
/// alone, about 75 bytes a key; the pairs are the [`View`]'s. What it was before costs memory only
/// for what has changed since, and frees that when it is dropped. The default is the tree of the
/// empty state.
///
/// It need not be in memory. A view that keeps the tree's pages ([`View::tree_page`]) stands in for
/// forks that are not: a page holds one fork, and is read, and checked against the hash that the fork
/// above holds, where a write or a proof leads through it.
///
/// ```text
///   fork ─┬─ hash of each child        eight side by side: three levels of nodes,
///         └─ each child ─┬─ fork …     one piece of memory, one page of a store
///                        ├─ elsewhere: the view has its page
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
/// let tree = StateTree::default().update(&layer)?;
///
/// let view = Stack { layers: vec![layer], base: Arc::new(Empty) };
/// assert_eq!(tree.root(), state_root(&view)?);
/// assert_eq!(tree.root(), StateTree::of(&view)?.root());
/// # Ok::<(), isonomy_ledger::ReadFailed>(())
/// ```
#[derive(Clone, Default)]
pub struct StateTree {
    top: Subtree,
    /// Keeps the pages of what is not in memory.
    pages: Option<Arc<dyn View>>,
    /// Whether something may not be in memory.
    stored: bool,
}

impl StateTree {
    /// Builds the tree of a whole state: for a start, since it reads every pair.
    ///
    /// # Errors
    /// When the view fails.
    pub fn of(view: &dyn View) -> Result<Self, ReadFailed> {
        Self::default().after(&write::all(view)?, |_| ())
    }

    /// The tree of which `view` keeps the pages, with its top in memory alone; of an empty state if
    /// there are none. Reads one page, and trusts it: whether the [`root`](Self::root) is that of the
    /// state is for the caller to compare. All pages below are checked as they are read.
    ///
    /// # Errors
    /// When the view fails, or the page is none.
    pub fn stored(view: Arc<dyn View>) -> Result<Self, ReadFailed> {
        Ok(Self { top: load::top(&*view)?, pages: Some(view), stored: true })
    }

    /// The tree after a block wrote `layer` over this tree's state. Hashes each node above a write
    /// once, many at a time, so the work grows with the layer and hardly with the state. What it read
    /// to get there stays in memory.
    ///
    /// # Errors
    /// When a page on the way to a write cannot be read.
    pub fn update(&self, layer: &Layer) -> Result<Self, ReadFailed> {
        self.update_in(layer, |_| ())
    }

    /// [`update`](Self::update) for a caller with threads, with the same result: `run` is given the
    /// independent parts of the work and runs each on any thread, or leaves it to this one. Pages are
    /// read before.
    ///
    /// ```
    /// use isonomy_ledger::{Layer, StateTree, TreePart};
    ///
    /// let write = |n: u32| (n.to_be_bytes().as_slice().into(), Some([1].as_slice().into()));
    /// let layer = Layer { writes: (0..10_000).map(write).collect() };
    /// let tree = StateTree::default().update_in(&layer, |parts| {
    ///     let (one, other) = parts.split_at_mut(parts.len() / 2);
    ///     std::thread::scope(|scope| {
    ///         scope.spawn(|| TreePart::run(one));
    ///         TreePart::run(other);
    ///     });
    /// })?;
    /// assert_eq!(tree.root(), StateTree::default().update(&layer)?.root());
    /// # Ok::<(), isonomy_ledger::ReadFailed>(())
    /// ```
    ///
    /// # Errors
    /// As [`update`](Self::update).
    pub fn update_in(
        &self,
        layer: &Layer,
        run: impl FnOnce(&mut [TreePart<'_>]),
    ) -> Result<Self, ReadFailed> {
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
    /// let tree = StateTree::default().update(&Layer { writes: (0..1_000).map(write).collect() })?;
    /// let (there, absent) = (7_u32.to_be_bytes(), 7_000_u32.to_be_bytes());
    ///
    /// let proof = tree.prove(&[&there, &absent])?;
    /// proof.verify(&tree.root(), &[(&there, Some(&[1])), (&absent, None)])?;
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ProveError::NoKeys`] for no keys, [`ProveError::Read`] when a page on the way to a key cannot
    /// be read, and [`StateProofError::Terminals`] when the keys' paths end in more places than a proof
    /// may name, [`STATE_PROOF_TERMINALS_MAX`](isonomy_crypto::STATE_PROOF_TERMINALS_MAX): from one
    /// key to so many there always is one.
    pub fn prove(&self, keys: &[&[u8]]) -> Result<StateProof, ProveError> {
        if keys.is_empty() {
            return Err(ProveError::NoKeys);
        }
        let mut paths = Vec::with_capacity(keys.len());
        state_paths(keys.iter().copied(), |path| paths.push(path));
        paths.sort_unstable();
        paths.dedup();
        let loaded = self.load(&paths)?;
        Ok(prove::prove(&loaded.as_ref().unwrap_or(&self.top).below, &paths)?)
    }

    fn after(
        &self,
        writes: &[Write],
        run: impl FnOnce(&mut [TreePart<'_>]),
    ) -> Result<Self, ReadFailed> {
        let paths = writes.iter().filter(|_| self.stored).map(|write| write.path);
        let loaded = self.load(&paths.collect::<Vec<_>>())?;
        let top = loaded.as_ref().unwrap_or(&self.top);
        let after = part::update(Old::of(&top.below), writes, run);
        Ok(after.map_or_else(|| self.clone(), |top| Self { top, ..self.clone() }))
    }

    /// The tree with all in memory that leads to sorted `paths`. Nothing if it is there.
    fn load(&self, paths: &[Hash]) -> Result<Option<Subtree>, ReadFailed> {
        if self.stored { load::load(&self.top, self.pages.as_deref(), paths) } else { Ok(None) }
    }

    /// Tells a store the pages that it needs so that its next view keeps this tree, if its last one
    /// keeps `before`: the place of each, a byte for each fork on the way from the root, and its bytes.
    /// In ascending order, and at least those that differ. A fork that is no more vanishes with all
    /// below its place: the page above names it no longer ([`tree_page_forks`]).
    ///
    /// # Errors
    /// Those of `write`.
    pub fn pages_since<E>(
        &self,
        before: &Self,
        write: impl FnMut(&[u8], &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.top.hash == before.top.hash {
            return Ok(());
        }
        let mut since = settle::Since { at: Vec::new(), write };
        since.subtree(&self.top.below, Some(&before.top.below))
    }

    /// The same tree with `view` in place of the one that kept its pages so far. `view` must keep what
    /// of the tree is not in memory.
    #[must_use]
    pub fn reading(&self, view: Arc<dyn View>) -> Self {
        Self { pages: Some(view), ..self.clone() }
    }

    /// The same tree without the deepest of its forks, which the view keeps: those that hold at most
    /// one `most`th of all leaves, so that about `most` forks stay in memory. Nothing if that is so
    /// already. Only for a tree that the view keeps whole.
    #[must_use]
    pub fn settled(&self, most: usize) -> Option<Self> {
        let leaves = self.len().checked_div(most.max(1)).filter(|leaves| *leaves > FEW_MAX)?;
        let below = settle::settle(&self.top.below, leaves)?;
        Some(Self { top: Subtree { hash: self.top.hash, below }, stored: true, ..self.clone() })
    }

    /// The same tree after another block's, `before`, was [`settled`](Self::settled): what they have in
    /// common lies where that has it, and is read where that reads. The work grows with what differs;
    /// there is none if both read from the same view.
    #[must_use]
    pub fn following(&self, before: &Self) -> Self {
        let same = match (&self.pages, &before.pages) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        };
        if same {
            return self.clone();
        }
        let other = (&before.top.hash, &before.top.below);
        let below = settle::follow((&self.top.hash, &self.top.below), other);
        let below = below.unwrap_or_else(|| self.top.below.clone());
        let stored = self.stored || before.stored;
        Self { top: Subtree { hash: self.top.hash, below }, pages: before.pages.clone(), stored }
    }

    /// Forks in memory, for those who watch it.
    #[must_use]
    pub fn forks_in_memory(&self) -> usize {
        fn count(below: &Below) -> usize {
            let Below::Fork(fork) = below else { return 0 };
            fork.below.iter().map(count).fold(1, usize::saturating_add)
        }
        count(&self.top.below)
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

/// The depth of a place.
fn depth(at: &[u8]) -> usize {
    at.len().saturating_mul(FORK_BITS)
}

/// Trees of the same root are of the same state.
impl PartialEq for StateTree {
    fn eq(&self, other: &Self) -> bool {
        self.root() == other.root()
    }
}

impl Eq for StateTree {}

/// The root and the length: the nodes are too many to print.
impl fmt::Debug for StateTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateTree({:?}, {} pairs)", self.root(), self.len())
    }
}
