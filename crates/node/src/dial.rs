//! Whom to call: addresses heard of, tried and known good.
use crate::{Node, Output};
use alloc::{collections::BTreeMap, vec::Vec};
use chacha20::ChaCha12Rng;
use isonomy_peer::{CloseReason, Direction, NetAddress, Violation};
use isonomy_types::{Link, Mono, NodeKey};
use rand_core::{Rng, SeedableRng};

/// Addresses remembered; a newcomer beyond it replaces a random one that was never reached, or failed
/// more often in a row than [`DOUBLINGS_MAX`]. Stops gossip from filling memory.
pub(crate) const ADDRESSES_MAX: usize = 1_024;
/// Addresses told to one peer at a time.
const SHARED_MAX: usize = 64;
/// Milliseconds until an address that failed is tried again, doubled with every failure …
const RETRY_MS: u64 = 1_000;
/// … up to this many times.
const DOUBLINGS_MAX: u32 = 6;
/// Dials under way at once.
const DIALS_MAX: usize = 4;
/// Milliseconds after which a dial has failed whose end nobody told.
const DIAL_MS: u64 = 60_000;

#[derive(Clone, Default)]
struct Known {
    failures: u32,
    /// Of an idle one: when it may be dialled. Of one being dialled: when that has failed.
    not_before: Mono,
    state: State,
    /// Whether a dial ever led to somebody.
    reached: bool,
    /// Whom it led to, the last time it led to anyone.
    key: Option<NodeKey>,
    seed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Idle,
    Dialling,
    Open(Link, Direction),
    /// It is this node itself.
    Own,
}

pub(crate) struct Book {
    known: BTreeMap<NetAddress, Known>,
    wanted: Vec<NodeKey>,
    rng: ChaCha12Rng,
}

