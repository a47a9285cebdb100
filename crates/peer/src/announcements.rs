use crate::chance::Chance;
use crate::outbox::Outbox;
use crate::recent::Recent;
use crate::{ANNOUNCE_IDS_MAX, Message, SERVE_BELOW_BYTES};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;
use isonomy_crypto::Hash;
use isonomy_types::{Link, List, Mono};

/// Transactions that one link is known to know, so that nothing is announced back (attack 60).
pub const KNOWN_MAX: usize = 8_192;
/// Transactions that wait to be announced to one link; the oldest make room (attack 66).
pub const ANNOUNCE_QUEUE_MAX: usize = 4_096;
/// About how long announcements are gathered, in milliseconds. Each link's time is random, so that
/// who hears first says little about where a transaction began.
pub const ANNOUNCE_MS: u64 = 100;

/// Tells each link of new transactions, in batches, once.
#[derive(Default)]
pub(crate) struct Announcements {
    links: BTreeMap<Link, Hearer>,
}

struct Hearer {
    known: Recent<Hash>,
    queue: VecDeque<Hash>,
    at: Option<Mono>,
}

impl Announcements {
    pub(crate) fn ready(&mut self, link: Link) {
        let known = Recent::new(KNOWN_MAX);
        self.links.insert(link, Hearer { known, queue: VecDeque::new(), at: None });
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
    }

    /// `link` has these.
    pub(crate) fn knows<'a>(&mut self, link: Link, ids: impl Iterator<Item = &'a Hash>) {
        if let Some(hearer) = self.links.get_mut(&link) {
            ids.for_each(|id| {
                hearer.known.insert(*id);
            });
        }
    }

    /// These were in blocks and wait again: who knew them may have let them go.
    pub(crate) fn forget(&mut self, ids: &[Hash]) {
        for hearer in self.links.values_mut() {
            ids.iter().for_each(|id| hearer.known.remove(id));
        }
    }

    pub(crate) fn announce(
        &mut self,
        now: Mono,
        ids: &[Hash],
        hears: impl Fn(Link) -> bool,
        chance: &mut Chance,
    ) {
        for (_, hearer) in self.links.iter_mut().filter(|(link, _)| hears(**link)) {
            for id in ids.iter().filter(|id| !hearer.known.contains(id)) {
                if hearer.queue.len() >= ANNOUNCE_QUEUE_MAX {
                    hearer.queue.pop_front();
                }
                hearer.queue.push_back(*id);
            }
            if !hearer.queue.is_empty() {
                hearer.at.get_or_insert_with(|| now.plus(chance.jitter(ANNOUNCE_MS)));
            }
        }
    }

    pub(crate) fn tick(&mut self, now: Mono, chance: &mut Chance, out: &mut Outbox) {
        for (link, hearer) in &mut self.links {
            if hearer.at.is_none_or(|at| at > now) {
                continue;
            }
            if out.held(*link) < SERVE_BELOW_BYTES {
                hearer.flush(*link, out);
            }
            let more = !hearer.queue.is_empty();
            hearer.at = more.then(|| now.plus(chance.jitter(ANNOUNCE_MS)));
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.links.values().filter_map(|hearer| hearer.at).min()
    }

    /// Ids held for `link`.
    pub(crate) fn held(&self, link: Link) -> usize {
        let count = |hearer: &Hearer| hearer.known.len().saturating_add(hearer.queue.len());
        self.links.get(&link).map_or(0, count)
    }
}

impl Hearer {
    fn flush(&mut self, link: Link, out: &mut Outbox) {
        let mut ids = Vec::new();
        while ids.len() < ANNOUNCE_IDS_MAX
            && let Some(id) = self.queue.pop_front()
        {
            if self.known.insert(id) {
                ids.push(id);
            }
        }
        if !ids.is_empty() {
            out.send(link, &Message::Announce { ids: List::truncated(ids) });
        }
    }
}
