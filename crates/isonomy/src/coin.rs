use crate::cookie::Cookie;
use crate::settings::{BASE_DEPTH, FLUSH_BLOCKS, Mining, Settings};
use crate::{Coin, KeyError, Spec, SpecError, directory, indexing, questions};
use isonomy_chain::{PoolLimits, Recovered};
use isonomy_consensus::pow::{self, Pow};
use isonomy_crypto::Hash;
use isonomy_host::{Ended, Handle, MEMPOOL_WRITE_MS, MempoolFile, StartError, Stopped};
use isonomy_index::Index;
use isonomy_node::{Config, Event, SubmitError};
use isonomy_rpc::{Access, Role, Server, Token};
use isonomy_store::OpenError;
use isonomy_types::{Now, Transaction};
use rand::{TryRng, rngs::SysRng};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use tokio::sync::{broadcast, watch};

/// The place in the data directory of what waits.
const MEMPOOL: &str = "mempool";
/// The place in the data directory of the index.
const INDEX: &str = "index.redb";
/// Nonces in one slice of mining without a limit: some milliseconds.
const TRIES: u64 = 20_000;
/// Slices a second of mining with a limit, so that a new tip is not waited for long.
const SLICES_PER_S: u64 = 20;

/// A node of a coin chain, running on this machine. Clones are the same node.
///
/// See the [crate's head](crate) for an example.
#[derive(Clone)]
pub struct Node {
    handle: Handle,
    genesis: Hash,
    rpc: Option<SocketAddr>,
    /// Closed once the node has stopped and nobody asks it any more.
    index: Weak<Index>,
    /// Its other ends are gone once the last question is answered and the index is at rest.
    served: watch::Receiver<()>,
}

