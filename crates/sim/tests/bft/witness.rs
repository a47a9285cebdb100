//! Sees every fact that engines learn and everything that they want, in all their lives.
use crate::rules::Origin;
use isonomy_consensus::{Ask, Engine, Input, Output, Trail};
use isonomy_crypto::{Hash, PublicKey};
use isonomy_types::{Mono, Now};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// What was seen of one host.
#[derive(Default)]
pub(crate) struct Seen {
    /// Facts that its engines learnt.
    pub(crate) facts: u64,
    /// Records of its present life that are not durable yet.
    pub(crate) recording: BTreeSet<Ask>,
    /// Signatures of its present life that are made, or about to be, and not yet known to it.
    pub(crate) signing: BTreeSet<Ask>,
    /// Blocks executed on a parent that was not best.
    pub(crate) apart: u64,
    pub(crate) finals: BTreeMap<u64, Hash>,
    pub(crate) accused: BTreeSet<PublicKey>,
    best: Option<Hash>,
}

#[derive(Default)]
pub(crate) struct Log {
    hosts: BTreeMap<usize, Seen>,
    /// Height and parent of every block.
    blocks: BTreeMap<Hash, (u64, Hash)>,
    /// What a statement of a height can be about: ids and seal hashes.
    pub(crate) whats: BTreeMap<u64, BTreeSet<Hash>>,
    /// Every signature that a host was asked for.
    pub(crate) signed: Vec<(PublicKey, Hash)>,
    /// Two final blocks at one height.
    forks: Vec<(u64, Hash, Hash)>,
}

#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Log>>);

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap()
    }

    pub(crate) fn watch(&self, host: usize, inner: Box<dyn Engine>) -> Box<dyn Engine> {
        let mut log = self.lock();
        let seen = log.hosts.entry(host).or_default();
        (seen.recording, seen.signing) = Default::default();
        Box::new(Witness { host, log: self.clone(), inner })
    }
}

impl Log {
    pub(crate) fn host(&self, host: usize) -> &Seen {
        &self.hosts[&host]
    }

    /// The height of the newest block that a host took for final.
    pub(crate) fn height(&self, host: usize) -> u64 {
        self.host(host).finals.last_key_value().map_or(0, |(height, _)| *height)
    }

    pub(crate) fn forks(&self) -> &[(u64, Hash, Hash)] {
        &self.forks
    }

    fn trail(&mut self, trail: &Trail) {
        self.blocks.insert(trail.id, (trail.height, trail.parent));
        let whats = self.whats.entry(trail.height).or_default();
        whats.insert(trail.id);
        whats.extend(Origin::of(trail).map(|origin| origin.seal_hash));
    }

    fn learns(&mut self, host: usize, input: &Input) {
        match input {
            Input::Restored { tip, above, .. } => {
                [tip].into_iter().chain(above).for_each(|trail| self.trail(trail));
            }
            Input::Header { trail } => self.trail(trail),
            Input::Proposed { header, .. } => {
                self.whats.entry(header.height).or_default().insert(header.seal_hash());
            }
            _ => {}
        }
        let seen = self.hosts.entry(host).or_default();
        seen.facts += 1;
        match input {
            Input::Restored { tip, .. } => seen.best = Some(tip.id),
            Input::Recorded { ask } => drop(seen.recording.remove(ask)),
            Input::Signed { ask, .. } => drop(seen.signing.remove(ask)),
            Input::Executed { id, .. } => {
                let (_, parent) = self.blocks[id];
                seen.apart += u64::from(seen.best != Some(parent));
            }
            _ => {}
        }
    }

    fn wants(&mut self, host: usize, output: &Output) {
        let seen = self.hosts.entry(host).or_default();
        match output {
            Output::Record { ask, .. } => drop(seen.recording.insert(*ask)),
            Output::Sign { ask, key, digest } => {
                seen.signing.insert(*ask);
                self.signed.push((*key, *digest));
            }
            Output::Best(id) => seen.best = Some(*id),
            Output::Evidence { offender, .. } => drop(seen.accused.insert(*offender)),
            Output::Final { id, .. } => {
                let (height, _) = self.blocks[id];
                let rival = |seen: &Seen| seen.finals.get(&height).copied().filter(|r| r != id);
                self.forks.extend(self.hosts.values().filter_map(rival).map(|r| (height, r, *id)));
                self.hosts.entry(host).or_default().finals.insert(height, *id);
            }
            _ => {}
        }
    }
}

struct Witness {
    host: usize,
    log: Shared,
    inner: Box<dyn Engine>,
}

impl Engine for Witness {
    fn handle(&mut self, now: Now, input: Input) {
        self.log.lock().learns(self.host, &input);
        self.inner.handle(now, input);
    }

    fn poll(&mut self) -> Option<Output> {
        let output = self.inner.poll()?;
        self.log.lock().wants(self.host, &output);
        Some(output)
    }

    fn deadline(&self) -> Option<Mono> {
        self.inner.deadline()
    }
}
