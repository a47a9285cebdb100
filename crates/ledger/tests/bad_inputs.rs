//! Each bad input by its name: it has an error of its own, which says what there was and what would
//! do, and nothing moves but, where it was admissible, the fee.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, address, several};
use isonomy_crypto::{ClaimError, Hash};
use isonomy_ledger::assets::{self, Asset, Call, Issue, Rights, refusal};
use isonomy_ledger::*;
use isonomy_types::*;
use std::sync::Arc;

const RICH: u128 = 10_000_000_000;
const RELAY: ModuleId = 9;

/// Makes any call in its own name, and says in words why it is refused. Receipts hold codes alone.
struct Relay;

impl Module for Relay {
    fn calls(&self) -> &[ModuleId] {
        &[assets::ID, 99]
    }

    fn call(&self, ctx: &mut Context<'_>, payload: &[u8]) -> Result<Vec<u8>, Fault> {
        let (module, payload) = payload.split_first().ok_or(Fault::Unsupported)?;
        let fault = ctx.call((*module).into(), payload).unwrap_err();
        ctx.emit(fault.to_string().as_bytes())?;
        Ok(Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "relay".into()
    }
}

/// Person 1 issued something, of which person 2 and the relay hold 100 each, and the relay holds 50
/// coins.
fn world() -> (World, Hash) {
    let mut world = World::full(&[(1, RICH), (2, RICH), (3, u128::MAX / 2)]);
    world.modules = Arc::new(common::all().with(RELAY, Relay).unwrap());
    let issue = Issue {
        symbol: "GOLD".to_owned().try_into().unwrap(),
        name: "Gold".to_owned().try_into().unwrap(),
        decimals: 0,
        cap: None,
        rights: Rights { mint: true, burn: true, freeze: true },
        amount: Amount(100),
        to: address(2),
    };
    let receipt = world.act(1, &[(assets::ID, Call::Issue(issue).encode())]);
    let said = assets::AssetsEvent::decode_exact(&receipt.events.get(0).unwrap().payload).unwrap();
    let assets::AssetsEvent::Issue { asset, .. } = said else { panic!("{said:?}") };
    let relay = Policy::Module(RELAY).address();
    let mint = Call::Mint { asset, to: relay, amount: Amount(100) };
    assert_eq!(world.assets(1, mint), 0);
    assert_eq!(world.assets(1, Call::pay(relay, Amount(50))), 0);
    (world, asset)
}

fn send(asset: Asset, to: u8, amount: u128) -> Vec<u8> {
    let (to, amount, memo) = (address(to), Amount(amount), Memo::default());
    Call::Transfer { asset, to, amount, memo }.encode()
}

/// What it is, the module and the payload, the receipt's code, and what the words must say.
type Bad = (&'static str, ModuleId, Vec<u8>, u16, [String; 2]);

/// Those that a block may hold: the code in the receipt, and the words for people.
#[test]
fn an_action_that_cannot_be_done_has_its_own_refusal() {
    let (mut world, gold) = world();
    assert_eq!(world.assets(1, Call::Freeze { asset: gold, account: address(3) }), 0);
    let gold = Asset::Issued(gold);
    let none = Asset::Issued(Hash::from_bytes([7; 32]));
    let unread = Fault::Payload(DecodeError(String::new())).code();
    let table: [Bad; 9] = [
        ("unknown module", 99, vec![], Fault::UnknownModule(99).code(), both("module 99", "no")),
        ("wrong call bytes", 1, vec![250], unread, both("cannot be decoded", "250")),
        (
            "left-over bytes",
            1,
            [send(Asset::Coin, 2, 1), vec![0]].concat(),
            unread,
            both("read", ""),
        ),
        ("unknown asset", 1, send(none, 2, 1), 256 + refusal::UNKNOWN, both("no asset is", "0707")),
        (
            "overspend of coins",
            1,
            send(Asset::Coin, 2, RICH + 51),
            256 + refusal::NOT_ENOUGH,
            both("holds 50 coins", &format!("needs {}", RICH + 51)),
        ),
        (
            "overspend of an asset",
            1,
            send(gold, 2, 101),
            256 + refusal::NOT_ENOUGH,
            both("holds 100 units", "needs 101"),
        ),
        (
            "frozen asset",
            1,
            send(gold, 3, 1),
            256 + refusal::FROZEN,
            both(&address(3).to_string(), "frozen"),
        ),
        (
            "zero of a coin",
            1,
            send(Asset::Coin, 2, 0),
            256 + refusal::ZERO,
            both("amount of 0", "at least 1"),
        ),
        (
            "zero of an asset",
            1,
            send(gold, 2, 0),
            256 + refusal::ZERO,
            both("amount of 0", "at least 1"),
        ),
    ];
    for (what, module, payload, code, words) in table {
        let supply = (world.supply(), world.balance(2));
        let receipt = world.act(1, &[(module, payload.clone())]);
        assert_eq!(receipt.code, code, "{what}");
        assert!(receipt.fee > Amount::ZERO && receipt.events.is_empty(), "{what}: {receipt:?}");
        assert_eq!((world.supply(), world.balance(2)), supply, "{what}");
        let relayed = [&[u8::try_from(module).unwrap()][..], &payload].concat();
        let receipt = world.clone().act(1, &[(RELAY, relayed)]);
        let said = String::from_utf8(receipt.events.get(0).unwrap().payload.to_vec()).unwrap();
        assert!(words.iter().all(|word| said.contains(word)), "{what}: {said}");
    }
}

fn both(got: &str, limit: &str) -> [String; 2] {
    [got.to_owned(), limit.to_owned()]
}

/// Of coins no sum can overflow, since there are no more of them; of an asset without a cap it can.
#[test]
fn an_overflow_has_its_own_refusal() {
    let (mut world, gold) = world();
    let mint = |amount| Call::Mint { asset: gold, to: address(2), amount };
    assert_eq!(world.assets(1, mint(Amount::MAX)), 256 + refusal::OVERFLOW);
    let most = Amount(u128::MAX - 200);
    assert_eq!(world.assets(1, mint(most)), 0, "up to the maximum");
    assert_eq!(world.assets(1, mint(Amount(1))), 256 + refusal::OVERFLOW);

    let relay = Policy::Module(RELAY).address();
    assert_eq!(world.assets(1, Call::HandOver { asset: gold, to: relay }), 0);
    let relayed = [&[1][..], &mint(Amount(1)).encode()].concat();
    let receipt = world.act(1, &[(RELAY, relayed)]);
    let said = String::from_utf8(receipt.events.get(0).unwrap().payload.to_vec()).unwrap();
    let (got, limit) = (format!("{} and 1", u128::MAX), format!("more than {}", u128::MAX));
    assert!(said.contains(&got) && said.contains(&limit), "{said}");
}

/// To oneself one may send what one holds, which changes nothing, and no more.
#[test]
fn a_self_transfer_moves_nothing_and_an_overspend_to_oneself_is_one() {
    let (mut world, gold) = world();
    for asset in [Asset::Coin, Asset::Issued(gold)] {
        let held = |world: &World| match asset {
            Asset::Coin => world.balance(2),
            Asset::Issued(id) => world.units(2, id),
        };
        let before = held(&world);
        let receipt = world.act(2, &[(assets::ID, send(asset, 2, 100))]);
        assert_eq!(receipt.code, 0);
        let fee = if asset == Asset::Coin { receipt.fee.0 } else { 0 };
        assert_eq!(held(&world), before - fee);
        let receipt = world.act(2, &[(assets::ID, send(asset, 2, RICH + 1))]);
        assert_eq!(receipt.code, 256 + refusal::NOT_ENOUGH);
    }
}

/// Those that stand in no block for reasons of state.
#[test]
fn a_stale_nonce_has_its_own_refusal() {
    let (mut world, _) = world();
    assert_eq!(world.act(2, &[(assets::ID, send(Asset::Coin, 1, 5))]).code, 0);
    let stale = Tx::by(2, 0).send(1, 5).sign();
    let why = world.refusal(&stale).unwrap();
    assert_eq!(why, Inadmissible::Nonce { signer: 0, got: 0, limit: 1 });
    assert_eq!(why.to_string(), "signer 0's nonce is 0, the lane's next is 1");
    assert!(matches!(world.admit(&stale), Err(AdmitError::Inadmissible(_))));
}

/// Those that stand in no block of any chain state.
#[test]
fn what_no_state_admits_has_its_own_refusal() {
    let genesis = common::GENESIS;
    let check = |transaction: Transaction| transaction.check(&genesis).map(drop).unwrap_err();
    let good = || Tx::by(1, 0).send(2, 5);
    assert!(good().unchecked().check(&genesis).is_ok());

    // The chain's id is signed and not sent: a signature for another chain is no signature here.
    let foreign = good().unchecked().check(&Hash::from_bytes([8; 32])).map(drop).unwrap_err();
    assert_eq!(foreign, CheckError::Signature(ClaimError::Wrong));

    let twice = check(good().and(1, 5, 0).unchecked());
    assert_eq!(twice, CheckError::RepeatedSigner { index: 1 });
    assert_eq!(twice.to_string(), "signer 1 names an account that signs already");

    let club = several(2, &[1, 2, 3]);
    let by = |people: &[u8]| {
        let nonce = Nonce { lane: 0, seq: 0 };
        check(good().nobody().hand(club.address(), nonce, club.clone(), people).unchecked())
    };
    let few = by(&[1]);
    assert_eq!(few, CheckError::SignatureCount { signer: 0, got: 1, limit: 2 });
    assert_eq!(few.to_string(), "signer 0 gives 1 signatures, its policy needs exactly 2");
    let many = by(&[1, 2, 3]);
    assert_eq!(many, CheckError::SignatureCount { signer: 0, got: 3, limit: 2 });

    let witnesses = |count: usize| {
        let made = good().unchecked();
        let one = made.witnesses().first().unwrap().clone();
        let witnesses = vec![one; count].try_into().unwrap();
        check(Transaction::new(made.intent().clone(), witnesses))
    };
    assert_eq!(witnesses(0), CheckError::WitnessCount { got: 0, limit: 1 });
    let many = witnesses(2);
    assert_eq!(many, CheckError::WitnessCount { got: 2, limit: 1 });
    assert_eq!(many.to_string(), "2 witnesses for 1 signers");
}
