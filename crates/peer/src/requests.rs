//! Which announced transaction is asked of whom: of one announcer at a time. Silence, and an
//! answer without it, move the request to the next.
use crate::asked::{Asked, unanswered};
use crate::chance::Chance;
use crate::outbox::Outbox;
use crate::pace::{PATIENCE_MS_MIN, Pace};
use crate::{Direction, Message, Output, TRANSACTIONS_ASKED_MAX, TransactionBytes, Violation};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;
use isonomy_crypto::Hash;
use isonomy_types::{Link, List, Mono};

/// Announced transactions that wait for one link to be asked (CVE-2024-52915). Beyond it, what the
/// link announces is left to others.
pub const OFFERS_MAX: usize = 4_096;
/// Requests that one link has open, late ones included: a staller holds up no more than these.
pub const LINK_REQUESTS_MAX: usize = 8;
/// The longest that one announcer may take, in milliseconds, before the next is asked, however slow
/// it was so far: a transaction gets past ten who stall within a minute (CVE-2024-52913).
pub const TRANSACTION_PATIENCE_MS_MAX: u64 = 5_000;
/// How long the other announcers of a transaction that came are remembered, in milliseconds: if
/// the sender is found out meanwhile, they are asked (CVE-2024-52921).
pub const TRANSACTION_CHECK_MS: u64 = 10_000;
/// Transactions of one link whose other announcers are remembered so. There is no bound for all
/// links together, which some could use up to shut out the rest.
pub const CHECKED_MAX: usize = 2_048;

#[derive(Default)]
pub(crate) struct Requests {
    tracks: BTreeMap<Hash, Track>,
    timers: BTreeSet<(Mono, Hash)>,
    links: BTreeMap<Link, Offers>,
}

struct Offers {
    direction: Direction,
    /// What it could still be asked for.
    open: BTreeSet<Hash>,
    asked: Asked<Vec<Hash>>,
    pace: Pace,
    /// What came from it lately.
    came: BTreeSet<Hash>,
}

#[derive(Default)]
struct Track {
    state: State,
    timer: Option<Mono>,
    /// Those not yet asked.
    announcers: BTreeSet<Link>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Waiting,
    Asked(Link),
    Came(Link),
}

impl Requests {
    pub(crate) fn ready(&mut self, link: Link, direction: Direction) {
        let (open, came) = (BTreeSet::new(), BTreeSet::new());
        let (asked, pace) = (Asked::new(), Pace::new(TRANSACTION_PATIENCE_MS_MAX));
        self.links.insert(link, Offers { direction, open, asked, pace, came });
    }

    pub(crate) fn lost(&mut self, now: Mono, link: Link, chance: &mut Chance, out: &mut Outbox) {
        let Some(offers) = self.links.remove(&link) else { return };
        for id in offers.open {
            let Some(track) = self.tracks.get_mut(&id) else { continue };
            track.announcers.remove(&link);
            if track.state == State::Waiting && track.announcers.is_empty() {
                self.tracks.remove(&id);
            }
        }
        let asked = offers.asked.iter().flatten().copied();
        let held: Vec<_> = asked.chain(offers.came.iter().copied()).collect();
        let of_link = |state| state == State::Asked(link) || state == State::Came(link);
        self.move_on(now, held, of_link, chance, out);
    }

    /// `link` announced these, and they are unknown here.
    pub(crate) fn request(
        &mut self,
        now: Mono,
        link: Link,
        ids: Vec<Hash>,
        chance: &mut Chance,
        out: &mut Outbox,
    ) {
        let Some(offers) = self.links.get_mut(&link) else { return };
        for id in &ids {
            if offers.open.len() >= OFFERS_MAX {
                break;
            }
            let track = self.tracks.entry(*id).or_default();
            if track.state != State::Asked(link) && track.state != State::Came(link) {
                track.announcers.insert(link);
                offers.open.insert(*id);
            }
        }
        self.assign(now, ids, chance, out);
    }

    /// What came under this id was no good: the next announcer is asked.
    pub(crate) fn retry(&mut self, now: Mono, id: Hash, chance: &mut Chance, out: &mut Outbox) {
        self.move_on(now, Vec::from([id]), |state| matches!(state, State::Came(_)), chance, out);
    }

