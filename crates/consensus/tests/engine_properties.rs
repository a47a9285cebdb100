//! The engine of proof of work under any order of events.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{genesis, grow, rules, trail_on};
use isonomy_consensus::pow::{Pow, Settings};
use isonomy_consensus::{Ask, Engine, Input, Output, Trail};
use isonomy_crypto::Hash;
use isonomy_types::{Blob, Header, Link, Mono, Now, Wall};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// A node that keeps the contract: headers parents first, blocks executed parents first, answers as
/// asked. It checks what the engine says on the way.
struct Node {
    engine: Pow,
    trails: Vec<Trail>,
    invalid: BTreeSet<Hash>,
    told: BTreeSet<Hash>,
    executed: BTreeSet<Hash>,
    condemned: BTreeSet<Hash>,
    wanted: Vec<Hash>,
    best: Hash,
    base: Hash,
    halted: bool,
    clock: u64,
}

impl Node {
    fn new(settings: Settings, trails: &[Trail], invalid: BTreeSet<Hash>) -> Self {
        let first = trails[0].clone();
        let mut node = Self {
            engine: Pow::new(rules(), settings),
            trails: trails.to_vec(),
            invalid,
            told: BTreeSet::from([first.id]),
            executed: BTreeSet::from([first.id]),
            condemned: BTreeSet::new(),
            wanted: Vec::new(),
            best: first.id,
            base: first.id,
            halted: false,
            clock: 0,
        };
        let (authority, above, records) = Default::default();
        node.tell(Input::Restored { tip: first, authority, above, records });
        node
    }

    fn trail(&self, id: &Hash) -> Trail {
        self.trails.iter().find(|trail| trail.id == *id).unwrap().clone()
    }

    /// `id` and all below it that is known.
    fn way(&self, id: Hash) -> Vec<Trail> {
        let mut way = vec![self.trail(&id)];
        while let Some(parent) = way.last().map(|trail| trail.parent) {
            match self.trails.iter().find(|trail| trail.id == parent) {
                Some(trail) => way.push(trail.clone()),
                None => break,
            }
        }
        way
    }

    fn leads_through(&self, id: Hash, ancestor: Hash) -> bool {
        self.way(id).iter().any(|trail| trail.id == ancestor)
    }

    fn tell(&mut self, input: Input) {
        self.clock += 1;
        self.engine.handle(Now { mono: Mono(self.clock), wall: Wall(0) }, input);
        while let Some(output) = self.engine.poll() {
            assert!(!self.halted, "after halt there is silence, came {output:?}");
            self.judge(output);
        }
    }

    fn judge(&mut self, output: Output) {
        match output {
            Output::Want(ids) => {
                assert!(ids.iter().all(|id| self.told.contains(id)));
                assert!(ids.iter().all(|id| !self.condemned.contains(id)));
                assert!(ids.iter().all(|id| self.leads_through(*id, self.base)));
                assert_ne!(ids, self.wanted, "said twice");
                self.wanted = ids;
            }
            Output::Best(id) => {
                assert!(self.executed.contains(&id) && !self.condemned.contains(&id));
                assert!(self.leads_through(id, self.base));
                self.best = id;
            }
            Output::Base(id) => {
                assert!(self.leads_through(self.best, id));
                assert!(id != self.base && self.leads_through(id, self.base));
                self.base = id;
            }
            Output::Halt { .. } => {
                self.halted = true;
                let (inside, outside) = self.heaviest();
                assert!(outside > inside, "{outside} is not heavier than {inside}");
            }
            Output::Announce(id) => assert!(self.executed.contains(&id)),
            other => panic!("a follower never wants {other:?}"),
        }
    }

    /// The weight of the heaviest branch known that leads through the base, and of the others.
    fn heaviest(&self) -> (u128, u128) {
        let live = self.told.difference(&self.condemned);
        let (inside, outside): (Vec<Hash>, Vec<Hash>) =
            live.partition(|id| self.leads_through(**id, self.base));
        let weight = |ids: Vec<Hash>| ids.iter().map(|id| self.trail(id).weight).max();
        (weight(inside).unwrap_or(0), weight(outside).unwrap_or(0))
    }

