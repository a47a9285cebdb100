//! Issued assets, and who holds them.
use super::snapshot::Snapshot;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{
    AssetReply, Holding, HoldingsQuestion, HoldingsReply, IdQuestion, Rights,
};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Description, Query};
use isonomy_ledger::{PAGE_MAX, Page};
use isonomy_types::Amount;

pub(super) async fn asset(
    desk: &Desk,
    IdQuestion { id, height }: IdQuestion,
) -> Result<AssetReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let found: Option<Description> = snapshot.ask(source, assets::ID, &Query::Issued(id))?;
        let found = found.ok_or_else(|| snapshot.lacks(format_args!("asset {id}")))?;
        let Description { issuer, symbol, name, decimals, cap, rights, supply } = found;
        let assets::Rights { mint, burn, freeze } = rights;
        Ok(AssetReply {
            at: snapshot.at,
            id,
            issuer,
            symbol: symbol.to_string(),
            name: name.to_string(),
            decimals,
            cap,
            rights: Rights { mint, burn, freeze },
            supply,
        })
    })
    .await
}

pub(super) async fn holdings(
    desk: &Desk,
    HoldingsQuestion { address: of, after, height }: HoldingsQuestion,
) -> Result<HoldingsReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let question = Query::Holdings { of, after };
        let page: Page<(Hash, Amount)> = snapshot.ask(source, assets::ID, &question)?;
        let next = (page.len() == PAGE_MAX).then(|| page.last().map(|(id, _)| *id)).flatten();
        let holdings = page.into_iter().map(|(asset, amount)| Holding { asset, amount }).collect();
        Ok(HoldingsReply { at: snapshot.at, holdings, next })
    })
    .await
}
