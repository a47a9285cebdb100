//! Orders to a node's links.
use crate::Order;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{LinksReply, code};

pub(crate) async fn order(desk: &Desk, order: Order) -> Result<LinksReply, Refusal> {
    let admin = desk.source.admin.as_ref().ok_or_else(|| {
        Refusal::new(code::METHOD, "this node's owner lets nobody give orders to its links")
    })?;
    Ok(admin(order).await?)
}
