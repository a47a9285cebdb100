//! Bodies and execution: what condemns a block, and what does not.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::*;
use isonomy_chain::*;
use isonomy_crypto::{Domain, Hash, Signature};
use isonomy_ledger::{ExecuteError, Inadmissible, ReadFailed, accounts};
use isonomy_types::*;
use std::sync::Arc;

fn other() -> Hash {
    Domain::new("isonomy chain tests").hash(b"other")
}

#[test]
fn a_header_that_lies_is_condemned_with_its_descendants() {
    type Lie = (&'static str, fn(&mut Header));
    let lies: [Lie; 4] = [
        ("the state root", |header| header.state_root = other()),
        ("the receipts root", |header| header.receipts_root = other()),
        ("the next authority", |header| header.next_authority = other()),
        ("the next params", |header| header.next_params = other()),
    ];
    for (field, lie) in lies {
        let mut world = World::new();
        let tx = Tx::by(0, 0).send(1, 5).make();
        let truth = world.make(world.genesis(), 1, &[tx]);
        let made = truth.clone().but(lie);
        let id = world.bring(&made);
        let mut ids = vec![id];
        if field != "the next authority" {
            let mut child = made.clone();
            child.header.parent = id;
            child.header.height += 1;
            child.header.time.0 += 1;
            ids.push(world.bring(&child));
        }
        match world.execute(id) {
            Outcome::Condemned { why: BlockInvalid::Commitment { what, .. }, ids: condemned } => {
                assert_eq!((what, condemned), (field, ids.clone()));
            }
            other => panic!("{field}: {other:?}"),
        }
        for id in ids {
            assert_eq!(world.chain.execute(id).err(), Some(ExecuteRefused::Unknown));
            assert!(!world.chain.import_body(id, made.body.clone().into()));
            assert!(world.chain.adopt(id).is_none() && world.chain.view(&id).is_none());
        }
        assert_eq!(world.chain.body_bytes(), 0);
        // The honest block with the same content is another block, and fine.
        let id = world.bring(&truth);
        assert!(matches!(world.execute(id), Outcome::Executed { .. }));
    }
}

#[test]
fn a_header_that_breaks_no_rule_but_holds_what_no_block_may_is_condemned() {
    let spent = || vec![Tx::by(0, 0).send(1, 5).make(), Tx::by(0, 0).send(2, 5).make()];
    let table: [(&str, Vec<Shared>, usize); 4] = [
        ("attack 23: a nonce twice", spent(), 1),
        ("a gap", vec![Tx::by(0, 1).send(1, 5).make()], 0),
        ("no coins for the fee", vec![Tx::by(50, 0).make()], 0),
        ("expired", vec![Tx::by(0, 0).expires(0).make()], 0),
    ];
    for (name, body, at) in table {
        let mut world = World::new();
        let mut made = world.make(world.genesis(), 1, &[]);
        made.header.body_root = body_of(&body).root();
        made.body = body;
        let id = world.bring(&made);
        match world.execute(id) {
            Outcome::Condemned { why: BlockInvalid::Execute(why), ids } => {
                assert!(
                    matches!(why, ExecuteError::Invalid { index, .. } if index == at),
                    "{name}"
                );
                assert_eq!(ids, [id]);
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn a_read_that_fails_says_nothing_about_the_block() {
    let mut world = World::new();
    let made = world.make(world.genesis(), 1, &[Tx::by(0, 0).send(1, 5).make()]);
    let id = world.bring(&made);
    let failed = world.chain.executed(id, Err(ExecuteError::Read(ReadFailed)));
    assert_eq!(failed, Outcome::Nothing);

    let mut work = world.chain.execute(id).unwrap();
    work.view = Arc::new(Broke);
    let result = work.run();
    assert!(matches!(result, Err(ExecuteError::Read(_))));
    assert_eq!(world.chain.executed(id, result), Outcome::Nothing);
    assert_eq!(world.chain.next_to_execute(id), Some(id), "it is asked for again");
    assert!(matches!(world.execute(id), Outcome::Executed { .. }));
}

#[test]
fn execute_refuses_what_cannot_run_now() {
    let mut world = World::new();
    let first = world.make(world.genesis(), 1, &[]);
    let second = first.clone().but(|header| {
        header.parent = first.id();
        header.height += 1;
        header.time.0 += 1;
    });
    assert_eq!(world.chain.execute(first.id()).err(), Some(ExecuteRefused::Unknown));
    world.show(&first);
    assert_eq!(world.chain.execute(first.id()).err(), Some(ExecuteRefused::BodyMissing));
    world.bring(&second);
    let parent = ExecuteRefused::ParentNotExecuted { parent: first.id() };
    assert_eq!(world.chain.execute(second.id()).err(), Some(parent));
    // A result for it, from wherever, does not make a hole in the branch.
    let done = Ok(second.executed.clone());
    assert_eq!(world.chain.executed(second.id(), done), Outcome::Nothing);
    assert!(world.chain.import_body(first.id(), first.body.clone().into()));
    assert!(matches!(world.execute(first.id()), Outcome::Executed { .. }));
    assert_eq!(world.chain.execute(first.id()).err(), Some(ExecuteRefused::Done));
    assert_eq!(world.chain.execute(world.genesis()).err(), Some(ExecuteRefused::Done));
    let again = world.chain.executed(first.id(), Ok(first.executed));
    assert_eq!(again, Outcome::Nothing, "told once");
}

#[test]
fn bodies_are_missing_oldest_first_and_may_come_in_any_order() {
    let mut world = World::new();
    let mut chain = vec![world.make(world.genesis(), 1, &[])];
    for _ in 1..5 {
        let mut next = chain.last().unwrap().clone();
        next.header.parent = next.id();
        next.header.height += 1;
        next.header.time.0 += 1;
        chain.push(next);
    }
    let ids: Vec<_> = chain.iter().map(|made| world.show(made)).collect();
    assert_eq!(world.chain.missing(ids[4]), ids);
    assert_eq!(world.chain.missing(ids[1]), ids[..2]);
    for at in [4, 2, 0] {
        assert!(world.chain.import_body(ids[at], Vec::new().into()));
        assert!(!world.chain.import_body(ids[at], Vec::new().into()), "held already");
    }
    assert_eq!(world.chain.missing(ids[4]), [ids[1], ids[3]]);
    assert_eq!(world.chain.next_to_execute(ids[4]), Some(ids[0]));
    assert!(matches!(world.execute(ids[0]), Outcome::Executed { .. }));
    assert_eq!(world.chain.next_to_execute(ids[4]), Some(ids[1]));
    assert_eq!(world.chain.missing(ids[0]), []);
    assert_eq!(world.chain.next_to_execute(ids[0]), None);
    assert_eq!(world.chain.missing(Hash::ZERO), []);
    assert!(!world.chain.import_body(Hash::ZERO, Vec::new().into()));
    assert!(!world.chain.import_body(world.genesis(), Vec::new().into()));
}

#[test]
fn a_long_way_is_named_in_pieces() {
    let mut world = World::new();
    let mut made = world.make(world.genesis(), 1, &[]);
    let mut ids = Vec::new();
    for _ in 0..MISSING_MAX * 2 {
        ids.push(world.show(&made));
        made.header.parent = made.id();
        made.header.height += 1;
        made.header.time.0 += 1;
    }
    assert_eq!(world.chain.missing(*ids.last().unwrap()), ids[..MISSING_MAX]);
}

#[test]
fn bodies_that_wait_are_bounded_and_the_next_is_always_taken() {
    let mut world = World::new();
    // One body of 16 MiB, larger than a chain allows: it is counted before it is judged.
    let payload = vec![0; PAYLOAD_BYTES_MAX];
    let tx = Tx::by(0, 0).act(assets(), payload).make();
    let body: Transactions = vec![tx.clone(); 16 * 1024 * 1024 / tx.bytes()].into();
    let each: usize = body.iter().map(|tx| tx.bytes()).sum();
    let mut made = world.make(world.genesis(), 1, &[]);
    let mut ids = Vec::new();
    for _ in 0..7 {
        ids.push(world.show(&made));
        made.header.parent = made.id();
        made.header.height += 1;
        made.header.time.0 += 1;
    }
    let fit = WAITING_BODY_BYTES_MAX / each;
    assert_eq!(world.chain.missing(ids[6]), ids, "nothing says how large they are");
    assert!(world.chain.import_body(ids[1], body.clone()));
    let few: Vec<Hash> = ids[..1].iter().chain(&ids[2..]).take(fit - 1).copied().collect();
    assert_eq!(world.chain.missing(ids[6]), few, "what would find no room is not fetched");
    assert_eq!(world.chain.waiting_bodies(), 1);
    let taken: Vec<bool> =
        ids[2..].iter().map(|id| world.chain.import_body(*id, body.clone())).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), fit - 1);
    assert!(taken[..fit - 1].iter().all(|taken| *taken));
    assert_eq!(world.chain.body_bytes(), fit * each);
    assert_eq!(world.chain.missing(ids[6]).first(), Some(&ids[0]));

    // The next to run gets in over the limit, and is then the only one that is asked for.
    assert!(world.chain.import_body(ids[0], body.clone()));
    assert_eq!(world.chain.body_bytes(), (fit + 1) * each);
    assert_eq!(world.chain.missing(ids[6]), [], "nothing else is asked for");

    // What is condemned makes room.
    let condemned = world.chain.condemn(ids[2]);
    assert_eq!(condemned.len(), 5);
    assert_eq!(world.chain.body_bytes(), 2 * each);
    let fork = world.chain.header(&ids[1]).unwrap().clone();
    let mut taken = 0;
    for salt in 11..16 {
        made.header = Header { parent: ids[1], height: fork.height + 1, ..made.header };
        made.header.time = Wall(fork.time.0 + salt);
        let id = world.show(&made);
        taken += usize::from(world.chain.import_body(id, body.clone()));
    }
    assert_eq!(taken, fit - 2);
}

fn assets() -> ModuleId {
    isonomy_ledger::assets::ID
}

#[test]
fn executed_bodies_do_not_count_as_waiting() {
    let mut world = World::new();
    let mut bytes = 0;
    let mut parent = world.genesis();
    for seq in 0..3 {
        let tx = Tx::by(0, seq).send(1, 5).make();
        bytes += tx.bytes();
        parent = world.grow(parent, 1, &[tx]);
        assert_eq!(world.chain.body_bytes(), bytes, "kept for serving");
        assert_eq!(world.chain.body(&parent).unwrap().transactions.len(), 1);
    }
}

#[test]
fn what_was_executed_leaves_room_for_what_waits() {
    let mut world = World::new();
    let (mut seq, mut parent) = (0, world.genesis());
    // Below the target of half a block, so that the base fee stays.
    const EACH: u64 = 7;
    while world.chain.body_bytes() <= WAITING_BODY_BYTES_MAX {
        let padded = |seq| Tx::by(0, seq).act(9, vec![0; PAYLOAD_BYTES_MAX]).meter(200_000).make();
        let body: Vec<_> = (seq..seq + EACH).map(padded).collect();
        seq += EACH;
        parent = world.grow(parent, 1, &body);
        assert_eq!(world.chain.body(&parent).unwrap().transactions.len() as u64, EACH);
    }
    let mut made = world.make(parent, 1, &[]);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.show(&made));
        made.header.parent = made.id();
        made.header.height += 1;
        made.header.time.0 += 1;
    }
    assert_eq!(world.chain.missing(ids[2]), ids);
}

#[test]
fn attack_24_a_block_is_judged_on_its_own_parent_whatever_was_true_elsewhere() {
    let mut world = World::new();
    let tx = Tx::by(0, 0).send(1, 5).make();
    let here = world.grow(world.genesis(), 1, std::slice::from_ref(&tx));
    assert_eq!(world.balance(&here, 1), RICHES + 5);

    // On a branch where the nonce is spent otherwise, the same transaction condemns its block.
    let there = world.grow(world.genesis(), 2, &[Tx::by(0, 0).send(2, 9).make()]);
    let mut made = world.make(there, 2, &[]);
    made.header.body_root = body_of(std::slice::from_ref(&tx)).root();
    made.body = vec![tx.clone()];
    let id = world.bring(&made);
    let spent = Inadmissible::Nonce { signer: 0, got: 0, limit: 1 };
    let why = BlockInvalid::Execute(ExecuteError::Invalid { index: 0, why: spent });
    assert_eq!(world.execute(id), Outcome::Condemned { why, ids: vec![id] });

    // On one where the account changed hands, too.
    let call = accounts::Call::SetPolicy(policy(9)).encode();
    let changed = world.grow(world.genesis(), 3, &[Tx::by(0, 0).on(4).act(0, call).make()]);
    let mut made = world.make(changed, 3, &[]);
    made.header.body_root = body_of(std::slice::from_ref(&tx)).root();
    made.body = vec![tx];
    let id = world.bring(&made);
    let policy = Inadmissible::Policy { signer: 0 };
    let why = BlockInvalid::Execute(ExecuteError::Invalid { index: 0, why: policy });
    assert_eq!(world.execute(id), Outcome::Condemned { why, ids: vec![id] });
}

#[test]
fn attack_24_what_waits_was_admitted_at_one_tip_and_is_judged_again_in_the_block() {
    let mut world = World::new();
    let tx = Tx::by(0, 0).send(1, 5).make();
    let mut pool = Pool::new(PoolLimits::default());
    pool.insert(tx.clone(), &standing(1, 0), 0, Mono(0)).unwrap();

    let call = accounts::Call::SetPolicy(policy(9)).encode();
    let change = Tx::by(0, 0).on(4).act(0, call).make();
    let id = world.grow(world.genesis(), 1, std::slice::from_ref(&change));
    world.chain.adopt(id).unwrap();
    pool.moved(&[], &[change], 1, Mono(0));
    let candidates = pool.candidates(usize::MAX, u64::MAX);
    assert_eq!(candidates.len(), 1, "the pool sees nonces, not policies");

    let filled = world.chain.template(id, Wall(9_999), address(0), candidates).unwrap();
    let done = filled.run().unwrap();
    assert!(done.included.is_empty());
    assert_eq!(done.refused, [(tx.id(), Inadmissible::Policy { signer: 0 })]);
    assert_eq!(pool.drop(&[tx.id()]), [tx.id()]);
}

#[test]
fn attack_50_a_refused_body_leaves_its_header_clean() {
    let mut world = World::new();
    let tx = Tx::by(0, 0).send(1, 5).make();
    let made = world.make(world.genesis(), 1, std::slice::from_ref(&tx));
    let id = world.show(&made);
    let root = world.chain.header(&id).unwrap().body_root;

    // Nothing, another transaction, one twice, one more, another signature: none has the root that
    // the caller compares, so none gets to the chain.
    let more = Tx::by(1, 0).send(1, 5).make();
    let witness = Witness {
        signatures: vec![Some(Signature::from_bytes([8; 64]))].try_into().unwrap(),
        ..tx.witnesses()[0].clone()
    };
    let witnesses = vec![witness].try_into().unwrap();
    let resigned = Transaction::new(tx.intent().clone(), witnesses).trust_own_log();
    assert_eq!(resigned.id(), tx.id());
    let bodies = [
        vec![],
        vec![more.clone()],
        vec![tx.clone(), tx.clone()],
        vec![tx, more],
        vec![Arc::new(resigned)],
    ];
    for body in bodies {
        assert_ne!(body_of(&body).root(), root);
    }
    // Whoever sends one is blamed elsewhere; here nothing has happened.
    assert_eq!(world.chain.missing(id), [id]);
    assert_eq!(world.chain.execute(id).err(), Some(ExecuteRefused::BodyMissing));
    assert_eq!(world.chain.header(&id), Some(&made.header));

    assert_eq!(body_of(&made.body).root(), root);
    assert!(world.chain.import_body(id, made.body.into()));
    assert!(matches!(world.execute(id), Outcome::Executed { .. }));
    assert!(world.chain.adopt(id).is_some());
}

#[test]
fn attack_50_a_block_that_is_invalid_stays_so_and_its_twin_by_another_seal_does_not_suffer() {
    let mut world = World::new();
    let made = world.make(world.genesis(), 1, &[]);
    let liar = made.clone().but(|header| header.state_root = other());
    let id = world.bring(&liar);
    assert!(matches!(world.execute(id), Outcome::Condemned { .. }));
    assert_eq!(world.import_entry(liar.entry()), Err(HeaderRefused::Condemned));

    let twin = liar.but(|header| header.seal = Blob::truncated(vec![2]));
    let id = world.bring(&twin);
    assert!(matches!(world.execute(id), Outcome::Condemned { .. }), "judged by itself");
    let id = world.bring(&made);
    assert!(matches!(world.execute(id), Outcome::Executed { .. }));
}

#[test]
fn execution_says_what_binds_the_child() {
    let mut world = World::new();
    let params = Params { base_fee: 3_000, base_fee_floor: 3_000, ..Params::default() };
    let call = (authority(4), params.clone()).encode();
    let id = world.grow(world.genesis(), 1, &[Tx::by(0, 0).act(COUNCIL, call).make()]);
    assert_eq!(*world.chain.authority_after(&id).unwrap(), authority(4));
    assert_eq!(world.chain.params_after(&id), Some(&params));
    let env = world.chain.next_env(&id, Wall(7), address(3)).unwrap();
    assert_eq!((env.height, env.time, env.producer), (2, Wall(7), address(3)));
    assert_eq!((&*env.authority, &env.params), (&authority(4), &params));
    assert_eq!(world.chain.entry(&id).unwrap().authority, Some(authority(4)));

    // The child binds too: a price below the new base fee is no longer admissible.
    let cheap = Tx::by(0, 1).send(1, 1).price(2).make();
    let done = world.chain.template(id, Wall(9_999), address(0), vec![cheap]).unwrap().run();
    assert!(matches!(done.unwrap().refused[..], [(_, Inadmissible::Price { got: 2, limit: 3 })]));
    assert!(world.chain.next_env(&Hash::ZERO, Wall(7), address(3)).is_none());
}
