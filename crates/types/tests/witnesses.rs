//! Nobody but the signers can change a transaction, move it elsewhere or use its signatures again.
#![allow(clippy::unwrap_used)]
mod common;

use common::{
    GENESIS, Party, alone, blob, intent, list, resigned, samples, secret, several, sign, signed,
};
use isonomy_crypto::{ClaimError, Domain, Hash, PublicKey, Signature};
use isonomy_types::{
    Action, CheckError, Decode, Encode, Intent, Keys, Nonce, Policy, Signer, Transaction,
    Unchecked, Witness,
};

const WRONG: CheckError = CheckError::Signature(ClaimError::Wrong);
const MALFORMED: CheckError = CheckError::Signature(ClaimError::Malformed);

/// The order of secp256k1's group (SEC 2, section 2.4.1).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// Whether every signer's policy is the one its account starts with: what the ledger asks next.
fn policies_are_the_accounts_own(transaction: &Transaction) -> bool {
    let signers = transaction.intent().signers.iter();
    signers
        .zip(transaction.witnesses().iter())
        .all(|(signer, witness)| signer.account == witness.policy.address())
}

/// Each byte of the witnesses, changed in several ways: no longer bytes of a transaction, or one
/// that is refused, or one with a policy that is not the account's.
///
/// The last is left to the ledger: the key of somebody silent is under no signature, but it is in
/// the policy's hash, which the account's state holds.
#[test]
fn attack_13_change_any_byte_of_the_witnesses() {
    let transaction = signed(&[&alone(1), &several(2, &[3, 4, 5])]);
    let (bytes, id) = (transaction.encode(), transaction.intent().id());
    let (mut undecodable, mut refused, mut foreign) = (0, 0, 0);
    for at in transaction.intent().encoded_len()..bytes.len() {
        for change in [0x01, 0x02, 0x80, 0xff] {
            let mut message = bytes.clone();
            message[at] ^= change;
            let Ok(changed) = Transaction::<Unchecked>::decode_exact(&message) else {
                undecodable += 1;
                continue;
            };
            assert_eq!(changed.intent().id(), id);
            assert_ne!(changed.leaf(), transaction.leaf());
            let own = policies_are_the_accounts_own(&changed);
            match changed.check(&GENESIS) {
                Err(_) => refused += 1,
                Ok(_) if !own => foreign += 1,
                Ok(_) => panic!("byte {at} changed by {change:#x} is accepted"),
            }
        }
    }
    assert!(undecodable > 0 && refused > 0 && foreign > 0);
}

#[test]
fn attack_13_name_a_transaction_by_its_signatures() {
    let one = alone(1);
    let transaction = signed(&[&one]);
    let digest = transaction.intent().signing_digest(&GENESIS);
    let other = secret(1).sign(&digest, &[9; 32]).unwrap();
    let again = resigned(&transaction, 0, |all| all[0] = Some(other));
    assert_ne!(again, transaction);
    assert_ne!(again.leaf(), transaction.leaf());
    let ids = [transaction, again].map(|one| one.check(&GENESIS).unwrap().id());
    assert_eq!(ids[0], ids[1], "both are accepted, under one name");
}

/// `a - b`, big-endian, modulo 2²⁵⁶.
fn minus(a: &[u8; 32], b: &[u8]) -> [u8; 32] {
    let (mut difference, mut borrow) = ([0; 32], false);
    for at in (0..32).rev() {
        let (byte, under) = a[at].overflowing_sub(b[at]);
        let (byte, again) = byte.overflowing_sub(u8::from(borrow));
        (difference[at], borrow) = (byte, under || again);
    }
    difference
}

