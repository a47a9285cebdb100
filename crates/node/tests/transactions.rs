//! Transactions of peers: announced, fetched, judged, shown to others.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_crypto::Hash;
use isonomy_node::{AHEAD_MAX, AHEAD_SEQ_MAX, JOBS_MAX};
use isonomy_peer::{ANNOUNCE_MS, Message};
use isonomy_types::*;

fn announce(transaction: &Transaction) -> Message {
    Message::Announce { ids: List::truncated(vec![transaction.intent().id()]) }
}

/// A peer announces a transaction and delivers it, and the node has looked at it.
fn bring(world: &mut World, link: Link, transaction: &Transaction) {
    world.say(link, announce(transaction));
    world.serve(link, &[], std::slice::from_ref(transaction));
    world.settle();
}

#[test]
fn an_announced_transaction_is_fetched_pooled_and_announced_to_others() {
    let mut world = World::new(Setup::default());
    let (from, to) = (world.peer(1), world.peer(2));
    let transaction = Tx::by(0, 0).make();
    bring(&mut world, from, &transaction);
    assert_eq!(world.pooled(), [transaction.intent().id()]);
    world.wait(2 * ANNOUNCE_MS);
    assert_eq!((world.heard(from), world.heard(to)), (vec![], vec![announce(&transaction)]));
    let id = transaction.intent().id();
    world.say(to, Message::GetTransactions { ids: List::truncated(vec![id, Hash::ZERO]) });
    let items = List::truncated(vec![(id, Blob::truncated(transaction.encode()))]);
    assert_eq!(world.heard(to), [Message::Transactions { items }]);
}

#[test]
fn what_waits_here_is_not_asked_for() {
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let transaction = Tx::by(0, 0).make();
    world.offer(transaction.clone()).unwrap();
    world.say(link, announce(&transaction));
    assert_eq!(world.heard(link), []);
}

#[test]
fn who_comes_later_is_told_what_waits() {
    let mut world = World::new(Setup::default());
    let transaction = Tx::by(0, 0).make();
    world.offer(transaction.clone()).unwrap();
    world.wait(2 * ANNOUNCE_MS);
    let late = world.peer(1);
    world.wait(2 * ANNOUNCE_MS);
    assert_eq!(world.heard(late), [announce(&transaction)]);
    let later = world.peer(2);
    world.wait(2 * ANNOUNCE_MS);
    assert_eq!((world.heard(late), world.heard(later)), (vec![], vec![announce(&transaction)]));
}

#[test]
fn who_sends_what_can_never_be_valid_is_hung_up_on_and_others_are_asked() {
    let transaction = Tx::by(0, 0).send(1, 5).make();
    let id = transaction.intent().id();
    let other = Tx::by(0, 0).send(1, 6).make();
    let forged = Transaction::new(transaction.intent().clone(), other.witnesses().clone());
    for bytes in [other.encode(), forged.encode(), vec![1, 2, 3], Vec::new()] {
        let mut world = World::new(Setup::default());
        let (liar, honest) = (world.peer(1), world.peer(2));
        world.say(liar, announce(&transaction));
        world.say(honest, announce(&transaction));
        let items = List::truncated(vec![(id, Blob::truncated(bytes))]);
        world.say(liar, Message::Transactions { items });
        world.settle();
        assert!(world.why_closed(liar).unwrap().contains("transaction: "), "{:?}", world.closed);
        world.serve(honest, &[], std::slice::from_ref(&transaction));
        world.settle();
        assert_eq!(world.pooled(), [id]);
    }
}

/// The signature is good and the policy is the stranger's own: nothing is wrong with it but that it
/// is not the account's, which only the state tells. The id is that of the honest transaction.
#[test]
fn attack_64_a_mutated_witness_does_not_cancel_the_download_from_others() {
    let honest_one = Tx::by(0, 0).send(1, 5);
    let (honest_one, mutated) = (honest_one.make(), honest_one.signed_by(7).make());
    let id = honest_one.intent().id();
    assert_eq!((id, true), (mutated.intent().id(), honest_one.leaf() != mutated.leaf()));
    let mut world = World::new(Setup::default());
    let (liar, honest) = (world.peer(1), world.peer(2));
    world.say(liar, announce(&mutated));
    world.say(honest, announce(&honest_one));
    world.serve(liar, &[], &[mutated]);
    world.settle();
    assert_eq!(world.pooled(), []);
    let ids = List::truncated(vec![id]);
    assert_eq!(world.heard(honest), [Message::GetTransactions { ids }], "asked at once");
    let items = List::truncated(vec![(id, Blob::truncated(honest_one.encode()))]);
    world.say(honest, Message::Transactions { items });
    world.settle();
    assert_eq!(world.pooled(), [id]);
}

#[test]
fn a_refusal_is_not_remembered_under_an_id() {
    let honest_one = Tx::by(0, 0).send(1, 5);
    let mut world = World::new(Setup::default());
    let (liar, honest) = (world.peer(1), world.peer(2));
    bring(&mut world, liar, &honest_one.clone().signed_by(7).make());
    assert_eq!(world.pooled(), []);
    bring(&mut world, honest, &honest_one.make());
    assert_eq!(world.pooled(), [honest_one.id()]);
}