    /// Whether `link` owes an answer.
    pub(crate) fn expected(&self, link: Link) -> bool {
        self.links.get(&link).is_some_and(|offers| offers.asked.len() > 0)
    }

    pub(crate) fn arrived(
        &mut self,
        now: Mono,
        link: Link,
        items: List<(Hash, TransactionBytes), TRANSACTIONS_ASKED_MAX>,
        chance: &mut Chance,
        out: &mut Outbox,
    ) -> Result<(), Violation> {
        let offers = self.links.get_mut(&link).ok_or(Violation::Unrequested("transactions"))?;
        let oldest = offers.asked.take(now, |_| true);
        let (mut missing, ms) = oldest.ok_or(Violation::Unrequested("transactions"))?;
        offers.pace.answered(ms, items.iter().map(|(_, bytes)| bytes.len()).sum());
        for (id, _) in items.iter() {
            let place = missing.iter().position(|asked| asked == id);
            missing.swap_remove(place.ok_or(Violation::Unrequested("a transaction"))?);
        }
        let mut transactions = items.into_vec();
        let came = |track: &Track| matches!(track.state, State::Came(_));
        transactions.retain(|(id, _)| !self.tracks.get(id).is_some_and(came));
        for (id, _) in &transactions {
            self.came(now, link, *id);
        }
        if !transactions.is_empty() {
            out.emit(Output::Transactions { link, transactions });
        }
        self.move_on(now, missing, |state| state == State::Asked(link), chance, out);
        self.fill(now, link, chance, out);
        Ok(())
    }

    pub(crate) fn tick(&mut self, now: Mono, chance: &mut Chance, out: &mut Outbox) {
        for (link, _) in self.links.iter().filter(|(_, offers)| offers.asked.overdue(now)) {
            out.close(*link, unanswered("transactions"));
        }
        let mut late = Vec::new();
        while let Some((timer, id)) = self.timers.first().copied()
            && timer <= now
        {
            self.timers.pop_first();
            let Some(track) = self.tracks.get_mut(&id) else { continue };
            track.timer = None;
            match track.state {
                State::Came(_) => self.drop_track(id),
                State::Waiting => late.push(id),
                State::Asked(link) => match self.still_patient(now, link) {
                    Some(later) => self.set(id, State::Asked(link), Some(later)),
                    None => late.push(id),
                },
            }
        }
        self.move_on(now, late, |state| matches!(state, State::Asked(_)), chance, out);
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let first = self.timers.first().map(|(timer, _)| *timer);
        self.links.values().filter_map(|offers| offers.asked.deadline()).chain(first).min()
    }

    /// Transactions followed.
    pub(crate) fn tracks(&self) -> usize {
        self.tracks.len()
    }

    /// Those of them that have a timer.
    pub(crate) fn timers(&self) -> usize {
        self.timers.len()
    }

    /// Ids held for `link`.
    pub(crate) fn held(&self, link: Link) -> usize {
        let Some(offers) = self.links.get(&link) else { return 0 };
        let asked: usize = offers.asked.iter().map(Vec::len).sum();
        offers.open.len().saturating_add(offers.came.len()).saturating_add(asked)
    }

    /// Until when `link` may take over what it is asked for. `None` if it has taken too long: then
    /// that is noted.
    fn still_patient(&mut self, now: Mono, link: Link) -> Option<Mono> {
        let offers = self.links.get_mut(&link)?;
        let until = offers.until();
        if until <= now {
            offers.pace.missed();
        }
        (!offers.pace.is_late()).then_some(until)
    }

    /// Those of `ids` whose state is `which` wait again, for the next announcer if there is one.
    fn move_on(
        &mut self,
        now: Mono,
        ids: Vec<Hash>,
        which: impl Fn(State) -> bool,
        chance: &mut Chance,
        out: &mut Outbox,
    ) {
        let mut waiting = Vec::new();
        for id in ids {
            let Some(track) = self.tracks.get(&id).filter(|track| which(track.state)) else {
                continue;
            };
            if track.announcers.is_empty() {
                self.drop_track(id);
            } else {
                self.set(id, State::Waiting, None);
                waiting.push(id);
            }
        }
        self.assign(now, waiting, chance, out);
    }

