//! Frozen: the bytes, ids, keys and roots of assets, items and locks. Before 1.0 they may change, with
//! a line in the changelog.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{GENESIS, World, address};
use isonomy_crypto::{Domain, Hash};
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Issue, Rights};
use isonomy_ledger::locks::{self, Deadline, Lock, LocksEvent, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, Create, UniqueEvent};
use isonomy_ledger::*;
use isonomy_types::*;
use proptest::prelude::*;

const A: Hash = Hash::from_bytes([1; 32]);
const B: Address = Address(Hash::from_bytes([2; 32]));
const THREE: Amount = Amount(3);
const RIGHTS: Rights = Rights { mint: true, burn: false, freeze: true };

fn text<const MAX: usize>(text: &str) -> Text<MAX> {
    text.to_string().try_into().unwrap()
}

fn issue() -> Issue {
    let (symbol, name) = (text("AU"), text("Gold"));
    Issue { symbol, name, decimals: 4, cap: Some(Amount(9)), rights: RIGHTS, amount: THREE, to: B }
}

fn create() -> Create {
    let rights = unique::Rights { mint: true, burn: false };
    Create { name: text("Deeds"), cap: Some(9), metadata_bytes: 0x0102, rights }
}

fn promise() -> Promise {
    let (asset, hash) = (Asset::Issued(A), Preimage([7; 32]).hash());
    Promise { asset, amount: THREE, to: B, hash, expires: Deadline::Height(5) }
}

/// Every call, in the order of their tags.
fn asset_calls() -> Vec<assets::Call> {
    use assets::Call::*;
    let (asset, to, amount, account) = (A, B, THREE, B);
    vec![
        Transfer { asset: Asset::Issued(A), to, amount, memo: text("m") },
        Issue(issue()),
        Mint { asset, to, amount },
        Burn { asset, amount },
        Freeze { asset, account },
        Thaw { asset, account },
        Renounce { asset, rights: RIGHTS },
        HandOver { asset, to },
    ]
}

fn unique_calls() -> Vec<unique::Call> {
    use unique::Call::*;
    let (id, to, collection) = ((A, 5), B, A);
    vec![
        Create(create()),
        Mint { id, to, content: A, metadata: text("x") },
        Transfer { id, to, memo: text("m") },
        Burn { id },
        Renounce { collection, rights: create().rights },
        HandOver { collection, to },
    ]
}

fn lock_calls() -> Vec<locks::Call> {
    use locks::Call::*;
    vec![Lock(promise()), Claim { id: A, preimage: Preimage([7; 32]) }, Refund { id: A }]
}

#[test]
fn calls_have_their_tags() {
    let (a, b) = ([1; 32], [2; 32]);
    let three = 3u128.to_le_bytes();
    let five = 5u64.to_le_bytes();
    let coins: Vec<_> = asset_calls().iter().map(Encode::encode).collect();
    assert_eq!(coins[0], [&[0, 1][..], &a, &b, &three, &[1, 0, 0, 0, b'm']].concat());
    let nine = 9u128.to_le_bytes();
    let new = [&[1, 2, 0, 0, 0][..], b"AU", &[4, 0, 0, 0], b"Gold", &[4, 1], &nine, &[1, 0, 1]];
    assert_eq!(coins[1], [&new.concat()[..], &three, &b].concat());
    assert_eq!(coins[2], [&[2][..], &a, &b, &three].concat());
    assert_eq!(coins[3], [&[3][..], &a, &three].concat());
    assert_eq!(coins[4], [&[4][..], &a, &b].concat());
    assert_eq!(coins[5], [&[5][..], &a, &b].concat());
    assert_eq!(coins[6], [&[6][..], &a, &[1, 0, 1]].concat());
    assert_eq!(coins[7], [&[7][..], &a, &b].concat());

    let items: Vec<_> = unique_calls().iter().map(Encode::encode).collect();
    let nine = 9u64.to_le_bytes();
    let new = [&[0, 5, 0, 0, 0][..], b"Deeds", &[1], &nine, &[2, 1, 1, 0]].concat();
    assert_eq!(items[0], new);
    assert_eq!(items[1], [&[1][..], &a, &five, &b, &a, &[1, 0, 0, 0, b'x']].concat());
    assert_eq!(items[2], [&[2][..], &a, &five, &b, &[1, 0, 0, 0, b'm']].concat());
    assert_eq!(items[3], [&[3][..], &a, &five].concat());
    assert_eq!(items[4], [&[4][..], &a, &[1, 0]].concat());
    assert_eq!(items[5], [&[5][..], &a, &b].concat());

    let funds: Vec<_> = lock_calls().iter().map(Encode::encode).collect();
    let hash = promise().hash.to_bytes();
    assert_eq!(funds[0], [&[0, 1][..], &a, &three, &b, &hash, &[0], &five].concat());
    assert_eq!(funds[1], [&[1][..], &a, &[7; 32]].concat());
    assert_eq!(funds[2], [&[2][..], &a].concat());
    assert_eq!(Deadline::Time(Wall(5)).encode(), [&[1][..], &five].concat());
}

