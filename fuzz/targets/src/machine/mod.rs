//! A whole node, and anything that can happen to it in any order.
mod step;
mod talk;
mod world;

use arbitrary::Unstructured;
use step::Step;
pub(crate) use world::World;

/// Steps of one run at most: with what a node holds after so many, the next ones add nothing new.
const STEPS_MAX: usize = 256;

/// Reads a list of events off the bytes, and lets a node live through them.
pub fn machine(data: &[u8]) {
    drop(live(data));
}

fn live(data: &[u8]) -> World {
    let mut bytes = Unstructured::new(data);
    let mut world = World::new(bytes.ratio(1, 4).unwrap_or_default());
    for _ in 0..STEPS_MAX {
        if bytes.is_empty() {
            break;
        }
        let Ok(step) = bytes.arbitrary::<Step>() else { break };
        world.make(step);
    }
    world
}

/// Noise of several lengths: every byte string is a list of events.
pub(crate) fn lives() -> Vec<Vec<u8>> {
    let mut dice = isonomy_sim::Dice::new(1, "lives");
    let mut noise = |blocks: usize| (0..blocks).flat_map(|_| dice.bytes()).collect();
    (0..64).map(|n| noise(4 + n % 20)).collect()
}

#[cfg(test)]
mod tests {
    use super::{live, lives};
    use crate::cases;
    use isonomy_node::Node;

    /// What the checks between two inputs look at does happen.
    #[test]
    fn lives_go_deep() {
        let samples = lives();
        let lives: Vec<_> = cases(&samples, 0, 7).step_by(5).map(|case| live(&case)).collect();
        let some = |what: &str, seen: &dyn Fn(&Node) -> bool| {
            assert!(lives.iter().any(|world| seen(&world.node)), "no node with {what}");
        };
        some("the lighter branch, and the bad one but for its end", &|node| height(node) == 6);
        some("blocks of its own, or the heavier branch", &|node| height(node) > 6);
        some("a transaction that waits", &|node| !node.pool().ids().is_empty());
        some("two peers", &|node| node.peers().links().filter(|peer| peer.ready).count() > 1);
        some("an end", &|node| node.halted());
    }

    fn height(node: &Node) -> u64 {
        node.chain().best().height
    }
}
