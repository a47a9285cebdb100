//! What the stateless checks refuse, one transaction at a time and many at once.
#![allow(clippy::unwrap_used)]
mod common;

use common::{
    GENESIS, Party, alone, blob, edited, intent, list, resigned, several, sign, signed,
    signed_after,
};
use isonomy_crypto::{ClaimError, Hash, PublicKey, Signature, verify_bundles};
use isonomy_types::{
    Action, CheckAllError, CheckError, Encode, Intent, Nonce, PAYLOAD_BYTES_MAX, Policy,
    TRANSACTION_BYTES_MAX, Transaction,
};
use proptest::prelude::*;

const WRONG: CheckError = CheckError::Signature(ClaimError::Wrong);

#[test]
fn sound_transactions_pass_and_their_facts_are_true() {
    let many: Vec<Party> = (1..=16).map(alone).collect();
    let everyone: Vec<&Party> = many.iter().collect();
    let (one, two) = (alone(20), several(2, &[21, 22, 23]));
    let full = several(16, &(31..=46).collect::<Vec<_>>());
    for parties in [vec![&one], vec![&two], vec![&full], vec![&one, &two, &full], everyone] {
        let transaction = signed(&parties);
        let (bytes, leaf) = (transaction.encode(), transaction.leaf());
        let checked = transaction.clone().check(&GENESIS).unwrap();
        assert_eq!(checked.id(), transaction.intent().id());
        assert_eq!((checked.leaf(), checked.bytes()), (leaf, bytes.len()));
        assert_eq!((checked.encode(), checked.to_unchecked()), (bytes, transaction.clone()));
        assert_eq!(transaction.trust_own_log(), checked);
    }
}

#[test]
fn a_transaction_without_actions_passes() {
    let cancelling = signed_after(&[&alone(1)], |intent| intent.actions = list(vec![]));
    assert!(cancelling.check(&GENESIS).is_ok());
}

fn acting(by: u8) -> impl FnOnce(&mut Intent) {
    move |intent| intent.actions = list(vec![Action { module: 1, by, payload: blob(vec![]) }])
}

fn assert_refused(cases: Vec<(&str, Transaction, CheckError)>) {
    for (description, transaction, want) in cases {
        let all = Transaction::check_all(vec![transaction.clone()], &GENESIS);
        assert_eq!(all, Err(CheckAllError { index: 0, error: want.clone() }), "{description}");
        assert_eq!(transaction.check(&GENESIS), Err(want), "{description}");
    }
}

#[test]
fn who_takes_part() {
    use CheckError::*;
    let (one, two) = (alone(1), alone(2));
    let (none, pair) = (signed(&[]), signed(&[&one, &two]));
    let extra = pair.witnesses()[0].clone();
    let over = |transaction| edited(transaction, |witnesses| witnesses.push(extra.clone()));
    assert_refused(vec![
        ("no signer", none.clone(), NoSigner),
        ("no signer, one witness", over(&none), NoSigner),
        ("no witness", edited(&pair, Vec::clear), WitnessCount { got: 0, limit: 2 }),
        ("one short", edited(&pair, |all| all.truncate(1)), WitnessCount { got: 1, limit: 2 }),
        ("one over", over(&pair), WitnessCount { got: 3, limit: 2 }),
        ("an actor past", signed_after(&[&one], acting(1)), UnknownActor { got: 1, limit: 1 }),
        ("an actor far", signed_after(&[&one], acting(255)), UnknownActor { got: 255, limit: 1 }),
    ]);
}

#[test]
fn attack_23_spend_one_accounts_nonces_twice_in_a_transaction() {
    let (one, two) = (alone(1), alone(2));
    let nonces = |lane, seq| {
        signed_after(&[&one, &two, &one], |intent| {
            let mut signers = intent.signers.clone().into_vec();
            signers[2].nonce = Nonce { lane, seq };
            intent.signers = list(signers);
        })
    };
    let refused = |index| CheckError::RepeatedSigner { index };
    assert_refused(vec![
        ("the same nonce", nonces(0, 0), refused(2)),
        ("the next nonce", nonces(0, 1), refused(2)),
        ("another lane", nonces(1, 0), refused(2)),
        ("at once", signed(&[&one, &one]), refused(1)),
        ("two pairs, the first counts", signed(&[&one, &two, &two, &one]), refused(2)),
    ]);
}

#[test]
fn who_signs() {
    use CheckError::*;
    let (one, two, keys) = (alone(1), alone(2), several(2, &[3, 4, 5]));
    let (pair, shared) = (signed(&[&one, &two]), signed(&[&one, &keys]));
    let spare = shared.witnesses()[1].signatures[1];
    let theirs = pair.witnesses()[1].signatures.clone();
    let policy = |policy| edited(&pair, |all| all[1].policy = policy);
    let off_curve = PublicKey::from_bytes([0xff; 32]);
    let count = |signer, got, limit| SignatureCount { signer, got, limit };
    assert_refused(vec![
        ("a contract", policy(Policy::Contract(GENESIS)), PolicyCannotSign { signer: 1 }),
        ("a module", policy(Policy::Module(1)), PolicyCannotSign { signer: 1 }),
        ("no signature", resigned(&pair, 0, |all| all[0] = None), count(0, 0, 1)),
        ("one short", resigned(&shared, 1, |all| all[2] = None), count(1, 1, 2)),
        ("one over", resigned(&shared, 1, |all| all[0] = spare), count(1, 3, 2)),
        ("another's", edited(&pair, |all| all[0].signatures = theirs), WRONG),
        ("two swapped", resigned(&shared, 1, |all| all.swap(1, 2)), WRONG),
        ("one moved", resigned(&shared, 1, |all| all.swap(0, 1)), WRONG),
        ("no point", policy(Policy::Key(off_curve)), CheckError::Signature(ClaimError::Key)),
    ]);
}

