//! Headers: followed, imported, certified, condemned, asked for.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_consensus::{Follow, HEADERS_MAX, Trail, Valid};
use isonomy_crypto::Hash;
use isonomy_ledger::StateTree;
use isonomy_types::*;
use std::sync::Arc;

/// Headers without bodies, one on the other.
fn bare(world: &World, parent: Hash, salt: u8, count: usize) -> Vec<Entry> {
    let mut made = world.make(parent, salt, &[]);
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(made.entry());
        made.header.parent = made.id();
        made.header.height += 1;
        made.header.time.0 += 1;
    }
    entries
}

fn import_all(world: &mut World, entries: &[Entry]) {
    let followed = world.chain.follow(entries.to_vec()).unwrap().run();
    assert_eq!(followed.broken, None);
    for valid in followed.valid {
        world.chain.import(valid).unwrap();
    }
}

fn refused(world: &World, entries: &[Entry]) -> HeaderRefused {
    match world.chain.follow(entries.to_vec()) {
        Err(refused) => refused,
        Ok(follow) => panic!("follows {} entries", follow.entries.len()),
    }
}

#[test]
fn follow_refuses_what_it_cannot_check() {
    let mut world = World::new();
    let run = bare(&world, world.genesis(), 1, 6);
    import_all(&mut world, &run[..3]);
    world.chain.condemn(run[2].header.id());
    let parent = run[4].header.parent;
    let mut change = world.make(world.genesis(), 2, &[]);
    change.header.next_authority = authority(7).hash();
    world.show(&change);
    let mut child = change.clone();
    child.header.parent = change.id();
    let unknown_authority = [child.entry()];

    let table: [(&str, &[Entry], HeaderRefused); 8] = [
        ("nothing", &[], HeaderRefused::Known),
        ("all known", &run[..2], HeaderRefused::Known),
        ("parent unknown", &run[4..], HeaderRefused::Orphan { parent }),
        ("itself condemned", &run[2..3], HeaderRefused::Condemned),
        ("known, then condemned", &run[..3], HeaderRefused::Condemned),
        ("on a condemned one", &run[3..], HeaderRefused::Condemned),
        ("known, condemned, new", &run, HeaderRefused::Condemned),
        ("authority never shown", &unknown_authority, HeaderRefused::AuthorityUnknown),
    ];
    for (name, entries, expected) in table {
        assert_eq!(refused(&world, entries), expected, "{name}");
    }
}

#[test]
fn follow_leaves_out_what_it_knows_and_starts_at_the_first_that_is_new() {
    let mut world = World::new();
    let run = bare(&world, world.genesis(), 1, 5);
    import_all(&mut world, &run[..2]);
    for known in 0..=2 {
        let Follow { parent, entries, .. } = world.chain.follow(run[known..].to_vec()).unwrap();
        assert_eq!((parent.id, &entries[..]), (run[1].header.id(), &run[2..]));
    }
}

#[test]
fn import_judges_again_what_changed_while_the_check_ran() {
    let mut world = World::new();
    let run = bare(&world, world.genesis(), 1, 3);
    let valid = world.chain.follow(run.clone()).unwrap().run().valid;
    let [first, second, third] = <[Valid; 3]>::try_from(valid).unwrap();

    let orphan = HeaderRefused::Orphan { parent: run[1].header.id() };
    assert_eq!(world.chain.import(third.clone()), Err(orphan));
    assert_eq!(world.chain.import(first.clone()).unwrap().id, run[0].header.id());
    assert_eq!(world.chain.import(first), Err(HeaderRefused::Known));
    world.chain.import(second.clone()).unwrap();
    world.chain.condemn(run[1].header.id());
    assert_eq!(world.chain.import(second), Err(HeaderRefused::Condemned));
    assert_eq!(world.chain.import(third), Err(HeaderRefused::Condemned));
}

#[test]
fn a_header_that_breaks_the_rules_is_not_imported() {
    let mut world = World::new();
    let made = world.make(world.genesis(), 1, &[]).but(|header| header.seal = Blob::default());
    let followed = world.chain.follow(vec![made.entry()]).unwrap().run();
    assert!(followed.valid.is_empty() && followed.broken.is_some());
    assert_eq!(world.chain.header(&made.id()), None);
    // Its id is not remembered as bad: the seal is part of it.
    let sealed = made.but(|header| header.seal = Blob::truncated(vec![1]));
    world.show(&sealed);
}

#[test]
fn the_tree_is_bounded() {
    let mut world = World::new();
    let run = bare(&world, world.genesis(), 1, HEADERS_MAX);
    let valid = world.chain.follow(run).unwrap().run().valid;
    let mut refused = Vec::new();
    for valid in valid {
        refused.extend(world.chain.import(valid).err());
    }
    assert_eq!(refused, [HeaderRefused::Full { got: HEADERS_MAX, limit: HEADERS_MAX }]);
}

