//! What a person sees of a running network.
use isonomy_client::Client;
use isonomy_client::api::Status;
use isonomy_crypto::Hash;
use std::collections::BTreeSet;
use std::fmt;

/// All nodes at about one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    /// In the nodes' order; `None` for one that does not answer.
    pub nodes: Vec<Option<Status>>,
    /// Transfers that nodes have taken.
    pub sent: u64,
}

impl Snapshot {
    pub(crate) async fn take(clients: impl Iterator<Item = &Client>, sent: u64) -> Self {
        let mut nodes = Vec::new();
        for client in clients {
            nodes.push(client.status().await.ok());
        }
        Self { nodes, sent }
    }

    /// The lowest height, of nodes that answer.
    #[must_use]
    pub fn height(&self) -> u64 {
        self.nodes.iter().flatten().map(|status| status.height).min().unwrap_or(0)
    }

    /// Whether nodes with one tip have one root, and how many tips there are.
    fn roots(&self) -> String {
        let tip = |status: &Status| (status.tip, status.state_root);
        let pairs: BTreeSet<(Hash, Hash)> = self.nodes.iter().flatten().map(tip).collect();
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
        let heights: Vec<String> = self.nodes.iter().map(height).collect();
        format!("heights {}  sent {}  {}", heights.join(" "), self.sent, self.roots())
    }
}

/// A table, a line a node.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "node  height  tip       state     peers  mempool")?;
        for (number, status) in (1..).zip(&self.nodes) {
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
