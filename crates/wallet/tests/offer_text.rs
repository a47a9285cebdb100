//! Offers as bytes, text and files.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, made, shared, wallet};
use isonomy_types::{CheckError, Encode, Nonce};
use isonomy_wallet::{
    Account, ArmourError, OFFER_CHARS_MAX, Offer, OfferError, Party, Terms, WalletError,
};

#[test]
fn texts_that_are_no_offers_say_what_to_do() {
    let text = made().to_string();
    let read = |text: &str| text.parse::<Offer>().unwrap_err();
    let armour = |text: &str| match read(text) {
        OfferError::Armour(error) => error,
        error => panic!("{error}"),
    };
    let address = wallet(1).address().to_string();
    assert_eq!(
        armour(&address),
        ArmourError::Prefix { what: "offer", got: "iso".into(), want: "isooffer".into() }
    );
    assert_eq!(armour(&text.to_uppercase()), ArmourError::Case { what: "offer" });
    assert_eq!(armour(&text[..text.len() - 1]), ArmourError::Checksum { what: "offer" });
    assert!(matches!(armour("hello"), ArmourError::Shape { .. }));
    assert!(matches!(armour(""), ArmourError::Shape { .. }));
    let long = "q".repeat(OFFER_CHARS_MAX + 5);
    let want =
        ArmourError::Long { what: "offer", got: OFFER_CHARS_MAX + 5, limit: OFFER_CHARS_MAX };
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
