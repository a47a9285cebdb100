//! Hash- and time-locked payments.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{World, address};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, Issue, Rights};
use isonomy_ledger::locks::{
    self, Call, Deadline, Lock, LocksEvent, Made, Preimage, Promise, Query, deposit, refusal,
};
use isonomy_ledger::*;
use isonomy_types::*;

const RICH: u128 = 10_000_000_000;
const SECRET: Preimage = Preimage([7; 32]);

fn world() -> World {
    World::full(&[(1, RICH), (2, RICH), (3, RICH)])
}

/// 500 coins for person 2.
fn promise(expires: Deadline) -> Promise {
    let (asset, amount) = (Asset::Coin, Amount(500));
    Promise { asset, amount, to: address(2), hash: SECRET.hash(), expires }
}

fn actions(promise: &Promise) -> [(ModuleId, Vec<u8>); 2] {
    let brought = (assets::ID, deposit(promise).encode());
    [brought, (locks::ID, Call::Lock(promise.clone()).encode())]
}

fn said(receipt: &Receipt) -> Vec<LocksEvent> {
    let own = receipt.events.iter().filter(|event| event.module == locks::ID);
    own.map(|event| LocksEvent::decode_exact(&event.payload).unwrap()).collect()
}

/// Person `n` locks; the id.
fn lock(world: &mut World, n: u8, promise: &Promise) -> Hash {
    let receipt = world.act(n, &actions(promise));
    assert_eq!(receipt.code, 0);
    let [LocksEvent::Lock { id, lock }] = &said(&receipt)[..] else { panic!("{receipt:?}") };
    assert_eq!(*lock, Lock { maker: address(n), promise: promise.clone() });
    *id
}

fn act(world: &mut World, n: u8, call: &Call) -> u16 {
    world.act(n, &[(locks::ID, call.encode())]).code
}

fn claim(id: Hash, preimage: Preimage) -> Call {
    Call::Claim { id, preimage }
}

fn held(world: &World, asset: Asset) -> (u128, u128) {
    let own = Policy::Module(locks::ID).address();
    let held: Amount = world.answer(locks::ID, &Query::Held(asset));
    let there: Amount = world.answer(assets::ID, &assets::Query::Balance(own, asset));
    (held.0, there.0)
}

fn stands(world: &World, id: Hash) -> bool {
    world.answer::<Option<Lock>>(locks::ID, &Query::Lock(id)).is_some()
}

fn refused(code: u16) -> u16 {
    256 + code
}

#[test]
fn the_hash_is_that_of_other_chains() {
    // FIPS 180-4's SHA-256, of 32 zero bytes and of 32 bytes of 0x07, by another implementation.
    let table = [
        (0, "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925"),
        (7, "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0"),
    ];
    for (byte, hash) in table {
        assert_eq!(Preimage([byte; 32]).hash().to_string(), hash);
    }
}

#[test]
fn who_shows_the_preimage_pays_whom_the_lock_names() {
    let mut world = world();
    let id = lock(&mut world, 1, &promise(Deadline::Height(100)));
    assert_eq!(held(&world, Asset::Coin), (500, 500));
    let (before, helper) = (world.balance(2), 3);
    let receipt = world.act(helper, &[(locks::ID, claim(id, SECRET).encode())]);
    assert_eq!(said(&receipt), [LocksEvent::Claim { id, preimage: SECRET }]);
    assert_eq!(world.balance(2), before + 500);
    assert_eq!(held(&world, Asset::Coin), (0, 0));
    assert!(!stands(&world, id));
    assert_eq!(act(&mut world, 2, &claim(id, SECRET)), refused(refusal::ABSENT), "once");
    assert_eq!(act(&mut world, 1, &Call::Refund { id }), refused(refusal::ABSENT));
    assert_eq!(world.counted(), 3 * RICH);
}

#[test]
fn after_the_deadline_it_goes_back() {
    let mut world = world();
    let id = lock(&mut world, 1, &promise(Deadline::Height(100)));
    world.env.height = 100;
    let before = world.balance(1);
    let receipt = world.act(3, &[(locks::ID, Call::Refund { id }.encode())]);
    assert_eq!(said(&receipt), [LocksEvent::Refund { id }]);
    assert_eq!(world.balance(1), before + 500);
    assert_eq!(held(&world, Asset::Coin), (0, 0));
    assert_eq!(act(&mut world, 1, &Call::Refund { id }), refused(refusal::ABSENT), "once");
}

