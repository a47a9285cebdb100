//! Collections and their items.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{World, address};
use isonomy_crypto::Hash;
use isonomy_ledger::unique::{
    self, Call, Collection, Create, ItemId, METADATA_BYTES_MAX, Query, Rights, UniqueEvent, refusal,
};
use isonomy_ledger::*;
use isonomy_types::*;

const RICH: u128 = 10_000_000_000;
const ALL: Rights = Rights { mint: true, burn: true };
const NONE: Rights = Rights { mint: false, burn: false };

fn new(rights: Rights, cap: Option<u64>) -> Create {
    let name = "Deeds".to_string().try_into().unwrap();
    Create { name, cap, metadata_bytes: 20, rights }
}

fn world() -> World {
    World::full(&[(1, RICH), (2, RICH), (3, RICH)])
}

fn act(world: &mut World, n: u8, call: &Call) -> u16 {
    world.act(n, &[(unique::ID, call.encode())]).code
}

fn events(receipt: &Receipt) -> Vec<UniqueEvent> {
    let events = receipt.events.iter();
    events.map(|event| UniqueEvent::decode_exact(&event.payload).unwrap()).collect()
}

/// Person `n` creates it; the id.
fn create(world: &mut World, n: u8, new: Create) -> Hash {
    let receipt = world.act(n, &[(unique::ID, Call::Create(new).encode())]);
    assert_eq!(receipt.code, 0);
    let [UniqueEvent::Create { collection, issuer }] = events(&receipt)[..] else {
        panic!("{receipt:?}")
    };
    assert_eq!(issuer, address(n));
    collection
}

fn mint(collection: Hash, number: u64, to: u8) -> Call {
    let metadata = format!("deed {number}").try_into().unwrap();
    let content = Hash::from_bytes([number as u8; 32]);
    Call::Mint { id: (collection, number), to: address(to), content, metadata }
}

fn send(collection: Hash, number: u64, to: u8) -> Call {
    Call::Transfer { id: (collection, number), to: address(to), memo: Memo::default() }
}

fn burn(collection: Hash, number: u64) -> Call {
    Call::Burn { id: (collection, number) }
}

fn item(world: &World, id: ItemId) -> Option<unique::Item> {
    world.answer(unique::ID, &Query::Item(id))
}

fn collection(world: &World, id: Hash) -> Collection {
    world.answer::<Option<Collection>>(unique::ID, &Query::Collection(id)).unwrap()
}

fn owned(world: &World, n: u8, after: Option<ItemId>) -> Vec<ItemId> {
    let question = Query::Owned { of: address(n), after };
    world.answer::<Page<ItemId>>(unique::ID, &question).into_vec()
}

fn refused(code: u16) -> u16 {
    256 + code
}

#[test]
fn an_item_is_minted_sent_and_burned() {
    let mut world = world();
    let deeds = create(&mut world, 1, new(ALL, None));
    let id = (deeds, 7);
    let receipt = world.act(1, &[(unique::ID, mint(deeds, 7, 2).encode())]);
    let (content, to) = (Hash::from_bytes([7; 32]), address(2));
    assert_eq!(events(&receipt), [UniqueEvent::Mint { id, to, content }]);
    let metadata: Text<METADATA_BYTES_MAX> = "deed 7".to_string().try_into().unwrap();
    let want = unique::Item { owner: address(2), content, metadata };
    assert_eq!(item(&world, id), Some(want.clone()));
    assert_eq!(owned(&world, 2, None), [id]);

    let memo: Memo = "the house".to_string().try_into().unwrap();
    let call = Call::Transfer { id, to: address(3), memo: memo.clone() };
    let receipt = world.act(2, &[(unique::ID, call.encode())]);
    let (from, to) = (address(2), address(3));
    assert_eq!(events(&receipt), [UniqueEvent::Transfer { id, from, to, memo }]);
    assert_eq!(item(&world, id), Some(unique::Item { owner: address(3), ..want }));
    assert_eq!((owned(&world, 2, None), owned(&world, 3, None)), (vec![], vec![id]));
    assert_eq!(collection(&world, deeds).items, 1);

    let receipt = world.act(3, &[(unique::ID, burn(deeds, 7).encode())]);
    assert_eq!(events(&receipt), [UniqueEvent::Burn { id, from: address(3) }]);
    assert_eq!((item(&world, id), owned(&world, 3, None)), (None, vec![]));
    assert_eq!(collection(&world, deeds).items, 0);
    let left = |prefix: u8| {
        let span = Span::prefix(&[0, 2, prefix]);
        world.pairs().into_iter().filter(|(key, _)| span.contains(key)).count()
    };
    assert_eq!([0, 1, 2, 3].map(left), [1, 0, 0, 0], "nothing of the item stays");
}

