//! An account and an amount have one spelling.
#![allow(clippy::unwrap_used)]
mod common;

use bech32::{Bech32, Bech32m, ByteIterExt, Fe32, Fe32IterExt, Hrp};
use common::samples;
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, NodeKey, ParseAddressError};
use proptest::prelude::*;

/// The account of 32 bytes of value 1.
const ONE: &str = "iso1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs";

fn address_text() -> String {
    samples::address(1).to_string()
}

fn refused(text: &str) -> bool {
    text.parse::<Address>().is_err()
}

/// `bytes` under `prefix`, the checksum right, and `last` added to the last character.
fn spelt(prefix: &str, bytes: &[u8], last: u8) -> String {
    let mut characters: Vec<Fe32> = bytes.iter().copied().bytes_to_fes().collect();
    if let Some(character) = characters.last_mut() {
        *character = Fe32::try_from(character.to_u8() | last).unwrap();
    }
    let hrp = Hrp::parse(prefix).unwrap();
    characters.into_iter().with_checksum::<Bech32m>(&hrp).chars().collect()
}

#[test]
fn an_address_is_spelt_in_bech32m() {
    let text = address_text();
    assert_eq!(text, spelt("iso", &[1; 32], 0));
    assert!(text.starts_with(ONE));
    assert_eq!(text.len(), 3 + 1 + 52 + 6);
    assert_eq!(text.parse(), Ok(samples::address(1)));
}

#[test]
fn attack_11_spell_an_address_in_two_cases() {
    let text = address_text();
    assert_eq!(text.to_uppercase().parse::<Address>(), Err(ParseAddressError::Case));
    for (at, letter) in text.char_indices().filter(|(_, letter)| letter.is_ascii_lowercase()) {
        let mut mixed = text.clone();
        mixed.replace_range(at..=at, &letter.to_ascii_uppercase().to_string());
        assert_eq!(mixed.parse::<Address>(), Err(ParseAddressError::Case), "{mixed}");
    }
}

/// 52 characters hold 260 bits; the last four must be zero.
#[test]
fn attack_11_spell_an_address_with_other_padding() {
    for bits in 1..16 {
        let text = spelt("iso", &[1; 32], bits);
        assert_ne!(text, address_text());
        assert_eq!(text.parse::<Address>(), Err(ParseAddressError::Padding), "{text}");
    }
}

#[test]
fn attack_11_spell_an_address_in_bech32() {
    let hrp = Hrp::parse("iso").unwrap();
    let got = bech32::encode::<Bech32>(hrp, &[1; 32]).unwrap();
    assert_eq!(got.parse::<Address>(), Err(ParseAddressError::Checksum { got: got.clone() }));
}

#[test]
fn attack_11_spell_an_address_of_another_kind() {
    for prefix in ["is", "isoo", "bc", "osi", "i", "iso1"] {
        let want = ParseAddressError::Prefix { got: prefix.into() };
        assert_eq!(spelt(prefix, &[1; 32], 0).parse::<Address>(), Err(want));
    }
}

#[test]
fn attack_11_spell_an_address_of_another_length() {
    for got in (0..=80).filter(|got| *got != 32) {
        let want = ParseAddressError::Length { got };
        assert_eq!(spelt("iso", &vec![1; got], 0).parse::<Address>(), Err(want));
    }
}

/// Every other printable character, and some beyond, at every position.
#[test]
fn attack_11_substitute_one_character_of_an_address() {
    let text = address_text();
    for at in 0..text.len() {
        for other in (' '..='~').chain(['\0', 'é', 'ı', '１']) {
            let mut changed = text.clone();
            changed.replace_range(at..=at, &other.to_string());
            assert_eq!(refused(&changed), changed != text, "{changed}");
        }
    }
}

