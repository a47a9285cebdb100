//! Transactions of peers that come while others are judged are judged together, and each is blamed
//! or taken for itself.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_crypto::Hash;
use isonomy_node::{ARRIVALS_BYTES, ARRIVALS_TAKEN, ARRIVALS_WAIT_MS, Job};
use isonomy_peer::Message;
use isonomy_types::*;

/// Announced by a link, asked of it, delivered.
fn deliver(world: &mut World, link: Link, id: Hash, bytes: Vec<u8>) {
    world.say(link, Message::Announce { ids: List::truncated(vec![id]) });
    let items = List::truncated(vec![(id, Blob::truncated(bytes))]);
    world.say(link, Message::Transactions { items });
}

fn bring(world: &mut World, link: Link, transaction: &Transaction) {
    deliver(world, link, transaction.intent().id(), transaction.encode());
}

fn admits(world: &World) -> usize {
    world.kinds().iter().filter(|kind| **kind == Kind::Admit).count()
}

/// How many transactions the oldest such job is about.
fn size(job: &Job) -> usize {
    match job {
        Job::Admit(admit) => admit.transactions.len(),
        _ => 0,
    }
}

#[test]
fn each_of_a_batch_is_blamed_or_taken_for_itself() {
    let mut world = World::new(Setup::default());
    let links = [1, 2, 3, 4].map(|key| world.peer(key));
    let sound = [Tx::by(0, 0).make(), Tx::by(1, 0).make(), Tx::by(2, 0).make()];
    let (id, other) = (Tx::by(3, 0).id(), Tx::by(3, 0).send(1, 9).make());
    let forged = Transaction::new(Tx::by(3, 0).make().intent().clone(), other.witnesses().clone());
    bring(&mut world, links[0], &sound[0]);
    assert_eq!(admits(&world), 1, "nothing is judged, so the first is at once");
    bring(&mut world, links[1], &sound[1]);
    deliver(&mut world, links[2], id, forged.encode());
    bring(&mut world, links[3], &sound[2]);
    assert_eq!(admits(&world), 1, "the others gather");
    world.run(Kind::Admit);
    let (job, work) = world.take(Kind::Admit);
    assert_eq!((admits(&world), size(&work)), (0, 3));
    let done = work.run(&world.medium);
    world.done(job, done);
    let mut pooled = world.pooled();
    pooled.sort_unstable();
    let mut want = sound.map(|transaction| transaction.intent().id());
    want.sort_unstable();
    assert_eq!(pooled, want);
    assert!(world.why_closed(links[2]).unwrap().contains("a signature fails"));
    assert_eq!(world.closed.len(), 1, "{:?}", world.closed);
}

#[test]
fn a_job_that_is_lost_holds_up_the_next_for_a_moment_only() {
    let mut world = World::new(Setup::default());
    let links = [1, 2].map(|key| world.peer(key));
    bring(&mut world, links[0], &Tx::by(0, 0).make());
    let _lost = world.take(Kind::Admit);
    bring(&mut world, links[1], &Tx::by(1, 0).make());
    world.wait(ARRIVALS_WAIT_MS - 1);
    assert_eq!(admits(&world), 0);
    world.wait(1);
    assert_eq!(admits(&world), 1);
    world.settle();
    assert_eq!(world.pooled(), [Tx::by(1, 0).id()]);
}

#[test]
fn a_batch_has_its_bound_and_takes_whole_messages() {
    let mut world = World::new(Setup::default());
    let links: Vec<Link> = (1..=12).map(|key| world.peer(key)).collect();
    bring(&mut world, links[0], &Tx::by(0, 0).make());
    let (first, work) = world.take(Kind::Admit);
    let each = 30;
    for (lane, link) in (1..).zip(&links) {
        let made = |seq| Tx::by(1, seq).on(lane).make();
        let made: Vec<Transaction> = (0..each).map(made).collect();
        let ids = made.iter().map(|one| one.intent().id()).collect();
        world.say(*link, Message::Announce { ids: List::truncated(ids) });
        let items = made.iter().map(|one| (one.intent().id(), Blob::truncated(one.encode())));
        world.say(*link, Message::Transactions { items: List::truncated(items.collect()) });
    }
    let done = work.run(&world.medium);
    world.done(first, done);
    let mut sizes = Vec::new();
    while world.kinds().contains(&Kind::Admit) {
        let (job, work) = world.take(Kind::Admit);
        sizes.push(size(&work));
        let done = work.run(&world.medium);
        world.done(job, done);
    }
    let full = ARRIVALS_TAKEN.next_multiple_of(each as usize);
    assert_eq!(sizes, [full, 12 * each as usize - full]);
}

#[test]
fn attack_28_large_messages_are_judged_by_themselves() {
    let mut world = World::new(Setup::default());
    let links = [1, 2, 3, 4].map(|key| world.peer(key));
    bring(&mut world, links[0], &Tx::by(0, 0).make());
    bring(&mut world, links[1], &Tx::by(1, 0).make());
    let garbage = |byte: u8, len: usize| (Hash::from_bytes([byte; 32]), vec![byte; len]);
    for (link, (id, bytes)) in links[2..].iter().zip([garbage(1, ARRIVALS_BYTES), garbage(2, 300)])
    {
        deliver(&mut world, *link, id, bytes);
    }
    let mut sizes = Vec::new();
    while world.kinds().contains(&Kind::Admit) {
        let (job, work) = world.take(Kind::Admit);
        sizes.push(size(&work));
        let done = work.run(&world.medium);
        world.done(job, done);
    }
    assert_eq!(sizes, [1, 1, 1, 1]);
    assert_eq!(world.pooled().len(), 2);
}

#[test]
fn attack_28_what_a_liar_brought_is_asked_of_others() {
    let mut world = World::new(Setup::default());
    let [liar, honest] = [1, 2].map(|key| world.peer(key));
    let sound = Tx::by(1, 0).make();
    let (id, other) = (Tx::by(3, 0).id(), Tx::by(3, 0).send(1, 9).make());
    let forged = Transaction::new(Tx::by(3, 0).make().intent().clone(), other.witnesses().clone());
    deliver(&mut world, liar, id, forged.encode());
    bring(&mut world, liar, &sound);
    world.say(honest, Message::Announce { ids: List::truncated(vec![sound.intent().id()]) });
    world.heard(honest);
    world.run(Kind::Admit);
    assert!(world.why_closed(liar).unwrap().contains("a signature fails"));
    assert_eq!(admits(&world), 0, "nothing more of the liar's is judged");
    let ids = List::truncated(vec![sound.intent().id()]);
    assert_eq!(world.heard(honest), [Message::GetTransactions { ids }]);
    bring(&mut world, honest, &sound);
    world.settle();
    assert_eq!(world.pooled(), [sound.intent().id()]);
}
