//! Answer what people and programs ask of a node.
//!
//! Out of scope: running the node (`isonomy-host`), asking (`isonomy-client`, whose `api` holds every
//! reply), users and passwords: whoever reaches a server may ask everything.
//!
//! ```text
//!   POST / ── Guard ── JSON-RPC 2.0 ── method ─┬─ look: one snapshot, on the node's thread
//!   (host,     (one, or a batch)               ├─ read: state and archive, on other threads
//!    type, size)                               └─ submit
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
//! | `submit` | `transaction` (hex) | hands a transaction over |
//! | `links`, `cut`, `heal`, `dial` | `key` or `address` | [orders](Order) to links; off by default |
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
//! # What it guarantees
//! - One answer shows one moment: everything in it comes out of one look at the node, and out of
//!   what can no longer change.
//! - Each answer about a state says after which block, and comes out of that one state, whatever is
//!   imported meanwhile: pages that are asked about one height belong together.
//! - A block off the best branch has no confirmations, never negative ones (attack 30).
//! - No request stops the server or the node: it is answered, refused with what was wrong and what
//!   to do, or times out. A connection that is reset is forgotten (attack 80).
//! - Orders to a node's links are refused unless its owner allows them, and on any address but
//!   loopback even then.
//! - On a loopback address, web pages cannot ask: not under a name of their own, which is refused,
//!   nor across origins, since only JSON is read.
//!
//! # What it does not
//! - On any other address anyone who can reach it can ask, and everything is sent in the clear.
//! - Answers but those to `prove` are this node's word: they carry no proof.
//! - A batch is one request after another, not one moment.
//!
//! # Limits, and the attack each stops
//! [`REQUEST_BYTES_MAX`] and [`ANSWER_BYTES_MAX`]: bodies that fill memory (attack 79).
//! [`BATCH_MAX`], [`REQUEST_MS`], [`READS_MAX`]: questions that occupy the node. [`HEAD_MS`],
//! [`CONNECTION_MS`], [`CONNECTIONS_MAX`]: slow, silent or countless clients. [`MEMPOOL_IDS_MAX`],
//! [`PAGE_MAX`], [`PROVE_KEYS_MAX`]: long answers, and much work for a short question.
//!
//! # Features
//! None. Needs the standard library and a tokio runtime with its time and network drivers.
mod counts;
mod error;
mod http;
mod jsonrpc;
mod limits;
mod methods;
mod params;
mod server;
mod source;
mod watch;

pub use error::{BindError, Stopped};
pub use limits::{
    ANSWER_BYTES_MAX, BATCH_MAX, CONNECTION_MS, CONNECTIONS_MAX, HEAD_MS, MEMPOOL_IDS_MAX,
    PAGE_MAX, PROVE_KEYS_MAX, READS_MAX, REQUEST_BYTES_MAX, REQUEST_MS,
};
pub use server::Server;
pub use source::{About, Admin, Desk, Later, Look, Order, Source};
pub use watch::{Metrics, Watch};
