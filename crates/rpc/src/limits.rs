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
