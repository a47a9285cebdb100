//! Bodies: whom they blame, and what they condemn.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_node::Event;
use isonomy_peer::{BODY_CHECK_MS, Message};
use isonomy_types::{Blob, Encode, Link};

fn condemned(world: &World) -> Vec<isonomy_crypto::Hash> {
    let id = |event: &Event| match event {
        Event::Condemned { id, .. } => Some(*id),
        _ => None,
    };
    world.events.iter().filter_map(id).collect()
}

/// Two peers that show the same block. Says which of them is asked for its body.
fn two_holders(world: &mut World, made: &Made) -> (Link, Link) {
    let links = [world.peer(1), world.peer(2)];
    links.iter().for_each(|link| world.show(*link, std::slice::from_ref(made)));
    world.run(Kind::Follow);
    world.settle();
    let asked = links.map(|link| world.heard(link).contains(&Message::GetBody { id: made.id() }));
    match asked {
        [true, false] => (links[0], links[1]),
        [false, true] => (links[1], links[0]),
        _ => panic!("{asked:?}"),
    }
}

#[test]
fn attack_50_a_refused_body_leaves_its_header_clean() {
    let mut forge = Forge::new();
    let made = forge.block(chain_id(), 3, vec![Tx::by(0, 0).send(1, 5).make()]);
    let other = forge.block(chain_id(), 4, vec![Tx::by(0, 0).send(1, 6).make()]);
    let bodies = [
        other.body.encode(),
        Vec::new(),
        vec![255; 100],
        [made.body.encode(), vec![0]].concat(),
        body(vec![Tx::by(0, 0).send(1, 5).signed_by(1).make()]).encode(),
    ];
    for bytes in bodies {
        let mut world = World::new(Setup::default());
        let (liar, honest) = two_holders(&mut world, &made);
        world.say(liar, Message::Body { id: made.id(), bytes: Blob::truncated(bytes) });
        world.run(Kind::Body);
        let why = world.why_closed(liar).unwrap();
        assert!(why.contains("not the body that its header commits"), "{why}");
        assert_eq!(world.heard(honest), [Message::GetBody { id: made.id() }], "asked at once");
        let bytes = Blob::truncated(made.body.encode());
        world.say(honest, Message::Body { id: made.id(), bytes });
        world.settle();
        assert_eq!((world.best(), condemned(&world)), (made.id(), Vec::new()));
        assert_eq!(world.why_closed(honest), None);
    }
}

#[test]
fn a_body_that_is_the_header_s_and_invalid_condemns_it_and_blames_nobody() {
    let forged = Tx::by(0, 0).send(1, 5);
    let stranger = isonomy_crypto::Hash::from_bytes([7; 32]);
    let invalid = [
        ("signature", forged.clone().for_chain(stranger).make()),
        ("nonce", Tx::by(0, 1).send(1, 5).make()),
        ("expired", Tx::by(0, 0).expires(0).send(1, 5).make()),
        ("policy", forged.clone().signed_by(1).make()),
        ("commits the state root", forged.make()),
    ];
    for (rule, transaction) in invalid {
        let mut forge = Forge::new();
        let bad = forge.bad_block(chain_id(), 3, vec![transaction]);
        let mut world = World::new(Setup::default());
        let link = world.peer(1);
        world.show(link, std::slice::from_ref(&bad));
        world.sync(link, std::slice::from_ref(&bad));
        assert_eq!((world.best(), condemned(&world)), (chain_id(), vec![bad.id()]));
        let why = world.events.iter().find_map(|event| match event {
            Event::Condemned { why, .. } => Some(why.clone()),
            _ => None,
        });
        assert!(why.clone().unwrap().contains(rule), "{rule}: {why:?}");
        assert_eq!(world.why_closed(link), None, "it may not have executed it yet");

        let good = forge.block(chain_id(), 4, vec![Tx::by(0, 0).send(1, 5).make()]);
        world.show(link, std::slice::from_ref(&good));
        world.sync(link, std::slice::from_ref(&good));
        assert_eq!(world.best(), good.id());
    }
}

#[test]
fn whoever_builds_on_a_condemned_block_is_hung_up_on() {
    let mut forge = Forge::new();
    let bad = forge.bad_block(chain_id(), 3, vec![Tx::by(0, 1).make()]);
    let on_it = forge.bad_block(bad.id(), 3, Vec::new());
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    world.show(link, std::slice::from_ref(&bad));
    world.sync(link, std::slice::from_ref(&bad));
    let late = world.peer(2);
    world.show(late, std::slice::from_ref(&on_it));
    assert!(world.why_closed(late).unwrap().contains("condemned"));
    let again = world.peer(3);
    world.show(again, std::slice::from_ref(&bad));
    assert!(world.why_closed(again).unwrap().contains("condemned"));
    assert_eq!((world.kinds(), condemned(&world)), (Vec::new(), vec![bad.id()]));
}

/// The second copy comes while the first is being checked.
#[test]
fn a_block_is_condemned_once() {
    let mut forge = Forge::new();
    let stranger = isonomy_crypto::Hash::from_bytes([7; 32]);
    let bad = forge.bad_block(chain_id(), 3, vec![Tx::by(0, 0).for_chain(stranger).make()]);
    let mut world = World::new(Setup::default());
    let (first, second) = two_holders(&mut world, &bad);
    let message = Message::Body { id: bad.id(), bytes: Blob::truncated(bad.body.encode()) };
    world.say(first, message.clone());
    world.wait(BODY_CHECK_MS - 1_000);
    world.heard(first);
    world.wait(2_000);
    let asks = Message::GetBody { id: bad.id() };
    let again = [first, second].into_iter().find(|link| world.heard(*link).contains(&asks));
    world.say(again.unwrap(), message);
    assert_eq!(world.kinds(), [Kind::Body, Kind::Body]);
    world.settle();
    assert_eq!(condemned(&world), [bad.id()]);
}

#[test]
fn the_bodies_of_a_long_branch_are_asked_of_many_and_executed_in_order() {
    let blocks = Forge::new().run(chain_id(), 3, 40);
    let mut world = World::new(Setup::default());
    let links = [world.peer(1), world.peer(2), world.peer(3)];
    for link in links {
        world.show(link, &blocks[39..]);
    }
    for _ in 0..100 {
        links.iter().for_each(|link| drop(world.serve(*link, &blocks, &[])));
        world.settle();
    }
    assert_eq!(world.best(), blocks[39].id());
    let bests = world.events.iter().filter_map(|event| match event {
        Event::Best { height, left, .. } => Some((*height, *left)),
        _ => None,
    });
    assert_eq!(bests.collect::<Vec<_>>(), (0..=40).map(|height| (height, 0)).collect::<Vec<_>>());
}

#[test]
fn a_body_that_nobody_has_does_not_hide_the_next_branch() {
    let mut forge = Forge::new();
    let (heavy, light) = (forge.run(chain_id(), 3, 3), forge.run(chain_id(), 4, 2));
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let told = world.peer(2);
    world.show(told, &heavy);
    world.show(link, &light);
    world.live(5_000, link, &light);
    assert_eq!(world.best(), light[1].id());
    world.sync(told, &heavy);
    world.live(60_000, told, &heavy);
    assert_eq!(world.best(), heavy[2].id());
}
