//! A block of one's own is durable before anyone can see it.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::{Ask, Input as Told, Output as Want};
use isonomy_crypto::Hash;
use isonomy_peer::Message;
use isonomy_types::{Blob, Link, List};

/// A miner whose block is sealed and handed to the store, and a peer that listens.
fn sealed() -> (World, Link) {
    let mut world = World::new(Setup::miner());
    let link = world.peer(1);
    world.run(Kind::Template);
    while world.commits.is_empty() {
        world.run(Kind::Mine);
    }
    (world, link)
}

#[test]
fn a_block_leaves_once_it_is_durable_and_not_before() {
    let (mut world, link) = sealed();
    world.wait(500);
    assert_eq!((world.heard(link), world.height()), (Vec::new(), 0));
    world.ack();
    assert_eq!(world.height(), 1);
    let [Message::NewHeaders { entries }] = &world.heard(link)[..] else { panic!() };
    assert_eq!(entries[0].header.id(), world.best());
    assert_eq!(world.medium.logged(), [world.best()]);
}

#[test]
fn until_then_nobody_who_asks_is_told_of_it() {
    let (mut world, link) = sealed();
    world.say(link, Message::GetHeaders { locator: List::truncated(vec![chain_id()]) });
    assert_eq!(world.heard(link), [Message::Headers { entries: List::default() }]);
    let late = world.peer(2);
    world.ack();
    let told = world.heard(late);
    assert!(matches!(&told[..], [Message::NewHeaders { .. }]), "{told:?}");
    world.say(link, Message::GetHeaders { locator: List::truncated(vec![chain_id()]) });
    let heard = world.heard(link);
    let [_, Message::Headers { entries }] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(entries.len(), 1);
}

#[test]
fn after_a_crash_before_it_was_durable_it_never_was() {
    let (world, _) = sealed();
    let mut world = world.crash();
    assert_eq!((world.height(), world.medium.logged()), (0, Vec::new()));
    let link = world.peer(2);
    world.say(link, Message::GetHeaders { locator: List::truncated(vec![chain_id()]) });
    assert_eq!(world.heard(link), [Message::Headers { entries: List::default() }]);
    let next = world.mine();
    assert_eq!((world.height(), world.medium.logged()), (1, vec![next]));
}

#[test]
fn after_a_crash_once_it_was_durable_it_is_there() {
    let (mut world, _) = sealed();
    world.ack();
    let (best, root) = (world.best(), world.state_root());
    let mut world = world.crash();
    world.settle();
    assert_eq!((world.best(), world.state_root()), (best, root));
}

#[test]
fn the_block_of_another_is_shown_before_it_is_durable() {
    let mut world = World::new(Setup::default());
    let (from, to) = (world.peer(1), world.peer(2));
    let made = Forge::new().block(chain_id(), 3, Vec::new());
    world.show(from, std::slice::from_ref(&made));
    world.run(Kind::Follow);
    world.serve(from, std::slice::from_ref(&made), &[]);
    world.run(Kind::Body);
    world.run(Kind::Execute);
    assert_eq!((world.best(), world.commits.len()), (made.id(), 1));
    assert!(matches!(&world.heard(to)[..], [Message::NewHeaders { .. }]));
    assert_eq!(world.heard(from), Vec::new(), "who showed it is not shown it");
}

/// Under an engine moved by hand: a template, and what it was told of it.
fn proposed(script: &common::Script, world: &mut World, ask: u64) -> isonomy_types::Header {
    script.want(Want::Propose { ask: Ask(ask), parent: world.best() });
    world.tick();
    world.run(Kind::Template);
    let proposed = script.told().into_iter().find_map(|told| match told {
        Told::Proposed { ask: of, header } if of == Ask(ask) => Some(*header),
        _ => None,
    });
    proposed.unwrap()
}

#[test]
fn the_engine_hears_that_its_block_is_executed_once_it_is_durable() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let mut header = proposed(&script, &mut world, 7);
    header.seal = Blob::truncated(vec![1]);
    script.want(Want::Seal { ask: Ask(7), seal: header.seal.clone() });
    world.tick();
    let told = |script: &common::Script, id: Hash| {
        let told = script.told().into_iter();
        let executed = |told: &Told| matches!(told, Told::Executed { id: of, .. } if *of == id);
        told.filter(executed).count()
    };
    assert_eq!(told(&script, header.id()), 0);
    world.ack();
    assert_eq!(told(&script, header.id()), 1);
    world.tick();
    assert_eq!(told(&script, header.id()), 0, "once");
}

#[test]
fn an_engine_that_cannot_have_its_block_is_told_so() {
    let failed =
        |script: &common::Script, ask: u64| script.told().contains(&Told::Failed { ask: Ask(ask) });
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    script.want(Want::Propose { ask: Ask(1), parent: Hash::ZERO });
    world.tick();
    assert!(failed(&script, 1), "no such parent");

    proposed(&script, &mut world, 2);
    script.want(Want::Seal { ask: Ask(2), seal: Blob::default() });
    world.tick();
    assert!(failed(&script, 2), "a seal that the rules refuse");

    script.want(Want::Seal { ask: Ask(3), seal: Blob::truncated(vec![1]) });
    world.tick();
    assert!(failed(&script, 3), "no such template");
    assert!(world.commits.is_empty());
}

#[test]
fn templates_are_kept_for_the_newest_asks_alone() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let asks = isonomy_node::TEMPLATES_MAX as u64 + 1;
    for ask in 1..=asks {
        proposed(&script, &mut world, ask);
    }
    for ask in 1..=asks {
        script.want(Want::Seal { ask: Ask(ask), seal: Blob::truncated(vec![ask as u8]) });
    }
    world.tick();
    assert_eq!(world.commits.len(), isonomy_node::TEMPLATES_MAX);
    assert!(script.told().contains(&Told::Failed { ask: Ask(1) }));
}

#[test]
fn a_cancelled_template_cannot_be_sealed() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    proposed(&script, &mut world, 1);
    script.want(Want::Cancel { ask: Ask(1) });
    script.want(Want::Seal { ask: Ask(1), seal: Blob::truncated(vec![1]) });
    world.tick();
    assert!(world.commits.is_empty());
}
