//! The state after the best block, read outside of the node's thread.
use crate::error::Refusal;
use crate::source::{Desk, Source};
use isonomy_client::api::{AccountQuestion, AccountReply, LaneReply, SupplyReply};
use isonomy_ledger::assets::{self, Asset, Query};
use isonomy_ledger::{Env, Fault, View, account as read_account, query};
use isonomy_node::Node;
use isonomy_types::{Address, Amount, Decode, Encode, Wall};
use std::sync::Arc;

/// One state, and the block that would come next.
struct Snapshot {
    env: Env,
    view: Arc<dyn View>,
}

impl Snapshot {
    fn of(node: &Node) -> Option<Self> {
        let (chain, tip) = (node.chain(), node.chain().best());
        let time = Wall(tip.time.0.saturating_add(1));
        let env = chain.next_env(&tip.id, time, Address::default())?;
        Some(Self { env, view: chain.view(&tip.id)? })
    }

    /// An amount of the coin. Zero on a chain without one.
    fn amount(&self, source: &Source, question: &Query) -> Result<Amount, Refusal> {
        let (modules, view, payload) = (&source.modules, self.view.clone(), question.encode());
        match query(&self.env, modules, view, assets::ID, &payload) {
            Ok(answer) => Amount::decode_exact(&answer).map_err(Refusal::internal),
            Err(Fault::UnknownModule(_)) => Ok(Amount::ZERO),
            Err(fault) => Err(Refusal::internal(fault)),
        }
    }
}

pub(crate) async fn account(
    desk: &Desk,
    AccountQuestion { address }: AccountQuestion,
) -> Result<AccountReply, Refusal> {
    let look = move |node: &Node| Some((Snapshot::of(node)?, node.pool().next(&address, 0)));
    let (snapshot, pooled) = desk.look(look).await?.ok_or_else(Refusal::unready)?;
    desk.read(move |source| {
        let account = read_account(&*snapshot.view, &address).map_err(Refusal::internal)?;
        let lanes = account.lanes.into_iter().map(|(lane, next)| LaneReply { lane, next });
        let lanes: Vec<LaneReply> = lanes.collect();
        let stored = lanes.iter().find(|lane| lane.lane == 0).map_or(0, |lane| lane.next);
        let balance = snapshot.amount(source, &Query::Balance(address, Asset::Coin))?;
        let next = pooled.unwrap_or(stored);
        Ok(AccountReply { address, balance, policy: account.policy, lanes, next })
    })
    .await
}

pub(crate) async fn supply(desk: &Desk) -> Result<SupplyReply, Refusal> {
    let snapshot = desk.look(Snapshot::of).await?.ok_or_else(Refusal::unready)?;
    desk.read(move |source| {
        Ok(SupplyReply { supply: snapshot.amount(source, &Query::Supply(Asset::Coin))? })
    })
    .await
}
