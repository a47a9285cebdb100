//! What operators ask for.
use clap::Args;
use clap_complete::Shell;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args)]
pub(crate) struct Doctor {
    /// The node's configuration file.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    /// The chain's genesis file.
    #[arg(long)]
    pub(crate) genesis: Option<PathBuf>,
    /// The node's data directory. Nothing of what is kept there is changed.
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
    /// Where the node answers questions. [default: what the file says, or 127.0.0.1:7332]
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) rpc: Option<String>,
    /// A peer to try beside those of the file. Repeat for more.
    #[arg(long, value_name = "IP:PORT", value_parser = crate::cli::socket)]
    pub(crate) peer: Vec<SocketAddr>,
    /// Another node's address for questions: whether both are on one branch, and what its clock says.
    /// Repeat for more.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) compare: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args)]
pub(crate) struct Completions {
    /// For which shell.
    pub(crate) shell: Shell,
}

#[derive(Args)]
pub(crate) struct Man {
    /// Write a page for each command into this directory. [default: print the main page]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
