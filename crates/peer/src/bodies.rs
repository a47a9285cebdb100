//! Which body is asked of whom: of those who showed the header first, then of anyone. Silence and
//! refusal move the request on, round after round, until the body is no longer wanted. A window
//! bounds what is under way, and a link's share of it follows how soon it answers.
use crate::asked::{Asked, unanswered};
use crate::chance::Chance;
use crate::headers::Headers;
use crate::outbox::Outbox;
use crate::pace::{PATIENCE_MS_MIN, Pace, near};
use crate::{BodyBytes, Message, Output, Violation};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::mem;
use isonomy_crypto::Hash;
use isonomy_types::{Link, Mono};

/// Bodies wanted at once. More are cut off: the node wants them again as these come in.
pub const WANTED_MAX: usize = 1_024;
/// Bodies in flight from all links, so that answers to our own asking cannot fill the memory.
pub const BODIES_MAX: usize = 32;
/// Bodies in flight from one link, late ones included: a staller holds up no more than these.
pub const LINK_BODIES_MAX: usize = 8;
/// Bytes of bodies under way or being checked, by what bodies came to lately: eight of the largest.
/// So large blocks, or slow checks, do not fill the memory. The most needed is always fetched, and
/// bodies that turn out larger than usual may pass it by [`BODIES_MAX`] of the largest, once.
pub const BODY_WINDOW_BYTES: usize = 32 * 1024 * 1024;
/// The longest that one link alone may take over a body, in milliseconds, before another is asked
/// too, however slow it was so far (CVE-2024-52913).
pub const BODY_PATIENCE_MS_MAX: u64 = 20_000;
/// A link is asked for as many bodies as it answers in this many milliseconds, at least one: enough
/// to keep its line busy over a round trip, and a slow one holds up little.
pub const AHEAD_MS: u64 = 2_000;
/// What a body is taken to have before one came, in bytes.
const UNKNOWN_BYTES: u64 = 65_536;
/// How long a body that came and is still wanted is left alone, in milliseconds: time to decode
/// and check it.
pub const BODY_CHECK_MS: u64 = 30_000;
/// The pause after a round in which nobody had a body, in milliseconds. Doubles each round.
pub const RETRY_MS: u64 = 1_000;
/// The longest such pause, in milliseconds.
pub const RETRY_MS_MAX: u64 = 30_000;

#[derive(Default)]
pub(crate) struct Bodies {
    /// The wish, in order of need.
    order: Vec<Hash>,
    wants: BTreeMap<Hash, Want>,
    timers: BTreeSet<(Mono, Hash)>,
    links: BTreeMap<Link, Source>,
    /// What bodies came to lately, in bytes; 0 before the first.
    usual_bytes: u64,
    /// Something changed since bodies were last asked for.
    stale: bool,
    /// When those that something waits for may have turned out to stall.
    look_again: Option<Mono>,
}

/// A link as a source of bodies.
struct Source {
    asked: Asked<Hash>,
    pace: Pace,
}

#[derive(Default)]
struct Want {
    state: State,
    /// Of one that came.
    bytes: usize,
    timer: Option<Mono>,
    /// Links asked in this round.
    tried: BTreeSet<Link>,
    rounds: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Idle,
    Asked(Link),
    Came(Link),
    /// Nobody had it: the next round begins after a pause, or when somebody new may have it.
    Pausing,
}

enum Choice {
    Ask(Link),
    /// Those who may have it all owe as much as they may. Until when that is so.
    Wait(Mono),
    Nobody,
}

impl Bodies {
    pub(crate) fn ready(&mut self, link: Link) {
        let pace = Pace::new(BODY_PATIENCE_MS_MAX);
        self.links.insert(link, Source { asked: Asked::new(), pace });
        self.stale = true;
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
        self.stale = true;
        for want in self.wants.values_mut() {
            want.tried.remove(&link);
        }
        self.set_idle(|state| matches!(state, State::Asked(of) | State::Came(of) if of == link));
    }

    /// Replaces the former wish.
    pub(crate) fn want(&mut self, ids: Vec<Hash>) {
        self.stale = true;
        let mut former = mem::take(&mut self.wants);
        self.order.clear();
        for id in ids {
            if self.order.len() < WANTED_MAX && !self.wants.contains_key(&id) {
                self.order.push(id);
                self.wants.insert(id, former.remove(&id).unwrap_or_default());
            }
        }
        for (id, want) in former {
            want.timer.map(|timer| self.timers.remove(&(timer, id)));
        }
    }

    /// `link` has shown the block: worth asking, even if it did not have it before.
    pub(crate) fn shown(&mut self, link: Link, id: &Hash) {
        if let Some(want) = self.wants.get_mut(id) {
            want.tried.remove(&link);
            self.stale = true;
        }
    }

