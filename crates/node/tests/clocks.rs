//! Attack 47: no clock but our own decides when, and none at all decides whether.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_node::{Done, Input, Job};
use isonomy_peer::Message;
use isonomy_types::{List, Mono, Now, Wall};

const CLOCKS: [u64; 5] = [0, EPOCH_MS, START_MS, u64::MAX - 1, u64::MAX];

fn at(wall: u64) -> World {
    let setup = Setup::miner();
    let medium = Medium::on(&setup.first);
    World::on(setup, medium, Now { mono: Mono(0), wall: Wall(wall) })
}

#[test]
fn attack_47_a_verdict_on_a_header_is_the_same_at_any_time() {
    let blocks = Forge::new().run(chain_id(), 3, 2);
    let mut verdicts = Vec::new();
    for clock in CLOCKS {
        let mut world = at(clock);
        let link = world.peer(1);
        world.show(link, &blocks);
        if clock < blocks[1].entry.header.time.0 {
            assert!(!world.kinds().contains(&Kind::Follow), "it waits and is not refused");
            world.now.wall = Wall(START_MS);
            world.tick();
        }
        // Early ones come one by one.
        while let Some(place) = world.jobs.iter().position(|(_, job)| kind(job) == Kind::Follow) {
            let (id, Job::Follow(follow)) = world.jobs.remove(place).unwrap() else { panic!() };
            let followed = follow.run();
            verdicts.push((followed.valid.len(), followed.broken));
            world.done(id, Done::Followed(followed));
        }
        assert_eq!(world.why_closed(link), None);
        assert!(world.node.chain().header(&blocks[1].id()).is_some(), "at {clock}");
    }
    assert!(verdicts.iter().all(|(_, broken)| broken.is_none()), "{verdicts:?}");
}

#[test]
fn attack_47_what_peers_claim_moves_no_clock() {
    let mut forge = Forge::new();
    let far = forge.block_at(chain_id(), 3, Wall(u64::MAX), Vec::new());
    let mut quiet = at(START_MS);
    let mut told = at(START_MS);
    for n in 1..20 {
        let link = told.open(
            isonomy_types::Link(n),
            isonomy_peer::Direction::Inbound,
            isonomy_types::NodeKey([n as u8; 32]),
            None,
        );
        told.say(link, hello(n, u64::MAX));
        told.show(link, std::slice::from_ref(&far));
    }
    let times = [&mut quiet, &mut told].map(|world| {
        let id = world.mine();
        world.node.chain().header(&id).unwrap().time
    });
    assert_eq!(times, [Wall(START_MS); 2]);
    assert_eq!(told.node.sync().target(), u64::MAX, "a claim, and called one");
    assert_eq!(told.height(), 1);
}

#[test]
fn attack_47_extreme_clocks_break_nothing() {
    for clock in CLOCKS {
        let mut world = at(clock);
        let link = world.peer(1);
        world.mine();
        let time = world.node.chain().best().time;
        assert!(time > Wall(EPOCH_MS) && time >= Wall(clock), "{time:?} at {clock}");
        world.say(link, Message::GetHeaders { locator: List::truncated(vec![chain_id()]) });
        for (mono, wall) in [(5, 0), (4, u64::MAX), (9, 7), (u64::MAX, 0), (u64::MAX, u64::MAX)] {
            world.now = Now { mono: Mono(mono), wall: Wall(wall) };
            world.input(Input::Tick);
        }
        assert_eq!((world.height(), world.halt), (1, None));
    }
}
