//! What is handed to the store, and what waits for it.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::{Ask, Output as Want};
use isonomy_node::{COMMIT_BYTES_MAX, Event, Input, JOB_DEADLINE_MS, Ticket};
use isonomy_types::{Blob, Link};

/// A node that flushes early, and a peer with blocks for it.
fn eager(count: usize) -> (World, Link, Vec<Made>) {
    let blocks = Forge::new().run(chain_id(), 3, count);
    let setup = Setup { base_depth: 2, flush_blocks: 1, ..Setup::default() };
    let mut world = World::new(setup);
    let link = world.peer(1);
    world.show(link, &blocks[count - 1..]);
    (world, link, blocks)
}

/// Executes what can be; no write is acknowledged.
fn import(world: &mut World, link: Link, blocks: &[Made]) {
    for _ in 0..1_000 {
        world.serve(link, blocks, &[]);
        let Some(kind) = world.kinds().first().copied() else { return };
        world.run(kind);
    }
}

fn flushes(world: &World) -> usize {
    world.commits.iter().filter(|commit| commit.flush.is_some()).count()
}

#[test]
fn one_flush_is_in_flight_and_the_base_moves_when_it_is_durable() {
    let (mut world, link, blocks) = eager(12);
    import(&mut world, link, &blocks);
    assert_eq!((world.height(), flushes(&world)), (12, 1));
    let first = world.commits.iter().position(|commit| commit.flush.is_some()).unwrap();
    assert_eq!(first, 3, "behind the log: after the block that made it worth a flush");
    for _ in 0..first {
        world.ack();
        assert_eq!(world.node.chain().base().height, 0);
    }
    world.ack();
    assert_eq!(world.node.chain().base().height, 1);
    assert_eq!(flushes(&world), 1, "the next one holds all that was settled meanwhile");
    while !world.commits.is_empty() {
        assert!(flushes(&world) <= 1);
        world.ack();
    }
    assert_eq!(world.node.chain().base().height, 10);
    let flushed = world.events.iter().filter_map(|event| match event {
        Event::Flushed { height, .. } => Some(*height),
        _ => None,
    });
    assert_eq!(flushed.collect::<Vec<_>>(), [1, 10]);
}

#[test]
fn a_flush_waits_until_it_is_worth_it() {
    let (mut world, link, blocks) = eager(12);
    world.setup.flush_blocks = 4;
    let mut world = World::new(world.setup);
    world.peer(1);
    world.show(link, &blocks[11..]);
    world.sync(link, &blocks);
    let flushed = world.events.iter().filter_map(|event| match event {
        Event::Flushed { height, .. } => Some(*height),
        _ => None,
    });
    assert_eq!(flushed.collect::<Vec<_>>(), [4, 8]);
}

#[test]
fn blocks_go_on_from_the_flushed_state() {
    let mut forge = Forge::new();
    let mut blocks = Vec::new();
    let mut parent = chain_id();
    for seq in 0..10 {
        blocks.push(forge.block(parent, 3, vec![Tx::by(0, seq).send(1, 5).make()]));
        parent = blocks.last().unwrap().id();
    }
    let setup = Setup { base_depth: 1, flush_blocks: 1, ..Setup::default() };
    let mut world = World::new(setup);
    let link = world.peer(1);
    for made in &blocks {
        world.show(link, std::slice::from_ref(made));
        world.sync(link, &blocks);
        assert_eq!(world.best(), made.id());
    }
    assert_eq!(world.medium.height(), 9);
    assert_eq!(world.state_root(), blocks[9].entry.header.state_root);
}

#[test]
fn a_store_that_fails_halts_the_node_with_its_reason() {
    let (mut world, link, blocks) = eager(3);
    import(&mut world, link, &blocks);
    world.input(Input::StoreFailed { why: "the disk is full".into() });
    assert_eq!(world.halt.as_deref(), Some("the store failed: the disk is full"));
    assert!(world.node.halted());
    assert_eq!(world.node.deadline(), None);
    world.ack();
    world.show(link, &blocks);
    world.wait(JOB_DEADLINE_MS);
    world.tick();
}

