//! A restart goes on from the last flush and the log above it.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_chain::{Append, WAITING_BODY_BYTES_MAX};
use isonomy_consensus::{Ask, Input as Told, Output as Want};
use isonomy_ledger::Layer;
use isonomy_node::Event;
use isonomy_peer::{Direction, Hello, Message};
use isonomy_types::{Blob, Link, NodeKey, Params, Transaction};

/// A node that has followed `blocks`, all of it durable.
fn followed(setup: Setup, blocks: &[Made]) -> World {
    let mut world = World::new(setup);
    let link = world.peer(1);
    world.show(link, &blocks[blocks.len() - 1..]);
    world.sync(link, blocks);
    assert_eq!(world.best(), blocks.last().unwrap().id());
    world
}

fn restored(script: &common::Script) -> (Vec<Told>, Vec<Told>) {
    script.told().into_iter().partition(|told| matches!(told, Told::Restored { .. }))
}

#[test]
fn a_log_above_the_tip_comes_back_to_the_same_best_and_root() {
    let mut forge = Forge::new();
    let mut blocks = vec![forge.block(chain_id(), 3, vec![Tx::by(0, 0).send(1, 5).make()])];
    blocks.extend(forge.run(blocks[0].id(), 3, 20));
    for crash_at in 1..=blocks.len() {
        let world = followed(Setup::default(), &blocks[..crash_at]);
        let (best, root, flushed) = (world.best(), world.state_root(), world.medium.height());
        let log = world.medium.log.clone();
        let mut world = world.crash();
        assert_eq!(world.height(), flushed, "the flushed block is best until the log is executed");
        world.settle();
        assert_eq!((world.best(), world.state_root()), (best, root));
        assert_eq!(world.medium.log, log, "what is in the log is not appended again");
        let mut world = world.crash();
        world.settle();
        assert_eq!((world.best(), world.medium.log), (best, log), "and once more");
    }
}

/// Found at the start, before anything is built on it or shown to a peer.
#[test]
fn a_stored_state_that_changed_halts_the_node() {
    let blocks = Forge::new().run(chain_id(), 3, 20);
    let changes = [(&b"nobody's key"[..], Some(&b"value"[..])), (&[0, 1, 1], None)];
    for (key, value) in changes {
        let mut world = followed(Setup::default(), &blocks);
        assert!(world.medium.height() > 0);
        world.medium.rot(&Layer { writes: [(key.into(), value.map(Into::into))].into() });
        let commits = world.commits.len();
        let mut world = world.crash();
        let why = world.halt.clone().unwrap_or_default();
        assert!(why.starts_with("the stored state is damaged"), "{why:?}");
        assert!(why.ends_with("remove the data directory and sync again"), "{why:?}");
        assert!(world.node.halted());
        world.tick();
        assert!(world.commits.len() <= commits);
    }
}

#[test]
fn the_heavier_of_two_logged_branches_is_best_again_and_the_other_is_known() {
    let mut forge = Forge::new();
    let (light, heavy) = (forge.run(chain_id(), 3, 2), forge.run(chain_id(), 4, 3));
    let mut world = followed(Setup::default(), &light);
    let link = world.peer(2);
    world.show(link, &heavy);
    world.sync(link, &heavy);
    assert_eq!(world.best(), heavy[2].id());
    let left = |event: &Event| matches!(event, Event::Best { left: 1.., .. });
    assert!(world.events.iter().any(left), "{:?}", world.events);

    let mut world = world.crash();
    world.settle();
    assert_eq!(world.best(), heavy[2].id());
    let longer = forge.run(light[1].id(), 3, 3);
    let link = world.peer(3);
    world.show(link, &longer);
    world.sync(link, &[light, longer.clone()].concat());
    assert_eq!(world.best(), longer[2].id());
}

#[test]
fn flushes_go_on_after_a_restart_where_they_were() {
    let mut forge = Forge::new();
    let blocks = forge.run(chain_id(), 3, 24);
    let world = followed(Setup::default(), &blocks[..12]);
    let before = world.medium.height();
    let mut world = world.crash();
    world.settle();
    let link = world.peer(2);
    world.show(link, &blocks[23..]);
    world.sync(link, &blocks);
    assert_eq!((before, world.medium.height(), world.height()), (6, 18, 24));
}

#[test]
fn a_damaged_log_is_good_up_to_the_damage() {
    let mut forge = Forge::new();
    let blocks = forge.run(chain_id(), 3, 5);
    let mut world = followed(Setup { base_depth: 100, ..Setup::default() }, &blocks);
    let Append::Block { entry, .. } = &mut world.medium.log[2] else { panic!() };
    entry.header.producer = payee(7);
    let mut world = world.crash();
    world.settle();
    assert_eq!(world.best(), blocks[1].id());
    let link = world.peer(2);
    world.show(link, &blocks[4..]);
    world.sync(link, &blocks);
    assert_eq!(world.best(), blocks[4].id());
}

