use crate::cli::Reading;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::Holding;
use isonomy::crypto::Hash;
use isonomy::types::{Address, Amount};
use isonomy::wallet::{Entry, Holder};
use std::collections::BTreeMap;

/// By asset; the coin has none.
type Held = BTreeMap<Option<Hash>, Amount>;

pub(super) async fn balance(Reading { which, common, rpc }: Reading) -> Result<(), Failure> {
    let store = common.unlock.open()?;
    let client = crate::cli::client(&rpc)?;
    // All out of one state.
    let client = client.at_height(client.status().await?.height);
    let (mut all, mut total) = (Vec::new(), Held::new());
    for entry in super::chosen(&store, which.as_deref())? {
        let held = held(&client, entry.address).await?;
        for (asset, amount) in &held {
            let sum = total.entry(*asset).or_default();
            *sum = sum.checked_add(*amount).unwrap_or(Amount::MAX);
        }
        all.push((entry, held));
    }
    if common.json {
        let accounts: Vec<_> = all.iter().map(|(entry, held)| account(entry, held)).collect();
        println!("{}", serde_json::json!({ "accounts": accounts, "total": assets(&total) }));
        return Ok(());
    }
    for (Entry { label, address, holder }, held) in &all {
        let watched = if *holder == Holder::Watched { ", watched" } else { "" };
        println!("{label} ({address}{watched})");
        lines(held);
    }
    println!("all together");
    lines(&total);
    Ok(())
}

/// Page by page: an account's holdings have an end, since each took a transaction.
async fn held(client: &Client, address: Address) -> Result<Held, Failure> {
    let mut held = Held::from([(None, client.account(address).await?.balance)]);
    let mut after = None;
    loop {
        let page = match client.holdings(address, after).await {
            // A chain without issued assets.
            Err(error) if error.is_not_found() => return Ok(held),
            page => page?,
        };
        let each = page.holdings.iter().map(|Holding { asset, amount }| (Some(*asset), *amount));
        held.extend(each);
        after = page.next;
        if after.is_none() {
            return Ok(held);
        }
    }
}

fn lines(held: &Held) {
    for (asset, amount) in held {
        match asset {
            None => println!("  {amount} coins"),
            Some(asset) => println!("  {amount} of the asset {asset}"),
        }
    }
}

fn assets(held: &Held) -> serde_json::Value {
    let each =
        held.iter().map(|(asset, amount)| serde_json::json!({ "asset": asset, "amount": amount }));
    each.collect()
}

fn account(entry: &Entry, held: &Held) -> serde_json::Value {
    let mut said = super::json(entry);
    said["holdings"] = assets(held);
    said
}
