//! The pool and the tip: what waits is judged anew wherever best moves.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;
use common::*;
use isonomy_consensus::{Ask, Output as Want};
use isonomy_crypto::Hash;
use isonomy_ledger::{Admit, AdmitError, ReadFailed};
use isonomy_node::{Done, Event, Verdict};
use isonomy_types::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was verified at one tip is connected on another: the rules run again.
#[test]
fn attack_24_a_pooled_transaction_does_not_pass_a_later_block() {
    let waits = Tx::by(0, 0).on(7).send(1, 5);
    let spends = Tx::by(0, 0).send(1, RICHES - 30_000);
    let hands_over = Tx::by(0, 0).hand_over_to(5);
    for (rule, moves) in [("payer", spends), ("policy", hands_over)] {
        let mut forge = Forge::new();
        let mut world = World::new(Setup::default());
        let waiting = waits.clone().meter(30_000).make();
        let id = world.offer(waiting.clone()).unwrap();
        let made = forge.block(chain_id(), 3, vec![moves.make()]);
        let link = world.peer(1);
        connect_and_hold(&mut world, link, &made);
        assert_eq!(world.pooled(), [id]);
        world.run(Kind::Admit);
        assert_eq!(world.pooled(), [], "it is compared with the new tip");

        // Its signature was checked, it was admitted, it is no block's any more.
        let bad = forge.bad_block(made.id(), 4, vec![waiting]);
        world.show(link, std::slice::from_ref(&bad));
        world.sync(link, std::slice::from_ref(&bad));
        let condemned = |event: &Event| match event {
            Event::Condemned { id, why } => *id == bad.id() && why.contains(rule),
            _ => false,
        };
        assert!(world.events.iter().any(condemned), "{rule}: {:?}", world.events.last());
    }
}

/// A block becomes best, and the comparison of the pool with it is not yet answered.
fn connect_and_hold(world: &mut World, link: Link, made: &Made) {
    world.show(link, std::slice::from_ref(made));
    world.run(Kind::Follow);
    world.serve(link, std::slice::from_ref(made), &[]);
    world.run(Kind::Body);
    world.run(Kind::Execute);
    assert_eq!(world.best(), made.id());
}

#[test]
fn a_comparison_with_a_former_tip_is_made_anew() {
    let mut forge = Forge::new();
    let first = forge.block(chain_id(), 3, Vec::new());
    let second = forge.block(first.id(), 3, vec![Tx::by(0, 0).hand_over_to(5).make()]);
    let mut world = World::new(Setup::default());
    let id = world.offer(Tx::by(0, 0).on(7).make()).unwrap();
    let link = world.peer(1);
    connect_and_hold(&mut world, link, &first);
    let (job, done) = world.work(Kind::Admit);
    connect_and_hold(&mut world, link, &second);
    world.done(job, done);
    assert_eq!((world.pooled(), world.kinds()), (vec![id], vec![Kind::Admit]));
    world.settle();
    assert_eq!(world.pooled(), []);
}

#[test]
fn a_state_that_cannot_be_read_drops_nothing() {
    let mut world = World::new(Setup::default());
    let id = world.offer(Tx::by(0, 0).make()).unwrap();
    let link = world.peer(1);
    connect_and_hold(&mut world, link, &Forge::new().block(chain_id(), 3, Vec::new()));
    let (job, _) = world.take(Kind::Admit);
    let transaction = world.node.pool().get(&id).unwrap().clone();
    let result = Ok((transaction, Err(AdmitError::Read(ReadFailed))));
    world.done(job, Done::Admitted(vec![Verdict { id, result }]));
    assert_eq!(world.pooled(), [id]);
}

#[test]
fn a_reorganisation_returns_what_is_still_valid() {
    let mut forge = Forge::new();
    let (a, b) = (Tx::by(0, 0).send(1, 5), Tx::by(1, 0).send(0, 5));
    let light = forge.block(chain_id(), 3, vec![a.make(), b.make()]);
    let rival = Tx::by(0, 0).send(2, 7).make();
    let mut heavy = vec![forge.block(chain_id(), 4, vec![rival])];
    heavy.extend(forge.run(heavy[0].id(), 4, 1));
    let mut world = World::new(Setup::default());
    world.offer(a.make()).unwrap();
    world.connect(&light);
    assert_eq!(world.pooled(), []);
    let link = world.peer(1);
    world.show(link, &heavy);
    world.sync(link, &heavy);
    assert_eq!((world.best(), world.pooled()), (heavy[1].id(), vec![b.id()]));
}

