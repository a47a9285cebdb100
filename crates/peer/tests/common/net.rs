//! Several machines wired to each other: a carrier with delay and little credit, and above each
//! machine a floor that knows a line of blocks and some transactions, and is honest.
use super::samples::entry;
use super::{GENESIS, hash, now};
use isonomy_crypto::{Domain, Hash};
use isonomy_peer::{
    BodyBytes, CloseReason, Config, Direction, Input, Limits, NetAddress, Output, Peers,
    TransactionBytes,
};
use isonomy_types::{EngineMessage, Link, Mono, NodeKey};
use std::collections::{BTreeMap, BTreeSet};

const ENGINE: Domain = Domain::new("test engine message 1");

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

pub(crate) struct Node {
    pub(crate) peers: Peers,
    /// It has the headers of all heights up to this.
    pub(crate) height: u64,
    /// And these bodies.
    pub(crate) bodies: BTreeSet<u64>,
    pub(crate) transactions: BTreeSet<Hash>,
    pub(crate) heard: BTreeSet<Vec<u8>>,
    pub(crate) addresses: usize,
    pub(crate) no_holder: usize,
    pub(crate) kinds: BTreeSet<&'static str>,
    /// It never answers who asks for a body.
    pub(crate) stalls: bool,
}

/// A line so fast that bytes take no time.
const FAST: u64 = 1 << 40;

struct Wire {
    to: (usize, Link),
    delay: u64,
    /// Bytes a second.
    rate: u64,
    /// When the last piece arrives: pieces do not overtake.
    last: u64,
}

enum Event {
    Input(usize, Input),
    Piece { from: (usize, Link), to: (usize, Link), bytes: Vec<u8> },
}

pub(crate) struct Net {
    pub(crate) nodes: Vec<Node>,
    pub(crate) closed: Vec<(usize, Link, CloseReason)>,
    pub(crate) time: u64,
    agenda: BTreeMap<(u64, u64), Event>,
    wires: BTreeMap<(usize, Link), Wire>,
    ids: BTreeMap<Hash, u64>,
    serial: u64,
}

fn body(height: u64) -> BodyBytes {
    let size = 50 + (height % 7) * 4_000;
    BodyBytes::truncated(vec![height as u8; size as usize])
}

fn transaction(id: Hash) -> (Hash, TransactionBytes) {
    (id, TransactionBytes::truncated(vec![id.as_bytes()[7]; 300]))
}

impl Net {
    pub(crate) fn new(count: usize) -> Self {
        let node = |index: usize| {
            let (nonce, seed) = (index as u64 + 1, [index as u8; 32]);
            let (listening, limits) = (Some(4_000), Limits::default());
            let config = Config { genesis: GENESIS, nonce, seed, listening, limits };
            Node {
                peers: Peers::new(now(0), config),
                height: 0,
                bodies: BTreeSet::from([0]),
                transactions: BTreeSet::new(),
                heard: BTreeSet::new(),
                addresses: 0,
                no_holder: 0,
                kinds: BTreeSet::new(),
                stalls: false,
            }
        };
        Self {
            nodes: (0..count).map(node).collect(),
            closed: Vec::new(),
            time: 0,
            agenda: BTreeMap::new(),
            wires: BTreeMap::new(),
            ids: (0..200).map(|height| (entry(height).header.id(), height)).collect(),
            serial: 0,
        }
    }

    fn later(&mut self, time: u64, event: Event) {
        self.serial += 1;
        self.agenda.insert((time, self.serial), event);
    }

    pub(crate) fn connect(&mut self, a: usize, b: usize, delay: u64, credit: usize) {
        self.connect_with(a, b, [delay; 2], FAST, credit);
    }

    /// `delays` are of what the first says, and the second.
    pub(crate) fn connect_with(
        &mut self,
        a: usize,
        b: usize,
        delays: [u64; 2],
        rate: u64,
        credit: usize,
    ) {
        self.serial += 2;
        let ends = [(a, Link(self.serial)), (b, Link(self.serial + 1))];
        self.serial += 2;
        for (index, (node, link)) in ends.into_iter().enumerate() {
            let (to, last, delay) = (ends[1 - index], self.time, delays[index]);
            self.wires.insert((node, link), Wire { to, delay, rate, last });
            let direction = [Direction::Outbound, Direction::Inbound][index];
            let remote = NodeKey([to.0 as u8; 32]);
            let address = Some(NetAddress::V4([10, 0, 0, to.0 as u8], 4_000));
            let opened = Input::Opened { link, direction, remote, address };
            self.later(self.time, Event::Input(node, opened));
            self.later(self.time, Event::Input(node, Input::Writable { link, bytes: credit }));
        }
    }

