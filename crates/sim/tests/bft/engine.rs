//! A small three-phase engine: the leader of a round proposes, members prepare, members commit;
//! a round that comes to nothing ends by timeout (Buchman, Kwon, Milosevic, "The latest gossip on
//! BFT consensus", 2018, without votes for nothing).
use crate::blocks::Blocks;
use crate::height::Height;
use crate::promises::{Promise, Promises};
use crate::rules::{Phase, Signed, Statement};
use isonomy_chain::Tip;
use isonomy_consensus::{Ask, Engine, Input, Output, Trail};
use isonomy_crypto::{Hash, PublicKey};
use isonomy_types::{Authority, Decode, Link, Mono, Now};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

pub(crate) struct Bft {
    pub(crate) me: PublicKey,
    pub(crate) now: Mono,
    pub(crate) at: Height,
    pub(crate) blocks: Blocks,
    pub(crate) promises: Promises,
    pub(crate) open: BTreeMap<Ask, Purpose>,
    serial: u64,
    /// A proposal of our own that waits for its seal, and its seal hash.
    pub(crate) template: Option<(Ask, Hash)>,
    /// What was said of the next height.
    pub(crate) early: Vec<(Link, Signed)>,
    pub(crate) wanted: Vec<Hash>,
    /// When to say again what others may have missed.
    pub(crate) again: Mono,
    pub(crate) out: VecDeque<Output>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Of a round.
    Template(u32),
    Record(Statement),
    Sign(Statement),
    Check(Link, Signed),
}

impl Bft {
    pub(crate) fn new(me: PublicKey, genesis: &Tip) -> Self {
        Self {
            me,
            now: Mono(0),
            at: Height::new(genesis.trail.clone(), genesis.authority.clone()),
            blocks: Blocks::default(),
            promises: Promises::default(),
            open: BTreeMap::new(),
            serial: 0,
            template: None,
            early: Vec::new(),
            wanted: Vec::new(),
            again: Mono(0),
            out: VecDeque::new(),
        }
    }

    pub(crate) fn ask(&mut self, purpose: Purpose) -> Ask {
        self.serial = self.serial.saturating_add(1);
        self.open.insert(Ask(self.serial), purpose);
        Ask(self.serial)
    }

    /// Goes on above a final block.
    pub(crate) fn begin(&mut self, tip: Trail, authority: Arc<Authority>) {
        self.blocks.prune(tip.height);
        self.promises.forget(tip.height);
        self.at = Height::new(tip, authority);
        let height = self.at.number();
        for signed in self.promises.grounds(height) {
            self.at.votes.add(signed);
        }
        if let Some((ask, _)) = self.template.take() {
            self.out.push_back(Output::Cancel { ask });
        }
        self.enter(self.promises.round(height));
        for (link, signed) in std::mem::take(&mut self.early) {
            self.hear(link, signed);
        }
    }

    fn restored(&mut self, tip: Trail, authority: Arc<Authority>, above: Vec<Trail>) {
        above.into_iter().for_each(|trail| self.blocks.insert(trail));
        self.begin(tip, authority);
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Restored { tip, authority, above, records } => {
                let promises =
                    records.iter().filter_map(|record| Promise::decode_exact(record).ok());
                promises.for_each(|promise| self.promises.make(promise, true));
                self.restored(tip, authority, above);
            }
            Input::Header { trail } => self.blocks.insert(trail),
            Input::Certified { id, certificate } => {
                let height = self.blocks.get(&id).map_or(0, |trail| trail.height);
                self.blocks.certify(id, height, certificate);
            }
            Input::Executed { id, authority } => {
                self.blocks.executed(id, authority);
                self.out.push_back(Output::Announce(id));
            }
            Input::Condemned { id } | Input::Forgotten { id } => self.blocks.remove(&id),
            Input::Proposed { ask, header } => self.proposed(ask, &header),
            Input::Failed { ask } => drop(self.open.remove(&ask)),
            Input::Recorded { ask } => self.recorded(ask),
            Input::Signed { ask, signature } => self.signed(ask, signature),
            Input::Verified { ask, valid } => self.verified(ask, valid),
            Input::Message { from, message } => match Signed::decode_exact(&message) {
                Ok(signed) => self.hear(from, signed),
                Err(_) => self.out.push_back(Output::Blame { link: from, why: "no statement" }),
            },
            Input::Mined { .. } | Input::Tick => {}
        }
    }
}

impl Engine for Bft {
    fn handle(&mut self, now: Now, input: Input) {
        self.now = now.mono;
        self.take(input);
        self.advance();
    }

    fn poll(&mut self) -> Option<Output> {
        self.out.pop_front()
    }

    fn deadline(&self) -> Option<Mono> {
        let at = &self.at;
        let leads = at.leader() == Some(self.me)
            && at.tried != Some(at.round)
            && !self.promises.contains(at.number(), at.round, Phase::Propose);
        let lead = leads.then(|| at.lead_at());
        [Some(self.again), Some(at.ends()), lead].into_iter().flatten().min()
    }
}
