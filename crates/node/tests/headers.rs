//! Headers: waited for, kept in order, asked for, bounded.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::Input as Told;
use isonomy_crypto::Hash;
use isonomy_node::{EARLY_HEADERS_MAX, LINK_RUNS_MAX};
use isonomy_peer::Message;
use isonomy_types::{Authority, Entry, Header, Link, List, Mono, Wall};

fn questions(heard: &[Message]) -> Vec<&List<Hash, 64>> {
    let locators = heard.iter().filter_map(|message| match message {
        Message::GetHeaders { locator } => Some(locator),
        _ => None,
    });
    locators.collect()
}

fn one(made: &Made) -> &[Made] {
    std::slice::from_ref(made)
}

// Time.

#[test]
fn a_header_from_the_future_waits_until_its_time_and_is_taken() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let made = forge.block_at(chain_id(), 3, Wall(world.now.wall.0 + 700), Vec::new());
    world.wait(1);
    world.show(link, one(&made));
    assert_eq!((world.kinds(), world.why_closed(link)), (Vec::new(), None));
    let due = Mono(world.now.mono.0 + 699);
    assert!(world.node.deadline().unwrap() <= due);
    world.wait(698);
    assert_eq!(world.kinds(), []);
    world.wait(1);
    assert_eq!((world.now.mono, world.kinds()), (due, vec![Kind::Follow]));
    world.sync(link, one(&made));
    assert_eq!(world.best(), made.id());
}

#[test]
fn what_comes_before_it_is_taken_at_once() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let mut blocks = forge.run(chain_id(), 3, 2);
    let later = Wall(world.now.wall.0 + 500);
    blocks.push(forge.block_at(blocks[1].id(), 3, later, Vec::new()));
    world.show(link, &blocks);
    world.sync(link, &blocks);
    assert_eq!(world.best(), blocks[1].id());
    world.wait(500);
    world.sync(link, &blocks);
    assert_eq!(world.best(), blocks[2].id());
}

#[test]
fn a_clock_that_is_set_back_makes_the_wait_longer_and_nothing_else() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let made = forge.block_at(chain_id(), 3, Wall(world.now.wall.0 + 500), Vec::new());
    world.show(link, one(&made));
    world.now.wall = Wall(world.now.wall.0 - 600_000);
    world.wait(10_000);
    assert_eq!(world.kinds(), []);
    world.now.wall = Wall(u64::MAX);
    world.tick();
    world.sync(link, one(&made));
    assert_eq!(world.best(), made.id());
}

#[test]
fn who_hangs_up_takes_the_early_headers_along() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let made = forge.block_at(chain_id(), 3, Wall(world.now.wall.0 + 500), Vec::new());
    world.show(link, one(&made));
    world.close(link);
    world.wait(1_000);
    assert_eq!(world.kinds(), []);
}

#[test]
fn of_too_many_early_headers_the_latest_go() {
    let mut world = World::new(Setup::default());
    let first = genesis().tip.header.clone();
    let many = EARLY_HEADERS_MAX as u64 + 6;
    let time = |n: u64| Wall(world.now.wall.0 + 60_000 + n);
    let early = |n: u64| {
        let header = Header { parent: chain_id(), height: 1, time: time(n), ..first.clone() };
        Made { entry: Entry { header, authority: None, certificate: None }, body: body(Vec::new()) }
    };
    // No two of a link, so that none waits for another once their time has come.
    let shown: Vec<_> = (0..many).map(early).collect();
    for (made, n) in shown.iter().zip(1..) {
        let link = world.peer(n);
        world.show(link, one(made));
    }
    world.now.wall = Wall(world.now.wall.0 + 120_000);
    world.tick();
    assert_eq!(world.kinds().len(), EARLY_HEADERS_MAX);
    world.settle();
    let closed: Vec<u64> = world.closed.iter().map(|(link, _)| link.0).collect();
    assert_eq!(closed, (1..=EARLY_HEADERS_MAX as u64).collect::<Vec<_>>(), "no work in them");
}

// Order.

#[test]
fn the_runs_of_a_link_stay_in_order_while_one_is_checked() {
    let blocks = Forge::new().run(chain_id(), 3, 4);
    let mut world = World::new(Setup::default());
    let (link, other) = (world.peer(1), world.peer(2));
    for made in &blocks {
        world.show(link, one(made));
        assert_eq!(world.kinds(), [Kind::Follow], "one at a time");
    }
    world.show(other, one(&blocks[0]));
    assert_eq!(world.kinds(), [Kind::Follow, Kind::Follow], "others need not wait");
    world.settle();
    let heard = world.heard(link);
    assert_eq!(questions(&heard), Vec::<&List<_, 64>>::new(), "none came as an orphan");
    assert!(world.node.chain().header(&blocks[3].id()).is_some());
}

