//! What a person sees of a running network.
use isonomy_client::api::Status;
use isonomy_crypto::Hash;
use std::collections::{BTreeMap, BTreeSet};

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

    /// Whether nodes with one tip have one root, or how many tips there are.
    #[must_use]
    pub fn agreement(&self) -> String {
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
        format!("heights {}  sent {}  {}", heights.join(" "), self.sent, self.agreement())
    }
}