#[test]
fn every_refusal_has_its_code() {
    let mut world = world();
    let deeds = create(&mut world, 1, new(ALL, Some(2)));
    let closed = create(&mut world, 1, new(NONE, None));
    let nothing = Hash::from_bytes([5; 32]);
    assert_eq!(act(&mut world, 1, &mint(deeds, 1, 2)), 0);
    let long = |bytes: usize| {
        let (id, to, content) = ((deeds, 9), address(1), Hash::ZERO);
        let metadata = "m".repeat(bytes).try_into().unwrap();
        Call::Mint { id, to, content, metadata }
    };
    let hand_over = |collection, to| Call::HandOver { collection, to: address(to) };
    let renounce = |collection, rights| Call::Renounce { collection, rights };
    let name = |name: &str| {
        Call::Create(Create { name: name.to_string().try_into().unwrap(), ..new(ALL, None) })
    };
    let over = METADATA_BYTES_MAX as u16 + 1;
    let table = [
        (1, mint(nothing, 1, 1), refusal::UNKNOWN),
        (1, burn(nothing, 1), refusal::UNKNOWN),
        (1, renounce(nothing, ALL), refusal::UNKNOWN),
        (1, hand_over(nothing, 2), refusal::UNKNOWN),
        (1, send(nothing, 1, 1), refusal::ABSENT),
        (2, send(deeds, 2, 1), refusal::ABSENT),
        (2, burn(deeds, 2), refusal::ABSENT),
        (1, mint(deeds, 1, 1), refusal::EXISTS),
        (1, send(deeds, 1, 3), refusal::NOT_OWNER),
        (1, burn(deeds, 1), refusal::NOT_OWNER),
        (2, mint(deeds, 2, 2), refusal::NOT_ISSUER),
        (2, renounce(deeds, ALL), refusal::NOT_ISSUER),
        (2, hand_over(deeds, 2), refusal::NOT_ISSUER),
        (1, mint(closed, 1, 1), refusal::NO_RIGHT),
        (1, burn(closed, 1), refusal::NO_RIGHT),
        (1, renounce(closed, Rights { burn: true, ..NONE }), refusal::NO_RIGHT),
        (1, renounce(deeds, NONE), refusal::NO_RIGHT),
        (1, Call::Create(new(ALL, Some(0))), refusal::CAP),
        (1, name(" "), refusal::NAME),
        (1, name("a\tb"), refusal::NAME),
        (1, long(21), refusal::METADATA),
        (1, Call::Create(Create { metadata_bytes: over, ..new(ALL, None) }), refusal::METADATA),
    ];
    for (n, call, code) in table {
        assert_eq!(act(&mut world, n, &call), refused(code), "{n} {call:?}");
        assert_eq!(collection(&world, deeds).items, 1);
    }
    assert_eq!(act(&mut world, 1, &long(20)), 0);
    assert_eq!(act(&mut world, 1, &mint(deeds, 3, 1)), refused(refusal::CAP));
    assert_eq!(act(&mut world, 2, &burn(deeds, 1)), 0);
    assert_eq!(act(&mut world, 1, &mint(deeds, 3, 1)), 0, "what was burned makes room");
    assert_eq!(world.act(1, &[(unique::ID, vec![9])]).code, 7);
    assert!(matches!(world.ask(unique::ID, b"?"), Err(Fault::Payload(_))));
}

