//! What people type: addresses, amounts, hashes, places on the network.
use isonomy_crypto::Hash;
use isonomy_peer::NetAddress;
use isonomy_types::{Address, Amount, ParseAddressError};
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// Reads the bytes as every kind of text that names something.
pub fn text(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    spelt_once::<Address>(text);
    spelt_once::<Amount>(text);
    spelt_once::<Hash>(text);
    place(text);
    refusal(text);
}

/// Either the text is what the value would be written as, or it is refused.
fn spelt_once<T: FromStr<Err: Display> + Display + PartialEq + Debug>(text: &str) {
    match text.parse::<T>() {
        Ok(value) => assert_eq!(value.to_string(), text, "one value, one spelling"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// IP addresses have many spellings. What is read has one, and is canonical.
fn place(text: &str) {
    let Ok(place) = text.parse::<NetAddress>() else { return };
    assert_eq!(place, place.canonical());
    assert_eq!(place.to_string().parse(), Ok(place));
}

/// A mistyped address is named in the refusal; nothing that is not in the text is.
fn refusal(text: &str) {
    if let Err(ParseAddressError::Checksum { got }) = text.parse::<Address>() {
        assert_eq!(got, text);
    }
}

pub(crate) fn texts() -> Vec<Vec<u8>> {
    let address = Address(Hash::from_bytes([7; 32])).to_string();
    let hash = Hash::from_bytes([0xab; 32]).to_string();
    let more = [
        "0",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
        "192.0.2.1:4000",
        "[2001:db8::1]:4000",
        "[::ffff:192.0.2.1]:4000",
        "iso1",
        "+5",
        "05",
        " 5",
    ];
    let more = more.map(str::to_owned);
    let (upper, line) = (address.to_uppercase(), format!("{address}\n"));
    [address, upper, line, hash].into_iter().chain(more).map(String::into_bytes).collect()
}
