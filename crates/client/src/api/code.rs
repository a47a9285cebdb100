//! Why a node does not answer: the `code` of a JSON-RPC error. The first five are the standard's
//! (<https://www.jsonrpc.org/specification>, section 5.1), the rest a node's own.

/// What came is not JSON.
pub const PARSE: i64 = -32_700;
/// It is JSON, and no request.
pub const REQUEST: i64 = -32_600;
/// Nothing has this name.
pub const METHOD: i64 = -32_601;
/// The parameters do not fit the method.
pub const PARAMS: i64 = -32_602;
/// The node failed: its disk, or a bug.
pub const INTERNAL: i64 = -32_603;
/// The node knows no such block or transaction, or the state no such asset, item or lock.
pub const NOT_FOUND: i64 = -32_001;
/// The node does not take the transaction.
pub const REFUSED: i64 = -32_002;
/// The node is too busy, starting or stopping: ask again later.
pub const UNREADY: i64 = -32_003;
/// The node does not hold the state of that height: it is too old, or yet to come.
pub const NO_STATE: i64 = -32_004;
/// Whoever asks may not: it needs another token.
pub const DENIED: i64 = -32_005;
/// Whoever asks does so too often.
pub const RATE: i64 = -32_006;
