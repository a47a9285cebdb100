use crate::{Job, JobId, Request, SubmitError, Ticket};
use alloc::{boxed::Box, string::String, vec::Vec};
use isonomy_chain::{Append, Flush};
use isonomy_consensus::EVIDENCE_BYTES_MAX;
use isonomy_crypto::{Hash, PublicKey};
use isonomy_peer::{CloseReason, Direction, NetAddress};
use isonomy_types::{Blob, Link, NodeKey};

/// What a node wants done.
pub enum Output {
    /// Write these bytes. Never more than the link's credit.
    Send {
        /// To whom.
        link: Link,
        /// What.
        bytes: Vec<u8>,
    },
    /// Hang up. Nothing more comes of this link.
    Close {
        /// On whom.
        link: Link,
        /// Why.
        why: CloseReason,
    },
    /// Connect, and answer with `Opened` or `DialFailed`.
    Dial {
        /// To whom.
        address: NetAddress,
    },
    /// Run this, anywhere, in any order; answer with `Done`.
    Job(JobId, Job),
    /// The answer is not needed any more. It may come all the same.
    Cancel(JobId),
    /// Append, sync, then flush if there is a flush; answer with `Committed`. Commits are carried
    /// out in order.
    Commit {
        /// Names the answer.
        ticket: Ticket,
        /// For the log: durable once answered.
        append: Vec<Append>,
        /// One store transaction that moves the stored state.
        flush: Option<Box<Flush>>,
    },
    /// Going on would be wrong. The node does nothing more.
    Halt {
        /// What happened and what to do, for people.
        why: String,
    },
    /// For people and programs that watch.
    Event(Event),
}

/// What happened, for those who watch. Nothing depends on anyone listening.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// Best moved.
    Best {
        /// The new best block.
        id: Hash,
        /// Its height.
        height: u64,
        /// How many blocks of the former best branch were left: 0 but for a reorganisation.
        left: usize,
    },
    /// The stored state moved.
    Flushed {
        /// The new base.
        id: Hash,
        /// Its height.
        height: u64,
    },
    /// The block will never be reorganised.
    Final {
        /// Which.
        id: Hash,
    },
    /// The block, and all that descends from it, is invalid for good.
    Condemned {
        /// Which.
        id: Hash,
        /// The rule it breaks.
        why: String,
    },
    /// What became of a submitted transaction.
    Submitted {
        /// The owner's name for it.
        request: Request,
        /// Its id once it waits in the mempool.
        result: Result<Hash, SubmitError>,
    },
    /// Hands are shaken.
    Ready {
        /// Which link.
        link: Link,
        /// Who.
        remote: NodeKey,
        /// Who called whom.
        direction: Direction,
    },
    /// The node hung up.
    Closed {
        /// On whom.
        link: Link,
        /// Why.
        why: CloseReason,
    },
    /// Somebody signed two things that exclude each other.
    Evidence {
        /// Whose key did.
        offender: PublicKey,
        /// Both things, in the engine's own bytes.
        proof: Blob<EVIDENCE_BYTES_MAX>,
    },
}
