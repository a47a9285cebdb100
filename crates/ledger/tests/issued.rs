//! Assets that anyone issues.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, address};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{
    self, Asset, AssetsEvent, Call, Description, Issue, Query, Rights, refusal,
};
use isonomy_ledger::*;
use isonomy_types::*;

const RICH: u128 = 10_000_000_000;
const ALL: Rights = Rights { mint: true, burn: true, freeze: true };
const NONE: Rights = Rights { mint: false, burn: false, freeze: false };

fn new(rights: Rights, cap: Option<u128>, amount: u128, to: u8) -> Issue {
    Issue {
        symbol: "GOLD".to_string().try_into().unwrap(),
        name: "Gold, in grams".to_string().try_into().unwrap(),
        decimals: 3,
        cap: cap.map(Amount),
        rights,
        amount: Amount(amount),
        to: address(to),
    }
}

fn world() -> World {
    World::full(&[(1, RICH), (2, RICH), (3, RICH)])
}

fn events(receipt: &Receipt) -> Vec<AssetsEvent> {
    let events = receipt.events.iter();
    events.map(|event| AssetsEvent::decode_exact(&event.payload).unwrap()).collect()
}

/// Person `n` issues it; the id.
fn issue(world: &mut World, n: u8, new: Issue) -> Hash {
    let receipt = world.act(n, &[(assets::ID, Call::Issue(new).encode())]);
    assert_eq!(receipt.code, 0);
    match events(&receipt)[0] {
        AssetsEvent::Issue { asset, issuer } => {
            assert_eq!(issuer, address(n));
            asset
        }
        ref other => panic!("{other:?}"),
    }
}

fn send(asset: Hash, to: u8, amount: u128) -> Call {
    let (asset, memo) = (Asset::Issued(asset), Memo::default());
    Call::Transfer { asset, to: address(to), amount: Amount(amount), memo }
}

fn mint(asset: Hash, to: u8, amount: u128) -> Call {
    Call::Mint { asset, to: address(to), amount: Amount(amount) }
}

fn burn(asset: Hash, amount: u128) -> Call {
    Call::Burn { asset, amount: Amount(amount) }
}

fn freeze(asset: Hash, n: u8) -> Call {
    Call::Freeze { asset, account: address(n) }
}

fn thaw(asset: Hash, n: u8) -> Call {
    Call::Thaw { asset, account: address(n) }
}

fn refused(code: u16) -> u16 {
    256 + code
}

fn description(world: &World, asset: Hash) -> Description {
    world.answer::<Option<Description>>(assets::ID, &Query::Issued(asset)).unwrap()
}

fn supply(world: &World, asset: Hash) -> u128 {
    world.answer::<Amount>(assets::ID, &Query::Supply(Asset::Issued(asset))).0
}

#[test]
fn an_asset_is_issued_minted_sent_and_burned() {
    let mut world = world();
    let gold = issue(&mut world, 1, new(ALL, Some(150), 100, 2));
    let want = Description {
        issuer: address(1),
        symbol: "GOLD".to_string().try_into().unwrap(),
        name: "Gold, in grams".to_string().try_into().unwrap(),
        decimals: 3,
        cap: Some(Amount(150)),
        rights: ALL,
        supply: Amount(100),
    };
    assert_eq!(description(&world, gold), want);
    assert_eq!((world.units(1, gold), world.units(2, gold)), (0, 100));

    let memo: Memo = "for the ring".to_string().try_into().unwrap();
    let (asset, to, amount) = (Asset::Issued(gold), address(3), Amount(30));
    let call = Call::Transfer { asset, to, amount, memo: memo.clone() };
    let receipt = world.act(2, &[(assets::ID, call.encode())]);
    let from = address(2);
    assert_eq!(events(&receipt), [AssetsEvent::Transfer { asset, from, to, amount, memo }]);

    let receipt = world.act(1, &[(assets::ID, mint(gold, 3, 50).encode())]);
    let (asset, amount) = (gold, Amount(50));
    assert_eq!(events(&receipt), [AssetsEvent::Mint { asset, to, amount }]);
    let receipt = world.act(3, &[(assets::ID, burn(gold, 80).encode())]);
    let (from, amount) = (address(3), Amount(80));
    assert_eq!(events(&receipt), [AssetsEvent::Burn { asset, from, amount }]);

    assert_eq!((world.units(2, gold), world.units(3, gold)), (70, 0));
    assert_eq!((supply(&world, gold), world.counted_units(gold)), (70, 70));
    assert_eq!(world.assets(1, mint(gold, 1, 80)), 0, "what was burned makes room");
    assert_eq!(world.assets(1, mint(gold, 1, 1)), refused(refusal::CAP));
}