    /// A header, if its parent is known and not condemned.
    fn header(&mut self, at: usize) {
        let trail = self.trails[at].clone();
        let fit = self.told.contains(&trail.parent) && !self.condemned.contains(&trail.parent);
        if fit && self.told.insert(trail.id) {
            self.tell(Input::Header { trail });
        }
    }

    /// Executes the next block on the way to the wanted one at this place.
    fn execute(&mut self, which: usize) {
        let Some(id) = self.wanted.get(which % self.wanted.len().max(1)).copied() else { return };
        let way = self.way(id);
        let next = way.iter().rev().find(|trail| !self.executed.contains(&trail.id));
        let Some(id) = next.map(|trail| trail.id) else { return };
        if self.invalid.contains(&id) {
            let stands = |other: &Hash| self.leads_through(*other, id);
            let gone: Vec<Hash> = self.told.iter().copied().filter(stands).collect();
            self.condemned.extend(gone);
            self.tell(Input::Condemned { id });
        } else {
            self.executed.insert(id);
            self.tell(Input::Executed { id, authority: Default::default() });
        }
    }

    /// All headers, over and over, and all that is wanted.
    fn finish(&mut self) {
        for _ in 0..self.trails.len() {
            (0..self.trails.len()).for_each(|at| self.header(at));
        }
        while !self.halted && !self.wanted.is_empty() {
            self.execute(0);
        }
    }
}

fn invalid(trails: &[Trail], picks: &[usize]) -> BTreeSet<Hash> {
    let at = |pick: &usize| trails[1 + pick % (trails.len() - 1)].id;
    picks.iter().map(at).collect()
}

const DEEP: Settings = Settings { mining: false, base_depth: 1_000, tries: 1, extra: 0 };

/// One of a few headers, some of them nonsense.
fn any_trail() -> impl Strategy<Value = Trail> {
    let pool = grow(genesis(&rules()), &[(1, 1); 12]);
    let made = (0..pool.len()).prop_map(move |at| pool[at].clone());
    let nonsense = (any::<[u64; 3]>(), any::<[u8; 2]>()).prop_map(|(numbers, ids)| Trail {
        id: common::hash(ids[0]),
        parent: common::hash((ids[1] % 4, ids[0])),
        height: numbers[0],
        time: Wall(numbers[1]),
        weight: u128::from(numbers[2]) << 60,
        next_authority: Hash::ZERO,
        memory: Blob::truncated(vec![ids[0]; usize::from(ids[1] % 65)]),
    });
    let extreme = made.clone().prop_map(|parent| Trail {
        height: u64::MAX,
        time: Wall(u64::MAX),
        weight: u128::MAX,
        ..trail_on(&parent, 99, 0)
    });
    prop_oneof![6 => made, 1 => nonsense, 1 => extreme]
}

fn any_header() -> impl Strategy<Value = Header> {
    any_trail().prop_map(|parent| Header {
        height: 1,
        ..common::child(&Trail { height: 0, time: Wall(0), ..parent }, 1, 0)
    })
}

