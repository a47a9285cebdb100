//! How far a node says it is, and whom it asks for headers.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_node::{CATCHING_UP_BLOCKS, Sync};
use isonomy_peer::{Direction, Message, PATIENCE_MS};
use isonomy_types::{Link, List, NodeKey};

/// How often a link was asked for headers since this was last asked.
fn asked(world: &mut World, link: Link) -> usize {
    let heard = world.heard(link);
    heard.iter().filter(|message| matches!(message, Message::GetHeaders { .. })).count()
}

/// Links that say hello and no more.
fn greeted(world: &mut World, claims: &[u64]) -> Vec<Link> {
    let open = |(index, height): (usize, &u64)| {
        let n = 50 + index as u64;
        let link = world.open(Link(n), Direction::Inbound, NodeKey([n as u8; 32]), None);
        world.say(link, hello(n, *height));
        link
    };
    claims.iter().enumerate().map(open).collect()
}

#[test]
fn no_minority_of_claims_moves_the_target() {
    // (what, claims, headers known, target)
    let table: [(&str, &[u64], u64, u64); 6] = [
        ("nobody is there", &[], 0, 0),
        ("one is all there is", &[90], 0, 90),
        ("one liar among three", &[10, u64::MAX, 11], 0, 11),
        ("two liars among five", &[10, u64::MAX, 11, u64::MAX, 12], 0, 12),
        ("those who claim less", &[0, 0, 0, 40, 41], 0, 0),
        ("headers count whatever is claimed", &[0, 0, 0], 7, 7),
    ];
    for (what, claims, headers, target) in table {
        let got = Sync { height: 0, headers, ..claim(claims) };
        assert_eq!(got.target(), target, "{what}");
        assert_eq!(got.is_catching_up(), target > CATCHING_UP_BLOCKS, "{what}");
    }
}

fn claim(claims: &[u64]) -> Sync {
    let mut world = World::new(Setup::default());
    greeted(&mut world, claims);
    world.node.sync()
}

#[test]
fn a_node_tells_headers_bodies_and_blocks_apart() {
    let blocks = Forge::new().run(chain_id(), 3, 20);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    assert_eq!(world.node.sync().behind(), 0);
    world.show(link, &blocks[..8]);
    world.settle();
    let sync = world.node.sync();
    assert_eq!((sync.height, sync.headers, sync.bodies), (0, 8, 0));
    assert_eq!((sync.target(), sync.behind()), (8, 8));
    world.sync(link, &blocks);
    let sync = world.node.sync();
    assert!(sync.height >= 8 && sync.bodies == 0 && !sync.is_catching_up());
}

#[test]
fn headers_are_asked_of_one_at_a_time() {
    let mut world = World::new(Setup::default());
    let links = greeted(&mut world, &[30, 30, 30]);
    let first: Vec<usize> = links.iter().map(|link| asked(&mut world, *link)).collect();
    assert_eq!(first, [1, 0, 0]);
    // It has no more: the next has its turn.
    world.say(links[0], Message::Headers { entries: List::default() });
    let second: Vec<usize> = links.iter().map(|link| asked(&mut world, *link)).collect();
    assert_eq!(second, [0, 1, 0]);
    // It is gone.
    world.close(links[1]);
    assert_eq!(asked(&mut world, links[2]), 1);
}

#[test]
fn who_is_slow_with_headers_is_overtaken_and_heard_all_the_same() {
    let blocks = Forge::new().run(chain_id(), 3, 6);
    let mut world = World::new(Setup::default());
    let links = greeted(&mut world, &[30, 30]);
    assert_eq!([asked(&mut world, links[0]), asked(&mut world, links[1])], [1, 0]);
    world.wait(PATIENCE_MS - 1);
    assert_eq!(asked(&mut world, links[1]), 0);
    world.wait(1);
    assert_eq!([asked(&mut world, links[0]), asked(&mut world, links[1])], [0, 1]);
    let entries = |made: &[Made]| List::truncated(made.iter().map(|m| m.entry.clone()).collect());
    world.say(links[0], Message::Headers { entries: entries(&blocks[..4]) });
    world.settle();
    assert_eq!(world.node.sync().headers, 4, "late, and good");
    world.say(links[1], Message::Headers { entries: entries(&blocks) });
    world.settle();
    assert_eq!(world.node.sync().headers, 6);
    assert_eq!(world.closed, []);
}

#[test]
fn attack_71_claims_that_nothing_stands_behind_delay_others_by_one_patience() {
    let blocks = Forge::new().run(chain_id(), 3, 6);
    let mut world = World::new(Setup::default());
    // Liars first: some stall, some have nothing and say so at once, again and again.
    let links = greeted(&mut world, &[u64::MAX, u64::MAX, u64::MAX, 6]);
    let entries = List::truncated(blocks.iter().map(|m| m.entry.clone()).collect());
    let start = world.now.mono;
    while world.node.sync().headers < 6 {
        for (index, link) in links.iter().enumerate() {
            for _ in 0..asked(&mut world, *link) {
                match index {
                    0 => {}
                    3 => world.say(*link, Message::Headers { entries: entries.clone() }),
                    _ => world.say(*link, Message::Headers { entries: List::default() }),
                }
            }
        }
        world.settle();
        world.wait(50);
        assert!(world.now.mono.since(start) <= PATIENCE_MS + 1_000, "held up");
    }
}

#[test]
fn attack_71_who_gives_little_at_a_time_holds_up_one_answer_in_two() {
    let blocks = Forge::new().run(chain_id(), 3, 40);
    let mut world = World::new(Setup::default());
    let links = greeted(&mut world, &[40, 40]);
    let mut drips = 0;
    while world.node.sync().headers < 40 {
        let headers = world.node.sync().headers as usize;
        for (link, count) in links.iter().zip([2, 10]) {
            if asked(&mut world, *link) > 0 {
                drips += usize::from(count == 2);
                world.wait(if count == 2 { PATIENCE_MS - 100 } else { 10 });
                let entries = blocks[headers..].iter().take(count).map(|m| m.entry.clone());
                let entries = List::truncated(entries.collect());
                world.say(*link, Message::Headers { entries });
                break;
            }
        }
        world.settle();
        assert!(drips <= 6, "{headers} headers");
    }
    assert_eq!(world.closed, []);
}