/// Why a node does not start. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// The spec makes no chain.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// Whoever reaches the address could cut the node off.
    #[error(
        "links may be cut from this machine alone, not at {address}: leave --admin out, or give a loopback address with --rpc"
    )]
    Admin {
        /// Where programs would ask.
        address: SocketAddr,
    },
    /// A limit makes no sense.
    #[error("in the limits: {0}")]
    Limit(#[from] isonomy_peer::LimitError),
    /// Strangers who dial could take the places of those whom this node dials (eclipse).
    #[error(
        "{links} links hold no {inbound} inbound and {outbound} outbound ones: raise links, or lower \
         one of the others"
    )]
    Places {
        /// Links at once.
        links: usize,
        /// Of them, those that others may dial.
        inbound: usize,
        /// Those that this node is to keep up.
        outbound: usize,
    },
    /// The data directory cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The index cannot be used.
    #[error(transparent)]
    Index(#[from] isonomy_index::OpenError),
    /// The node's key cannot be used or made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The stored state is not what its block commits.
    #[error(
        "the state in {dir} is damaged: {why}. Restore a copy, or move the directory away and fetch \
         the chain anew", dir = .dir.display()
    )]
    State {
        /// The data directory.
        dir: PathBuf,
        /// What was read instead.
        why: String,
    },
    /// No node ever ran there.
    #[error("{dir} holds no node's data: give the directory that the node ran on", dir = .dir.display())]
    Empty {
        /// The directory.
        dir: PathBuf,
    },
    /// What it takes to go back so far is not kept.
    #[error(
        "cannot go back to height {got} from {tip}: at most the last {limit} blocks can be taken \
         back, in steps of a few; choose a greater height, or start in another directory"
    )]
    Reach {
        /// Where to.
        got: u64,
        /// Where the stored state stands.
        tip: u64,
        /// How many blocks are within reach.
        limit: u64,
    },
    /// The token for programs cannot be written.
    #[error(
        "cannot write the file rpc.cookie in {dir}: {source}; see whether the disk is full and the \
         directory yours", dir = .dir.display()
    )]
    Cookie {
        /// The data directory.
        dir: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no randomness.
    #[error("the system gives no randomness: {0}")]
    Entropy(String),
    /// Sockets, threads or the store.
    #[error(transparent)]
    Start(#[from] StartError),
    /// It stopped while it started.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The address for programs cannot be listened on.
    #[error(transparent)]
    Rpc(#[from] isonomy_rpc::BindError),
}

impl Node {
    /// Starts a node on what `settings.dir` holds, or on the chain's first block.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// See [`NodeError`]. Whatever shows before a byte is written is refused before it: only a
    /// directory that a crash left is repaired first, and only a new one may be left half made.
    pub async fn start(spec: &Spec, settings: Settings) -> Result<Self, NodeError> {
        let exposed = |address: &SocketAddr| !address.ip().to_canonical().is_loopback();
        if let Some(address) = settings.rpc.filter(|address| settings.admin && exposed(address)) {
            return Err(NodeError::Admin { address });
        }
        let coin = spec.coin()?;
        settings.limits.check()?;
        let (links, inbound) = (settings.limits.peers.links, settings.limits.peers.inbound);
        let outbound = settings.outbound;
        if inbound.saturating_add(outbound) > links {
            return Err(NodeError::Places { links, inbound, outbound });
        }
        let genesis = coin.genesis.tip.trail.id;
        let listen = match settings.listen {
            Some(address) => Some(isonomy_host::listen(address).await?),
            None => None,
        };
        let rpc = match settings.rpc {
            Some(address) => Some(Server::bind(address).await?),
            None => None,
        };
        let (store, identity) = directory::open(&settings.dir, &coin.genesis)?;
        let index = match settings.index {
            true => Some(Arc::new(Index::open(&settings.dir.join(INDEX), &coin.genesis)?)),
            false => None,
        };
        let mut seed = [0; 32];
        SysRng.try_fill_bytes(&mut seed).map_err(|e| NodeError::Entropy(e.to_string()))?;
        let host = isonomy_host::Settings {
            listen,
            identity,
            secrets: Vec::new(),
            workers: settings.workers,
            hash_rate: settings.mining.and_then(|mining| mining.hash_rate),
            mempool: Some(MempoolFile {
                path: settings.dir.join(MEMPOOL),
                genesis,
                write_ms: MEMPOOL_WRITE_MS,
            }),
            limits: settings.limits.peers.clone(),
        };
        let modules = coin.modules.clone();
        let make = |now, recovered, port| machine(&coin, &settings, seed, now, recovered, port);
        let handle = isonomy_host::start(host, Box::new(store), make).await?;
        let address = rpc.as_ref().map(Server::address);
        let (serving, served) = watch::channel(());
        let weak = index.as_ref().map_or_else(Weak::new, Arc::downgrade);
        if let Some(index) = &index {
            indexing::follow(&handle, index.clone(), serving.clone())?;
        }
        if let Some(server) = rpc {
            let failed = |source| NodeError::Cookie { dir: settings.dir.clone(), source };
            let cookie = Cookie::write(&settings.dir).map_err(failed)?;
            let access = access(&settings, server.address(), &cookie.token);
            let server = server.with_access(access);
            let source = questions::source(&handle, spec, &settings, modules, index)?;
            let ended = handle.clone();
            let shutdown = async move { drop(ended.ended().await) };
            tokio::spawn(async move {
                server.serve(source, shutdown).await;
                drop((cookie, serving));
            });
        }
        Ok(Self { handle, genesis, rpc: address, index: weak, served })
    }

    /// The chain's id: its first block's.
    #[must_use]
    pub const fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Where peers can reach it.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.handle.address()
    }

    /// Where programs can ask.
    #[must_use]
    pub const fn rpc(&self) -> Option<SocketAddr> {
        self.rpc
    }

    /// Its index. `None`: it keeps none, or has stopped. Keep it no longer than for a question: the
    /// file stays open while it is held.
    #[must_use]
    pub fn index(&self) -> Option<Arc<Index>> {
        self.index.upgrade()
    }

    /// The machine, its archive, its events: see [`Handle`].
    #[must_use]
    pub const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// What happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.handle.events()
    }

    /// Hands a transaction to the network. Answers once it waits in this node's mempool.
    ///
    /// # Errors
    /// The outer one if the node has stopped, the inner one if it refuses.
    pub async fn submit(
        &self,
        transaction: Transaction,
    ) -> Result<Result<Hash, SubmitError>, Stopped> {
        self.handle.submit(transaction).await
    }

    /// Stops, with everything acknowledged on disk and the directory free for another node.
    pub async fn stop(&self) -> Ended {
        let ended = self.handle.stop().await;
        let mut served = self.served.clone();
        while served.changed().await.is_ok() {}
        ended
    }

    /// Waits until it stops or halts.
    pub async fn ended(&self) -> Ended {
        self.handle.ended().await
    }
}

/// Who may ask: whom the owner names, and whoever can read the cookie.
fn access(settings: &Settings, address: SocketAddr, cookie: &Token) -> Access {
    let access = settings.access.clone().unwrap_or_else(|| Access::at(address));
    let access = if settings.admin { access.with_anonymous(Some(Role::Admin)) } else { access };
    access.with_token(cookie, Role::Admin)
}

fn machine(
    coin: &Coin,
    settings: &Settings,
    seed: [u8; 32],
    now: Now,
    recovered: Recovered,
    listening: Option<u16>,
) -> isonomy_node::Node {
    let tries = match settings.mining {
        Some(Mining { hash_rate: Some(rate), .. }) => (rate.get() / SLICES_PER_S).max(1),
        _ => TRIES,
    };
    let (extra, _) = seed.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    let engine = pow::Settings {
        mining: settings.mining.is_some(),
        base_depth: BASE_DEPTH,
        tries,
        extra: u64::from_le_bytes(*extra),
    };
    let config = Config {
        genesis: coin.genesis.tip.trail.id,
        rules: Arc::new(coin.work),
        modules: coin.modules.clone(),
        producer: settings.mining.map(|mining| mining.producer).unwrap_or_default(),
        seed,
        listening,
        seeds: settings.peers.iter().map(|peer| (*peer).into()).collect(),
        outbound: settings.outbound,
        flush_blocks: FLUSH_BLOCKS,
        pool: PoolLimits::default(),
        limits: settings.limits.clone(),
    };
    isonomy_node::Node::new(now, config, Box::new(Pow::new(coin.work, engine)), recovered)
}
