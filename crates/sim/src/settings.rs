use isonomy_chain::PoolLimits;
use isonomy_node::Job;

/// Milliseconds since 1970 at virtual time zero: the civil time at which every run begins. A chain
/// for simulation has its genesis here or before.
pub const EPOCH_MS: u64 = 1_700_000_000_000;

/// The port of every host.
pub(crate) const PORT: u16 = 7_000;

/// Bytes of one packet: an Ethernet frame less the heads of IP and TCP.
pub const PACKET_BYTES_MAX: usize = 1_460;

/// Bytes under way on one direction of a link, sent and not yet acknowledged. What a node may send
/// beyond them waits in the node: that is what its own limits are tried by.
pub const WINDOW_BYTES: usize = 256 * 1024;

/// Milliseconds until a packet that is not acknowledged is sent again; doubled each time …
pub const RESEND_MS: u64 = 300;
/// … up to this many.
pub const RESEND_MS_MAX: u64 = 5_000;

/// Milliseconds until a connection that nobody answers is given up.
pub const DIAL_TIMEOUT_MS: u64 = 5_000;

/// How a run is. Durations are in virtual milliseconds, chances in thousandths.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Every random choice follows from it.
    pub seed: u64,
    /// The least and the most that a packet takes. Each direction of a link has its own latency.
    pub latency_ms: (u64, u64),
    /// How often a packet is lost. It is sent again after [`RESEND_MS`].
    pub loss_permille: u64,
    /// How often a packet arrives twice. The copy is discarded.
    pub duplicate_permille: u64,
    /// How often a packet is late, by up to three times the longest latency. Those behind it wait.
    pub reorder_permille: u64,
    /// How long a write takes until it is durable. A crash before loses it.
    pub sync_ms: u64,
    /// How long one try at a nonce takes.
    pub hash_ms: u64,
    /// The most that a job takes longer than its price, so that answers change places.
    pub jitter_ms: u64,
    /// The most that a host's civil clock is ahead.
    pub skew_ms: u64,
    /// What every mempool must keep to. Nodes made by [`WorkChain`](crate::work::WorkChain) are
    /// told so by their [`Role`](crate::work::Role).
    pub pool: PoolLimits,
    /// Whether a signature that one host verified is taken as verified by all: the run is the same,
    /// and takes less of this machine's time.
    pub shares_checks: bool,
    /// How long a job takes, searches for nonces aside.
    pub price: fn(&Job) -> u64,
}

impl Default for Settings {
    /// A calm network, quick disks, right clocks.
    fn default() -> Self {
        Self {
            seed: 0,
            latency_ms: (10, 60),
            loss_permille: 0,
            duplicate_permille: 0,
            reorder_permille: 0,
            sync_ms: 20,
            hash_ms: 50,
            jitter_ms: 4,
            skew_ms: 0,
            pool: PoolLimits::default(),
            shares_checks: true,
            price: crate::price,
        }
    }
}
