//! An offer from its terms to its receipt, and every way in which it is none.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, Ledger, RICH, party, swap, wallet};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Issue, Rights};
use isonomy_types::{
    Action, Amount, CheckError, Decode, Encode, Intent, Keys, Nonce, PAYLOAD_BYTES_MAX,
    POLICY_KEYS_MAX, Policy, SIGNERS_MAX, TooLong,
};
use isonomy_wallet::{
    Account, ArmourError, Facts, OFFER_CHARS_MAX, Offer, OfferError, Party, Terms, Unsigned,
    Wallet, WalletError, give, pay, set_policy, spare_lane,
};

/// What is changed, and how.
type Change = (&'static str, fn(&mut Intent));

/// As the one who made it hands it on.
fn made() -> Offer {
    wallet(1).sign_offer(swap()).unwrap()
}

fn offer_error(error: WalletError) -> OfferError {
    match error {
        WalletError::Offer(error) => error,
        error => panic!("{error}"),
    }
}

/// The bytes of `offer` with the intent changed, all else as it was.
fn altered(offer: &Offer, change: impl FnOnce(&mut Intent)) -> Vec<u8> {
    let mut intent = offer.intent().clone();
    let (bytes, old) = (offer.encode(), intent.encode());
    change(&mut intent);
    [&bytes[..33], &intent.encode(), &bytes[33 + old.len()..]].concat()
}

fn shared(needed: u8, bytes: &[u8]) -> Policy {
    let mut keys: Vec<_> = bytes.iter().map(|byte| wallet(*byte).public()).collect();
    keys.sort();
    Policy::Keys(Keys::new(needed, keys).unwrap())
}

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
    let event = ledger.block(signed).unwrap().receipts[0].events[0].clone();
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

/// Each of `count` wallets gives the next one its number of coins. The first pays.
fn ring(count: u8) -> Terms {
    let accounts: Vec<_> = (1..=count).map(|byte| wallet(byte).address()).collect();
    let to = |by: u8| accounts[usize::from((by + 1) % count)];
    let actions: Vec<_> =
        (0..count).map(|by| pay(by, to(by), Amount(u128::from(by) + 1))).collect();
    let nonce = Nonce { lane: spare_lane(&accounts, &actions), seq: 0 };
    let parties = accounts.iter().map(|account| party(*account, nonce)).collect();
    Terms { parties, actions, price: 2, expires: 10 }
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
fn signatures_too_many_or_misplaced_are_no_offer() {
    let club = Account::first(shared(1, &[1, 2]));
    let nonce = Nonce { lane: 0, seq: 0 };
    let own = Party { account: club.address, nonce, policy: Some(club.policy.clone()) };
    let terms = Terms { parties: vec![own], actions: vec![], price: 2, expires: 10 };
    let offer = terms.offer(GENESIS).unwrap();
    let (one, two) = (wallet(1).sign_offer(offer.clone()), wallet(2).sign_offer(offer));
    let (one, two) = (one.unwrap().encode(), two.unwrap().encode());
    // The place of each: an empty one is a zero byte, a filled one a one and 64 bytes.
    let end = one.len();
    let filled = |bytes: &[u8]| bytes[end - 66] == 1;
    let (first, second) = if filled(&one) { (one, two) } else { (two, one) };
    let both = [&first[..end - 1], &second[end - 65..]].concat();
    let want = CheckError::SignatureCount { signer: 0, got: 2, limit: 1 };
    assert_eq!(Offer::decode(&both), Err(want.into()));
    // In the other key's place it does not fit.
    let swapped = [&first[..end - 66], &[0], &first[end - 66..end - 1]].concat();
    assert!(matches!(Offer::decode(&swapped), Err(OfferError::Altered { .. })));
}

#[test]
fn texts_that_are_no_offers_say_what_to_do() {
    let text = made().to_string();
    let read = |text: &str| text.parse::<Offer>().unwrap_err();
    let armour = |text: &str| match read(text) {
        OfferError::Armour(error) => error,
        error => panic!("{error}"),
    };
    let address = wallet(1).address().to_string();
    assert_eq!(armour(&address), ArmourError::Prefix { got: "iso".into() });
    assert_eq!(armour(&text.to_uppercase()), ArmourError::Case);
    assert_eq!(armour(&text[..text.len() - 1]), ArmourError::Checksum);
    assert!(matches!(armour("hello"), ArmourError::Shape { .. }));
    assert!(matches!(armour(""), ArmourError::Shape { .. }));
    let long = "q".repeat(OFFER_CHARS_MAX + 5);
    let want = ArmourError::Long { got: OFFER_CHARS_MAX + 5, limit: OFFER_CHARS_MAX };
    assert_eq!(armour(&long), want);
    let mut bytes = made().encode();
    bytes[0] = 2;
    assert_eq!(Offer::decode(&bytes), Err(OfferError::Version { got: 2, limit: 1 }));
    assert!(matches!(Offer::decode(&made().encode()[..90]), Err(OfferError::Decode(_))));
    assert!(matches!(Offer::decode(&[]), Err(OfferError::Decode(_))));
    let endless = [&[1][..], &vec![0; 1 << 20]].concat();
    assert!(matches!(Offer::decode(&endless), Err(OfferError::Terms(CheckError::Large { .. }))));
}

#[test]
fn white_space_is_passed_over() {
    let offer = made();
    let text = offer.to_string();
    let wrapped: Vec<_> =
        text.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    assert_eq!(format!("  {}\r\n", wrapped.join("\r\n")).parse(), Ok(offer));
}

#[test]
fn offers_and_policies_are_files() {
    let dir = tempfile::tempdir().unwrap();
    let (path, offer) = (dir.path().join("offer.txt"), made());
    offer.create(&path).unwrap();
    assert_eq!(Offer::open(&path).unwrap(), offer);
    assert!(matches!(offer.create(&path), Err(WalletError::Exists { .. })));
    let file = std::fs::File::options().append(true).open(&path).unwrap();
    file.set_len(isonomy_wallet::OFFER_FILE_BYTES_MAX + 1).unwrap();
    assert!(matches!(Offer::open(&path), Err(WalletError::Large { .. })));

    let path = dir.path().join("policy.json");
    let club = Account { address: wallet(1).address(), policy: shared(2, &[1, 2, 3]) };
    club.create(&path).unwrap();
    assert_eq!(Account::open(&path).unwrap(), club);
    assert!(matches!(club.create(&path), Err(WalletError::Exists { .. })));
    assert!(matches!(Account::open(dir.path()), Err(WalletError::Io { .. })));
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("isonomy policy", "isonomy key"),
        ("\"version\": 1", "\"version\": 2"),
        ("\"needed\": 2", "\"needed\": 4"),
        ("\"needed\": 2", "\"needed\": 0"),
        ("iso1", "iso2"),
        ("{", ""),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let error = Account::open(&path).unwrap_err();
        assert!(matches!(error, WalletError::NoPolicy { .. }), "{from}: {error}");
    }
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
