//! What this crate bounds itself. Each limit names what it stops.
use isonomy_chain::TREE_FORKS_MAX;
use isonomy_peer::LimitError;
use isonomy_types::TRANSACTION_BYTES_MAX;

/// How much a node gives, to its peers and in all: what its owner may choose.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// What links may take: places, bytes, memory, time.
    pub peers: isonomy_peer::Limits,
    /// Jobs in flight, beyond which transactions from peers are let go, until others announce them.
    /// [`JOBS_MAX`] unless told otherwise. The owner's own find room up to twice as many, so that peers
    /// cannot keep the owner out; bounded, since anyone may come by a public RPC.
    pub jobs: usize,
    /// Messages with transactions of one peer that are judged or wait for it; more are asked of others.
    /// [`LINK_JOBS_MAX`] unless told otherwise.
    pub link_jobs: usize,
    /// Forks of the state's tree that stay in memory, about: [`TREE_FORKS_MAX`] unless told otherwise.
    /// Of a larger state the deepest are read from the store again where blocks lead through them.
    pub tree_forks: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let peers = isonomy_peer::Limits::default();
        Self { peers, jobs: JOBS_MAX, link_jobs: LINK_JOBS_MAX, tree_forks: TREE_FORKS_MAX }
    }
}

impl Limits {
    /// Whether each limit makes sense.
    ///
    /// # Errors
    /// Names the first that does not.
    pub fn check(&self) -> Result<(), LimitError> {
        self.peers.check()?;
        LimitError::unless("jobs", self.jobs as u64, 1, 65_536)?;
        LimitError::unless("link_jobs", self.link_jobs as u64, 1, self.jobs as u64)?;
        LimitError::unless("tree_forks", self.tree_forks as u64, 1, 1 << 32)
    }
}

/// Bytes handed to the store and not yet acknowledged, beyond which import waits, so that a slow
/// disk cannot fill the memory.
pub const COMMIT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of headers read from the archive for one answer: a fraction of a frame.
pub const HEADERS_READ_BYTES_MAX: usize = 1024 * 1024;

/// Jobs in flight, beyond which transactions from peers are let go, until others announce them.
/// Stops a flood of transactions from delaying blocks.
pub const JOBS_MAX: usize = 256;

/// Messages with transactions of one peer that are judged or wait for it: a quarter of the jobs, so
/// that no one fills the queue alone.
pub const LINK_JOBS_MAX: usize = 64;

/// Transactions of peers, about, that are judged together: verified at once, a batch of signatures is
/// near its least cost each, and takes some milliseconds.
pub const ARRIVALS_TAKEN: usize = 256;

/// Bytes of the messages that are judged together: some 400 plain transfers, or 1 300 signatures, each of
/// which takes a hundred bytes with its key. So who sends transactions of many signatures delays his own.
pub const ARRIVALS_BYTES: usize = TRANSACTION_BYTES_MAX;

/// Milliseconds that a peer's transaction waits for others that are being judged. Many times what a
/// batch takes, so that one lost job does not hold up what comes after it.
pub const ARRIVALS_WAIT_MS: u64 = 100;

/// Transactions of the owner's that are ahead of others of his still being judged, and wait for
/// them; more are refused as ahead. Each is judged already, so it is memory that this bounds: by the
/// largest transaction 32 MiB.
pub const HELD_MAX: usize = 256;

/// Peers' transactions that are ahead of what waits, and are kept until what goes before them comes;
/// for one more the oldest is let go. Memory that strangers can fill at the price of good signatures:
/// by the largest transaction 32 MiB. Whoever fills it makes others wait for the next block or for a
/// peer that tells of them again, no more (CVE-2012-3789).
pub const AHEAD_MAX: usize = 256;

/// By how many counters a kept one may be ahead: of more between, not all could wait on one another
/// in the mempool. Stops nonces of a far future from driving out those that are soon next
/// (CVE-2022-23327).
pub const AHEAD_SEQ_MAX: u64 = isonomy_chain::CHAINED_MAX as u64;

/// Transactions from before a restart that are judged at once: few enough that a worker is soon free
/// for blocks.
pub const RESTORE_RUN: usize = 256;

/// Milliseconds that transactions from before a restart wait at most for the log to be executed.
/// Until then the state lags behind them, and they would be refused as ahead of it.
pub const RESTORE_WAIT_MS: u64 = 60_000;

/// Header runs of one link that wait for the one being checked; more are dropped, since the peer
/// shows them again. Stops one link from filling the job queue.
pub const LINK_RUNS_MAX: usize = 4;

/// Headers from the future that are kept until their time; the latest go first. Stops a peer with
/// a fast clock, or a false one, from filling memory.
pub const EARLY_HEADERS_MAX: usize = 64;

/// Milliseconds after which a job's answer is no longer awaited. Generous: a lost answer is a
/// fault of the host, and what asked for it only has to go on in the end.
pub const JOB_DEADLINE_MS: u64 = 120_000;

/// Executions in a row that could not read the state, at which the node halts: a passing trouble of
/// the medium is over by then, and a damaged page would be tried for ever in silence.
pub const READS_FAILED_MAX: u32 = 16;

/// Templates kept for their seals. An engine works on one at a time; a few may overlap.
pub const TEMPLATES_MAX: usize = 4;

/// Milliseconds between two passes over what waits for a chance: dials, stuck wishes.
pub const PASS_MS: u64 = 1_000;
