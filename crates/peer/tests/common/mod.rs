//! One machine, and peers whose every word the test speaks.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]

pub(crate) mod net;
pub(crate) mod samples;

use isonomy_crypto::Hash;
use isonomy_peer::{
    CloseReason, Config, Direction, Hello, Input, Limits, Message, NetAddress, Output,
    PROTOCOL_VERSION, Peers, Violation,
};
use isonomy_types::{Decode, Link, Mono, NodeKey, Now, Text, Wall};
use std::collections::BTreeMap;

/// The chain that everyone here follows.
pub(crate) const GENESIS: Hash = Hash::from_bytes([7; 32]);
/// The machine's nonce. The peers' are smaller.
pub(crate) const NONCE: u64 = 1_000_000;
/// As good as unlimited.
pub(crate) const CREDIT: usize = 1 << 40;

pub(crate) fn hash(n: u64) -> Hash {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.to_be_bytes());
    Hash::from_bytes(bytes)
}

pub(crate) fn hashes(range: std::ops::Range<u64>) -> Vec<Hash> {
    range.map(hash).collect()
}

pub(crate) fn config() -> Config {
    let limits = Limits::default();
    Config { genesis: GENESIS, nonce: NONCE, seed: [3; 32], listening: Some(4_000), limits }
}

pub(crate) fn hello(nonce: u64) -> Hello {
    Hello {
        version: PROTOCOL_VERSION,
        genesis: GENESIS,
        nonce,
        height: nonce,
        listening: Some(4_001),
        agent: Text::try_from(String::from("test/1")).unwrap(),
    }
}

pub(crate) fn now(ms: u64) -> Now {
    Now { mono: Mono(ms), wall: Wall(ms) }
}

/// Messages of a stream, cut by code of its own.
pub(crate) fn messages(mut stream: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = stream.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        messages.push(Message::decode_exact(&rest[..length]).expect("we send messages"));
        stream = &rest[length..];
    }
    assert!(stream.is_empty(), "half a length");
    messages
}

fn agent() -> Text<64> {
    Text::try_from(format!("isonomy/{}", env!("CARGO_PKG_VERSION"))).unwrap()
}

/// The machine under test.
pub(crate) struct Rig {
    pub(crate) peers: Peers,
    pub(crate) now: Now,
    /// What each link was sent since it was last looked at.
    streams: BTreeMap<Link, Vec<u8>>,
    /// All other outputs since they were last looked at.
    outputs: Vec<Output>,
    /// Why each link was closed.
    closed: BTreeMap<Link, CloseReason>,
    links: u64,
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: Config) -> Self {
        let now = now(1_000);
        Self {
            peers: Peers::new(now, config),
            now,
            streams: BTreeMap::new(),
            outputs: Vec::new(),
            closed: BTreeMap::new(),
            links: 0,
        }
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.peers.handle(self.now, input);
        self.drain();
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.peers.poll() {
            match output {
                Output::Send { link, bytes } => {
                    self.streams.entry(link).or_default().extend(bytes);
                }
                Output::Close { link, why } => {
                    assert!(self.closed.insert(link, why).is_none(), "closed once");
                }
                other => self.outputs.push(other),
            }
        }
    }

    /// A link whose far end has said nothing yet.
    pub(crate) fn open(&mut self, direction: Direction) -> Link {
        self.links += 1;
        self.open_as(Link(self.links), direction, self.links)
    }

    pub(crate) fn open_as(&mut self, link: Link, direction: Direction, key: u64) -> Link {
        let ip = [10, 0, (link.0 >> 8) as u8, link.0 as u8];
        let remote = NodeKey(hash(key).to_bytes());
        let address = Some(NetAddress::V4(ip, 50_000));
        self.handle(Input::Opened { link, direction, remote, address });
        self.handle(Input::Writable { link, bytes: CREDIT });
        link
    }

    /// A link that has shaken hands, with everything said until then forgotten.
    pub(crate) fn ready(&mut self, direction: Direction) -> Link {
        let link = self.open(direction);
        self.say(link, &Message::Hello(hello(link.0)));
        assert!(self.peers.info(link).is_some_and(|info| info.ready));
        self.forget();
        link
    }

    /// The same, but it reads nothing of what it is sent from now on.
    pub(crate) fn open_without_credit(&mut self, direction: Direction) -> Link {
        self.links += 1;
        let (link, remote) = (Link(self.links), NodeKey(hash(self.links).to_bytes()));
        self.handle(Input::Opened { link, direction, remote, address: None });
        self.handle(Input::Writable { link, bytes: self.hello_len() });
        self.say(link, &Message::Hello(hello(link.0)));
        self.forget();
        link
    }

    /// How long our hello's frame is.
    fn hello_len(&self) -> usize {
        let ours = Hello { agent: agent(), ..hello(0) };
        Message::Hello(ours).to_frame().len()
    }

    pub(crate) fn dialled(&mut self) -> Link {
        self.ready(Direction::Outbound)
    }

    pub(crate) fn accepted(&mut self) -> Link {
        self.ready(Direction::Inbound)
    }

    pub(crate) fn say(&mut self, link: Link, message: &Message) {
        self.receive(link, message.to_frame());
    }

    pub(crate) fn receive(&mut self, link: Link, bytes: Vec<u8>) {
        self.handle(Input::Received { link, bytes });
    }

    /// Time passes, with a tick at every deadline.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.mono.plus(ms);
        while let Some(deadline) = self.peers.deadline().filter(|deadline| *deadline <= end) {
            assert!(deadline > self.now.mono, "a deadline in the past is a busy loop");
            self.now = now(deadline.0);
            self.handle(Input::Tick);
        }
        self.now = now(end.0);
        self.handle(Input::Tick);
    }

    /// Calls the machine as the floor above does.
    pub(crate) fn call<T>(&mut self, call: impl FnOnce(&mut Peers, Now) -> T) -> T {
        let result = call(&mut self.peers, self.now);
        self.drain();
        result
    }

    /// Messages that `link` was sent since this was last asked.
    pub(crate) fn sent(&mut self, link: Link) -> Vec<Message> {
        messages(&self.streams.remove(&link).unwrap_or_default())
    }

    /// Outputs but for sends and closes, since this was last asked.
    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    pub(crate) fn forget(&mut self) {
        self.streams.clear();
        self.outputs.clear();
    }

    pub(crate) fn closed(&self, link: Link) -> Option<&CloseReason> {
        self.closed.get(&link)
    }

    pub(crate) fn violation(&self, link: Link) -> &Violation {
        match self.closed.get(&link) {
            Some(CloseReason::Violation(violation)) => violation,
            other => panic!("{other:?} is no violation"),
        }
    }

    pub(crate) fn is_open(&self, link: Link) -> bool {
        self.peers.info(link).is_some()
    }
}
