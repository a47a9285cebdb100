//! Which answers are awaited, for whom, and until when.
use crate::{JobId, Request};
use alloc::{collections::BTreeMap, vec::Vec};
use core::iter::{repeat, repeat_n};
use isonomy_consensus::Ask;
use isonomy_crypto::Hash;
use isonomy_types::{Link, Mono, Wall};

/// What a job is about. Looked up again when its answer comes: the subject may be gone.
pub(crate) enum Subject {
    Follow { link: Link, more: bool },
    Body { link: Link, id: Hash },
    Admit { tip: Hash, from: From },
    Execute(Hash),
    Template { ask: Ask, parent: Hash, time: Wall },
    Mine(Ask),
    Verify(Ask),
    Sign(Ask),
    ReadBody { link: Link, id: Hash },
    ReadHeaders { link: Link },
}

/// Where transactions came from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum From {
    /// By several messages, in their order.
    Peers(Vec<Source>),
    Owner(Request),
    /// Kept, because what goes before it was missing.
    Ahead,
    /// Out of the mempool before a restart.
    Disk,
    /// Out of the mempool itself, to be compared with a new tip.
    Pool,
}

/// What one message of a peer brought.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) link: Link,
    pub(crate) count: usize,
}

impl Source {
    /// One of each, as if it had come alone.
    pub(crate) fn each(links: impl Iterator<Item = Link>) -> Vec<Self> {
        links.map(|link| Self { link, count: 1 }).collect()
    }
}

impl From {
    /// Which link brought each transaction, without end.
    pub(crate) fn links(&self) -> impl Iterator<Item = Option<Link>> {
        let sources = match self {
            Self::Peers(sources) => &sources[..],
            _ => &[],
        };
        let known = sources.iter().flat_map(|source| repeat_n(Some(source.link), source.count));
        known.chain(repeat(None))
    }
}

#[derive(Default)]
pub(crate) struct Jobs {
    flying: BTreeMap<JobId, (Subject, Mono)>,
    asks: BTreeMap<Ask, JobId>,
    serial: u64,
}

impl Jobs {
    pub(crate) fn start(&mut self, subject: Subject, deadline: Mono) -> JobId {
        self.serial = self.serial.saturating_add(1);
        let id = JobId(self.serial);
        if let Some(ask) = subject.ask() {
            self.asks.insert(ask, id);
        }
        self.flying.insert(id, (subject, deadline));
        id
    }

    pub(crate) fn end(&mut self, id: JobId) -> Option<Subject> {
        let (subject, _) = self.flying.remove(&id)?;
        if let Some(ask) = subject.ask() {
            self.asks.remove(&ask);
        }
        Some(subject)
    }

    /// The job for an ask of the engine's, if it is still under way.
    pub(crate) fn of(&self, ask: Ask) -> Option<JobId> {
        self.asks.get(&ask).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.flying.len()
    }

    /// Whether a run of this link's headers is being checked.
    pub(crate) fn follows(&self, link: Link) -> bool {
        let same =
            |subject: &Subject| matches!(subject, Subject::Follow { link: of, .. } if *of == link);
        self.flying.values().any(|(subject, _)| same(subject))
    }

    /// How many messages with transactions of this link are being judged.
    pub(crate) fn admits(&self, link: Link) -> usize {
        self.sources().filter(|source| source.link == link).count()
    }

    /// Whether any peer's transactions are being judged.
    pub(crate) fn admits_peers(&self) -> bool {
        self.sources().next().is_some()
    }

    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.flying.values().flat_map(|(subject, _)| match subject {
            Subject::Admit { from: From::Peers(sources), .. } => &sources[..],
            _ => &[],
        })
    }

    /// What is read for this link.
    pub(crate) fn reads(&self, link: Link) -> Vec<JobId> {
        let flying = self.flying.iter().map(|(id, (subject, _))| (id, subject));
        let reads = flying.filter(|(_, subject)| match subject {
            Subject::ReadBody { link: of, .. } | Subject::ReadHeaders { link: of } => *of == link,
            _ => false,
        });
        reads.map(|(id, _)| *id).collect()
    }

    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.flying.values().map(|(_, deadline)| *deadline).min()
    }

    pub(crate) fn expired(&mut self, now: Mono) -> Vec<(JobId, Subject)> {
        let late = self.flying.iter().filter(|(_, (_, deadline))| *deadline <= now);
        let late: Vec<JobId> = late.map(|(id, _)| *id).collect();
        late.into_iter().filter_map(|id| Some((id, self.end(id)?))).collect()
    }
}

impl Subject {
    const fn ask(&self) -> Option<Ask> {
        match self {
            Self::Template { ask, .. } | Self::Mine(ask) | Self::Verify(ask) | Self::Sign(ask) => {
                Some(*ask)
            }
            _ => None,
        }
    }
}
