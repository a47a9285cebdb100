use super::past::{Deed, Past, moved, place};
use crate::cli::{History, Reading};
use crate::commands::keyring::named;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::{
    EventEntry, EventReply, HistoryEntry, TransactionReply, TransactionStatus,
};
use isonomy::host::Utc;
use isonomy::index::Place;
use isonomy::ledger::assets::{self, Asset, AssetsEvent};
use isonomy::types::{Address, Amount, Blob, Decode};
use isonomy::wallet::{Entry, deeds};
use std::collections::BTreeMap;

pub(super) async fn history(arguments: History) -> Result<(), Failure> {
    let History { reading, limit, all, before } = arguments;
    let Reading { which, common, rpc } = reading;
    let store = common.unlock.open()?;
    let of = super::chosen(&store, which.as_deref())?;
    let client = Client::new(&rpc)?;
    let best = client.status().await?.height;
    let mut past = Past::new(&client, of, before);
    let (limit, mut shown) = (if all { usize::MAX } else { limit.into() }, 0_usize);
    let (mut last, mut told) = (None, Vec::new());
    while shown < limit
        && let Some(deed) = past.take().await?
    {
        shown = shown.saturating_add(1);
        last = Some(place(&deed.entry));
        let event = Event::of(&client, deed, best).await?;
        match common.json {
            true => told.push(event.json()),
            false => println!("{}", named(store.entries(), event.text())),
        }
    }
    let next = past.peek().await?.and(last);
    if let Some(at) = past.at().filter(|at| at.height < best) {
        let at = at.height;
        eprintln!(
            "the node's index stands at block {at}, its chain at {best}; ask again for the rest"
        );
    }
    match (common.json, next) {
        (true, next) => {
            let next = next.map(|next: Place| next.to_string());
            println!("{}", serde_json::json!({ "entries": told, "next": next }));
        }
        (false, Some(next)) => println!("there is more: add --before {next}"),
        (false, None) if shown == 0 => println!("nothing has happened"),
        (false, None) => {}
    }
    Ok(())
}

/// What came and went, by asset.
#[derive(Default)]
struct Sums {
    came: BTreeMap<Asset, Amount>,
    went: BTreeMap<Asset, Amount>,
}

impl Sums {
    fn of(address: Address, events: &[EventReply]) -> Self {
        let mut sums = Self::default();
        for EventReply { payload, .. } in events.iter().filter(|event| event.module == assets::ID) {
            if let Ok(event) = AssetsEvent::decode_exact(payload) {
                sums.count(address, &event);
            }
        }
        sums
    }

    fn count(&mut self, address: Address, event: &AssetsEvent) {
        let (asset, from, to, amount) = match *event {
            AssetsEvent::Transfer { asset, from, to, amount, .. } => {
                (asset, Some(from), Some(to), amount)
            }
            AssetsEvent::Reward { to, amount } => (Asset::Coin, None, Some(to), amount),
            AssetsEvent::Mint { asset, to, amount } => {
                (Asset::Issued(asset), None, Some(to), amount)
            }
            AssetsEvent::Burn { asset, from, amount } => {
                (Asset::Issued(asset), Some(from), None, amount)
            }
            _ => return,
        };
        for (who, sums) in [(from, &mut self.went), (to, &mut self.came)] {
            if who == Some(address) {
                let sum = sums.entry(asset).or_default();
                *sum = sum.checked_add(amount).unwrap_or(Amount::MAX);
            }
        }
    }
}

/// An account's part in it.
struct Part<'a> {
    account: &'a Entry,
    roles: Vec<String>,
    sums: Sums,
    fee: Option<Amount>,
}

/// Something that happened, with all that is said of it.
struct Event<'a> {
    entry: HistoryEntry,
    confirmations: u64,
    actions: Vec<String>,
    parts: Vec<Part<'a>>,
}

impl<'a> Event<'a> {
    async fn of(client: &Client, deed: Deed<'a>, best: u64) -> Result<Self, Failure> {
        let Deed { entry, roles } = deed;
        let confirmations = best.saturating_sub(entry.height).saturating_add(1);
        let reply = match entry.transaction {
            None => None,
            Some(id) => Some(match client.transaction(id).await {
                Err(error) if error.is_not_found() => return Err(moved()),
                reply => reply?,
            }),
        };
        let stands = |status| matches!(status, TransactionStatus::Confirmed { block, .. } if block == entry.block);
        if reply.as_ref().is_some_and(|reply| !stands(reply.status)) {
            return Err(moved());
        }
        let actions = match &reply {
            Some(reply) => deeds(reply.transaction.intent()),
            None => vec![format!("block {} was made", entry.height)],
        };
        let mut parts = Vec::new();
        for (account, roles) in roles {
            parts.push(Part::of(client, &entry, account, roles, reply.as_ref()).await?);
        }
        Ok(Self { entry, confirmations, actions, parts })
    }