#[test]
fn records_come_back_to_the_engine_in_order() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    script.told();
    for (ask, byte) in [(4, 40), (5, 50), (6, 60)] {
        let record = Blob::truncated(vec![byte]);
        script.want(Want::Record { ask: Ask(ask), height: 9, record });
    }
    world.tick();
    script.told();
    assert_eq!(world.commits.len(), 3);
    for ask in [4, 5] {
        world.ack();
        assert_eq!(script.told(), [Told::Recorded { ask: Ask(ask) }]);
    }
    world.crash();
    let (restored, _) = restored(&script);
    let [Told::Restored { records, .. }] = &restored[..] else { panic!("{restored:?}") };
    assert_eq!(records, &[Blob::truncated(vec![40]), Blob::truncated(vec![50])]);
}

#[test]
fn a_certificate_learnt_after_its_block_comes_back() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let id = world.grow(&script, 1);
    let link = world.peer(1);
    let mut made = world.made(id);
    made.entry.certificate = Some(certificate(id));
    world.show(link, &[made]);
    world.settle();
    let certified = Told::Certified { id, certificate: certificate(id) };
    assert!(script.told().contains(&certified));

    let world = world.crash();
    let (restored, then) = restored(&script);
    assert_eq!((restored.len(), then), (1, vec![certified]));
    assert_eq!(world.node.chain().entry(&id).unwrap().certificate, Some(certificate(id)));
}

/// The certificate travels with the header, the body comes later: the log holds the certificate
/// where a store keeps it, beside or after its block.
#[test]
fn a_certificate_learnt_before_its_block_is_executed_comes_back() {
    let (setup, script) = Setup::scripted();
    let mut maker = World::new(setup);
    let id = maker.grow(&script, 1);
    let mut made = maker.made(id);
    made.entry.certificate = Some(certificate(id));

    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let link = world.peer(1);
    world.show(link, std::slice::from_ref(&made));
    script.want(Want::Want(vec![id]));
    world.settle();
    world.tick();
    world.sync(link, &[made]);
    assert_eq!(world.medium.logged(), [id]);
    let certified = Told::Certified { id, certificate: certificate(id) };
    assert!(script.told().contains(&certified));
    let place = |log: &[Append]| {
        let of = |append: &Append| matches!(append, Append::Certificate { .. });
        log.iter().position(of)
    };
    assert_ne!(place(&world.medium.log), Some(0), "a store drops what stands before its block");

    let world = world.crash();
    let (restored, then) = restored(&script);
    assert_eq!((restored.len(), then), (1, vec![certified]));
    assert_eq!(world.node.chain().entry(&id).unwrap().certificate, Some(certificate(id)));
}

/// All nodes may have gone down at once: then nobody else has the bodies.
#[test]
fn a_log_that_is_larger_than_what_may_wait_is_executed_without_help() {
    let still = Params { base_fee_ceiling: 1_000, ..Params::default() };
    let params = Params { body_bytes: 4 << 20, body_meter: 1 << 40, ..still };
    let first = first_block(params);
    let mut forge = Forge::on(&first);
    let heavy = |seq: u64| -> Transaction {
        let bytes = vec![7; 65_000];
        Tx::by(0, seq).act(9, bytes.clone()).act(9, bytes).meter(1 << 20).make()
    };
    let (mut parent, mut log, mut bytes, mut seq) = (first.tip.trail.id, Vec::new(), 0, 0);
    while bytes <= WAITING_BODY_BYTES_MAX + (8 << 20) {
        let body: Vec<_> = (seq..seq + 32).map(heavy).collect();
        (seq, bytes) = (seq + 32, bytes + 32 * 130_000);
        let made = forge.block(parent, 3, body);
        parent = made.id();
        log.push(Append::Block { entry: Box::new(made.entry), body: made.body });
    }
    let mut medium = Medium::on(&first);
    medium.append(log);
    let now = World::new(Setup::default()).now;
    let mut world = World::on(Setup { first, base_depth: 100, ..Setup::default() }, medium, now);
    world.run(Kind::Execute);
    let link = world.open(Link(1), Direction::Inbound, NodeKey([1; 32]), None);
    let Message::Hello(hello) = world.heard(link).remove(0) else { panic!() };
    world.say(link, Message::Hello(Hello { nonce: 1, ..hello }));
    world.settle();
    assert_eq!(world.best(), parent);
    let asks = |message: &Message| matches!(message, Message::GetBody { .. });
    assert!(!world.heard(link).iter().any(asks), "what is at hand");
}