/// No allowance is needed: each gives by an action of its own, and all happens or nothing.
#[test]
fn three_parties_exchange_in_one_transaction() {
    let mut world = world();
    let gold = issue(&mut world, 1, new(NONE, None, 100, 1));
    let silver = issue(&mut world, 2, new(NONE, None, 100, 2));
    // Persons 1 and 2 have used their lane 0 once.
    let offer = |silver_given| {
        let tx = Tx::by(1, 1).and(2, 0, 1).and(3, 0, 0).limit(100_000);
        let tx = tx.act(0, assets::ID, send(gold, 2, 10).encode());
        let tx = tx.act(1, assets::ID, send(silver, 3, silver_given).encode());
        tx.send_by(2, 1, 500)
    };
    let held = |world: &World| {
        let units = |n| (world.units(n, gold), world.units(n, silver));
        [units(1), units(2), units(3)]
    };
    let mut failing = world.clone();
    let done = failing.block(&[offer(101).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, refused(refusal::NOT_ENOUGH));
    assert_eq!(held(&failing), [(100, 0), (0, 100), (0, 0)], "nor did the first part happen");
    assert_eq!(failing.balance(3), RICH);
    let done = world.block(&[offer(20).sign()]).unwrap();
    assert_eq!(done.receipts[0].code, 0);
    assert_eq!(held(&world), [(90, 0), (10, 80), (0, 20)]);
    assert_eq!(world.balance(3), RICH - 500);
    // Without the owner's signature nothing of his moves.
    let forged = Tx::by(3, 1).act(0, assets::ID, send(gold, 3, 1).encode());
    let done = world.block(&[forged.sign()]).unwrap();
    assert_eq!(done.receipts[0].code, refused(refusal::NOT_ENOUGH));
}

#[test]
fn ids_differ_by_issuer_count_and_chain() {
    let mut world = world();
    let mut elsewhere = world.clone();
    elsewhere.env.genesis = address(9).0;
    let same = || new(NONE, None, 5, 1);
    let ids = [
        issue(&mut world, 1, same()),
        issue(&mut world, 1, same()),
        issue(&mut world, 2, same()),
        issue(&mut elsewhere, 1, same()),
    ];
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len());
    assert_eq!((world.units(1, ids[0]), world.units(1, ids[1])), (5, 5), "each its own");
    assert!(!ids.contains(&Hash::ZERO));
}

#[test]
fn what_cannot_be_issued_has_its_code() {
    let text = |text: &str| text.to_string();
    let symbol =
        |symbol| Issue { symbol: text(symbol).try_into().unwrap(), ..new(NONE, None, 5, 1) };
    let name = |name| Issue { name: text(name).try_into().unwrap(), ..new(NONE, None, 5, 1) };
    let decimals = |decimals| Issue { decimals, ..new(NONE, None, 5, 1) };
    let table = [
        (symbol(""), refused(refusal::SYMBOL)),
        (symbol("gold"), refused(refusal::SYMBOL)),
        (symbol("G LD"), refused(refusal::SYMBOL)),
        (symbol("GÖLD"), refused(refusal::SYMBOL)),
        (symbol("A23456789012"), 0),
        (name(""), refused(refusal::NAME)),
        (name("  "), refused(refusal::NAME)),
        (name("Gold\nand send all"), refused(refusal::NAME)),
        (name("\u{1b}[2J"), refused(refusal::NAME)),
        (name("Götz' Gold, 金"), 0),
        (decimals(39), refused(refusal::DECIMALS)),
        (decimals(38), 0),
        (new(NONE, None, 0, 1), refused(refusal::ZERO)),
        (new(Rights { burn: true, freeze: true, ..NONE }, None, 0, 1), refused(refusal::ZERO)),
        (new(ALL, None, 0, 1), 0),
        (new(ALL, Some(0), 0, 1), refused(refusal::ZERO)),
        (new(ALL, Some(5), 6, 1), refused(refusal::CAP)),
        (new(ALL, Some(5), 5, 1), 0),
    ];
    let mut world = world();
    for (new, code) in table {
        assert_eq!(world.assets(1, Call::Issue(new.clone())), code, "{new:?}");
    }
    // One byte more than fits does not decode, and says so.
    let long = [&[1, 13, 0, 0, 0][..], &[b'A'; 13]].concat();
    let fault = Call::decode_exact(&long).unwrap_err();
    assert!(fault.to_string().contains("got 13 elements, limit 12"), "{fault}");
    let receipt = world.act(1, &[(assets::ID, long)]);
    assert_eq!(receipt.code, Fault::Payload(fault).code());
}

