//! From a promise to a statement: recorded, signed, said.
use crate::engine::{Bft, Purpose};
use crate::promises::Promise;
use crate::rules::{LeaderSeal, Phase, Signed, Statement};
use isonomy_consensus::{Ask, Output};
use isonomy_crypto::{Hash, Signature};
use isonomy_types::{Blob, Encode, List, MEMBERS_MAX};

impl Bft {
    /// Nothing is signed before this is durable.
    pub(crate) fn promise(&mut self, phase: Phase, what: Hash, grounds: List<Signed, MEMBERS_MAX>) {
        let statement = Statement { height: self.at.number(), round: self.at.round, phase, what };
        let promise = Promise { statement, grounds };
        let record = Blob::truncated(promise.encode());
        self.promises.make(promise, false);
        let ask = self.ask(Purpose::Record(statement));
        self.out.push_back(Output::Record { ask, height: statement.height, record });
    }

    pub(crate) fn recorded(&mut self, ask: Ask) {
        if let Some(Purpose::Record(statement)) = self.open.remove(&ask) {
            self.promises.recorded(&statement);
            self.speak();
        }
    }

    /// Signs what is promised for this round and not yet said.
    pub(crate) fn speak(&mut self) {
        for statement in self.promises.due(self.at.number(), self.at.round) {
            let purpose = Purpose::Sign(statement);
            let said = self.at.votes.contains(self.me, &statement);
            if !said && !self.open.values().any(|open| *open == purpose) {
                let ask = self.ask(purpose);
                let digest = statement.to_sign();
                self.out.push_back(Output::Sign { ask, key: self.me, digest });
            }
        }
    }

    pub(crate) fn signed(&mut self, ask: Ask, signature: Option<Signature>) {
        let Some(Purpose::Sign(statement)) = self.open.remove(&ask) else { return };
        let Some(signature) = signature.filter(|_| statement.height == self.at.number()) else {
            return;
        };
        if let Some((ask, _)) = self.template.take_if(|(_, what)| *what == statement.what) {
            let seal = LeaderSeal { round: statement.round, signature }.encode();
            self.out.push_back(Output::Seal { ask, seal: Blob::truncated(seal) });
        }
        self.accept(Signed { statement, key: self.me, signature });
    }
}
