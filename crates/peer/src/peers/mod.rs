//! The machine that wires the duties together.
mod calls;
mod memory;
mod receive;

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
use crate::{CloseReason, Direction, Input, Limits, NetAddress, Output, PeerInfo};
use alloc::collections::BTreeMap;
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
}

impl Peers {
    /// A machine without links.
    #[must_use]
    pub fn new(now: Now, config: Config) -> Self {
        Self {
            now: now.mono,
            chance: Chance::new(config.seed),
            config,
            out: Outbox::new(),
            links: BTreeMap::new(),
            handshake: Handshake::new(),
            keepalive: Keepalive::default(),
            budget: Budget::default(),
            serve: Serve::default(),
            headers: Headers::default(),
            bodies: Bodies::default(),
            announcements: Announcements::default(),
            requests: Requests::default(),
            addresses: Addresses::default(),
            relay: Relay::default(),
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
    }

    /// The next thing to do, in order; `None` when there is nothing more.
    pub fn poll(&mut self) -> Option<Output> {
        self.out.poll()
    }

    /// When it next wants an [`Input::Tick`].
    #[must_use]
    pub fn deadline(&self) -> Option<Mono> {
        let deadlines = [
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
    }

    fn tick(&mut self) {
        let (now, chance, out) = (self.now, &mut self.chance, &mut self.out);
        self.handshake.tick(now, out);
        self.keepalive.tick(now, chance, out);
        self.serve.tick(now, out);
        self.headers.tick(now, out);
        self.bodies.tick(now, out);
        self.announcements.tick(now, chance, out);
        self.requests.tick(now, chance, out);
        self.addresses.tick(now, out);
        self.settle();
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
        let limit = self.config.limits.links;
        if self.links.len() >= limit {
            return self.out.close(link, CloseReason::Full { limit });
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
        self.links.insert(link, Connection { info, frames: Frames::new() });
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
