//! Accounts and coins after one block.
use super::snapshot::Snapshot;
use crate::error::Refusal;
use crate::source::{Desk, Source};
use isonomy_client::api::{
    AccountQuestion, AccountReply, BalanceQuestion, BalanceReply, LaneReply, SupplyQuestion,
    SupplyReply,
};
use isonomy_crypto::Hash;
use isonomy_ledger::account as read_account;
use isonomy_ledger::assets::{self, Asset, Query};
use isonomy_node::Node;
use isonomy_types::Amount;

pub(super) const fn asset(id: Option<Hash>) -> Asset {
    match id {
        None => Asset::Coin,
        Some(id) => Asset::Issued(id),
    }
}

/// Zero on a chain without assets.
fn amount(snapshot: &Snapshot, source: &Source, question: &Query) -> Result<Amount, Refusal> {
    Ok(snapshot.ask_if(source, assets::ID, question)?.unwrap_or_default())
}

pub(super) async fn account(
    desk: &Desk,
    AccountQuestion { address, height }: AccountQuestion,
) -> Result<AccountReply, Refusal> {
    let look = move |node: &Node| {
        // What waits belongs to no past state.
        let pooled = node.pool().next(&address, 0).filter(|_| height.is_none());
        Snapshot::of(node.chain(), height).map(|snapshot| (snapshot, pooled))
    };
    let (snapshot, pooled) = desk.look(look).await??;
    desk.read(move |source| {
        let account = read_account(&*snapshot.view, &address).map_err(Refusal::internal)?;
        let lanes = account.lanes.into_iter().map(|(lane, next)| LaneReply { lane, next });
        let lanes: Vec<LaneReply> = lanes.collect();
        let stored = lanes.iter().find(|lane| lane.lane == 0).map_or(0, |lane| lane.next);
        let balance = amount(&snapshot, source, &Query::Balance(address, Asset::Coin))?;
        let (at, next) = (snapshot.at, pooled.unwrap_or(stored));
        Ok(AccountReply { at, address, balance, policy: account.policy, lanes, next })
    })
    .await
}

pub(super) async fn balance(
    desk: &Desk,
    BalanceQuestion { address, asset: id, height }: BalanceQuestion,
) -> Result<BalanceReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let balance = amount(&snapshot, source, &Query::Balance(address, asset(id)))?;
        let frozen = id.map(|asset| Query::Frozen { asset, account: address });
        let frozen = frozen.map(|question| snapshot.ask_if(source, assets::ID, &question));
        let frozen = frozen.transpose()?.flatten().unwrap_or_default();
        Ok(BalanceReply { at: snapshot.at, balance, frozen })
    })
    .await
}

pub(super) async fn supply(
    desk: &Desk,
    SupplyQuestion { height }: SupplyQuestion,
) -> Result<SupplyReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let supply = amount(&snapshot, source, &Query::Supply(Asset::Coin))?;
        Ok(SupplyReply { at: snapshot.at, supply })
    })
    .await
}
