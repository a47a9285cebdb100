use super::blocks::on_best;
use super::not_found;
use crate::error::Refusal;
use crate::source::{Desk, Source};
use isonomy_chain::Chain;
use isonomy_client::api::{At, code};
use isonomy_ledger::{Env, Fault, StateTree, View, query};
use isonomy_types::{Address, Decode, Encode, ModuleId, Wall};
use std::sync::Arc;

/// The state after one block of the best branch, and what the block after it would be told. It stays
/// what it is while blocks are imported, and is read outside of the node's thread.
pub(super) struct Snapshot {
    pub(super) at: At,
    pub(super) view: Arc<dyn View>,
    pub(super) tree: StateTree,
    env: Env,
}

impl Snapshot {
    /// After the block of this height, or after the best one.
    pub(super) async fn take(desk: &Desk, height: Option<u64>) -> Result<Self, Refusal> {
        desk.look(move |node| Self::of(node.chain(), height)).await?
    }

    pub(super) fn of(chain: &Chain, height: Option<u64>) -> Result<Self, Refusal> {
        let block = match height {
            None => chain.best().id,
            Some(height) => on_best(chain, height).ok_or_else(|| no_state(chain, height))?,
        };
        let taken = || {
            let trail = chain.trail(&block)?;
            let time = Wall(trail.time.0.saturating_add(1));
            let env = chain.next_env(&block, time, Address::default())?;
            let (view, tree) = (chain.view(&block)?, chain.tree(&block)?.clone());
            Some(Self { at: At { height: trail.height, block }, view, tree, env })
        };
        taken().ok_or_else(Refusal::unready)
    }

    /// What a module answers. `None` on a chain without it.
    pub(super) fn ask_if<T: Decode>(
        &self,
        source: &Source,
        module: ModuleId,
        question: &impl Encode,
    ) -> Result<Option<T>, Refusal> {
        let payload = question.encode();
        match query(&self.env, &source.modules, self.view.clone(), module, &payload) {
            Ok(answer) => T::decode_exact(&answer).map(Some).map_err(Refusal::internal),
            Err(Fault::UnknownModule(_)) => Ok(None),
            Err(fault) => Err(Refusal::internal(fault)),
        }
    }

    /// What a module answers.
    pub(super) fn ask<T: Decode>(
        &self,
        source: &Source,
        module: ModuleId,
        question: &impl Encode,
    ) -> Result<T, Refusal> {
        let answer = self.ask_if(source, module, question)?;
        answer.ok_or_else(|| not_found(format_args!("this chain has no module {module}")))
    }

    /// That something was not there at this moment.
    pub(super) fn lacks(&self, what: impl std::fmt::Display) -> Refusal {
        not_found(format_args!("no {what} at height {}", self.at.height))
    }
}

fn no_state(chain: &Chain, height: u64) -> Refusal {
    let (oldest, newest) = (chain.base().height, chain.best().height);
    let why = format_args!(
        "no state of height {height} is kept here; ask for one from {oldest} to {newest}"
    );
    Refusal::new(code::NO_STATE, why)
}
