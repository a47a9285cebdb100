use crate::asked::{Asked, unanswered};
use crate::outbox::Outbox;
use crate::pace::Pace;
use crate::recent::Recent;
use crate::{FRAME_BYTES_MAX, LOCATOR_MAX, Message, Output, Violation};
use alloc::{collections::BTreeMap, vec, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{Encode, Entry, Link, List, Mono};

/// Headers remembered of each link: those it showed and those it was shown (attack 60).
pub const SHOWN_MAX: usize = 2_048;

/// The longest that a link may take over headers, in milliseconds, before the node is told so that it
/// may ask another, however slow the link was so far.
pub const HEADERS_PATIENCE_MS_MAX: u64 = 20_000;

/// Asks for headers, announces new ones, and remembers who has which block.
#[derive(Default)]
pub(crate) struct Headers {
    links: BTreeMap<Link, Shown>,
}

struct Shown {
    asked: Asked<()>,
    pace: Pace,
    /// Asked when the question before it is answered.
    next: Option<List<Hash, LOCATOR_MAX>>,
    /// Blocks it showed, so it has them.
    by_it: Recent<Hash>,
    /// What both know: the block, and whether with its certificate.
    by_either: Recent<(Hash, bool)>,
}

impl Headers {
    pub(crate) fn ready(&mut self, link: Link) {
        let (by_it, by_either) = (Recent::new(SHOWN_MAX), Recent::new(SHOWN_MAX));
        let (asked, pace) = (Asked::new(), Pace::new(HEADERS_PATIENCE_MS_MAX));
        self.links.insert(link, Shown { asked, pace, next: None, by_it, by_either });
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
    }

    pub(crate) fn ask(&mut self, now: Mono, link: Link, locator: Vec<Hash>, out: &mut Outbox) {
        let locator = List::truncated(locator);
        let Some(shown) = self.links.get_mut(&link) else { return };
        if shown.asked.len() > 0 {
            shown.next = Some(locator);
            return;
        }
        shown.asked.push(now, ());
        out.send(link, &Message::GetHeaders { locator });
    }

    /// Whether `link` owes an answer.
    pub(crate) fn expected(&self, link: Link) -> bool {
        self.links.get(&link).is_some_and(|shown| shown.asked.len() > 0)
    }

    pub(crate) fn answered(
        &mut self,
        now: Mono,
        link: Link,
        out: &mut Outbox,
    ) -> Result<(), Violation> {
        let Some(shown) = self.links.get_mut(&link) else { return Ok(()) };
        let taken = shown.asked.take(now, |()| true);
        let (_, ms) = taken.ok_or(Violation::Unrequested("headers"))?;
        // An answer has as many as there are: its length says nothing about the next.
        shown.pace.answered(ms, 1);
        if let Some(locator) = shown.next.take() {
            self.ask(now, link, locator.into_vec(), out);
        }
        Ok(())
    }

    /// `link` has shown this entry.
    pub(crate) fn shown(&mut self, link: Link, id: Hash, entry: &Entry) {
        let Some(shown) = self.links.get_mut(&link) else { return };
        shown.by_it.insert(id);
        shown.by_either.insert((id, false));
        if entry.certificate.is_some() {
            shown.by_either.insert((id, true));
        }
    }

    /// Whether `link` showed this block.
    pub(crate) fn holds(&self, link: Link, id: &Hash) -> bool {
        self.links.get(&link).is_some_and(|shown| shown.by_it.contains(id))
    }

    pub(crate) fn announce(&mut self, entry: &Entry, out: &mut Outbox) {
        let news = (entry.header.id(), entry.certificate.is_some());
        let links = self.links.iter_mut();
        let links = links.filter_map(|(link, shown)| shown.by_either.insert(news).then_some(*link));
        let message = Message::NewHeaders { entries: List::truncated(vec![entry.clone()]) };
        out.send_all(links, &message);
    }

    pub(crate) fn tick(&mut self, now: Mono, out: &mut Outbox) {
        for (link, shown) in &mut self.links {
            if shown.asked.overdue(now) {
                out.close(*link, unanswered("headers"));
            } else if shown.late_at().is_some_and(|at| at <= now) {
                shown.pace.missed();
                out.emit(Output::LateHeaders { link: *link });
            }
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let deadline = |shown: &Shown| shown.late_at().or_else(|| shown.asked.deadline());
        self.links.values().filter_map(deadline).min()
    }

    /// Ids held for `link`.
    pub(crate) fn held(&self, link: Link) -> usize {
        let count = |shown: &Shown| shown.by_it.len().saturating_add(shown.by_either.len());
        self.links.get(&link).map_or(0, count)
    }
}

impl Shown {
    /// When patience ends with the open question, if that has not been told.
    fn late_at(&self) -> Option<Mono> {
        let open = self.asked.len() > 0 && !self.pace.is_late();
        let most = self.asked.deadline()?;
        open.then(|| self.asked.progress().plus(self.pace.patience_ms(1)).min(most))
    }
}

/// The longest prefix that one frame carries.
pub(crate) fn fitting(mut entries: Vec<Entry>) -> Message {
    // The frame's kind and the list's count stand before the entries.
    let mut room = FRAME_BYTES_MAX.saturating_sub(1 + 4);
    let fits = |entry: &&Entry| {
        let left = room.checked_sub(entry.encoded_len());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let count = entries.iter().take_while(fits).count();
    entries.truncate(count);
    Message::Headers { entries: List::truncated(entries) }
}
