//! The committee changes, hosts crash, others join: everyone ends up with one proven history.
use crate::rotation::{self, CLERK, ROTATION, ask};
use crate::variants::{Variant, lagging, right};
use crate::world::{FIRST, SECOND, World, authority, secret};
use isonomy_crypto::PublicKey;
use isonomy_sim::{Settings, check};

pub(crate) const TURNOVER: u64 = 9;

fn settings(seed: u64) -> Settings {
    Settings { seed, loss_permille: 10, jitter_ms: 10, skew_ms: 50, ..Settings::default() }
}

/// Four validators and the one to come, past the turnover.
pub(crate) fn turned_over(seed: u64, variant: Variant) -> World {
    let mut world = World::new(settings(seed));
    for key in [1, 2, 3, 4, 5] {
        world.join(key, variant);
    }
    assert!(world.run_to(20_000, &[0, 1, 2, 3, 4], 2), "start");
    let owner = secret(77);
    world.sim.submit(4, ask(&world.genesis(), &owner, CLERK, TURNOVER)).unwrap();
    // Who asks the module itself is refused.
    world.sim.submit(4, ask(&world.genesis(), &secret(78), ROTATION, 3)).unwrap();
    assert!(world.run_to(60_000, &[0, 1, 2, 3, 4], TURNOVER + 4), "turnover");
    world
}

/// What must hold of any run of right engines.
fn judge(world: &World) {
    check::running(&world.sim).unwrap();
    check::blameless(&world.sim).unwrap();
    check::agreement(&world.sim).unwrap();
    assert_eq!(world.log.lock().forks(), []);
    assert_eq!(world.log.lock().liars().len(), 0);
    let replay = check::Replay::of(&world.sim).unwrap();
    replay.compare(&world.sim).unwrap();
    check::state(&world.sim, &replay).unwrap();
}

/// Who signed anything at these heights.
fn voters(world: &World, above: u64) -> Vec<PublicKey> {
    let statements = world.log.lock().statements();
    let mut keys: Vec<_> =
        statements.keys().filter(|(_, height, ..)| *height > above).map(|(key, ..)| *key).collect();
    keys.dedup();
    keys
}

fn keys(members: &[u8]) -> Vec<PublicKey> {
    authority(members).committee.members().iter().map(|member| member.key).collect()
}

#[test]
fn four_validators_change_their_committee_crash_and_are_joined() {
    let mut world = turned_over(1, right);
    world.sim.crash(2);
    assert!(world.run_to(60_000, &[0, 1, 3, 4], TURNOVER + 8), "three of four go on");
    world.sim.revive(2);
    assert!(world.run_to(60_000, &[0, 1, 2, 3, 4], TURNOVER + 14), "crash");

    let late = world.join(9, right);
    let goal = world.height(0) + 4;
    assert!(world.run_to(60_000, &[late, 0, 1, 2, 3, 4], goal), "late joiner");
    judge(&world);
    let finals = |host| world.log.lock().host(host).finals.clone();
    assert_eq!(finals(late).keys().copied().collect::<Vec<_>>(), (1..=goal).collect::<Vec<_>>());
    assert!(finals(0).iter().all(|(height, id)| finals(late).get(height).is_none_or(|o| o == id)));
    assert_eq!(voters(&world, TURNOVER), keys(&SECOND));

    // The joiner crashes too: it learnt its certificates together with the headers.
    world.sim.crash(late);
    world.sim.revive(late);
    assert!(world.run_to(60_000, &[late], goal + 6), "the joiner comes back");
    judge(&world);
}

#[test]
fn nested_calls_that_fail_leave_no_trace_on_any_host() {
    let world = turned_over(2, right);
    let replay = check::Replay::of(&world.sim).unwrap();
    let tip = world.sim.node(1).chain().best().id;
    let receipts = replay.branch(tip).flat_map(|(_, block)| &block.receipts);
    let receipts: Vec<_> = receipts.filter(|receipt| receipt.meter > 0).collect();
    assert_eq!(receipts.len(), 2);
    let (asked, refused) = match receipts[0].code {
        0 => (receipts[0], receipts[1]),
        _ => (receipts[1], receipts[0]),
    };
    assert_eq!(asked.code, 0);
    assert_eq!(asked.events.iter().collect::<Vec<_>>(), rotation::events(TURNOVER));
    assert_eq!((refused.code, refused.events.len()), (256 + 1, 0));

    let changed: Vec<u64> = replay
        .branch(tip)
        .filter(|(_, block)| block.header.next_authority != authority(&FIRST).hash())
        .map(|(_, block)| block.header.height)
        .collect();
    assert_eq!(changed.last(), Some(&TURNOVER), "at no other height that was ever named");
    replay.compare(&world.sim).unwrap();
}

#[test]
fn blocks_are_made_and_judged_on_a_parent_that_is_not_best() {
    let mut world = turned_over(4, lagging);
    world.sim.crash(1);
    world.sim.run_for(2_000);
    world.sim.revive(1);
    let goal = world.height(0) + 6;
    assert!(world.run_to(60_000, &[0, 1, 2, 3, 4], goal));
    judge(&world);
    for host in 0..5 {
        let log = world.log.lock();
        let finals = &log.host(host).finals;
        assert!(log.host(host).apart >= goal - 2, "host {host}: {}", log.host(host).apart);
        assert!(finals.len() as u64 >= goal, "final in the end");
    }
}
