//! Random trees of blocks, with best going back and forth: whatever happened, a state is what a
//! fresh run from genesis makes of its branch, and its tree is that of this state (invariants 6, 7
//! and 8).
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::Hash;
use isonomy_ledger::{assets, state_root};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Op {
    /// A block on one of those executed, with transfers that may be worth nothing.
    Grow {
        parent: Index,
        salt: u8,
        sends: Vec<Send>,
    },
    /// The same, but its header lies.
    Lie {
        parent: Index,
        salt: u8,
    },
    Adopt {
        block: Index,
    },
    Finalise {
        back: usize,
    },
    /// The oldest flush under way is written.
    Written,
}

#[derive(Clone, Debug)]
struct Send {
    from: u8,
    to: u8,
    amount: u128,
    ahead: u64,
    lane: u16,
}

fn send() -> impl Strategy<Value = Send> {
    let amount =
        prop_oneof![4 => 1..1_000_u128, 1 => Just(0), 1 => Just(RICHES), 1 => Just(u128::MAX)];
    let ahead = prop_oneof![6 => Just(0), 1 => Just(1_u64)];
    (0..PEOPLE, 0..PEOPLE, amount, ahead, 0..2_u16)
        .prop_map(|(from, to, amount, ahead, lane)| Send { from, to, amount, ahead, lane })
}

fn op() -> impl Strategy<Value = Op> {
    let grow = (any::<Index>(), any::<u8>(), prop::collection::vec(send(), 0..4));
    prop_oneof![
        6 => grow.prop_map(|(parent, salt, sends)| Op::Grow { parent, salt, sends }),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(parent, salt)| Op::Lie { parent, salt }),
        4 => any::<Index>().prop_map(|block| Op::Adopt { block }),
        1 => (0..4_usize).prop_map(|back| Op::Finalise { back }),
        1 => Just(Op::Written),
    ]
}

/// What must be true, kept the naive way.
struct Model {
    world: World,
    /// Every block that was ever executed, with its transactions and what it stands on.
    blocks: BTreeMap<Hash, (Hash, Vec<Shared>)>,
    /// The state after each, run from genesis on a plain map.
    states: BTreeMap<Hash, Plain>,
    /// The blocks that may still be built on.
    live: BTreeSet<Hash>,
    stored: Plain,
    flushes: Vec<Flush>,
    reorganised: usize,
}

impl Model {
    fn new() -> Self {
        let world = World::new();
        let (genesis, first) = (world.genesis(), world.first.clone());
        Self {
            states: BTreeMap::from([(genesis, first.clone())]),
            live: BTreeSet::from([genesis]),
            blocks: BTreeMap::new(),
            stored: first,
            flushes: Vec::new(),
            reorganised: 0,
            world,
        }
    }

    fn pick(&self, index: &Index) -> Hash {
        *index.get(&self.live.iter().copied().collect::<Vec<_>>())
    }

