use crate::{BodyBytes, CloseReason, NetAddress, TransactionBytes};
use alloc::{string::String, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{EngineMessage, Entry, Link, Mono, NodeKey, Text};

/// Who opened a link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Direction {
    /// The far end.
    Inbound,
    /// This node.
    Outbound,
}

/// What the carrier reports.
#[derive(Clone, Debug)]
pub enum Input {
    /// A link whose far end proved that it is `remote`. Links are never reused.
    Opened {
        /// The new link.
        link: Link,
        /// Who dialled.
        direction: Direction,
        /// Who is there.
        remote: NodeKey,
        /// Outbound: what was dialled. Inbound: where it comes from; its port says nothing.
        address: Option<NetAddress>,
    },
    /// A link ended. Also after [`Output::Close`], where it is no news.
    Closed {
        /// The link.
        link: Link,
    },
    /// A piece of the link's stream, of any size.
    Received {
        /// From whom.
        link: Link,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// So many more bytes may be sent.
    Writable {
        /// To whom.
        link: Link,
        /// In addition to what was allowed before.
        bytes: usize,
    },
    /// Time has passed.
    Tick,
}

/// What peers said, and what the carrier is to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Output {
    /// Write this. Never more than [`Input::Writable`] allowed.
    Send {
        /// To whom.
        link: Link,
        /// The next piece of the stream.
        bytes: Vec<u8>,
    },
    /// Hang up. Said once; what the link reports later is ignored.
    Close {
        /// The link.
        link: Link,
        /// For people and for judging the peer.
        why: CloseReason,
    },
    /// Hands are shaken.
    Ready {
        /// The link.
        link: Link,
        /// Who is there.
        remote: NodeKey,
        /// Who dialled.
        direction: Direction,
        /// Its claim.
        height: u64,
    },
    /// A link that was ready is no more.
    Lost {
        /// The link.
        link: Link,
    },
    /// Headers, each on the one before if the peer is honest.
    Headers {
        /// From whom.
        link: Link,
        /// Oldest first. Empty: it knows nothing beyond what it was asked about.
        entries: Vec<Entry>,
        /// Whether they answer [`Peers::ask_headers`](crate::Peers::ask_headers).
        solicited: bool,
    },
    /// The link takes longer over headers than it used to: ask another too. Its answer may come
    /// still. Said once until it answers.
    LateHeaders {
        /// Which.
        link: Link,
    },
    /// Answer with [`Peers::answer_headers`](crate::Peers::answer_headers), always.
    HeadersAsked {
        /// By whom.
        link: Link,
        /// Blocks it knows, best first.
        locator: Vec<Hash>,
    },
    /// A wanted body, still encoded: decoding it is a job.
    Body {
        /// From whom.
        link: Link,
        /// The block it is said to belong to.
        id: Hash,
        /// The body, if the peer is honest.
        bytes: BodyBytes,
    },
    /// Answer with [`Peers::answer_body`](crate::Peers::answer_body) or
    /// [`Peers::answer_no_body`](crate::Peers::answer_no_body), always.
    BodyAsked {
        /// By whom.
        link: Link,
        /// Of which block.
        id: Hash,
    },
    /// It has transactions with these ids. Say which are unknown with
    /// [`Peers::request_transactions`](crate::Peers::request_transactions).
    Announced {
        /// Who.
        link: Link,
        /// Transaction ids.
        ids: Vec<Hash>,
    },
    /// Answer with [`Peers::answer_transactions`](crate::Peers::answer_transactions), always.
    TransactionsAsked {
        /// By whom.
        link: Link,
        /// At most [`TRANSACTIONS_ASKED_MAX`](crate::TRANSACTIONS_ASKED_MAX).
        ids: Vec<Hash>,
    },
    /// Transactions that were asked of this link, still encoded: decoding them is a job. That each
    /// has the id it is sent under is for the decoder to check.
    Transactions {
        /// From whom.
        link: Link,
        /// Ids that were asked, and what came.
        transactions: Vec<(Hash, TransactionBytes)>,
    },
    /// Nobody is left to ask for a wanted body. It is asked again later while it is wanted.
    NoHolder {
        /// The block.
        id: Hash,
    },
    /// Where other nodes are said to be, after [`Peers::ask_addresses`](crate::Peers::ask_addresses).
    Addresses {
        /// Who says so.
        link: Link,
        /// At most [`ADDRESSES_MAX`](crate::ADDRESSES_MAX).
        addresses: Vec<NetAddress>,
    },
    /// Answer with [`Peers::answer_addresses`](crate::Peers::answer_addresses), always.
    AddressesAsked {
        /// By whom.
        link: Link,
    },
    /// For the engine.
    Engine {
        /// From whom.
        link: Link,
        /// What it says.
        message: EngineMessage,
    },
}

/// What something received turned out to be worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Worth {
    /// It was new and sound.
    Good,
    /// It broke this rule of a higher floor. The link is closed.
    Bad(String),
}

/// What is known of a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PeerInfo {
    /// The link.
    pub link: Link,
    /// Who is there.
    pub remote: NodeKey,
    /// Who dialled.
    pub direction: Direction,
    /// Where the far end accepts links: what was dialled, or where it comes from with the port it
    /// says it listens on. `None` if it does not listen, or has not yet said.
    pub address: Option<NetAddress>,
    /// The greatest height it has claimed or shown.
    pub height: u64,
    /// Whether hands are shaken.
    pub ready: bool,
    /// What it calls itself. Any characters: clean it before showing it.
    pub agent: Text<64>,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// How often it was [`Worth::Good`].
    pub useful: u64,
    /// When it was opened.
    pub since: Mono,
}
