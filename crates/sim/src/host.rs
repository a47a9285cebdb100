use crate::Mutant;
use crate::agenda::{Slot, Write};
use crate::job::{Loan, Verified};
use crate::written::Written;
use isonomy_chain::{Append, Archive, Recovered, StoreFailed};
use isonomy_crypto::Hash;
use isonomy_ledger::View;
use isonomy_node::{Event, Input, JobId, Node, Request};
use isonomy_peer::NetAddress;
use isonomy_store::{Memory, Store};
use isonomy_types::{Body, Header, Link, Mono, NodeKey, Now};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Makes a host's node: at its start, and after each crash from what its store kept. The bytes are
/// random for each life.
pub type Maker = Box<dyn Fn(Now, Recovered, [u8; 32]) -> Node>;

/// One node and the machine around it.
pub struct Host {
    pub(crate) maker: Maker,
    pub(crate) loan: Loan,
    pub(crate) store: Memory,
    pub(crate) node: Option<Node>,
    /// Raised by each crash.
    pub(crate) life: u64,
    pub(crate) key: NodeKey,
    pub(crate) address: NetAddress,
    pub(crate) skew_ms: u64,
    /// The tick that was asked for last.
    pub(crate) tick: Option<Mono>,
    pub(crate) jobs: BTreeMap<JobId, Slot>,
    pub(crate) requests: u64,
    pub(crate) events: Vec<(Mono, Event)>,
    pub(crate) halted: Option<String>,
    pub(crate) settled: Settled,
    pub(crate) durable: BTreeSet<Hash>,
    pub(crate) written: Written,
    /// Requests of its owner that are not answered.
    pub(crate) asked: BTreeMap<Request, Mono>,
    pub(crate) full: bool,
    /// Writes under way.
    pub(crate) writing: usize,
    /// How it breaks its promises, and since when.
    pub(crate) mutant: Option<(Mutant, Mono)>,
}

/// What a host said would stay as it is.
#[derive(Default)]
pub(crate) struct Settled {
    pub(crate) finals: BTreeMap<u64, Hash>,
    pub(crate) flushed: BTreeMap<u64, Hash>,
    /// Two different blocks at one height: what was said first, and then.
    pub(crate) reverted: Option<(Hash, Hash)>,
    /// What a restart did not find, or should not have found.
    pub(crate) lost: Option<String>,
}

/// A block that some host executed and wrote down.
pub(crate) struct Block {
    pub(crate) header: Header,
    pub(crate) body: Body,
}

impl Host {
    /// The machine, unless it is down.
    #[must_use]
    pub const fn node(&self) -> Option<&Node> {
        self.node.as_ref()
    }

    /// Where others call it.
    #[must_use]
    pub const fn address(&self) -> NetAddress {
        self.address
    }

    /// The key that its links prove.
    #[must_use]
    pub const fn key(&self) -> NodeKey {
        self.key
    }

    /// What its nodes told those who watch, in all their lives, and when.
    #[must_use]
    pub fn events(&self) -> &[(Mono, Event)] {
        &self.events
    }

    /// Why its node halted, if it did. It stays so until it is crashed and revived.
    #[must_use]
    pub fn halted(&self) -> Option<&str> {
        self.halted.as_deref()
    }

    /// Whether a write is under way, which a crash would cut off.
    #[must_use]
    pub const fn is_writing(&self) -> bool {
        self.writing > 0
    }

    /// What left its nodes' memory.
    #[must_use]
    pub fn archive(&self) -> &dyn Archive {
        self.loan.archive.as_ref()
    }

    /// What a restart at this moment would find.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn recover(&self) -> Result<Recovered, StoreFailed> {
        self.store.clone().recover()
    }

    /// Makes the writes durable, and says what the node hears if it is told.
    pub(crate) fn write(&mut self, write: &Write, told: bool) -> Input {
        match self.store(write, told) {
            Ok(view) => Input::Committed { ticket: write.ticket, view },
            Err(StoreFailed { why }) => Input::StoreFailed { why },
        }
    }

    fn store(&mut self, write: &Write, told: bool) -> Result<Option<Arc<dyn View>>, StoreFailed> {
        // After a write that failed, none is carried out: what is stored stays a prefix.
        if self.full || self.halted.is_some() {
            return Err(StoreFailed { why: "no space left on the disk".into() });
        }
        if !matches!(self.mutant, Some((Mutant::Forgets, _))) {
            self.store.append(&write.append)?;
        }
        self.written.appended(&write.append, told);
        let Some(flush) = write.flush.as_deref() else { return Ok(None) };
        let view = self.store.flush(flush)?;
        self.written.flushed(&flush.tip);
        Ok(Some(view))
    }

    /// The blocks of a write.
    pub(crate) fn blocks(append: &[Append]) -> impl Iterator<Item = (&Header, &Body)> {
        append.iter().filter_map(|append| match append {
            Append::Block { entry, body } => Some((&entry.header, body)),
            Append::Certificate { .. } | Append::Record { .. } => None,
        })
    }

    pub(crate) fn note(&mut self, now: Mono, event: Event) {
        let height = |id: &Hash| Some(self.node.as_ref()?.chain().trail(id)?.height);
        match &event {
            Event::Final { id } => {
                if let Some(height) = height(id) {
                    self.settled.keep(|settled| &mut settled.finals, height, *id);
                }
            }
            Event::Flushed { id, height } => {
                self.settled.keep(|settled| &mut settled.flushed, *height, *id);
            }
            Event::Submitted { request, .. } => drop(self.asked.remove(request)),
            _ => {}
        }
        self.events.push((now, event));
    }
}

impl Settled {
    fn keep(
        &mut self,
        at: impl FnOnce(&mut Self) -> &mut BTreeMap<u64, Hash>,
        height: u64,
        id: Hash,
    ) {
        if let Some(before) = at(self).insert(height, id).filter(|before| *before != id) {
            self.reverted.get_or_insert((before, id));
        }
    }
}

/// A connection that stands at one host and ends in a hand that follows no protocol.
pub struct Outsider {
    pub(crate) host: usize,
    pub(crate) link: Link,
    pub(crate) heard: Vec<u8>,
    pub(crate) open: bool,
}

impl Outsider {
    /// All bytes that the host sent.
    #[must_use]
    pub fn heard(&self) -> &[u8] {
        &self.heard
    }

    /// Whether the host has not hung up, as far as the outsider knows.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open
    }
}

/// An archive that every clone shares.
pub(crate) fn loan(
    store: &Memory,
    secrets: Vec<isonomy_crypto::Secret>,
    verified: Option<Verified>,
) -> Loan {
    let secrets = secrets.into_iter().map(|secret| (secret.public(), secret)).collect();
    let archive: Arc<dyn Archive> = store.archive();
    Loan { secrets, archive, verified }
}
