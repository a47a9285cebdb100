//! What to promise, and when a block is final.
use crate::engine::{Bft, Purpose};
use crate::promises::Promise;
use crate::rules::{Phase, Proof, Signed, Statement};
use isonomy_consensus::{Ask, Output};
use isonomy_crypto::Hash;
use isonomy_types::{Blob, Encode, Header, List};

impl Bft {
    /// Does whatever the last fact made possible.
    pub(crate) fn advance(&mut self) {
        while self.finish() {}
        let reached = self.at.votes.reached(self.at.committee());
        if reached > self.at.round {
            self.enter(reached);
        } else if self.now >= self.at.ends() {
            self.enter(self.at.round.saturating_add(1));
        }
        self.lead();
        self.prepare();
        self.commit();
        self.want();
        self.repeat();
    }

    /// Takes the next block as final, if it is executed and proven.
    fn finish(&mut self) -> bool {
        let agreed = self.at.votes.all_agreed(self.at.committee(), Phase::Commit).next();
        if let Some((id, proof)) = agreed {
            self.blocks.certify(id, self.at.number(), Blob::truncated(proof.encode()));
        }
        let next = self.blocks.next_final(self.at.tip.id);
        let Some((trail, authority, certificate)) = next else { return false };
        let id = trail.id;
        self.out.push_back(Output::Best(id));
        self.out.push_back(Output::Final { id, certificate: Some(certificate) });
        self.out.push_back(Output::Announce(id));
        self.begin(trail, authority);
        true
    }

    pub(crate) fn enter(&mut self, round: u32) {
        (self.at.round, self.at.since) = (round, self.now);
        if round > 0 && self.is_member() {
            let (height, phase) = (self.at.number(), Phase::Enter);
            let statement = Statement { height, round, phase, what: Hash::ZERO };
            self.promises.make(Promise { statement, grounds: List::default() }, true);
        }
        self.speak();
    }

    fn is_member(&self) -> bool {
        self.at.committee().power_of(&self.me) > 0
    }

    fn is_open(&self, phase: Phase) -> bool {
        let (height, round) = (self.at.number(), self.at.round);
        self.is_member() && !self.promises.contains(height, round, phase)
    }

    /// Proposes what two thirds prepared last; if nothing, a new block.
    fn lead(&mut self) {
        let leads = self.at.leader() == Some(self.me) && self.now >= self.at.lead_at();
        if !leads || !self.is_open(Phase::Propose) {
            return;
        }
        let prepared = self.at.votes.all_agreed(self.at.committee(), Phase::Prepare).next();
        if let Some((id, _)) = prepared {
            return self.promise(Phase::Propose, id, List::default());
        }
        if self.at.tried != Some(self.at.round) {
            self.at.tried = Some(self.at.round);
            let ask = self.ask(Purpose::Template(self.at.round));
            self.out.push_back(Output::Propose { ask, parent: self.at.tip.id });
        }
    }

    pub(crate) fn proposed(&mut self, ask: Ask, header: &Header) {
        let Some(Purpose::Template(round)) = self.open.remove(&ask) else { return };
        let current = header.parent == self.at.tip.id && round == self.at.round;
        if !current || !self.is_open(Phase::Propose) {
            return self.out.push_back(Output::Cancel { ask });
        }
        self.template = Some((ask, header.seal_hash()));
        self.promise(Phase::Propose, header.seal_hash(), List::default());
    }

    /// Prepares an executed block that the leader names, unless committed to another.
    fn prepare(&mut self) {
        if self.is_open(Phase::Prepare) {
            let mut named = self.named().into_iter();
            if let Some(id) = named.find(|id| self.blocks.is_executed(id) && self.may_prepare(id)) {
                self.promise(Phase::Prepare, id, List::default());
            }
        }
    }

    /// What the leader of this round proposes. An honest one proposes once.
    pub(crate) fn named(&self) -> Vec<Hash> {
        let Some(leader) = self.at.leader() else { return Vec::new() };
        let said = self.at.votes.of(self.at.round, Phase::Propose, leader);
        let whats = said.map(|signed| signed.statement.what);
        whats.flat_map(|what| self.blocks.named(self.at.tip.id, self.at.round, what)).collect()
    }

    fn may_prepare(&self, id: &Hash) -> bool {
        let Some((locked, on)) = self.promises.lock(self.at.number()) else { return true };
        let mut agreed = self.at.votes.all_agreed(self.at.committee(), Phase::Prepare);
        on == *id
            || agreed.any(|(what, proof)| {
                what == *id && locked <= proof.round && proof.round < self.at.round
            })
    }

    /// Commits to an executed block that two thirds prepared in this round.
    fn commit(&mut self) {
        if !self.is_open(Phase::Commit) {
            return;
        }
        let agreed = self.at.votes.agreed(self.at.committee(), self.at.round, Phase::Prepare);
        if let Some((id, proof)) = agreed.filter(|(id, _)| self.blocks.is_executed(id)) {
            let grounds = self.spread(id, proof);
            self.promise(Phase::Commit, id, List::truncated(grounds));
        }
    }

    /// The prepares of a proof, one by one.
    pub(crate) fn spread(&self, what: Hash, proof: Proof) -> Vec<Signed> {
        let (height, round, phase) = (self.at.number(), proof.round, Phase::Prepare);
        let statement = Statement { height, round, phase, what };
        let votes = proof.votes.into_iter();
        votes.map(|(key, signature)| Signed { statement, key, signature }).collect()
    }
}
