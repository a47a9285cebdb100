use crate::{Done, JobId};
use alloc::{boxed::Box, string::String, sync::Arc, vec::Vec};
use isonomy_ledger::View;
use isonomy_peer::{Direction, NetAddress};
use isonomy_types::{Link, NodeKey, Transaction};

/// One write that was asked for; comes back when it is durable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ticket(pub u64);

/// The owner's own name for a transaction it submits; comes back with the verdict. Never
/// used twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Request(pub u64);

/// What happens to a node.
pub enum Input {
    /// A connection stands, and its transport proved the peer's key.
    Opened {
        /// Its name from now on. Never used twice.
        link: Link,
        /// Who called whom.
        direction: Direction,
        /// The key proved.
        remote: NodeKey,
        /// The address dialled, or the one an inbound peer came from.
        address: Option<NetAddress>,
    },
    /// A connection is gone.
    Closed {
        /// Which.
        link: Link,
    },
    /// An [`Output::Dial`](crate::Output::Dial) came to nothing.
    DialFailed {
        /// The address dialled.
        address: NetAddress,
    },
    /// A piece of a link's byte stream, in order, of any size.
    Received {
        /// Whose.
        link: Link,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// The carrier takes this many bytes more.
    Writable {
        /// Which link.
        link: Link,
        /// How many more.
        bytes: usize,
    },
    /// The owner's own transaction.
    Submit {
        /// Names the answer.
        request: Request,
        /// The transaction.
        transaction: Box<Transaction>,
    },
    /// What [`Node::waiting`](crate::Node::waiting) told before a restart, in that order. It is
    /// admitted as any other, once what the log holds is executed; nobody is to blame for it.
    Restore {
        /// The transactions; those beyond what the mempool holds at most are let go.
        transactions: Vec<Transaction>,
    },
    /// The owner names other addresses to fall back on. Links that stand stay.
    Seeds {
        /// All of them: those named before and not here are addresses like any other from now on.
        addresses: Vec<NetAddress>,
    },
    /// A job ended.
    Done(JobId, Box<Done>),
    /// A commit is durable.
    Committed {
        /// Which.
        ticket: Ticket,
        /// For a flush: the state that it made, from now on the base.
        view: Option<Arc<dyn View>>,
    },
    /// The store takes no more writes. The node halts.
    StoreFailed {
        /// For people.
        why: String,
    },
    /// Time passed.
    Tick,
}
