//! An offer from its terms to its receipt.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, RICH, made, party, ring, wallet};
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Issue, Rights};
use isonomy_types::{Action, Amount, Decode, Encode, Nonce, SIGNERS_MAX};
use isonomy_wallet::{Offer, OfferError, Terms, give, pay, spare_lane};

#[test]
fn an_exchange_happens_as_a_whole() {
    let mut ledger = Ledger::rich(&[1, 2]);
    let offer: Offer = made().to_string().parse().unwrap();
    assert_eq!(offer.judge(&ledger.facts(&offer)), Ok(()));
    let signed = wallet(2).sign_offer(offer.clone()).unwrap();
    let done = ledger.block(signed.transaction().unwrap()).unwrap();
    let receipt = &done.receipts[0];
    assert_eq!(receipt.code, 0);
    assert_eq!(ledger.balance(wallet(1).address()), RICH - 50 + 30);
    assert_eq!(ledger.balance(wallet(2).address()), RICH + 50 - 30 - receipt.fee.0);
    assert!(receipt.meter * 2 < offer.intent().max_fee().0 as u64, "more than enough is set aside");
    // Once taken, it is over.
    let Err(OfferError::Spent { got: 0, limit: 1, .. }) = offer.judge(&ledger.facts(&offer)) else {
        panic!("it can be taken again")
    };
    assert!(ledger.block(signed.transaction().unwrap()).is_err());
}

#[test]
fn an_issued_asset_changes_hands_for_coins() {
    let (maker, taker) = (wallet(1).address(), wallet(2).address());
    let mut ledger = Ledger::rich(&[1, 2]);
    let issue = Issue {
        symbol: "DEED".to_string().try_into().unwrap(),
        name: "A boat".to_string().try_into().unwrap(),
        decimals: 0,
        cap: None,
        rights: Rights::default(),
        amount: Amount(10),
        to: maker,
    };
    let payload = assets::Call::Issue(issue).encode().try_into().unwrap();
    let nonce = Nonce { lane: 0, seq: 0 };
    let terms = |parties, actions| Terms { parties, actions, price: 2, expires: 10 };
    let issue = Action { module: assets::ID, by: 0, payload };
    let offer = terms(vec![party(maker, nonce)], vec![issue]).offer(GENESIS).unwrap();
    let signed = wallet(1).sign_offer(offer).unwrap().transaction().unwrap();
    let event = ledger.block(signed).unwrap().receipts[0].events.get(0).unwrap();
    let AssetsEvent::Issue { asset, .. } = AssetsEvent::decode_exact(&event.payload).unwrap()
    else {
        panic!("nothing was issued")
    };
    let asset = Asset::Issued(asset);
    let exchange = |amount, seq| {
        let actions = vec![give(1, taker, Amount(amount), asset), pay(0, maker, Amount(30))];
        let parties =
            vec![party(taker, Nonce { lane: 1, seq }), party(maker, Nonce { lane: 1, seq })];
        let offer = wallet(1).sign_offer(terms(parties, actions).offer(GENESIS).unwrap()).unwrap();
        let words = offer.describe(None, None);
        assert!(words.contains(&format!("shall send {amount} {asset} to {taker}")), "{words}");
        wallet(2).sign_offer(offer).unwrap().transaction().unwrap()
    };
    let before = ledger.balance(maker);
    assert_eq!(ledger.block(exchange(7, 0)).unwrap().receipts[0].code, 0);
    assert_eq!((ledger.holds(maker, asset), ledger.holds(taker, asset)), (3, 7));
    assert_eq!(ledger.balance(maker), before + 30);
    // More than is there: the coins stay too.
    assert_ne!(ledger.block(exchange(4, 1)).unwrap().receipts[0].code, 0);
    assert_eq!((ledger.holds(maker, asset), ledger.holds(taker, asset)), (3, 7));
    assert_eq!(ledger.balance(maker), before + 30);
}

#[test]
fn one_side_that_cannot_give_stops_the_other() {
    let allocations = vec![(wallet(2).address(), Amount(RICH)), (wallet(1).address(), Amount(49))];
    let mut ledger = Ledger::new(allocations);
    let signed = wallet(2).sign_offer(made()).unwrap();
    assert_eq!(signed.takes(&wallet(1).address()), Amount(50));
    let done = ledger.block(signed.transaction().unwrap()).unwrap();
    assert_ne!(done.receipts[0].code, 0);
    assert_eq!(ledger.balance(wallet(1).address()), 49);
    assert_eq!(ledger.balance(wallet(2).address()), RICH - done.receipts[0].fee.0);
}