#[test]
fn a_link_has_so_many_runs_waiting_and_no_more() {
    let blocks = Forge::new().run(chain_id(), 3, LINK_RUNS_MAX + 3);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    for made in &blocks {
        world.show(link, one(made));
    }
    let mut runs = 0;
    while world.kinds().contains(&Kind::Follow) {
        world.run(Kind::Follow);
        runs += 1;
    }
    assert_eq!(runs, 1 + LINK_RUNS_MAX);
    assert!(world.node.chain().header(&blocks[LINK_RUNS_MAX].id()).is_some());
    assert!(world.node.chain().header(&blocks[LINK_RUNS_MAX + 1].id()).is_none());
    world.live(2_000, link, &blocks);
    assert_eq!(world.best(), blocks.last().unwrap().id(), "what was dropped is asked for");
}

#[test]
fn who_hangs_up_takes_the_waiting_runs_along() {
    let blocks = Forge::new().run(chain_id(), 3, 3);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    blocks.iter().for_each(|made| world.show(link, one(made)));
    world.close(link);
    world.run(Kind::Follow);
    assert_eq!(world.kinds(), []);
    assert!(world.node.chain().header(&blocks[0].id()).is_some(), "what was checked counts");
}

// Asking.

#[test]
fn an_orphan_makes_the_node_ask_what_leads_to_it() {
    let blocks = Forge::new().run(chain_id(), 3, 12);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    world.show(link, &blocks[..2]);
    world.sync(link, &blocks[..2]);
    world.show(link, one(&blocks[11]));
    let heard = world.heard(link);
    let asked = questions(&heard);
    assert_eq!(asked, [&List::truncated(vec![blocks[1].id(), blocks[0].id(), chain_id()])]);
    assert_eq!(world.kinds(), []);
}

#[test]
fn a_long_chain_is_followed_question_by_question() {
    let blocks = Forge::new().run(chain_id(), 3, 5 * ANSWER_ENTRIES + 3);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    world.show(link, &blocks[blocks.len() - 1..]);
    world.sync(link, &blocks);
    assert_eq!(world.best(), blocks.last().unwrap().id());
}

/// The peer answers each question with the same orphan, as fast as it can.
#[test]
fn attack_61_who_answers_with_orphans_is_not_asked_on_and_on() {
    let blocks = Forge::new().run(chain_id(), 3, 5);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let orphan = Message::Headers { entries: List::truncated(vec![blocks[4].entry.clone()]) };
    world.show(link, one(&blocks[4]));
    let (mut asked, seconds) = (0, 10);
    for _ in 0..seconds {
        for _ in 0..20 {
            let heard = world.heard(link);
            for _ in questions(&heard) {
                asked += 1;
                world.say(link, orphan.clone());
            }
        }
        world.wait(1_000);
    }
    assert!(asked <= 2 * seconds, "{asked} questions");
}

#[test]
fn headers_that_are_known_are_not_asked_for_again_while_bodies_are_fetched() {
    let blocks = Forge::new().run(chain_id(), 3, 3 * ANSWER_ENTRIES);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    world.show(link, &blocks[blocks.len() - 1..]);
    // It gives headers and no bodies.
    let mut asked = 0;
    for _ in 0..10 {
        for _ in 0..10 {
            for message in world.heard(link) {
                if matches!(message, Message::GetHeaders { .. }) {
                    asked += 1;
                    world.say(link, answer(&message, &blocks, &[]).unwrap());
                }
            }
            world.settle();
        }
        world.wait(1_000);
    }
    assert!(world.node.chain().header(&blocks.last().unwrap().id()).is_some());
    assert!(asked <= 6, "{asked} questions");
}

#[test]
fn who_waits_for_a_verdict_is_not_asked_meanwhile() {
    let blocks = Forge::new().run(chain_id(), 3, 2);
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    world.show(link, &blocks);
    world.wait(10_000);
    assert_eq!((world.kinds(), world.heard(link)), (vec![Kind::Follow], Vec::new()));
}

#[test]
fn a_certificate_that_two_show_at_once_is_told_once() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let genesis = world.node.chain().best().clone();
    let (mut entry, trail) = free_header(&genesis, &Authority::default(), 3, None);
    entry.certificate = Some(certificate(trail.id));
    let made = Made { entry, body: body(Vec::new()) };
    let links = [world.peer(1), world.peer(2)];
    links.iter().for_each(|link| world.show(*link, one(&made)));
    assert_eq!(world.kinds(), [Kind::Follow, Kind::Follow]);
    world.settle();
    let told = script.told();
    let certified = told.iter().filter(|told| matches!(told, Told::Certified { .. }));
    assert_eq!(certified.count(), 1, "{told:?}");
    assert_eq!(world.closed, []);
}