    /// Asks for what waits, in requests as large as may be.
    fn assign(&mut self, now: Mono, ids: Vec<Hash>, chance: &mut Chance, out: &mut Outbox) {
        let mut orders: BTreeMap<Link, Vec<Hash>> = BTreeMap::new();
        for id in ids {
            if let Some(link) = self.choose(now, &id, &orders, chance) {
                orders.entry(link).or_default().push(id);
                self.tracks.get_mut(&id).map(|track| track.announcers.remove(&link));
                let until = self.links.get(&link).map_or(now, |offers| match offers.asked.len() {
                    0 => now.plus(offers.pace.patience_ms(0)),
                    _ => offers.until().max(now.plus(PATIENCE_MS_MIN)),
                });
                self.set(id, State::Asked(link), Some(until));
            }
        }
        for (link, ids) in orders {
            let Some(offers) = self.links.get_mut(&link) else { continue };
            for part in ids.chunks(TRANSACTIONS_ASKED_MAX) {
                part.iter().for_each(|id| {
                    offers.open.remove(id);
                });
                offers.asked.push(now, part.to_vec());
                let ids = List::truncated(part.to_vec());
                out.send(link, &Message::GetTransactions { ids });
            }
        }
    }

    /// One of those who announced it and have room. Those who stall come last. Those we dialled
    /// come first, so that strangers who dial us cannot crowd them out; among equals, those who owe
    /// least.
    fn choose(
        &self,
        now: Mono,
        id: &Hash,
        orders: &BTreeMap<Link, Vec<Hash>>,
        chance: &mut Chance,
    ) -> Option<Link> {
        let track = self.tracks.get(id).filter(|track| track.state == State::Waiting)?;
        let ranked = track.announcers.iter().filter_map(|link| {
            let offers = self.links.get(link)?;
            let planned = orders.get(link).map_or(0, Vec::len);
            let (stalls, owes) = (offers.stalls(now), offers.asked.len());
            let rank = (stalls, offers.direction == Direction::Inbound, owes);
            (planned < offers.room()).then_some((rank, *link))
        });
        chance.pick(&ranked.collect::<Vec<_>>())
    }

    /// Asks `link` for what it announced and nobody is asked for.
    fn fill(&mut self, now: Mono, link: Link, chance: &mut Chance, out: &mut Outbox) {
        let Some(offers) = self.links.get(&link) else { return };
        let waits =
            |id: &&Hash| self.tracks.get(*id).is_some_and(|track| track.state == State::Waiting);
        let ids = offers.open.iter().filter(waits).take(offers.room()).copied().collect();
        self.assign(now, ids, chance, out);
    }

    fn came(&mut self, now: Mono, link: Link, id: Hash) {
        if self.links.get(&link).is_some_and(|offers| offers.came.len() < CHECKED_MAX) {
            self.set(id, State::Came(link), Some(now.plus(TRANSACTION_CHECK_MS)));
        } else {
            self.drop_track(id);
        }
    }

    fn set(&mut self, id: Hash, state: State, timer: Option<Mono>) {
        let Some(track) = self.tracks.get_mut(&id) else { return };
        if let Some(former) = mem::replace(&mut track.timer, timer) {
            self.timers.remove(&(former, id));
        }
        if let State::Came(link) = mem::replace(&mut track.state, state) {
            self.links.get_mut(&link).map(|offers| offers.came.remove(&id));
        }
        if let State::Came(link) = state {
            self.links.get_mut(&link).map(|offers| offers.came.insert(id));
        }
        self.timers.extend(timer.map(|timer| (timer, id)));
    }

    fn drop_track(&mut self, id: Hash) {
        self.set(id, State::Waiting, None);
        for link in self.tracks.remove(&id).into_iter().flat_map(|track| track.announcers) {
            self.links.get_mut(&link).map(|offers| offers.open.remove(&id));
        }
    }
}

impl Offers {
    /// When patience ends with what it owes.
    fn until(&self) -> Mono {
        self.asked.progress().plus(self.pace.patience_ms(0))
    }

    fn stalls(&self, now: Mono) -> bool {
        self.asked.stalls(now, if self.pace.is_late() { 0 } else { self.pace.patience_ms(0) })
    }

    /// For how many more transactions it can be asked.
    fn room(&self) -> usize {
        LINK_REQUESTS_MAX.saturating_sub(self.asked.len()).saturating_mul(TRANSACTIONS_ASKED_MAX)
    }
}
