//! Several keys of one account sign copies of one transaction, in any order and at once.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, RICH, ring, shared, wallet};
use isonomy_crypto::Hash;
use isonomy_types::{Amount, Nonce};
use isonomy_wallet::{Account, Offer, OfferError, Party, Request, RequestError, Terms, pay};
use proptest::prelude::*;

/// Any two of three pay wallet 9, signed by nobody.
fn session(amount: u128, genesis: Hash) -> Offer {
    let club = Account::first(shared(2, &[1, 2, 3]));
    let nonce = Nonce { lane: 0, seq: 0 };
    let own = Party { account: club.address, nonce, policy: Some(club.policy) };
    let actions = vec![pay(0, wallet(9).address(), Amount(amount))];
    Terms { parties: vec![own], actions, price: 2, expires: 10 }.offer(genesis).unwrap()
}

fn signed(by: u8, offer: &Offer) -> Offer {
    wallet(by).sign_offer(offer.clone()).unwrap()
}

#[test]
fn copies_signed_at_once_are_combined_and_take_effect() {
    let blank = session(700, GENESIS);
    let account = blank.intent().signers[0].account;
    let mut ledger = Ledger::new(vec![(account, Amount(RICH))]);
    let (mut one, two) = (signed(1, &blank), signed(3, &blank));
    one.combine(&two).unwrap();
    let again = one.clone();
    one.combine(&two).unwrap();
    one.combine(&blank).unwrap();
    assert_eq!(one, again, "the same again changes nothing");
    assert_eq!(one.judge(&ledger.facts(&one)), Ok(()));
    assert_eq!(ledger.block(one.transaction().unwrap()).unwrap().receipts[0].code, 0);
    assert_eq!(ledger.balance(wallet(9).address()), 700);
    assert!(matches!(one.judge(&ledger.facts(&one)), Err(OfferError::Spent { .. })));
    ledger.env.height = 10;
    assert!(matches!(one.judge(&ledger.facts(&one)), Err(OfferError::Expired { .. })));
}

#[test]
fn a_signature_too_many_is_left_out() {
    let blank = session(700, GENESIS);
    let mut whole = signed(1, &blank);
    whole.combine(&signed(2, &blank)).unwrap();
    let before = whole.clone();
    whole.combine(&signed(3, &blank)).unwrap();
    assert_eq!(whole, before);
    assert!(whole.transaction().unwrap().check(&GENESIS).is_ok());
}

#[test]
fn what_is_no_copy_is_not_combined() {
    let mut own = signed(1, &session(700, GENESIS));
    let before = own.clone();
    for other in [session(701, GENESIS), session(700, Hash::from_bytes([8; 32]))] {
        let error = own.combine(&signed(2, &other)).unwrap_err();
        assert_eq!(error, OfferError::Different);
        assert!(error.to_string().contains("not copies of one transaction"), "{error}");
    }
    // The same transaction under another policy.
    let mut other = ring(2).offer(GENESIS).unwrap();
    let mut mine = other.clone();
    let address = wallet(1).address();
    mine.reveal(&Account { address, policy: shared(1, &[1, 2]) }).unwrap();
    other.reveal(&Account { address, policy: shared(1, &[1, 3]) }).unwrap();
    assert_eq!(mine.combine(&other), Err(OfferError::Revealed { account: address }));
    assert_eq!(own, before);
}

#[test]
fn a_changed_copy_is_no_session() {
    let text = signed(1, &session(700, GENESIS)).to_string();
    let offer: Offer = text.parse().unwrap();
    let mut bytes = isonomy_types::Encode::encode(&offer);
    // The amount, wherever it stands.
    let amount = 700_u128.to_le_bytes();
    let at = bytes.windows(16).position(|part| part == amount).unwrap();
    bytes[at] ^= 1;
    let error = Offer::decode(&bytes).unwrap_err();
    assert!(matches!(error, OfferError::Altered { .. }), "{error}");
    let path = std::path::Path::new("/nowhere").display().to_string();
    assert!(Offer::find(&path).is_err());
    assert_eq!(Offer::find(&text).unwrap(), offer);
}

#[test]
fn requests_say_what_is_wrong_with_them() {
    let to = wallet(1).address();
    let asset = Hash::from_bytes([5; 32]);
    for request in [
        Request { to, amount: None, asset: None },
        Request { to, amount: Some(Amount(7)), asset: None },
        Request { to, amount: None, asset: Some(asset) },
        Request { to, amount: Some(Amount(u128::MAX)), asset: Some(asset) },
    ] {
        assert_eq!(request.to_string().parse(), Ok(request));
    }
    let read = |text: String| text.parse::<Request>().unwrap_err();
    assert_eq!(read(to.to_string()), RequestError::Scheme);
    assert!(matches!(read(format!("isonomy:{to}x")), RequestError::Address(_)));
    for part in ["amount=x", "amount=1&amount=2", "asset=07", "to=me", "amount", "amount=-1"] {
        let error = read(format!("isonomy:{to}?{part}"));
        assert!(matches!(error, RequestError::Part { .. }), "{part}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Who signs which copy, and in which order they are combined, does not matter.
    #[test]
    fn any_order_comes_to_a_transaction(
        order in Just(vec![1_u8, 2, 3]).prop_shuffle(),
        through_text: bool,
    ) {
        let blank = session(700, GENESIS);
        let mut all = blank.clone();
        for by in &order {
            let copy = signed(*by, &blank);
            let copy = if through_text { copy.to_string().parse().unwrap() } else { copy };
            all.combine(&copy).unwrap();
        }
        prop_assert!(all.unsigned().is_empty());
        prop_assert!(all.transaction().unwrap().check(&GENESIS).is_ok());
    }
}
