//! The machine that wires the duties together.
mod calls;
mod memory;
mod receive;

pub(crate) use memory::{REMEMBERED_BYTES_MAX, SHARED_BYTES_MAX};

use crate::addresses::Addresses;
use crate::announcements::Announcements;
use crate::bodies::Bodies;
use crate::budget::Budget;
use crate::chance::Chance;
use crate::frame::Frames;
use crate::handshake::Handshake;
use crate::headers::Headers;
use crate::keepalive::Keepalive;
use crate::outbox::Outbox;
use crate::relay::Relay;
use crate::requests::Requests;
use crate::serve::Serve;
use crate::{CloseReason, Direction, Input, Limits, NetAddress, Output, PeerInfo, Violation};
use alloc::{collections::BTreeMap, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{Link, Mono, NodeKey, Now, Text};

/// What a machine of peers is told at its start.
#[derive(Clone, Debug)]
pub struct Config {
    /// Id of the chain.
    pub genesis: Hash,
    /// Random for each start: shows a link to oneself.
    pub nonce: u64,
    /// Random for each start: jitter and choice follow from it.
    pub seed: [u8; 32],
    /// The port on which this node accepts links, if it does.
    pub listening: Option<u16>,
    /// How much peers are given.
    pub limits: Limits,
}

/// All links, as one machine. Calls that take no time happen at the time last told.
pub struct Peers {
    /// The latest time told. Never goes back.
    now: Mono,
    config: Config,
    chance: Chance,
    out: Outbox,
    links: BTreeMap<Link, Connection>,
    /// Bytes received so far, and what had come and gone when all was weighed last.
    received: u64,
    weighed: u64,
    handshake: Handshake,
    keepalive: Keepalive,
    budget: Budget,
    serve: Serve,
    headers: Headers,
    bodies: Bodies,
    announcements: Announcements,
    requests: Requests,
    addresses: Addresses,
    relay: Relay,
}

struct Connection {
    info: PeerInfo,
    frames: Frames,
    /// The nonce of its hello: another for each start of the far node.
    nonce: u64,
    /// Since when a frame has been half here.
    half: Option<Mono>,
}

impl Peers {
    /// A machine without links.
    #[must_use]
    pub fn new(now: Now, config: Config) -> Self {
        Self {
            now: now.mono,
            chance: Chance::new(config.seed),
            out: Outbox::new(now.mono, &config.limits),
            links: BTreeMap::new(),
            received: 0,
            weighed: 0,
            handshake: Handshake::new(config.limits.handshake_ms),
            keepalive: Keepalive::default(),
            budget: Budget::default(),
            serve: Serve::default(),
            headers: Headers::default(),
            bodies: Bodies::default(),
            announcements: Announcements::default(),
            requests: Requests::default(),
            addresses: Addresses::default(),
            relay: Relay::default(),
            config,
        }
    }

    /// Takes in one event. Drain [`poll`](Self::poll) before the next.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.advance(now);
        self.tick();
        match input {
            Input::Opened { link, direction, remote, address } => {
                self.opened(link, direction, remote, address);
            }
            Input::Closed { link } => {
                self.out.forget(link);
                self.forget(link);
            }
            Input::Received { link, bytes } => self.received(link, &bytes),
            Input::Writable { link, bytes } => {
                self.out.writable(link, bytes);
                self.serve.settle(self.now, link, &mut self.out);
            }
            Input::Tick => {}
        }
        self.settle();
        self.weigh();
    }

    /// The next thing to do, in order; `None` when there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.poll()
    }

    /// When it next wants an [`Input::Tick`].
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let deadlines = [
            self.out.deadline(),
            self.half_deadline(),
            self.handshake.deadline(),
            self.keepalive.deadline(),
            self.serve.deadline(&self.out),
            self.headers.deadline(),
            self.bodies.deadline(),
            self.announcements.deadline(),
            self.requests.deadline(),
            self.addresses.deadline(),
        ];
        deadlines.into_iter().flatten().min()
    }

    fn advance(&mut self, now: Now) {
        self.now = self.now.max(now.mono);
        self.out.advance(self.now);
    }

    fn tick(&mut self) {
        let (now, chance, out) = (self.now, &mut self.chance, &mut self.out);
        out.tick();
        self.handshake.tick(now, out);
        self.keepalive.tick(now, chance, out);
        self.serve.tick(now, out);
        self.headers.tick(now, out);
        self.bodies.tick(now, out);
        self.announcements.tick(now, chance, out);
        self.requests.tick(now, chance, out);
        self.addresses.tick(now, out);
        self.slow_senders();
        self.second_dials();
        self.settle();
    }

    /// Hangs up on those who began a frame and do not get on with it.
    fn slow_senders(&mut self) {
        let limit = self.config.limits.least_bytes_per_s;
        let ends = |(_, of): &(&Link, &Connection)| self.half_ends(of);
        let late = self.links.iter().filter(|of| ends(of).is_some_and(|at| at <= self.now));
        let speed = |(link, connection): (&Link, &Connection)| {
            let ms = self.now.since(connection.half.unwrap_or(self.now)).max(1);
            let got = (connection.frames.held() as u64).saturating_mul(1_000) / ms;
            (*link, got.min(limit))
        };
        for (link, got) in late.map(speed).collect::<Vec<_>>() {
            self.out.close(link, Violation::Slow { what: "sender", got, limit });
        }
    }

    fn half_deadline(&self) -> Option<Mono> {
        self.links.values().filter_map(|connection| self.half_ends(connection)).min()
    }

    /// When the frame that is half here must be whole. Before hello, the handshake has its own end.
    fn half_ends(&self, connection: &Connection) -> Option<Mono> {
        let (since, limits) =
            (connection.half.filter(|_| connection.info.ready)?, &self.config.limits);
        let bytes = connection.frames.coming()? as u64;
        let ms = bytes.saturating_mul(1_000) / limits.least_bytes_per_s.max(1);
        Some(since.plus(limits.slow_ms).plus(ms))
    }

    /// Of two links that this node dialled to one, the far end closes one. If it does not in time,
    /// the newer goes here.
    fn second_dials(&mut self) {
        for link in self.handshake.second_dials(self.now) {
            let Some(remote) = self.links.get(&link).map(|connection| connection.info.remote)
            else {
                continue;
            };
            if self.ready_to(remote).any(|other| other != link) {
                self.out.close(link, Violation::Duplicate);
            }
        }
    }

    /// Links that are ready and lead to `remote`.
    fn ready_to(&self, remote: NodeKey) -> impl Iterator<Item = Link> {
        let infos = self.links.values().map(|connection| &connection.info);
        infos.filter(move |info| info.ready && info.remote == remote).map(|info| info.link)
    }

    fn opened(
        &mut self,
        link: Link,
        direction: Direction,
        remote: NodeKey,
        address: Option<NetAddress>,
    ) {
        if self.links.contains_key(&link) {
            return;
        }
        self.out.open(link);
        let Limits { links, inbound, .. } = self.config.limits;
        let dialled_us = |connection: &&Connection| connection.info.direction == Direction::Inbound;
        let accepted = self.links.values().filter(dialled_us).count();
        if direction == Direction::Inbound && accepted >= inbound {
            return self.out.close(link, CloseReason::Full { limit: inbound });
        }
        if self.links.len() >= links {
            return self.out.close(link, CloseReason::Full { limit: links });
        }
        let info = PeerInfo {
            link,
            remote,
            direction,
            address: address.map(NetAddress::canonical),
            height: 0,
            ready: false,
            agent: Text::default(),
            bytes_in: 0,
            bytes_out: 0,
            useful: 0,
            since: self.now,
        };
        let frames = Frames::new();
        self.links.insert(link, Connection { info, frames, nonce: 0, half: None });
        self.handshake.opened(self.now, link, &self.config, &mut self.out);
    }

    /// Asks for bodies where that became possible, and takes leave of the links closed meanwhile,
    /// which may make more possible.
    fn settle(&mut self) {
        loop {
            self.bodies.settle(self.now, &self.headers, &mut self.chance, &mut self.out);
            let Some(link) = self.out.take_closed() else { break };
            self.forget(link);
        }
    }

    fn forget(&mut self, link: Link) {
        let Some(gone) = self.links.remove(&link) else { return };
        if gone.info.ready {
            self.out.emit(Output::Lost { link });
        }
        self.handshake.lost(link);
        self.keepalive.lost(link);
        self.budget.lost(link);
        self.serve.lost(link);
        self.headers.lost(link);
        self.bodies.lost(link);
        self.announcements.lost(link);
        self.addresses.lost(link);
        self.requests.lost(self.now, link, &mut self.chance, &mut self.out);
    }
}