    /// Cuts one wire; both ends hear of it.
    pub(crate) fn cut(&mut self, index: usize) {
        let Some(end) = self.wires.keys().nth(index).copied() else { return };
        let other = self.wires[&end].to;
        for (node, link) in [end, other] {
            self.wires.remove(&(node, link));
            self.later(self.time, Event::Input(node, Input::Closed { link }));
        }
    }

    pub(crate) fn wires(&self) -> usize {
        self.wires.len()
    }

    /// Lets everything happen that happens until `end`.
    pub(crate) fn run(&mut self, end: u64) {
        loop {
            let event = self.agenda.first_key_value().map(|((time, _), _)| *time);
            let deadlines = self.nodes.iter().enumerate();
            let tick = deadlines.filter_map(|(n, node)| Some((node.peers.deadline()?.0, n))).min();
            let next = event.into_iter().chain(tick.map(|(time, _)| time)).min();
            let Some(next) = next.filter(|next| *next <= end) else { break };
            self.time = self.time.max(next);
            match (event, tick) {
                (Some(time), _) if time == next => self.happen(),
                (_, Some((_, node))) => self.input(node, Input::Tick),
                _ => break,
            }
        }
        self.time = end;
    }

    fn happen(&mut self) {
        match self.agenda.pop_first().unwrap().1 {
            Event::Input(node, input) => self.input(node, input),
            Event::Piece { from, to, bytes } => {
                if self.wires.contains_key(&to) {
                    let credit = bytes.len();
                    self.input(to.0, Input::Received { link: to.1, bytes });
                    self.input(from.0, Input::Writable { link: from.1, bytes: credit });
                }
            }
        }
    }

    fn input(&mut self, node: usize, input: Input) {
        let now = now(self.time);
        self.nodes[node].peers.handle(now, input);
        self.drain(node);
    }

    pub(crate) fn drain(&mut self, index: usize) {
        while let Some(output) = self.nodes[index].peers.poll() {
            match output {
                Output::Send { link, bytes } => self.carry((index, link), bytes),
                Output::Close { link, why } => self.hang_up(index, link, why),
                other => {
                    let (time, ids) = (self.time, &self.ids);
                    self.nodes[index].report(time, ids, other);
                }
            }
        }
    }

    fn hang_up(&mut self, index: usize, link: Link, why: CloseReason) {
        self.closed.push((index, link, why));
        let Some(wire) = self.wires.remove(&(index, link)) else { return };
        self.wires.remove(&wire.to);
        let closed = Event::Input(wire.to.0, Input::Closed { link: wire.to.1 });
        self.later(self.time + wire.delay, closed);
    }

    fn carry(&mut self, from: (usize, Link), bytes: Vec<u8>) {
        let Some(wire) = self.wires.get_mut(&from) else { return };
        let took = bytes.len() as u64 * 1_000 / wire.rate;
        wire.last = wire.last.max(self.time + wire.delay) + took;
        let (to, time) = (wire.to, wire.last);
        self.later(time, Event::Piece { from, to, bytes });
    }

    /// `node` finds the next block.
    pub(crate) fn mine(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        it.height += 1;
        it.bodies.insert(it.height);
        it.peers.set_height(it.height);
        it.peers.announce(&entry(it.height));
        self.drain(node);
    }

    pub(crate) fn submit(&mut self, node: usize, id: Hash) {
        let now = now(self.time);
        self.nodes[node].transactions.insert(id);
        self.nodes[node].peers.announce_transactions(now, vec![id], None);
        self.drain(node);
    }

    pub(crate) fn speak(&mut self, node: usize, n: u64) {
        let (time, message) = (self.time, EngineMessage::truncated(n.to_le_bytes().to_vec()));
        self.nodes[node].hear(time, message);
        self.drain(node);
    }