#[test]
fn attack_11_drop_double_or_swap_characters_of_an_address() {
    let text = address_text();
    for at in 0..text.len() {
        let (left, right) = text.split_at(at);
        assert!(refused(&[left, &right[1..]].concat()), "without {at}");
        assert!(refused(left), "the first {at}");
        for more in "q1p o".chars() {
            assert!(refused(&format!("{left}{more}{right}")), "{more} at {at}");
        }
        let swapped: String = left
            .chars()
            .chain(right.chars().take(2).collect::<Vec<_>>().into_iter().rev())
            .chain(right.chars().skip(2))
            .collect();
        assert!(swapped == text || refused(&swapped), "{swapped}");
    }
    for padded in [format!(" {text}"), format!("{text}\n"), format!("{text}q"), format!("0x{text}")]
    {
        assert!(refused(&padded), "{padded:?}");
    }
}

#[test]
fn amounts_have_one_spelling() {
    let sound = [
        ("0", 0),
        ("1", 1),
        ("10", 10),
        ("18446744073709551616", 1 << 64),
        ("340282366920938463463374607431768211455", u128::MAX),
    ];
    for (text, amount) in sound {
        assert_eq!(text.parse(), Ok(Amount(amount)));
        assert_eq!(Amount(amount).to_string(), text);
    }
    let refused = [
        "",
        "00",
        "01",
        "+0",
        "+1",
        "-0",
        "-1",
        " 1",
        "1 ",
        "1\n",
        "\t1",
        "1_000",
        "1,000",
        "1.0",
        "1e3",
        "0x1",
        "a",
        "١",
        "１",
        "1\0",
        "340282366920938463463374607431768211456",
        "3402823669209384634633746074317682114550",
        "0340282366920938463463374607431768211455",
    ];
    for text in refused {
        let error = text.parse::<Amount>().unwrap_err().to_string();
        assert!(error.contains(&format!("{text:?}")), "{error}");
    }
}

#[test]
fn errors_of_addresses_say_what_is_wrong() {
    let said = |text: String| text.parse::<Address>().unwrap_err().to_string();
    assert!(said("iso1qq".into()).contains("\"iso1qq\" has a typing error"));
    assert!(said(spelt("bc", &[1; 32], 0)).contains("starts with \"bc\", expected \"iso\""));
    assert!(said(spelt("iso", &[1; 20], 0)).contains("20 bytes, expected 32"));
    assert!(said(address_text().to_uppercase()).contains("lower case"));
    assert!(said(spelt("iso", &[1; 32], 1)).contains("not zero"));
}

#[test]
fn what_logs_show_is_short() {
    assert_eq!(format!("{:?}", samples::address(0xab)), "iso1[abababab]");
    assert_eq!(format!("{:?}", NodeKey([0xcd; 32])), "cdcdcdcd");
    assert_eq!(NodeKey([0xcd; 32]).to_string(), "cd".repeat(32));
    assert_eq!(
        format!("{:?}", common::blob::<64>(vec![0xef; 40])),
        format!("40 bytes {}", "ef".repeat(16))
    );
}

proptest! {
    #[test]
    fn addresses_come_back_from_their_text(bytes in any::<[u8; 32]>()) {
        let address = Address(Hash::from_bytes(bytes));
        prop_assert_eq!(address.to_string().parse(), Ok(address));
    }

    #[test]
    fn amounts_come_back_from_their_text(amount in any::<u128>()) {
        prop_assert_eq!(Amount(amount).to_string().parse(), Ok(Amount(amount)));
    }

    /// Whatever is read is written in the same way: one text an account, one an amount.
    #[test]
    fn attack_11_no_text_but_the_one_written_is_read(
        bytes in prop::collection::vec(any::<u8>(), 31..=33),
        padding in 0_u8..16,
        digits in "[+0]{0,2}[0-9]{0,39}",
    ) {
        let text = spelt("iso", &bytes, padding);
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string(), text);
        }
        if let Ok(amount) = digits.parse::<Amount>() {
            prop_assert_eq!(amount.to_string(), digits);
        }
    }
}

#[test]
fn a_nodes_key_has_one_spelling() {
    let (key, text) = (NodeKey([0xcd; 32]), format!("\"{}\"", "cd".repeat(32)));
    assert_eq!(serde_json::to_string(&key).unwrap(), text);
    assert_eq!(serde_json::from_str::<NodeKey>(&text).unwrap(), key);
    for other in [text.to_uppercase(), text.replacen("cd", "", 1), "7".into()] {
        serde_json::from_str::<NodeKey>(&other).unwrap_err();
    }
}
