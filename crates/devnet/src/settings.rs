use std::path::PathBuf;

/// The most nodes one machine is asked to carry: each is a process with threads of its own.
pub const NODES_MAX: u8 = 16;

/// The fewest nodes for chaos: with one down, two are left to be kept apart.
pub const CHAOS_NODES_MIN: u8 = 3;

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
    /// The average time between blocks, in milliseconds.
    pub interval_ms: u64,
    /// The seed of the [`Schedule`](crate::Schedule) by which nodes and links are broken. `None`: they
    /// are left alone.
    pub chaos: Option<u64>,
}

impl Settings {
    /// Four nodes, a block about every two seconds, five transfers a second.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        let (dir, rate, hash_rate, interval_ms) = (None, 5, 500, 2_000);
        Self { program, nodes: 4, dir, rate, hash_rate, interval_ms, chaos: None }
    }

    /// Hashes that a block takes on average when all nodes mine at their cap.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        let network = self.hash_rate.saturating_mul(self.nodes.into());
        (network.saturating_mul(self.interval_ms) / 1_000).max(1)
    }
}