    pub(crate) fn ask_addresses(&mut self, node: usize) {
        let it = &mut self.nodes[node];
        let links: Vec<_> = it.peers.links().map(|info| info.link).collect();
        links.into_iter().for_each(|link| it.peers.ask_addresses(now(self.time), link));
        self.drain(node);
    }
}

impl Node {
    fn report(&mut self, time: u64, ids: &BTreeMap<Hash, u64>, output: Output) {
        let now = now(time);
        let height_of = |id: &Hash| ids.get(id).copied();
        match output {
            Output::Ready { link, .. } => self.ask(time, link),
            Output::HeadersAsked { link, locator } => {
                self.kinds.insert("headers asked");
                let known = locator.iter().filter_map(height_of).find(|h| *h <= self.height);
                let from = known.unwrap_or(0);
                let entries = (from + 1..=self.height).map(entry).take(9).collect();
                self.peers.answer_headers(link, entries);
            }
            Output::Headers { link, entries, solicited } => {
                self.kinds.insert(if solicited { "headers" } else { "news" });
                let before = self.height;
                for entry in &entries {
                    if entry.header.height == self.height + 1 {
                        self.height += 1;
                        self.peers.announce(entry);
                    }
                }
                self.peers.set_height(self.height);
                let ahead = entries.iter().any(|entry| entry.header.height > self.height);
                if ahead || (solicited && self.height > before) {
                    self.ask(time, link);
                }
                self.want(time);
            }
            Output::BodyAsked { .. } if self.stalls => {}
            Output::BodyAsked { link, id } => match height_of(&id) {
                Some(height) if self.bodies.contains(&height) => {
                    self.kinds.insert("body asked");
                    self.peers.answer_body(link, id, body(height));
                }
                _ => {
                    self.kinds.insert("no body");
                    self.peers.answer_no_body(link, id);
                }
            },
            Output::Body { id, bytes, .. } => {
                let height = height_of(&id).unwrap();
                assert_eq!(bytes, body(height));
                self.kinds.insert("body");
                self.bodies.insert(height);
                self.want(time);
            }
            Output::Announced { link, ids } => {
                self.kinds.insert("announced");
                let unknown = |id: &Hash| !self.transactions.contains(id);
                let ids = ids.into_iter().filter(unknown).collect();
                self.peers.request_transactions(now, link, ids);
            }
            Output::TransactionsAsked { link, ids } => {
                self.kinds.insert("transactions asked");
                let found = ids.into_iter().filter(|id| self.transactions.contains(id));
                let found = found.map(transaction).collect();
                self.peers.answer_transactions(link, found);
            }
            Output::Transactions { link, transactions } => {
                self.kinds.insert("transactions");
                for (id, bytes) in transactions {
                    assert_eq!((id, bytes), transaction(id));
                    if self.transactions.insert(id) {
                        self.peers.announce_transactions(now, vec![id], Some(link));
                    }
                }
            }
            Output::AddressesAsked { link } => {
                self.kinds.insert("addresses asked");
                let known = self.peers.links().filter_map(|info| info.address).collect();
                self.peers.answer_addresses(link, known);
            }
            Output::Addresses { addresses, .. } => {
                self.kinds.insert("addresses");
                self.addresses += addresses.len();
            }
            Output::Engine { message, .. } => self.hear(time, message),
            Output::NoHolder { .. } => self.no_holder += 1,
            Output::LateHeaders { .. } => {}
            Output::Lost { .. } | Output::Send { .. } | Output::Close { .. } => {}
        }
    }

    fn ask(&mut self, time: u64, link: Link) {
        let locator = vec![entry(self.height).header.id()];
        self.peers.ask_headers(now(time), link, locator);
    }

    fn want(&mut self, time: u64) {
        let missing = (1..=self.height).filter(|height| !self.bodies.contains(height));
        let missing = missing.map(|height| entry(height).header.id()).collect();
        self.peers.want(now(time), missing);
    }

    fn hear(&mut self, time: u64, message: EngineMessage) {
        self.kinds.insert("engine");
        if self.heard.insert(message.to_vec()) {
            let key = ENGINE.hash(&message);
            self.peers.relay(now(time), key, Mono(time + 60_000), message);
        }
    }
}

/// An id for the `n`th transaction.
pub(crate) fn transaction_id(n: u64) -> Hash {
    hash(n + 1)
}
