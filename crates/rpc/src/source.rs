use crate::Server;
use crate::access::{Access, Admitted, Rates};
use crate::counts::Counts;
use crate::error::{Refusal, Stopped};
use crate::jsonrpc::{self, Caller};
use crate::limits::READS_MAX;
use crate::watch::Watch;
use isonomy_chain::Archive;
use isonomy_client::api::LinksReply;
use isonomy_crypto::Hash;
use isonomy_index::Index;
use isonomy_ledger::Modules;
use isonomy_node::{Event, Node, SubmitError};
use isonomy_types::{NodeKey, Transaction};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{Semaphore, broadcast, oneshot};

/// An answer that comes later, or never because the node has stopped.
pub type Later<T> = Pin<Box<dyn Future<Output = Result<T, Stopped>> + Send>>;
/// A look at the node between two of its inputs. The node waits while it lasts.
pub type Look = Box<dyn FnOnce(&Node) + Send>;

/// Events of the node from now on. Subscribers are told what moved, not what this says: it only makes
/// the server look sooner, and may miss any.
pub type Events = Arc<dyn Fn() -> broadcast::Receiver<Event> + Send + Sync>;

/// What may be asked of the links of a node in a network of tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Nothing but the answer.
    Look,
    /// Hang up on this peer, and refuse it until it is healed.
    Cut(NodeKey),
    /// Refuse it no longer.
    Heal(NodeKey),
    /// Call this address now.
    Dial(SocketAddr),
}

/// Carries out an order, and says who the node is and whom it refuses then.
pub type Admin = Arc<dyn Fn(Order) -> Later<LinksReply> + Send + Sync>;

/// How a server reaches a node: what its owner gives.
#[derive(Clone)]
pub struct Source {
    /// Has the node looked at. Answers once that was done.
    pub read: Arc<dyn Fn(Look) -> Later<()> + Send + Sync>,
    /// Hands the node a transaction. Answers with its id once it waits in the mempool.
    pub submit: Arc<dyn Fn(Transaction) -> Later<Result<Hash, SubmitError>> + Send + Sync>,
    /// Tells that something happened.
    pub events: Events,
    /// Carries out orders to its links, for whoever has the role [`Admin`](crate::Role::Admin).
    /// `None`: they are refused.
    pub admin: Option<Admin>,
    /// What left the node's memory.
    pub archive: Arc<dyn Archive>,
    /// Its index. `None`: it keeps none, and what needs one is refused.
    pub index: Option<Arc<Index>>,
    /// The chain's modules, the node's own.
    pub modules: Arc<Modules>,
    /// What `status` tells and the node does not know.
    pub about: About,
    /// What `/ready` and `/metrics` tell and the node does not know.
    pub watch: Watch,
}

/// What a node does not know of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    /// The chain's name, for people.
    pub name: String,
    /// The software's version.
    pub version: String,
    /// Whether the node makes blocks.
    pub mining: bool,
    /// Where coins of a chain for tests are given away, as a URL.
    pub faucet: Option<String>,
}

/// Answers the bodies of requests, however they come: a [`Server`](crate::Server) without HTTP.
pub struct Desk {
    pub(crate) source: Source,
    pub(crate) counts: Counts,
    reads: Arc<Semaphore>,
}

impl Desk {
    /// A desk in front of one node.
    #[must_use]
    pub fn new(source: Source) -> Self {
        Self { source, counts: Counts::new(), reads: Arc::new(Semaphore::new(READS_MAX)) }
    }

    /// Answers one request or batch of JSON-RPC 2.0. `None` if it holds nothing but notifications.
    ///
    /// Whoever asks is the node's owner. Bounds neither the body's length nor the time nor the rate:
    /// whoever carries it does.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub async fn answer(&self, body: &[u8]) -> Option<String> {
        let rates = Rates::new(&Access::at(Server::ADDRESS));
        let mut caller = Caller { admitted: Admitted::OWNER, rates: &rates, listener: None };
        jsonrpc::answer(self, &mut caller, body).await
    }

    /// Takes one snapshot of the node. Short: the node waits.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Node) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let (sender, answer) = oneshot::channel();
        // Whoever asked may have gone.
        (self.source.read)(Box::new(move |node| drop(sender.send(look(node))))).await?;
        answer.await.map_err(|_| Stopped.into())
    }

    /// Reads the archive, or a state out of a snapshot, outside of the node's thread.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Source) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = self.reads.clone().acquire_owned().await.map_err(|_| Refusal::unready())?;
        let source = self.source.clone();
        let work = tokio::task::spawn_blocking(move || {
            let found = read(&source);
            // Kept until the work is done, even if its asker is gone.
            drop(place);
            found
        });
        work.await.map_err(|error| {
            tracing::error!(%error, "a question panicked: please report this bug");
            Refusal::internal("a question panicked")
        })?
    }
}
