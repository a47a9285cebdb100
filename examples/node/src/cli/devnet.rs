use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use isonomy_devnet::{Latency, NODES_MAX};
use std::path::PathBuf;

pub(crate) const HELP: &str = "On a terminal it shows a dashboard; ? in it tells the keys. \
    Elsewhere, and with --plain, -v or ISONOMY_LOG, it writes lines.\n\n\
    Accounts alice, bob, carol and dave own coins at genesis; their key files lie in \
    DIR/accounts, and whoever knows the seed knows their keys.\n\n\
    --time-lapse N shows a chain whose interval is --interval-ms N times as fast: genesis gets a \
    Nth of the interval, and of the difficulty's half-life. What a chain counts in blocks \
    (confirmations, expiry, locks by height) passes N times as fast; clocks do not, so locks by \
    time and the times in headers are those of the wall. It is another chain than the one with the whole \
    interval.\n\n\
    --record writes what is done to the network to a file, step by step; --scenario does it again.\n\n\
    Examples:\n  isonomy devnet\n  isonomy devnet --blocks 10\n  isonomy \
    devnet --nodes 7 --dir my-devnet --join\n  isonomy devnet --latency world --open\n  isonomy \
    devnet --time-lapse 60\n  isonomy devnet --chaos --seed 7 --blocks 20 --record chaos.toml\n  \
    isonomy devnet --scenario chaos.toml";

/// Milliseconds between blocks unless told otherwise: of a devnet, …
pub(crate) const INTERVAL_MS: u64 = 2_000;
/// … and of a chain that is shown faster: as `isonomy genesis` makes it.
pub(crate) const LAPSE_INTERVAL_MS: u64 = 60_000;

#[derive(Args)]
pub(crate) struct Devnet {
    /// How many nodes.
    #[arg(long, default_value_t = 4, value_parser = nodes())]
    pub(crate) nodes: u8,
    /// End after so many blocks, judge, and print a JSON object as the last line.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) blocks: Option<u64>,
    /// Keep keys, data and logs here, and go on from what is here.
    #[arg(long)]
    pub(crate) dir: Option<PathBuf>,
    /// Print the command that adds one more node by hand.
    #[arg(long)]
    pub(crate) join: bool,
    /// Transfers a second, all together.
    #[arg(long, default_value_t = 5)]
    pub(crate) rate: u32,
    /// Hashes a second that each node may use.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) hash_rate: u64,
    /// The average time between blocks. [default: 2000; with --time-lapse 60000]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) interval_ms: Option<u64>,
    /// Show a chain of that interval so many times as fast.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) time_lapse: u32,
    /// How far from each other the nodes are made to be: bytes between them take 1 to 3 ms one way
    /// (lan), 10 to 45 (continent) or 40 to 170 (world).
    #[arg(long, default_value = "none", value_parser = latency())]
    pub(crate) latency: Latency,
    /// Kill and restart nodes, cut and heal links, add and remove nodes, and agree all the same.
    /// With --blocks it ends once each has happened.
    #[arg(long)]
    pub(crate) chaos: bool,
    /// What is random follows from this number: the accounts' keys, latencies, and what chaos does,
    /// and when. [default: 0; with --chaos from the clock]
    #[arg(long, value_parser = clap::value_parser!(u64).range(..=SEED_MAX))]
    pub(crate) seed: Option<u64>,
    /// Write what is done to the network to this file, to have it again. Never overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Do again what a recorded file says, judge after its last step, and print a JSON object as the
    /// last line. The file says how many nodes, their latency and the load.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["chaos", "seed", "nodes", "rate",
        "hash_rate", "interval_ms", "time_lapse", "latency", "record"])]
    pub(crate) scenario: Option<PathBuf>,
    /// Give no coins away.
    #[arg(long)]
    pub(crate) no_faucet: bool,
    /// Open the explorer of node 1 in the browser.
    #[arg(long)]
    pub(crate) open: bool,
    /// Write lines instead of a dashboard on a terminal too.
    #[arg(long)]
    pub(crate) plain: bool,
}

/// A scenario file holds 64 signed bits.
const SEED_MAX: u64 = i64::MAX as u64;

fn nodes() -> clap::builder::RangedI64ValueParser<u8> {
    clap::value_parser!(u8).range(1..=NODES_MAX.into())
}

fn latency() -> impl TypedValueParser<Value = Latency> {
    let names = Latency::ALL.map(Latency::name);
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Latency>())
}