    fn text(&self) -> String {
        let Self { entry, confirmations, actions, parts } = self;
        let plural = if *confirmations == 1 { "" } else { "s" };
        let (time, height) = (Utc(entry.time), entry.height);
        let mut lines =
            vec![format!("{time}  block {height}, {confirmations} confirmation{plural}")];
        lines.extend(actions.iter().map(|action| format!("  {action}")));
        if entry.code != 0 {
            lines.push(format!("  it took no effect (code {})", entry.code));
        }
        lines.extend(parts.iter().map(|part| format!("  {}", part.text())));
        lines.extend(entry.transaction.map(|id| format!("  transaction {id}")));
        lines.join("\n")
    }

    fn json(&self) -> serde_json::Value {
        let HistoryEntry { transaction, block, height, index, time, code, .. } = &self.entry;
        let accounts: Vec<_> = self.parts.iter().map(Part::json).collect();
        serde_json::json!({
            "transaction": transaction, "block": block, "height": height, "index": index,
            "time": time, "confirmations": self.confirmations, "code": code,
            "actions": self.actions, "accounts": accounts,
        })
    }
}

impl<'a> Part<'a> {
    async fn of(
        client: &Client,
        entry: &HistoryEntry,
        account: &'a Entry,
        roles: Vec<String>,
        reply: Option<&TransactionReply>,
    ) -> Result<Self, Failure> {
        let receipt = reply.and_then(|reply| reply.receipt.as_ref());
        let sums = match (receipt, entry.transaction) {
            (Some(receipt), _) => Sums::of(account.address, &receipt.events),
            (None, Some(_)) => Sums::default(),
            (None, None) => Sums::of(account.address, &said(client, account.address, entry).await?),
        };
        let pays = roles.iter().any(|role| role == "payer");
        let fee = receipt.filter(|_| pays).map(|receipt| receipt.fee);
        Ok(Self { account, roles, sums, fee })
    }

    fn text(&self) -> String {
        let mut words = Vec::new();
        let Sums { came, went } = &self.sums;
        words.extend(came.iter().map(|(asset, amount)| format!("in {amount} {asset}")));
        words.extend(went.iter().map(|(asset, amount)| format!("out {amount} {asset}")));
        words.extend(self.fee.map(|fee| format!("fee {fee} coins")));
        if words.is_empty() {
            words.push(self.roles.join(", "));
        }
        format!("{}: {}", self.account.label, words.join(", "))
    }

    fn json(&self) -> serde_json::Value {
        let list = |sums: &BTreeMap<Asset, Amount>| -> serde_json::Value {
            let each = sums.iter().map(|(asset, amount)| {
                let asset = match asset {
                    Asset::Coin => None,
                    Asset::Issued(id) => Some(id),
                };
                serde_json::json!({ "asset": asset, "amount": amount })
            });
            each.collect()
        };
        let mut said = super::json(self.account);
        said["roles"] = serde_json::json!(self.roles);
        said["in"] = list(&self.sums.came);
        said["out"] = list(&self.sums.went);
        said["fee"] = serde_json::json!(self.fee);
        said
    }
}

/// What was said of an account in a block and outside of its transactions.
async fn said(
    client: &Client,
    of: Address,
    entry: &HistoryEntry,
) -> Result<Vec<EventReply>, Failure> {
    let HistoryEntry { height, index, .. } = *entry;
    let key = Blob::truncated(of.0.to_bytes().to_vec());
    let after = Place { height, index: index.saturating_add(1), event: 0 };
    let (mut said, mut next) = (Vec::new(), Some(after.to_string()));
    while next.is_some() {
        let page = client.events(Some(assets::ID), key.clone(), next).await?;
        let here = |event: &EventEntry| (event.height, event.index) == (height, index);
        if page.entries.iter().any(|event| here(event) && event.block != entry.block) {
            return Err(moved());
        }
        next = page.next.filter(|_| page.entries.iter().all(here));
        said.extend(page.entries.into_iter().filter(here).map(|event| event.event));
    }
    Ok(said)
}
