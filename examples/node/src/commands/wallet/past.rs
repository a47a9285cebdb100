//! Many accounts' histories as one, youngest first, page by page.
use crate::exit::Failure;
use isonomy::client::Client;
use isonomy::client::api::{At, HistoryEntry, HistoryReply};
use isonomy::index::Place;
use isonomy::wallet::Entry;
use std::collections::VecDeque;

/// One account's history, as far as it was asked for.
struct Way<'a> {
    of: &'a Entry,
    page: VecDeque<HistoryEntry>,
    next: Next,
}

/// What a page can be asked for with.
enum Next {
    From(Option<String>),
    End,
}

/// What is yet to be shown.
pub(super) struct Past<'a> {
    client: &'a Client,
    ways: Vec<Way<'a>>,
    /// The lowest block after which an answer was given.
    at: Option<At>,
}

/// Something that happened, and to whom of the accounts how.
pub(super) struct Deed<'a> {
    pub(super) entry: HistoryEntry,
    pub(super) roles: Vec<(&'a Entry, Vec<String>)>,
}

pub(super) const fn place(entry: &HistoryEntry) -> Place {
    Place { height: entry.height, index: entry.index, event: 0 }
}

impl<'a> Past<'a> {
    pub(super) fn new(client: &'a Client, of: Vec<&'a Entry>, before: Option<Place>) -> Self {
        let before = before.map(|place| place.to_string());
        let way = |of| Way { of, page: VecDeque::new(), next: Next::From(before.clone()) };
        Self { client, ways: of.into_iter().map(way).collect(), at: None }
    }

    pub(super) const fn at(&self) -> Option<At> {
        self.at
    }

    /// Where the youngest stands that was not taken yet.
    pub(super) async fn peek(&mut self) -> Result<Option<Place>, Failure> {
        for way in &mut self.ways {
            while way.page.is_empty() {
                let Next::From(before) = std::mem::replace(&mut way.next, Next::End) else { break };
                let HistoryReply { at, entries, next } =
                    self.client.history(way.of.address, before).await?;
                way.page = entries.into();
                way.next = next.map_or(Next::End, |next| Next::From(Some(next)));
                self.at = Some(self.at.filter(|lowest| lowest.height <= at.height).unwrap_or(at));
            }
        }
        Ok(self.ways.iter().filter_map(|way| way.page.front()).map(place).max())
    }

    /// Takes the youngest out.
    pub(super) async fn take(&mut self) -> Result<Option<Deed<'a>>, Failure> {
        let Some(youngest) = self.peek().await? else { return Ok(None) };
        let mut deed: Option<Deed<'a>> = None;
        for way in &mut self.ways {
            let Some(entry) = way.page.pop_front_if(|entry| place(entry) == youngest) else {
                continue;
            };
            let role = (way.of, entry.roles.clone());
            match &mut deed {
                None => deed = Some(Deed { entry, roles: vec![role] }),
                Some(deed) if deed.entry.block == entry.block => deed.roles.push(role),
                Some(_) => return Err(moved()),
            }
        }
        Ok(deed)
    }
}

/// Two answers were about two branches.
pub(super) fn moved() -> Failure {
    Failure::refused("the chain moved to another branch meanwhile; ask again")
}