/// In each block one of the two is possible, never both.
#[test]
fn claim_and_refund_never_overlap() {
    let deadlines = [Deadline::Height(100), Deadline::Time(Wall(5_000))];
    for deadline in deadlines {
        for (height, time, late) in [
            (99, 4_999, false),
            (100, 5_000, true),
            (101, 5_001, true),
            (u64::MAX - 1, u64::MAX, true),
        ] {
            let mut world = world();
            let id = lock(&mut world, 1, &promise(deadline));
            (world.env.height, world.env.time) = (height, Wall(time));
            // Of a transaction that stays valid.
            let code = |call: Call| {
                let tx = common::Tx::by(3, 0).expires(u64::MAX);
                let tx = tx.act(0, locks::ID, call.encode()).forge();
                world.execute(&[tx], Mode::Block).unwrap().receipts[0].code
            };
            let (claimed, refunded) = (code(claim(id, SECRET)), code(Call::Refund { id }));
            let want = if late {
                (refused(refusal::EXPIRED), 0)
            } else {
                (0, refused(refusal::NOT_EXPIRED))
            };
            assert_eq!((claimed, refunded), want, "{deadline} at {height}, {time}");
        }
    }
    // A deadline looks at its own clock alone.
    let mut world = world();
    let id = lock(&mut world, 1, &promise(Deadline::Time(Wall(5_000))));
    world.env.height = 900;
    world.env.time = Wall(4_000);
    assert_eq!(act(&mut world, 2, &claim(id, SECRET)), 0);
}

#[test]
fn every_refusal_has_its_code() {
    let mut world = world();
    let good = promise(Deadline::Height(500));
    let id = lock(&mut world, 1, &good);
    let coins = good.asset;
    let with = |change: &dyn Fn(&mut Promise)| {
        let mut promise = good.clone();
        change(&mut promise);
        Call::Lock(promise)
    };
    let issued = Asset::Issued(Hash::from_bytes([5; 32]));
    let table = [
        (with(&|promise| promise.amount = Amount::ZERO), refusal::ZERO),
        (with(&|_| {}), refusal::UNFUNDED),
        (with(&|promise| promise.amount = Amount::MAX), refusal::UNFUNDED),
        (with(&|promise| promise.asset = issued), refusal::UNFUNDED),
        (with(&|promise| promise.expires = Deadline::Height(0)), refusal::EXPIRED),
        (with(&|promise| promise.expires = Deadline::Time(Wall(0))), refusal::EXPIRED),
        (claim(Hash::ZERO, SECRET), refusal::ABSENT),
        (Call::Refund { id: Hash::ZERO }, refusal::ABSENT),
        (claim(id, Preimage([8; 32])), refusal::WRONG_PREIMAGE),
        (claim(id, Preimage::from(SECRET.hash())), refusal::WRONG_PREIMAGE),
        (Call::Refund { id }, refusal::NOT_EXPIRED),
    ];
    for (call, code) in table {
        assert_eq!(act(&mut world, 3, &call), refused(code), "{call:?}");
        assert_eq!(held(&world, coins), (500, 500));
        assert!(stands(&world, id));
    }
    // A preimage of another length is no preimage.
    let sound = claim(id, SECRET).encode();
    for bytes in [&sound[..sound.len() - 1], &[&*sound, &[7]].concat()] {
        assert_eq!(world.act(3, &[(locks::ID, bytes.to_vec())]).code, 7);
    }
    assert!(matches!(world.ask(locks::ID, b"?"), Err(Fault::Payload(_))));
}

#[test]
fn a_deposit_that_is_too_small_takes_all_back() {
    let mut world = world();
    let good = promise(Deadline::Height(500));
    let less = Promise { amount: Amount(499), ..good.clone() };
    let [(_, brought), _] = actions(&less);
    let [_, locked] = actions(&good);
    let before = world.balance(1);
    let receipt = world.act(1, &[(assets::ID, brought), locked]);
    assert_eq!(receipt.code, refused(refusal::UNFUNDED));
    assert_eq!(world.balance(1), before - receipt.fee.0, "the deposit too");
    assert_eq!(held(&world, Asset::Coin), (0, 0));
}

#[test]
fn one_deposit_does_not_fund_two_locks() {
    let mut world = world();
    let good = promise(Deadline::Height(500));
    let [brought, locked] = actions(&good);
    let receipt = world.act(1, &[brought, locked.clone(), locked.clone()]);
    assert_eq!(receipt.code, refused(refusal::UNFUNDED));
    lock(&mut world, 1, &good);
    assert_eq!(world.act(3, &[locked]).code, refused(refusal::UNFUNDED), "nor another's");
    assert_eq!(held(&world, Asset::Coin), (500, 500));
}

#[test]
fn locks_of_one_secret_are_two() {
    let mut world = world();
    let good = promise(Deadline::Height(500));
    let (one, two) = (lock(&mut world, 1, &good), lock(&mut world, 1, &good));
    assert_ne!(one, two);
    assert_eq!(act(&mut world, 2, &claim(one, SECRET)), 0);
    assert!(!stands(&world, one) && stands(&world, two));
    assert_eq!(held(&world, Asset::Coin), (500, 500));
}

