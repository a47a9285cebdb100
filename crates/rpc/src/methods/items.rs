//! Collections of unique items, and who owns them.
use super::snapshot::Snapshot;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{
    CollectionReply, IdQuestion, ItemId, ItemQuestion, ItemReply, ItemsQuestion, ItemsReply, Rights,
};
use isonomy_ledger::unique::{self, Collection, Item, Query};
use isonomy_ledger::{PAGE_MAX, Page};

pub(super) async fn collection(
    desk: &Desk,
    IdQuestion { id, height }: IdQuestion,
) -> Result<CollectionReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let found: Option<Collection> = snapshot.ask(source, unique::ID, &Query::Collection(id))?;
        let found = found.ok_or_else(|| snapshot.lacks(format_args!("collection {id}")))?;
        let Collection { issuer, name, cap, metadata_bytes, rights, items } = found;
        let rights = Rights { mint: rights.mint, burn: rights.burn, freeze: false };
        let (at, name) = (snapshot.at, name.to_string());
        Ok(CollectionReply { at, id, issuer, name, cap, metadata_bytes, rights, items })
    })
    .await
}

pub(super) async fn item(
    desk: &Desk,
    ItemQuestion { collection, number, height }: ItemQuestion,
) -> Result<ItemReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let question = Query::Item((collection, number));
        let found: Option<Item> = snapshot.ask(source, unique::ID, &question)?;
        let lacks = || snapshot.lacks(format_args!("item {number} of the collection {collection}"));
        let Item { owner, content, metadata } = found.ok_or_else(lacks)?;
        let id = ItemId { collection, number };
        Ok(ItemReply { at: snapshot.at, id, owner, content, metadata: metadata.to_string() })
    })
    .await
}

pub(super) async fn items(
    desk: &Desk,
    ItemsQuestion { address: of, after, height }: ItemsQuestion,
) -> Result<ItemsReply, Refusal> {
    let snapshot = Snapshot::take(desk, height).await?;
    desk.read(move |source| {
        let after = after.map(|ItemId { collection, number }| (collection, number));
        let page: Page<unique::ItemId> =
            snapshot.ask(source, unique::ID, &Query::Owned { of, after })?;
        let full = page.len() == PAGE_MAX;
        let items = page.into_iter().map(|(collection, number)| ItemId { collection, number });
        let items: Vec<_> = items.collect();
        Ok(ItemsReply { at: snapshot.at, next: items.last().copied().filter(|_| full), items })
    })
    .await
}
