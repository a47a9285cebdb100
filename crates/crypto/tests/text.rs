#![allow(clippy::unwrap_used)]
//! Every value has one spelling, as text, as JSON and as bytes.

#[path = "support/binary.rs"]
mod binary;

use binary::{from_binary, to_binary};
use isonomy_crypto::{Hash, ParseHashError, PublicKey, Signature};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use std::fmt::{Debug, Display, LowerHex};

fn digits() -> String {
    "0123456789abcdef".repeat(4)
}

#[test]
fn a_hash_prints_64_digits_and_debugs_8() {
    let hash: Hash = digits().parse().unwrap();
    assert_eq!(hash.to_string(), digits());
    assert_eq!(format!("{hash:x}"), digits());
    assert_eq!(format!("{hash:?}"), "01234567");
    assert_eq!(hash.as_bytes()[..3], [0x01, 0x23, 0x45]);
    assert_eq!(Hash::default(), Hash::ZERO);
}

#[test]
fn attack_11_a_second_spelling_of_a_hash() {
    let refused = [
        (String::new(), ParseHashError::Length { got: 0, want: 64 }),
        (digits()[1..].to_owned(), ParseHashError::Length { got: 63, want: 64 }),
        (digits() + "0", ParseHashError::Length { got: 65, want: 64 }),
        (digits().to_uppercase(), ParseHashError::Digit { got: 'A' }),
        (format!("0x{}", &digits()[2..]), ParseHashError::Digit { got: 'x' }),
        (format!("0x{}", digits()), ParseHashError::Digit { got: 'x' }),
        (format!(" {}", digits()), ParseHashError::Digit { got: ' ' }),
        (format!("{}é", &digits()[2..]), ParseHashError::Digit { got: 'é' }),
    ];
    for (text, error) in refused {
        assert_eq!(text.parse::<Hash>(), Err(error), "{text}");
        let json = serde_json::to_string(&text).unwrap();
        assert!(serde_json::from_str::<Hash>(&json).is_err(), "{text}");
        assert!(serde_json::from_str::<PublicKey>(&json).is_err(), "{text}");
    }
}

#[test]
fn an_error_names_what_it_got_and_wants() {
    let error = serde_json::from_str::<Signature>("\"00\"").unwrap_err();
    assert!(error.to_string().starts_with("got 2 hex digits, want 128"), "{error}");
    let error = serde_json::from_str::<Hash>("7").unwrap_err();
    assert!(error.to_string().contains("64 lower-case hex digits"), "{error}");
}

fn one_spelling<T>(value: T, bytes: &[u8]) -> Result<(), TestCaseError>
where
    T: Copy + Eq + Debug + Display + LowerHex + serde::Serialize + DeserializeOwned,
    T: borsh::BorshSerialize + borsh::BorshDeserialize,
{
    let text = const_hex::encode(bytes);
    prop_assert_eq!(value.to_string(), text.clone());
    prop_assert_eq!(format!("{value:x}"), text.clone());
    prop_assert_eq!(format!("{value:?}"), &text[..8]);
    let json = format!("\"{text}\"");
    prop_assert_eq!(serde_json::to_string(&value).unwrap(), json.clone());
    prop_assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);

    prop_assert_eq!(borsh::to_vec(&value).unwrap(), bytes);
    prop_assert_eq!(borsh::from_slice::<T>(bytes).unwrap(), value);
    prop_assert!(borsh::from_slice::<T>(&bytes[1..]).is_err());
    prop_assert!(borsh::from_slice::<T>(&[bytes, &[0]].concat()).is_err());

    prop_assert_eq!(to_binary(&value).unwrap(), bytes);
    prop_assert_eq!(from_binary::<T>(bytes).unwrap(), value);
    prop_assert!(from_binary::<T>(&bytes[1..]).is_err());
    prop_assert!(from_binary::<T>(&[bytes, &[0]].concat()).is_err());
    Ok(())
}

proptest! {
    #[test]
    fn hashes_and_keys_have_one_spelling(bytes: [u8; 32]) {
        one_spelling(Hash::from_bytes(bytes), &bytes)?;
        one_spelling(PublicKey::from_bytes(bytes), &bytes)?;
        prop_assert_eq!(Hash::from_bytes(bytes).to_string().parse(), Ok(Hash::from_bytes(bytes)));
        prop_assert_eq!(Hash::from_bytes(bytes).to_bytes(), bytes);
    }

    #[test]
    fn signatures_have_one_spelling(left: [u8; 32], right: [u8; 32]) {
        let bytes = [left, right].concat();
        one_spelling(Signature::from_bytes(bytes.as_slice().try_into().unwrap()), &bytes)?;
    }

    #[test]
    fn what_parses_prints_the_same(text in "[0-9a-fA-Fx]{60,66}|\\PC{0,70}") {
        if let Ok(hash) = text.parse::<Hash>() {
            prop_assert_eq!(hash.to_string(), text);
        }
    }

    #[test]
    fn order_is_that_of_the_bytes(left: [u8; 32], right: [u8; 32]) {
        prop_assert_eq!(Hash::from_bytes(left).cmp(&Hash::from_bytes(right)), left.cmp(&right));
        let keys = (PublicKey::from_bytes(left), PublicKey::from_bytes(right));
        prop_assert_eq!(keys.0.cmp(&keys.1), left.cmp(&right));
    }
}
