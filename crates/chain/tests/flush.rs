//! Best moves, blocks become final, the base follows.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::state_root;
use isonomy_types::*;
use std::sync::Arc;

fn ids(bodies: &[(Hash, Transactions)]) -> Vec<Hash> {
    bodies.iter().map(|(id, _)| *id).collect()
}

/// Genesis, three blocks with transfers, and a branch of two from the first.
fn forked() -> (World, Vec<Hash>, Vec<Hash>) {
    let mut world = World::new();
    let mut main = Vec::new();
    let mut parent = world.genesis();
    for seq in 0..3 {
        parent = world.grow(parent, 1, &[Tx::by(0, seq).send(1, 7).make()]);
        main.push(parent);
    }
    let first = world.grow(main[0], 2, &[Tx::by(0, 1).send(2, 9).make()]);
    let second = world.grow(first, 2, &[Tx::by(3, 0).send(4, 1).make()]);
    (world, main, vec![first, second])
}

/// The store's part: the flush goes on the plain state, which becomes the base's view.
fn store(world: &mut World, state: &mut Plain, flush: &Flush) {
    state.apply(&flush.layer);
    assert_eq!(state_root(state).unwrap(), flush.tip.header.state_root);
    world.chain.rebase(flush.tip.trail.id, Arc::new(state.clone()));
}

#[test]
fn adopt_says_what_is_left_and_joined_in_block_order() {
    let (mut world, main, side) = forked();
    let genesis = world.genesis();
    let table: [(&str, Hash, Vec<Hash>, Vec<Hash>); 7] = [
        ("forward", main[2], vec![], main.clone()),
        ("nowhere", main[2], vec![], vec![]),
        ("across", side[1], vec![main[1], main[2]], side.clone()),
        ("back down", side[0], vec![side[1]], vec![]),
        ("to the fork", main[0], vec![side[0]], vec![]),
        ("to the base", genesis, vec![main[0]], vec![]),
        ("up the other", side[1], vec![], vec![main[0], side[0], side[1]]),
    ];
    for (name, to, left, joined) in table {
        let adopted = world.chain.adopt(to).unwrap();
        assert_eq!((ids(&adopted.left), ids(&adopted.joined)), (left, joined), "{name}");
        assert_eq!(world.chain.best().id, to, "{name}");
        for (id, body) in adopted.left.iter().chain(&adopted.joined) {
            assert_eq!(world.chain.body(id), Some(body_of(body)));
        }
        assert_eq!(world.state(&to), world.replay(to), "{name}");
    }
}

#[test]
fn adopt_refuses_what_is_not_executed() {
    let (mut world, main, _) = forked();
    let made = world.make(main[2], 1, &[]);
    let id = world.bring(&made);
    assert_eq!(world.chain.adopt(id), None);
    assert_eq!(world.chain.adopt(Hash::ZERO), None);
    assert_eq!(world.chain.best().id, world.genesis());
}

#[test]
fn a_flush_holds_everything_between_the_base_and_the_block() {
    let (mut world, main, _) = forked();
    world.chain.adopt(main[2]).unwrap();
    world.chain.certified(main[1], &proof(main[1]));
    let flush = world.chain.finalise(main[1]).unwrap();
    assert_eq!(flush.tip.header, *world.chain.header(&main[1]).unwrap());
    assert_eq!(flush.tip.certificate, Some(proof(main[1])));
    assert_eq!(flush.tip.params.hash(), flush.tip.header.next_params);
    assert_eq!(flush.tip.authority.hash(), flush.tip.header.next_authority);
    assert_eq!(flush.blocks.len(), 2);
    for (block, id) in flush.blocks.iter().zip(&main) {
        assert_eq!(Some(&block.entry), world.chain.entry(id).as_ref());
        assert_eq!(Some(&block.trail), world.chain.trail(id));
        assert_eq!(Some(&block.receipts[..]), world.chain.receipts(id));
        let body = world.chain.body(id).unwrap().transactions.into_iter();
        let transactions: Vec<_> = body.map(|tx| tx.intent().id()).collect();
        assert_eq!(block.transactions, transactions);
        assert_eq!(block.receipts[0].transaction, transactions[0]);
        assert_eq!(block.receipts.len(), 2, "the transaction's and the block's own");
    }
    assert_eq!(flush.tip.trail, flush.blocks[1].trail);
    let mut state = world.first.clone();
    state.apply(&flush.layer);
    assert_eq!(state, world.replay(main[1]));
}