impl Book {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { known: BTreeMap::new(), wanted: Vec::new(), rng: ChaCha12Rng::from_seed(seed) }
    }

    pub(crate) fn seed(&mut self, address: NetAddress) {
        self.known.entry(address.canonical()).or_default().seed = true;
    }

    /// These and no others.
    pub(crate) fn seeds(&mut self, addresses: &[NetAddress]) {
        self.known.values_mut().for_each(|known| known.seed = false);
        addresses.iter().for_each(|address| self.seed(*address));
    }

    /// Heard from a peer: a rumour.
    pub(crate) fn heard(&mut self, address: NetAddress) {
        if self.known.len() >= ADDRESSES_MAX && !self.known.contains_key(&address) {
            let weak = self.known.iter().filter(|(_, known)| known.is_weak()).map(|(a, _)| *a);
            let weak: Vec<NetAddress> = weak.collect();
            let Some(victim) = self.pick(&weak) else { return };
            self.known.remove(&victim);
        }
        self.known.entry(address).or_default();
    }

    /// What was dialled answered, or an inbound peer says where it can be dialled.
    pub(crate) fn opened(
        &mut self,
        address: NetAddress,
        link: Link,
        direction: Direction,
        key: NodeKey,
    ) {
        self.heard(address);
        let known = self.known.get_mut(&address);
        // Each called the other: of the two links the one that this node dialled counts.
        let dialled = direction == Direction::Outbound;
        let free = |known: &&mut Known| match known.state {
            State::Own | State::Open(_, Direction::Outbound) => false,
            State::Open(_, Direction::Inbound) => dialled,
            State::Idle | State::Dialling => true,
        };
        if let Some(known) = known.filter(free) {
            known.state = State::Open(link, direction);
            known.reached |= dialled;
            known.key = Some(key);
        }
    }

    /// Hands are shaken: the address is good.
    pub(crate) fn ready(&mut self, now: Mono, link: Link) {
        if let Some(known) = self.of(link) {
            (known.failures, known.not_before) = (0, now);
        }
    }

    pub(crate) fn failed(&mut self, now: Mono, address: NetAddress) {
        let known = self.known.get_mut(&address);
        if let Some(known) = known.filter(|known| known.state == State::Dialling) {
            known.fail(now);
        }
    }

    pub(crate) fn closed(&mut self, now: Mono, link: Link) {
        if let Some(known) = self.of(link) {
            known.fail(now);
        }
    }

    pub(crate) fn misbehaved(&mut self, now: Mono, link: Link, why: &CloseReason) {
        let own = matches!(why, CloseReason::Violation(Violation::SelfConnection));
        if let Some(known) = self.of(link) {
            known.fail(now);
            if own {
                known.state = State::Own;
            }
        }
    }

    pub(crate) fn want(&mut self, keys: Vec<NodeKey>) {
        self.wanted = keys;
    }

    /// Known good addresses, for a peer that asks.
    pub(crate) fn share(&mut self) -> Vec<NetAddress> {
        let good = |known: &Known| known.key.is_some() && known.failures == 0;
        let good = self.known.iter().filter(|(_, known)| good(known)).map(|(a, _)| *a);
        let mut left: Vec<NetAddress> = good.collect();
        let mut shared = Vec::new();
        while shared.len() < SHARED_MAX
            && let Some(address) = self.pick(&left)
        {
            left.retain(|other| *other != address);
            shared.push(address);
        }
        shared
    }

    /// Who is to be called now, so that `outbound` connections stand. Nobody is whose node is linked
    /// already, perhaps at another address or because it called: one of the two links would not last.
    fn due(&mut self, now: Mono, outbound: usize, linked: &[NodeKey]) -> Vec<NetAddress> {
        let lost = |known: &&mut Known| known.state == State::Dialling && known.not_before <= now;
        self.known.values_mut().filter(lost).for_each(|known| known.fail(now));
        let count = |of: fn(&State) -> bool| self.known.values().filter(|k| of(&k.state)).count();
        let open = count(|state| matches!(state, State::Open(_, Direction::Outbound)));
        let dialling = count(|state| *state == State::Dialling);
        let room = outbound.saturating_sub(open.saturating_add(dialling));
        let room = room.min(DIALS_MAX.saturating_sub(dialling));
        let mut due = Vec::new();
        while due.len() < room
            && let Some(address) = self.candidate(now, linked)
        {
            if let Some(known) = self.known.get_mut(&address) {
                (known.state, known.not_before) = (State::Dialling, now.plus(DIAL_MS));
            }
            due.push(address);
        }
        due
    }

    fn candidate(&mut self, now: Mono, linked: &[NodeKey]) -> Option<NetAddress> {
        let alone = |known: &Known| known.key.is_none_or(|key| !linked.contains(&key));
        let due = |known: &Known| known.state == State::Idle && known.not_before <= now;
        let ready = |known: &Known| due(known) && alone(known);
        let ready: Vec<_> = self.known.iter().filter(|(_, known)| ready(known)).collect();
        let wanted = |known: &Known| known.key.is_some_and(|key| self.wanted.contains(&key));
        let first: Vec<_> = ready.iter().filter(|(_, known)| wanted(known)).collect();
        let from: Vec<NetAddress> = match first.is_empty() {
            true => ready.into_iter().map(|(address, _)| *address).collect(),
            false => first.into_iter().map(|(address, _)| **address).collect(),
        };
        self.pick(&from)
    }

    fn pick(&mut self, from: &[NetAddress]) -> Option<NetAddress> {
        let index = self.rng.next_u64().checked_rem(from.len() as u64)?;
        from.get(usize::try_from(index).ok()?).copied()
    }

    fn of(&mut self, link: Link) -> Option<&mut Known> {
        let on = |known: &&mut Known| matches!(known.state, State::Open(open, _) if open == link);
        self.known.values_mut().find(on)
    }
}

impl Known {
    /// Whether it may make room for a newcomer: nobody was ever found there, or not for long.
    const fn is_weak(&self) -> bool {
        let gone = !self.reached || self.failures > DOUBLINGS_MAX;
        !self.seed && gone && matches!(self.state, State::Idle)
    }

    fn fail(&mut self, now: Mono) {
        self.state = State::Idle;
        let wait = RETRY_MS.saturating_mul(1 << self.failures.min(DOUBLINGS_MAX));
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.plus(wait);
    }
}

