//! What is heard, said and said again.
use crate::engine::{Bft, Purpose};
use crate::rules::{Phase, Signed};
use crate::votes::Before;
use isonomy_consensus::{Ask, Output};
use isonomy_crypto::Domain;
use isonomy_types::{Blob, Encode, Link};

const RELAY: Domain = Domain::new("toy bft relay 1");
/// Statements kept of the next height.
const EARLY_MAX: usize = 512;
/// Milliseconds between two repetitions.
const AGAIN_MS: u64 = 500;
/// Milliseconds that a message is of use.
const USEFUL_MS: u64 = 10_000;

impl Bft {
    pub(crate) fn hear(&mut self, link: Link, signed: Signed) {
        let (height, now) = (signed.statement.height, self.at.number());
        if height == now.saturating_add(1) && self.early.len() < EARLY_MAX {
            self.early.push((link, signed));
        }
        if height != now || self.at.committee().power_of(&signed.key) == 0 {
            return;
        }
        let is_this = |open: &Purpose| matches!(open, Purpose::Check(_, other) if *other == signed);
        let known = self.at.votes.contains(signed.key, &signed.statement);
        if !known && !self.open.values().any(is_this) {
            let ask = self.ask(Purpose::Check(link, signed));
            self.out.push_back(Output::Verify { ask, claims: vec![signed.claim()] });
        }
    }

    pub(crate) fn verified(&mut self, ask: Ask, valid: bool) {
        let Some(Purpose::Check(link, signed)) = self.open.remove(&ask) else { return };
        if !valid {
            return self.out.push_back(Output::Blame { link, why: "a false signature" });
        }
        let statement = signed.statement;
        if statement.height != self.at.number() {
            return;
        }
        if statement.round > self.at.round.saturating_add(1) {
            self.at.votes.note_round(signed.key, statement.round);
        } else {
            self.accept(signed);
        }
    }

    pub(crate) fn accept(&mut self, signed: Signed) {
        match self.at.votes.add(&signed) {
            Before::Known => return,
            Before::Rival(rival) => {
                let proof = Blob::truncated((rival, signed).encode());
                self.out.push_back(Output::Evidence { offender: signed.key, proof });
            }
            Before::Nothing => {}
        }
        self.relay(&signed, 0);
    }

    fn relay(&mut self, signed: &Signed, salt: u64) {
        let key = RELAY.hash(&(signed, salt).encode());
        let message = Blob::truncated(signed.encode());
        self.out.push_back(Output::Relay { key, expires: self.now.plus(USEFUL_MS), message });
    }

    /// The certified block that leads furthest, then what this round is about.
    pub(crate) fn want(&mut self) {
        let mut wanted: Vec<_> = self.blocks.certified().into_iter().collect();
        wanted.extend(self.named().into_iter().filter(|id| !self.blocks.is_executed(id)));
        if wanted != self.wanted {
            self.wanted.clone_from(&wanted);
            self.out.push_back(Output::Want(wanted));
        }
    }

    /// Links break and peers crash: says again where we stand.
    pub(crate) fn repeat(&mut self) {
        if self.now < self.again {
            return;
        }
        self.again = self.now.plus(AGAIN_MS);
        self.speak();
        let round = self.at.round;
        let phases = [Phase::Enter, Phase::Propose, Phase::Prepare, Phase::Commit];
        let said = phases.into_iter().flat_map(|phase| self.at.votes.of(round, phase, self.me));
        let mut said: Vec<Signed> = said.collect();
        let prepared = self.at.votes.all_agreed(self.at.committee(), Phase::Prepare).next();
        said.extend(prepared.into_iter().flat_map(|(what, proof)| self.spread(what, proof)));
        said.iter().for_each(|signed| self.relay(signed, self.now.0));
        let children = self.blocks.children(self.at.tip.id).map(|trail| trail.id);
        let executed = children.filter(|id| self.blocks.is_executed(id));
        let shown = std::iter::once(self.at.tip.id).chain(executed);
        self.out.extend(shown.map(Output::Announce));
    }
}
