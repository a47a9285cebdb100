//! Decide what to say to whom, and when to hang up.
//!
//! A machine without sockets, clock or entropy: it is told what links report and what the node
//! wants, and says what to send, to close and to look at. It emits what it received and is told
//! what that was worth.
//!
//! Out of scope: encryption and who may claim a [`NodeKey`](isonomy_types::NodeKey) (the carrier's),
//! whom to dial and whom to ban (the node's), whether a header, body or transaction is any good
//! (`consensus`, `ledger`).
//!
//! ```text
//!   bytes ──> frame ──> kind, budget ──> decode ──> one duty each ──> Output
//!                                                     handshake  headers   bodies
//!   Peers::ask_…, answer_…, want, announce, relay ──> keepalive  requests  announcements
//!                                                     addresses  serve     relay
//!                                                           └──> outbox (order, credit) ──> Send
//! ```
//!
//! Two nodes and the wire between them. A real host does the same with sockets:
//!
//! ```
//! use isonomy_crypto::Hash;
//! use isonomy_peer::{Config, Direction, Input, Limits, Output, Peers};
//! use isonomy_types::{Link, NodeKey, Now};
//!
//! let (now, link) = (Now::default(), Link(1));
//! let (genesis, limits) = (Hash::from_bytes([7; 32]), Limits::default());
//! let mut nodes = [1, 2].map(|nonce| {
//!     let limits = limits.clone();
//!     Peers::new(now, Config { genesis, nonce, seed: [0; 32], listening: None, limits })
//! });
//! for (index, node) in nodes.iter_mut().enumerate() {
//!     let direction = [Direction::Outbound, Direction::Inbound][index];
//!     let remote = NodeKey([1 - index as u8; 32]);
//!     node.handle(now, Input::Opened { link, direction, remote, address: None });
//!     node.handle(now, Input::Writable { link, bytes: 1 << 20 });
//! }
//!
//! let (mut ready, mut quiet) = (0, 0);
//! while quiet < 2 {
//!     quiet += 1;
//!     let (from, to) = nodes.split_at_mut(1);
//!     while let Some(output) = from[0].poll() {
//!         quiet = 0;
//!         match output {
//!             Output::Send { link, bytes } => to[0].handle(now, Input::Received { link, bytes }),
//!             Output::Ready { .. } => ready += 1,
//!             other => panic!("{other:?}"),
//!         }
//!     }
//!     nodes.rotate_left(1);
//! }
//! assert_eq!(ready, 2);
//! ```
//!
//! # Guarantees
//! - The same inputs and seed give the same outputs, however the streams are cut into pieces.
//! - No input panics. A link that breaks a rule is closed once, with the rule's name
//!   ([`Violation`]), and nothing of it is heard after that.
//! - An answer is handed up only if it was asked of that very link. What one link does cannot
//!   cancel or delay another's answers beyond a patience of seconds (attacks 63, 64, 72). Patience
//!   follows what was measured of each link, within named bounds.
//! - A wanted body is asked for, of one link after another and round after round, until it is no
//!   longer wanted.
//! - Two machines of this crate never find each other at fault while the nodes above them answer
//!   what they are asked and keep what they say unasked under [`Limits`].
//!
//! Not guaranteed: that a claimed height or address is true, or that a body or transaction is what
//! its id says.
//!
//! # Limits
//! [`Limits`] holds those that an owner may choose. [`Peers::buffered`] counts what is held: a link
//! never costs more than [`Limits::link_bytes`], and when all together cost more than
//! [`Limits::bytes`] the costliest is closed.
//!
//! | what | bound | stops |
//! |---|---|---|
//! | links | [`Limits::links`], [`Limits::inbound`] of others' | taken places (68) |
//! | frame before the handshake | [`HANDSHAKE_FRAME_BYTES_MAX`] | memory for strangers (attack 59) |
//! | frame after it | each kind its own, [`FRAME_BYTES_MAX`] for answers alone | claimed lengths (06) |
//! | backlog of a link | [`Limits::backlog_bytes`], then it is closed | stalled readers (60) |
//! | a slow reader or sender | [`Limits::least_bytes_per_s`] over [`Limits::slow_ms`] | held memory |
//! | open questions of a link | [`ASKS_MAX`], one answered at a time while it reads | endless requests (61) |
//! | what is said unasked | [`Limits::bytes_per_s`], [`Limits::messages_per_s`] | floods (75) |
//! | unknown kinds | [`UNKNOWN_KINDS_MAX`], one more a second | floods that are skipped |
//! | bodies under way | [`BODIES_MAX`], [`BODY_WINDOW_BYTES`]; of a link [`LINK_BODIES_MAX`], and what it answers in [`AHEAD_MS`] | stallers (63), memory |
//! | announced transactions followed | [`OFFERS_MAX`] of a link | memory (60) |
//! | patience | [`PATIENCE_MS_MIN`] to [`BODY_PATIENCE_MS_MAX`], [`TRANSACTION_PATIENCE_MS_MAX`], [`HEADERS_PATIENCE_MS_MAX`] | stallers, censorship (63) |
//! | announcements waiting for a link | [`ANNOUNCE_QUEUE_MAX`], the oldest make room | growing queues (66) |
//! | hello, pong, answers | [`Limits::handshake_ms`], [`PONG_MS`], [`ANSWER_MS`] | dead links |
//!
//! # Features
//! `std` (default): only for the dependencies' sake. Without it: `no_std` and `alloc`.
#![cfg_attr(not(feature = "std"), no_std)]
extern crate alloc;

