use super::part::Part;
use super::past::{Deed, Past, moved, place};
use crate::cli::{History, Reading};
use crate::commands::keyring::named;
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::{HistoryEntry, TransactionStatus};
use isonomy::host::Utc;
use isonomy::index::Place;
use isonomy::wallet::deeds;

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

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy::crypto::Hash;
    use isonomy::types::Wall;

    #[test]
    fn what_took_no_effect_says_so() {
        let entry = HistoryEntry {
            transaction: Some(Hash::ZERO),
            block: Hash::ZERO,
            height: 7,
            index: 0,
            time: Wall(4_102_444_800_000),
            roles: Vec::new(),
            code: 3,
        };
        let event =
            Event { entry, confirmations: 2, actions: vec!["a: send".into()], parts: Vec::new() };
        let want = format!(
            "2100-01-01T00:00:00Z  block 7, 2 confirmations\n  a: send\n  it took no effect \
             (code 3)\n  transaction {}",
            Hash::ZERO
        );
        assert_eq!(event.text(), want);
    }
}
