//! Two miners with real work: they race, fork, and agree.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{child, entry, genesis, rules};
use isonomy_consensus::pow::{Mine, Pow, Settings};
use isonomy_consensus::{Ask, Engine, Follow, Input, Output, Trail, Valid};
use isonomy_crypto::Hash;
use isonomy_types::{Header, Mono, Now};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// A node whose blocks have no bodies.
struct Miner {
    name: u64,
    engine: Pow,
    headers: BTreeMap<Hash, Header>,
    trails: BTreeMap<Hash, Trail>,
    executed: Vec<Hash>,
    template: Option<(Ask, Header)>,
    search: Option<(Ask, Mine)>,
    facts: VecDeque<Input>,
    best: Hash,
    reorganised: u32,
    now: Now,
}

impl Miner {
    fn new(name: u64) -> Self {
        let settings = Settings { mining: true, base_depth: 50, tries: 4, extra: 0 };
        let first = genesis(&rules());
        let (authority, above, records) = Default::default();
        let mut miner = Self {
            name,
            engine: Pow::new(rules(), settings),
            headers: BTreeMap::new(),
            trails: BTreeMap::from([(first.id, first.clone())]),
            executed: vec![first.id],
            template: None,
            search: None,
            facts: VecDeque::new(),
            best: first.id,
            reorganised: 0,
            now: Now { mono: Mono(0), wall: first.time },
        };
        let restored = Input::Restored { tip: first, authority, above, records };
        miner.facts.push_back(restored);
        miner.pump();
        miner
    }

    /// Moves until the engine is silent and knows all facts.
    fn pump(&mut self) {
        loop {
            if let Some(output) = self.engine.poll() {
                self.act(output);
            } else if let Some(fact) = self.facts.pop_front() {
                self.engine.handle(self.now, fact);
            } else {
                return;
            }
        }
    }

    fn act(&mut self, output: Output) {
        match output {
            Output::Want(ids) => ids.into_iter().for_each(|id| self.execute(id)),
            Output::Best(id) => {
                let next = self.trails[&id].parent == self.best || id == self.best;
                self.reorganised += u32::from(!next);
                self.best = id;
            }
            Output::Propose { ask, parent } => {
                let mut header = child(&self.trails[&parent], 1, self.name);
                header.time = header.time.max(self.now.wall);
                self.template = Some((ask, header.clone()));
                self.facts.push_back(Input::Proposed { ask, header: Box::new(header) });
            }
            Output::Mine { ask, mine } => self.search = Some((ask, mine)),
            Output::Cancel { .. } => self.search = None,
            Output::Seal { ask, seal } => {
                let (asked, mut header) = self.template.take().unwrap();
                assert_eq!(asked, ask);
                header.seal = seal;
                let parent = &self.trails[&header.parent];
                let authority = Arc::default();
                let own = Valid::own(&rules(), parent, &authority, header, &authority).unwrap();
                self.import(own);
            }
            Output::Announce(_) | Output::Base(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }

    fn execute(&mut self, id: Hash) {
        let parent = self.trails[&id].parent;
        if self.executed.contains(&id) {
            return;
        }
        self.execute(parent);
        self.executed.push(id);
        self.facts.push_back(Input::Executed { id, authority: Arc::default() });
    }

    fn import(&mut self, valid: Valid) {
        let (entry, trail, _) = valid.into_parts();
        self.headers.insert(trail.id, entry.header);
        self.trails.insert(trail.id, trail.clone());
        self.facts.push_back(Input::Header { trail });
    }

    /// One slice of the search, in one millisecond.
    fn mine(&mut self) {
        self.now.mono.0 += 1;
        self.now.wall.0 += 1;
        if let Some((ask, mine)) = self.search.take() {
            self.facts.push_back(Input::Mined { ask, nonce: mine.run() });
        }
        self.pump();
    }

    /// Takes over what `other` has on its best branch.
    fn sync(&mut self, other: &Self) {
        let mut entries = Vec::new();
        let mut id = other.best;
        while !self.trails.contains_key(&id) {
            entries.push(entry(other.headers[&id].clone()));
            id = other.headers[&id].parent;
        }
        entries.reverse();
        let (rules, parent) = (Arc::new(rules()), self.trails[&id].clone());
        let followed = Follow { rules, parent, authority: Arc::default(), entries }.run();
        assert_eq!(followed.broken, None);
        followed.valid.into_iter().for_each(|valid| self.import(valid));
        self.pump();
    }
}

#[test]
fn two_miners_agree_again_and_again() {
    let (mut one, mut two) = (Miner::new(1), Miner::new(2));
    for round in 0..40 {
        // Now and then they are apart for long.
        for _ in 0..if round % 8 == 7 { 40 } else { 3 } {
            one.mine();
            two.mine();
        }
        one.sync(&two);
        two.sync(&one);
        one.sync(&two);
        assert_eq!(one.best, two.best, "round {round}");
        assert_eq!(one.trails[&one.best], two.trails[&two.best]);
    }
    let height = one.trails[&one.best].height;
    assert!(height > 30, "only {height} blocks");
    assert!(one.reorganised > 2 && two.reorganised > 2, "nobody ever lost a race");
}