#[test]
fn a_memo_has_a_bound() {
    let mut world = world();
    let plain = Call::pay(address(2), Amount(5)).encode();
    let with = |bytes: u32| {
        let mut call = plain[..plain.len() - 4].to_vec();
        call.extend(bytes.to_le_bytes());
        call.extend(vec![b'm'; bytes as usize]);
        call
    };
    assert_eq!(world.act(1, &[(assets::ID, with(256))]).code, 0);
    assert_eq!(world.act(1, &[(assets::ID, with(257))]).code, 7);
    let fault = Call::decode_exact(&with(257)).unwrap_err();
    assert!(fault.to_string().contains("got 257 elements, limit 256"), "{fault}");
    let mut broken = with(1);
    *broken.last_mut().unwrap() = 0xff;
    assert_eq!(world.act(1, &[(assets::ID, broken)]).code, 7, "not UTF-8");
    assert_eq!(world.balance(2), RICH + 5);
}

#[test]
fn every_refusal_has_its_code() {
    let mut world = world();
    let gold = issue(&mut world, 1, new(ALL, Some(150), 100, 2));
    let fixed = issue(&mut world, 1, new(NONE, None, 100, 2));
    let nothing = Hash::from_bytes([5; 32]);
    assert_eq!(world.assets(1, freeze(gold, 3)), 0);
    let hand_over = |asset, to| Call::HandOver { asset, to: address(to) };
    let renounce = |asset, rights| Call::Renounce { asset, rights };
    let table = [
        (2, send(gold, 1, 0), refusal::ZERO),
        (1, mint(gold, 1, 0), refusal::ZERO),
        (2, burn(gold, 0), refusal::ZERO),
        (2, send(gold, 1, 101), refusal::NOT_ENOUGH),
        (1, send(gold, 2, 1), refusal::NOT_ENOUGH),
        (2, burn(gold, 101), refusal::NOT_ENOUGH),
        (2, send(nothing, 1, 1), refusal::UNKNOWN),
        (1, mint(nothing, 1, 1), refusal::UNKNOWN),
        (1, burn(nothing, 1), refusal::UNKNOWN),
        (1, freeze(nothing, 1), refusal::UNKNOWN),
        (1, thaw(nothing, 1), refusal::UNKNOWN),
        (1, renounce(nothing, ALL), refusal::UNKNOWN),
        (1, hand_over(nothing, 2), refusal::UNKNOWN),
        (2, send(gold, 3, 1), refusal::FROZEN),
        (3, send(gold, 2, 1), refusal::FROZEN),
        (3, burn(gold, 1), refusal::FROZEN),
        (1, mint(gold, 3, 1), refusal::FROZEN),
        (1, freeze(gold, 3), refusal::FROZEN),
        (1, thaw(gold, 2), refusal::NOT_FROZEN),
        (2, mint(gold, 2, 1), refusal::NOT_ISSUER),
        (2, freeze(gold, 1), refusal::NOT_ISSUER),
        (3, thaw(gold, 3), refusal::NOT_ISSUER),
        (2, renounce(gold, ALL), refusal::NOT_ISSUER),
        (2, hand_over(gold, 2), refusal::NOT_ISSUER),
        (1, mint(fixed, 1, 1), refusal::NO_RIGHT),
        (2, burn(fixed, 1), refusal::NO_RIGHT),
        (1, freeze(fixed, 2), refusal::NO_RIGHT),
        (1, thaw(fixed, 2), refusal::NO_RIGHT),
        (1, renounce(fixed, Rights { burn: true, ..NONE }), refusal::NO_RIGHT),
        (1, renounce(gold, NONE), refusal::NO_RIGHT),
        (1, mint(gold, 1, 51), refusal::CAP),
        (1, mint(gold, 1, u128::MAX), refusal::OVERFLOW),
    ];
    let before = (world.counted_units(gold), world.counted_units(fixed));
    for (n, call, code) in table {
        assert_eq!(world.assets(n, call.clone()), refused(code), "{n} {call:?}");
        assert_eq!((world.counted_units(gold), world.counted_units(fixed)), before);
    }
    assert_eq!(description(&world, gold).rights, ALL);
}

