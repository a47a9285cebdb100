use crate::asked::{Asked, unanswered};
use crate::outbox::Outbox;
use crate::{Message, Violation};
use alloc::collections::BTreeMap;
use isonomy_types::{Link, Mono};

/// How long a link is not asked again for addresses, in milliseconds. It may ask twice as often,
/// since its questions may come bunched; one more is an attempt to list all we know (eclipse).
pub const ADDRESSES_MS: u64 = 60_000;

/// Asks for addresses now and then, and is asked no more often.
#[derive(Default)]
pub(crate) struct Addresses {
    links: BTreeMap<Link, Turn>,
}

struct Turn {
    asked: Asked<()>,
    last_asked: Option<Mono>,
    last_served: Option<Mono>,
}

impl Addresses {
    pub(crate) fn ready(&mut self, link: Link) {
        self.links.insert(link, Turn { asked: Asked::new(), last_asked: None, last_served: None });
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
    }

    pub(crate) fn ask(&mut self, now: Mono, link: Link, out: &mut Outbox) {
        let Some(turn) = self.links.get_mut(&link) else { return };
        let early = turn.last_asked.is_some_and(|last| now.since(last) < ADDRESSES_MS);
        if !early && turn.asked.len() == 0 {
            turn.last_asked = Some(now);
            turn.asked.push(now, ());
            out.send(link, &Message::GetAddresses);
        }
    }

    pub(crate) fn answered(&mut self, now: Mono, link: Link) -> Result<(), Violation> {
        let turn = self.links.get_mut(&link);
        let asked = turn.and_then(|turn| turn.asked.take(now, |()| true));
        asked.map(|_| ()).ok_or(Violation::Unrequested("addresses"))
    }

    /// `link` asks.
    pub(crate) fn asked(&mut self, now: Mono, link: Link) -> Result<(), Violation> {
        let Some(turn) = self.links.get_mut(&link) else { return Ok(()) };
        let last = turn.last_served.replace(now);
        if last.is_some_and(|last| now.since(last) < ADDRESSES_MS / 2) {
            return Err(Violation::TooMuch { what: "questions for addresses", got: 2, limit: 1 });
        }
        Ok(())
    }

    pub(crate) fn tick(&self, now: Mono, out: &mut Outbox) {
        for (link, _) in self.links.iter().filter(|(_, turn)| turn.asked.overdue(now)) {
            out.close(*link, unanswered("addresses"));
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.links.values().filter_map(|turn| turn.asked.deadline()).min()
    }
}