#[test]
fn an_offer_says_who_gives_what_and_who_has_signed() {
    let (maker, taker) = (wallet(1).address(), wallet(2).address());
    let offer = made();
    let lane = offer.intent().signers[0].nonce.lane;
    let (fee, limit) = (offer.intent().max_fee(), offer.intent().meter_limit);
    let want = format!(
        "\
In a block up to height 10 of the chain {GENESIS}:
  {maker} shall send 50 coins to {taker} (you)
  {taker} (you) shall send 30 coins to {maker}
all of this, in this order, or nothing of it.
{taker} (you) pays the fee: at most {fee} coins ({limit} meter units at 2 each).
It is transaction 0 on lane {lane} of {taker} (you).
It is transaction 0 on lane {lane} of {maker}.
Not yet signed by {taker} (you).
Signed by {maker}."
    );
    assert_eq!(offer.describe(Some(taker), None), want);
    assert_eq!(offer.takes(&taker), Amount(30 + fee.0));
}

#[test]
fn bytes_that_nobody_can_read_play_no_tricks() {
    let mut terms = ring(3);
    terms.actions[0].module = 9;
    let words = terms.clone().offer(GENESIS).unwrap().describe(None, None);
    assert!(words.contains("call module 9 with "), "{words}");
    assert!(words.contains("that this wallet cannot read"), "{words}");

    struct Loud;
    impl isonomy_ledger::Module for Loud {
        fn call(
            &self,
            _: &mut isonomy_ledger::Context<'_>,
            _: &[u8],
        ) -> Result<Vec<u8>, isonomy_ledger::Fault> {
            Ok(Vec::new())
        }
        fn describe(&self, _: &[u8]) -> String {
            "sing\n\u{1b}[2JSigned by everyone\u{202e}".into()
        }
    }
    let modules = isonomy_ledger::Modules::default().with(9, Loud).unwrap();
    let words = terms.offer(GENESIS).unwrap().describe(None, Some(&modules));
    assert!(words.contains("shall sing??[2JSigned by everyone?\n"), "{words}");
}

#[test]
fn as_many_as_a_transaction_holds_exchange_at_once() {
    let count = SIGNERS_MAX as u8;
    let mut offer = ring(count).offer(GENESIS).unwrap();
    let everyone: Vec<u8> = (1..=count).collect();
    let mut ledger = Ledger::rich(&everyone);
    for byte in everyone.iter().rev() {
        let Err(OfferError::Incomplete { unsigned }) = offer.transaction() else {
            panic!("complete without {byte}")
        };
        assert_eq!(unsigned.len(), usize::from(*byte));
        offer = wallet(*byte).sign_offer(offer.to_string().parse().unwrap()).unwrap();
    }
    let receipt = ledger.block(offer.transaction().unwrap()).unwrap().receipts[0].clone();
    assert_eq!(receipt.code, 0);
    assert_eq!(ledger.balance(wallet(1).address()), RICH - 1 + u128::from(count) - receipt.fee.0);
    for byte in 2..=count {
        assert_eq!(ledger.balance(wallet(byte).address()), RICH - 1);
    }
}

#[test]
fn two_offers_rarely_share_a_lane_and_the_same_one_always() {
    let (one, two) = (wallet(1).address(), wallet(2).address());
    let lane = |amount| spare_lane(&[one, two], &[pay(0, two, Amount(amount))]);
    let lanes: std::collections::BTreeSet<_> = (1..1_000).map(lane).collect();
    assert!(lanes.len() > 980 && !lanes.contains(&0), "{}", lanes.len());
    assert_eq!(lane(1), lane(1));
    assert_ne!(spare_lane(&[two, one], &[]), spare_lane(&[one, two], &[]));
}

#[test]
fn cancelling_is_spending_the_turn() {
    let mut ledger = Ledger::rich(&[1, 2]);
    let (offer, maker) = (made(), wallet(1));
    let nonce = offer.intent().signers[1].nonce;
    let parties = vec![party(maker.address(), nonce)];
    let cancelling = Terms { parties, actions: vec![], price: 2, expires: 10 };
    let cancelling = cancelling.offer(GENESIS).unwrap();
    assert!(cancelling.describe(None, None).contains("which cancels what waits for them"));
    let signed = maker.sign_offer(cancelling).unwrap().transaction().unwrap();
    assert_eq!(ledger.block(signed).unwrap().receipts[0].code, 0);
    let facts = ledger.facts(&offer);
    assert!(matches!(offer.judge(&facts), Err(OfferError::Spent { got: 0, limit: 1, .. })));
    let taken = wallet(2).sign_offer(offer).unwrap();
    assert!(ledger.block(taken.transaction().unwrap()).is_err());
    // Made again, it is on the same lane: its next turn.
    assert_eq!(ledger.next(maker.address(), nonce.lane), 1);
}