#[test]
fn a_refusal_says_got_and_limit() {
    let mut world = world();
    let gold = issue(&mut world, 1, new(ALL, Some(150), 100, 2));
    let why = |n, call: Call| {
        let modules = common::all().with(9, Relay).unwrap();
        let mut world = world.clone();
        world.modules = std::sync::Arc::new(modules);
        // A query cannot write, so the words are those of a call that a module relays and keeps.
        let receipt = world.act(n, &[(9, call.encode())]);
        String::from_utf8(receipt.events.get(0).unwrap().payload.to_vec()).unwrap()
    };
    let poor = why(2, send(gold, 1, 101));
    assert!(poor.contains("holds 0") && poor.contains("needs 101"), "{poor}");
    let mine = why(2, mint(gold, 1, 51));
    assert!(mine.contains("is not") && mine.contains(&address(1).to_string()), "{mine}");
}

/// Calls the assets in its own name, and says what they refuse.
struct Relay;

impl Module for Relay {
    fn calls(&self) -> &[ModuleId] {
        &[assets::ID]
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let fault = ctx.call(assets::ID, payload).unwrap_err();
        ctx.emit(fault.to_string().as_bytes())?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "relay".into()
    }
}

#[test]
fn rights_end_for_good_and_frozen_accounts_are_free_then() {
    let mut world = world();
    let gold = issue(&mut world, 1, new(ALL, None, 100, 2));
    let frozen = |world: &World| {
        let question = Query::Frozen { asset: gold, account: address(2) };
        world.answer::<bool>(assets::ID, &question)
    };
    assert_eq!(world.assets(1, freeze(gold, 2)), 0);
    assert!(frozen(&world));
    assert_eq!(world.assets(1, thaw(gold, 2)), 0);
    assert_eq!(world.assets(2, send(gold, 3, 1)), 0);
    assert_eq!(world.assets(1, freeze(gold, 2)), 0);
    assert_eq!(world.assets(2, send(gold, 3, 1)), refused(refusal::FROZEN));
    assert_eq!(world.assets(2, Call::pay(address(3), Amount(1))), 0, "other assets stay free");

    let ends = |rights| Call::Renounce { asset: gold, rights };
    assert_eq!(world.assets(1, ends(Rights { freeze: true, ..NONE })), 0);
    assert!(!frozen(&world));
    assert_eq!(world.assets(2, send(gold, 3, 1)), 0);
    assert_eq!(world.assets(1, freeze(gold, 2)), refused(refusal::NO_RIGHT));
    assert_eq!(world.assets(1, ends(ALL)), refused(refusal::NO_RIGHT), "one of them is gone");
    assert_eq!(description(&world, gold).rights, Rights { freeze: false, ..ALL });

    assert_eq!(world.assets(1, mint(gold, 1, 5)), 0);
    assert_eq!(world.assets(1, ends(Rights { mint: true, ..NONE })), 0);
    assert_eq!(world.assets(1, mint(gold, 1, 5)), refused(refusal::NO_RIGHT));
    assert_eq!(world.assets(1, burn(gold, 5)), 0);
    assert_eq!(world.assets(1, ends(Rights { burn: true, ..NONE })), 0);
    assert_eq!(world.assets(2, burn(gold, 5)), refused(refusal::NO_RIGHT));
    assert_eq!((supply(&world, gold), world.counted_units(gold)), (100, 100));
}

