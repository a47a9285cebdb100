use isonomy_chain::Flush;
use isonomy_consensus::Rules;
use isonomy_ledger::Modules;
use std::sync::Arc;

/// What every node of a chain must agree on.
#[derive(Clone)]
pub struct ChainSpec {
    /// The first block, its state and what binds its child. Its header's id is the chain's.
    pub genesis: Flush,
    /// The header rules.
    pub rules: Arc<dyn Rules>,
    /// The ledger.
    pub modules: Arc<Modules>,
}
