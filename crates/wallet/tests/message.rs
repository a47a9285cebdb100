//! Signed messages: whose they are, what changes break them, and that they are no transactions.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, shared, wallet};
use isonomy_types::{Amount, CheckError, Encode, List, Nonce, Transaction, Witness};
use isonomy_wallet::{
    ArmourError, MESSAGE_CHARS_MAX, MESSAGE_TEXT_BYTES_MAX, MessageError, Offer, SignedMessage,
    Transfer, WalletError,
};
use proptest::prelude::*;

/// Version 1, signed by wallet 1.
const SAID: &str = "\
    isosaid1q97304yqpn4t8cu7yj425lvc0f22wvfrnhujhp6f0hfg82pr64tmwxuyc4t8kynygzv460k442aq2ewhrc\
    vrgczgr8lec9l4a82a6pu0z5qqqqz5dp5hxgrpv3j8yetnwvsxjueqd45kuefw7m2yyg9cc64wfukakx9upt77ew3w\
    23nn3p3gl7cf8tcn2560mc8u67kufym79dtd389df0jqwcezn3klnwkydn0kdm0ff28lnjgle7g7pkl78";

fn said(text: &str) -> SignedMessage {
    wallet(1).sign_message(text).unwrap()
}

fn error(error: WalletError) -> MessageError {
    match error {
        WalletError::Message(error) => error,
        error => panic!("{error}"),
    }
}

#[test]
fn a_message_of_version_1_is_read_for_ever() {
    let message: SignedMessage = SAID.parse().unwrap();
    assert_eq!(message.to_string(), SAID, "its only spelling");
    assert_eq!(message.text(), "This address is mine.");
    assert_eq!(message.address(), wallet(1).address());
    assert_eq!(message.verify(None), Ok(()));
}

#[test]
fn a_message_comes_back_and_verifies() {
    for text in ["", "one line", "two\nlines\twith a tab", "Zoë 財布 🦀", &"x".repeat(8_192)] {
        let message = said(text);
        let read: SignedMessage = message.to_string().parse().unwrap();
        assert_eq!(read, message);
        assert_eq!((read.text(), read.address()), (text, wallet(1).address()));
        assert_eq!(read.verify(None), Ok(()));
        assert_eq!(read.verify(Some(wallet(1).address().0)), Ok(()));
    }
    assert!(said(&"x".repeat(MESSAGE_TEXT_BYTES_MAX)).to_string().len() <= MESSAGE_CHARS_MAX);
}

#[test]
fn an_account_under_other_keys_is_told() {
    let address = wallet(1).address();
    let now = shared(2, &[1, 2]).hash();
    assert_eq!(said("mine").verify(Some(now)), Err(MessageError::Rotated { address }));
}

#[test]
fn texts_that_would_show_as_something_else_are_refused() {
    for text in ["a\u{1b}[2J", "a\rb", "a\u{202e}b", "\0", "a\u{200b}"] {
        let got = error(wallet(1).sign_message(text).unwrap_err());
        assert!(matches!(got, MessageError::Unprintable { .. }), "{text:?}: {got}");
        assert!(got.to_string().chars().all(|char| matches!(char, ' '..='~')), "{got}");
    }
    let long = "x".repeat(MESSAGE_TEXT_BYTES_MAX + 1);
    let got = error(wallet(1).sign_message(&long).unwrap_err());
    assert_eq!(got, MessageError::Long { got: 8_193, limit: 8_192 });
    // Nor may one that somebody else made show.
    let mut bytes = said("abc").encode();
    let at = bytes.windows(3).position(|part| part == b"abc").unwrap();
    bytes[at] = 0x1b;
    let got = SignedMessage::decode(&bytes).unwrap_err();
    assert_eq!(got, MessageError::Unprintable { got: '\u{1b}' });
}

#[test]
fn every_changed_byte_is_refused() {
    let good = said("pay nobody").encode();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        let verified = SignedMessage::decode(&bad).and_then(|message| message.verify(None));
        assert!(verified.is_err(), "byte {at}");
    }
    let (mine, address) = (said("x"), wallet(1).address());
    // Somebody else's signature under this address.
    let theirs = wallet(2).sign_message("x").unwrap().encode();
    let mut posing = mine.encode();
    posing[33..].copy_from_slice(&theirs[33..]);
    let posing = SignedMessage::decode(&posing).unwrap();
    assert_eq!(posing.verify(None), Err(MessageError::Wrong { address }));
}

