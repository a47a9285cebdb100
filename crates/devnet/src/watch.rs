//! What a person sees of a running network.
use isonomy_client::api::Status;
use isonomy_crypto::Hash;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// All nodes at about one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// By the nodes' numbers; `None` for one that does not run or does not answer.
    pub nodes: BTreeMap<usize, Option<Status>>,
    /// Transfers that nodes have taken.
    pub sent: u64,
}

impl Snapshot {
    /// The lowest height, of nodes that answer.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.answers().map(|status| status.height).min().unwrap_or(0)
    }

    /// Of the nodes that answer.
    fn answers(&self) -> impl Iterator<Item = &Status> {
        self.nodes.values().flatten()
    }

    /// Whether nodes with one tip have one root, and how many tips there are.
    fn roots(&self) -> String {
        let tip = |status: &Status| (status.tip, status.state_root);
        let pairs: BTreeSet<(Hash, Hash)> = self.answers().map(tip).collect();
        let tips: BTreeSet<Hash> = pairs.iter().map(|(tip, _)| *tip).collect();
        match (tips.len(), pairs.len()) {
            (tips, pairs) if pairs > tips => "ROOTS DIFFER AT ONE TIP".into(),
            (1, _) => "all roots agree".into(),
            (tips, _) => format!("{tips} tips"),
        }
    }

    /// One line, for logs.
    #[must_use]
    pub fn line(&self) -> String {
        let height = |status: &Option<Status>| match status {
            Some(status) => status.height.to_string(),
            None => "-".into(),
        };
        let heights: Vec<String> = self.nodes.values().map(height).collect();
        format!("heights {}  sent {}  {}", heights.join(" "), self.sent, self.roots())
    }
}

/// A table, a line a node.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "node  height  tip       state     peers  mempool")?;
        for (number, status) in &self.nodes {
            match status {
                Some(status) => writeln!(
                    f,
                    "{number:>4}  {:>6}  {:?}  {:?}  {:>5}  {:>7}",
                    status.height, status.tip, status.state_root, status.peers, status.mempool,
                )?,
                None => writeln!(f, "{number:>4}  does not answer")?,
            }
        }
        writeln!(f, "{} transfers sent, {}", self.sent, self.roots())
    }
}
