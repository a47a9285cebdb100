//! Layers joined along branches: every view is what a plain map of its branch is, and reads look at
//! few layers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::Hash;
use isonomy_ledger::{Executed, Joined, Key, Layer, Order, Span, Value, View, state_root};
use isonomy_types::{Address, Wall};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Keys of no module, some alike in their first bytes; `None` is a removal.
type Writes = Vec<(u8, Option<u8>)>;

#[derive(Clone, Debug)]
enum Op {
    /// Blocks on best, each adopted.
    Extend {
        blocks: Vec<Writes>,
    },
    /// Blocks on any, none adopted.
    Fork {
        from: Index,
        blocks: Vec<Writes>,
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

fn writes() -> impl Strategy<Value = Writes> {
    vec((0..24_u8, prop::option::weighted(0.6, any::<u8>())), 0..5)
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => vec(writes(), 1..24).prop_map(|blocks| Op::Extend { blocks }),
        3 => (any::<Index>(), vec(writes(), 1..9))
            .prop_map(|(from, blocks)| Op::Fork { from, blocks }),
        2 => any::<Index>().prop_map(|block| Op::Adopt { block }),
        2 => (0..24_usize).prop_map(|back| Op::Finalise { back }),
        2 => Just(Op::Written),
    ]
}

fn key(number: u8) -> Key {
    let alike = [200; 9];
    [&alike[..1 + usize::from(number % 3) * 4], &[number]].concat().into()
}

struct Model {
    world: World,
    /// The state after each block that may be built on.
    states: BTreeMap<Hash, Plain>,
    stored: Plain,
    flushes: Vec<Flush>,
    salt: u8,
}

impl Model {
    fn new() -> Self {
        let world = World::new();
        let (genesis, first) = (world.genesis(), world.first.clone());
        let states = BTreeMap::from([(genesis, first.clone())]);
        Self { world, states, stored: first, flushes: Vec::new(), salt: 0 }
    }

    fn best(&self) -> Hash {
        self.world.chain.best().id
    }

    fn pick(&self, index: &Index) -> Hash {
        *index.get(&self.states.keys().copied().collect::<Vec<_>>())
    }

    /// An empty block that wrote this too.
    fn grow(&mut self, parent: Hash, writes: &Writes) -> Hash {
        self.salt = self.salt.wrapping_add(1);
        let mut made = self.world.make(parent, self.salt, &[]);
        let id = self.world.bring(&made);
        let work = self.world.chain.execute(id).unwrap();
        let view = work.view.clone();
        let own = made.executed.layer.writes.clone();
        let shared = |(number, value): &(u8, Option<u8>)| {
            (key(*number), value.map(|value| Value::from([value])))
        };
        let own = own.iter().map(|(key, value)| (key.into(), value.map(Value::from)));
        let all = own.chain(writes.iter().map(shared)).collect();
        let layer = Arc::new(Layer { writes: all });
        made.executed.joined = view.join(&layer);
        made.executed.layer = layer.clone();
        let done = self.world.chain.executed(id, Ok(made.executed));
        assert!(matches!(done, Outcome::Executed { .. }));
        let mut state = self.states[&parent].clone();
        state.apply(&layer);
        self.states.insert(id, state);
        id
    }