/// What no honest witness could change is not fetched from one announcer after another.
#[test]
fn what_the_state_refuses_for_what_it_says_is_fetched_once() {
    let poor = Tx::by(PEOPLE, 0).make();
    let mut world = World::new(Setup::default());
    let links = [world.peer(1), world.peer(2), world.peer(3)];
    links.iter().for_each(|link| world.say(*link, announce(&poor)));
    world.serve(links[0], &[], &[poor]);
    world.settle();
    assert_eq!(links.map(|link| world.heard(link)), [vec![], vec![], vec![]]);
    assert_eq!(world.closed, [], "an honest peer may have another tip");
}

#[test]
fn a_flood_leaves_room_for_blocks() {
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    for _ in 0..JOBS_MAX {
        world.submit(Tx::by(0, 0).make());
    }
    let transaction = Tx::by(1, 0).make();
    world.say(link, announce(&transaction));
    assert_eq!(world.heard(link), []);
    let made = Forge::new().block(chain_id(), 3, Vec::new());
    world.connect(&made);
    bring(&mut world, link, &transaction);
    assert!(world.pooled().contains(&transaction.intent().id()));
}

#[test]
fn what_is_delivered_in_a_flood_is_asked_of_the_next_who_announced_it() {
    let mut world = World::new(Setup::default());
    let (first, second) = (world.peer(1), world.peer(2));
    let transaction = Tx::by(1, 0).make();
    for link in [first, second] {
        world.say(link, announce(&transaction));
    }
    for _ in 0..JOBS_MAX {
        world.submit(Tx::by(0, 0).make());
    }
    world.serve(first, &[], std::slice::from_ref(&transaction));
    assert_eq!(world.jobs.len(), JOBS_MAX);
    world.settle();
    world.serve(second, &[], std::slice::from_ref(&transaction));
    world.settle();
    assert!(world.pooled().contains(&transaction.intent().id()));
}

#[test]
fn a_lane_is_taken_in_whatever_order_peers_deliver_it() {
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let mut world = World::new(Setup::default());
        let links = [world.peer(1), world.peer(2)];
        let watcher = world.peer(3);
        for (seq, link) in order.into_iter().zip(links.into_iter().cycle()) {
            bring(&mut world, link, &Tx::by(0, seq).make());
        }
        let waiting: Vec<_> = world.node.pool().in_order().iter().map(|tx| tx.id()).collect();
        assert_eq!(waiting, [0, 1, 2, 3].map(|seq| Tx::by(0, seq).id()), "{order:?}");
        world.wait(10 * ANNOUNCE_MS);
        let told = world.heard(watcher).into_iter().map(|message| match message {
            Message::Announce { ids } => ids.len(),
            _ => 0,
        });
        assert_eq!(told.sum::<usize>(), 4, "others hear of each");
    }
}

#[test]
fn what_goes_before_may_come_from_the_owner_or_in_a_block() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let [first, second, third] = [0, 1, 2].map(|seq| Tx::by(0, seq).make());
    bring(&mut world, link, &third);
    bring(&mut world, link, &Tx::by(1, 1).make());
    bring(&mut world, link, &Tx::by(1, 0).price(7).make());
    assert_eq!(world.pooled().len(), 2, "another lane has no part in it");
    world.connect(&forge.block(chain_id(), 3, vec![first]));
    assert_eq!(world.pooled().len(), 2, "one is still missing");
    world.offer(second).unwrap();
    world.settle();
    assert!(world.pooled().contains(&third.intent().id()));

    let [first, second, third] = [0, 1, 2].map(|seq| Tx::by(2, seq).make());
    bring(&mut world, link, &third);
    let next = forge.block(world.best(), 3, vec![first, second]);
    world.connect(&next);
    assert!(world.pooled().contains(&third.intent().id()));
}

/// What stood kept in a place that is taken goes with it.
#[test]
fn one_whose_place_is_taken_does_not_come_back() {
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    bring(&mut world, link, &Tx::by(0, 1).price(2).make());
    bring(&mut world, link, &Tx::by(0, 1).price(9).make());
    bring(&mut world, link, &Tx::by(0, 0).make());
    let waits = |seq, price| Tx::by(0, seq).price(price).make().intent().id();
    let mut want = vec![waits(0, 1), waits(1, 2)];
    want.sort_unstable();
    assert_eq!(world.pooled(), want, "the first of its place was kept");
}

#[test]
fn attack_74_nonces_of_a_far_future_do_not_drive_out_what_is_soon_next() {
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    bring(&mut world, link, &Tx::by(0, 1).make());
    for lane in 0..=AHEAD_MAX as u16 {
        bring(&mut world, link, &Tx::by(1, AHEAD_SEQ_MAX + 1).on(lane).make());
    }
    bring(&mut world, link, &Tx::by(0, 0).make());
    assert_eq!(world.pooled().len(), 2);
}

#[test]
fn what_is_kept_ahead_is_bounded_and_the_oldest_goes_first() {
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    for lane in 0..=AHEAD_MAX as u16 {
        bring(&mut world, link, &Tx::by(1, AHEAD_SEQ_MAX).on(lane).make());
        bring(&mut world, link, &Tx::by(0, 1).on(lane).make());
    }
    let newest = AHEAD_MAX as u16;
    for lane in [0, newest / 2, newest / 2 + 1, newest] {
        bring(&mut world, link, &Tx::by(0, 0).on(lane).make());
    }
    assert_eq!(world.pooled().len(), 4 + 2, "half of those kept are the other account's");
}
