//! A world in which one validator crashes at a chosen moment of its engine's life, between two facts
//! that it learns, while another validator is two.
use crate::rules::Phase;
use crate::variants::{Variant, right};
use crate::world::{FIRST, World, leads, secret};
use isonomy_crypto::PublicKey;
use isonomy_sim::{Settings, check};
use std::collections::BTreeMap;

/// The height that the victim leads, and the one that the twins lead.
const VICTIM_LEADS: u64 = 2;
const TWINS_LEAD: u64 = 3;
/// Hosts 0 to 2 are honest, 0 is the victim; 3 and 4 share the fourth key.
const HONEST: [usize; 3] = [0, 1, 2];
/// What the honest hosts must reach afterwards.
const GOAL: u64 = TWINS_LEAD + 3;
/// Milliseconds until it starts again, in turn: one, so that what is under way arrives; and many.
const DOWN_MS: [u64; 2] = [1, 700];
/// How long the others are kept apart after the crash, in a two-faced world.
const APART_MS: u64 = 6_000;

/// What stands around the crash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Scene {
    /// Everyone hears everyone.
    Open,
    /// Before the crash the victim hears one twin and one honest validator, which together with it
    /// are enough; after it the others, which with it are enough too.
    TwoFaced,
}

/// What one crash came to.
pub(crate) struct Outcome {
    /// Honest keys that signed two different things, and the first such case.
    pub(crate) liars: BTreeMap<PublicKey, (u64, u32, Phase)>,
    /// Whether something was not yet durable when it crashed, or signed and not yet said.
    pub(crate) recording: bool,
    pub(crate) signing: bool,
    pub(crate) agreed: bool,
    pub(crate) live: bool,
}

/// One world, in which the crash can come at any moment.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) scene: Scene,
    pub(crate) victim: Variant,
}

fn world(seed: u64, victim: Variant) -> World {
    let settings = Settings { seed, latency_ms: (5, 40), sync_ms: 60, ..Settings::default() };
    let mut world = World::new(settings);
    let (first, twin) = (leads(VICTIM_LEADS, 0), leads(TWINS_LEAD, 0));
    world.join(first, victim);
    let others = FIRST.into_iter().filter(|key| *key != first && *key != twin);
    for key in others.chain([twin, twin]) {
        world.join(key, right);
    }
    world
}

/// Runs until the victim's engine has learnt so many facts. Whether that was within the window,
/// which ends with the victim's final block of the twins' height.
fn run_to_fact(world: &mut World, scene: Scene, fact: u64) -> bool {
    if scene == Scene::TwoFaced {
        assert!(world.run_to(60_000, &[0], TWINS_LEAD - 1));
        world.sim.split(&[vec![0, 1, 3], vec![2, 4]]);
    }
    let log = world.log.clone();
    let reached = || log.lock().host(0).facts >= fact;
    let over = || log.lock().height(0) >= TWINS_LEAD;
    assert!(world.sim.run_until(60_000, |_| reached() || over()));
    reached()
}

/// `None` if the window has no such moment.
fn crash_after(fact: u64, case: Case) -> Option<Outcome> {
    let Case { seed, scene, victim } = case;
    let mut world = world(seed, victim);
    if !run_to_fact(&mut world, scene, fact) {
        return None;
    }
    let log = world.log.clone();
    let recording = !log.lock().host(0).recording.is_empty();
    let signing = !log.lock().host(0).signing.is_empty();
    world.sim.crash(0);
    match scene {
        Scene::Open => {
            world.sim.run_for(DOWN_MS[(fact % 2) as usize]);
            world.sim.revive(0);
        }
        Scene::TwoFaced => {
            world.sim.split(&[vec![0, 2, 4], vec![1, 3]]);
            world.sim.revive(0);
            [2, 4].into_iter().for_each(|other| world.sim.connect(0, other));
            world.sim.run_for(APART_MS);
            world.sim.heal();
        }
    }
    let live = world.run_to(60_000, &HONEST, GOAL);
    check::running(&world.sim).unwrap();
    check::blameless(&world.sim).unwrap();
    let agreed = log.lock().forks().is_empty();
    assert_eq!(agreed, check::agreement(&world.sim).is_ok());
    let mut liars = log.lock().liars();
    liars.remove(&secret(leads(TWINS_LEAD, 0)).public());
    Some(Outcome { liars, recording, signing, agreed, live })
}

/// Every moment of the window: of the heights that the victim and the twins lead; in a two-faced
/// world of the second alone.
pub(crate) fn crashes(case: Case) -> impl Iterator<Item = (u64, Outcome)> {
    let begin = match case.scene {
        Scene::Open => VICTIM_LEADS,
        Scene::TwoFaced => TWINS_LEAD,
    };
    let mut before = world(case.seed, case.victim);
    assert!(before.run_to(60_000, &[0], begin - 1));
    let first = before.log.lock().host(0).facts;
    (first..).map_while(move |fact| Some((fact, crash_after(fact, case)?)))
}
