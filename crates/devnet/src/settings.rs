use crate::{Latency, Step};
use std::path::PathBuf;

/// The most nodes one machine is asked to carry: each is a process with threads of its own.
pub const NODES_MAX: u8 = 16;

/// The fewest nodes for chaos: with one down, two are left to be kept apart.
pub const CHAOS_NODES_MIN: u8 = 3;

/// The shortest time between blocks that a network of processes on one machine can keep up with, in
/// milliseconds.
pub const INTERVAL_MS_MIN: u64 = 50;

/// What a network is to be like.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// The node's executable: it must know `keys`, `genesis` and `run` as `isonomy` does.
    pub program: PathBuf,
    /// How many nodes, 1 to [`NODES_MAX`].
    pub nodes: u8,
    /// Where keys, the genesis file, data and logs are kept. `None`: in a folder that is removed.
    pub dir: Option<PathBuf>,
    /// Transfers a second that are submitted, all together; 0 for none.
    pub rate: u32,
    /// Hashes a second that each node may use for mining.
    pub hash_rate: u64,
    /// The average time between the blocks of the chain that is shown, in milliseconds.
    pub interval_ms: u64,
    /// How many times as fast that chain is shown: genesis gets `interval_ms` divided by this, and
    /// with it the difficulty's half-life. Whatever a chain counts in blocks (confirmations, expiry,
    /// locks by height) passes so much faster; clocks do not: times in headers and the patience
    /// of nodes are those of the wall. 1 for none, 0 counts as 1.
    pub time_lapse: u32,
    /// What is random follows from it: the named accounts' keys, the links' latency, and what chaos
    /// does.
    pub seed: u64,
    /// Whether nodes and links are broken, and by what plan.
    pub chaos: Chaos,
    /// How far from each other the nodes are made to be.
    pub latency: Latency,
    /// Whether coins are given away over HTTP.
    pub faucet: bool,
    /// Where to write a [`Scenario`](crate::Scenario) of what is done, step by step. Never over
    /// another file.
    pub record: Option<PathBuf>,
}

/// By what plan nodes and links are broken.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Chaos {
    /// They are left alone.
    #[default]
    None,
    /// By the [`Schedule`](crate::Schedule) that follows from [`Settings::seed`].
    Drawn,
    /// By these steps, in their order.
    Steps(Vec<Step>),
}

impl Settings {
    /// Four nodes, a block about every two seconds, five transfers a second, a faucet.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            nodes: 4,
            dir: None,
            rate: 5,
            hash_rate: 500,
            interval_ms: 2_000,
            time_lapse: 1,
            seed: 0,
            chaos: Chaos::None,
            latency: Latency::None,
            faucet: true,
            record: None,
        }
    }

    /// Milliseconds between two blocks of this network, on average: the chain's, shown so much
    /// faster.
    #[must_use]
    pub fn pace_ms(&self) -> u64 {
        (self.interval_ms / u64::from(self.time_lapse.max(1))).max(1)
    }

    /// Hashes that a block takes on average when all nodes mine at their cap.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        let network = self.hash_rate.saturating_mul(self.nodes.into());
        (network.saturating_mul(self.pace_ms()) / 1_000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The difficulty falls with the interval: the nodes' hash rates stay as they are.
    #[test]
    fn a_time_lapse_divides_the_time_between_blocks_and_the_work_of_one() {
        let minute = Settings { interval_ms: 60_000, ..Settings::new("isonomy".into()) };
        assert_eq!((minute.pace_ms(), minute.hashes()), (60_000, 120_000));
        let fast = Settings { time_lapse: 60, ..minute.clone() };
        assert_eq!((fast.pace_ms(), fast.hashes()), (1_000, 2_000));
        assert_eq!(Settings { time_lapse: 0, ..minute.clone() }.pace_ms(), 60_000);
        assert_eq!(Settings { time_lapse: u32::MAX, ..minute }.pace_ms(), 1);
    }
}
