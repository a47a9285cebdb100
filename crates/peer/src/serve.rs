use crate::bucket::Bucket;
use crate::outbox::Outbox;
use crate::{Message, Output, SERVE_BELOW_BYTES, Violation};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use isonomy_crypto::Hash;
use isonomy_types::{Link, List, Mono};

/// Questions of one link that wait for an answer. An honest peer keeps far below it (CVE-2024-52920).
pub const ASKS_MAX: usize = 64;
/// How long the floor above may take over an answer, in milliseconds. Then "not here" is said for
/// it, so that a lost answer stalls nothing.
pub const SERVE_MS: u64 = 30_000;

/// A question from a peer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Ask {
    Headers(Vec<Hash>),
    Body(Hash),
    Transactions(Vec<Hash>),
    Addresses,
}

/// Hands up what peers ask: of each link one question at a time, in order, at a bounded rate, and
/// only while it reads the answers.
#[derive(Default)]
pub(crate) struct Serve {
    links: BTreeMap<Link, Desk>,
}

struct Desk {
    waiting: VecDeque<Ask>,
    /// What was handed up, and until when its answer may come.
    open: Option<(Ask, Mono)>,
    pace: Bucket,
}

impl Serve {
    pub(crate) fn ready(&mut self, now: Mono, link: Link, per_s: u64) {
        let pace = Bucket::new(now, per_s, per_s.max(1));
        self.links.insert(link, Desk { waiting: VecDeque::new(), open: None, pace });
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
    }

    pub(crate) fn asked(&mut self, link: Link, ask: Ask) -> Result<(), Violation> {
        let Some(desk) = self.links.get_mut(&link) else { return Ok(()) };
        let open = desk.waiting.len().saturating_add(usize::from(desk.open.is_some()));
        if open >= ASKS_MAX {
            let got = (open as u64).saturating_add(1);
            return Err(Violation::TooMuch { what: "open questions", got, limit: ASKS_MAX as u64 });
        }
        desk.waiting.push_back(ask);
        Ok(())
    }

    /// The question of `link` that was handed up, if this answers it. From then on it is answered.
    pub(crate) fn answer(&mut self, link: Link, fits: impl Fn(&Ask) -> bool) -> Option<Ask> {
        let desk = self.links.get_mut(&link)?;
        desk.open.take_if(|(open, _)| fits(open)).map(|(ask, _)| ask)
    }

    /// Hands up the next question of `link`, if it is time.
    pub(crate) fn settle(&mut self, now: Mono, link: Link, out: &mut Outbox) {
        let Some(desk) = self.links.get_mut(&link) else { return };
        if desk.open.is_none()
            && out.held(link) < SERVE_BELOW_BYTES
            && !desk.waiting.is_empty()
            && desk.pace.take(now, 1)
            && let Some(ask) = desk.waiting.pop_front()
        {
            out.emit(ask.hand_up(link));
            desk.open = Some((ask, now.plus(SERVE_MS)));
        }
    }

    pub(crate) fn tick(&mut self, now: Mono, out: &mut Outbox) {
        for (link, desk) in &mut self.links {
            if let Some((ask, _)) = desk.open.take_if(|(_, deadline)| *deadline <= now) {
                out.send(*link, &ask.not_here());
            }
        }
        let links: Vec<_> = self.links.keys().copied().collect();
        links.into_iter().for_each(|link| self.settle(now, link, out));
    }

    pub(crate) fn deadline(&self, out: &Outbox) -> Option<Mono> {
        let next = |(link, desk): (&Link, &Desk)| match &desk.open {
            Some((_, deadline)) => Some(*deadline),
            None if desk.waiting.is_empty() || out.held(*link) >= SERVE_BELOW_BYTES => None,
            None => Some(desk.pace.next()),
        };
        self.links.iter().filter_map(next).min()
    }

    /// Ids held for `link`.
    pub(crate) fn held(&self, link: Link) -> usize {
        let Some(desk) = self.links.get(&link) else { return 0 };
        desk.waiting.iter().chain(desk.open.iter().map(|(ask, _)| ask)).map(Ask::ids).sum()
    }
}

impl Ask {
    fn ids(&self) -> usize {
        match self {
            Self::Headers(ids) | Self::Transactions(ids) => ids.len().saturating_add(1),
            Self::Body(_) | Self::Addresses => 1,
        }
    }

    fn hand_up(&self, link: Link) -> Output {
        match self {
            Self::Headers(locator) => Output::HeadersAsked { link, locator: locator.clone() },
            Self::Body(id) => Output::BodyAsked { link, id: *id },
            Self::Transactions(ids) => Output::TransactionsAsked { link, ids: ids.clone() },
            Self::Addresses => Output::AddressesAsked { link },
        }
    }

    fn not_here(&self) -> Message {
        match self {
            Self::Headers(_) => Message::Headers { entries: List::default() },
            Self::Body(id) => Message::NoBody { id: *id },
            Self::Transactions(_) => Message::Transactions { items: List::default() },
            Self::Addresses => Message::Addresses { addresses: List::default() },
        }
    }
}