#[test]
fn a_certificate_that_comes_later_is_checked_and_kept_once() {
    let mut world = World::new();
    let run = bare(&world, world.genesis(), 1, 2);
    import_all(&mut world, &run);
    let id = run[0].header.id();
    let with = |proof: Certificate| Entry { certificate: Some(proof), ..run[0].clone() };

    let bad = world.chain.follow(vec![with(proof(Hash::ZERO))]).unwrap().run();
    assert!(bad.broken.is_some() && bad.valid.is_empty());

    let good = world.chain.follow(vec![with(proof(id)), run[1].clone()]).unwrap().run();
    assert_eq!(good.valid.len(), 2);
    for valid in good.valid {
        assert_eq!(world.chain.import(valid), Err(HeaderRefused::Known));
    }
    assert_eq!(world.chain.entry(&id).unwrap().certificate, Some(proof(id)));
    assert_eq!(refused(&world, &[with(proof(id))]), HeaderRefused::Known, "nothing new");
    assert!(!world.chain.certified(id, &proof(id)), "not the first");
    assert!(world.chain.certified(run[1].header.id(), &proof(run[1].header.id())));
    assert!(!world.chain.certified(Hash::ZERO, &proof(id)), "no such block");
}

#[test]
fn a_new_header_brings_its_certificate() {
    let mut world = World::new();
    let made = world.make(world.genesis(), 1, &[]);
    let certificate = Some(proof(made.id()));
    world.import_entry(Entry { certificate, ..made.entry() }).unwrap();
    assert_eq!(world.chain.entry(&made.id()).unwrap().certificate, Some(proof(made.id())));
}

#[test]
fn an_authority_shown_later_lets_the_children_in() {
    let mut world = World::new();
    let next = authority(7);
    let change = world.make(world.genesis(), 1, &[]).but(|h| h.next_authority = next.hash());
    world.show(&change);
    let mut child = change.clone();
    child.header.parent = change.id();
    child.header.height += 1;
    child.header.time.0 += 1;
    assert_eq!(refused(&world, &[child.entry()]), HeaderRefused::AuthorityUnknown);
    assert_eq!(world.chain.authority_after(&change.id()), None);

    let shown = Entry { authority: Some(next.clone()), ..change.entry() };
    let wrong = Entry { authority: Some(authority(8)), ..change.entry() };
    assert!(world.chain.follow(vec![wrong]).unwrap().run().broken.is_some());
    let follow = world.chain.follow(vec![shown.clone(), child.entry()]).unwrap();
    let answers: Vec<_> = follow.run().valid.into_iter().map(|v| world.chain.import(v)).collect();
    assert_eq!(answers[0], Err(HeaderRefused::Known));
    assert_eq!(answers[1].as_ref().map(|trail| trail.id), Ok(child.id()));
    assert_eq!(world.chain.entry(&change.id()), Some(shown), "and we show it to others");
    assert_eq!(world.chain.entry(&child.id()).unwrap().authority, None);
}

#[test]
fn authorities_that_headers_name_are_bounded() {
    let mut world = World::new();
    let mut kept = 0;
    for version in 0..=AUTHORITIES_MAX as u32 {
        let next = authority(version + 1);
        let made = world.make(world.genesis(), 1, &[]).but(|h| h.next_authority = next.hash());
        let shown = Entry { authority: Some(next), ..made.entry() };
        world.import_entry(shown).unwrap();
        kept += usize::from(world.chain.authority_after(&made.id()).is_some());
    }
    assert_eq!(kept, AUTHORITIES_MAX - 1, "one is the first block's");

    // An executed change is known all the same.
    let next = (authority(5_000_000), Params::default()).encode();
    let change = Tx::by(0, 0).act(COUNCIL, next).make();
    let id = world.grow(world.genesis(), 2, &[change]);
    assert_eq!(*world.chain.authority_after(&id).unwrap(), authority(5_000_000));

    // Those that no header names any more are let go.
    world.chain.adopt(id).unwrap();
    world.chain.finalise(id).unwrap();
    let view = world.chain.view(&id).unwrap();
    world.chain.rebase(id, view);
    for version in 0..100 {
        let next = authority(6_000_000 + version);
        let made = world.make(id, 1, &[]).but(|h| h.next_authority = next.hash());
        world.import_entry(Entry { authority: Some(next), ..made.entry() }).unwrap();
        assert!(world.chain.authority_after(&made.id()).is_some());
    }
}

#[test]
fn condemning_takes_all_that_descends_and_spares_what_is_executed() {
    let mut world = World::new();
    let done = world.grow(world.genesis(), 1, &[]);
    let run = bare(&world, done, 1, 3);
    let side = bare(&world, done, 2, 1);
    import_all(&mut world, &run);
    import_all(&mut world, &side);
    let ids: Vec<_> = run.iter().map(|entry| entry.header.id()).collect();

    assert!(world.chain.condemn(done).is_empty(), "executed: valid");
    assert!(world.chain.condemn(world.genesis()).is_empty());
    assert!(world.chain.condemn(Hash::ZERO).is_empty());
    assert_eq!(world.chain.condemn(ids[0]), ids, "parents first");
    assert!(world.chain.condemn(ids[1]).is_empty(), "condemned already");
    assert!(world.chain.missing(ids[2]).is_empty());
    assert_eq!(world.chain.next_to_execute(ids[2]), None);
    assert_eq!(world.chain.missing(side[0].header.id()), [side[0].header.id()]);
}

