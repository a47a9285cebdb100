//! Where nodes are, spelt one way.
#![allow(clippy::unwrap_used, clippy::panic)]
mod common;

use common::Rig;
use isonomy_peer::{ADDRESSES_MAX, ADDRESSES_MS, Message, NetAddress, Output, Violation};
use isonomy_types::{Decode, Encode, List};
use proptest::prelude::*;
use std::net::SocketAddr;

fn address(n: u16) -> NetAddress {
    NetAddress::V4([203, 0, 113, n as u8], n)
}

#[test]
fn addresses_are_asked_for_now_and_then() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    for _ in 0..3 {
        rig.call(|peers, now| peers.ask_addresses(now, link));
    }
    assert_eq!(rig.sent(link), [Message::GetAddresses]);
    let addresses = vec![address(1), address(2)];
    rig.say(link, &Message::Addresses { addresses: List::truncated(addresses.clone()) });
    assert_eq!(rig.outputs(), [Output::Addresses { link, addresses }]);
    rig.call(|peers, now| peers.ask_addresses(now, link));
    assert!(rig.sent(link).is_empty(), "that was a moment ago");
    rig.say(link, &Message::Ping { nonce: 1 });
    rig.pass(ADDRESSES_MS / 2);
    rig.say(link, &Message::Ping { nonce: 1 });
    for message in rig.sent(link) {
        if let Message::Ping { nonce } = message {
            rig.say(link, &Message::Pong { nonce });
        }
    }
    rig.pass(ADDRESSES_MS / 2);
    rig.sent(link);
    rig.call(|peers, now| peers.ask_addresses(now, link));
    assert_eq!(rig.sent(link), [Message::GetAddresses]);
}

#[test]
fn unasked_addresses_are_a_fault() {
    let mut rig = Rig::new();
    let link = rig.dialled();
    rig.say(link, &Message::Addresses { addresses: List::truncated(vec![address(1)]) });
    assert_eq!(*rig.violation(link), Violation::Unrequested("addresses"));
    assert!(rig.outputs().iter().all(|output| !matches!(output, Output::Addresses { .. })));
}

#[test]
fn who_asks_gets_a_bounded_canonical_answer_and_may_not_ask_at_once_again() {
    let mut rig = Rig::new();
    let link = rig.accepted();
    rig.say(link, &Message::GetAddresses);
    assert_eq!(rig.outputs(), [Output::AddressesAsked { link }]);
    let mut mapped = [0; 16];
    mapped[10..].copy_from_slice(&[255, 255, 1, 2, 3, 4]);
    let many = vec![NetAddress::V6(mapped, 5); 1_000];
    rig.call(|peers, _| peers.answer_addresses(link, many));
    let sent = rig.sent(link);
    let [Message::Addresses { addresses }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!(addresses[..], vec![NetAddress::V4([1, 2, 3, 4], 5); ADDRESSES_MAX]);
    rig.say(link, &Message::GetAddresses);
    let expected = Violation::TooMuch { what: "questions for addresses", got: 2, limit: 1 };
    assert_eq!(*rig.violation(link), expected);
}

#[test]
fn attack_73_an_address_has_one_spelling() {
    let mut mapped = [0; 16];
    mapped[10..].copy_from_slice(&[255, 255, 192, 0, 2, 1]);
    let (hidden, plain) = (NetAddress::V6(mapped, 80), NetAddress::V4([192, 0, 2, 1], 80));
    assert!(NetAddress::decode_exact(&hidden.encode()).is_err());
    assert_eq!(hidden.canonical(), plain);
    for text in ["192.0.2.1:80", "[::ffff:192.0.2.1]:80", "[::FFFF:c000:201]:80"] {
        assert_eq!(text.parse(), Ok(plain), "{text}");
        assert_eq!(NetAddress::from(text.parse::<SocketAddr>().unwrap()), plain);
    }
    let long: NetAddress = "[2001:0DB8:0:0::1]:4000".parse().unwrap();
    assert_eq!(long.to_string(), "[2001:db8::1]:4000");
    let scoped = SocketAddr::from(std::net::SocketAddrV6::new(1.into(), 4, 5, 6));
    assert_eq!(NetAddress::from(scoped).to_string(), "[::1]:4");
    // A peer that dials from the hidden spelling is shown under the plain one.
    let mut rig = Rig::new();
    let (link, remote) = (isonomy_types::Link(1), isonomy_types::NodeKey([1; 32]));
    let direction = isonomy_peer::Direction::Outbound;
    let address = Some(hidden);
    rig.handle(isonomy_peer::Input::Opened { link, direction, remote, address });
    assert_eq!(rig.peers.info(link).unwrap().address, Some(plain));
}

#[test]
fn what_is_no_address_is_refused_with_an_example() {
    for text in ["", "192.0.2.1", "example.org:80", "192.0.2.256:80", "192.0.2.1:65536", "::1:80"] {
        let error = text.parse::<NetAddress>().unwrap_err().to_string();
        assert!(error.contains("192.0.2.1:4000"), "{error}");
    }
    assert!(serde_json::from_str::<NetAddress>("\"nowhere\"").is_err());
}

fn any_address() -> impl Strategy<Value = NetAddress> {
    let v4 = (any::<[u8; 4]>(), any::<u16>()).prop_map(|(ip, port)| NetAddress::V4(ip, port));
    let v6 = (any::<[u8; 16]>(), any::<u16>()).prop_map(|(ip, port)| NetAddress::V6(ip, port));
    let mapped = (any::<[u8; 4]>(), any::<u16>()).prop_map(|(ip, port)| {
        let mut bytes = [0; 16];
        bytes[10..12].fill(255);
        bytes[12..].copy_from_slice(&ip);
        NetAddress::V6(bytes, port)
    });
    prop_oneof![v4, v6, mapped]
}

proptest! {
    #[test]
    fn every_form_leads_back_to_the_canonical_address(address in any_address()) {
        let canonical = address.canonical();
        prop_assert_eq!(canonical.canonical(), canonical);
        prop_assert_eq!(canonical.port(), address.port());
        prop_assert_eq!(canonical.with_port(7).with_port(address.port()), canonical);
        prop_assert_eq!(canonical.to_string().parse::<NetAddress>().unwrap(), canonical);
        prop_assert_eq!(NetAddress::decode_exact(&canonical.encode()).unwrap(), canonical);
        prop_assert_eq!(NetAddress::decode_exact(&address.encode()).is_ok(), address == canonical);
        let json = serde_json::to_string(&address).unwrap();
        prop_assert_eq!(serde_json::from_str::<NetAddress>(&json).unwrap(), canonical);
    }
}