/// A template leaves out what its parent's state refuses. By the time that is known, the pool may
/// hold another witness under the same id.
#[test]
fn what_a_template_left_out_stays_for_the_pool_to_judge() {
    let paid = Tx::by(0, 0).on(7).send(1, 5);
    let mut forge = Forge::new();
    let light = [forge.block(chain_id(), 3, vec![Tx::by(0, 0).hand_over_to(5).make()])];
    let heavy = forge.run(chain_id(), 4, 2);
    let mut world = World::new(Setup::miner());
    world.settle();
    world.connect(&light[0]);
    world.offer(paid.clone().signed_by(5).make()).unwrap();
    let link = world.peer(1);
    world.show(link, &heavy);
    world.run(Kind::Follow);
    world.serve(link, &heavy, &[]);
    while world.best() != heavy[1].id() {
        let imports = [Kind::Body, Kind::Execute];
        let next = world.kinds().into_iter().find(|kind| imports.contains(kind));
        world.run(next.unwrap());
    }
    assert!(world.pooled().contains(&paid.id()));
    while world.kinds().contains(&Kind::Admit) {
        world.run(Kind::Admit);
    }
    assert!(!world.pooled().contains(&paid.id()), "the account was never handed over");
    let newest = world.jobs.iter().rposition(|(_, job)| kind(job) == Kind::Template);
    let (id, template) = world.jobs.remove(newest.unwrap()).unwrap();
    world.offer(paid.make()).unwrap();
    let done = template.run(&world.medium);
    world.done(id, done);
    assert!(world.pooled().contains(&paid.id()));
}

/// An engine may propose on any executed block, also on one whose state is not the tip's.
#[test]
fn a_template_on_another_block_drops_nothing() {
    let (setup, script) = Setup::scripted();
    let mut world = World::new(setup);
    world.offer(Tx::by(0, 0).send(PEOPLE, 1 << 20).make()).unwrap();
    world.grow(&script, 1);
    let id = world.offer(Tx::by(PEOPLE, 0).make()).unwrap();
    script.want(Want::Propose { ask: Ask(2), parent: chain_id() });
    world.tick();
    world.settle();
    assert_eq!(world.pooled(), [id]);
}

/// Invariant 9, by its words: all valid at the tip, nonces contiguous, nothing confirmed remains.
fn assert_fits(world: &World, confirmed: &BTreeSet<Hash>) {
    let (pool, chain) = (world.node.pool(), world.node.chain());
    let (best, time) = (chain.best().id, Wall(chain.best().time.0 + 1));
    let (env, view) = (chain.next_env(&best, time, payee(1)), chain.view(&best));
    let (env, view) = (env.unwrap(), view.unwrap());
    let mut lanes: BTreeMap<(Address, u16), (u64, BTreeSet<u64>)> = BTreeMap::new();
    for id in pool.ids() {
        assert!(!confirmed.contains(&id), "{id:?} is confirmed");
        let transaction = pool.get(&id).unwrap().clone();
        let (env, view) = (env.clone(), view.clone());
        let admit = Admit { env, modules: modules(), view, transaction: transaction.clone() };
        let standing = admit.run().unwrap();
        for (signer, next) in transaction.intent().signers.iter().zip(standing.next) {
            let Nonce { lane, seq } = signer.nonce;
            let (_, seqs) = lanes.entry((signer.account, lane)).or_insert((next, BTreeSet::new()));
            assert!(seqs.insert(seq), "twice");
        }
    }
    for (lane, (next, seqs)) in lanes {
        let contiguous: Vec<u64> = (next..next + seqs.len() as u64).collect();
        assert_eq!(seqs.into_iter().collect::<Vec<_>>(), contiguous, "{lane:?}");
    }
}

