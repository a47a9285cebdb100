//! Which body is asked of whom: of those who showed the header first, then of anyone. Silence and
//! refusal move the request on, round after round, until the body is no longer wanted.
use crate::asked::{Asked, unanswered};
use crate::chance::Chance;
use crate::headers::Headers;
use crate::outbox::Outbox;
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
/// How long one link alone may take over a body, in milliseconds, before another is asked too
/// (CVE-2024-52913).
pub const BODY_PATIENCE_MS: u64 = 5_000;
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
    links: BTreeMap<Link, Asked<Hash>>,
    /// Something changed since bodies were last asked for.
    stale: bool,
    /// When those that something waits for may have turned out to stall.
    look_again: Option<Mono>,
}

#[derive(Default)]
struct Want {
    state: State,
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
    /// Those who may have it all owe as much as they may.
    Wait,
    Nobody,
}

impl Bodies {
    pub(crate) fn ready(&mut self, link: Link) {
        self.links.insert(link, Asked::new());
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
        self.links.get(&link).is_some_and(|asked| asked.len() > 0)
    }

    pub(crate) fn arrived(
        &mut self,
        now: Mono,
        link: Link,
        id: Hash,
        bytes: BodyBytes,
        out: &mut Outbox,
    ) -> Result<(), Violation> {
        self.answered(now, link, &id, "body")?;
        match self.wants.get(&id).map(|want| want.state) {
            Some(State::Came(_)) => return Ok(()),
            Some(_) => self.set(id, State::Came(link), Some(now.plus(BODY_CHECK_MS))),
            None => {}
        }
        out.emit(Output::Body { link, id, bytes });
        Ok(())
    }

    pub(crate) fn refused(&mut self, now: Mono, link: Link, id: Hash) -> Result<(), Violation> {
        self.answered(now, link, &id, "no body")?;
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
        what: &'static str,
    ) -> Result<(), Violation> {
        self.stale = true;
        let asked = self.links.get_mut(&link).and_then(|asked| asked.take(now, |ask| ask == id));
        asked.map(|_| ()).ok_or(Violation::Unrequested(what))
    }

    pub(crate) fn tick(&mut self, now: Mono, out: &mut Outbox) {
        for (link, _) in self.links.iter().filter(|(_, asked)| asked.overdue(now)) {
            out.close(*link, unanswered("body"));
        }
        self.stale |= self.look_again.take_if(|at| *at <= now).is_some();
        while let Some((timer, id)) = self.timers.first().copied()
            && timer <= now
        {
            self.timers.pop_first();
            self.stale = true;
            let Some(want) = self.wants.get_mut(&id) else { continue };
            if !matches!(want.state, State::Asked(_)) {
                want.tried.clear();
            }
            (want.state, want.timer) = (State::Idle, None);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        let first = self.timers.first().map(|(timer, _)| *timer);
        let links = self.links.values().filter_map(Asked::deadline);
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
        let in_flight = |want: &&Want| matches!(want.state, State::Asked(_));
        let mut room = BODIES_MAX.saturating_sub(self.wants.values().filter(in_flight).count());
        self.look_again = None;
        let order = mem::take(&mut self.order);
        for id in &order {
            let Some(want) = self.wants.get(id).filter(|want| want.is_open()) else { continue };
            if room == 0 {
                break;
            }
            match self.choose(now, id, want, headers, chance) {
                Choice::Ask(link) => self.ask(now, link, *id, out),
                Choice::Wait => self.look_again = Some(now.plus(BODY_PATIENCE_MS)),
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

    /// Those who stall are asked only when nobody else is left. Those who showed the header come
    /// first; among equals, those who owe least.
    fn choose(
        &self,
        now: Mono,
        id: &Hash,
        want: &Want,
        headers: &Headers,
        chance: &mut Chance,
    ) -> Choice {
        let links = self.links.iter().filter(|(link, _)| !want.tried.contains(link));
        let untried = links.filter(|(_, asked)| !asked.iter().any(|late| late == id));
        let (slow, awake): (Vec<_>, Vec<_>) =
            untried.partition(|(_, asked)| asked.stalls(now, BODY_PATIENCE_MS));
        let left = if awake.is_empty() { slow } else { awake };
        if left.is_empty() {
            return Choice::Nobody;
        }
        let free = left.iter().filter(|(_, asked)| asked.len() < LINK_BODIES_MAX);
        let ranked = free.map(|(link, asked)| ((!headers.holds(**link, id), asked.len()), **link));
        chance.pick(&ranked.collect::<Vec<_>>()).map_or(Choice::Wait, Choice::Ask)
    }

    fn ask(&mut self, now: Mono, link: Link, id: Hash, out: &mut Outbox) {
        if let Some(want) = self.wants.get_mut(&id) {
            want.tried.insert(link);
        }
        if let Some(asked) = self.links.get_mut(&link) {
            asked.push(now, id);
        }
        self.set(id, State::Asked(link), Some(now.plus(BODY_PATIENCE_MS)));
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

impl Want {
    /// Whether somebody may be asked.
    const fn is_open(&self) -> bool {
        matches!(self.state, State::Idle | State::Pausing)
    }
}
