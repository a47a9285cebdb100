use crate::{Identity, MempoolFile, StartError};
use isonomy_crypto::Secret;
use isonomy_peer::Limits;
use std::net::SocketAddr;
use std::num::NonZeroU64;
use tokio::net::TcpListener;

/// What the owner of a process decides.
pub struct Settings {
    /// Where to accept peers, from [`listen`]. `None`: accept nobody.
    pub listen: Option<TcpListener>,
    /// Who this node is to its peers.
    pub identity: Identity,
    /// Keys for the engine to sign with. They never leave the host.
    pub secrets: Vec<Secret>,
    /// Threads for jobs; 0 means one for each core.
    pub workers: usize,
    /// Hashes a second that mining may use; `None` takes all of one core.
    pub hash_rate: Option<NonZeroU64>,
    /// Where what waits in the mempool is kept for the time after a restart. `None`: nowhere.
    pub mempool: Option<MempoolFile>,
    /// What peers may take: the same as the node's. Of them the host keeps
    /// [`inbound`](Limits::inbound) and [`handshake_ms`](Limits::handshake_ms).
    pub limits: Limits,
}

/// Takes an address for peers, before anything is opened or made; port 0 takes a free one.
///
/// # Errors
/// [`StartError::Listen`] if it is taken, or not this machine's.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

/// Strangers in handshake at once, beside the links that stand: each costs a socket and a task, and
/// no memory to speak of. One more is hung up on at once, so that who says nothing does not keep
/// others waiting (slow-loris).
pub const HANDSHAKES_MAX: usize = 64;

/// Bytes that a link's carrier holds for a slow socket at most. Small, since it comes on top of
/// [`Limits::link_bytes`], and so that a slow reader shows soon; the system's own buffers keep the
/// line busy meanwhile.
pub const CARRIER_BYTES: usize = 128 * 1024;

/// Inputs that wait for the node before sockets stop being read: back-pressure, not memory.
pub const INPUTS_MAX: usize = 1_024;

/// Milliseconds for a dialled address to answer.
pub const DIAL_MS: u64 = 5_000;

/// Milliseconds that a stopping host waits for its sockets and writes.
pub const STOP_MS: u64 = 10_000;