#[test]
fn questions_have_their_tags() {
    let (after, of, account) = (None, B, B);
    let table = [
        (assets::Query::Balance(B, Asset::Coin).encode()[0], 0),
        (assets::Query::Supply(Asset::Coin).encode()[0], 1),
        (assets::Query::Issued(A).encode()[0], 2),
        (assets::Query::Holdings { of, after }.encode()[0], 3),
        (assets::Query::Frozen { asset: A, account }.encode()[0], 4),
        (unique::Query::Collection(A).encode()[0], 0),
        (unique::Query::Item((A, 5)).encode()[0], 1),
        (unique::Query::Owned { of, after: None }.encode()[0], 2),
        (locks::Query::Lock(A).encode()[0], 0),
        (locks::Query::Held(Asset::Coin).encode()[0], 1),
        (locks::Query::Made { of, before: None }.encode()[0], 2),
    ];
    assert!(table.iter().all(|(got, want)| got == want), "{table:?}");
}

#[test]
fn events_have_their_bytes() {
    let (asset, to, from, amount, account, issuer) = (A, B, B, THREE, B, B);
    let events = [
        AssetsEvent::Transfer { asset: Asset::Coin, from, to, amount, memo: text("m") },
        AssetsEvent::Reward { to, amount },
        AssetsEvent::Issue { asset, issuer },
        AssetsEvent::Mint { asset, to, amount },
        AssetsEvent::Burn { asset, from, amount },
        AssetsEvent::Freeze { asset, account },
        AssetsEvent::Thaw { asset, account },
        AssetsEvent::Renounce { asset, rights: RIGHTS },
        AssetsEvent::HandOver { asset, to },
    ];
    let (id, collection, content) = ((A, 5), A, A);
    let items = [
        UniqueEvent::Create { collection, issuer },
        UniqueEvent::Mint { id, to, content },
        UniqueEvent::Transfer { id, from, to, memo: text("m") },
        UniqueEvent::Burn { id, from },
        UniqueEvent::Renounce { collection, rights: create().rights },
        UniqueEvent::HandOver { collection, to },
    ];
    let funds = [
        LocksEvent::Lock { id: A, lock: Lock { maker: B, promise: promise() } },
        LocksEvent::Claim { id: A, preimage: Preimage([7; 32]) },
        LocksEvent::Refund { id: A },
    ];
    let tags = |bytes: &[Vec<u8>]| bytes.iter().map(|bytes| bytes[0]).collect::<Vec<_>>();
    let one = events.map(|event| event.encode());
    let two = items.map(|event| event.encode());
    let three = funds.map(|event| event.encode());
    assert_eq!(tags(&one), (0..9).collect::<Vec<_>>());
    assert_eq!(tags(&two), (0..6).collect::<Vec<_>>());
    assert_eq!(tags(&three), (0..3).collect::<Vec<_>>());
    let all = [one.concat(), two.concat(), three.concat()].concat();
    let frozen = Domain::new("test vectors").hash(&all).to_string();
    assert_eq!(frozen, "132c7f5b55e3ebd1183327b932dff635a0407b99b4fb7469220754bc3c61985d");
}

/// One of everything, in one block each.
fn history() -> (World, [Hash; 3]) {
    let mut world = World::full(&[(1, 10_000_000), (2, 10_000_000)]);
    let id = |domain: &'static str| (GENESIS, address(1), 0u64).digest(&Domain::new(domain));
    let (gold, deeds) = (id("isonomy asset 1"), id("isonomy collection 1"));
    let asset = Asset::Issued(gold);
    let promise = Promise { asset, to: address(2), expires: Deadline::Height(99), ..promise() };
    let good = [
        (assets::ID, assets::Call::Issue(Issue { to: address(1), ..issue() }).encode()),
        (assets::ID, assets::Call::Freeze { asset: gold, account: address(3) }.encode()),
        (unique::ID, unique::Call::Create(create()).encode()),
        (
            unique::ID,
            unique::Call::Mint {
                id: (deeds, 0x0102),
                to: address(2),
                content: A,
                metadata: text("x"),
            }
            .encode(),
        ),
        (assets::ID, deposit(&Promise { amount: Amount(2), ..promise.clone() }).encode()),
        (locks::ID, locks::Call::Lock(Promise { amount: Amount(2), ..promise }).encode()),
    ];
    let receipt = world.act(1, &good);
    assert_eq!(receipt.code, 0);
    (world, [gold, deeds, id("isonomy lock 1")])
}

