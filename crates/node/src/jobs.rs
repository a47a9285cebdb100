//! Which answers are awaited, for whom, and until when.
use crate::{JobId, Request};
use alloc::{collections::BTreeMap, vec::Vec};
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    Peer(Link),
    Owner(Request),
    /// Kept, because what goes before it was missing.
    Ahead,
    /// Out of the mempool before a restart.
    Disk,
    /// Out of the mempool itself, to be compared with a new tip.
    Pool,
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

    /// How many are about transactions of this link.
    pub(crate) fn admits(&self, link: Link) -> usize {
        let of = |subject: &Subject| matches!(subject, Subject::Admit { from: From::Peer(of), .. } if *of == link);
        self.flying.values().filter(|(subject, _)| of(subject)).count()
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
