//! Byte streams as TCP has them, over packets that get lost, doubled and late.
mod packet;
mod socket;
#[cfg(test)]
mod tests;

pub(crate) use packet::{End, Load, Packet, Party, Report};

use crate::agenda::{Agenda, Due};
use crate::settings::{PACKET_BYTES_MAX, RESEND_MS, RESEND_MS_MAX};
use crate::{Dice, Settings, Stats};
use isonomy_types::Link;
use socket::Socket;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub(crate) struct Network {
    settings: Settings,
    dice: Dice,
    sockets: BTreeMap<Link, Socket>,
    links: u64,
    /// The side each host is on, while the network is split. Those not named are on one more.
    sides: BTreeMap<usize, usize>,
    /// The second does not hear the first.
    muted: BTreeSet<(usize, usize)>,
    /// They send, and read nothing of what is sent to them.
    deaf: BTreeSet<Party>,
    down: BTreeSet<usize>,
    pub(crate) stats: Stats,
}

impl Network {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            settings: settings.clone(),
            dice: Dice::new(settings.seed, "network"),
            sockets: BTreeMap::new(),
            links: 0,
            sides: BTreeMap::new(),
            muted: BTreeSet::new(),
            deaf: BTreeSet::new(),
            down: BTreeSet::new(),
            stats: Stats::default(),
        }
    }

    /// Whether packets get from the first to the second. Outsiders are on every side.
    pub(crate) fn is_open(&self, a: Party, b: Party) -> bool {
        let up = |party| !matches!(party, Party::Host(host) if self.down.contains(&host));
        let together = match (a, b) {
            (Party::Host(a), Party::Host(b)) => {
                self.sides.get(&a) == self.sides.get(&b) && !self.muted.contains(&(a, b))
            }
            _ => true,
        };
        up(a) && up(b) && together
    }

    pub(crate) fn split(&mut self, sides: &[Vec<usize>]) {
        let named = sides.iter().enumerate();
        self.sides =
            named.flat_map(|(side, hosts)| hosts.iter().map(move |h| (*h, side))).collect();
    }

    pub(crate) fn heal(&mut self) {
        self.sides.clear();
        self.muted.clear();
    }

    pub(crate) fn mute(&mut self, from: usize, to: usize) {
        self.muted.insert((from, to));
    }

    pub(crate) fn unmute(&mut self, from: usize, to: usize) {
        self.muted.remove(&(from, to));
    }

    pub(crate) fn read(&mut self, party: Party, reads: bool) {
        if reads {
            self.deaf.remove(&party);
        } else {
            self.deaf.insert(party);
        }
    }

    /// Whether the far end of a link has not let go of it.
    pub(crate) fn is_held(&self, link: Link) -> bool {
        let far = self.sockets.get(&link).map(|socket| socket.peer.link);
        far.is_some_and(|far| self.sockets.contains_key(&far))
    }

    pub(crate) fn revive(&mut self, host: usize) {
        self.down.remove(&host);
    }

    /// The host says no goodbye: its peers learn of it by silence, or once it is up again and knows
    /// nothing of their links.
    pub(crate) fn crash(&mut self, host: usize) {
        self.down.insert(host);
        self.sockets.retain(|_, socket| socket.own.party != Party::Host(host));
    }

    /// Both ends of a new link, and the latency from the second to the first.
    pub(crate) fn connect(&mut self, a: Party, b: Party) -> (Link, Link, u64) {
        let (first, second) =
            (Link(self.links.saturating_add(1)), Link(self.links.saturating_add(2)));
        self.links = second.0;
        let (a, b) = (End { party: a, link: first }, End { party: b, link: second });
        let there = Socket::new(a, b, self.latency_ms());
        let back = Socket::new(b, a, self.latency_ms());
        let latency_ms = back.latency_ms;
        self.sockets.extend([(first, there), (second, back)]);
        (first, second, latency_ms)
    }

    pub(crate) fn latency_ms(&mut self) -> u64 {
        let (least, most) = self.settings.latency_ms;
        self.dice.between(least, most)
    }

    /// Whether a first packet, which has no socket yet, gets lost.
    pub(crate) fn is_call_lost(&mut self) -> bool {
        self.dice.chance(self.settings.loss_permille)
    }

    pub(crate) fn send(&mut self, agenda: &mut Agenda, link: Link, bytes: &[u8]) {
        for piece in bytes.chunks(PACKET_BYTES_MAX) {
            let Some(socket) = self.sockets.get_mut(&link) else { return };
            let seq = socket.enqueue(piece);
            agenda.after(RESEND_MS, Due::Resend { link, seq, waited_ms: RESEND_MS });
            self.transmit_data(agenda, link, seq);
        }
    }

    /// The other end hears of it, unless that one packet is lost: then the next it sends is answered
    /// so.
    pub(crate) fn close(&mut self, agenda: &mut Agenda, link: Link) {
        if let Some(socket) = self.sockets.remove(&link) {
            let packet = Packet { from: socket.own, to: socket.peer, load: Load::Reset };
            self.transmit(agenda, packet, socket.latency_ms);
        }
    }

    pub(crate) fn resend(&mut self, agenda: &mut Agenda, link: Link, seq: u64, waited_ms: u64) {
        let socket = self.sockets.get(&link);
        if socket.is_some_and(|socket| socket.unacked.contains_key(&seq)) {
            self.stats.resent = self.stats.resent.saturating_add(1);
            let waited_ms = waited_ms.saturating_mul(2).min(RESEND_MS_MAX);
            agenda.after(waited_ms, Due::Resend { link, seq, waited_ms });
            self.transmit_data(agenda, link, seq);
        }
    }

    /// A packet comes to its end. What that means for the owner of the end.
    pub(crate) fn arrive(&mut self, agenda: &mut Agenda, packet: Packet) -> Option<Report> {
        let Packet { from, to, load } = packet;
        if !self.is_open(from.party, to.party) {
            self.stats.swallowed = self.stats.swallowed.saturating_add(1);
            return None;
        }
        if matches!(load, Load::Data { .. }) && self.deaf.contains(&to.party) {
            self.stats.unread = self.stats.unread.saturating_add(1);
            return None;
        }
        let Some(socket) = self.sockets.get_mut(&to.link) else {
            if !matches!(load, Load::Reset) {
                let latency_ms = self.latency_ms();
                self.transmit(agenda, Packet { from: to, to: from, load: Load::Reset }, latency_ms);
            }
            return None;
        };
        match load {
            Load::Data { seq, bytes } => {
                let fresh = socket.receive(seq, bytes);
                let latency_ms = socket.latency_ms;
                let load = Load::Ack { next: socket.expected };
                self.transmit(agenda, Packet { from: to, to: from, load }, latency_ms);
                (!fresh.is_empty()).then_some(Report::Received(fresh))
            }
            Load::Ack { next } => {
                let freed = socket.acknowledged(next);
                (freed > 0).then_some(Report::Writable(freed))
            }
            Load::Reset => {
                self.sockets.remove(&to.link);
                Some(Report::Closed)
            }
        }
    }

    fn transmit_data(&mut self, agenda: &mut Agenda, link: Link, seq: u64) {
        let Some(socket) = self.sockets.get(&link) else { return };
        let Some(bytes) = socket.unacked.get(&seq) else { return };
        let load = Load::Data { seq, bytes: Arc::clone(bytes) };
        let packet = Packet { from: socket.own, to: socket.peer, load };
        self.transmit(agenda, packet, socket.latency_ms);
    }

    /// Where packets are lost, doubled and delayed.
    fn transmit(&mut self, agenda: &mut Agenda, packet: Packet, latency_ms: u64) {
        let (settings, stats) = (&self.settings, &mut self.stats);
        let mut happens = |permille, count: &mut u64| {
            let happens = self.dice.chance(permille);
            *count = count.saturating_add(happens.into());
            happens
        };
        stats.packets = stats.packets.saturating_add(1);
        if happens(settings.loss_permille, &mut stats.lost) {
            return;
        }
        let late = happens(settings.reorder_permille, &mut stats.late);
        let twice = happens(settings.duplicate_permille, &mut stats.doubled);
        let longest = settings.latency_ms.1.saturating_mul(3);
        let late_ms = if late { self.dice.between(1, longest) } else { 0 };
        let ms = latency_ms.saturating_add(late_ms);
        if twice {
            let more_ms = self.dice.between(0, longest);
            agenda.after(ms.saturating_add(more_ms), Due::Packet(packet.clone()));
        }
        agenda.after(ms, Due::Packet(packet));
    }
}
