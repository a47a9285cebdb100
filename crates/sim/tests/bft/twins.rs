//! One key in two hands: two hosts that are each honest and know nothing of each other.
use crate::rules::Signed;
use crate::variants::right;
use crate::world::{World, secret};
use isonomy_crypto::PublicKey;
use isonomy_node::Event;
use isonomy_sim::{Dice, Settings, check};
use isonomy_types::Decode;
use std::collections::BTreeSet;

/// Hosts 0, 1 and 2 are honest; both 3 and 4 are validator 4.
const HONEST: [usize; 3] = [0, 1, 2];
/// Splits of one run, and how long each lasts.
const SPLITS: usize = 6;
const SPLIT_MS: u64 = 4_000;

fn run(seed: u64, keys: &[u8]) -> World {
    let mut world = World::new(Settings { seed, latency_ms: (10, 90), ..Settings::default() });
    for key in keys {
        world.join(*key, right);
    }
    let mut dice = Dice::new(seed, "splits");
    world.sim.run_for(2_000);
    for _ in 0..SPLITS {
        let mut sides = vec![Vec::new(), Vec::new()];
        (0..keys.len()).for_each(|host| sides[usize::from(dice.chance(500))].push(host));
        world.sim.split(&sides);
        world.sim.run_for(SPLIT_MS);
        world.sim.heal();
        world.sim.run_for(dice.between(0, 2_000));
    }
    world
}

fn accused(world: &World) -> BTreeSet<PublicKey> {
    let log = world.log.lock();
    (0..world.sim.hosts().len()).flat_map(|host| log.host(host).accused.clone()).collect()
}

#[test]
fn attack_52_equivocating_validator() {
    let twin = secret(4).public();
    let (mut lies, mut charges) = (0, 0);
    for seed in 0..8 {
        let mut world = run(seed, &[1, 2, 3, 4, 4]);
        let height = HONEST.iter().map(|host| world.height(*host)).max().unwrap();
        let before = world.rounds(height + 1);
        assert!(world.run_to(60_000, &HONEST, height + 3), "seed {seed} does not go on");
        let views = world.rounds(height + 1) - before + world.rounds(height + 2);
        assert!(views <= 10, "seed {seed}: {views} views after healing");
        check::running(&world.sim).unwrap();
        check::blameless(&world.sim).unwrap();
        check::agreement(&world.sim).unwrap();
        assert_eq!(world.log.lock().forks(), [], "seed {seed}");

        let liars = world.log.lock().liars();
        assert!(liars.keys().all(|key| *key == twin), "seed {seed}: {liars:?}");
        let accused = accused(&world);
        assert!(accused.iter().all(|key| *key == twin), "seed {seed}: {accused:?}");
        (lies, charges) = (lies + liars.len(), charges + accused.len());
    }
    assert!(lies >= 6, "only {lies} runs had an equivocation to survive");
    assert!(charges >= 6, "only {charges} runs gave evidence");
}

#[test]
fn two_twins_of_four_are_too_many_and_the_harness_sees_it() {
    let twins = BTreeSet::from([3, 4].map(|byte| secret(byte).public()));
    let worlds: Vec<World> = (0..4).map(|seed| run(seed, &[1, 2, 3, 3, 4, 4])).collect();
    let forked = |world: &&World| !world.log.lock().forks().is_empty();
    let unsafe_runs: Vec<_> = worlds.iter().filter(forked).collect();
    assert!(!unsafe_runs.is_empty(), "no harm done");
    assert!(unsafe_runs.iter().all(|world| check::agreement(&world.sim).is_err()));
    assert!(worlds.iter().all(|world| accused(world).is_subset(&twins)));
}

#[test]
fn attack_52_evidence_proves_itself() {
    let world = run(0, &[1, 2, 3, 4, 4]);
    let mut proofs = 0;
    let events = HONEST.iter().flat_map(|host| world.sim.host(*host).events());
    for (_, event) in events {
        let Event::Evidence { offender, proof } = event else { continue };
        let (one, other) = <(Signed, Signed)>::decode_exact(proof).unwrap();
        let (a, b) = (one.statement, other.statement);
        assert_eq!((one.key, other.key), (*offender, *offender));
        assert_eq!((a.height, a.round, a.phase), (b.height, b.round, b.phase));
        assert_ne!(a.what, b.what);
        assert_eq!((one.claim().verify(), other.claim().verify()), (Ok(()), Ok(())));
        proofs += 1;
    }
    assert!(proofs > 0, "nobody saw anything");
}