#[test]
fn an_authority_that_nobody_showed_is_asked_for() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    let link = world.peer(1);
    let (first, next) =
        (Authority::default(), Authority { rules_version: 7, ..Authority::default() });
    let genesis = world.node.chain().best().clone();
    let (a, trail) = free_header(&genesis, &first, 3, Some(&next));
    let (b, _) = free_header(&trail, &next, 3, None);
    let made = |entry: &Entry| Made { entry: entry.clone(), body: body(Vec::new()) };
    let hidden = Entry { authority: None, ..a.clone() };
    world.show(link, one(&made(&hidden)));
    world.settle();
    world.show(link, one(&made(&b)));
    let heard = world.heard(link);
    assert_eq!(questions(&heard).len(), 1, "{heard:?}");
    let entries = List::truncated(vec![a.clone(), b.clone()]);
    world.say(link, Message::Headers { entries });
    world.settle();
    let told = script.told();
    let is_b = |told: &Told| matches!(told, Told::Header { trail } if trail.id == b.header.id());
    assert_eq!(told.iter().filter(|told| is_b(told)).count(), 1, "{told:?}");
    assert_eq!(world.why_closed(link), None);
}

// Judging.

#[test]
fn a_header_that_breaks_a_rule_closes_the_link_that_showed_it() {
    let blocks = Forge::new().run(chain_id(), 3, 2);
    let broken = |rule: &str| {
        let mut made = blocks[1].clone();
        let header = &mut made.entry.header;
        match rule {
            "height" => header.height += 1,
            "time" => header.time = Wall(EPOCH_MS),
            "seal" => header.seal = Default::default(),
            _ => header.producer = payee(99),
        }
        // One in four hashes is good enough.
        while rule == "work hash" && is_sealed(&blocks[0], &made) {
            made.entry.header.state_root = made.id();
        }
        made
    };
    for rule in ["height", "time", "seal", "work hash"] {
        let mut world = World::new(Setup::default());
        let (liar, honest) = (world.peer(1), world.peer(2));
        world.show(liar, &[blocks[0].clone(), broken(rule)]);
        world.run(Kind::Follow);
        let why = world.why_closed(liar).unwrap();
        assert!(why.contains("header: ") && why.contains(rule), "{rule}: {why}");
        assert!(world.node.chain().header(&blocks[0].id()).is_some(), "what came before is good");
        world.show(honest, &blocks);
        world.sync(honest, &blocks);
        assert_eq!(world.best(), blocks[1].id());
    }
}

fn is_sealed(parent: &Made, made: &Made) -> bool {
    let genesis = &genesis().tip.trail;
    let authority = Authority::default();
    let before = isonomy_consensus::check(&work(), genesis, &authority, &parent.entry.header);
    isonomy_consensus::check(&work(), &before.unwrap(), &authority, &made.entry.header).is_ok()
}

#[test]
fn a_heavier_branch_from_below_the_base_halts_the_node() {
    let mut forge = Forge::new();
    let (light, heavy) = (forge.run(chain_id(), 3, 10), forge.run(chain_id(), 4, 11));
    let mut world = World::new(Setup { base_depth: 4, flush_blocks: 1, ..Setup::default() });
    let link = world.peer(1);
    world.show(link, &light[9..]);
    world.sync(link, &light);
    assert_eq!(world.node.chain().base().height, 6);
    let rival = world.peer(2);
    world.show(rival, &heavy[..8]);
    world.settle();
    assert_eq!((world.best(), world.halt.as_deref()), (light[9].id(), None), "it is lighter");
    world.show(rival, &heavy[8..]);
    world.settle();
    let why = world.halt.unwrap();
    assert!(why.contains("forks below the base") && why.contains("isonomy rewind"), "{why}");
}

#[test]
fn a_fork_above_the_base_is_followed_however_long() {
    let mut forge = Forge::new();
    let light = forge.run(chain_id(), 3, 10);
    let heavy = forge.run(light[7].id(), 4, 6);
    let mut world = World::new(Setup { base_depth: 2, flush_blocks: 1, ..Setup::default() });
    let link = world.peer(1);
    world.show(link, &light[9..]);
    world.sync(link, &light);
    let rival = world.peer(2);
    world.show(rival, &heavy);
    world.sync(rival, &[&light[..8], &heavy[..]].concat());
    assert_eq!((world.best(), world.halt), (heavy[5].id(), None));
}

#[test]
fn headers_that_left_memory_are_read_for_who_asks() {
    let blocks = Forge::new().run(chain_id(), 3, 12);
    let mut world = World::new(Setup { base_depth: 2, flush_blocks: 1, ..Setup::default() });
    let link = world.peer(1);
    world.show(link, &blocks[11..]);
    world.sync(link, &blocks);
    let ask = |world: &mut World, link: Link, known: Hash| {
        world.say(link, Message::GetHeaders { locator: List::truncated(vec![known]) });
        world.settle();
        let mut heard = world.heard(link);
        let Some(Message::Headers { entries }) = heard.pop() else { panic!("{heard:?}") };
        entries.iter().map(|entry| entry.header.height).collect::<Vec<_>>()
    };
    let newcomer = world.peer(2);
    assert_eq!(ask(&mut world, newcomer, chain_id()), (1..=10).collect::<Vec<_>>());
    assert_eq!(ask(&mut world, newcomer, blocks[9].id()), [11, 12]);
    assert_eq!(ask(&mut world, newcomer, Hash::ZERO), Vec::<u64>::new());
}