#[test]
fn a_locator_is_dense_near_the_tip_then_sparse_and_ends_in_genesis() {
    let mut world = World::new();
    assert_eq!(world.chain.locator(world.genesis()), [world.genesis()]);
    assert_eq!(world.chain.locator(Hash::ZERO), [world.genesis()], "from nowhere");
    let run = bare(&world, world.genesis(), 1, 1_000);
    import_all(&mut world, &run);
    let locator = world.chain.locator(run[999].header.id());
    let heights: Vec<_> = locator.iter().map(|id| world.chain.trail(id).unwrap().height).collect();
    let expected =
        [1000, 999, 998, 997, 996, 995, 994, 993, 992, 991, 989, 985, 977, 961, 929, 865, 737, 481];
    assert_eq!(heights[..18], expected);
    assert_eq!(heights[18..], [0]);
}

#[test]
fn headers_are_answered_from_the_first_id_in_common_on_bests_branch() {
    let mut world = World::new();
    let main = world.extend(world.genesis(), 1, 5);
    let side = world.extend(main[1], 2, 2);
    world.chain.adopt(main[4]).unwrap();
    let ids = |locator: &[Hash], limit| {
        let entries = world.chain.after(locator, limit)?;
        Some(entries.iter().map(|entry| entry.header.id()).collect::<Vec<_>>())
    };
    let genesis = world.genesis();
    type Case<'a> = (&'a str, Vec<Hash>, usize, Option<&'a [Hash]>);
    let table: [Case<'_>; 9] = [
        ("all", vec![genesis], 100, Some(&main)),
        ("some", vec![main[0], genesis], 2, Some(&main[1..3])),
        ("none at best", vec![main[4], main[3]], 100, Some(&[])),
        ("none asked", vec![main[0]], 0, Some(&[])),
        ("off best's branch", vec![side[1], side[0], main[1]], 9, Some(&main[2..])),
        ("only off it", vec![side[1]], 9, None),
        ("unknown first", vec![Hash::ZERO, main[2]], 9, Some(&main[3..])),
        ("unknown", vec![Hash::ZERO], 9, None),
        ("empty", vec![], 9, None),
    ];
    for (name, locator, limit, expected) in table {
        assert_eq!(ids(&locator, limit).as_deref(), expected, "{name}");
    }
}

#[test]
fn below_the_base_trails_alone_are_left() {
    let mut world = World::new();
    let main = world.extend(world.genesis(), 1, 6);
    let off = world.make(main[0], 9, &[]);
    world.chain.adopt(main[5]).unwrap();
    world.chain.finalise(main[2]).unwrap();
    let view = world.chain.view(&main[2]).unwrap();
    world.chain.rebase(main[2], view);

    assert_eq!(world.chain.base().id, main[2]);
    assert!(world.chain.header(&main[1]).is_none() && world.chain.entry(&main[1]).is_none());
    assert!(world.chain.trail(&main[1]).is_some());
    assert!(world.chain.contains_on_best(&main[1]) && world.chain.contains_on_best(&main[4]));
    assert_eq!(world.chain.after(&[main[1]], 9), None, "the archive knows");
    let entries = world.chain.after(&[main[2]], 9).unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(*world.chain.locator(main[5]).last().unwrap(), world.genesis());

    // A branch that forks below is known for what it is, and cannot be executed.
    let id = world.show(&off);
    assert!(!world.chain.contains_on_best(&id));
    assert!(world.chain.missing(id).is_empty());
    assert!(!world.chain.import_body(id, off.body.into()));
    assert_eq!(world.chain.execute(id).err(), Some(ExecuteRefused::BodyMissing));
    assert!(world.chain.adopt(id).is_none());
}

#[test]
fn a_restart_goes_on_from_the_tip_with_the_trails_below() {
    let mut world = World::new();
    let main = world.extend(world.genesis(), 1, 4);
    world.chain.adopt(main[3]).unwrap();
    let flush = world.chain.finalise(main[3]).unwrap();
    let mut below: Vec<Trail> = flush.blocks.iter().map(|block| block.trail.clone()).collect();
    below.pop();
    let view = world.chain.view(&main[3]).unwrap();
    let next = world.make(main[3], 1, &[]);
    let fork = world.make(main[2], 5, &[]);
    let (id, tree) = (world.genesis(), StateTree::of(&*view).unwrap());
    world.chain = Chain::new(Arc::new(Free), modules(), id, flush.tip, below, view, tree);
    assert_eq!((world.chain.best().id, world.chain.base().id), (main[3], main[3]));
    assert_eq!(world.chain.ancestry(main[3]).count(), 4);
    assert_eq!(world.chain.body_bytes(), 0);
    world.show(&fork);
    let id = world.bring(&next);
    assert!(matches!(world.execute(id), Outcome::Executed { .. }));
    assert!(world.chain.adopt(id).is_some());
}