fn any_input() -> impl Strategy<Value = Input> {
    let ask = || prop_oneof![4 => 0..6_u64, 1 => any::<u64>()].prop_map(Ask);
    let id = || any_trail().prop_map(|trail| trail.id);
    prop_oneof![
        1 => (any_trail(), prop::collection::vec(any_trail(), 0..6)).prop_map(|(tip, above)| {
            Input::Restored { tip, authority: Default::default(), above, records: Vec::new() }
        }),
        6 => any_trail().prop_map(|trail| Input::Header { trail }),
        6 => id().prop_map(|id| Input::Executed { id, authority: Default::default() }),
        1 => id().prop_map(|id| Input::Condemned { id }),
        1 => id().prop_map(|id| Input::Certified { id, certificate: Blob::default() }),
        2 => (ask(), any_header())
            .prop_map(|(ask, header)| Input::Proposed { ask, header: Box::new(header) }),
        1 => ask().prop_map(|ask| Input::Failed { ask }),
        2 => (ask(), any::<Option<u64>>()).prop_map(|(ask, nonce)| Input::Mined { ask, nonce }),
        1 => (ask(), any::<bool>()).prop_map(|(ask, valid)| Input::Verified { ask, valid }),
        1 => ask().prop_map(|ask| Input::Signed { ask, signature: None }),
        1 => ask().prop_map(|ask| Input::Recorded { ask }),
        1 => any::<u64>().prop_map(|link| Input::Message {
            from: Link(link),
            message: Blob::truncated(vec![1; 9]),
        }),
        2 => Just(Input::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Invariant 3: the heaviest branch of valid blocks wins, whatever the order of events.
    #[test]
    fn every_order_ends_with_the_same_best(
        picks in prop::collection::vec(any::<(u8, u8)>(), 1..40),
        bad in prop::collection::vec(any::<usize>(), 0..4),
        order in prop::collection::vec((any::<usize>(), any::<bool>()), 0..120),
        other in prop::collection::vec((any::<usize>(), any::<bool>()), 0..120),
    ) {
        let trails = grow(genesis(&rules()), &picks);
        let invalid = invalid(&trails, &bad);
        let ends = [order, other].map(|order| {
            let mut node = Node::new(DEEP, &trails, invalid.clone());
            for (at, header) in order {
                if header { node.header(at % trails.len()) } else { node.execute(at) }
            }
            node.finish();
            assert!(!node.halted);
            node
        });
        prop_assert_eq!(ends[0].best, ends[1].best);
        let valid = |trail: &&Trail| {
            ends[0].way(trail.id).iter().all(|trail| !invalid.contains(&trail.id))
        };
        let expected = trails.iter().filter(valid)
            .min_by_key(|trail| (u128::MAX - trail.weight, trail.id)).unwrap();
        prop_assert_eq!(ends[0].best, expected.id);
    }

    /// With a shallow base it may halt, but only before a heavier branch that the base left.
    #[test]
    fn it_halts_for_a_reason_and_only_then(
        picks in prop::collection::vec(any::<(u8, u8)>(), 1..40),
        bad in prop::collection::vec(any::<usize>(), 0..3),
        base_depth in 0..4_u64,
        order in prop::collection::vec((any::<usize>(), any::<bool>()), 0..200),
    ) {
        let trails = grow(genesis(&rules()), &picks);
        let settings = Settings { base_depth, ..DEEP };
        let mut node = Node::new(settings, &trails, invalid(&trails, &bad));
        for (at, header) in order {
            if header { node.header(at % trails.len()) } else { node.execute(at) }
        }
        if node.condemned.is_empty() && !node.halted {
            let (inside, outside) = node.heaviest();
            prop_assert!(outside <= inside, "missed a heavier branch");
        }
        node.finish();
    }

    #[test]
    fn no_input_makes_it_panic(
        mining in any::<bool>(),
        base_depth in prop_oneof![0..3_u64, Just(u64::MAX)],
        tries in any::<u64>(),
        inputs in prop::collection::vec((0..20_000_u64, any_input()), 0..80),
    ) {
        let settings = Settings { mining, base_depth, tries, extra: 0 };
        let mut engine = Pow::new(rules(), settings);
        let (mut mono, mut executed, mut halted) = (0_u64, BTreeSet::new(), false);
        for (ms, input) in inputs {
            match &input {
                Input::Restored { tip, .. } => { executed.insert(tip.id); }
                Input::Executed { id, .. } => { executed.insert(*id); }
                _ => {}
            }
            mono += ms;
            engine.handle(Now { mono: Mono(mono), wall: Wall(u64::MAX - ms) }, input);
            let mut said = 0;
            while let Some(output) = engine.poll() {
                prop_assert!(!halted, "{output:?} after halt");
                said += 1;
                match output {
                    Output::Best(id) => prop_assert!(executed.contains(&id)),
                    Output::Halt { .. } => halted = true,
                    _ => {}
                }
            }
            prop_assert!(said <= 8, "each input has a few answers, not {said}");
            prop_assert!(!halted || engine.deadline().is_none());
        }
    }
}