    fn run(&mut self, op: &Op) {
        match op {
            Op::Extend { blocks } => {
                for writes in blocks {
                    let id = self.grow(self.best(), writes);
                    self.world.chain.adopt(id).unwrap();
                }
            }
            Op::Fork { from, blocks } => {
                let from = self.pick(from);
                blocks.iter().fold(from, |parent, writes| self.grow(parent, writes));
            }
            Op::Adopt { block } => drop(self.world.chain.adopt(self.pick(block))),
            Op::Finalise { back } => {
                let best = self.best();
                let id = self.world.chain.ancestry(best).nth(*back);
                let flush = id.and_then(|id| self.world.chain.finalise(id));
                self.flushes.extend(flush);
            }
            Op::Written => self.written(),
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
        let chain = &self.world.chain;
        self.states.retain(|id, _| chain.view(id).is_some());
    }

    fn check(&self, id: &Hash, from: u8, to: u8) {
        let (view, state) = (self.world.chain.view(id).unwrap(), &self.states[id]);
        assert_eq!(Plain::of(&*view), *state);
        same_many(&*view, state);
        same_span(&*view, state, &Span { from: key(from).to_vec(), to: Some(key(to).to_vec()) });
        let child = self.world.chain.template(*id, Wall::default(), Address::default(), vec![]);
        let parent = child.unwrap().view;
        assert_eq!(Plain::of(&*parent), *state);
        same_many(&*parent, state);
    }
}

fn same_many(view: &dyn View, state: &Plain) {
    let keys: Vec<Key> = (0..25).map(key).chain(state.0.keys().cloned()).collect();
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let mut found = Vec::new();
    view.get_all(&keys, &mut |value| found.push(value.map(<[u8]>::to_vec))).unwrap();
    let want = keys.iter().map(|key| state.0.get(*key).map(|value| value.to_vec()));
    assert!(found.into_iter().eq(want));
}

fn same_span(view: &dyn View, state: &Plain, span: &Span) {
    for order in [Order::Up, Order::Down] {
        assert!(view.scan(span, order).eq(state.scan(span, order)), "{span:?} {order:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_view_is_the_plain_map_of_its_branch(
        ops in vec(op(), 1..24),
        looks in vec((any::<Index>(), 0..25_u8, 0..25_u8), 3),
    ) {
        let mut model = Model::new();
        for op in &ops {
            model.run(op);
            model.check(&model.best(), 3, 17);
            for (index, from, to) in &looks {
                model.check(&model.pick(index), *from, *to);
            }
        }
        let all: Vec<_> = model.states.keys().copied().collect();
        all.iter().for_each(|id| model.check(id, 0, 9));
    }
}

/// At most twice the binary logarithm of the blocks above the base, and one.
fn few(world: &World, id: &Hash) {
    let (chain, layers) = (&world.chain, world.chain.layers(id).unwrap());
    let depth = chain.trail(id).unwrap().height - chain.base().height;
    let limit = depth.checked_ilog2().map_or(0, |log| 2 * log as usize + 1);
    assert!(layers <= limit, "{layers} layers for {depth} blocks");
}

#[test]
fn a_read_looks_at_about_log_2_of_the_blocks_above_the_base() {
    let mut world = World::new();
    let (mut tip, mut most) = (world.genesis(), 0);
    for _ in 0..128 {
        tip = world.grow(tip, 1, &[]);
        world.chain.adopt(tip).unwrap();
        few(&world, &tip);
        most = most.max(world.chain.layers(&tip).unwrap());
    }
    assert_eq!(most, 8, "five of fewer than thirty-two blocks, three of thirty-two");
    assert_eq!(world.chain.layers(&tip), Some(4));
    assert_eq!(world.state(&tip), world.replay(tip));
}

#[test]
fn a_read_looks_at_few_layers_above_any_base() {
    let mut world = World::new();
    let (mut state, mut tip) = (world.first.clone(), world.genesis());
    for height in 1..=160_u64 {
        tip = world.grow(tip, 1, &[Tx::by(0, height - 1).send(1, 7).make()]);
        world.chain.adopt(tip).unwrap();
        few(&world, &tip);
        // Bases of which most divide a joined layer.
        if height % 21 == 0 {
            let path: Vec<_> = world.chain.ancestry(tip).take(64).collect();
            let Some(flush) = path.get(13).and_then(|id| world.chain.finalise(*id)) else {
                continue;
            };
            state.apply(&flush.layer);
            assert_eq!(state_root(&state).unwrap(), flush.tip.header.state_root);
            world.chain.rebase(flush.tip.trail.id, Arc::new(state.clone()));
            for id in &path[..13] {
                let view = world.chain.view(id).unwrap();
                let root = world.chain.header(id).unwrap().state_root;
                assert_eq!(state_root(&*view).unwrap(), root);
            }
            few(&world, &tip);
        }
    }
}

#[test]
fn only_as_much_is_joined_as_bests_branch_reads() {
    let mut world = World::new();
    let (mut tip, mut made) = (world.genesis(), Vec::<Joined>::new());
    let held = |joined: &&Joined| Arc::strong_count(joined.layer()) > 1;
    for height in 1..=100_u64 {
        let block = world.make(tip, 1, &[]);
        let Executed { joined, .. } = block.executed.clone();
        tip = world.bring(&block);
        world.chain.executed(tip, Ok(block.executed));
        world.chain.adopt(tip).unwrap();
        assert_eq!(joined.is_some(), height % 2 == 0);
        made.extend(joined);
        let blocks: u64 = made.iter().filter(held).map(Joined::blocks).sum();
        assert_eq!(blocks, height - height % 2, "each block's writes once");
    }
    let flush = world.chain.finalise(tip).unwrap();
    let mut state = world.first.clone();
    state.apply(&flush.layer);
    world.chain.rebase(tip, Arc::new(state));
    assert_eq!(made.iter().find(held), None, "all of their blocks are flushed");
}

#[test]
fn what_is_executed_ahead_of_best_stays_joined() {
    let mut world = World::new();
    let (genesis, mut state) = (world.genesis(), world.first.clone());
    let ids = world.extend(genesis, 1, 40);
    ids.iter().for_each(|id| few(&world, id));
    world.chain.adopt(ids[2]).unwrap();
    few(&world, &ids[39]);
    let flush = world.chain.finalise(ids[2]).unwrap();
    state.apply(&flush.layer);
    world.chain.rebase(ids[2], Arc::new(state));
    few(&world, &ids[39]);
}

#[test]
fn a_branch_from_below_a_joined_layer_is_read_from_its_own_and_joined_as_it_grows() {
    let mut world = World::new();
    let main = world.extend(world.genesis(), 1, 33);
    world.chain.adopt(main[32]).unwrap();
    assert_eq!(world.chain.layers(&main[32]), Some(2));
    assert_eq!(world.chain.layers(&main[30]), Some(31), "those above are joined with it");

    let pay = Tx::by(0, 0).send(1, 7).make();
    let first = world.grow(main[30], 2, &[pay]);
    assert_eq!(world.chain.layers(&first), Some(1), "of height 32, it joins all");
    let side = world.extend(first, 2, 8);
    assert_eq!(world.state(&side[7]), world.replay(side[7]));
    few(&world, &side[7]);
    world.chain.adopt(side[7]).unwrap();
    few(&world, &side[7]);
    // Back again: what was joined there is gone, the state is not.
    world.chain.adopt(main[32]).unwrap();
    assert_eq!(world.chain.layers(&main[32]), Some(33));
    assert_eq!(world.state(&main[32]), world.replay(main[32]));
    assert_eq!(world.state(&side[7]), world.replay(side[7]));
    let more = world.extend(main[32], 1, 31);
    few(&world, &more[30]);
    assert_eq!(world.state(&more[30]), world.replay(more[30]));
}

#[test]
fn a_trial_joins_nothing() {
    let mut world = World::new();
    let first = world.grow(world.genesis(), 1, &[]);
    let work = || world.chain.template(first, Wall(9_000), Address::default(), vec![]).unwrap();
    assert_eq!(work().run().unwrap().joined.map(|joined| joined.blocks()), Some(2));
    assert_eq!(work().trial().unwrap().joined, None);
}