/// The classic second spelling, `n - s`, and everything out of range.
#[test]
fn attack_13_spell_a_signature_otherwise() {
    let transaction = signed(&[&alone(1)]);
    let signature = transaction.witnesses()[0].signatures[0].unwrap();
    let (r, s) = signature.as_bytes().split_at(32);
    let spelt = |r: &[u8], s: &[u8]| {
        let bytes = <[u8; 64]>::try_from([r, s].concat()).unwrap();
        let changed = resigned(&transaction, 0, |all| all[0] = Some(Signature::from_bytes(bytes)));
        changed.check(&GENESIS).map(drop)
    };
    assert_eq!(spelt(r, s), Ok(()));
    assert_eq!(spelt(r, &minus(&ORDER, s)), Err(WRONG));
    for (r, s) in
        [(&[0; 32][..], s), (r, &[0; 32]), (r, &ORDER), (r, &[0xff; 32]), (&[0xff; 32], s)]
    {
        assert_eq!(spelt(r, s), Err(MALFORMED));
    }
}

/// Every kind of policy under keys that are points and keys that are not, with every malformed
/// signature at all or at no place, and one place too many: refused, by the decoder or the check.
#[test]
fn attack_17_every_policy_with_every_malformed_signature() {
    let parts = [[0; 32], [1; 32], ORDER, [0xff; 32]];
    let whole =
        |r: [u8; 32], s: [u8; 32]| Signature::from_bytes([r, s].concat().try_into().unwrap());
    let malformed = parts.iter().flat_map(|r| parts.iter().map(move |s| Some(whole(*r, *s))));
    let signatures: Vec<Option<Signature>> = malformed.chain([None]).collect();
    let (mut undecodable, mut refused) = (0, 0);
    for policy in every_policy() {
        let keys = policy.signing().map_or(0, |(_, keys)| keys.len());
        for (places, signature) in [0, 1, keys, keys + 1]
            .iter()
            .flat_map(|places| signatures.iter().map(move |signature| (*places, *signature)))
        {
            let witness =
                Witness { policy: policy.clone(), signatures: list(vec![signature; places]) };
            let mut intent = intent(&[&alone(1)]);
            intent.signers = list(vec![Signer { account: policy.address(), ..intent.signers[0] }]);
            let transaction = Transaction::new(intent, list(vec![witness]));
            let told = transaction.clone().check(&GENESIS).unwrap_err();
            assert!(!told.to_string().is_empty());
            match Transaction::<Unchecked>::decode_exact(&transaction.encode()) {
                Ok(received) => assert_eq!(received.check(&GENESIS).unwrap_err(), told),
                Err(_) => undecodable += 1,
            }
            refused += 1;
        }
    }
    assert!(undecodable > 0 && refused > undecodable);
}

fn every_policy() -> Vec<Policy> {
    let [least, most] = [[0; 32], [0xff; 32]].map(PublicKey::from_bytes);
    let keys = [least, secret(1).public(), most];
    let several =
        |needed, keys: &[PublicKey]| Policy::Keys(Keys::new(needed, keys.to_vec()).unwrap());
    let mut policies: Vec<_> = keys.iter().map(|key| Policy::Key(*key)).collect();
    policies.extend([
        several(1, &keys[..1]),
        several(1, &keys),
        several(2, &keys),
        several(3, &keys),
    ]);
    policies.extend([Policy::Contract(Hash::ZERO), Policy::Module(0), Policy::Module(u16::MAX)]);
    policies
}

#[test]
fn attack_19_replay_on_another_chain() {
    let (one, two) = (alone(1), several(2, &[3, 4, 5]));
    let transaction = signed(&[&one, &two]);
    assert!(transaction.clone().check(&GENESIS).is_ok());
    for bit in 0..256_usize {
        let mut genesis = GENESIS.to_bytes();
        genesis[bit / 8] ^= 1 << (bit % 8);
        let elsewhere = transaction.clone().check(&Hash::from_bytes(genesis));
        assert_eq!(elsewhere, Err(WRONG), "bit {bit}");
    }
}