#[test]
fn keys_of_the_state() {
    let (world, [gold, deeds, lock]) = history();
    let (one, two, three) = (address(1).encode(), address(2).encode(), address(3).encode());
    let (gold, deeds, lock) = (gold.encode(), deeds.encode(), lock.encode());
    let own = Policy::Module(locks::ID).address().encode();
    let number = [0, 0, 0, 0, 0, 0, 1, 2];
    let mut want: Vec<Vec<u8>> = vec![
        [&[0, 1, 3][..], &gold].concat(),
        [&[0, 1, 4][..], &one, &gold].concat(),
        [&[0, 1, 4][..], &own, &gold].concat(),
        [&[0, 1, 5][..], &gold, &three].concat(),
        [&[0, 1, 6][..], &one].concat(),
        [&[0, 2, 0][..], &deeds].concat(),
        [&[0, 2, 1][..], &deeds, &number].concat(),
        [&[0, 2, 2][..], &deeds, &number].concat(),
        [&[0, 2, 3][..], &two, &deeds, &number].concat(),
        [&[0, 2, 4][..], &one].concat(),
        [&[0, 3, 0][..], &lock].concat(),
        [&[0, 3, 1, 1][..], &gold].concat(),
        [&[0, 3, 2][..], &one].concat(),
    ];
    want.sort();
    // The coin's and the accounts' keys are another test's matter.
    let others = |key: &Key| key[1] > 1 || (key[1] == 1 && key[2] > 2);
    let keys = world.pairs().into_iter().map(|(key, _)| key);
    let got: Vec<_> = keys.filter(others).map(|key| key.to_vec()).collect();
    assert_eq!(got, want);
}

#[test]
fn where_a_balance_stands() {
    let (world, [gold, ..]) = history();
    let (one, asset) = (address(1), Asset::Issued(gold));
    let key = assets::balance_key;
    assert_eq!(key(one, Asset::Coin), [&[0, 1, 0][..], &one.encode()].concat());
    assert_eq!(key(one, asset), [&[0, 1, 4][..], &one.encode(), &gold.encode()].concat());

    let found = |of, asset| world.view().get(&key(of, asset)).unwrap().map(|value| value.to_vec());
    for asset in [Asset::Coin, asset] {
        let held: Amount = world.answer(assets::ID, &assets::Query::Balance(one, asset));
        assert_ne!(held, Amount::ZERO);
        assert_eq!(found(one, asset), Some(held.0.to_le_bytes().to_vec()));
        assert_eq!(found(address(9), asset), None, "who has none has no key");
    }
}

#[test]
fn a_short_history() {
    let (world, _) = history();
    assert_eq!(
        world.tree.root().to_string(),
        "a2251b305ca1fae26f7353522ceabc915334729db0f7850034ae0362a3df66d5"
    );
}

#[test]
fn what_each_call_costs() {
    let (mut world, [gold, deeds, lock]) = history();
    // The first use of a lane costs more.
    world.act(2, &[]);
    let mut meter = |n: u8, module: ModuleId, payload: Vec<u8>| {
        let receipt = world.act(n, &[(module, payload)]);
        assert_eq!(receipt.code, 0);
        let base = world.act(n, &[]).meter;
        receipt.meter - base
    };
    let (asset, memo) = (Asset::Issued(gold), Memo::default());
    let send = assets::Call::Transfer { asset, to: address(2), amount: Amount(1), memo };
    let shift = unique::Call::Transfer { id: (deeds, 0x0102), to: address(1), memo: text("") };
    let claim = locks::Call::Claim { id: lock, preimage: Preimage([7; 32]) };
    let got = [
        meter(1, assets::ID, send.encode()),
        meter(2, unique::ID, shift.encode()),
        meter(2, locks::ID, claim.encode()),
    ];
    assert_eq!(got, [10_768, 5_967, 16_078]);
}

proptest! {
    /// What decodes has these bytes and no others.
    #[test]
    fn attack_08_other_spellings_of_a_call(
        place in 0usize..17,
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let calls: Vec<Vec<u8>> = asset_calls().iter().map(Encode::encode)
            .chain(unique_calls().iter().map(Encode::encode))
            .chain(lock_calls().iter().map(Encode::encode))
            .collect();
        prop_assert_eq!(calls.len(), 17);
        let mut bytes = calls[place].clone();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        fn exact<T: Encode + Decode>(bytes: &[u8]) -> bool {
            T::decode_exact(bytes).is_ok_and(|call| call.encode() != bytes)
        }
        prop_assert!(!exact::<assets::Call>(&bytes));
        prop_assert!(!exact::<unique::Call>(&bytes));
        prop_assert!(!exact::<locks::Call>(&bytes));
        // And any of it is described, never feared.
        for module in [assets::ID, unique::ID, locks::ID] {
            let said = common::all().get(module).unwrap().describe(&bytes);
            prop_assert!(!said.contains(|c: char| c.is_control()), "{said:?}");
        }
    }
}
