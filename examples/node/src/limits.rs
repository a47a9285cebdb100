use isonomy::node::Limits;
use serde::Deserialize;

/// The section `[limits]` of the configuration file: see the fields of `isonomy::node::Limits` and
/// `isonomy::peer::Limits` for what each stops. What it does not name stays as it is.
#[derive(Deserialize, Default, Clone, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LimitsFile {
    links: Option<usize>,
    inbound: Option<usize>,
    bytes_per_s: Option<u64>,
    messages_per_s: Option<u64>,
    answers_per_s: Option<u64>,
    link_bytes: Option<usize>,
    bytes: Option<usize>,
    handshake_ms: Option<u64>,
    slow_ms: Option<u64>,
    least_bytes_per_s: Option<u64>,
    jobs: Option<usize>,
    link_jobs: Option<usize>,
    tree_forks: Option<usize>,
}

impl LimitsFile {
    pub(crate) fn limits(&self) -> Limits {
        let default = Limits::default();
        let peers = &default.peers;
        let peers = isonomy::peer::Limits {
            links: self.links.unwrap_or(peers.links),
            inbound: self.inbound.unwrap_or(peers.inbound),
            bytes_per_s: self.bytes_per_s.unwrap_or(peers.bytes_per_s),
            messages_per_s: self.messages_per_s.unwrap_or(peers.messages_per_s),
            answers_per_s: self.answers_per_s.unwrap_or(peers.answers_per_s),
            link_bytes: self.link_bytes.unwrap_or(peers.link_bytes),
            bytes: self.bytes.unwrap_or(peers.bytes),
            handshake_ms: self.handshake_ms.unwrap_or(peers.handshake_ms),
            slow_ms: self.slow_ms.unwrap_or(peers.slow_ms),
            least_bytes_per_s: self.least_bytes_per_s.unwrap_or(peers.least_bytes_per_s),
        };
        let jobs = self.jobs.unwrap_or(default.jobs);
        let link_jobs = self.link_jobs.unwrap_or_else(|| default.link_jobs.min(jobs));
        let tree_forks = self.tree_forks.unwrap_or(default.tree_forks);
        Limits { peers, jobs, link_jobs, tree_forks }
    }
}
