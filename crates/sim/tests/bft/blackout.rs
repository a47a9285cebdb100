//! Every validator crashes at once.
use crate::promises::Promise;
use crate::rules::Phase;
use crate::variants::right;
use crate::world::{FIRST, World};
use isonomy_chain::Append;
use isonomy_sim::{Settings, check};
use isonomy_types::Decode;
use std::collections::{BTreeMap, BTreeSet};

const ALL: [usize; 4] = [0, 1, 2, 3];
/// Milliseconds between two moments; together they cover more than one height.
const STEP_MS: u64 = 41;

/// The blocks that a host durably promised to stand for, and whether it durably holds each: the log
/// is written in order, and an executed block is written before its engine hears of it.
fn stands_for(world: &World, host: usize) -> usize {
    let log = world.sim.host(host).recover().unwrap().log;
    let held: BTreeSet<_> = log
        .iter()
        .filter_map(|append| match append {
            Append::Block { entry, .. } => Some(entry.header.id()),
            Append::Certificate { .. } | Append::Record { .. } => None,
        })
        .collect();
    let votes = log.iter().filter_map(|append| match append {
        Append::Record { record, .. } => Some(Promise::decode_exact(record).unwrap().statement),
        Append::Block { .. } | Append::Certificate { .. } => None,
    });
    let votes = votes.filter(|vote| matches!(vote.phase, Phase::Prepare | Phase::Commit));
    votes.inspect(|vote| assert!(held.contains(&vote.what), "{vote:?} without its block")).count()
}

#[test]
fn attack_53_a_blackout_loses_nothing_that_was_voted_for() {
    let mut votes = 0;
    for step in 0..12 {
        let settings = Settings { seed: 7, sync_ms: 60, ..Settings::default() };
        let mut world = World::new(settings);
        for key in FIRST {
            world.join(key, right);
        }
        world.sim.run_for(1_500 + step * STEP_MS);
        let height = ALL.map(|host| world.height(host)).into_iter().max().unwrap();
        for host in ALL {
            votes += stands_for(&world, host);
            world.sim.crash(host);
        }
        for host in ALL {
            world.sim.run_for(100);
            world.sim.revive(host);
        }
        assert!(world.run_to(60_000, &ALL, height + 3), "step {step}: no progress");
        check::running(&world.sim).unwrap();
        check::agreement(&world.sim).unwrap();
        assert_eq!(world.log.lock().forks(), [], "step {step}");
        assert_eq!(world.log.lock().liars(), BTreeMap::new(), "step {step}");
    }
    assert!(votes >= 50, "only {votes} votes to stand for");
}