#[test]
fn finalise_refuses_what_is_not_on_bests_branch_above_the_last() {
    let (mut world, main, side) = forked();
    world.chain.adopt(main[2]).unwrap();
    assert_eq!(world.chain.finalise(side[1]), None, "adopt it first");
    assert_eq!(world.chain.finalise(Hash::ZERO), None);
    assert_eq!(world.chain.finalise(world.genesis()), None, "the base");
    assert!(world.chain.finalise(main[1]).is_some());
    assert_eq!(world.chain.finalise(main[1]), None, "again");
    assert_eq!(world.chain.finalise(main[0]), None, "below");
    assert_eq!(world.chain.adopt(side[1]), None, "best stays on what is final");
    assert_eq!(world.chain.adopt(main[0]), None);
    assert!(world.chain.adopt(main[1]).is_some());
}

#[test]
fn a_second_flush_while_one_is_on_its_way_holds_only_what_is_above_it() {
    let (mut world, main, _) = forked();
    world.chain.adopt(main[2]).unwrap();
    let mut state = world.first.clone();
    let first = world.chain.finalise(main[0]).unwrap();
    let second = world.chain.finalise(main[2]).unwrap();
    let held: Vec<_> = second.blocks.iter().map(|block| block.trail.id).collect();
    assert_eq!(held, main[1..]);
    store(&mut world, &mut state, &first);
    assert_eq!(world.chain.base().id, main[0]);
    assert_eq!(world.state(&main[2]), world.replay_from_flushed(&state, &main[1..]));
    store(&mut world, &mut state, &second);
    assert_eq!((world.chain.base().id, world.chain.best().id), (main[2], main[2]));
    assert_eq!(world.state(&main[2]), state);
    let next = world.grow(main[2], 1, &[Tx::by(0, 3).send(1, 7).make()]);
    assert!(world.chain.adopt(next).is_some());
}

#[test]
fn flushes_may_be_acknowledged_together() {
    let (mut world, main, _) = forked();
    world.chain.adopt(main[2]).unwrap();
    let mut state = world.first.clone();
    for id in [main[0], main[2]] {
        state.apply(&world.chain.finalise(id).unwrap().layer);
    }
    world.chain.rebase(main[2], Arc::new(state.clone()));
    assert_eq!(world.state(&main[2]), state);
    // The earlier acknowledgement comes late, and changes nothing.
    world.chain.rebase(main[0], Arc::new(Broke));
    assert_eq!(world.chain.base().id, main[2]);
    assert_eq!(world.state(&main[2]), state);
}

#[test]
fn rebase_drops_what_does_not_lead_through_the_new_base() {
    let (mut world, main, side) = forked();
    let side_child = world.make(side[1], 5, &[]);
    let waiting = world.bring(&side_child);
    let running = world.chain.execute(waiting).unwrap();
    let own_child = world.make(main[2], 6, &[Tx::by(5, 0).send(6, 2).make()]);
    let own = world.bring(&own_child);
    let own_running = world.chain.execute(own).unwrap();
    world.chain.adopt(main[2]).unwrap();
    let (mut state, flush) = (world.first.clone(), world.chain.finalise(main[1]).unwrap());
    let held = world.chain.body_bytes();
    store(&mut world, &mut state, &flush);

    for id in [&side[0], &side[1], &waiting] {
        assert!(world.chain.header(id).is_none() && world.chain.trail(id).is_none());
        assert!(world.chain.body(id).is_none() && world.chain.view(id).is_none());
        assert!(world.chain.receipts(id).is_none() && world.chain.params_after(id).is_none());
    }
    assert!(world.chain.body(&main[1]).is_none(), "the base's body is the store's");
    assert!(world.chain.receipts(&main[1]).is_none());
    assert!(world.chain.body(&main[2]).is_some() && world.chain.receipts(&main[2]).is_some());
    assert!(world.chain.body_bytes() < held);

    // Jobs that were under way: one has lost its subject, the other goes on.
    assert_eq!(world.chain.executed(waiting, running.run()), Outcome::Nothing);
    assert!(matches!(world.chain.executed(own, own_running.run()), Outcome::Executed { .. }));
    world.chain.adopt(own).unwrap();
    let after = world.replay_from_flushed(&state, &[main[2], own]);
    assert_eq!(world.state(&own), after);
    let own_bytes: usize = own_child.body.iter().map(|tx| tx.bytes()).sum();
    let main_bytes = Tx::by(0, 2).send(1, 7).make().bytes();
    assert_eq!(world.chain.body_bytes(), own_bytes + main_bytes);
}

