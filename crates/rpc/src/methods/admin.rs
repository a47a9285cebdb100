//! Orders to a node's links: refused unless the owner allows them.
use crate::Order;
use crate::error::Refusal;
use crate::source::Desk;
use isonomy_client::api::{LinksReply, code};

pub(crate) async fn order(desk: &Desk, method: &str, order: Order) -> Result<LinksReply, Refusal> {
    let admin = desk.source.admin.as_ref().ok_or_else(|| {
        let why = format_args!("{method:?} is off here; it is for networks of tests, see --admin");
        Refusal::new(code::METHOD, why)
    })?;
    Ok(admin(order).await?)
}