#[test]
fn rights_can_be_handed_over() {
    let mut world = world();
    let gold = issue(&mut world, 1, new(ALL, None, 100, 1));
    assert_eq!(world.assets(1, Call::HandOver { asset: gold, to: address(2) }), 0);
    assert_eq!(world.assets(1, mint(gold, 1, 5)), refused(refusal::NOT_ISSUER));
    assert_eq!(world.assets(2, mint(gold, 2, 5)), 0);
    assert_eq!((world.units(1, gold), description(&world, gold).issuer), (100, address(2)));
}

#[test]
fn holdings_come_page_by_page() {
    let mut world = world();
    let many = PAGE_MAX + 3;
    let mut ids: Vec<_> =
        (0..many).map(|n| issue(&mut world, 1, new(NONE, None, n as u128 + 1, 2))).collect();
    issue(&mut world, 1, new(NONE, None, 1, 3));
    let page = |after| {
        let question = Query::Holdings { of: address(2), after };
        world.answer::<Page<(Hash, Amount)>>(assets::ID, &question).into_vec()
    };
    let first = page(None);
    assert_eq!(first.len(), PAGE_MAX);
    let second = page(first.last().map(|(id, _)| *id));
    assert_eq!(second.len(), 3);
    assert!(page(second.last().map(|(id, _)| *id)).is_empty(), "no other's follow");
    let seen: Vec<_> = first.iter().chain(&second).map(|(id, _)| *id).collect();
    let amounts: u128 = first.iter().chain(&second).map(|(_, amount)| amount.0).sum();
    ids.sort_unstable();
    assert_eq!(seen, ids);
    assert_eq!(amounts, (many * (many + 1) / 2) as u128);
    let nobody = Query::Holdings { of: address(9), after: None };
    assert!(world.answer::<Page<(Hash, Amount)>>(assets::ID, &nobody).is_empty());
}

#[test]
fn a_pool_counts_coins_alone() {
    let takes = |call: Call| common::all().get(assets::ID).unwrap().takes(&call.encode());
    assert_eq!(takes(Call::pay(address(2), Amount(7))), Amount(7));
    assert_eq!(takes(send(Hash::ZERO, 2, 7)), Amount::ZERO);
    assert_eq!(takes(mint(Hash::ZERO, 2, 7)), Amount::ZERO);
}

#[test]
fn calls_are_said_in_plain_words() {
    let modules = common::all();
    let say = |call: &Call| modules.get(assets::ID).unwrap().describe(&call.encode());
    let (id, to) = (Hash::from_bytes([5; 32]), address(2));
    assert_eq!(say(&send(id, 2, 7)), format!("send 7 units of the asset {id} to {to}"));
    assert_eq!(say(&mint(id, 2, 7)), format!("mint 7 units of the asset {id} for {to}"));
    assert_eq!(say(&burn(id, 7)), format!("destroy 7 units of the asset {id}"));
    let gave_up = Call::Renounce { asset: id, rights: Rights { burn: false, ..ALL } };
    let words = format!("give up for good the right to mint, freeze accounts on the asset {id}");
    assert_eq!(say(&gave_up), words);
    assert_eq!(
        say(&Call::Issue(new(NONE, Some(9), 5, 2))),
        format!(
            "issue the asset \"GOLD\", \"Gold, in grams\", with 3 decimals: 5 units for {to}, at \
             most 9 at a time, with the right to nothing more"
        )
    );
    // A memo cannot pass for words of the wallet's, nor turn the line around.
    let memo: Memo = "\", and\nsend 1 coin\u{202e}\u{1b}[2J".to_string().try_into().unwrap();
    let call = Call::Transfer { asset: Asset::Coin, to, amount: Amount(5), memo };
    let words = say(&call);
    let want = r#"with the memo "\", and\nsend 1 coin\u{202e}\u{1b}[2J""#;
    assert_eq!(words, format!("send 5 coins to {to}, {want}"));
}

#[test]
fn people_write_json() {
    let text = format!(
        r#"{{"issue":{{"symbol":"GOLD","name":"Gold, in grams","decimals":3,"cap":null,"rights":{{"mint":true}},"amount":"5","to":"{}"}}}}"#,
        address(2)
    );
    let call = Call::Issue(new(Rights { mint: true, ..NONE }, None, 5, 2));
    assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    let again = serde_json::to_string(&call).unwrap();
    assert_eq!(serde_json::from_str::<Call>(&again).unwrap(), call);
    assert!(serde_json::from_str::<Call>(&text.replace("mint", "mints")).is_err());
}