#[test]
fn a_new_base_frees_the_layers_below_it() {
    let mut world = World::new();
    let made = world.make(world.genesis(), 1, &[Tx::by(0, 0).send(1, 7).make()]);
    let layer = made.executed.layer.clone();
    let id = world.bring(&made);
    let done = world.chain.executed(id, Ok(made.executed));
    assert!(matches!(done, Outcome::Executed { .. }));
    world.chain.adopt(id).unwrap();
    assert_eq!(Arc::strong_count(&layer), 2, "ours and the chain's");
    let (mut state, flush) = (world.first.clone(), world.chain.finalise(id).unwrap());
    store(&mut world, &mut state, &flush);
    assert_eq!(Arc::strong_count(&layer), 1);
}

#[test]
fn a_condemned_block_off_the_new_base_holds_no_memory_but_its_header() {
    let (mut world, main, side) = forked();
    let liar = world.make(side[1], 5, &[Tx::by(5, 0).send(6, 2).make()]);
    let liar = liar.but(|h| h.state_root = Domain::new("isonomy chain tests").hash(b""));
    let id = world.bring(&liar);
    assert!(matches!(world.execute(id), Outcome::Condemned { .. }));
    world.chain.adopt(main[2]).unwrap();
    let (mut state, flush) = (world.first.clone(), world.chain.finalise(main[2]).unwrap());
    store(&mut world, &mut state, &flush);
    assert_eq!(world.import_entry(liar.entry()), Err(HeaderRefused::Condemned), "remembered");
    for id in &side {
        assert!(world.chain.body(id).is_none() && world.chain.view(id).is_none());
        assert!(world.chain.adopt(*id).is_none());
    }
    assert_eq!(world.chain.body_bytes(), 0);
}

#[test]
fn the_same_base_may_get_another_view() {
    let (mut world, main, _) = forked();
    world.chain.adopt(main[2]).unwrap();
    let before = world.state(&main[2]);
    let first = world.first.clone();
    world.chain.rebase(world.genesis(), Arc::new(first));
    assert_eq!(world.state(&main[2]), before);
    assert_eq!(world.chain.body(&main[0]).unwrap().transactions.len(), 1);
}

#[test]
fn a_view_stays_as_it_was_whatever_happens_to_the_chain() {
    let (mut world, main, side) = forked();
    let (on_main, on_side) =
        (world.chain.view(&main[2]).unwrap(), world.chain.view(&side[1]).unwrap());
    let before = (Plain::of(&*on_main), Plain::of(&*on_side));
    world.chain.adopt(main[2]).unwrap();
    let (mut state, flush) = (world.first.clone(), world.chain.finalise(main[2]).unwrap());
    store(&mut world, &mut state, &flush);
    assert_eq!((Plain::of(&*on_main), Plain::of(&*on_side)), before);
}

#[test]
fn an_authority_that_changed_is_in_the_flush() {
    let mut world = World::new();
    let call = (authority(4), Params::default()).encode();
    let change = world.grow(world.genesis(), 1, &[Tx::by(0, 0).act(COUNCIL, call).make()]);
    let child = world.grow(change, 1, &[]);
    world.chain.adopt(child).unwrap();
    let flush = world.chain.finalise(child).unwrap();
    assert_eq!(flush.blocks[0].entry.authority, Some(authority(4)));
    assert_eq!(flush.blocks[1].entry.authority, None, "as before");
    assert_eq!(*flush.tip.authority, authority(4));
}
