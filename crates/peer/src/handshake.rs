use crate::outbox::Outbox;
use crate::{Config, Direction, Hello, Message, PROTOCOL_VERSION, Violation};
use alloc::collections::BTreeMap;
use alloc::{string::String, vec::Vec};
use isonomy_types::{Decode, Link, Mono, Text};

/// How long two links that this node dialled to the same one may both stand, in milliseconds: time
/// for the far end to close one of them.
pub const TWICE_MS: u64 = 10_000;
const AGENT: &str = concat!("isonomy/", env!("CARGO_PKG_VERSION"));

/// Both ends say hello at once; a link is ready when the other's has come and fits.
pub(crate) struct Handshake {
    waiting: BTreeMap<Link, Mono>,
    /// Second links to one node, both dialled here, and until when the far end may choose.
    twice: BTreeMap<Link, Mono>,
    /// How long a link may take to say hello, in milliseconds.
    limit_ms: u64,
    height: u64,
}

impl Handshake {
    pub(crate) const fn new(limit_ms: u64) -> Self {
        Self { waiting: BTreeMap::new(), twice: BTreeMap::new(), limit_ms, height: 0 }
    }

    pub(crate) const fn set_height(&mut self, height: u64) {
        self.height = height;
    }

    pub(crate) fn opened(&mut self, now: Mono, link: Link, config: &Config, out: &mut Outbox) {
        self.waiting.insert(link, now.plus(self.limit_ms));
        let hello = Hello {
            version: PROTOCOL_VERSION,
            genesis: config.genesis,
            nonce: config.nonce,
            height: self.height,
            listening: config.listening,
            agent: Text::try_from(String::from(AGENT)).unwrap_or_default(),
        };
        out.send(link, &Message::Hello(hello));
    }

    /// Whether this link has not yet said hello.
    pub(crate) fn is_waiting(&self, link: Link) -> bool {
        self.waiting.contains_key(&link)
    }

    /// The link's first frame.
    pub(crate) fn received(
        &mut self,
        link: Link,
        frame: &[u8],
        config: &Config,
    ) -> Result<Hello, Violation> {
        self.waiting.remove(&link);
        let limit = PROTOCOL_VERSION;
        // The version comes first: another one's hello may look otherwise from there on.
        if let [_, low, high, ..] = frame
            && u16::from_le_bytes([*low, *high]) != limit
        {
            return Err(Violation::OtherVersion { got: u16::from_le_bytes([*low, *high]), limit });
        }
        match Message::decode_exact(frame).map_err(|error| Violation::Malformed(error.0))? {
            Message::Hello(hello) if hello.genesis != config.genesis => {
                Err(Violation::OtherChain { got: hello.genesis, limit: config.genesis })
            }
            Message::Hello(hello) if hello.nonce == config.nonce => Err(Violation::SelfConnection),
            Message::Hello(hello) => Ok(hello),
            _ => Err(BEFORE_HELLO),
        }
    }

    pub(crate) fn lost(&mut self, link: Link) {
        self.waiting.remove(&link);
        self.twice.remove(&link);
    }

    /// `link` is the second of two that this node dialled to the same one.
    pub(crate) fn dialled_twice(&mut self, now: Mono, link: Link) {
        self.twice.insert(link, now.plus(TWICE_MS));
    }

    /// Those of them whose far end has had its time to choose.
    pub(crate) fn second_dials(&mut self, now: Mono) -> Vec<Link> {
        let due = self.twice.iter().filter(|(_, until)| **until <= now);
        let due: Vec<Link> = due.map(|(link, _)| *link).collect();
        self.twice.retain(|link, _| !due.contains(link));
        due
    }

    pub(crate) fn tick(&self, now: Mono, out: &mut Outbox) {
        let late = self.waiting.iter().filter(|(_, deadline)| **deadline <= now);
        for (link, _) in late {
            out.close(*link, Violation::Silent { what: "hello", limit: self.limit_ms });
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.waiting.values().chain(self.twice.values()).min().copied()
    }
}

pub(crate) const BEFORE_HELLO: Violation = Violation::OutOfTurn("a message before hello");

/// Which of two links to one node stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stays {
    Older,
    Newer,
    /// The far end decides.
    Undecided,
}

/// Judges by who dialled, and by the nonces that the far node said on each. Both ends must come to
/// the same, though they may have seen the links become ready in different order.
///
/// - Another nonce: the far node has started anew, and the older link is dead.
/// - Each dialled the other: the dial of the greater nonce stays, on which both agree.
/// - One end dialled twice: the older stays at the one that was dialled, which hangs up on the
///   other; the dialler leaves it to that.
pub(crate) fn which_stays(older: (Direction, u64), newer: (Direction, u64), ours: u64) -> Stays {
    let ((older, former), (newer, theirs)) = (older, newer);
    if former != theirs {
        return Stays::Newer;
    }
    match (older, newer) {
        (Direction::Inbound, Direction::Inbound) => Stays::Older,
        (Direction::Outbound, Direction::Outbound) => Stays::Undecided,
        _ if (newer == Direction::Outbound) == (ours > theirs) => Stays::Newer,
        _ => Stays::Older,
    }
}
