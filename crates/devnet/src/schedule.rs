//! What is done to a network, and when: a function of a seed.
use crate::dice::Dice;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use std::fmt;

/// Milliseconds between two steps, at least …
const PAUSE_MS_MIN: u64 = 800;
/// … and at most: a few blocks of a devnet.
const PAUSE_MS_MAX: u64 = 3_000;

/// One thing that is done to a network. Nodes have numbers from 1, never used twice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Ends a node by SIGKILL. It keeps its data directory.
    Kill(usize),
    /// Starts a killed node again.
    Restart(usize),
    /// Keeps two nodes from talking to each other.
    Cut(usize, usize),
    /// Lets them talk again, unless a partition keeps them apart.
    Heal(usize, usize),
    /// Keeps these nodes from talking to all others.
    Partition(BTreeSet<usize>),
    /// Ends the partition.
    Reunite,
    /// Starts a new node, which knows nothing of the chain but its genesis.
    Add(usize),
    /// Stops a node for good.
    Remove(usize),
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(node) => write!(f, "kill node {node}"),
            Self::Restart(node) => write!(f, "restart node {node}"),
            Self::Cut(one, other) => write!(f, "cut nodes {one} and {other} apart"),
            Self::Heal(one, other) => write!(f, "heal the link of nodes {one} and {other}"),
            Self::Partition(side) => {
                let side: Vec<String> = side.iter().map(usize::to_string).collect();
                write!(f, "part nodes {} from all others", side.join(" "))
            }
            Self::Reunite => f.write_str("end the partition"),
            Self::Add(node) => write!(f, "add node {node}"),
            Self::Remove(node) => write!(f, "remove node {node}"),
        }
    }
}

/// An [`Act`] and its time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    /// Milliseconds after the step before it.
    pub after_ms: u64,
    /// What is done.
    pub act: Act,
}

/// Steps without end, which follow from a seed and a number of nodes alone.
///
/// They come in rounds. Each round does every kind of harm once and undoes it, in a random order:
/// after it as many nodes run as before, and every link is whole. At any time at most one node is
/// down, one link cut and one partition in force.
pub struct Schedule {
    dice: Dice,
    round: VecDeque<Harm>,
    nodes: BTreeSet<usize>,
    down: Option<usize>,
    cut: Option<(usize, usize)>,
    parted: bool,
    added: bool,
    /// The number of the next node that is added.
    fresh: usize,
}

#[derive(Clone, Copy)]
enum Harm {
    Node,
    Link,
    Halves,
    Members,
}

impl Schedule {
    /// Steps for the nodes 1 to `nodes`, of which there should be at least
    /// [`CHAOS_NODES_MIN`](crate::CHAOS_NODES_MIN).
    #[must_use]
    pub fn new(seed: u64, nodes: u8) -> Self {
        let nodes: BTreeSet<usize> = (1..=nodes.into()).collect();
        let fresh = nodes.len().saturating_add(1);
        Self {
            dice: Dice::new(seed),
            round: VecDeque::new(),
            nodes,
            down: None,
            cut: None,
            parted: false,
            added: false,
            fresh,
        }
    }

    /// So many nodes that run, all different.
    fn some(&mut self, count: usize) -> Vec<usize> {
        let up = self.nodes.iter().copied().filter(|node| self.down != Some(*node));
        self.dice.pick(up.collect(), count)
    }

    fn act(&mut self, harm: Harm) -> Option<Act> {
        match harm {
            Harm::Node => self.node(),
            Harm::Link => self.link(),
            Harm::Halves => Some(self.halves()),
            Harm::Members => self.members(),
        }
    }

    fn node(&mut self) -> Option<Act> {
        if let Some(down) = self.down.take() {
            return Some(Act::Restart(down));
        }
        self.down = self.some(1).pop();
        self.down.map(Act::Kill)
    }

    fn link(&mut self) -> Option<Act> {
        if let Some((one, other)) = self.cut.take() {
            return Some(Act::Heal(one, other));
        }
        let [one, other] = self.some(2).try_into().ok()?;
        self.cut = Some((one.min(other), one.max(other)));
        self.cut.map(|(one, other)| Act::Cut(one, other))
    }

    fn halves(&mut self) -> Act {
        self.parted = !self.parted;
        if !self.parted {
            return Act::Reunite;
        }
        let (all, half) = (self.nodes.iter().copied().collect(), self.nodes.len() / 2);
        Act::Partition(self.dice.pick(all, half).into_iter().collect())
    }

    fn members(&mut self) -> Option<Act> {
        self.added = !self.added;
        if self.added {
            let node = self.fresh;
            self.fresh = node.saturating_add(1);
            self.nodes.insert(node);
            return Some(Act::Add(node));
        }
        let node = self.some(1).pop()?;
        self.nodes.remove(&node);
        Some(Act::Remove(node))
    }
}

