//! Every rule of a block and of a transaction, broken alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::draw::Draw;
use common::people::{SECRETS, address, by_hash, policies};
use isonomy_crypto::{Hash, PublicKey, Signature};
use isonomy_ledger::{Empty, Layer, Stack};
use isonomy_naive::{Broken, Chain, Genesis, Rule, State, stateless};
use isonomy_types::*;
use std::sync::Arc;

const GENESIS: Hash = Hash::from_bytes([9; 32]);

fn chain() -> Chain {
    let allocations = (0..5).map(|n| (address(n), 1_000_000)).collect();
    Chain::new(GENESIS, Genesis { allocations, reward: 50, ..Genesis::default() })
}

fn intent(people: &[usize]) -> Intent {
    let signer = |n: &usize| Signer { account: address(*n), nonce: Nonce { lane: 0, seq: 0 } };
    Intent {
        version: Version,
        signers: people.iter().map(signer).collect::<Vec<_>>().try_into().unwrap(),
        actions: List::default(),
        meter_limit: 30_000,
        price: 1,
        expires: 10,
    }
}

/// Signed by the keys that the policies need, the first of them.
fn signed(intent: Intent) -> Transaction {
    let digest = intent.signing_digest(&GENESIS);
    let witness = |signer: &Signer| {
        let policy = by_hash(signer.account.0).clone();
        let (needed, keys) = policy.signing().unwrap();
        let sign = |(place, key): (usize, &PublicKey)| {
            let secret = SECRETS.iter().find(|secret| secret.public() == *key)?;
            (place < needed).then(|| secret.sign(&digest, &[0; 32]).unwrap())
        };
        let signatures: Vec<_> = keys.iter().enumerate().map(sign).collect();
        Witness { policy, signatures: signatures.try_into().unwrap() }
    };
    let witnesses: Vec<_> = intent.signers.iter().map(witness).collect();
    Transaction::new(intent, witnesses.try_into().unwrap())
}

fn with_witnesses(
    transaction: &Transaction,
    change: impl FnOnce(&mut Vec<Witness>),
) -> Transaction {
    let mut witnesses = transaction.witnesses().to_vec();
    change(&mut witnesses);
    Transaction::new(transaction.intent().clone(), witnesses.try_into().unwrap())
}

fn act(by: u8, bytes: usize) -> Action {
    Action { module: 77, by, payload: vec![0; bytes].try_into().unwrap() }
}

/// What each breaks, by the validator; and whether `types` refuses it too.
#[test]
fn stateless_rules_are_those_of_the_types() {
    let sound = signed(intent(&[0, 3]));
    let actions = |actions: Vec<Action>| {
        signed(Intent { actions: actions.try_into().unwrap(), ..intent(&[0]) })
    };
    let places = |change: fn(&mut Vec<Option<Signature>>)| {
        with_witnesses(&sound, |witnesses| {
            let mut signatures = witnesses[1].signatures.to_vec();
            change(&mut signatures);
            witnesses[1].signatures = signatures.try_into().unwrap();
        })
    };
    let contract = Witness { policy: Policy::Contract(GENESIS), signatures: List::default() };
    let table = [
        ("sound", sound.clone(), vec![]),
        ("nobody", signed(intent(&[])), vec![Rule::NoSigner]),
        ("a witness less", with_witnesses(&sound, |all| drop(all.pop())), vec![Rule::WitnessCount]),
        ("twice", signed(intent(&[1, 0, 1])), vec![Rule::RepeatedSigner]),
        ("an unknown actor", actions(vec![act(1, 0)]), vec![Rule::UnknownActor]),
        ("too large", actions(vec![act(0, 65_536), act(0, 65_536)]), vec![Rule::Large]),
        (
            "a contract",
            with_witnesses(&sound, |all| all[0] = contract),
            vec![Rule::PolicyCannotSign(0)],
        ),
        ("a place less", places(|all| all.truncate(2)), vec![Rule::SignaturePlaces(1)]),
        ("one too few", places(|all| all[0] = None), vec![Rule::SignatureCount(1)]),
        (
            "one too many",
            places(|all| all[2] = all[0]),
            vec![Rule::SignatureCount(1), Rule::Signature(1)],
        ),
        ("swapped", places(|all| all.swap(0, 1)), vec![Rule::Signature(1)]),
    ];
    for (what, transaction, want) in table {
        assert_eq!(stateless(&transaction, &GENESIS, true), want, "{what}");
        assert_eq!(transaction.check(&GENESIS).is_ok(), want.is_empty(), "{what}");
    }
    assert_eq!(stateless(&sound, &Hash::ZERO, true).len(), 2, "another chain's");
    assert!(sound.clone().check(&Hash::ZERO).is_err());
}

