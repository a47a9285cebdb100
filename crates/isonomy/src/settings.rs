use isonomy_node::Limits;
use isonomy_rpc::Access;
use isonomy_types::Address;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU64;
use std::path::PathBuf;

/// What the owner of a node decides. Everything else follows from the [`Spec`](crate::Spec).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Where blocks, state and the node's key are kept. Made if it is missing.
    pub dir: PathBuf,
    /// Where peers are accepted; port 0 takes a free one. `None`: nowhere.
    pub listen: Option<SocketAddr>,
    /// Where programs may ask; keep it on loopback. `None`: nowhere.
    pub rpc: Option<SocketAddr>,
    /// Who may ask there. `None`: as [`Access::at`] says. Whoever can read `rpc.cookie` in
    /// [`dir`](Self::dir) has the role [`Admin`](isonomy_rpc::Role::Admin) besides.
    pub access: Option<Access>,
    /// Lets every program of this machine cut and heal this node's links, without a token. For networks
    /// of tests: [`rpc`](Self::rpc) must be on loopback.
    pub admin: bool,
    /// Keeps an index of address history, events by key and asset holders, in the file `index.redb`
    /// of [`dir`](Self::dir). A node without one leaves such a file alone; it goes on from there when
    /// the node keeps one again.
    pub index: bool,
    /// Where coins of this chain are given away, as a URL that `status` tells. `None`, as for every
    /// chain whose coins are worth something: nowhere.
    pub faucet: Option<String>,
    /// Nodes to connect to. They tell of others.
    pub peers: Vec<SocketAddr>,
    /// Outbound connections to keep up. Together with the inbound ones they must fit the links that
    /// [`limits`](Self::limits) allow.
    pub outbound: usize,
    /// Makes blocks.
    pub mining: Option<Mining>,
    /// Threads for checking; 0 means one for each core.
    pub workers: usize,
    /// What peers may take, and the node in all. Checked at the start.
    pub limits: Limits,
}

/// How blocks are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mining {
    /// Who is paid.
    pub producer: Address,
    /// Hashes a second at most; `None` takes all of one core.
    pub hash_rate: Option<NonZeroU64>,
}

impl Settings {
    /// Keeps its data in `dir`, accepts peers and questions on free loopback ports, and does not
    /// mine.
    #[must_use]
    pub fn local(dir: impl Into<PathBuf>) -> Self {
        let loopback = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        Self {
            dir: dir.into(),
            listen: loopback,
            rpc: loopback,
            access: None,
            admin: false,
            index: false,
            faucet: None,
            peers: Vec::new(),
            outbound: OUTBOUND,
            mining: None,
            workers: 0,
            limits: Limits::default(),
        }
    }
}

/// Outbound connections of a node that does not say otherwise: enough that no few peers decide
/// what it sees.
pub const OUTBOUND: usize = 8;

/// How deep a block must lie under the best one to become part of the stored state. A deeper
/// reorganisation stops the node; on a chain of minutes it would take an attacker hours.
pub const BASE_DEPTH: u64 = 64;

/// Blocks between two flushes of the stored state. A flush rewrites each page of the state that one
/// of them wrote to, so many blocks at once cost little more than few. A restart executes at most
/// this many and [`BASE_DEPTH`] again.
pub const FLUSH_BLOCKS: u64 = 32;
