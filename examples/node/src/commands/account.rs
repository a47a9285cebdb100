use super::lock::line;
use crate::cli::Account;
use crate::exit::Failure;
use isonomy::client::ClientError;
use isonomy::client::api::{HoldingsReply, ItemsReply, LocksReply};

/// All of it out of one state. Of what an account has much of, the first page.
pub(crate) async fn account(Account { address, asking }: Account) -> Result<(), Failure> {
    let account = asking.client()?.account(address).await?;
    let client = asking.client()?.at_height(account.at.height);
    let holdings = present(client.holdings(address, None).await)?;
    let items = present(client.items(address, None).await)?;
    let locks = present(client.locks(address, None).await)?;
    if asking.json {
        let all = serde_json::json!({
            "account": account, "holdings": holdings, "items": items, "locks": locks,
        });
        println!("{all}");
        return Ok(());
    }
    println!("account  {address}");
    println!("coins    {}", account.balance);
    let policy = account.policy.map_or("the first one".into(), |policy| policy.to_string());
    println!("policy   {policy}");
    for lane in &account.lanes {
        println!("lane     {} goes on with {}", lane.lane, lane.next);
    }
    if let Some(HoldingsReply { holdings, next, .. }) = &holdings {
        holdings.iter().for_each(|held| println!("asset    {} of {}", held.amount, held.asset));
        more(next.is_some(), "assets");
    }
    if let Some(ItemsReply { items, next, .. }) = &items {
        items.iter().for_each(|item| println!("item     {} of {}", item.number, item.collection));
        more(next.is_some(), "items");
    }
    if let Some(LocksReply { locks, next, .. }) = &locks {
        locks.iter().for_each(|lock| println!("{}", line(lock)));
        more(next.is_some(), "locks");
    }
    println!("after    block {} at height {}", account.at.block, account.at.height);
    Ok(())
}

fn more(more: bool, what: &str) {
    if more {
        println!("         and there may be more {what}");
    }
}

/// `None` on a chain without the module.
fn present<T>(reply: Result<T, ClientError>) -> Result<Option<T>, ClientError> {
    match reply {
        Err(error) if error.is_not_found() => Ok(None),
        reply => reply.map(Some),
    }
}
