use isonomy_chain::StoreFailed;
use std::net::SocketAddr;

/// Why a host does not start. Nothing was changed on disk.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {source}; choose another with --listen, or port 0")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// What is stored cannot be read.
    #[error("cannot read the stored chain: {}", .0.why)]
    Store(StoreFailed),
    /// No thread could be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// The host has stopped, and answers nothing more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the node has stopped")]
pub struct Stopped;