    /// Whether `link` owes an answer.
    pub(crate) fn expected(&self, link: Link) -> bool {
        self.links.get(&link).is_some_and(|source| source.asked.len() > 0)
    }

    pub(crate) fn arrived(
        &mut self,
        now: Mono,
        link: Link,
        id: Hash,
        bytes: BodyBytes,
        out: &mut Outbox,
    ) -> Result<(), Violation> {
        self.answered(now, link, &id, bytes.len(), "body")?;
        let usual = if self.usual_bytes == 0 { bytes.len() as u64 } else { self.usual_bytes };
        self.usual_bytes = near(usual, bytes.len() as u64, 8);
        match self.wants.get_mut(&id) {
            Some(Want { state: State::Came(_), .. }) => return Ok(()),
            Some(want) => {
                want.bytes = bytes.len();
                self.set(id, State::Came(link), Some(now.plus(BODY_CHECK_MS)));
            }
            None => {}
        }
        out.emit(Output::Body { link, id, bytes });
        Ok(())
    }

    pub(crate) fn refused(&mut self, now: Mono, link: Link, id: Hash) -> Result<(), Violation> {
        self.answered(now, link, &id, 0, "no body")?;
        if self.wants.get(&id).is_some_and(|want| want.state == State::Asked(link)) {
            self.set(id, State::Idle, None);
        }
        Ok(())
    }

    fn answered(
        &mut self,
        now: Mono,
        link: Link,
        id: &Hash,
        bytes: usize,
        what: &'static str,
    ) -> Result<(), Violation> {
        self.stale = true;
        let source = self.links.get_mut(&link).ok_or(Violation::Unrequested(what))?;
        let taken = source.asked.take(now, |ask| ask == id);
        let (_, ms) = taken.ok_or(Violation::Unrequested(what))?;
        source.pace.answered(ms, bytes);
        Ok(())
    }

    pub(crate) fn tick(&mut self, now: Mono, out: &mut Outbox) {
        for (link, _) in self.links.iter().filter(|(_, source)| source.asked.overdue(now)) {
            out.close(*link, unanswered("body"));
        }
        self.stale |= self.look_again.take_if(|at| *at <= now).is_some();
        while let Some((timer, id)) = self.timers.first().copied()
            && timer <= now
        {
            self.timers.pop_first();
            let Some(want) = self.wants.get_mut(&id) else { continue };
            want.timer = None;
            match want.state {
                State::Asked(link) => {
                    if let Some(later) = self.still_patient(now, link) {
                        self.set(id, State::Asked(link), Some(later));
                        continue;
                    }
                }
                _ => want.tried.clear(),
            }
            self.stale = true;
            self.set(id, State::Idle, None);
        }
    }

    /// Until when `link` may take over what it is asked for. `None` if it has taken too long: then
    /// that is noted.
    fn still_patient(&mut self, now: Mono, link: Link) -> Option<Mono> {
        let bytes = self.usual_bytes;
        let source = self.links.get_mut(&link)?;
        let until = source.until(bytes);
        if until <= now {
            source.pace.missed();
        }
        (!source.pace.is_late()).then_some(until)
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let first = self.timers.first().map(|(timer, _)| *timer);
        let links = self.links.values().filter_map(|source| source.asked.deadline());
        links.chain(first).chain(self.look_again).min()
    }

    /// Bodies wanted, and links tried for them.
    pub(crate) fn held(&self) -> (usize, usize) {
        (self.wants.len(), self.wants.values().map(|want| want.tried.len()).sum())
    }

    /// Asks for what is most needed, as far as the limits allow. What must wait for a link to
    /// answer takes a place too, so that no more is looked at than could be asked for.
    pub(crate) fn settle(
        &mut self,
        now: Mono,
        headers: &Headers,
        chance: &mut Chance,
        out: &mut Outbox,
    ) {
        if !mem::take(&mut self.stale) {
            return;
        }
        let mut room = self.room();
        self.look_again = None;
        let order = mem::take(&mut self.order);
        for (index, id) in order.iter().enumerate() {
            let Some(want) = self.wants.get(id).filter(|want| want.is_open()) else { continue };
            if room == 0 && index > 0 {
                break;
            }
            match self.choose(now, id, want, headers, chance) {
                Choice::Ask(link) => self.ask(now, link, *id, out),
                Choice::Wait(until) => {
                    let sooner = self.look_again.map_or(until, |at| at.min(until));
                    self.look_again = Some(sooner);
                }
                Choice::Nobody if want.state == State::Idle => {
                    self.pause(now, *id, chance, out);
                    continue;
                }
                Choice::Nobody => continue,
            }
            room = room.saturating_sub(1);
        }
        self.order = order;
    }