#[test]
fn rights_end_for_good_and_can_be_handed_over() {
    let mut world = world();
    let deeds = create(&mut world, 1, new(ALL, None));
    assert_eq!(act(&mut world, 1, &mint(deeds, 1, 2)), 0);
    assert_eq!(act(&mut world, 1, &Call::HandOver { collection: deeds, to: address(3) }), 0);
    assert_eq!(act(&mut world, 1, &mint(deeds, 2, 2)), refused(refusal::NOT_ISSUER));
    assert_eq!(act(&mut world, 3, &mint(deeds, 2, 2)), 0);
    assert_eq!(act(&mut world, 3, &Call::Renounce { collection: deeds, rights: ALL }), 0);
    assert_eq!(act(&mut world, 3, &mint(deeds, 3, 2)), refused(refusal::NO_RIGHT));
    assert_eq!(act(&mut world, 2, &burn(deeds, 1)), refused(refusal::NO_RIGHT));
    assert_eq!(act(&mut world, 2, &send(deeds, 1, 1)), 0, "sending is no right of the issuer's");
    let stands = collection(&world, deeds);
    assert_eq!((stands.issuer, stands.rights, stands.items), (address(3), NONE, 2));
}

#[test]
fn what_one_owns_comes_page_by_page_in_order() {
    let mut world = world();
    let (one, two) = (create(&mut world, 1, new(ALL, None)), create(&mut world, 1, new(ALL, None)));
    let mut want = Vec::new();
    for number in 0..PAGE_MAX as u64 {
        // Numbers whose little-endian order is another.
        let number = number * 100;
        let mints = [mint(one, number, 2).encode(), mint(two, number, 2).encode()];
        let receipt = world.act(1, &mints.map(|call| (unique::ID, call)));
        assert_eq!(receipt.code, 0);
        want.extend([(one, number), (two, number)]);
    }
    assert_eq!(act(&mut world, 1, &mint(one, 1 << 40, 3)), 0);
    want.sort_unstable();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = owned(&world, 2, after);
        assert!(page.len() <= PAGE_MAX);
        after = page.last().copied();
        if page.is_empty() {
            break;
        }
        seen.extend(page);
    }
    assert_eq!(seen, want);
    assert_eq!(owned(&world, 3, None), [(one, 1 << 40)]);
    assert!(owned(&world, 3, Some((one, 1 << 40))).is_empty());
}

#[test]
fn calls_are_said_in_plain_words() {
    let modules = common::all();
    let say = |call: &Call| modules.get(unique::ID).unwrap().describe(&call.encode());
    let (id, to) = (Hash::from_bytes([5; 32]), address(2));
    assert_eq!(say(&send(id, 7, 2)), format!("send item 7 of the collection {id} to {to}"));
    assert_eq!(say(&burn(id, 7)), format!("destroy item 7 of the collection {id}"));
    let content = Hash::from_bytes([7; 32]);
    let words =
        format!("make item 7 of the collection {id} for {to}, standing for {content}, \"deed 7\"");
    assert_eq!(say(&mint(id, 7, 2)), words);
    let words = "create the collection \"Deeds\" of at most 9 items with at most 20 bytes of \
                 metadata each, with the right to mint, let owners burn";
    assert_eq!(say(&Call::Create(new(ALL, Some(9)))), words);
    let renounce = Call::Renounce { collection: id, rights: ALL };
    let words =
        format!("give up for good the right to mint, let owners burn on the collection {id}");
    assert_eq!(say(&renounce), words);
    let unread = modules.get(unique::ID).unwrap().describe(b"?");
    assert_eq!(unread, "a call to the unique assets that cannot be read");
}

#[test]
fn people_write_json() {
    let call = mint(Hash::from_bytes([5; 32]), 7, 2);
    let text = serde_json::to_string(&call).unwrap();
    assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    assert!(text.starts_with(r#"{"mint":{"id":["0505"#), "{text}");
}
