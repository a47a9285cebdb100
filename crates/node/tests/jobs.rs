//! Answers come in any order, twice, late, or never.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::{Ask, Input as Told, Output as Want};
use isonomy_crypto::{Hash, PublicKey};
use isonomy_ledger::{ExecuteError, ReadFailed};
use isonomy_node::{Done, JOB_DEADLINE_MS, JobId, READS_FAILED_MAX, SubmitError};
use isonomy_peer::Message;
use isonomy_types::{Link, List};
use proptest::prelude::*;

/// A node, a peer, and blocks that the peer has.
fn scene(setup: Setup) -> (World, Link, Vec<Made>) {
    let blocks = Forge::new().run(chain_id(), 3, 4);
    let mut world = World::new(setup);
    let link = world.peer(1);
    (world, link, blocks)
}

/// The answer to the oldest job of a kind is lost. Time passes until nobody awaits it any more.
fn lose(world: &mut World, of: Kind, link: Link, blocks: &[Made]) {
    let (id, _) = world.take(of);
    world.live(JOB_DEADLINE_MS - 2_000, link, blocks);
    assert!(!world.cancelled.contains(&id), "it is awaited");
    world.live(4_000, link, blocks);
    assert!(world.cancelled.contains(&id), "{of:?} is not awaited");
}

// One test a kind: a lost answer stalls nothing for good.

#[test]
fn a_lost_check_of_headers_stalls_nothing() {
    let (mut world, link, blocks) = scene(Setup::default());
    world.show(link, &blocks);
    lose(&mut world, Kind::Follow, link, &blocks);
    assert_eq!(world.best(), blocks[3].id());
}

#[test]
fn a_lost_check_of_a_body_stalls_nothing() {
    let (mut world, link, blocks) = scene(Setup::default());
    world.show(link, &blocks);
    world.run(Kind::Follow);
    world.serve(link, &blocks, &[]);
    lose(&mut world, Kind::Body, link, &blocks);
    assert_eq!(world.best(), blocks[3].id());
}

#[test]
fn a_lost_execution_stalls_nothing() {
    let (mut world, link, blocks) = scene(Setup::default());
    world.show(link, &blocks);
    world.run(Kind::Follow);
    world.serve(link, &blocks, &[]);
    world.run(Kind::Body);
    lose(&mut world, Kind::Execute, link, &blocks);
    assert_eq!(world.best(), blocks[3].id());
}

/// The medium answers the oldest execution with a failure.
fn fail_to_read(world: &mut World) {
    let (id, _) = world.take(Kind::Execute);
    world.done(id, Done::Executed(Err(ExecuteError::Read(ReadFailed))));
    world.wait(2_000);
}

#[test]
fn a_state_that_cannot_be_read_halts_the_node_in_the_end() {
    let (mut world, link, blocks) = scene(Setup::default());
    world.show(link, &blocks);
    world.run(Kind::Follow);
    world.serve(link, &blocks, &[]);
    while world.kinds().contains(&Kind::Body) {
        world.run(Kind::Body);
    }
    for _ in 1..READS_FAILED_MAX {
        fail_to_read(&mut world);
    }
    world.run(Kind::Execute);
    assert_eq!(world.halt, None, "it read at last, and the count starts anew");
    for left in (0..READS_FAILED_MAX).rev() {
        assert_eq!(world.halt, None, "{left} more");
        fail_to_read(&mut world);
    }
    assert!(world.halt.unwrap().contains("`isonomy check`"));
}

#[test]
fn a_lost_admission_of_the_owner_s_is_answered() {
    let (mut world, link, blocks) = scene(Setup::default());
    let request = world.submit(Tx::by(0, 0).make());
    lose(&mut world, Kind::Admit, link, &blocks);
    assert_eq!(world.answers(request), [Err(SubmitError::Unready)]);
    assert!(world.offer(Tx::by(0, 0).make()).is_ok());
}

