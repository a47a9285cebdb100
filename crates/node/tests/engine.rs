//! What passes between the engine and the world.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::{Ask, Input as Told, Output as Want};
use isonomy_crypto::{Claim, Hash, Signature};
use isonomy_node::Event;
use isonomy_peer::Message;
use isonomy_types::{Blob, EngineMessage};

fn message(n: u8) -> EngineMessage {
    Blob::truncated(vec![n; 3])
}

fn scripted() -> (World, Script) {
    let (setup, script) = Setup::scripted();
    let world = World::new(setup);
    (world, script)
}

fn want(world: &mut World, script: &Script, want: Want) {
    script.want(want);
    world.tick();
}

#[test]
fn it_is_restored_first_with_the_tip_and_what_stands_above() {
    let (mut world, script) = scripted();
    let [Told::Restored { tip, above, records, .. }] = &script.told()[..] else { panic!() };
    assert_eq!((tip, above.len(), records.len()), (&genesis().tip.trail, 0, 0));
    let ids = [world.grow(&script, 1), world.grow(&script, 2)];
    script.told();
    world.crash();
    let [Told::Restored { tip, above, .. }] = &script.told()[..] else { panic!() };
    let above: Vec<_> = above.iter().map(|trail| trail.id).collect();
    assert_eq!((tip.id, &above[..]), (chain_id(), &ids[..]));
}

#[test]
fn messages_go_to_one_or_to_all_and_come_from_ready_peers() {
    let (mut world, script) = scripted();
    let links = [world.peer(1), world.peer(2)];
    want(&mut world, &script, Want::Send { link: links[0], message: message(1) });
    let heard = links.map(|link| world.heard(link));
    assert_eq!(heard, [vec![Message::Engine { message: message(1) }], vec![]]);

    let (key, expires) = (Hash::from_bytes([7; 32]), world.now.mono.plus(1_000));
    for _ in 0..2 {
        want(&mut world, &script, Want::Relay { key, expires, message: message(2) });
    }
    let heard = links.map(|link| world.heard(link));
    let once = || vec![Message::Engine { message: message(2) }];
    assert_eq!(heard, [once(), once()], "once for each key");

    script.told();
    world.say(links[1], Message::Engine { message: message(3) });
    assert_eq!(script.told(), [Told::Message { from: links[1], message: message(3) }]);
}

#[test]
fn whom_it_blames_is_hung_up_on() {
    let (mut world, script) = scripted();
    let link = world.peer(1);
    want(&mut world, &script, Want::Blame { link, why: "voted twice" });
    assert!(world.why_closed(link).unwrap().contains("voted twice"));
    want(&mut world, &script, Want::Blame { link, why: "again" });
    assert_eq!(world.closed.len(), 1);
}

#[test]
fn evidence_is_told_to_those_who_watch() {
    let (mut world, script) = scripted();
    let (offender, proof) = (secret(3).public(), Blob::truncated(vec![1, 2]));
    want(&mut world, &script, Want::Evidence { offender, proof: proof.clone() });
    assert_eq!(world.events.last(), Some(&Event::Evidence { offender, proof }));
}

#[test]
fn signatures_are_made_and_checked_by_the_host() {
    let (mut world, script) = scripted();
    script.told();
    let (digest, key) = (Hash::from_bytes([5; 32]), secret(0).public());
    want(&mut world, &script, Want::Sign { ask: Ask(1), key, digest });
    world.settle();
    let stranger = secret(1).public();
    want(&mut world, &script, Want::Sign { ask: Ask(2), key: stranger, digest });
    world.settle();
    let told = script.told();
    let signed = told.iter().filter_map(|told| match told {
        Told::Signed { ask, signature } => Some((*ask, *signature)),
        _ => None,
    });
    let [(Ask(1), Some(signature)), (Ask(2), None)] = signed.collect::<Vec<_>>()[..] else {
        panic!("{told:?}")
    };
    let good = Claim { key, digest, signature };
    let bad = Claim { signature: Signature::from_bytes([9; 64]), ..good };
    for (ask, claims) in [(3, vec![good]), (4, vec![good, bad])] {
        want(&mut world, &script, Want::Verify { ask: Ask(ask), claims });
        world.settle();
    }
    let told = script.told();
    let verified = told.iter().filter_map(|told| match told {
        Told::Verified { ask, valid } => Some((*ask, *valid)),
        _ => None,
    });
    assert_eq!(verified.collect::<Vec<_>>(), [(Ask(3), true), (Ask(4), false)]);
}

#[test]
fn what_it_no_longer_asks_is_cancelled_and_not_answered() {
    let (mut world, script) = scripted();
    let sign = Want::Sign { ask: Ask(1), key: secret(0).public(), digest: Hash::ZERO };
    want(&mut world, &script, sign);
    let (id, done) = world.work(Kind::Sign);
    want(&mut world, &script, Want::Cancel { ask: Ask(1) });
    assert_eq!(world.cancelled, [id]);
    script.told();
    world.done(id, done);
    assert_eq!(script.told(), []);
}

#[test]
fn best_is_not_moved_to_what_has_no_state() {
    let (mut world, script) = scripted();
    for id in [Hash::ZERO, Hash::from_bytes([1; 32])] {
        want(&mut world, &script, Want::Best(id));
        want(&mut world, &script, Want::Base(id));
        want(&mut world, &script, Want::Announce(id));
        want(&mut world, &script, Want::Want(vec![id]));
    }
    world.wait(3_000);
    assert_eq!((world.best(), world.commits.len()), (chain_id(), 0));
}

#[test]
fn it_can_halt_the_node() {
    let (mut world, script) = scripted();
    want(&mut world, &script, Want::Halt { why: "no quorum is left".into() });
    assert_eq!(world.halt.as_deref(), Some("no quorum is left"));
}
