//! What concerned an address; and how all methods ask an index.
use crate::error::Refusal;
use crate::limits::PAGE_MAX;
use crate::source::{Desk, Source};
use isonomy_client::api::{At, HistoryEntry, HistoryQuestion, HistoryReply, IndexStatus, code};
use isonomy_index::{Index, IndexError, Place, Tip};
use std::sync::Arc;

pub(super) async fn history(
    desk: &Desk,
    HistoryQuestion { address, before, limit }: HistoryQuestion,
) -> Result<HistoryReply, Refusal> {
    let (before, limit) = (place(before)?, page(limit)?);
    let found = ask(desk, move |index| index.history(address, before, limit)).await?;
    let entry = |entry: isonomy_index::HistoryEntry| HistoryEntry {
        transaction: entry.transaction,
        block: entry.block,
        height: entry.height,
        index: entry.index,
        time: entry.time,
        roles: entry.roles.names().map(String::from).collect(),
        code: entry.code,
    };
    let entries = found.entries.into_iter().map(entry).collect();
    Ok(HistoryReply { at: at(&found.at), entries, next: found.next.map(|next| next.to_string()) })
}

/// One answer out of one snapshot of the index.
pub(super) async fn ask<T: Send + 'static>(
    desk: &Desk,
    ask: impl FnOnce(&Index) -> Result<T, IndexError> + Send + 'static,
) -> Result<T, Refusal> {
    desk.read(move |source| {
        let none = || Refusal::new(code::METHOD, "this node keeps no index; start it with --index");
        let index = source.index.as_ref().ok_or_else(none)?;
        match index.failed() {
            Some(why) => Err(Refusal::internal(why)),
            None => ask(index).map_err(Refusal::internal),
        }
    })
    .await
}

pub(super) const fn at(tip: &Tip) -> At {
    At { height: tip.height, block: tip.id }
}

pub(super) fn place(text: Option<String>) -> Result<Option<Place>, Refusal> {
    let place = text.map(|text| text.parse()).transpose();
    place.map_err(|error| Refusal::new(code::PARAMS, format_args!("\"before\" is {error}")))
}

/// How many entries a page shall have.
pub(super) fn page(limit: Option<u32>) -> Result<usize, Refusal> {
    let limit = limit.map_or(PAGE_MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if (1..=PAGE_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Refusal::new(code::PARAMS, format_args!("\"limit\" is {limit}; give 1 to {PAGE_MAX}")))
}

/// What `status` tells of the index. Nothing if there is none, or if it cannot be read.
pub(super) async fn status(desk: &Desk) -> Result<Option<IndexStatus>, Refusal> {
    let Some(index) = desk.source.index.clone() else { return Ok(None) };
    let look = move |_: &Source| Ok(status_of(&index));
    desk.read(look).await
}

fn status_of(index: &Arc<Index>) -> Option<IndexStatus> {
    let Tip { height, id: tip, .. } = index.tip().ok()?;
    Some(IndexStatus { height, tip, failed: index.failed() })
}
