//! One value of each message, and the largest ones.
use super::{hash, hashes, hello};
use isonomy_crypto::{PublicKey, Secret};
use isonomy_peer::{
    ADDRESSES_MAX, ANNOUNCE_ENTRIES_MAX, ANNOUNCE_IDS_MAX, LOCATOR_MAX, Message, NetAddress,
    TRANSACTIONS_ASKED_MAX,
};
use isonomy_types::{
    Address, Authority, Blob, Committee, Entry, Header, List, MEMBERS_MAX, Member, Text, Version,
    Wall,
};

pub(crate) fn entry(height: u64) -> Entry {
    let header = Header {
        version: Version,
        parent: hash(height.wrapping_sub(1)),
        height,
        time: Wall(height),
        producer: Address(hash(1)),
        body_root: hash(2),
        state_root: hash(3),
        receipts_root: hash(4),
        next_authority: hash(5),
        next_params: hash(6),
        seal: Blob::truncated(vec![9; 16]),
    };
    Entry { header, authority: None, certificate: None }
}

/// As large as an entry can be.
pub(crate) fn largest_entry(height: u64) -> Entry {
    let mut entry = entry(height);
    entry.header.seal = Blob::truncated(vec![1; 1_000_000]);
    entry.certificate = Some(Blob::truncated(vec![2; 1_000_000]));
    let committee = Committee::new((1..=MEMBERS_MAX).map(member).collect()).unwrap();
    entry.authority = Some(Authority { rules_version: 1, committee });
    entry
}

fn member(n: usize) -> Member {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&(n as u16).to_be_bytes());
    let key: PublicKey = borsh::from_slice(&bytes).unwrap();
    Member { key, power: 1 }
}

/// One of each kind, in the order of their numbers.
pub(crate) fn messages() -> Vec<Message> {
    let mut certified = entry(8);
    let key = Secret::from_bytes(&[1; 32]).unwrap().public();
    let committee = Committee::new(vec![Member { key, power: 3 }]).unwrap();
    certified.authority = Some(Authority { rules_version: 2, committee });
    certified.certificate = Some(Blob::truncated(vec![4; 5]));
    let addresses = vec![NetAddress::V4([192, 0, 2, 1], 4_000), NetAddress::V6([32; 16], 4_001)];
    let items = vec![(hash(12), Blob::truncated(vec![6; 7]))];
    vec![
        Message::Hello(hello(5)),
        Message::Ping { nonce: 1 },
        Message::Pong { nonce: 2 },
        Message::GetHeaders { locator: List::truncated(hashes(0..3)) },
        Message::Headers { entries: List::truncated(vec![entry(7), certified.clone()]) },
        Message::NewHeaders { entries: List::truncated(vec![certified]) },
        Message::GetBody { id: hash(9) },
        Message::Body { id: hash(9), bytes: Blob::truncated(vec![5; 40]) },
        Message::NoBody { id: hash(10) },
        Message::Announce { ids: List::truncated(hashes(0..2)) },
        Message::GetTransactions { ids: List::truncated(hashes(0..4)) },
        Message::Transactions { items: List::truncated(items) },
        Message::GetAddresses,
        Message::Addresses { addresses: List::truncated(addresses) },
        Message::Engine { message: Blob::truncated(vec![8; 9]) },
    ]
}

/// The longest of each kind.
pub(crate) fn largest_messages() -> Vec<Message> {
    const MANY: usize = 8 << 20;
    let mut longest = hello(u64::MAX);
    longest.agent = Text::try_from("x".repeat(64)).unwrap();
    let entries = || (1..=ANNOUNCE_ENTRIES_MAX as u64).map(largest_entry).collect();
    let item = (hash(1), Blob::truncated(vec![1; MANY]));
    vec![
        Message::Hello(longest),
        Message::Ping { nonce: u64::MAX },
        Message::Pong { nonce: u64::MAX },
        Message::GetHeaders { locator: List::truncated(hashes(0..LOCATOR_MAX as u64)) },
        // As many of the largest as one frame is allowed to carry are fewer than the list's bound.
        Message::Headers { entries: List::truncated(entries()) },
        Message::NewHeaders { entries: List::truncated(entries()) },
        Message::GetBody { id: hash(1) },
        Message::Body { id: hash(1), bytes: Blob::truncated(vec![1; MANY]) },
        Message::NoBody { id: hash(1) },
        Message::Announce { ids: List::truncated(hashes(0..ANNOUNCE_IDS_MAX as u64)) },
        Message::GetTransactions { ids: List::truncated(hashes(0..TRANSACTIONS_ASKED_MAX as u64)) },
        Message::Transactions { items: List::truncated(vec![item; TRANSACTIONS_ASKED_MAX]) },
        Message::GetAddresses,
        Message::Addresses {
            addresses: List::truncated(vec![NetAddress::V6([1; 16], 1); ADDRESSES_MAX]),
        },
        Message::Engine { message: Blob::truncated(vec![1; MANY]) },
    ]
}
