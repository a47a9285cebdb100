//! Who holds an asset.
use super::account::asset;
use super::history::{ask, at, page};
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{Holder, HoldersQuestion, HoldersReply, code};
use isonomy_index::Holders;
use isonomy_types::Address;

pub(super) async fn holders(
    desk: &Desk,
    HoldersQuestion { asset: id, after, limit }: HoldersQuestion,
) -> Result<HoldersReply, Refusal> {
    let (after, limit) = (after.map(|text| holder(&text)).transpose()?, page(limit)?);
    let Holders { page, count } =
        ask(desk, move |index| index.holders(asset(id), after, limit)).await?;
    let holders = page.entries.into_iter().map(|(address, amount)| Holder { address, amount });
    let next = page.next.map(|next| next.to_string());
    Ok(HoldersReply { at: at(&page.at), holders: holders.collect(), count, next })
}

fn holder(text: &str) -> Result<Address, Refusal> {
    text.parse().map_err(|error| {
        let hint = "give the \"next\" of the page before, or leave it out";
        Refusal::new(
            code::PARAMS,
            format_args!("\"after\" is no place in this list: {error}; {hint}"),
        )
    })
}
