//! What a header commits, and that nothing else has its roots or its id.
mod common;

use common::{alone, blob, list, resigned, samples, secret, signed, signed_after};
use isonomy_crypto::{Hash, list_root};
use isonomy_types::{Action, Block, Body, Encode, Header, Transaction, Unchecked, Wall};
use std::collections::BTreeSet;

/// `count` transactions that differ.
fn transactions(count: usize) -> Vec<Transaction> {
    let expiring = |expires| {
        let mut intent = samples::intent();
        intent.expires = expires;
        Transaction::new(intent, samples::transaction().witnesses().clone())
    };
    (0..).take(count).map(expiring).collect()
}

fn root(transactions: Vec<Transaction>) -> Hash {
    Body { transactions: list(transactions) }.root()
}

#[test]
fn a_body_is_the_list_of_its_leaves() {
    for count in 0..20 {
        let transactions = transactions(count);
        let leaves: Vec<Hash> = transactions.iter().map(Transaction::<Unchecked>::leaf).collect();
        assert_eq!(root(transactions), list_root(&leaves));
    }
    assert_eq!(Body::default().root(), list_root(&[]));
}

/// Encodings of many lengths, in an order in which some are hashed alone and some side by side.
#[test]
fn hashes_made_together_are_those_made_alone() {
    let long = |bytes: usize| {
        let mut intent = samples::intent();
        intent.actions = list(vec![Action { module: 1, by: 0, payload: blob(vec![7; bytes]) }]);
        Transaction::new(intent, samples::transaction().witnesses().clone())
    };
    let lens = (0..130).chain([0; 40]).chain([400, 400, 400, 9_000, 70, 3]);
    let all: Vec<Transaction> = lens.map(long).chain(transactions(70)).collect();
    let alone: Vec<_> = all.iter().cloned().map(Transaction::hash).collect();
    for (hashed, transaction) in alone.iter().zip(&all) {
        assert_eq!(hashed.id(), transaction.intent().id());
        assert_eq!(hashed.leaf(), transaction.leaf());
    }
    assert_eq!(Transaction::hash_all(all), alone);
}

/// CVE-2012-2459: every tail of every list again, as the row above might do to make it even.
#[test]
fn attack_01_repeat_the_tail_of_a_body() {
    for count in 1..=33 {
        let honest = transactions(count);
        let header = Header { body_root: root(honest.clone()), ..samples::header() };
        for tail in 1..=count {
            for times in 1..=2 {
                let tails = vec![&honest[count - tail..]; times];
                let mutant = [vec![&honest[..]], tails].concat().concat();
                assert_ne!(root(mutant), header.body_root, "{tail} of {count}, {times} times");
            }
        }
        // The mutant came under the honest block's id. The id still names the honest body.
        let block = Block { header: header.clone(), body: Body { transactions: list(honest) } };
        assert_eq!(block.body.root(), block.header.body_root);
        assert_eq!(block.header.id(), header.id());
    }
}

#[test]
fn any_other_body_has_another_root() {
    let honest = transactions(9);
    let mut roots = BTreeSet::from([root(honest.clone())]);
    let mut bodies = vec![vec![], [honest.clone(), transactions(10).split_off(9)].concat()];
    for at in 0..honest.len() {
        let mut dropped = honest.clone();
        drop(dropped.remove(at));
        let mut changed = honest.clone();
        changed[at] = transactions(30).remove(20);
        let mut unsigned = honest.clone();
        unsigned[at] = resigned(&honest[at], 0, |places| places[0] = None);
        bodies.extend([dropped, changed, unsigned]);
    }
    for at in 1..honest.len() {
        let mut swapped = honest.clone();
        swapped.swap(0, at);
        bodies.push(swapped);
    }
    let count = bodies.len();
    roots.extend(bodies.into_iter().map(root));
    assert_eq!(roots.len(), count + 1);
}

/// A leaf binds the witnesses, an id does not: two signings are one transaction in two spellings.
#[test]
fn a_root_binds_signatures_where_an_id_does_not() {
    let first = signed(&[&alone(1)]);
    let digest = first.intent().signing_digest(&common::GENESIS);
    let other = secret(1).sign(&digest, &[1; 32]).unwrap();
    let second = resigned(&first, 0, |places| places[0] = Some(other));
    assert_eq!(first.intent().id(), second.intent().id());
    assert_ne!(root(vec![first]), root(vec![second]));
}

/// BIP30: content alone never names a block, nor a transaction twice in one lane.
#[test]
fn attack_09_make_equal_blocks_at_two_heights() {
    let body = samples::body();
    let at = |height| Header { height, body_root: body.root(), ..samples::header() };
    let ids: BTreeSet<Hash> = (0..100).map(|height| at(height).id()).collect();
    assert_eq!(ids.len(), 100);

    let one = alone(1);
    let spending = |seq| {
        signed_after(&[&one], |intent| {
            let mut signers = intent.signers.clone().into_vec();
            signers[0].nonce.seq = seq;
            intent.signers = list(signers);
        })
    };
    let ids: BTreeSet<Hash> = (0..10).map(|seq| spending(seq).intent().id()).collect();
    assert_eq!(ids.len(), 10);
}

/// A header, changed in the way named.
type Change = (&'static str, fn(&mut Header));

const CHANGES: [Change; 9] = [
    ("parent", |header| header.parent = samples::hash(99)),
    ("height", |header| header.height += 1),
    ("time", |header| header.time = Wall(header.time.0 + 1)),
    ("producer", |header| header.producer = samples::address(99)),
    ("body root", |header| header.body_root = samples::hash(99)),
    ("state root", |header| header.state_root = samples::hash(99)),
    ("receipts root", |header| header.receipts_root = samples::hash(99)),
    ("next authority", |header| header.next_authority = samples::hash(99)),
    ("next params", |header| header.next_params = samples::hash(99)),
];

#[test]
fn every_field_is_under_seal_and_id() {
    let header = samples::header();
    let mut seen = BTreeSet::from([header.seal_hash(), header.id()]);
    for (name, change) in CHANGES {
        let mut changed = header.clone();
        change(&mut changed);
        assert!(seen.insert(changed.seal_hash()), "{name} is not under the seal");
        assert!(seen.insert(changed.id()), "{name} is not under the id");
    }
}

/// Neighbouring roots of equal type must not be interchangeable.
#[test]
fn roots_do_not_change_places() {
    let header = samples::header();
    let swapped = Header {
        state_root: header.receipts_root,
        receipts_root: header.state_root,
        ..header.clone()
    };
    assert_ne!(swapped.seal_hash(), header.seal_hash());
}

#[test]
fn the_seal_is_under_the_id_alone() {
    let header = samples::header();
    let bare = Header { seal: Default::default(), ..header.clone() };
    let longer = Header { seal: common::blob(vec![0xf0, 0xf1, 0]), ..header.clone() };
    for other in [bare, longer] {
        assert_eq!(other.seal_hash(), header.seal_hash());
        assert_ne!(other.id(), header.id());
        assert_eq!(other.id(), other.id_of(header.seal_hash()));
    }
}

/// What is sealed is the header's encoding up to the seal, so no field can be forgotten in it.
#[test]
fn the_seal_hash_is_over_the_encoding_before_the_seal() {
    let header = samples::header();
    let bytes = header.encode();
    let (sealed, seal) = bytes.split_at(bytes.len() - header.seal.encoded_len());
    assert_eq!(seal, header.seal.encode());
    let domain = isonomy_crypto::Domain::new("isonomy seal hash 1");
    assert_eq!(header.seal_hash(), domain.hash(sealed));
}