impl Iterator for Schedule {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if self.round.is_empty() {
            // The second of a kind undoes the first.
            let once = [Harm::Node, Harm::Link, Harm::Halves, Harm::Members];
            let round = [once, once].concat();
            let count = round.len();
            self.round = self.dice.pick(round, count).into();
        }
        let after_ms = self.dice.between(PAUSE_MS_MIN, PAUSE_MS_MAX);
        let harm = self.round.pop_front()?;
        Some(Step { after_ms, act: self.act(harm)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: usize = 8;

    fn steps(seed: u64, nodes: u8, rounds: usize) -> Vec<Step> {
        Schedule::new(seed, nodes).take(rounds * ROUND).collect()
    }

    #[test]
    fn one_seed_gives_one_schedule() {
        assert_eq!(steps(7, 4, 20), steps(7, 4, 20));
        assert_ne!(steps(7, 4, 20), steps(8, 4, 20));
        assert_ne!(steps(7, 4, 20), steps(7, 5, 20));
        assert_eq!(steps(7, 4, 20)[..ROUND], steps(7, 4, 1), "asking for more changes nothing");
    }

    /// Whoever repeats a run by its seed must find what the seed found when it was written down.
    #[test]
    fn the_schedule_of_a_seed_is_pinned() {
        let said: Vec<String> = steps(7, 4, 1)
            .iter()
            .map(|step| format!("{} ms: {}", step.after_ms, step.act))
            .collect();
        assert_eq!(said, PINNED);
    }

    const PINNED: [&str; ROUND] = [
        "1852 ms: add node 5",
        "2167 ms: cut nodes 1 and 5 apart",
        "2073 ms: kill node 4",
        "2179 ms: part nodes 2 4 from all others",
        "1848 ms: restart node 4",
        "1980 ms: heal the link of nodes 1 and 5",
        "2569 ms: end the partition",
        "1711 ms: remove node 3",
    ];

    /// Everything that an act may rest on, told apart from the schedule's own state.
    #[derive(Default)]
    struct Model {
        up: BTreeSet<usize>,
        down: BTreeSet<usize>,
        used: BTreeSet<usize>,
        cut: BTreeSet<(usize, usize)>,
        parted: bool,
    }

    impl Model {
        fn start(nodes: usize) -> Self {
            Self { up: (1..=nodes).collect(), used: (1..=nodes).collect(), ..Self::default() }
        }

        fn act(&mut self, act: &Act) {
            match act {
                Act::Kill(node) => assert!(self.up.remove(node) && self.down.insert(*node)),
                Act::Restart(node) => assert!(self.down.remove(node) && self.up.insert(*node)),
                Act::Cut(one, other) => {
                    assert!(self.up.contains(one) && self.up.contains(other) && one < other);
                    assert!(self.cut.insert((*one, *other)));
                }
                Act::Heal(one, other) => assert!(self.cut.remove(&(*one, *other))),
                Act::Partition(side) => {
                    assert!(!std::mem::replace(&mut self.parted, true));
                    let members: BTreeSet<usize> = self.up.union(&self.down).copied().collect();
                    assert!(side.is_subset(&members));
                    assert_eq!(side.len(), members.len() / 2);
                }
                Act::Reunite => assert!(std::mem::replace(&mut self.parted, false)),
                Act::Add(node) => assert!(self.used.insert(*node) && self.up.insert(*node)),
                Act::Remove(node) => assert!(self.up.remove(node), "it runs"),
            }
            assert!(self.up.len() >= 2, "two are left");
        }
    }

    #[test]
    fn every_act_is_possible_and_every_round_leaves_the_network_whole() {
        for (seed, nodes) in (0..40).flat_map(|seed| [3, 4, 7, 15].map(|nodes| (seed, nodes))) {
            let mut model = Model::start(nodes.into());
            for round in steps(seed, nodes, 25).chunks(ROUND) {
                let mut kinds = Vec::new();
                for Step { after_ms, act } in round {
                    assert!((PAUSE_MS_MIN..=PAUSE_MS_MAX).contains(after_ms));
                    model.act(act);
                    assert!(model.up.len() + model.down.len() <= usize::from(nodes) + 1);
                    let kind = std::mem::discriminant(act);
                    assert!(!kinds.contains(&kind), "each kind of act once");
                    kinds.push(kind);
                }
                assert_eq!(kinds.len(), ROUND);
                assert_eq!((model.up.len(), model.down.len()), (usize::from(nodes), 0));
                assert!(model.cut.is_empty() && !model.parted);
            }
        }
    }

    #[test]
    fn seeds_differ_in_what_comes_first() {
        let first = |seed| std::mem::discriminant(&steps(seed, 4, 1)[0].act);
        let kinds = (0..60).map(first).fold(Vec::new(), |mut seen, kind| {
            if !seen.contains(&kind) {
                seen.push(kind);
            }
            seen
        });
        assert_eq!(kinds.len(), 4, "any harm may be the first");
    }
}
