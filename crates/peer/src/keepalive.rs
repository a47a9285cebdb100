use crate::chance::Chance;
use crate::outbox::Outbox;
use crate::{Message, Violation};
use alloc::collections::BTreeMap;
use isonomy_types::{Link, Mono};

/// How long a link may say nothing before it is asked whether it is there, in milliseconds.
pub const IDLE_MS: u64 = 30_000;
/// How long it may take to say yes, in milliseconds: a dead link is dropped within both together.
pub const PONG_MS: u64 = 20_000;

/// Finds out which links are dead. Only whole frames count as life, so that dripping bytes does
/// not keep a place.
#[derive(Default)]
pub(crate) struct Keepalive {
    links: BTreeMap<Link, Pulse>,
}

struct Pulse {
    heard: Mono,
    ping: Option<(u64, Mono)>,
}

impl Keepalive {
    pub(crate) fn ready(&mut self, now: Mono, link: Link) {
        self.links.insert(link, Pulse { heard: now, ping: None });
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.links.remove(&link);
    }

    pub(crate) fn heard(&mut self, now: Mono, link: Link) {
        if let Some(pulse) = self.links.get_mut(&link) {
            pulse.heard = now;
        }
    }

    pub(crate) fn pong(&mut self, link: Link, nonce: u64) -> Result<(), Violation> {
        let pulse = self.links.get_mut(&link);
        let answered = pulse.and_then(|p| p.ping.take_if(|(asked, _)| *asked == nonce));
        answered.map(|_| ()).ok_or(Violation::Unrequested("pong"))
    }

    pub(crate) fn tick(&mut self, now: Mono, chance: &mut Chance, out: &mut Outbox) {
        for (link, pulse) in &mut self.links {
            if pulse.deadline() > now {
                continue;
            }
            if pulse.ping.is_some() {
                out.close(*link, Violation::Silent { what: "pong", limit: PONG_MS });
                continue;
            }
            let nonce = chance.nonce();
            pulse.ping = Some((nonce, now));
            out.send(*link, &Message::Ping { nonce });
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.links.values().map(Pulse::deadline).min()
    }
}

impl Pulse {
    fn deadline(&self) -> Mono {
        self.ping.map_or(self.heard.plus(IDLE_MS), |(_, since)| since.plus(PONG_MS))
    }
}
