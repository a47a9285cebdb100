use crate::Utc;
use isonomy_chain::StoreFailed;
use std::net::SocketAddr;

/// Why a host does not start. Nothing was changed on disk.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error(
        "cannot listen for peers on {address}: {source}; stop what listens there, or choose another \
         address with --listen, port 0 for a free one"
    )]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The wall clock is far behind what is stored.
    #[error(
        "the clock says {wall}, but block {height} of this chain is of {time}: set the clock, or \
         wait until then"
    )]
    Clock {
        /// What the clock says.
        wall: Utc,
        /// The height of the newest stored block.
        height: u64,
        /// The time in its header.
        time: Utc,
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