    /// For how many more bodies the window has room.
    fn room(&self) -> usize {
        let in_flight = |want: &&Want| matches!(want.state, State::Asked(_));
        let in_flight = self.wants.values().filter(in_flight).count();
        let came = self.wants.values().filter(|want| matches!(want.state, State::Came(_)));
        let checking = came.fold(0_usize, |sum, want| sum.saturating_add(want.bytes));
        let known = usize::try_from(self.usual_bytes).unwrap_or(usize::MAX);
        let usual = if known == 0 { UNKNOWN_BYTES as usize } else { known };
        let fit = BODY_WINDOW_BYTES.saturating_sub(checking) / usual.max(1);
        fit.min(BODIES_MAX).saturating_sub(in_flight)
    }

    /// Those who stall are asked only when nobody else is left. Those who showed the header come
    /// first; among equals, those who are likely to answer soonest.
    fn choose(
        &self,
        now: Mono,
        id: &Hash,
        want: &Want,
        headers: &Headers,
        chance: &mut Chance,
    ) -> Choice {
        let links = self.links.iter().filter(|(link, _)| !want.tried.contains(link));
        let untried = links.filter(|(_, source)| !source.asked.iter().any(|late| late == id));
        let bytes = self.usual_bytes;
        let (slow, awake): (Vec<_>, Vec<_>) =
            untried.partition(|(_, source)| source.stalls(now, bytes));
        let left = if awake.is_empty() { slow } else { awake };
        let Some(end) = left.iter().map(|(_, source)| source.until(bytes)).min() else {
            return Choice::Nobody;
        };
        let free = left.iter().filter(|(_, source)| source.asked.len() < source.share());
        let ranked =
            free.map(|(link, source)| ((!headers.holds(**link, id), source.wait_ms()), **link));
        let wait = Choice::Wait(end.max(now.plus(PATIENCE_MS_MIN)));
        chance.pick(&ranked.collect::<Vec<_>>()).map_or(wait, Choice::Ask)
    }

    fn ask(&mut self, now: Mono, link: Link, id: Hash, out: &mut Outbox) {
        if let Some(want) = self.wants.get_mut(&id) {
            want.tried.insert(link);
        }
        let mut until = now;
        if let Some(source) = self.links.get_mut(&link) {
            source.asked.push(now, id);
            until = source.until(self.usual_bytes).max(now.plus(PATIENCE_MS_MIN));
        }
        self.set(id, State::Asked(link), Some(until));
        out.send(link, &Message::GetBody { id });
    }

    fn pause(&mut self, now: Mono, id: Hash, chance: &mut Chance, out: &mut Outbox) {
        let Some(want) = self.wants.get_mut(&id) else { return };
        let doubled = RETRY_MS.saturating_mul(1 << want.rounds.min(16));
        want.rounds = want.rounds.saturating_add(1);
        let pause = chance.jitter(doubled.min(RETRY_MS_MAX));
        self.set(id, State::Pausing, Some(now.plus(pause.max(1))));
        out.emit(Output::NoHolder { id });
    }

    fn set(&mut self, id: Hash, state: State, timer: Option<Mono>) {
        let Some(want) = self.wants.get_mut(&id) else { return };
        if let Some(former) = mem::replace(&mut want.timer, timer) {
            self.timers.remove(&(former, id));
        }
        want.state = state;
        self.timers.extend(timer.map(|timer| (timer, id)));
    }

    fn set_idle(&mut self, which: impl Fn(State) -> bool) {
        let ids = self.wants.iter().filter(|(_, want)| which(want.state)).map(|(id, _)| *id);
        for id in ids.collect::<Vec<_>>() {
            self.set(id, State::Idle, None);
        }
    }
}

impl Source {
    /// When patience ends with what it owes.
    fn until(&self, bytes: u64) -> Mono {
        self.asked.progress().plus(self.pace.patience_ms(bytes))
    }

    fn stalls(&self, now: Mono, bytes: u64) -> bool {
        self.asked.stalls(now, if self.pace.is_late() { 0 } else { self.pace.patience_ms(bytes) })
    }

    /// How many bodies it may owe.
    fn share(&self) -> usize {
        let fit = usize::try_from(AHEAD_MS / self.pace.answer_ms()).unwrap_or(usize::MAX);
        fit.clamp(1, LINK_BODIES_MAX)
    }

    /// How long one more body would take.
    fn wait_ms(&self) -> u64 {
        self.pace.answer_ms().saturating_mul((self.asked.len() as u64).saturating_add(1))
    }
}

impl Want {
    /// Whether somebody may be asked.
    const fn is_open(&self) -> bool {
        matches!(self.state, State::Idle | State::Pausing)
    }
}