#[test]
fn a_lost_admission_of_a_peer_s_stalls_nothing() {
    let (mut world, link, blocks) = scene(Setup::default());
    let transactions = [Tx::by(0, 0).make(), Tx::by(1, 0).make()];
    let announce = |transaction: &isonomy_types::Transaction| Message::Announce {
        ids: List::truncated(vec![transaction.intent().id()]),
    };
    world.say(link, announce(&transactions[0]));
    world.serve(link, &[], &transactions);
    lose(&mut world, Kind::Admit, link, &blocks);
    for transaction in &transactions {
        world.say(link, announce(transaction));
        world.serve(link, &[], &transactions);
    }
    world.settle();
    assert_eq!(world.pooled().len(), 2);
}

#[test]
fn a_lost_comparison_of_the_pool_with_the_tip_is_made_again() {
    let (mut world, link, _) = scene(Setup::default());
    let waits = world.offer(Tx::by(0, 0).on(7).meter(30_000).make()).unwrap();
    let mut forge = Forge::new();
    let spent = Tx::by(0, 0).send(1, RICHES - 30_000).make();
    let blocks = [forge.block(chain_id(), 3, vec![spent])];
    world.show(link, &blocks);
    world.run(Kind::Follow);
    world.serve(link, &blocks, &[]);
    world.run(Kind::Body);
    world.run(Kind::Execute);
    assert_eq!((world.best(), world.pooled()), (blocks[0].id(), vec![waits]));
    lose(&mut world, Kind::Admit, link, &blocks);
    assert_eq!(world.pooled(), [], "its payer has spent what it needs");
}

#[test]
fn a_lost_template_or_search_stalls_no_miner() {
    let (mut world, link, _) = scene(Setup::miner());
    for lost in [Kind::Template, Kind::Mine] {
        let (id, _) = world.take(lost);
        let mut seconds = 0;
        while !world.cancelled.contains(&id) {
            world.live(1_000, link, &[]);
            seconds += 1;
            assert!(seconds <= JOB_DEADLINE_MS / 1_000 + 5, "{lost:?}");
        }
        world.live(5_000, link, &[]);
    }
    world.mine();
    assert_eq!(world.height(), 1);
}

#[test]
fn the_engine_hears_of_each_answer_that_was_lost() {
    let (setup, script) = Setup::scripted();
    let (mut world, link, _) = scene(setup);
    let key = PublicKey::from_bytes([1; 32]);
    let mine = isonomy_consensus::pow::Mine {
        target: isonomy_consensus::pow::Target::MAX,
        seal_hash: Hash::ZERO,
        extra: 0,
        from: 0,
        tries: 1,
    };
    let asks = [
        (Kind::Sign, Want::Sign { ask: Ask(1), key, digest: Hash::ZERO }),
        (Kind::Verify, Want::Verify { ask: Ask(2), claims: Vec::new() }),
        (Kind::Mine, Want::Mine { ask: Ask(3), mine }),
        (Kind::Template, Want::Propose { ask: Ask(4), parent: chain_id() }),
    ];
    for ((kind, want), ask) in asks.into_iter().zip(1..) {
        script.want(want);
        world.tick();
        script.told();
        lose(&mut world, kind, link, &[]);
        assert!(script.told().contains(&Told::Failed { ask: Ask(ask) }), "{kind:?}");
    }
}