impl Node {
    pub(crate) fn dial(&mut self) {
        let ready = self.peers.links().filter(|peer| peer.ready);
        let linked: Vec<NodeKey> = ready.map(|peer| peer.remote).collect();
        for address in self.book.due(self.now.mono, self.config.outbound, &linked) {
            self.out.push_back(Output::Dial { address });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: u32) -> NetAddress {
        NetAddress::V4(n.to_be_bytes(), 4_000)
    }

    fn book() -> Book {
        let mut book = Book::new([7; 32]);
        (0..3).for_each(|n| book.seed(place(n)));
        book
    }

    #[test]
    fn attack_68_a_hundred_thousand_rumours_displace_none_who_was_reached() {
        let mut book = book();
        let honest = place(10);
        book.opened(honest, Link(1), Direction::Outbound, NodeKey([1; 32]));
        book.ready(Mono(0), Link(1));
        (100..100_100).for_each(|n| book.heard(place(n)));
        assert_eq!(book.known.len(), ADDRESSES_MAX);
        let kept = [place(0), place(1), place(2), honest];
        assert!(kept.iter().all(|address| book.known.contains_key(address)));
        assert_eq!(book.share(), [honest]);
    }

    #[test]
    fn attack_68_who_calls_us_from_many_ports_does_not_fill_the_book() {
        let mut book = book();
        for n in 0..2 * ADDRESSES_MAX as u32 {
            let link = Link(u64::from(n));
            book.opened(place(1_000 + n), link, Direction::Inbound, NodeKey([2; 32]));
            book.ready(Mono(0), link);
            book.closed(Mono(0), link);
        }
        book.heard(place(10));
        assert!(book.known.contains_key(&place(10)), "a rumour replaces such a one");
    }

    #[test]
    fn a_node_that_is_linked_is_not_called_at_another_address() {
        let (mut book, key) = (Book::new([7; 32]), NodeKey([1; 32]));
        book.opened(place(10), Link(1), Direction::Outbound, key);
        book.closed(Mono(0), Link(1));
        let later = Mono(0).plus(RETRY_MS);
        assert_eq!(book.due(later, 1, &[key]), []);
        assert_eq!(book.due(later, 1, &[NodeKey([2; 32])]), [place(10)]);
    }

    #[test]
    fn of_two_links_to_an_address_the_one_dialled_is_followed() {
        let (mut book, key) = (Book::new([7; 32]), NodeKey([1; 32]));
        book.heard(place(10));
        assert_eq!(book.due(Mono(0), 1, &[]), [place(10)]);
        book.opened(place(10), Link(1), Direction::Inbound, key);
        book.opened(place(10), Link(2), Direction::Outbound, key);
        book.closed(Mono(0), Link(1));
        book.heard(place(11));
        assert_eq!(book.due(Mono(0), 1, &[key]), [], "the one outbound link stands");
        book.closed(Mono(0), Link(2));
        assert_eq!(book.due(Mono(0), 1, &[key]), [place(11)]);
    }

    #[test]
    fn those_who_are_gone_for_good_make_room() {
        let mut book = Book::new([7; 32]);
        for n in 0..ADDRESSES_MAX as u32 {
            let link = Link(u64::from(n));
            book.opened(place(n), link, Direction::Outbound, NodeKey([1; 32]));
            book.ready(Mono(0), link);
            book.closed(Mono(0), link);
        }
        let newcomer = place(5_000);
        book.heard(newcomer);
        assert!(!book.known.contains_key(&newcomer), "they may come back");
        for known in book.known.values_mut() {
            (0..DOUBLINGS_MAX).for_each(|_| known.fail(Mono(0)));
        }
        book.heard(newcomer);
        assert!(book.known.contains_key(&newcomer));
        assert_eq!(book.known.len(), ADDRESSES_MAX);
    }

    #[test]
    fn seeds_that_are_named_no_more_make_room_for_rumours() {
        let mut book = book();
        book.seeds(&[place(1), place(50)]);
        (100..100_100).for_each(|n| book.heard(place(n)));
        let known = |n| book.known.contains_key(&place(n));
        assert!(known(1) && known(50), "the owner names them");
        assert!(!known(0) && !known(2), "the owner does not");
        assert_eq!(book.known.len(), ADDRESSES_MAX);
    }

    #[test]
    fn an_address_being_dialled_is_not_forgotten() {
        let mut book = Book::new([7; 32]);
        (0..3).for_each(|n| book.heard(place(n)));
        let due = book.due(Mono(0), 3, &[]);
        assert_eq!(due.len(), 3);
        (100..100 + 2 * ADDRESSES_MAX as u32).for_each(|n| book.heard(place(n)));
        let dialling = book.known.values().filter(|known| known.state == State::Dialling);
        assert_eq!(dialling.count(), 3);
    }
}