mod address;
mod addresses;
mod announcements;
mod asked;
mod bodies;
mod bucket;
mod budget;
mod chance;
mod event;
mod frame;
mod handshake;
mod headers;
mod keepalive;
mod kind;
mod limits;
mod message;
mod outbox;
mod pace;
mod peers;
mod recent;
mod relay;
mod requests;
mod serve;
mod violation;

pub use address::{NetAddress, ParseNetAddressError};
pub use addresses::ADDRESSES_MS;
pub use announcements::{ANNOUNCE_MS, ANNOUNCE_QUEUE_MAX, KNOWN_MAX};
pub use asked::ANSWER_MS;
pub use bodies::{
    AHEAD_MS, BODIES_MAX, BODY_CHECK_MS, BODY_PATIENCE_MS_MAX, BODY_WINDOW_BYTES, LINK_BODIES_MAX,
    RETRY_MS, RETRY_MS_MAX, WANTED_MAX,
};
pub use budget::UNKNOWN_KINDS_MAX;
pub use event::{Direction, Input, Output, PeerInfo, Worth};
pub use handshake::TWICE_MS;
pub use headers::{HEADERS_PATIENCE_MS_MAX, SHOWN_MAX};
pub use keepalive::{IDLE_MS, PONG_MS};
pub use limits::{
    ADDRESSES_MAX, ANNOUNCE_ENTRIES_MAX, ANNOUNCE_IDS_MAX, BYTES_MIN, ENTRY_BYTES_MAX,
    FRAME_BYTES_MAX, HANDSHAKE_FRAME_BYTES_MAX, HEADERS_MAX, LINK_BYTES_MIN, LINKS_MAX,
    LOCATOR_MAX, LimitError, Limits, PROTOCOL_VERSION, SERVE_BELOW_BYTES, SKIPPED_FRAME_BYTES_MAX,
    TRANSACTIONS_ASKED_MAX,
};
pub use message::{BodyBytes, Hello, Message, TransactionBytes};
pub use pace::{PATIENCE_MS, PATIENCE_MS_MIN};
pub use peers::{Config, Peers};
pub use relay::{RELAY_MS_MAX, RELAYED_MAX};
pub use requests::{
    CHECKED_MAX, LINK_REQUESTS_MAX, OFFERS_MAX, TRANSACTION_CHECK_MS, TRANSACTION_PATIENCE_MS_MAX,
};
pub use serve::{ASKS_MAX, SERVE_MS};
pub use violation::{CloseReason, Violation};