#[test]
fn a_lost_read_is_answered_with_nothing_and_the_next_is_read() {
    let blocks = Forge::new().run(chain_id(), 3, 8);
    let mut world = World::new(Setup { base_depth: 2, flush_blocks: 1, ..Setup::default() });
    let link = world.peer(1);
    world.show(link, &blocks);
    world.sync(link, &blocks);
    let id = blocks[0].id();
    let body = |world: &World| {
        let bytes = isonomy_types::Encode::encode(&world.medium_body(id));
        Message::Body { id, bytes: isonomy_types::Blob::truncated(bytes) }
    };
    let found = [blocks[0].entry.clone()];
    let headers = Message::GetHeaders { locator: List::truncated(vec![chain_id()]) };
    let nothing = Message::Headers { entries: List::default() };
    for (kind, question, nothing) in [
        (Kind::ReadBody, Message::GetBody { id }, Message::NoBody { id }),
        (Kind::ReadHeaders, headers, nothing),
    ] {
        world.say(link, question.clone());
        world.take(kind);
        world.wait(40_000);
        assert!(world.serve(link, &blocks, &[]).contains(&nothing), "{kind:?}");
        world.say(link, question);
        world.settle();
        let heard = world.serve(link, &blocks, &[]);
        let full = heard.iter().any(|message| match message {
            Message::Headers { entries } => entries.starts_with(&found),
            message => *message == body(&world),
        });
        assert!(full, "{kind:?}: {heard:?}");
    }
}

#[test]
fn after_a_lost_check_the_next_run_of_its_link_has_its_turn() {
    let mut forge = Forge::new();
    let branches = [forge.run(chain_id(), 3, 1), forge.run(chain_id(), 4, 1)];
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    branches.iter().for_each(|branch| world.show(link, branch));
    world.take(Kind::Follow);
    assert_eq!(world.kinds(), []);
    for _ in 0..JOB_DEADLINE_MS / 20_000 {
        world.wait(20_000);
        world.serve(link, &[], &[]);
    }
    assert_eq!(world.kinds(), [Kind::Follow]);
    world.settle();
    assert!(world.node.chain().header(&branches[1][0].id()).is_some());
}

#[test]
fn who_asks_for_what_is_not_here_is_told_so() {
    let (mut world, link, _) = scene(Setup::default());
    let id = Hash::from_bytes([7; 32]);
    let failed = || isonomy_chain::StoreFailed { why: "worn out".into() };
    for done in [Done::ReadBody(Ok(None)), Done::ReadBody(Err(failed()))] {
        world.say(link, Message::GetBody { id });
        let (job, _) = world.take(Kind::ReadBody);
        world.done(job, done);
        assert_eq!(world.heard(link), [Message::NoBody { id }]);
    }
    let locator = List::truncated(vec![id]);
    for done in [Done::ReadHeaders(Ok(Vec::new())), Done::ReadHeaders(Err(failed()))] {
        world.say(link, Message::GetHeaders { locator: locator.clone() });
        let (job, _) = world.take(Kind::ReadHeaders);
        world.done(job, done);
        assert_eq!(world.heard(link), [Message::Headers { entries: List::default() }]);
    }
}

#[test]
fn what_is_read_for_a_link_is_cancelled_when_it_is_gone() {
    let blocks = Forge::new().run(chain_id(), 3, 8);
    let mut world = World::new(Setup { base_depth: 2, flush_blocks: 1, ..Setup::default() });
    let link = world.peer(1);
    world.show(link, &blocks);
    world.sync(link, &blocks);
    let (gone, stays) = (world.peer(2), world.peer(3));
    for asks in [gone, stays] {
        world.say(asks, Message::GetBody { id: blocks[0].id() });
    }
    let (id, _) = world.jobs[0];
    world.close(gone);
    assert_eq!(world.cancelled, [id]);
    world.settle();
    assert!(matches!(world.heard(stays)[..], [Message::Body { .. }]));
}

// Answers that nobody awaits.

fn any_answers() -> Vec<Done> {
    vec![
        Done::Followed(isonomy_consensus::Followed { valid: Vec::new(), broken: None }),
        Done::Body(Err(isonomy_node::BodyError::Mismatch)),
        Done::Body(Ok(Vec::new().into())),
        Done::Admitted(Vec::new()),
        Done::Executed(Err(isonomy_ledger::ExecuteError::Named(1))),
        Done::Mined(Some(0)),
        Done::Verified(true),
        Done::Signed(None),
        Done::ReadBody(Ok(None)),
        Done::ReadHeaders(Ok(Vec::new())),
    ]
}

