use crate::{Act, FaucetError};
use isonomy_client::ClientError;
use isonomy_wallet::WalletError;
use std::path::PathBuf;

/// Why a network does not start, or ends.
#[derive(Debug, thiserror::Error)]
pub enum DevnetError {
    /// Too few or too many.
    #[error("{got} nodes: must be 1 to {limit}")]
    Nodes {
        /// How many were asked for.
        got: u8,
        /// [`NODES_MAX`](crate::NODES_MAX).
        limit: u8,
    },
    /// Too few to be cut in two and lose one, or no room for one that joins.
    #[error("{got} nodes: chaos needs {least} to {limit}")]
    ChaosNodes {
        /// How many were asked for.
        got: u8,
        /// [`CHAOS_NODES_MIN`](crate::CHAOS_NODES_MIN).
        least: u8,
        /// One less than [`NODES_MAX`](crate::NODES_MAX).
        limit: u8,
    },
    /// The network is not such that this could be done.
    #[error("cannot {act}: {why}")]
    Impossible {
        /// What was asked for.
        act: Act,
        /// Why it cannot be.
        why: &'static str,
    },
    /// A folder with something else in it.
    #[error("{dir} is not empty and holds no devnet: choose another --dir", dir = .dir.display())]
    Foreign {
        /// The folder.
        dir: PathBuf,
    },
    /// A devnet of another size lives there.
    #[error("{dir} holds a devnet of {got} nodes, {want} were asked for: give --nodes {got}, or another --dir", dir = .dir.display())]
    OtherSize {
        /// The folder.
        dir: PathBuf,
        /// Its nodes.
        got: u8,
        /// Those asked for.
        want: u8,
    },
    /// No machine keeps up with it.
    #[error(
        "a block every {got} ms: must be {limit} at least; give a smaller --time-lapse, or a greater --interval-ms"
    )]
    Fast {
        /// What was asked for, in milliseconds.
        got: u64,
        /// [`INTERVAL_MS_MIN`](crate::INTERVAL_MS_MIN).
        limit: u64,
    },
    /// The chain of the devnet that lives there is faster or slower.
    #[error("{dir} holds a devnet with a block every {got} ms, one every {want} ms was asked for: give --interval-ms {got} without --time-lapse, or another --dir", dir = .dir.display())]
    OtherPace {
        /// The folder.
        dir: PathBuf,
        /// Its interval, in milliseconds.
        got: u64,
        /// That asked for.
        want: u64,
    },
    /// A file with a scenario is never overwritten.
    #[error("{path} is there already and is never overwritten: give another name with --record", path = .path.display())]
    Recorded {
        /// The file.
        path: PathBuf,
    },
    /// The faucet does not pay.
    #[error(transparent)]
    Faucet(#[from] FaucetError),
    /// A file cannot be read or written.
    #[error("cannot use {path}: {source}", path = .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A command of the executable failed.
    #[error("`{command}` failed:\n{stderr}")]
    Command {
        /// The command.
        command: String,
        /// What it said.
        stderr: String,
    },
    /// A node ended though nobody asked it to, or did not start.
    #[error("node {node} ended ({how}); the end of its log, {log}:\n{tail}", log = .log.display())]
    Died {
        /// Which, from 1.
        node: usize,
        /// Its exit status.
        how: String,
        /// Where its log is.
        log: PathBuf,
        /// The log's last lines.
        tail: String,
    },
    /// A node does not answer.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A key cannot be used.
    #[error(transparent)]
    Wallet(#[from] WalletError),
}