/// Found without an index, a page at a time, youngest first.
#[test]
fn the_locks_of_a_maker_are_found_until_they_end() {
    let mut world = world();
    let ask = |world: &World, n, before| -> Made {
        world.answer(locks::ID, &Query::Made { of: address(n), before })
    };
    assert_eq!(ask(&world, 1, None), Made::default());
    let promise = promise(Deadline::Height(1_000));
    let ids: Vec<_> = (0..PAGE_MAX + 3).map(|_| lock(&mut world, 1, &promise)).collect();
    let other = lock(&mut world, 3, &promise);
    let found = |made: &Made| made.locks.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let first = ask(&world, 1, None);
    assert_eq!((found(&first).len(), first.older), (PAGE_MAX, 3));
    assert!(first.locks.iter().all(|(_, lock)| lock.promise == promise));
    let second = ask(&world, 1, Some(first.older));
    assert_eq!((found(&second).len(), second.older), (3, 0));
    let all = [found(&first), found(&second)].concat();
    assert!(all.iter().eq(ids.iter().rev()));
    assert_eq!(ask(&world, 1, Some(0)), Made::default());
    assert_eq!(ask(&world, 1, Some(u64::MAX)), first, "no more than there are");

    // Those that end leave a gap and move nothing.
    for id in &ids[3..] {
        assert_eq!(act(&mut world, 2, &claim(*id, SECRET)), 0);
    }
    assert_eq!(ask(&world, 1, None), Made { locks: Page::default(), older: 3 });
    assert_eq!(ask(&world, 1, Some(3)), second);
    assert_eq!(found(&ask(&world, 3, None)), [other]);
    assert_eq!(ask(&world, 2, None), Made::default(), "whom it pays is not the maker");
}

#[test]
fn a_frozen_payout_keeps_the_lock() {
    let mut world = world();
    let issue = assets::Call::Issue(Issue {
        symbol: "GOLD".to_string().try_into().unwrap(),
        name: "Gold".to_string().try_into().unwrap(),
        decimals: 0,
        cap: None,
        rights: Rights { freeze: true, ..Rights::default() },
        amount: Amount(900),
        to: address(1),
    });
    let receipt = world.act(3, &[(assets::ID, issue.encode())]);
    let event = assets::AssetsEvent::decode_exact(&receipt.events.get(0).unwrap().payload).unwrap();
    let assets::AssetsEvent::Issue { asset, .. } = event else { panic!("{event:?}") };
    let gold = Asset::Issued(asset);
    let id = lock(&mut world, 1, &Promise { asset: gold, ..promise(Deadline::Height(500)) });

    let account = address(2);
    assert_eq!(world.assets(3, assets::Call::Freeze { asset, account }), 0);
    assert_eq!(act(&mut world, 2, &claim(id, SECRET)), refused(refusal::PAYOUT));
    assert!(stands(&world, id));
    assert_eq!(held(&world, gold), (500, 500));
    assert_eq!(world.assets(3, assets::Call::Thaw { asset, account }), 0);
    assert_eq!(act(&mut world, 2, &claim(id, SECRET)), 0);
    assert_eq!((world.units(1, asset), world.units(2, asset)), (400, 500));
    assert_eq!(held(&world, gold), (0, 0));
}

#[test]
fn calls_are_said_in_plain_words() {
    let modules = common::all();
    let say = |call: &Call| modules.get(locks::ID).unwrap().describe(&call.encode());
    let promise = promise(Deadline::Time(Wall(1_700_000_000_000)));
    let (to, hash) = (promise.to, promise.hash);
    let words = format!(
        "lock 500 coins, which this transaction sent to the locks before: they are paid to {to} for \
         the preimage of the SHA-256 {hash} before time 1700000000000 (ms since 1970), and from \
         then on to this lock's maker, whoever sent them"
    );
    assert_eq!(say(&Call::Lock(promise)), words);
    let id = Hash::from_bytes([5; 32]);
    let words = format!("open the lock {id} by showing to all the preimage {}", "07".repeat(32));
    assert_eq!(say(&claim(id, SECRET)), words);
    assert_eq!(
        say(&Call::Refund { id }),
        format!("pay what the lock {id} holds back to its maker")
    );
    let unread = modules.get(locks::ID).unwrap().describe(b"?");
    assert_eq!(unread, "a call to the locks that cannot be read");
}

#[test]
fn people_write_json() {
    let call = Call::Lock(promise(Deadline::Height(9)));
    let text = serde_json::to_string(&call).unwrap();
    assert!(text.contains(r#""expires":{"height":9}"#), "{text}");
    assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), call);
    let text = serde_json::to_string(&claim(Hash::ZERO, SECRET)).unwrap();
    assert!(text.contains(&"07".repeat(32)), "{text}");
    assert_eq!(serde_json::from_str::<Call>(&text).unwrap(), claim(Hash::ZERO, SECRET));
}