#[test]
fn an_answer_to_no_question_changes_nothing() {
    let (mut world, link, blocks) = scene(Setup::miner());
    world.show(link, &blocks);
    let (follow, done) = world.work(Kind::Follow);
    world.done(follow, done);
    let before = world.trace.len();
    for id in [JobId(0), follow, JobId(u64::MAX)] {
        any_answers().into_iter().for_each(|done| world.done(id, done));
    }
    assert_eq!(world.trace.len(), before);
    world.sync(link, &blocks);
    assert_eq!(world.best(), blocks[3].id());
}

#[test]
fn an_answer_of_another_kind_counts_as_none() {
    for place in 0..any_answers().len() {
        let (mut world, link, blocks) = scene(Setup::miner());
        world.show(link, &blocks);
        for _ in 0..6 {
            let Some((id, _)) = world.jobs.pop_front() else { break };
            world.done(id, any_answers().remove(place));
        }
        world.jobs.clear();
        world.live(JOB_DEADLINE_MS + 40_000, link, &blocks);
        assert_eq!(world.height(), 4, "answer {place}");
    }
}

#[test]
fn the_answer_to_a_cancelled_job_is_not_heard() {
    let (mut world, link, blocks) = scene(Setup::miner());
    let (template, done) = world.work(Kind::Template);
    world.show(link, &blocks[..1]);
    world.sync(link, &blocks[..1]);
    assert!(world.cancelled.contains(&template), "best moved");
    let before = world.trace.len();
    world.done(template, done);
    assert_eq!(world.trace.len(), before);
    world.mine();
    assert_eq!(world.height(), 2);
}

#[test]
fn an_answer_after_its_time_is_not_heard() {
    let (mut world, link, blocks) = scene(Setup::default());
    world.show(link, &blocks);
    let (id, done) = world.work(Kind::Follow);
    world.wait(1_000);
    world.close(link);
    world.wait(JOB_DEADLINE_MS);
    world.done(id, done);
    assert!(world.node.chain().header(&blocks[0].id()).is_none());
}

// Any order.

/// Two branches, transactions, two peers; each step does one of the things that can be done.
fn muddle(steps: &[usize], lossy: bool) -> (Hash, Vec<Hash>) {
    let mut forge = Forge::new();
    let light = forge.run(chain_id(), 3, 3);
    let paid = forge.block(chain_id(), 4, vec![Tx::by(0, 0).send(1, 5).make()]);
    let mut heavy = vec![paid];
    heavy.extend(forge.run(heavy[0].id(), 4, 4));
    let mut world = World::new(Setup::default());
    let links = [world.peer(1), world.peer(2)];
    world.show(links[0], &light);
    world.show(links[1], &heavy);
    for person in 0..4 {
        world.submit(Tx::by(person, 0).send(3, 1).make());
    }
    for step in steps {
        world.serve(links[0], &light, &[]);
        world.serve(links[1], &heavy, &[]);
        if step % 5 == 0 && !world.commits.is_empty() {
            world.ack();
        } else if !world.jobs.is_empty() {
            let (id, job) = world.jobs.remove(step % world.jobs.len()).unwrap();
            if !lossy || step % 7 != 0 {
                let done = job.run(&world.medium);
                world.done(id, done);
            }
        }
    }
    let seconds = if lossy { JOB_DEADLINE_MS / 1_000 + 40 } else { 3 };
    for _ in 0..seconds {
        world.wait(1_000);
        world.sync(links[0], &light);
        world.sync(links[1], &heavy);
    }
    assert_eq!(world.best(), heavy[4].id());
    (world.best(), world.pooled())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn answers_in_any_order_lead_to_the_same_chain_and_pool(
        steps in prop::collection::vec(any::<usize>(), 0..80),
    ) {
        prop_assert_eq!(muddle(&steps, false), muddle(&[], false));
    }

    #[test]
    fn answers_lost_at_random_lead_to_the_same_chain(
        steps in prop::collection::vec(any::<usize>(), 0..80),
    ) {
        prop_assert_eq!(muddle(&steps, true).0, muddle(&[], false).0);
    }
}