/// An honest block with these transactions.
fn block(chain: &Chain, transactions: &[Transaction]) -> Block {
    let (time, producer) = (Wall(chain.time.0 + 1), address(4));
    let mut draft = chain.draft(time, producer);
    let broken: Vec<_> = transactions.iter().filter_map(|tx| draft.add(tx).err()).collect();
    assert_eq!(broken, Vec::<Vec<Rule>>::new());
    let next = draft.finish();
    let body = Body { transactions: transactions.to_vec().try_into().unwrap() };
    let header = Header {
        version: Version,
        parent: chain.id,
        height: chain.height + 1,
        time,
        producer,
        body_root: body.root(),
        state_root: next.state_root(),
        receipts_root: next.receipts_root(),
        next_authority: next.authority.hash(),
        next_params: next.params.hash(),
        seal: Seal::default(),
    };
    Block { header, body }
}

#[test]
fn every_field_of_a_header_is_held_to() {
    let chain = chain();
    let honest = block(&chain, &[signed(intent(&[0, 1])), signed(intent(&[2]))]);
    let change = |change: fn(&mut Header)| {
        let mut block = honest.clone();
        change(&mut block.header);
        chain.next(&block).err()
    };
    assert!(chain.next(&honest).is_ok());
    assert_eq!(change(|header| header.parent = Hash::ZERO), Some(Broken::Parent));
    assert_eq!(change(|header| header.height = 2), Some(Broken::Height));
    assert_eq!(change(|header| header.time = Wall(0)), Some(Broken::Time));
    assert_eq!(change(|header| header.body_root = Hash::ZERO), Some(Broken::BodyRoot));
    assert_eq!(change(|header| header.state_root = Hash::ZERO), Some(Broken::StateRoot));
    assert_eq!(change(|header| header.producer = address(0)), Some(Broken::StateRoot));
    assert_eq!(change(|header| header.receipts_root = Hash::ZERO), Some(Broken::ReceiptsRoot));
    assert_eq!(change(|header| header.next_authority = Hash::ZERO), Some(Broken::NextAuthority));
    assert_eq!(change(|header| header.next_params = Hash::ZERO), Some(Broken::NextParams));
}

#[test]
fn a_body_is_judged_in_order() {
    let chain = chain();
    let (first, second) = (signed(intent(&[0, 1])), signed(intent(&[2])));
    let honest = block(&chain, &[first.clone(), second.clone()]);
    let swap = |transactions: Vec<Transaction>| {
        let body = Body { transactions: transactions.try_into().unwrap() };
        let header = Header { body_root: body.root(), ..honest.header.clone() };
        chain.next(&Block { header, body }).err()
    };
    assert_eq!(swap(vec![first.clone()]), Some(Broken::StateRoot), "one is missing");
    let again = Broken::Transaction(2, vec![Rule::Nonce(0)]);
    assert_eq!(swap(vec![first.clone(), second.clone(), second.clone()]), Some(again));
    let forged = with_witnesses(&second, |all| {
        all[0].signatures = vec![Some(Signature::from_bytes([7; 64]))].try_into().unwrap();
    });
    let forged = swap(vec![first, forged]);
    assert_eq!(forged, Some(Broken::Transaction(1, vec![Rule::Signature(0)])));
}

#[test]
fn a_chain_is_followed_to_the_first_block_that_breaks_it() {
    let genesis = chain();
    let (mut tip, mut blocks) = (genesis.clone(), Vec::new());
    for seq in 0..4 {
        let mut intent = intent(&[0]);
        intent.signers =
            vec![Signer { account: address(0), nonce: Nonce { lane: 0, seq } }].try_into().unwrap();
        blocks.push(block(&tip, &[signed(intent)]));
        tip = tip.next(&blocks[blocks.len() - 1]).unwrap();
    }
    let end = genesis.follow(&blocks).unwrap();
    assert_eq!((end.id, end.nonce(&address(0), 0)), (blocks[3].header.id(), 4));
    let sum: u128 = policies().iter().map(|policy| end.balance(&policy.address())).sum();
    assert_eq!(sum, 5 * 1_000_000 + 4 * 50);
    blocks.remove(2);
    assert_eq!(genesis.follow(&blocks).err(), Some((2, Broken::Parent)));
}

/// Two ways to each root, on random states and lists.
#[test]
fn roots_are_those_of_ledger_and_crypto() {
    let mut draw = Draw::new(1);
    for size in 0..70 {
        let mut word = |most: u64| -> Vec<u8> {
            (0..1 + draw.below(most)).map(|_| draw.number() as u8).collect()
        };
        let state: State = (0..size).map(|_| (word(40), word(200))).collect();
        let write = |(key, value): (&Vec<u8>, &Vec<u8>)| {
            (key.as_slice().into(), Some(value.as_slice().into()))
        };
        let layer = Arc::new(Layer { writes: state.iter().map(write).collect() });
        let stack = Stack { layers: vec![layer], base: Arc::new(Empty) };
        assert_eq!(isonomy_naive::state_root(&state), isonomy_ledger::state_root(&stack).unwrap());
        let leaves: Vec<_> =
            (0..size).map(|_| Hash::from_bytes([draw.number() as u8; 32])).collect();
        assert_eq!(isonomy_naive::list_root(&leaves), isonomy_crypto::list_root(&leaves));
    }
}
