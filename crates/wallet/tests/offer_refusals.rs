//! Every way in which an offer cannot be signed or taken.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, made, offer_error, party, ring, swap, wallet};
use isonomy_crypto::Hash;
use isonomy_types::{
    Amount, CheckError, Encode, Intent, Nonce, PAYLOAD_BYTES_MAX, Policy, SIGNERS_MAX, TooLong,
};
use isonomy_wallet::{Facts, Offer, OfferError, Terms, Unsigned, pay};

/// What is changed, and how.
type Change = (&'static str, fn(&mut Intent));

/// The bytes of `offer` with the intent changed, all else as it was.
fn altered(offer: &Offer, change: impl FnOnce(&mut Intent)) -> Vec<u8> {
    let mut intent = offer.intent().clone();
    let (bytes, old) = (offer.encode(), intent.encode());
    change(&mut intent);
    [&bytes[..33], &intent.encode(), &bytes[33 + old.len()..]].concat()
}

#[test]
fn an_offer_altered_after_a_signature_names_whose_does_not_fit() {
    let maker = wallet(1);
    let changes: [Change; 6] = [
        ("terms", |intent| {
            intent.actions = vec![pay(1, wallet(2).address(), Amount(51))].try_into().unwrap()
        }),
        ("order", |intent| {
            let mut actions = intent.actions.clone().into_vec();
            actions.reverse();
            intent.actions = actions.try_into().unwrap();
        }),
        ("taker", |intent| {
            let mut signers = intent.signers.clone().into_vec();
            signers[0].account = wallet(3).address();
            intent.signers = signers.try_into().unwrap();
        }),
        ("nonce", |intent| {
            let mut signers = intent.signers.clone().into_vec();
            signers[1].nonce.seq += 1;
            intent.signers = signers.try_into().unwrap();
        }),
        ("price", |intent| intent.price += 1),
        ("expiry", |intent| intent.expires += 1),
    ];
    for (what, change) in changes {
        let bytes = altered(&made(), change);
        let want = OfferError::Altered { account: maker.address(), key: maker.public() };
        assert_eq!(Offer::decode(&bytes), Err(want.clone()), "{what}");
        assert!(want.to_string().contains(&maker.address().to_string()));
        // Unsigned, anything goes: there is nothing to betray.
        assert!(Offer::decode(&altered(&swap(), change)).is_ok(), "{what}");
    }
}

#[test]
fn attack_19_an_offer_is_worth_nothing_on_another_chain() {
    let offer = made();
    let other = Hash::from_bytes([8; 32]);
    let facts = Facts { genesis: other, ..Ledger::rich(&[1, 2]).facts(&offer) };
    assert_eq!(offer.judge(&facts), Err(OfferError::Chain { got: GENESIS, want: other }));
    // Renamed to that chain, it is another offer.
    let mut bytes = offer.encode();
    bytes[1..33].copy_from_slice(other.as_bytes());
    let error = Offer::decode(&bytes).unwrap_err();
    assert!(matches!(error, OfferError::Altered { account, .. } if account == wallet(1).address()));
}

#[test]
fn attack_23_nobody_signs_twice() {
    let mut terms = ring(3);
    terms.parties[2].account = terms.parties[0].account;
    let want = OfferError::Terms(CheckError::RepeatedSigner { index: 2 });
    assert_eq!(terms.offer(GENESIS), Err(want.clone()));
    let bytes = altered(&ring(3).offer(GENESIS).unwrap(), |intent| {
        let mut signers = intent.signers.clone().into_vec();
        signers[2] = signers[0];
        intent.signers = signers.try_into().unwrap();
    });
    assert_eq!(Offer::decode(&bytes), Err(want));
}

#[test]
fn terms_that_no_chain_takes_are_refused() {
    let none = Terms { parties: vec![], ..ring(2) };
    assert_eq!(none.offer(GENESIS), Err(CheckError::NoSigner.into()));
    let mut nobody = ring(2);
    nobody.actions[1].by = 2;
    let want = CheckError::UnknownActor { got: 2, limit: 2 };
    assert_eq!(nobody.offer(GENESIS), Err(want.into()));
    let crowd = ring(SIGNERS_MAX as u8 + 1).offer(GENESIS);
    let want = TooLong { got: SIGNERS_MAX + 1, limit: SIGNERS_MAX };
    assert_eq!(crowd, Err(OfferError::Many(want)));
    let mut large = ring(2);
    large.actions[0].payload = vec![0; PAYLOAD_BYTES_MAX].try_into().unwrap();
    large.actions[1].payload = large.actions[0].payload.clone();
    let error = large.offer(GENESIS).unwrap_err();
    assert!(matches!(error, OfferError::Terms(CheckError::Large { .. })), "{error}");
    let mut module = ring(2);
    module.parties[1].policy = Some(Policy::Module(1));
    assert_eq!(module.offer(GENESIS), Err(CheckError::PolicyCannotSign { signer: 1 }.into()));
}

#[test]
fn the_chain_says_why_an_offer_is_over() {
    let offer = made();
    let maker = wallet(1).address();
    let good = Ledger::rich(&[1, 2]).facts(&offer);
    let lane = offer.intent().signers[1].nonce.lane;
    let with = |change: &dyn Fn(&mut Facts)| {
        let mut facts = good.clone();
        change(&mut facts);
        offer.judge(&facts)
    };
    assert_eq!(with(&|_| ()), Ok(()));
    assert_eq!(with(&|facts| facts.height = 9), Ok(()));
    let expired = OfferError::Expired { got: 10, limit: 10 };
    assert_eq!(with(&|facts| facts.height = 10), Err(expired));
    let spent = OfferError::Spent { account: maker, lane, got: 0, limit: 3 };
    assert_eq!(with(&|facts| facts.signers[1].next = 3), Err(spent));
    let foreign = Some(Hash::from_bytes([1; 32]));
    assert_eq!(
        with(&|facts| facts.signers[1].policy = foreign),
        Err(OfferError::Policy { account: maker })
    );
    // The taker has revealed nothing yet, and may sign under any.
    assert_eq!(with(&|facts| facts.signers[0].policy = foreign), Ok(()));
    let short = with(&|facts| facts.signers.truncate(1));
    assert_eq!(short, Err(OfferError::Facts { got: 1, limit: 2 }));
    let early = Terms { parties: vec![party(maker, Nonce { lane: 5, seq: 2 })], ..ring(1) };
    let early = early.offer(GENESIS).unwrap();
    let facts = Facts { signers: vec![good.signers[0]], ..good };
    let want = OfferError::Early { account: maker, lane: 5, got: 2, limit: 0 };
    assert_eq!(early.judge(&facts), Err(want));
}

#[test]
fn only_whoever_is_asked_signs_and_once() {
    let offer = made();
    let error = offer_error(wallet(3).sign_offer(offer.clone()).unwrap_err());
    assert_eq!(error, OfferError::Stranger { got: wallet(3).address() });
    let error = offer_error(wallet(1).sign_offer(offer.clone()).unwrap_err());
    let taker = Unsigned { account: wallet(2).address(), got: 0, needed: 1 };
    assert_eq!(error, OfferError::Signed { unsigned: vec![taker] });
    assert!(error.to_string().contains(&format!("send it to {} to sign", taker.account)));
    assert_eq!(offer.transaction(), Err(OfferError::Incomplete { unsigned: vec![taker] }));
    let complete = wallet(2).sign_offer(offer).unwrap();
    let error = offer_error(wallet(2).sign_offer(complete).unwrap_err());
    assert_eq!(error, OfferError::Signed { unsigned: vec![] });
}
