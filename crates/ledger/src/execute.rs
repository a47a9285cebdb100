use crate::run::Run;
use crate::session::{Meter, Session};
use crate::{
    Context, Empty, Env, Fault, Inadmissible, Joined, Layer, Modules, ReadFailed, Receipt,
    StateTree, TreePart, View, cost,
};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Authority, Checked, Encode, ModuleId, Params, Transaction};

/// Spreads the keys of one execution in its table. Reaches no block.
const SEED: Domain = Domain::new("isonomy execution seed 1");

/// Why an execution has no result.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The block holds what no block may hold: it is condemned for good.
    #[error("transaction {index}: {why}")]
    Invalid {
        /// The transaction's place.
        index: usize,
        /// The rule it breaks.
        why: Inadmissible,
    },
    /// A module's own part of the block failed: it is condemned for good.
    #[error("a module stops the block: {0}")]
    Module(Fault),
    /// The registered modules are not those that genesis names, each once.
    #[error("module {0} must be registered, and named once in genesis")]
    Named(ModuleId),
    /// Not a verdict: try again when the medium works.
    #[error(transparent)]
    Read(#[from] ReadFailed),
}

/// What to do with a transaction that is inadmissible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A block received: it is invalid.
    Block,
    /// A block to be: it goes without.
    Template,
}

/// One block's execution: owned and `Send`, so that a job can carry it.
pub struct Execute {
    /// What the block tells its transactions.
    pub env: Env,
    /// The chain's modules.
    pub modules: Arc<Modules>,
    /// The state before.
    pub view: Arc<dyn View>,
    /// The same state's tree. Of another state, it makes a root that means nothing.
    pub tree: StateTree,
    /// The transactions, in order.
    pub transactions: Vec<Arc<Transaction<Checked>>>,
    /// Whether the block stands already or is to be made.
    pub mode: Mode,
}

/// What a block did. The chain compares it with the header; a template fills the header from it.
#[derive(Clone, Debug)]
pub struct Executed {
    /// What the block wrote, and nothing of the blocks before.
    pub layer: Arc<Layer>,
    /// The same, joined with what the blocks before wrote, if the view asks for it: see
    /// [`View::join`]. No other result depends on it.
    pub joined: Option<Joined>,
    /// The transactions that are in.
    pub included: Vec<Arc<Transaction<Checked>>>,
    /// The transactions a template went without, and why.
    pub refused: Vec<(Hash, Inadmissible)>,
    /// The tree of the state after. The header commits its root.
    pub tree: StateTree,
    /// One a transaction, in order; then one of the block's own, if its modules emitted something
    /// outside of transactions (a reward): its `transaction` is a hash of chain and height.
    pub receipts: Vec<Receipt>,
    /// The root over the receipts' leaves.
    pub receipts_root: Hash,
    /// The authority that binds the next block.
    pub next_authority: Arc<Authority>,
    /// The params that bind the next block.
    pub next_params: Params,
}

impl Execute {
    /// Runs the block: every module's `begin`, the transactions, the fees to the producer or to
    /// nobody, every module's `end`, the next base fee. Modules stand in the order of their ids.
    ///
    /// # Errors
    /// See [`ExecuteError`].
    pub fn run(self) -> Result<Executed, ExecuteError> {
        self.run_in(|_| ())
    }

    /// [`run`](Self::run) for a caller with threads, with the same result: `parts` may run the parts
    /// of the tree's update on them, as in [`StateTree::update_in`].
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_in(self, parts: impl FnOnce(&mut [TreePart<'_>])) -> Result<Executed, ExecuteError> {
        let view = self.view.clone();
        let mut done = self.trial()?;
        done.tree = done.tree.update_in(&done.layer, parts)?;
        done.joined = view.join(&done.layer);
        Ok(done)
    }

    /// The same without the state's root: the tree stays that of the state before, and nothing is
    /// joined. For a trial whose block nobody is going to seal.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn trial(self) -> Result<Executed, ExecuteError> {
        let seed = self.seed();
        let mut run = Run::new(Session::new(self.env, self.modules, self.view, seed));
        run.hooks(|module, ctx| module.begin(ctx))?;
        run.transactions(self.transactions, self.mode)?;
        run.settle_fees()?;
        run.hooks(|module, ctx| module.end(ctx))?;
        run.move_base_fee();
        Ok(run.finish(self.tree))
    }

    /// A hash of all that the execution depends on.
    fn seed(&self) -> Hash {
        let ids: Vec<_> = self.transactions.iter().map(|transaction| transaction.id()).collect();
        let Env { genesis, height, time, producer, .. } = &self.env;
        SEED.hash(&(self.tree.root(), genesis, height, time, producer, ids).encode())
    }
}

/// A chain's first state: every module's `genesis` over [`Empty`].
pub struct Birth {
    /// What block 0 tells the modules.
    pub env: Env,
    /// The chain's modules.
    pub modules: Arc<Modules>,
    /// The configuration of each module, in any order.
    pub configs: Vec<(ModuleId, Vec<u8>)>,
}

impl Birth {
    /// Runs the modules' `genesis` in the order of their ids.
    ///
    /// # Errors
    /// [`ExecuteError::Named`] if `configs` does not name each module once, and a module's fault.
    pub fn run(mut self) -> Result<Executed, ExecuteError> {
        self.configs.sort_by_key(|(id, _)| *id);
        let ids = self.modules.ids();
        let named: Vec<_> = self.configs.iter().map(|(id, _)| *id).collect();
        if let Some(id) = first_difference(&ids, &named) {
            return Err(ExecuteError::Named(id));
        }
        let seed = (&self.env.genesis, &self.configs).digest(&SEED);
        let mut run = Run::new(Session::new(self.env, self.modules, Arc::new(Empty), seed));
        for (id, config) in &self.configs {
            run.hook(*id, |module, ctx| module.genesis(ctx, config))?;
        }
        let mut done = run.finish(StateTree::default());
        done.tree = done.tree.update(&done.layer)?;
        Ok(done)
    }
}

/// The first id at which two ascending lists part.
fn first_difference(a: &[ModuleId], b: &[ModuleId]) -> Option<ModuleId> {
    let shared = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let rest = |list: &[ModuleId]| list.get(shared).copied();
    match (rest(a), rest(b)) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Asks a module about a state, from outside of any block.
///
/// # Errors
/// What the module returns, [`Fault::UnknownModule`], and [`Fault::Meter`] beyond
/// [`cost::QUERY_MAX`].
pub fn query(
    env: &Env,
    modules: &Arc<Modules>,
    view: Arc<dyn View>,
    module: ModuleId,
    payload: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut session = Session::new(env.clone(), modules.clone(), view, Hash::ZERO);
    session.meter = Meter { used: 0, limit: cost::QUERY_MAX };
    let ctx = &mut Context::reading(&mut session, module);
    let answer = modules.get(module)?.query(ctx, payload);
    session.intact()?;
    session.meter.check()?;
    answer
}
