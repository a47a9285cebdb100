use crate::Stopped;
use crate::clock::Clock;
use crate::metrics::{Metrics, Sample};
use crate::run::Message;
use isonomy_chain::Archive;
use isonomy_crypto::Hash;
use isonomy_node::{Event, Input, Node, SubmitError};
use isonomy_peer::NetAddress;
use isonomy_types::{NodeKey, Transaction};
use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use tokio::sync::{broadcast, mpsc, oneshot, watch};

/// A running node. Clones are the same node.
#[derive(Clone)]
pub struct Handle {
    pub(crate) messages: mpsc::Sender<Message>,
    pub(crate) events: broadcast::Sender<Event>,
    pub(crate) ended: watch::Receiver<Option<Ended>>,
    pub(crate) archive: Weak<dyn Archive>,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) key: NodeKey,
    pub(crate) clock: Clock,
    pub(crate) metrics: Arc<Metrics>,
}

/// How a node ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It was asked to; everything acknowledged is on disk.
    Stopped,
    /// Going on would have been wrong: what happened, for people.
    Halted(String),
}

impl Handle {
    /// Where peers can reach it.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Who it is to its peers.
    #[must_use]
    pub const fn key(&self) -> NodeKey {
        self.key
    }

    /// Hangs up on a peer, and refuses it until it is [healed](Self::heal) or the process ends,
    /// whoever calls and from whatever address. For networks of tests: the peer is not told and
    /// keeps trying.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn cut(&self, key: NodeKey) -> Result<(), Stopped> {
        self.messages.send(Message::Cut(key)).await.map_err(|_| Stopped)
    }

    /// Ends a [cut](Self::cut). Nobody is called because of it: see [`dial`](Self::dial).
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn heal(&self, key: NodeKey) -> Result<(), Stopped> {
        self.messages.send(Message::Heal(key)).await.map_err(|_| Stopped)
    }

    /// Calls an address now, whatever the node thinks of it. Of two links to one peer the node
    /// keeps one.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn dial(&self, address: SocketAddr) -> Result<(), Stopped> {
        let address = NetAddress::from(address);
        self.messages.send(Message::Dial(address)).await.map_err(|_| Stopped)
    }

    /// Names other addresses to fall back on than those it was made with. They are called as links are
    /// missing; those that stand stay.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn seeds(&self, addresses: &[SocketAddr]) -> Result<(), Stopped> {
        let addresses = addresses.iter().map(|address| NetAddress::from(*address)).collect();
        let message = Message::Input(Input::Seeds { addresses });
        self.messages.send(message).await.map_err(|_| Stopped)
    }

    /// Who is cut off, ascending. Answers once all that was asked before is done.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn cuts(&self) -> Result<Vec<NodeKey>, Stopped> {
        let (sender, answer) = oneshot::channel();
        self.messages.send(Message::Cuts(sender)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Blocks, transactions and receipts that are flushed. From any thread; blocks while it reads.
    /// Keep it no longer than that: the store stays open while it is held.
    ///
    /// # Errors
    /// If the node has stopped.
    pub fn archive(&self) -> Result<Arc<dyn Archive>, Stopped> {
        self.archive.upgrade().ok_or(Stopped)
    }

    /// Events from now on. A listener that falls more than a thousand behind misses some.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Looks at the node between two inputs. Keep it short: the node waits.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn read<T, F>(&self, look: F) -> Result<T, Stopped>
    where
        T: Send + 'static,
        F: FnOnce(&Node) -> T + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let look = Box::new(move |node: &Node| drop(sender.send(look(node))));
        self.messages.send(Message::Read(look)).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// What operators watch, as OpenMetrics text without its last line, so that others can add
    /// theirs. Shows one moment of the node. Written down in `examples/node/ops/METRICS.md`.
    ///
    /// # Errors
    /// If the node has stopped.
    pub async fn metrics(&self) -> Result<String, Stopped> {
        let inputs = self.messages.max_capacity().saturating_sub(self.messages.capacity());
        let mut sample = self.read(Sample::of).await?;
        (sample.now_ms, sample.inputs) = (self.clock.now().wall.0, inputs);
        Ok(self.metrics.encode(&sample))
    }

    /// Hands a transaction to the node, and answers once it waits in the mempool.
    ///
    /// # Errors
    /// The outer one if the node has stopped, the inner one if it refuses.
    pub async fn submit(
        &self,
        transaction: Transaction,
    ) -> Result<Result<Hash, SubmitError>, Stopped> {
        let (sender, answer) = oneshot::channel();
        let transaction = Box::new(transaction);
        let message = Message::Submit { transaction, answer: sender };
        self.messages.send(message).await.map_err(|_| Stopped)?;
        answer.await.map_err(|_| Stopped)
    }

    /// Stops the node, waits until everything acknowledged is on disk, and says how it ended.
    pub async fn stop(&self) -> Ended {
        let _ = self.messages.send(Message::Stop).await;
        self.ended().await
    }

    /// Waits until the node ends by itself or by [`stop`](Self::stop).
    pub async fn ended(&self) -> Ended {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await.map(|ended| ended.clone()) {
            Ok(Some(ended)) => ended,
            _ => Ended::Halted("the node's task ended unexpectedly: please report this".into()),
        }
    }
}
