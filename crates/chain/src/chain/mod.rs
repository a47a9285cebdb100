//! A tree of immutable layers over one flushed base.
mod answers;
mod bodies;
mod branch;
mod execution;
mod headers;
mod joined;

pub use bodies::{MISSING_MAX, WAITING_BODY_BYTES_MAX};
pub use headers::AUTHORITIES_MAX;
pub use joined::JOINED_BLOCKS_MAX;

/// Forks of the base's tree that stay in memory, about, after each flush: as many as a state of four
/// million pairs has, which take some 300 MB. Of a larger state the store keeps the deepest, and they
/// are read where a block leads through them. Bounds the base's tree alone: what the blocks above it
/// read and wrote stays until the next flush. Stops a state that grows for years, or is made to, from
/// filling the memory.
pub const TREE_FORKS_MAX: usize = 1 << 16;

use crate::{Tip, Transactions};
use alloc::{collections::BTreeMap, sync::Arc, vec::Vec};
use isonomy_consensus::{Rules, Trail, Tree};
use isonomy_crypto::Hash;
use isonomy_ledger::{Joined, Layer, Modules, Receipt, StateTree, View};
use isonomy_types::{Authority, Certificate, Header, Params};

/// A tree of immutable layers over one flushed base.
///
/// Headers come first, in any number; bodies follow; a block that is executed has a layer, which
/// holds its own writes alone. What stands between the base and an executed block is executed. Best
/// is executed and stands on the base.
pub struct Chain {
    rules: Arc<dyn Rules>,
    modules: Arc<Modules>,
    genesis: Hash,
    /// All headers' trails, those just below the base too. Its root is the base.
    tree: Tree,
    /// The same headers, from the base up.
    blocks: BTreeMap<Hash, Block>,
    authorities: BTreeMap<Hash, Arc<Authority>>,
    bodies: BTreeMap<Hash, Body>,
    /// Of executed blocks, from the base up.
    states: BTreeMap<Hash, State>,
    /// Of some of them, what they and the blocks before them wrote.
    joined: BTreeMap<Hash, Joined>,
    /// The state after the base. Keeps what of its tree is not in memory.
    view: Arc<dyn View>,
    tree_forks: usize,
    best: Trail,
    /// The newest block handed to a flush: the base, or on the way from it to best.
    floor: Hash,
    /// Bytes of all bodies.
    body_bytes: usize,
    /// Those of them that wait to be executed, and their bytes.
    waiting: usize,
    waiting_bytes: usize,
}

struct Block {
    header: Header,
    certificate: Option<Certificate>,
}

struct Body {
    transactions: Transactions,
    bytes: usize,
}

/// What execution leaves. Of the base's only tree and params are here: the rest is in the store.
struct State {
    layer: Arc<Layer>,
    tree: StateTree,
    receipts: Vec<Receipt>,
    params: Params,
}

impl State {
    fn flushed(tree: StateTree, params: Params) -> Self {
        Self { layer: Arc::default(), tree, receipts: Vec::new(), params }
    }
}

impl Chain {
    /// Starts at a flushed block: genesis, or what a store or a snapshot recovered. `below` holds
    /// headers under it, oldest first; `view` is the state after it, and `tree` that state's.
    #[must_use]
    pub fn new(
        rules: Arc<dyn Rules>,
        modules: Arc<Modules>,
        genesis: Hash,
        tip: Tip,
        below: Vec<Trail>,
        view: Arc<dyn View>,
        tree: StateTree,
    ) -> Self {
        let Tip { header, trail, authority, params, certificate } = tip;
        Self {
            rules,
            modules,
            genesis,
            tree: Tree::with_below(trail.clone(), below),
            blocks: BTreeMap::from([(trail.id, Block { header, certificate })]),
            authorities: BTreeMap::from([(trail.next_authority, authority)]),
            bodies: BTreeMap::new(),
            states: BTreeMap::from([(trail.id, State::flushed(tree, params))]),
            joined: BTreeMap::new(),
            view,
            tree_forks: TREE_FORKS_MAX,
            floor: trail.id,
            best: trail,
            body_bytes: 0,
            waiting: 0,
            waiting_bytes: 0,
        }
    }

    /// The same with another limit than [`TREE_FORKS_MAX`]. A view that is given to
    /// [`rebase`](Self::rebase) must keep its tree's pages, if the state can grow beyond it.
    #[must_use]
    pub const fn with_tree_forks(mut self, most: usize) -> Self {
        self.tree_forks = most;
        self
    }

    /// The chain's id.
    #[must_use]
    pub const fn genesis(&self) -> Hash {
        self.genesis
    }

    /// The chain's modules.
    #[must_use]
    pub const fn modules(&self) -> &Arc<Modules> {
        &self.modules
    }

    /// The block last adopted.
    #[must_use]
    pub const fn best(&self) -> &Trail {
        &self.best
    }

    /// The flushed block that best and all to come stand on.
    #[must_use]
    pub const fn base(&self) -> &Trail {
        self.tree.root()
    }

    /// A header that is not below the base.
    #[must_use]
    pub fn header(&self, id: &Hash) -> Option<&Header> {
        self.blocks.get(id).map(|block| &block.header)
    }

    /// What a child's check needs, also of the headers just below the base.
    #[must_use]
    pub fn trail(&self, id: &Hash) -> Option<&Trail> {
        self.tree.get(id)
    }

    /// What binds the child of `id`, if it was shown or executed.
    #[must_use]
    pub fn authority_after(&self, id: &Hash) -> Option<Arc<Authority>> {
        self.authorities.get(&self.tree.get(id)?.next_authority).cloned()
    }

    /// The limits of the child of an executed block.
    #[must_use]
    pub fn params_after(&self, id: &Hash) -> Option<&Params> {
        self.states.get(id).map(|state| &state.params)
    }

    /// What the transactions of an executed block above the base came to, in block order.
    #[must_use]
    pub fn receipts(&self, id: &Hash) -> Option<&[Receipt]> {
        let state = self.states.get(id).filter(|_| *id != self.base().id);
        state.map(|state| &state.receipts[..])
    }

    /// Whether `id` is best or one of its ancestors in memory, which reach some way below the base.
    #[must_use]
    pub fn contains_on_best(&self, id: &Hash) -> bool {
        self.tree.leads_through(&self.best.id, id)
    }

    /// Every executed block from the base up, on all branches, by id. A few hundred at the most, unless
    /// the store lags.
    pub fn executed_blocks(&self) -> impl Iterator<Item = &Trail> {
        self.states.keys().filter_map(|id| self.tree.get(id))
    }

    /// The ends of all branches of headers, executed or not, the heaviest first.
    pub fn leaves(&self) -> impl Iterator<Item = &Trail> {
        self.tree.leaves()
    }

    /// `id`, its parent, and so on down to the oldest header in memory.
    pub fn ancestry(&self, id: Hash) -> impl Iterator<Item = Hash> + '_ {
        self.tree.ancestry(id).map(|trail| trail.id)
    }

    /// The ids after `from` up to `to`, oldest first, `from` being an ancestor of `to`.
    fn path(&self, from: &Hash, to: Hash) -> Vec<Hash> {
        let mut path: Vec<_> = self.ancestry(to).take_while(|id| id != from).collect();
        path.reverse();
        path
    }
}
