use isonomy_devnet::{Block, Latency, Named, Snapshot};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Sentences that are kept of what happened: more than any terminal has lines.
const STORY_MAX: usize = 200;

/// All that the dashboard shows of a network.
pub(super) struct View {
    pub(super) latency: Latency,
    /// Milliseconds between the blocks of the chain that is shown.
    pub(super) interval_ms: u64,
    pub(super) time_lapse: u32,
    pub(super) faucet: Option<String>,
    pub(super) accounts: Vec<Named>,
    pub(super) snapshot: Snapshot,
    /// The oldest first.
    pub(super) blocks: Vec<Block>,
    /// What happened, the youngest last.
    pub(super) story: VecDeque<String>,
    pub(super) paused: bool,
    pub(super) nodes: BTreeMap<usize, NodeView>,
    /// What is done instead of showing: judging, stopping.
    pub(super) busy: Option<&'static str>,
}

/// What the nodes do not say of themselves.
#[derive(Clone, Default)]
pub(super) struct NodeView {
    /// Where it answers questions, if it runs.
    pub(super) rpc: Option<SocketAddr>,
    pub(super) log: PathBuf,
    /// Milliseconds one way to each other node, if they are delayed.
    pub(super) one_way_ms: BTreeMap<usize, u64>,
}

impl View {
    pub(super) fn tell(&mut self, sentence: String) {
        self.story.push_back(sentence);
        while self.story.len() > STORY_MAX {
            self.story.pop_front();
        }
    }

    /// The explorer that node 1 serves, or the first that runs.
    pub(super) fn explorer(&self) -> Option<String> {
        let rpc = self.nodes.values().find_map(|node| node.rpc)?;
        Some(format!("http://{rpc}/"))
    }

    /// Milliseconds between each block and the one before it.
    pub(super) fn intervals_ms(&self) -> Vec<u64> {
        let later = self.blocks.iter().skip(1);
        later
            .zip(&self.blocks)
            .map(|(one, before)| one.time.0.saturating_sub(before.time.0))
            .collect()
    }

    /// Tenths of transactions a second, over the blocks that are shown.
    pub(super) fn throughput(&self) -> u64 {
        let transactions = self.blocks.iter().skip(1).map(|block| block.transactions);
        let ms: u64 = self.intervals_ms().iter().sum();
        transactions.sum::<u64>().saturating_mul(10_000).checked_div(ms).unwrap_or_default()
    }

    /// Milliseconds between blocks on average.
    pub(super) fn pace_ms(&self) -> u64 {
        let intervals = self.intervals_ms();
        let sum: u64 = intervals.iter().sum();
        sum.checked_div(intervals.len() as u64).unwrap_or_default()
    }

    /// Milliseconds between blocks that the chain steers to.
    pub(super) fn wanted_ms(&self) -> u64 {
        self.interval_ms / u64::from(self.time_lapse.max(1))
    }
}

/// Milliseconds as seconds with a tenth.
pub(super) fn seconds(ms: u64) -> String {
    tenths(ms / 100)
}

pub(super) fn tenths(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
