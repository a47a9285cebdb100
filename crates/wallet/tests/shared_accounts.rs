//! Accounts of several keys, and accounts whose keys change.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, RICH, made, offer_error, party, ring, shared, swap, wallet};
use isonomy_types::{Amount, CheckError, Nonce, POLICY_KEYS_MAX, Policy};
use isonomy_wallet::{Account, Offer, OfferError, Party, Terms, Unsigned, Wallet, pay, set_policy};

#[test]
fn a_shared_account_acts_when_enough_have_signed() {
    let policy = shared(2, &[1, 2, 3]);
    let club = Account::first(policy);
    let mut ledger = Ledger::new(vec![(club.address, Amount(RICH))]);
    let nonce = Nonce { lane: 0, seq: 0 };
    let own = Party { account: club.address, nonce, policy: Some(club.policy.clone()) };
    let actions = vec![pay(0, wallet(9).address(), Amount(700))];
    let terms = Terms { parties: vec![own], actions, price: 2, expires: 10 };
    let offer = terms.offer(GENESIS).unwrap();
    let error = offer_error(wallet(4).sign_offer(offer.clone()).unwrap_err());
    assert_eq!(error, OfferError::Stranger { got: wallet(4).address() });
    let half = wallet(3).sign_offer(offer).unwrap();
    let missing = Unsigned { account: club.address, got: 1, needed: 2 };
    assert_eq!(half.unsigned(), [missing]);
    assert!(half.describe(None, None).ends_with("(1 of 2 signatures)."));
    let half: Offer = half.to_string().parse().unwrap();
    let whole = wallet(1).sign_offer(half).unwrap();
    // A third would be one too many.
    let error = offer_error(wallet(2).sign_offer(whole.clone()).unwrap_err());
    assert_eq!(error, OfferError::Signed { unsigned: vec![] });
    assert_eq!(ledger.block(whole.transaction().unwrap()).unwrap().receipts[0].code, 0);
    assert_eq!(ledger.balance(wallet(9).address()), 700);
}

#[test]
fn the_most_keys_that_a_policy_holds_can_all_sign() {
    let everyone: Vec<u8> = (1..=POLICY_KEYS_MAX as u8).collect();
    let club = Account::first(shared(POLICY_KEYS_MAX as u8, &everyone));
    let mut ledger = Ledger::new(vec![(club.address, Amount(RICH))]);
    let nonce = Nonce { lane: 0, seq: 0 };
    let own = Party { account: club.address, nonce, policy: Some(club.policy) };
    let terms = Terms { parties: vec![own], actions: vec![], price: 2, expires: 10 };
    let offer = terms.offer(GENESIS).unwrap();
    let signed =
        everyone.iter().fold(offer, |offer, byte| wallet(*byte).sign_offer(offer).unwrap());
    let receipt = ledger.block(signed.transaction().unwrap()).unwrap().receipts[0].clone();
    assert_eq!((receipt.code, receipt.meter), (0, signed.intent().meter_limit), "to the unit");
}

#[test]
fn keys_rotate_and_the_old_ones_are_worth_nothing() {
    let mut ledger = Ledger::rich(&[1, 2]);
    let (old, address) = (wallet(1), wallet(1).address());
    let policy = shared(2, &[3, 4]);
    let nonce = Nonce { lane: 0, seq: 0 };
    let terms = Terms {
        parties: vec![party(address, nonce)],
        actions: vec![set_policy(0, policy.clone())],
        price: 2,
        expires: 10,
    };
    // An offer that waits while the keys change.
    let waiting = made();
    let rotate = old.sign_offer(terms.offer(GENESIS).unwrap()).unwrap();
    assert_eq!(ledger.block(rotate.transaction().unwrap()).unwrap().receipts[0].code, 0);
    let policy_error = Err(OfferError::Policy { account: address });
    assert_eq!(waiting.judge(&ledger.facts(&waiting)), policy_error);
    assert!(ledger.block(wallet(2).sign_offer(waiting).unwrap().transaction().unwrap()).is_err());

    let mut offer = swap();
    let account = Account { address, policy };
    offer.reveal(&account).unwrap();
    offer.reveal(&account).unwrap();
    let error = offer_error(old.sign_offer(offer.clone()).unwrap_err());
    assert_eq!(error, OfferError::Stranger { got: address });
    let signed =
        [3, 4, 2].iter().fold(offer, |offer, byte| wallet(*byte).sign_offer(offer).unwrap());
    let words = signed.describe(None, None);
    assert!(words.contains(&format!("Signed for {address} under a policy other")), "{words}");
    assert!(words.contains(&format!("Signed by {}.", wallet(2).address())), "{words}");
    assert_eq!(signed.judge(&ledger.facts(&signed)), Ok(()));
    let receipt = ledger.block(signed.transaction().unwrap()).unwrap().receipts[0].clone();
    assert_eq!(receipt.code, 0, "the allowance holds for more keys than were expected");
    assert_eq!(ledger.balance(wallet(2).address()), RICH + 50 - 30 - receipt.fee.0);
}

#[test]
fn a_policy_is_revealed_once() {
    let mut offer = made();
    let stranger = Account::first(shared(1, &[5, 6]));
    let got = stranger.address;
    assert_eq!(offer.reveal(&stranger), Err(OfferError::Stranger { got }));
    let (address, policy) = (wallet(1).address(), shared(1, &[5, 6]));
    let before = offer.clone();
    let other = Account { address, policy: policy.clone() };
    assert_eq!(offer.reveal(&other), Err(OfferError::Revealed { account: address }));
    let lost = Account { address: wallet(2).address(), policy: Policy::Module(4) };
    let want = CheckError::PolicyCannotSign { signer: 0 };
    assert_eq!(offer.reveal(&lost), Err(want.into()));
    assert_eq!(offer, before);
    // Unsigned, it may be corrected.
    let mut unsigned = swap();
    unsigned.reveal(&other).unwrap();
    unsigned.reveal(&Account::first(Policy::Key(wallet(1).public()))).unwrap();
    assert!(wallet(1).sign_offer(unsigned).is_ok());
}

#[test]
fn one_key_signs_for_each_account_that_names_it() {
    // Both seats under one key: the account's own, and one that names it.
    let (own, club) = (wallet(1), Account::first(shared(1, &[1, 2])));
    let mut terms = ring(2);
    terms.parties[1] = Party {
        account: club.address,
        nonce: Nonce { lane: 1, seq: 0 },
        policy: Some(club.policy.clone()),
    };
    let signed = own.sign_offer(terms.offer(GENESIS).unwrap()).unwrap();
    assert!(signed.transaction().unwrap().check(&GENESIS).is_ok(), "one key, both its seats");
    let prepared: Result<Offer, OfferError> = Wallet::prepare(&wallet(2), swap());
    assert_eq!(prepared.unwrap().unsigned().len(), 2, "prepared, not signed");
}