#[derive(Clone, Debug)]
enum Step {
    Offer {
        by: u8,
        ahead: u64,
        lane: u16,
        price: u64,
        amount: u128,
        expires: u64,
    },
    /// A branch that leaves best so many blocks back and is one longer.
    Branch {
        back: usize,
        payers: Vec<(u8, u128)>,
        hands_over: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let amount = prop_oneof![0..100_u128, Just(RICHES - 60_000), Just(RICHES / 2)];
    let offer = (0..3_u8, 0..3_u64, 0..2_u16, 1..9_u64, amount.clone(), 1..12_u64).prop_map(
        |(by, ahead, lane, price, amount, expires)| Step::Offer {
            by,
            ahead,
            lane,
            price,
            amount,
            expires,
        },
    );
    let payers = prop::collection::vec((0..3_u8, amount), 0..3);
    let branch = (0..3_usize, payers, prop::bool::weighted(0.1))
        .prop_map(|(back, payers, hands_over)| Step::Branch { back, payers, hands_over });
    prop::collection::vec(prop_oneof![3 => offer, 1 => branch], 1..40)
}

/// What one payer can do on a branch, and what the pool makes of it.
struct Market {
    world: World,
    forge: Forge,
    /// From genesis to best.
    chain: Vec<Made>,
    salt: u8,
}

impl Market {
    fn step(&mut self, step: Step) {
        match step {
            Step::Offer { by, ahead, lane, price, amount, expires } => {
                let next = self.world.node.pool().next(&address(by), lane);
                let next = next.unwrap_or_else(|| self.forge.next(&self.world.best(), by, lane));
                let seq = (next + ahead).saturating_sub(1);
                let tx = Tx::by(by, seq).on(lane).price(price).expires(expires);
                // Refusals are fine: what is inside counts.
                let _ = self.world.offer(tx.send(3, amount).make());
            }
            Step::Branch { back, payers, hands_over } => self.branch(back, payers, hands_over),
        }
        let bodies = self.chain.iter().flat_map(|made| made.body.transactions.iter());
        assert_fits(&self.world, &bodies.map(|tx| tx.intent().id()).collect());
    }

    fn branch(&mut self, back: usize, payers: Vec<(u8, u128)>, hands_over: bool) {
        let keep = self.chain.len().saturating_sub(back);
        let back = self.chain.len() - keep;
        self.chain.truncate(keep);
        let parent = self.chain.last().map_or(chain_id(), Made::id);
        self.salt = self.salt.wrapping_add(1);
        let mut body: Vec<Transaction> = Vec::new();
        for (by, amount) in payers {
            let spent = body.iter().filter(|tx| tx.intent().signers[0].account == address(by));
            let seq = self.forge.next(&parent, by, 0) + spent.count() as u64;
            // What is pooled is as good as what is not.
            let pool = self.world.node.pool();
            let pooled = pool.ids().into_iter().filter_map(|id| pool.get(&id).cloned());
            let nonce = Nonce { lane: 0, seq };
            let signer = Signer { account: address(by), nonce };
            let mut same = pooled.filter(|tx| tx.intent().signers[0] == signer);
            let fresh = || Tx::by(by, seq).send(4, amount).make();
            body.push(same.next().map_or_else(fresh, |tx| Arc::unwrap_or_clone(tx).to_unchecked()));
        }
        if hands_over && body.is_empty() {
            body.push(Tx::by(2, self.forge.next(&parent, 2, 0)).hand_over_to(6).make());
        }
        let first = self.forge.try_block(parent, self.salt, body);
        let mut parent = first.id();
        self.chain.push(first);
        for made in self.forge.run(parent, self.salt, back) {
            parent = made.id();
            self.chain.push(made);
        }
        let link = self.world.peer(1_000 + self.chain.len() as u64 + u64::from(self.salt) * 100);
        self.world.show(link, &self.chain[self.chain.len() - 1..]);
        self.world.sync(link, &self.chain);
        assert_eq!(self.world.best(), parent);
        self.world.close(link);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_pool_fits_the_tip_wherever_it_moves(steps in steps()) {
        let world = World::new(Setup { base_depth: 100, ..Setup::default() });
        let mut market = Market { world, forge: Forge::new(), chain: Vec::new(), salt: 0 };
        steps.into_iter().for_each(|step| market.step(step));
    }
}
