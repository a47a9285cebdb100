use crate::outbox::Outbox;
use crate::{Config, Direction, Hello, Message, PROTOCOL_VERSION, Violation};
use alloc::collections::BTreeMap;
use alloc::string::String;
use isonomy_types::{Decode, Link, Mono, Text};

/// How long a link may take to say hello, in milliseconds: a stranger who says nothing does not
/// keep a place.
pub const HANDSHAKE_MS: u64 = 10_000;
const AGENT: &str = concat!("isonomy/", env!("CARGO_PKG_VERSION"));

/// Both ends say hello at once; a link is ready when the other's has come and fits.
pub(crate) struct Handshake {
    waiting: BTreeMap<Link, Mono>,
    height: u64,
}

impl Handshake {
    pub(crate) const fn new() -> Self {
        Self { waiting: BTreeMap::new(), height: 0 }
    }

    pub(crate) const fn set_height(&mut self, height: u64) {
        self.height = height;
    }

    pub(crate) fn opened(&mut self, now: Mono, link: Link, config: &Config, out: &mut Outbox) {
        self.waiting.insert(link, now.plus(HANDSHAKE_MS));
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
    }

    pub(crate) fn tick(&self, now: Mono, out: &mut Outbox) {
        let late = self.waiting.iter().filter(|(_, deadline)| **deadline <= now);
        for (link, _) in late {
            out.close(*link, Violation::Silent { what: "hello", limit: HANDSHAKE_MS });
        }
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.waiting.values().min().copied()
    }
}

pub(crate) const BEFORE_HELLO: Violation = Violation::OutOfTurn("a message before hello");

/// Whether, of two links to one node, the newer one stays. Of two that the same end dialled, the
/// older stays. Where each dialled the other, the ends may have seen them in different order, so
/// the dial of the greater nonce stays, on which both agree.
pub(crate) fn newer_stays(older: Direction, newer: Direction, ours: u64, theirs: u64) -> bool {
    let ours_wins = ours > theirs;
    older != newer && (newer == Direction::Outbound) == ours_wins
}
