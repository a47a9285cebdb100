//! Frozen bytes of the wire. Before 1.0 one may change, with a line in the changelog; nodes of
//! different bytes do not understand each other.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::samples::{largest_entry, messages};
use isonomy_crypto::Domain;
use isonomy_peer::{
    ADDRESSES_MAX, ANNOUNCE_ENTRIES_MAX, ANNOUNCE_IDS_MAX, BodyBytes, ENTRY_BYTES_MAX,
    FRAME_BYTES_MAX, HEADERS_MAX, LOCATOR_MAX, Message, NetAddress, PROTOCOL_VERSION,
    TRANSACTIONS_ASKED_MAX, TransactionBytes,
};
use isonomy_types::{Decode, Encode};

/// Only for this file: a keyed BLAKE3 over each sample's frame.
const CONFORMANCE: Domain = Domain::new("isonomy conformance 1");

/// Each kind's name and the hash of its sample's frame, by number.
const FRAMES: &[(&str, &str)] = &[
    ("Hello", "dbca6aa6990111b8d462280f9bc055c6dbf11a00c49ada4c9ac580d74a048b84"),
    ("Ping", "77d1f76f95c2d664c2778bb3c80a6acf0dcb864b7e5b6873d02bf08066e8cc2f"),
    ("Pong", "657c7a897f88620d3df3b778c3cbf1071bef53242e19f8c31145d104941ce7e3"),
    ("GetHeaders", "00aaed09e032d64ad8654156ddaf1f36ac1b64e0da9c2a5539e8dd7155dbc5e3"),
    ("Headers", "31f7274607eadbd47c29b0b11d3f2617b1fbe4b6bb5dcc5fbab3b71029ff96b0"),
    ("NewHeaders", "cf01ff4c373bf9969d672803efb8907a7f541f7d1775fea23d524f9ee357df53"),
    ("GetBody", "d9a79f44ff9b2f42094dac5c151619cd920aa2d5f78146ba3bda7073e361e366"),
    ("Body", "7a123adff27f64092855417a5f79aca7266cf6e6d614eaee736a5b1ba8704f27"),
    ("NoBody", "7c36c1d98efdf8c15086ae035fd7180937f03c0469873af21bd9c98c7b5ad29b"),
    ("Announce", "fbe1d2e56996f96e8ebc1d925ae05b200473a7e86279ea514c328eb4c4e7a330"),
    ("GetTransactions", "7eea3827f18b31b85c30c87e43c157f04597b690af7b8f9d4f6251509eb9b357"),
    ("Transactions", "985e48b05b0069201305be1d9e9317f3de19f90f75897cc068b4f2e8a23fc27f"),
    ("GetAddresses", "7e21d9ad964af6fecf4e4f20ed7c9f824372df887f5ed8da82470c7f93fd2101"),
    ("Addresses", "de7f99830c5752ad45610b089737fa34ca6d38427b630491ceafc4b7495384a5"),
    ("Engine", "c7a1b9c05eeca1c23f43446639bc0bb6ef981211c6bb95bf67aba6c29fcb0fb3"),
];

#[test]
fn frames_are_as_they_were() {
    let names = messages().into_iter().map(|message| {
        let debug = format!("{message:?}");
        let name = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned();
        (name, CONFORMANCE.hash(&message.to_frame()).to_string())
    });
    let names: Vec<_> = names.collect();
    let now: Vec<_> = names.iter().map(|(name, hash)| (name.as_str(), hash.as_str())).collect();
    assert_eq!(now, FRAMES, "now: {now:#?}");
}

#[test]
fn a_frame_is_its_length_its_kind_and_its_fields() {
    for (kind, message) in messages().into_iter().enumerate() {
        let frame = message.to_frame();
        assert_eq!(frame[..4], (frame.len() as u32 - 4).to_le_bytes());
        assert_eq!(usize::from(frame[4]), kind, "numbers are the order of the kinds");
        assert_eq!(Message::decode_exact(&frame[4..]), Ok(message));
    }
    assert!(Message::decode_exact(&[messages().len() as u8]).is_err(), "the next is unknown");
    let ping = Message::Ping { nonce: 0x0102 }.to_frame();
    assert_eq!(ping, [9, 0, 0, 0, 1, 2, 1, 0, 0, 0, 0, 0, 0]);
    let body = Message::GetBody { id: common::hash(0) }.to_frame();
    assert_eq!((body.len(), &body[..5]), (37, &[33, 0, 0, 0, 6][..]));
}

#[test]
fn addresses_are_as_they_were() {
    let v4 = NetAddress::V4([192, 0, 2, 1], 0x1234);
    assert_eq!(v4.encode(), [0, 192, 0, 2, 1, 0x34, 0x12]);
    let mut ip = [0; 16];
    ip[15] = 1;
    assert_eq!(NetAddress::V6(ip, 2).encode(), [&[1][..], &ip, &[2, 0]].concat());
}

#[test]
fn limits_are_as_they_were() {
    let limits = [
        PROTOCOL_VERSION as usize,
        LOCATOR_MAX,
        HEADERS_MAX,
        ANNOUNCE_ENTRIES_MAX,
        ANNOUNCE_IDS_MAX,
        TRANSACTIONS_ASKED_MAX,
        ADDRESSES_MAX,
        BodyBytes::MAX,
        TransactionBytes::MAX,
    ];
    assert_eq!(limits, [2, 64, 512, 8, 1_024, 32, 256, 4_194_304, 131_072]);
    assert_eq!(largest_entry(1).encoded_len(), ENTRY_BYTES_MAX);
    assert_eq!(FRAME_BYTES_MAX, 4_194_304 + 65_536);
}
