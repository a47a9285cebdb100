//! What the members said about one height.
use crate::rules::{Phase, Proof, Signed, Statement, enough, power};
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_types::{Committee, List};
use std::collections::BTreeMap;

/// Different statements kept of one key for one round and phase: two prove a fault, more prove
/// nothing more.
const WHATS_MAX: usize = 2;

pub(crate) struct Votes {
    height: u64,
    said: BTreeMap<(u32, Phase), BTreeMap<(PublicKey, Hash), Signature>>,
    /// The latest round in which each key said anything.
    rounds: BTreeMap<PublicKey, u32>,
}

/// What was said before a statement.
pub(crate) enum Before {
    /// Nothing of the kind.
    Nothing,
    /// What excludes it.
    Rival(Signed),
    /// The same, or more than enough else.
    Known,
}

impl Votes {
    pub(crate) fn new(height: u64) -> Self {
        Self { height, said: BTreeMap::new(), rounds: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, signed: &Signed) -> Before {
        let Signed { statement: Statement { round, phase, what, .. }, key, signature } = *signed;
        self.note_round(key, round);
        let rivals: Vec<Signed> = self.of(round, phase, key).collect();
        if rivals.iter().any(|rival| rival.statement.what == what) || rivals.len() >= WHATS_MAX {
            return Before::Known;
        }
        self.said.entry((round, phase)).or_default().insert((key, what), signature);
        rivals.first().map_or(Before::Nothing, |rival| Before::Rival(*rival))
    }

    pub(crate) fn note_round(&mut self, key: PublicKey, round: u32) {
        let latest = self.rounds.entry(key).or_default();
        *latest = round.max(*latest);
    }

    pub(crate) fn contains(&self, key: PublicKey, statement: &Statement) -> bool {
        let Statement { round, phase, what, .. } = *statement;
        self.said.get(&(round, phase)).is_some_and(|said| said.contains_key(&(key, what)))
    }

    /// What one member said in one round and phase.
    pub(crate) fn of(
        &self,
        round: u32,
        phase: Phase,
        key: PublicKey,
    ) -> impl Iterator<Item = Signed> + '_ {
        let said = self.said.get(&(round, phase)).into_iter().flatten();
        let whose = said.filter(move |((who, _), _)| *who == key);
        whose.map(move |((key, what), signature)| {
            let statement = Statement { height: self.height, round, phase, what: *what };
            Signed { statement, key: *key, signature: *signature }
        })
    }

    /// What more than two thirds said in one round and phase.
    pub(crate) fn agreed(
        &self,
        committee: &Committee,
        round: u32,
        phase: Phase,
    ) -> Option<(Hash, Proof)> {
        let said = self.said.get(&(round, phase))?;
        let votes = |what: Hash| {
            let same = said.iter().filter(move |((_, other), _)| *other == what);
            same.map(|((key, _), signature)| (*key, *signature))
        };
        let mut whats = said.keys().map(|(_, what)| *what);
        let what = whats.find(|what| enough(committee, votes(*what).map(|(key, _)| key)))?;
        Some((what, Proof { round, votes: List::truncated(votes(what).collect()) }))
    }

    /// The same in every round, the latest first.
    pub(crate) fn all_agreed<'a>(
        &'a self,
        committee: &'a Committee,
        phase: Phase,
    ) -> impl Iterator<Item = (Hash, Proof)> + 'a {
        let rounds = self.said.keys().rev().filter(move |(_, other)| *other == phase);
        rounds.filter_map(move |(round, _)| self.agreed(committee, *round, phase))
    }

    /// The latest round that more than a third have reached, one of whom is honest.
    pub(crate) fn reached(&self, committee: &Committee) -> u32 {
        let is_reached = |round: &u32| {
            let there = self.rounds.iter().filter(|(_, latest)| *latest >= round);
            power(committee, there.map(|(key, _)| *key)) * 3 > committee.power()
        };
        self.rounds.values().copied().filter(is_reached).max().unwrap_or_default()
    }
}