#[test]
fn a_halt_is_the_last_that_is_heard() {
    let seeds = vec![place(1), place(2)];
    let mut world = World::new(Setup { seeds, outbound: 2, ..Setup::miner() });
    world.turn_clock(JOB_DEADLINE_MS);
    world.input(Input::StoreFailed { why: "gone".into() });
    assert!(world.halt.is_some(), "and nothing after it: no cancelled job, no dial");
}

#[test]
fn a_flush_acknowledged_without_its_state_halts() {
    let (mut world, link, blocks) = eager(6);
    import(&mut world, link, &blocks);
    let place = world.commits.iter().position(|commit| commit.flush.is_some()).unwrap();
    let ticket = world.commits[place].ticket;
    world.input(Input::Committed { ticket, view: None });
    assert!(world.halt.as_deref().unwrap().contains("without its view"), "{:?}", world.halt);
}

#[test]
fn acknowledgements_of_nothing_change_nothing() {
    let (mut world, link, blocks) = eager(3);
    import(&mut world, link, &blocks);
    let (before, commits) = (world.trace.len(), world.commits.len());
    let view = world.node.chain().view(&world.best());
    world.input(Input::Committed { ticket: Ticket(999), view });
    world.input(Input::Committed { ticket: Ticket(0), view: None });
    assert_eq!((world.trace.len(), world.commits.len()), (before, commits));
    let first = world.commits[0].ticket;
    world.ack();
    world.input(Input::Committed { ticket: first, view: None });
    assert_eq!(world.node.chain().base().height, 0);
}

#[test]
fn a_store_that_is_far_behind_stops_import_until_it_has_caught_up() {
    let (setup, script) = Setup::scripted();
    let mut maker = World::new(setup);
    let id = maker.grow(&script, 1);
    let made = maker.made(id);

    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let link = world.peer(1);
    let record = Blob::truncated(vec![7; 65_536]);
    for ask in 0..(COMMIT_BYTES_MAX / 65_536) as u64 {
        script.want(Want::Record { ask: Ask(ask), height: 1, record: record.clone() });
    }
    script.want(Want::Want(vec![id]));
    world.show(link, std::slice::from_ref(&made));
    world.run(Kind::Follow);
    script.want(Want::Want(vec![id]));
    world.tick();
    world.serve(link, &[made], &[]);
    world.run(Kind::Body);
    world.wait(5_000);
    assert_eq!(world.kinds(), [], "the body is here, and waits");
    let held = world.commits.len();
    world.ack();
    assert_eq!((world.kinds(), world.commits.len()), (vec![Kind::Execute], held - 1));
}

#[test]
fn what_is_final_is_told_and_flushed_with_its_certificate() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let ids: Vec<_> = (1..=3).map(|ask| world.grow(&script, ask)).collect();
    let proof = Some(certificate(ids[1]));
    script.want(Want::Final { id: ids[1], certificate: proof.clone() });
    world.tick();
    world.settle();
    assert_eq!((world.medium.height(), world.height()), (2, 3));
    assert!(world.events.contains(&Event::Final { id: ids[1] }));
    assert_eq!(world.medium.recover().tip.certificate, proof);
    script.want(Want::Final { id: ids[2], certificate: None });
    world.tick();
    world.settle();
    assert_eq!(world.medium.height(), 2, "one block is not worth a flush here");
}

/// An engine may know that a block is final before the block is executed here.
#[test]
fn what_was_final_before_it_was_best_is_flushed_once_it_is() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(Setup { flush_blocks: 1, ..setup });
    let first = world.grow(&script, 1);
    script.want(Want::Propose { ask: Ask(2), parent: first });
    world.tick();
    world.run(Kind::Template);
    script.want(Want::Seal { ask: Ask(2), seal: Blob::truncated(vec![1]) });
    world.tick();
    world.settle();
    let second = world.medium.logged()[1];
    script.want(Want::Final { id: second, certificate: None });
    world.tick();
    world.settle();
    assert_eq!((world.best(), world.medium.height()), (first, 0));
    script.want(Want::Best(second));
    world.tick();
    world.settle();
    assert_eq!((world.best(), world.medium.height()), (second, 2));
}
