//! The owner's transactions: what becomes of each reaches whoever submitted it, once.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_chain::{CHAINED_MAX, LEAST_PRICE_HALF_LIFE_MS, PoolLimits, PoolRefused, REPLACED_MAX};
use isonomy_crypto::Hash;
use isonomy_ledger::AdmitError;
use isonomy_node::{HELD_MAX, JOB_DEADLINE_MS, JOBS_MAX, Refusal, Request, SubmitError};
use isonomy_types::*;
use proptest::prelude::*;

fn refused(result: Result<Hash, SubmitError>) -> String {
    match result {
        Err(SubmitError::Refused(Refusal::Check(error))) => format!("check {error:?}"),
        Err(SubmitError::Refused(Refusal::State(AdmitError::Inadmissible(why)))) => {
            format!("state {why:?}")
        }
        Err(SubmitError::Pool(why)) => format!("pool {why:?}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_refusal_reaches_who_submitted() {
    let first = first_block(Params::default());
    let chain = first.tip.trail.id;
    let pool = PoolLimits { transactions: 5, bytes: 10_000, per_account: 2 };
    let mut world = World::new(Setup { first, pool, ..Setup::default() });
    let tx = |n: u8, seq: u64| Tx::by(n, seq).for_chain(chain);
    let nobody =
        Transaction::new(Intent { signers: List::default(), ..tx(0, 0).intent() }, List::default());
    let refusals = [
        ("check NoSigner", nobody),
        ("check Signature(", tx(0, 0).for_chain(Hash::ZERO).make()),
        ("state Expired { got: 0, limit: 1 }", tx(0, 0).expires(0).make()),
        ("state Policy { signer: 0 }", tx(0, 0).signed_by(1).make()),
        ("state Price { got: 0, limit: 1 }", tx(0, 0).price(0).make()),
        ("state Meter { got: 10, limit: ", tx(0, 0).meter(10).make()),
        ("state BlockMeter { got: 10000001, limit: 10000000 }", tx(0, 0).meter(10_000_001).make()),
        ("state Payer { limit: Amount(20000)", tx(PEOPLE, 0).make()),
        ("pool Gap { got: 1, limit: 0 }", tx(0, 1).make()),
    ];
    for (words, transaction) in refusals {
        let got = refused(world.offer(transaction));
        assert!(got.starts_with(words), "{got} instead of {words}");
    }

    for (person, seq) in [(0, 0), (0, 1), (1, 0), (2, 0), (3, 0)] {
        let made = tx(person, seq).price(5).make();
        let id = made.intent().id();
        assert_eq!(world.offer(made.clone()), Ok(id));
        assert_eq!(refused(world.offer(made)), "pool Known");
    }
    let account = address(0);
    let refusals = [
        (PoolRefused::Underpriced { got: 5, limit: 6 }, tx(0, 1).price(5).send(1, 1).make()),
        (PoolRefused::AccountFull { account, got: 3, limit: 2 }, tx(0, 2).price(9).make()),
        (PoolRefused::Full { got: 5, limit: 5 }, tx(4, 0).price(5).make()),
    ];
    for (why, transaction) in refusals {
        assert_eq!(world.offer(transaction), Err(SubmitError::Pool(why)));
    }
    assert!(world.offer(tx(4, 0).price(6).make()).is_ok(), "it pays more than another");
    assert_eq!(world.pooled().len(), 5);
}

#[test]
fn a_nonce_that_a_block_has_spent_is_refused() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let spent = Tx::by(0, 0).send(1, 5).make();
    world.connect(&forge.block(chain_id(), 3, vec![spent.clone()]));
    let got = refused(world.offer(spent));
    assert_eq!(got, "state Nonce { signer: 0, got: 0, limit: 1 }");
}

#[test]
fn one_replacement_drives_out_so_many_and_pays_for_each() {
    let pool = PoolLimits { per_account: 1_000, ..PoolLimits::default() };
    let mut world = World::new(Setup { pool, ..Setup::default() });
    for seq in 0..REPLACED_MAX as u64 {
        assert!(world.offer(Tx::by(0, seq).make()).is_ok());
    }
    let why = PoolRefused::Chained { got: REPLACED_MAX, limit: CHAINED_MAX };
    let next = Tx::by(0, REPLACED_MAX as u64).make();
    assert_eq!(world.offer(next), Err(SubmitError::Pool(why)));
    let got = refused(world.offer(Tx::by(0, 1).price(99).make()));
    assert!(got.starts_with("pool Underpays"), "{got}");
    assert!(world.offer(Tx::by(0, 1).price(100).make()).is_ok());
    assert_eq!(world.pooled().len(), 2);
}

/// The state was asked, then best moved: the answer is of a state that is not there any more.
#[test]
fn an_answer_of_a_former_tip_is_asked_for_anew() {
    let mut forge = Forge::new();
    let funds = forge.block(chain_id(), 3, vec![Tx::by(0, 0).send(PEOPLE, 1 << 20).make()]);
    let late = Tx::by(0, 0).make();
    let poor = Tx::by(PEOPLE, 0).make();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let requests = [world.submit(late), world.submit(poor)];
    let kept = [world.work(Kind::Admit), world.work(Kind::Admit)];
    world.show(link, std::slice::from_ref(&funds));
    world.sync(link, std::slice::from_ref(&funds));
    kept.into_iter().for_each(|(id, done)| world.done(id, done));
    assert!(requests.iter().all(|request| world.answers(*request).is_empty()));
    world.settle();
    let [late, poor] = requests.map(|request| world.answers(request));
    assert_eq!((late.len(), poor.len()), (1, 1));
    assert!(refused(late[0].clone()).starts_with("state Nonce"));
    assert!(poor[0].is_ok(), "the new state has coins for it: {poor:?}");
}

#[test]
fn the_owner_hears_at_once_when_there_is_too_much_to_do() {
    let mut world = World::new(Setup::default());
    let many = 3 * JOBS_MAX;
    let requests: Vec<_> = (0..many).map(|_| world.submit(Tx::by(0, 0).make())).collect();
    let unready = |request| world.answers(request) == [Err(SubmitError::Unready)];
    assert!(world.jobs.len() < many && unready(requests[many - 1]));
    let jobs = world.jobs.len();
    world.settle();
    let answered = requests.iter().map(|request| world.answers(*request).len());
    assert_eq!(answered.sum::<usize>(), many, "once each");
    let pooled = requests.iter().filter(|request| world.answers(**request)[0].is_ok());
    assert_eq!(pooled.count(), 1, "of {jobs} looked at");
}

/// Answers the jobs at these places, in this order.
fn answer_in(world: &mut World, order: &[usize]) {
    let mut jobs: Vec<_> = world.jobs.drain(..).map(Some).collect();
    for place in order {
        let (id, job) = jobs[*place].take().unwrap();
        let done = job.run(&world.medium);
        world.done(id, done);
    }
    jobs.into_iter().flatten().rev().for_each(|job| world.jobs.push_front(job));
}

fn outcome(world: &World, request: Request) -> String {
    match &world.answers(request)[..] {
        [Ok(_)] => "ok".into(),
        [Err(SubmitError::Pool(why))] => format!("{why:?}"),
        [Err(SubmitError::Refused(_))] => "refused".into(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_burst_of_one_lane_is_taken_in_whatever_order_it_is_judged() {
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let requests: Vec<_> = (0..6).map(|seq| world.submit(Tx::by(0, seq).make())).collect();
    world.take(Kind::Admit);
    answer_in(&mut world, &[4, 2, 3, 0, 1]);
    assert!(requests.iter().all(|request| world.answers(*request).is_empty()), "all are ahead");
    world.settle();
    assert_eq!(world.pooled().len(), 0);
    // The lost one counts as failed once its time is over: those after it have nothing to wait for.
    world.turn_clock(JOB_DEADLINE_MS);
    world.tick();
    assert_eq!(world.answers(requests[0]), [Err(SubmitError::Unready)]);
    assert_eq!(outcome(&world, requests[5]), "Gap { got: 5, limit: 0 }");

    let requests: Vec<_> = (0..6).map(|seq| world.submit(Tx::by(0, seq).make())).collect();
    answer_in(&mut world, &[5, 3, 4, 1, 2, 0]);
    assert!(requests.iter().all(|request| outcome(&world, *request) == "ok"));
    let order: Vec<_> = world.node.pool().in_order().iter().map(|tx| tx.id()).collect();
    assert_eq!(order, (0..6).map(|seq| Tx::by(0, seq).id()).collect::<Vec<_>>());
    world.wait(10_000);
    let told: usize = world
        .heard(link)
        .iter()
        .map(|message| match message {
            isonomy_peer::Message::Announce { ids } => ids.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(told, 6, "peers hear of each");
}

#[test]
fn what_waits_for_one_that_is_refused_is_refused_too() {
    let mut world = World::new(Setup::default());
    let bad = Tx::by(0, 0).signed_by(3).make();
    let requests = [bad, Tx::by(0, 1).make(), Tx::by(0, 2).make()].map(|tx| world.submit(tx));
    answer_in(&mut world, &[2, 1, 0]);
    let gap = |got| format!("Gap {{ got: {got}, limit: 0 }}");
    let got = requests.map(|request| outcome(&world, request));
    assert_eq!(got, ["refused".into(), gap(1), gap(2)]);
    assert_eq!(world.pooled(), []);
    // Nothing is left of them: what comes now is ahead of nothing.
    let late = world.submit(Tx::by(0, 1).make());
    world.settle();
    assert_eq!(outcome(&world, late), gap(1));
}

#[test]
fn one_that_is_ahead_of_another_lane_only_waits_for_nothing() {
    let mut world = World::new(Setup::default());
    let requests = [Tx::by(0, 0).on(1).make(), Tx::by(1, 0).make(), Tx::by(0, 3).make()]
        .map(|tx| world.submit(tx));
    answer_in(&mut world, &[2]);
    assert_eq!(outcome(&world, requests[2]), "Gap { got: 3, limit: 0 }");
}

/// Signed by the first, who pays, and the second; each with a nonce of the first lane.
fn by_two(signers: [(u8, u64); 2]) -> Transaction {
    let lane = |(by, seq)| Tx::by(by, seq).intent().signers[0];
    let mut intent = Tx::by(signers[0].0, 0).intent();
    intent.signers = signers.map(lane).to_vec().try_into().unwrap();
    let digest = intent.signing_digest(&chain_id());
    let witness = |(by, _)| {
        let signature = secret(by).sign(&digest, &[0; 32]).unwrap();
        Witness { policy: policy(by), signatures: vec![Some(signature)].try_into().unwrap() }
    };
    Transaction::new(intent, signers.map(witness).to_vec().try_into().unwrap())
}

/// Each is ahead of the other in one lane: neither may wait for the other's answer.
#[test]
fn two_that_are_ahead_of_each_other_are_both_answered() {
    let pairs = [[(0, 5), (1, 3)], [(1, 4), (0, 4)]];
    for pairs in [pairs, [pairs[1], pairs[0]]] {
        let mut world = World::new(Setup::default());
        let requests = pairs.map(|signers| world.submit(by_two(signers)));
        world.settle();
        let got = requests.map(|request| outcome(&world, request));
        assert!(got.iter().all(|got| got.starts_with("Gap")), "{got:?}");
    }
}

#[test]
fn what_is_held_is_bounded() {
    let pool = PoolLimits { per_account: 1_000, ..PoolLimits::default() };
    let mut world = World::new(Setup { pool, ..Setup::default() });
    let many = HELD_MAX + 40;
    let requests: Vec<_> =
        (0..many as u64).map(|seq| world.submit(Tx::by(0, seq).make())).collect();
    let backwards: Vec<_> = (0..many).rev().collect();
    answer_in(&mut world, &backwards[..many - 1]);
    let open = requests.iter().filter(|request| world.answers(**request).is_empty()).count();
    assert_eq!(open, HELD_MAX + 1, "the others hear at once that they are ahead");
    world.settle();
    assert_eq!(outcome(&world, requests[0]), "ok");
    let once = |request: &Request| world.answers(*request).len() == 1;
    assert!(requests.iter().all(once));
}

#[test]
fn what_is_held_while_best_moves_is_asked_for_anew() {
    let mut forge = Forge::new();
    let mut world = World::new(Setup::default());
    let link = world.peer(1);
    let spent = forge.block(chain_id(), 3, vec![Tx::by(0, 0).send(1, 5).make()]);
    let requests = [0, 1, 2].map(|seq| world.submit(Tx::by(0, seq).make()));
    let [first, second, third] = [0; 3].map(|_| world.work(Kind::Admit));
    world.done(third.0, third.1);
    world.done(second.0, second.1);
    world.show(link, std::slice::from_ref(&spent));
    world.sync(link, std::slice::from_ref(&spent));
    assert_eq!(world.height(), 1);
    world.done(first.0, first.1);
    world.settle();
    assert_eq!(requests.map(|request| outcome(&world, request)), ["refused", "ok", "ok"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Two accounts, two lanes each, three nonces a lane: in whatever order jobs end, the outcome is
    /// that of sending one after another.
    #[test]
    fn the_order_of_answers_changes_nothing(
        order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
        sent in Just((0..12).collect::<Vec<u64>>()).prop_shuffle(),
        bad in prop::collection::btree_set(0..12_u64, 0..3),
    ) {
        let make = |n: u64| {
            let tx = Tx::by((n % 2) as u8, n / 4).on((n / 2 % 2) as u16);
            if bad.contains(&n) { tx.signed_by(5).make() } else { tx.make() }
        };
        let mut world = World::new(Setup::default());
        let requests: Vec<_> = sent.iter().map(|n| (*n, world.submit(make(*n)))).collect();
        answer_in(&mut world, &order);
        for (n, request) in requests {
            let first_bad = (0..=n).filter(|m| m % 4 == n % 4).find(|m| bad.contains(m));
            let got = outcome(&world, request);
            match first_bad {
                None => prop_assert_eq!(got, "ok"),
                Some(_) if bad.contains(&n) => prop_assert_eq!(got, "refused"),
                Some(_) => prop_assert!(got.starts_with("Gap"), "{}", got),
            }
        }
    }
}

/// A chain whose blocks a few transfers fill: what waits is outbid, then the base fee is.
#[test]
fn the_estimate_is_of_the_next_blocks_params() {
    let mut world = World::new(Setup::default());
    assert_eq!(world.node.estimate(1), 1);
    for n in 0..3 {
        world.offer(Tx::by(n, 0).price(9).make()).unwrap();
    }
    let tip = world.node.chain().best().id;
    let params = world.node.chain().params_after(&tip).unwrap();
    let now = Mono(0);
    assert_eq!(world.node.estimate(1), world.node.pool().estimate(params, 1, now));
    assert_eq!(world.node.estimate(2), 1, "three fill no block");
}

#[test]
fn the_least_price_is_told_and_falls() {
    let pool = PoolLimits { transactions: 2, ..PoolLimits::default() };
    let mut world = World::new(Setup { pool, ..Setup::default() });
    for (n, price) in [(0, 4), (1, 9), (2, 9)] {
        world.offer(Tx::by(n, 0).price(price).make()).unwrap();
    }
    assert_eq!(world.node.least_price(), 5);
    world.turn_clock(LEAST_PRICE_HALF_LIFE_MS);
    world.tick();
    assert_eq!(world.node.least_price(), 2);
}
