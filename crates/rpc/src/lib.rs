//! Answer what people and programs ask of a node.
//!
//! Out of scope: running the node (`isonomy-host`), asking (`isonomy-client`, whose `api` holds every
//! reply), users and passwords, encryption.
//!
//! ```text
//!   POST / ─┐ host,     token,  JSON-RPC 2.0                ┌─ look: one snapshot, on the node's thread
//!   GET /ws ┴ origin ── role, ─ one, or a batch ── method ──┼─ read: state and archive, on other threads
//!           ▲           rate                                └─ submit
//!           └── notices ── a bounded queue each ── one follower: looks, compares, tells
//! ```
//!
//! The owner of a node gives some functions and some facts. With a `host::Handle` these are its
//! `read`, `submit` and `archive`:
//!
//! ```no_run
//! use isonomy_rpc::{About, BindError, Server, Source, Stopped, Watch};
//! # use isonomy_chain::Archive;
//! # use isonomy_ledger::Modules;
//! # use isonomy_node::Node;
//! # use std::sync::{Arc, Mutex};
//! # use tokio::sync::broadcast;
//!
//! async fn answer(
//!     node: Arc<Mutex<Node>>,
//!     archive: Arc<dyn Archive>,
//!     modules: Arc<Modules>,
//! ) -> Result<(), BindError> {
//!     let source = Source {
//!         read: Arc::new(move |look| {
//!             let seen = node.lock().map(|node| look(&node)).map_err(|_| Stopped);
//!             Box::pin(async move { seen })
//!         }),
//!         submit: Arc::new(|_| Box::pin(async { Err(Stopped) })),
//!         events: Arc::new(|| broadcast::channel(1).1),
//!         admin: None,
//!         archive,
//!         index: None,
//!         modules,
//!         about: About {
//!             name: "a chain".into(),
//!             version: "1.0.0".into(),
//!             mining: false,
//!             faucet: None,
//!         },
//!         watch: Watch::default(),
//!     };
//!     let server = Server::bind(Server::ADDRESS).await?;
//!     println!("answering at http://{}", server.address());
//!     server.serve(source, std::future::pending()).await;
//!     Ok(())
//! }
//! ```
//!
//! | method | parameters | |
//! |---|---|---|
//! | `status` | | how the node is |
//! | `header`, `block` | `id` or `height` | one block, on the best branch or (by id) off it |
//! | `transaction` | `id` | waiting or on the best branch, with its receipt |
//! | `account` | `address`, `height`? | balance, policy, nonces |
//! | `balance` | `address`, `asset`?, `height`? | what it holds of one asset, and whether it is frozen |
//! | `supply` | `height`? | every coin there is |
//! | `asset`, `collection`, `lock` | `id`, `height`? | one of them, as it stands |
//! | `holdings` | `address`, `after`?, `height`? | what an account holds of issued assets |
//! | `item` | `collection`, `number`, `height`? | one unique item |
//! | `items` | `address`, `after`?, `height`? | what an account owns |
//! | `locks` | `address`, `before`?, `height`? | the conditional payments that an account made |
//! | `history` | `address`, `before`?, `limit`? | the transactions that concerned an address |
//! | `events` | `key` (hex), `module`?, `before`?, `limit`? | what modules said under a key |
//! | `holders` | `asset`?, `after`?, `limit`? | who holds an asset, or coins |
//! | `prove` | `keys` (hex), `height`? | what the state holds there, and the proof |
//! | `peers`, `mempool` | | who is connected, what waits |
//! | `estimate` | `blocks` | what to pay to be in one of the next so many blocks |
//! | `tips`, `branches` | -, `depth`? | the ends of all branches, and the blocks that they are made of |
//! | `series` | `blocks` | so many blocks of the best branch in numbers |
//! | `find` | `text` | what has this height, id, address or `COLLECTION/NUMBER` |
//! | `decode` | `transaction` (hex) | what it says in plain words, unchecked |
//! | `submit` | `transaction` (hex) | hands a transaction over |
//! | `subscribe`, `unsubscribe` | `topic`, `module`?, `key`?; `subscription` | notices, over `/ws` |
//! | `links`, `cut`, `heal`, `dial` | `key` or `address` | [orders](Order) to links |
//! | `rpc.discover` | | this table, with schemas, as an OpenRPC document; also at `/openrpc.json` |
//!
//! What is asked about a state is answered about the one after the best block, or after the best
//! branch's block of a `height`. That may be any from the newest on disk up, which is some dozens of
//! blocks: what else is asked is refused with the range.
//!
//! Parameters go by name or by position, and those with a question mark may be left out. `curl -d '{"jsonrpc":"2.0","id":1,"method":"status"}'
//! -H 'content-type: application/json' http://127.0.0.1:7332` asks the first.
//!
//! By plain GET machines learn what they watch: `/health` (200 while the node's task answers, else 503),
//! `/ready` (200 while the node is neither behind nor without the peers it should have, else 503 and
//! why, in JSON) and `/metrics` (OpenMetrics text, for Prometheus).
//!
//! # Subscriptions
//! Over a WebSocket at `/ws` everything can be asked as by POST, and `subscribe` has the node tell of
//! `heads`, `reorganisations`, `blocks`, `mempool` or `events` (of a `module`, with a `key`) from then
//! on. One follower for all subscribers looks at the node when something happened, and at intervals,
//! and tells what is different: an event that gets lost loses nothing. A subscriber whose queue is
//! full is dropped with the close code 4008; nobody waits for it. Of one moment come first a
//! reorganisation, then events, then blocks, then the head.
//!
//! # Roles
//! | role | may |
//! |---|---|
//! | [`Read`](Role::Read) | ask |
//! | [`Submit`](Role::Submit) | hand over transactions too |
//! | [`Admin`](Role::Admin) | give orders to links as well |
//!
//! A token gives a role: `Authorization: Bearer TOKEN`, the cookie `isonomy_token`, or, for a
//! WebSocket, `/ws?token=TOKEN`. Without one the role is what the owner's [`Access`] says: on loopback
//! `Submit`, elsewhere none. A server keeps only what tokens hash to, and compares those in constant
//! time; a token is in no log line, no error and no `Debug`.
//!
//! # What it guarantees
//! - One answer shows one moment: everything in it comes out of one look at the node, and out of
//!   what can no longer change.
//! - Each answer about a state says after which block, and comes out of that one state, whatever is
//!   imported meanwhile: pages that are asked about one height belong together.
//! - A block off the best branch has no confirmations, never negative ones (attack 30).
//! - No request stops the server or the node: it is answered, refused with what was wrong and what
//!   to do, or times out. A connection that is reset is forgotten (attack 80).
//! - Orders to a node's links are refused to whoever has not the role for it.
//! - On a loopback address, web pages cannot ask: not under a name of their own, which is refused,
//!   nor across origins, since only JSON is read. No page but the node's own opens a WebSocket.
//! - A reorganisation is told or, if the follower lost sight of the node, the connection is closed with
//!   the code 4009: it is never missed silently.
//! - A stalled subscriber delays no other, and not the node.
//!
//! # What it does not
//! - Everything is sent in the clear, tokens too: beyond loopback put a tunnel around it.
//! - Heads are skipped while many come at once, and so are blocks that came and were flushed meanwhile.
//! - Answers but those to `prove` are this node's word: they carry no proof.
//! - A batch is one request after another, not one moment.
//!
//! # Limits, and the attack each stops
//! [`REQUEST_BYTES_MAX`] and [`ANSWER_BYTES_MAX`]: bodies that fill memory (attack 79).
//! [`BATCH_MAX`], [`REQUEST_MS`], [`READS_MAX`]: questions that occupy the node. [`HEAD_MS`],
//! [`CONNECTION_MS`], [`CONNECTIONS_MAX`]: slow, silent or countless clients. [`MEMPOOL_IDS_MAX`],
//! [`PAGE_MAX`], [`PROVE_KEYS_MAX`], [`TIPS_MAX`], [`BRANCH_BLOCKS_MAX`], [`BRANCH_DEPTH_MAX`],
//! [`SERIES_MAX`]: long answers, and much work for a short question. [`WEBSOCKETS_MAX`],
//! [`QUEUE_MAX`], [`QUEUE_BYTES_MAX`], [`PING_MS`], [`QUIET_MS`], [`SEND_MS`], [`CLOSE_MS`] and the
//! client's `SUBSCRIPTIONS_MAX` and `NOTICE_IDS_MAX`: slow, silent or greedy subscribers (attack 79).
//! [`FOLLOW_MS`], [`MEMPOOL_MS`]: a node that is kept busy with telling. [`RATE_REMOTE_PER_S`],
//! [`RATE_LOOPBACK_PER_S`], [`RATE_BURST_S`], [`CALLERS_MAX`]: whoever asks without a pause.
//!
//! # Features
//! None. Needs the standard library and a tokio runtime with its time and network drivers.
mod access;
mod counts;
mod error;
mod http;
mod jsonrpc;
mod limits;
mod methods;
mod news;
mod openrpc;
mod pages;
mod params;
mod schema;
mod server;
mod socket;
mod source;
mod watch;

pub use access::Access;
pub use error::{BindError, Stopped};
pub use isonomy_client::Token;
pub use isonomy_client::api::Role;
pub use limits::{
    ANSWER_BYTES_MAX, BATCH_MAX, BRANCH_BLOCKS_MAX, BRANCH_DEPTH_MAX, CALLERS_MAX, CLOSE_MS,
    CONNECTION_MS, CONNECTIONS_MAX, FOLLOW_MS, HEAD_MS, MEMPOOL_IDS_MAX, MEMPOOL_MS, PAGE_MAX,
    PING_MS, PROVE_KEYS_MAX, QUEUE_BYTES_MAX, QUEUE_MAX, QUIET_MS, RATE_BURST_S,
    RATE_LOOPBACK_PER_S, RATE_REMOTE_PER_S, READS_MAX, REQUEST_BYTES_MAX, REQUEST_MS, SEND_MS,
    SERIES_MAX, TIPS_MAX, WEBSOCKETS_MAX,
};
pub use server::Server;
pub use source::{About, Admin, Desk, Events, Later, Look, Order, Source};
pub use watch::{Metrics, Watch};
