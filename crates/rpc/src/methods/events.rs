//! What modules said under a key.
use super::history::{ask, at, page, place};
use super::transactions::event_reply;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{EventEntry, EventsQuestion, EventsReply};

pub(super) async fn events(
    desk: &Desk,
    EventsQuestion { module, key, before, limit }: EventsQuestion,
) -> Result<EventsReply, Refusal> {
    let (before, limit) = (place(before)?, page(limit)?);
    let found = ask(desk, move |index| index.events(module, &key, before, limit)).await?;
    let entry = |entry: isonomy_index::EventEntry| EventEntry {
        transaction: entry.transaction,
        block: entry.block,
        height: entry.place.height,
        index: entry.place.index,
        event: event_reply(entry.event),
    };
    let entries = found.entries.into_iter().map(entry).collect();
    Ok(EventsReply { at: at(&found.at), entries, next: found.next.map(|next| next.to_string()) })
}
