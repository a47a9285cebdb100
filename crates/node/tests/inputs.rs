//! Anything may happen, in any order.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::chaos::{Move, moves};
use common::*;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

/// A node that mines or not, and what happens to it. With a shallow base a heavier branch may halt
/// it, as it should.
fn play((mining, base_depth): (bool, u64), moves: Vec<Move>) -> World {
    let seeds = (1..4).map(place).collect();
    let setup = Setup { mining, base_depth, seeds, ..Setup::default() };
    let mut world = World::new(Setup { outbound: 2, flush_blocks: 1, ..setup });
    moves.into_iter().for_each(|next| world.make(next));
    world
}

fn nodes() -> impl Strategy<Value = (bool, u64)> {
    (any::<bool>(), 1..8_u64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// And outputs end, credit is kept, a halt is the last, deadlines move: see the harness
    /// (attack 61).
    #[test]
    fn no_panic_on_any_inputs(node in nodes(), moves in moves(300)) {
        let world = play(node, moves);
        prop_assert!(world.halt.is_some() || world.node.deadline().is_some());
    }

    #[test]
    fn the_same_inputs_give_the_same_outputs(node in nodes(), moves in moves(300)) {
        prop_assert_eq!(play(node, moves.clone()).trace, play(node, moves).trace);
    }

    /// Whatever happened before, but for clocks that run to the end of time: given time, and peers
    /// that have the bodies, it mines.
    #[test]
    fn whatever_happened_it_goes_on(mut moves in moves(300)) {
        moves.retain(|next| !matches!(next, Move::Clock { .. }));
        let mut world = play((true, 100), moves);
        prop_assume!(world.halt.is_none());
        for (n, blocks) in (77..).zip(&common::chaos::branches()[..2]) {
            let link = world.peer(n);
            world.live(100_000, link, blocks);
        }
        let before = world.height();
        for _ in 0..300 {
            if world.height() > before {
                break;
            }
            world.wait(1_000);
            world.settle();
            if world.kinds().contains(&Kind::Mine) {
                world.run(Kind::Mine);
            }
        }
        prop_assert!(world.height() > before);
    }
}

/// The properties above would hold of a node that does nothing.
#[test]
fn much_happens_in_it() {
    let mut runner = TestRunner::deterministic();
    let words = ["Best", "left: 1", "Flushed", "Condemned", "Submitted", "Ready", "close", "halt"];
    let words = words.into_iter().chain(["cancel", "dial", "Ok(", "ReadBody", "Follow", "Admit"]);
    let mut counts: Vec<(&str, usize)> = words.map(|word| (word, 0)).collect();
    for _ in 0..100 {
        let some = (nodes(), moves(300)).new_tree(&mut runner).unwrap().current();
        let trace = play(some.0, some.1).trace;
        for (word, count) in &mut counts {
            *count += trace.iter().filter(|line| line.contains(*word)).count();
        }
    }
    assert!(counts.iter().all(|(_, count)| *count >= 5), "{counts:?}");
}