/// No state, so nobody knows here whose policy it is: the ledger compares its hash with the account's.
#[test]
fn a_strangers_policy_passes_and_is_shown() {
    let (one, two) = (alone(1), alone(2));
    let swapped = edited(&signed(&[&one, &two]), |all| all.swap(0, 1));
    let checked = swapped.check(&GENESIS).unwrap();
    assert_eq!(checked.intent().signers[0].account, one.account());
    assert_eq!(checked.witnesses()[0].policy.address(), two.account());
}

#[test]
fn attack_10_give_other_places_than_keys() {
    let keys = several(2, &[3, 4, 5]);
    let (alone, shared) = (signed(&[&alone(1)]), signed(&[&keys]));
    let want = |got, limit| CheckError::SignaturePlaces { signer: 0, got, limit };
    let mut cases = vec![
        ("no place", resigned(&alone, 0, Vec::clear), want(0, 1)),
        ("a place over", resigned(&alone, 0, |all| all.push(None)), want(2, 1)),
        ("an empty place first", resigned(&alone, 0, |all| all.insert(0, None)), want(2, 1)),
        ("no place for the silent", resigned(&shared, 0, |all| all.truncate(2)), want(2, 3)),
    ];
    for places in 4..=16 {
        let grown = resigned(&shared, 0, |all| all.resize(places, None));
        cases.push(("grown", grown, want(places, 3)));
    }
    assert_refused(cases);
}

/// Filled to a byte: the largest passes, one more does not.
#[test]
fn too_large() {
    let one = alone(1);
    let payload = |bytes| Action { module: 1, by: 0, payload: blob(vec![1; bytes]) };
    let filled = |bytes: usize| {
        let halves = vec![payload(PAYLOAD_BYTES_MAX), payload(bytes)];
        signed_after(&[&one], |intent| intent.actions = list(halves))
    };
    let room = TRANSACTION_BYTES_MAX - filled(0).encoded_len();
    let largest = filled(room);
    assert_eq!(largest.encoded_len(), TRANSACTION_BYTES_MAX);
    assert!(largest.check(&GENESIS).is_ok());
    let got = TRANSACTION_BYTES_MAX + 1;
    let want = CheckError::Large { got, limit: TRANSACTION_BYTES_MAX };
    assert_refused(vec![("a byte over", filled(room + 1), want)]);
}

/// Sound and faulty ones by turns of three parties, whose secrets are made once.
fn candidates() -> Vec<Transaction> {
    let (one, two) = (alone(1), several(2, &[3, 4, 5]));
    let (sound, pair) = (signed(&[&one]), signed(&[&two, &one]));
    let late = signed_after(&[&one], |intent| intent.expires = 7);
    let forged = resigned(&sound, 0, |all| all[0] = Some(Signature::from_bytes([1; 64])));
    let elsewhere = sign(intent(&[&one]), &[&one], &Hash::ZERO);
    let short = resigned(&pair, 0, |all| all[1] = None);
    vec![sound, pair, late, forged, elsewhere, short]
}

#[test]
fn check_all_names_the_faulty_one_at_every_position() {
    let all = candidates();
    let (sound, faulty) = all.split_at(3);
    for faulty in faulty {
        let error = faulty.clone().check(&GENESIS).unwrap_err();
        for count in 1..=6 {
            for index in 0..count {
                let mut batch: Vec<_> = sound.iter().cycle().take(count).cloned().collect();
                batch[index] = faulty.clone();
                let want = CheckAllError { index, error: error.clone() };
                assert_eq!(Transaction::check_all(batch, &GENESIS), Err(want));
            }
        }
    }
}

#[test]
fn check_all_of_nothing_is_nothing() {
    assert_eq!(Transaction::check_all(vec![], &GENESIS), Ok(vec![]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Many are accepted exactly if each is, with the same facts; else one that fails is named.
    #[test]
    fn check_all_accepts_what_check_accepts(picks in prop::collection::vec(0_usize..9, 0..6)) {
        let all = candidates();
        let batch: Vec<_> = picks.iter().map(|pick| all[pick % 3 + pick / 8 * 3].clone()).collect();
        let each: Vec<_> = batch.iter().map(|one| one.clone().check(&GENESIS)).collect();
        match Transaction::check_all(batch, &GENESIS) {
            Ok(checked) => prop_assert_eq!(each, checked.into_iter().map(Ok).collect::<Vec<_>>()),
            Err(CheckAllError { index, error }) => prop_assert_eq!(&each[index], &Err(error)),
        }
    }

    /// Each of many is judged as if it were alone.
    #[test]
    fn check_each_is_check_of_each(picks in prop::collection::vec(0_usize..6, 0..8)) {
        let all = candidates();
        let batch: Vec<_> = picks.iter().map(|pick| all[*pick].clone()).collect();
        let each: Vec<_> = batch.iter().map(|one| one.clone().check(&GENESIS)).collect();
        let hashed = Transaction::hash_all(batch);
        prop_assert_eq!(Transaction::check_each_with(hashed, &GENESIS, verify_bundles), each);
    }
}
