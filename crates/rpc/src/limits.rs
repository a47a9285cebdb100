//! Every limit of this server, and the attack it stops.

/// Bytes of one request: room for the largest transaction in hex, and for a batch of small ones.
/// Stops a body without end from filling memory (attack 79).
pub const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Requests in one batch. Stops one message from occupying the node for long.
pub const BATCH_MAX: usize = 64;
/// Bytes of the answers to one batch: what is beyond is refused, request by request. Stops a short
/// message from asking for memory without end.
pub const ANSWER_BYTES_MAX: usize = isonomy_client::ANSWER_BYTES_MAX;
/// Milliseconds for one HTTP request, its body included: a node that answers no sooner is stuck.
pub const REQUEST_MS: u64 = 5_000;
/// Milliseconds for a request's head, and between two requests of a connection. Stops slow or silent
/// clients from holding connections.
pub const HEAD_MS: u64 = 5_000;
/// Milliseconds that a connection may serve; the client opens another. Stops one that reads its
/// answers slowly from holding it for ever (attack 79).
pub const CONNECTION_MS: u64 = 60_000;
/// Connections at once; more wait in the system's queue. Stops one program from taking every file
/// descriptor.
pub const CONNECTIONS_MAX: usize = 64;
/// Questions to the state or to the archive at once; more wait. Stops questions from taking every
/// thread: one that takes long goes on when its asker is gone.
pub const READS_MAX: usize = 4;
/// Entries of one page of holdings, items or locks: the modules' own bound.
pub const PAGE_MAX: usize = isonomy_ledger::PAGE_MAX;
/// Keys that one `prove` may name: so many of the longest values still fit one answer.
pub const PROVE_KEYS_MAX: usize = isonomy_client::api::PROVE_KEYS_MAX;
/// Ids of waiting transactions in one answer: a few seconds' worth of blocks.
pub const MEMPOOL_IDS_MAX: usize = 1_000;

/// WebSockets at once; more are refused. With [`CONNECTIONS_MAX`] it bounds
/// the file descriptors that askers take, and the memory of their queues (attack 79).
pub const WEBSOCKETS_MAX: usize = 2_048;
/// Moments that wait for one WebSocket. With [`QUEUE_BYTES_MAX`] it stops a subscriber that does not
/// read from holding what happens in memory: it is dropped, and nobody waits for it (attack 79).
pub const QUEUE_MAX: usize = 256;
/// Bytes of notices that wait for one WebSocket, shared with all who hear the same.
pub const QUEUE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes that a WebSocket's carrier reads or gathers at a time: small, since there may be
/// [`WEBSOCKETS_MAX`] of them.
pub(crate) const FRAME_BUFFER_BYTES: usize = 4 * 1024;
/// Milliseconds between two pings of a WebSocket.
pub const PING_MS: u64 = 20_000;
/// Milliseconds of silence, pongs included, after which a WebSocket is closed. Stops those whose far
/// end is gone, or reads nothing, from holding their place (attack 79).
pub const QUIET_MS: u64 = 50_000;
/// Milliseconds that one message to a WebSocket may take to be read.
pub const SEND_MS: u64 = 60_000;
/// Milliseconds in which a WebSocket is told why it is closed.
pub const CLOSE_MS: u64 = 2_000;
/// Milliseconds between two looks at the node for subscribers. While a node catches up, they hear of
/// some best blocks and not of each (attack 79: a node is not kept busy with telling).
pub const FOLLOW_MS: u64 = 20;
/// Milliseconds between two looks at the mempool, and at a node that tells of nothing.
pub const MEMPOOL_MS: u64 = 200;
/// Callers whose requests are counted at once: a few hundred KB. Stops one with many addresses from
/// filling memory (attack 79).
pub const CALLERS_MAX: usize = 4_096;
/// Requests a second of one caller from elsewhere, unless the owner says otherwise: more than a person
/// with an open explorer, less than occupies a node (attack 79).
pub const RATE_REMOTE_PER_S: u32 = 100;
/// Requests a second of one caller on this machine, unless the owner says otherwise: programs of the
/// node's owner, and more than one of them asks.
pub const RATE_LOOPBACK_PER_S: u32 = 50_000;
/// Seconds' worth of requests that may come at once.
pub const RATE_BURST_S: u64 = 2;
/// Ends of branches in one answer.
pub const TIPS_MAX: usize = 64;
/// Blocks below the best one in one answer about branches: more than a reorganisation may replace.
pub const BRANCH_DEPTH_MAX: u64 = 100;
/// Blocks in one answer about branches.
pub const BRANCH_BLOCKS_MAX: usize = 1_000;
/// Blocks in one answer of numbers: for each that left memory the receipts are read.
pub const SERIES_MAX: u64 = 500;