/// A signature of anything but the signing digest, by the right key, is no signature.
#[test]
fn attack_19_replay_a_signature_of_another_kind() {
    let one = alone(1);
    let transaction = signed(&[&one]);
    let intent = transaction.intent();
    let id = intent.id();
    let mut header = samples::header();
    header.parent = id;
    let others = [
        ("the id", id),
        ("the leaf", transaction.leaf()),
        ("a seal hash", header.seal_hash()),
        ("a block id", header.id()),
        ("an authority", samples::authority().hash()),
        ("the policy", one.policy.hash()),
        ("id and chain swapped", Domain::new("isonomy transaction digest 1").join(&[id, GENESIS])),
        ("another domain", Domain::new("isonomy transaction digest 2").join(&[GENESIS, id])),
        ("a block's domain", Domain::new("isonomy block id 1").join(&[GENESIS, id])),
        ("a leaf's domain", Domain::new("isonomy body leaf 1").join(&[GENESIS, id])),
        ("the next chain's", intent.signing_digest(&id)),
    ];
    for (what, digest) in others {
        let foreign = Transaction::new(intent.clone(), list(vec![one.witness(&digest)]));
        assert_eq!(foreign.check(&GENESIS), Err(WRONG), "{what}");
    }
}

/// The same bytes under two names are two hashes: no kind of value stands for another.
#[test]
fn attack_19_domains_are_apart() {
    let intent = samples::intent();
    let id = intent.id();
    let names = [
        "isonomy transaction id 2",
        "isonomy transaction digest 1",
        "isonomy witnesses 2",
        "isonomy body leaf 1",
        "isonomy seal hash 1",
        "isonomy seal 1",
        "isonomy block id 1",
        "isonomy policy 1",
        "isonomy authority 1",
        "isonomy params 1",
    ];
    assert_eq!(Domain::new(names[0]).hash_padded(intent.encode()), id);
    assert_eq!(Domain::new(names[1]).join(&[GENESIS, id]), intent.signing_digest(&GENESIS));
    for name in &names[1..] {
        assert_ne!(Domain::new(name).hash_padded(intent.encode()), id, "{name}");
    }
    let mut declared = Vec::new();
    for source in common::sources() {
        let names = source.split("Domain::new(\"").skip(1);
        declared.extend(names.filter_map(|rest| rest.split('"').next()).map(String::from));
    }
    declared.sort();
    let mut names = names.map(String::from);
    names.sort();
    assert_eq!(declared, names, "each name once, and all known to this test");
}

/// Whatever a signer agreed to cannot be changed under its signature.
#[test]
fn attack_19_move_signatures_to_another_intent() {
    let (one, two) = (alone(1), alone(2));
    let parties: [&Party; 2] = [&one, &two];
    let signed = sign(intent(&parties), &parties, &GENESIS);
    let signer =
        |party: &Party, lane, seq| Signer { account: party.account(), nonce: Nonce { lane, seq } };
    let action = |module, by, byte| Action { module, by, payload: blob(vec![byte; 5]) };
    let changes: Vec<fn(&mut Intent)> = vec![
        |intent| intent.expires += 1,
        |intent| intent.price += 1,
        |intent| intent.meter_limit += 1,
        |intent| intent.actions = list(vec![]),
        |intent| intent.actions = list(intent.actions[..1].to_vec()),
        |intent| intent.actions = list(intent.actions.iter().rev().cloned().collect()),
    ];
    let mut intents: Vec<Intent> = changes
        .into_iter()
        .map(|change| {
            let mut intent = signed.intent().clone();
            change(&mut intent);
            intent
        })
        .collect();
    let with_signers = |signers| Intent { signers: list(signers), ..signed.intent().clone() };
    let with_actions = |actions| Intent { actions: list(actions), ..signed.intent().clone() };
    intents.extend([
        with_signers(vec![signer(&one, 0, 1), signer(&two, 0, 1)]),
        with_signers(vec![signer(&one, 1, 0), signer(&two, 0, 1)]),
        with_signers(vec![signer(&one, 0, 0), signer(&alone(3), 0, 1)]),
        with_actions(vec![action(2, 0, 0), action(1, 1, 1)]),
        with_actions(vec![action(1, 1, 0), action(1, 1, 1)]),
        with_actions(vec![action(1, 0, 9), action(1, 1, 1)]),
    ]);
    for intent in intents {
        assert_ne!(intent.id(), signed.intent().id());
        let moved = Transaction::new(intent, signed.witnesses().clone());
        assert_eq!(moved.check(&GENESIS), Err(WRONG));
    }
}