    fn transactions(&self, parent: &Hash, sends: &[Send]) -> Vec<Shared> {
        let make = |send: &Send| {
            let seq = self.world.next(parent, send.from, send.lane) + send.ahead;
            let tx = Tx::by(send.from, seq).on(send.lane).send(send.to, send.amount);
            tx.price(1 + u64::from(send.to)).make()
        };
        sends.iter().map(make).collect()
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Grow { parent, salt, sends } => self.grow(self.pick(parent), *salt, sends),
            Op::Lie { parent, salt } => self.lie(self.pick(parent), *salt),
            Op::Adopt { block } => self.adopt(self.pick(block)),
            Op::Finalise { back } => self.finalise(*back),
            Op::Written => self.written(),
        }
        self.check();
    }

    fn grow(&mut self, parent: Hash, salt: u8, sends: &[Send]) {
        let candidates = self.transactions(&parent, sends);
        let made = self.world.make(parent, salt, &candidates);
        if self.world.import_entry(made.entry()).is_err() {
            return;
        }
        let id = made.id();
        assert!(self.world.chain.import_body(id, made.body.clone().into()));
        assert!(matches!(self.world.execute(id), Outcome::Executed { .. }));
        let before = self.states[&parent].clone();
        let mut state = before;
        state = self.world.replay_from_flushed(&state, &[id]);
        self.states.insert(id, state);
        self.blocks.insert(id, (parent, made.body));
        self.live.insert(id);
    }

    fn lie(&mut self, parent: Hash, salt: u8) {
        let made = self.world.make(parent, salt, &[]);
        let made = made.but(|header| header.state_root = header.parent);
        if self.world.import_entry(made.entry()).is_ok() {
            assert!(self.world.chain.import_body(made.id(), made.body.clone().into()));
            assert!(matches!(self.world.execute(made.id()), Outcome::Condemned { .. }));
        }
        assert!(self.world.chain.adopt(made.id()).is_none());
    }

    fn floor(&self) -> Hash {
        self.flushes.last().map_or(self.world.chain.base().id, |flush| flush.tip.trail.id)
    }

    fn adopt(&mut self, id: Hash) {
        let before = self.branch(self.world.chain.best().id);
        let Some(Adopted { left, joined }) = self.world.chain.adopt(id) else {
            assert!(!self.branch(id).contains(&self.floor()));
            return;
        };
        let after = self.branch(id);
        let only = |of: &[Hash], not: &[Hash]| -> Vec<Hash> {
            of.iter().filter(|id| !not.contains(id)).copied().collect()
        };
        let told = |bodies: &[(Hash, Transactions)]| -> Vec<Hash> {
            bodies.iter().map(|(id, _)| *id).collect()
        };
        assert_eq!(told(&left), only(&before, &after));
        assert_eq!(told(&joined), only(&after, &before));
        for (id, body) in left.iter().chain(&joined) {
            assert_eq!(body[..], self.blocks[id].1[..]);
        }
        self.reorganised += usize::from(!left.is_empty() && !joined.is_empty());
        let state = self.world.state(&id);
        assert_eq!(state, self.states[&id]);
        assert_eq!(state_root(&state).unwrap(), self.world.chain.header(&id).unwrap().state_root);
    }

    /// From genesis up.
    fn branch(&self, id: Hash) -> Vec<Hash> {
        let parent = |id: &Hash| self.blocks.get(id).map(|(parent, _)| *parent);
        let mut branch: Vec<_> = std::iter::successors(Some(id), parent).collect();
        branch.reverse();
        branch
    }

    fn finalise(&mut self, back: usize) {
        let branch = self.branch(self.world.chain.best().id);
        let id = branch[branch.len().saturating_sub(1 + back)];
        let floor = branch.iter().position(|id| *id == self.floor()).unwrap();
        let above = branch.iter().position(|other| *other == id).unwrap();
        match self.world.chain.finalise(id) {
            None => assert!(above <= floor),
            Some(flush) => {
                let held: Vec<_> = flush.blocks.iter().map(|block| block.trail.id).collect();
                assert_eq!(held, branch[floor + 1..=above]);
                for block in &flush.blocks {
                    let ids: Vec<_> =
                        self.blocks[&block.trail.id].1.iter().map(|tx| tx.id()).collect();
                    assert_eq!(block.transactions, ids);
                }
                self.flushes.push(flush);
            }
        }
    }

    fn written(&mut self) {
        if self.flushes.is_empty() {
            return;
        }
        let flush = self.flushes.remove(0);
        let id = flush.tip.trail.id;
        self.stored.apply(&flush.layer);
        assert_eq!(self.stored, self.states[&id], "the flush makes the state");
        self.world.chain.rebase(id, Arc::new(self.stored.clone()));
        let blocks = &self.blocks;
        let leads = |other: &Hash| {
            let parent = |id: &Hash| blocks.get(id).map(|(parent, _)| *parent);
            std::iter::successors(Some(*other), parent).any(|ancestor| ancestor == id)
        };
        self.live.retain(leads);
    }

    /// What holds at any time.
    fn check(&self) {
        let chain = &self.world.chain;
        let mut bytes = 0;
        for (id, state) in &self.states {
            assert_eq!(chain.view(id).is_some(), self.live.contains(id));
            let Some(view) = chain.view(id) else { continue };
            assert_eq!(Plain::of(&*view), *state);
            assert_eq!(self.world.tree(id).root(), state_root(state).unwrap());
            if *id != chain.base().id {
                let body = &self.blocks[id].1;
                bytes += body.iter().map(|tx| tx.bytes()).sum::<usize>();
                assert_eq!(chain.body(id), Some(body_of(body)));
            }
        }
        assert_eq!(chain.body_bytes(), bytes);
        let best = chain.best();
        let minted = u128::from(best.height) * REWARD;
        let supply = u128::from(PEOPLE) * RICHES + minted;
        assert_eq!(self.world.ask(&best.id, &assets::Query::Supply(assets::Asset::Coin)), supply);
        assert_eq!(counted(&self.states[&best.id]), supply);
        let branch = self.branch(best.id);
        for id in self.states.keys() {
            let on_best = branch.contains(id);
            assert_eq!(chain.contains_on_best(id), on_best && chain.trail(id).is_some());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_state_is_what_a_fresh_run_of_its_branch_makes(
        ops in prop::collection::vec(op(), 1..40),
    ) {
        let mut model = Model::new();
        ops.iter().for_each(|op| model.run(op));
    }
}

/// Best swings between two branches that share nothing: the states never mix, and some of the
/// moves are true reorganisations.
#[test]
fn swinging_between_branches_leaves_nothing_behind() {
    let mut model = Model::new();
    let genesis = model.world.genesis();
    let (mut left, mut right) = (genesis, genesis);
    for round in 0..6 {
        for (tip, salt) in [(&mut left, 1), (&mut right, 2)] {
            let sends = [Send { from: salt, to: 3 + round, amount: 10, ahead: 0, lane: 0 }];
            let before = model.live.clone();
            model.grow(*tip, salt, &sends);
            *tip = *model.live.difference(&before).next().unwrap();
            model.adopt(*tip);
            model.check();
            assert_eq!(model.world.state(tip), model.world.replay(*tip));
        }
    }
    assert!(model.reorganised >= 10);
}

/// A side chain that is higher than best: each of its blocks has a state and receipts, and best holds
/// none of them, so that nothing counts the blocks between best and them.
#[test]
fn attack_30_a_block_of_a_higher_side_chain_is_not_on_best() {
    let mut world = World::new();
    let genesis = world.genesis();
    let best = world.extend(genesis, 1, 2);
    world.chain.adopt(best[1]).unwrap();
    let pay = Tx::by(1, 0).send(2, 5).make();
    let mut side = vec![world.grow(genesis, 2, std::slice::from_ref(&pay))];
    side.extend(world.extend(side[0], 2, 4));
    let held = |world: &World, ids: &[Hash]| -> Vec<bool> {
        ids.iter().map(|id| world.chain.contains_on_best(id)).collect()
    };
    assert!(world.chain.trail(&side[4]).unwrap().height > world.chain.best().height);
    assert_eq!(held(&world, &best), [true; 2]);
    assert_eq!(held(&world, &side), [false; 5]);
    assert_eq!(world.chain.receipts(&side[0]).unwrap()[0].transaction, pay.id());
    assert!(world.chain.view(&side[0]).is_some());
    // Nor is what best's branch does not hold sent to whoever asks for what follows.
    let after = world.chain.after(&[side[0], genesis], 9).unwrap();
    let after: Vec<_> = after.iter().map(|entry| entry.header.id()).collect();
    assert_eq!(after, best);

    world.chain.adopt(side[2]).unwrap();
    assert_eq!(held(&world, &best), [false; 2]);
    assert_eq!(held(&world, &side), [true, true, true, false, false], "above best is not on it");
    assert_eq!(held(&world, &[Hash::ZERO, genesis]), [false, true]);
}