#[test]
fn attack_19_a_message_is_no_transaction_nor_the_other_way_round() {
    let own = wallet(1);
    let (nonce, amount) = (Nonce { lane: 0, seq: 0 }, Amount(5));
    let to = wallet(2).address();
    let transfer = Transfer { to, amount, nonce, price: 2, meter_limit: 9_000, expires: 10 };
    let draft = own.transfer(GENESIS, transfer);
    // The transaction's digest as a message's text, in hex: the closest that a text comes to it.
    let digest = draft.intent().signing_digest(&GENESIS).to_string();
    let message = own.sign_message(&digest).unwrap().encode();
    let signed = own.sign(draft.clone()).unwrap();
    let witness = signed.witnesses()[0].clone();
    let signature = message[message.len() - 64..].try_into().unwrap();
    let signature = isonomy_crypto::Signature::from_bytes(signature);
    let signatures = List::truncated(vec![Some(signature)]);
    let forged = Witness { policy: witness.policy.clone(), signatures };
    let forged = Transaction::new(draft.intent().clone(), List::truncated(vec![forged]));
    assert!(matches!(forged.check(&GENESIS), Err(CheckError::Signature(_))));
    // And the transaction's signature below the message.
    let mut posing = message;
    let at = posing.len() - 64;
    posing[at..].copy_from_slice(&witness.signatures[0].unwrap().encode());
    let posing = SignedMessage::decode(&posing).unwrap();
    assert!(matches!(posing.verify(None), Err(MessageError::Wrong { .. })));
}

#[test]
fn texts_that_are_no_messages_say_what_to_do() {
    let text = said("mine").to_string();
    let armour = |text: &str| match text.parse::<SignedMessage>().unwrap_err() {
        MessageError::Armour(error) => error,
        error => panic!("{error}"),
    };
    let what = "signed message";
    let offer = common::made().to_string();
    let want = ArmourError::Prefix { what, got: "isooffer".into(), want: "isosaid".into() };
    assert_eq!(armour(&offer), want);
    assert_eq!(armour(&text.to_uppercase()), ArmourError::Case { what });
    assert_eq!(armour(&text[..text.len() - 1]), ArmourError::Checksum { what });
    let long = MESSAGE_CHARS_MAX + 1;
    let want = ArmourError::Long { what, got: long, limit: MESSAGE_CHARS_MAX };
    assert_eq!(armour(&"q".repeat(long)), want);
    assert!(text.parse::<Offer>().is_err());
    let mut newer = said("mine").encode();
    newer[0] = 2;
    let got = SignedMessage::decode(&newer).unwrap_err();
    assert_eq!(got, MessageError::Version { got: 2, limit: 1 });
    assert!(matches!(SignedMessage::decode(&newer[1..]), Err(MessageError::Version { .. })));
    assert!(matches!(SignedMessage::decode(&[1]), Err(MessageError::Decode(_))));
}

#[test]
fn a_message_is_found_as_text_and_as_file() {
    let dir = tempfile::tempdir().unwrap();
    let (path, message) = (dir.path().join("said"), said("mine"));
    std::fs::write(&path, format!("{message}\n")).unwrap();
    assert_eq!(SignedMessage::find(path.to_str().unwrap()).unwrap(), message);
    assert_eq!(SignedMessage::find(&message.to_string()).unwrap(), message);
    let missing = SignedMessage::find("/nowhere").unwrap_err();
    assert!(missing.to_string().contains("ask for the signed message"), "{missing}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_refused_or_the_message_they_encode(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        version in proptest::option::of(Just(1_u8)),
    ) {
        let bytes: Vec<u8> = version.into_iter().chain(bytes).collect();
        if let Ok(message) = SignedMessage::decode(&bytes) {
            prop_assert_eq!(message.encode(), bytes);
        }
    }

    #[test]
    fn what_is_signed_verifies_for_its_signer_alone(text in "[ -~\n]{0,40}", byte in 1_u8..5) {
        let message = wallet(byte).sign_message(&text).unwrap();
        let read: SignedMessage = message.to_string().parse().unwrap();
        prop_assert_eq!(read.address(), wallet(byte).address());
        prop_assert_eq!(read.verify(None), Ok(()));
    }
}
