//! The owner's transactions: what becomes of each reaches whoever submitted it, once.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_chain::{PoolLimits, PoolRefused, REPLACED_MAX};
use isonomy_crypto::Hash;
use isonomy_ledger::AdmitError;
use isonomy_node::{JOBS_MAX, Refusal, SubmitError};
use isonomy_types::*;

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
fn one_replacement_drives_out_so_many_and_no_more() {
    let pool = PoolLimits { per_account: 1_000, ..PoolLimits::default() };
    let mut world = World::new(Setup { pool, ..Setup::default() });
    for seq in 0..=REPLACED_MAX as u64 {
        assert!(world.offer(Tx::by(0, seq).make()).is_ok());
    }
    let why = PoolRefused::Replaces { got: REPLACED_MAX + 1, limit: REPLACED_MAX };
    assert_eq!(world.offer(Tx::by(0, 0).price(9).make()), Err(SubmitError::Pool(why)));
    assert!(world.offer(Tx::by(0, 1).price(9).make()).is_ok());
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
