//! Published faults of other chains, on assets of every kind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Tx, World, address};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, Call, Issue, Query, Rights, refusal};
use isonomy_ledger::locks::{self, Deadline, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, Create};
use isonomy_ledger::*;
use isonomy_types::*;

const RICH: u128 = 10_000_000_000;
const ALL: Rights = Rights { mint: true, burn: true, freeze: true };
const SECRET: Preimage = Preimage([7; 32]);

fn world() -> World {
    World::full(&[(1, RICH), (2, RICH), (3, RICH)])
}

fn new(amount: u128, to: u8) -> Call {
    Call::Issue(Issue {
        symbol: "GOLD".to_string().try_into().unwrap(),
        name: "Gold".to_string().try_into().unwrap(),
        decimals: 0,
        cap: None,
        rights: ALL,
        amount: Amount(amount),
        to: address(to),
    })
}

/// Person 1 issues it; the id.
fn issue(world: &mut World, amount: u128, to: u8) -> Hash {
    let receipt = world.act(1, &[(assets::ID, new(amount, to).encode())]);
    let event = assets::AssetsEvent::decode_exact(&receipt.events.get(0).unwrap().payload).unwrap();
    let assets::AssetsEvent::Issue { asset, .. } = event else { panic!("{event:?}") };
    asset
}

/// Person 1 creates it; the id.
fn create(world: &mut World) -> Hash {
    let name = "Deeds".to_string().try_into().unwrap();
    let rights = unique::Rights { mint: true, burn: true };
    let new = unique::Call::Create(Create { name, cap: None, metadata_bytes: 20, rights });
    let receipt = world.act(1, &[(unique::ID, new.encode())]);
    let event = unique::UniqueEvent::decode_exact(&receipt.events.get(0).unwrap().payload).unwrap();
    let unique::UniqueEvent::Create { collection, .. } = event else { panic!("{event:?}") };
    collection
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

fn supply(world: &World, asset: Hash) -> u128 {
    world.answer::<Amount>(assets::ID, &Query::Supply(Asset::Issued(asset))).0
}

fn mint_item(collection: Hash, to: u8, content: u8, metadata: &str) -> (ModuleId, Vec<u8>) {
    let metadata = metadata.to_string().try_into().unwrap();
    let (id, content) = ((collection, 1), Hash::from_bytes([content; 32]));
    (unique::ID, unique::Call::Mint { id, to: address(to), content, metadata }.encode())
}

fn send_item(collection: Hash, to: u8) -> (ModuleId, Vec<u8>) {
    let (id, to, memo) = ((collection, 1), address(to), Memo::default());
    (unique::ID, unique::Call::Transfer { id, to, memo }.encode())
}

fn burn_item(collection: Hash) -> (ModuleId, Vec<u8>) {
    (unique::ID, unique::Call::Burn { id: (collection, 1) }.encode())
}

fn owned(world: &World, n: u8) -> Vec<unique::ItemId> {
    let question = unique::Query::Owned { of: address(n), after: None };
    world.answer::<Page<unique::ItemId>>(unique::ID, &question).into_vec()
}

fn item(world: &World, collection: Hash) -> Option<unique::Item> {
    world.answer(unique::ID, &unique::Query::Item((collection, 1)))
}

fn promise(asset: Asset) -> Promise {
    let (amount, to, expires) = (Amount(500), address(2), Deadline::Height(500));
    Promise { asset, amount, to, hash: SECRET.hash(), expires }
}

fn lock(promise: &Promise) -> [(ModuleId, Vec<u8>); 2] {
    let brought = (assets::ID, deposit(promise).encode());
    [brought, (locks::ID, locks::Call::Lock(promise.clone()).encode())]
}

fn claim(id: Hash) -> (ModuleId, Vec<u8>) {
    (locks::ID, locks::Call::Claim { id, preimage: SECRET }.encode())
}

/// The ids of the locks that a transaction made.
fn locked(receipt: &Receipt) -> Vec<Hash> {
    let own = receipt.events.iter().filter(|event| event.module == locks::ID);
    let said = own.map(|event| locks::LocksEvent::decode_exact(&event.payload).unwrap());
    said.filter_map(|event| match event {
        locks::LocksEvent::Lock { id, .. } => Some(id),
        _ => None,
    })
    .collect()
}

#[test]
fn attack_22_each_asset_has_its_own_maximum() {
    let mut world = World::full(&[(1, u128::MAX - RICH), (2, RICH)]);
    let most = u128::MAX;
    let (one, two) = (issue(&mut world, most, 2), issue(&mut world, most - 1, 2));
    assert_eq!((world.units(2, one), world.units(2, two)), (most, most - 1));
    assert_eq!(world.assets(1, mint(one, 2, 1)), 256 + refusal::OVERFLOW);
    assert_eq!(world.assets(1, mint(one, 3, most)), 256 + refusal::OVERFLOW);
    assert_eq!(world.assets(1, mint(two, 3, 2)), 256 + refusal::OVERFLOW);
    assert_eq!(world.assets(1, mint(two, 2, 1)), 0);
    assert_eq!(world.units(2, two), most);

    let all = world.act(2, &[(assets::ID, send(one, 3, most).encode())]);
    assert_eq!(all.code, 0);
    let half = most / 2 + 1;
    let twice = [send(one, 1, half), send(one, 2, half)].map(|call| (assets::ID, call.encode()));
    assert_eq!(world.act(2, &twice).code, 256 + refusal::NOT_ENOUGH);
    assert_eq!((supply(&world, one), world.counted_units(one)), (most, most));
    assert_eq!((supply(&world, two), world.counted_units(two)), (most, most));
}

#[test]
fn attack_22_locks_overflow_near_the_maximum() {
    let mut world = world();
    let gold = issue(&mut world, u128::MAX, 1);
    let most = Promise { amount: Amount(u128::MAX), ..promise(Asset::Issued(gold)) };
    let receipt = world.act(1, &lock(&most));
    assert_eq!(receipt.code, 0);
    let [_, again] = lock(&promise(Asset::Issued(gold)));
    assert_eq!(world.act(1, &[again]).code, 256 + locks::refusal::UNFUNDED);
    assert_eq!(world.act(3, &[claim(locked(&receipt)[0])]).code, 0);
    assert_eq!((world.units(2, gold), world.counted_units(gold)), (u128::MAX, u128::MAX));
}

#[test]
fn attack_25_a_self_transfer_mints() {
    let mut world = world();
    let gold = issue(&mut world, 77, 2);
    let key = [&[0, 1, 4][..], &address(2).encode(), &gold.encode()].concat();
    let before = world.view().get(&key).unwrap();
    for amount in [1, 76, 77] {
        assert_eq!(world.assets(2, send(gold, 2, amount)), 0);
        assert_eq!(world.view().get(&key).unwrap(), before);
    }
    assert_eq!(world.assets(2, send(gold, 2, 78)), 256 + refusal::NOT_ENOUGH);
    assert_eq!(world.counted_units(gold), 77);

    let deeds = create(&mut world);
    assert_eq!(world.act(1, &[mint_item(deeds, 2, 5, "a")]).code, 0);
    let before = item(&world, deeds);
    assert_eq!(world.act(2, &[send_item(deeds, 2), send_item(deeds, 2)]).code, 0);
    assert_eq!((item(&world, deeds), owned(&world, 2)), (before, vec![(deeds, 1)]));

    // A lock for oneself, and one of the module's own account.
    let own = Promise { to: address(1), ..promise(Asset::Coin) };
    let receipt = world.act(1, &lock(&own));
    let before = world.balance(1);
    assert_eq!(world.act(3, &[claim(locked(&receipt)[0])]).code, 0);
    assert_eq!(world.balance(1), before + 500);
    assert_eq!(world.counted(), 3 * RICH);
}

#[test]
fn attack_25_long_chains_of_transfers_mint() {
    let mut world = world();
    let gold = issue(&mut world, 60, 1);
    for n in 2..=3 {
        assert_eq!(world.assets(1, mint(gold, n, 60)), 0);
    }
    let deeds = create(&mut world);
    assert_eq!(world.act(1, &[mint_item(deeds, 1, 5, "a")]).code, 0);
    let circle = Tx::by(1, 5).and(2, 1, 0).and(3, 1, 0).limit(2_000_000);
    let circle = (0..ACTIONS_MAX).fold(circle, |tx, n| {
        let by = (n / 2 % 3) as u8;
        let to = (by + 1) % 3 + 1;
        match n % 2 {
            0 => tx.act(by, assets::ID, send(gold, to, 60).encode()),
            _ => tx.act(by, unique::ID, send_item(deeds, to).1),
        }
    });
    let done = world.block(&[circle.forge()]).unwrap();
    assert_eq!((done.receipts[0].code, done.receipts[0].events.len()), (0, ACTIONS_MAX));
    // 32 steps each: one gave once more than it got.
    let held = [1, 2, 3].map(|n| world.units(n, gold));
    assert_eq!((held.iter().sum::<u128>(), world.counted_units(gold)), (180, 180));
    assert_eq!(held, [0, 60, 120]);
    let owners = [1, 2, 3].map(|n| owned(&world, n).len());
    assert_eq!((owners, item(&world, deeds).unwrap().owner), ([0, 0, 1], address(3)));
}

#[test]
fn attack_27_a_deleted_balance_comes_back() {
    let mut world = world();
    let gold = issue(&mut world, 70, 2);
    let key = [&[0, 1, 4][..], &address(2).encode(), &gold.encode()].concat();
    let calls = |calls: &[Call]| -> Vec<_> {
        calls.iter().map(|call| (assets::ID, call.encode())).collect()
    };
    // In one transaction: emptied, and there again with what arrives alone.
    let empty_and_back = [send(gold, 3, 70), burn(gold, 1)];
    assert_eq!(world.act(2, &calls(&empty_and_back)).code, 256 + refusal::NOT_ENOUGH);
    assert_eq!(world.units(2, gold), 70);
    // In one block, by several transactions.
    let out = Tx::by(2, 1).limit(100_000).act(0, assets::ID, send(gold, 3, 70).encode()).forge();
    let back = Tx::by(3, 0).limit(100_000).act(0, assets::ID, send(gold, 2, 4).encode()).forge();
    let before = world.clone();
    world.block(&[out.clone(), back]).unwrap();
    assert_eq!((world.units(2, gold), world.units(3, gold)), (4, 66));
    // Across blocks.
    assert_eq!(world.assets(2, burn(gold, 4)), 0);
    assert_eq!(world.view().get(&key), Ok(None));
    assert_eq!(world.assets(1, mint(gold, 2, 9)), 0);
    assert_eq!((world.units(2, gold), supply(&world, gold)), (9, 75));
    assert_eq!(world.counted_units(gold), 75);
    // On another branch it never left.
    let mut branch = before;
    branch.block(&[]).unwrap();
    assert_eq!((branch.units(2, gold), branch.counted_units(gold)), (70, 70));
    branch.block(&[out]).unwrap();
    assert_eq!((branch.units(2, gold), branch.units(3, gold)), (0, 70));
}

#[test]
fn attack_27_an_asset_burned_to_nothing_comes_back_as_another() {
    let mut world = world();
    let gold = issue(&mut world, 70, 1);
    assert_eq!(
        world.assets(
            1,
            Call::Renounce { asset: gold, rights: Rights { mint: true, ..Rights::default() } }
        ),
        0
    );
    assert_eq!(world.assets(1, burn(gold, 70)), 0);
    assert_eq!(supply(&world, gold), 0);
    // It stays, with the rights it has; a new one of the same words has another id.
    assert_eq!(world.assets(1, mint(gold, 1, 1)), 256 + refusal::NO_RIGHT);
    let again = issue(&mut world, 5, 1);
    assert_ne!(again, gold);
    assert_eq!((world.units(1, gold), world.units(1, again)), (0, 5));
}

#[test]
fn attack_27_a_deleted_item_keeps_its_owner() {
    let mut world = world();
    let deeds = create(&mut world);
    assert_eq!(world.act(1, &[mint_item(deeds, 1, 5, "first")]).code, 0);
    // In one transaction.
    let both = [burn_item(deeds), mint_item(deeds, 2, 6, "")];
    assert_eq!(world.act(1, &both).code, 0);
    let fresh = |world: &World, n, content| {
        let metadata = Text::default();
        let content = Hash::from_bytes([content; 32]);
        assert_eq!(item(world, deeds), Some(unique::Item { owner: address(n), content, metadata }));
        let lists = [1, 2, 3].map(|person| owned(world, person));
        let want = [1, 2, 3].map(|person| if person == n { vec![(deeds, 1)] } else { vec![] });
        assert_eq!(lists, want);
    };
    fresh(&world, 2, 6);
    assert_eq!(world.act(1, &[send_item(deeds, 1)]).code, 256 + unique::refusal::NOT_OWNER);
    // In one block.
    let burned = Tx::by(2, 0).act(0, unique::ID, burn_item(deeds).1).forge();
    let (module, payload) = mint_item(deeds, 3, 7, "");
    let minted = Tx::by(1, 4).act(0, module, payload).forge();
    let done = world.block(&[burned, minted]).unwrap();
    assert!(done.receipts.iter().all(|receipt| receipt.code == 0), "{:?}", done.receipts);
    fresh(&world, 3, 7);
    // Across blocks, and on a branch where it stays.
    let branch = world.clone();
    assert_eq!(world.act(3, &[burn_item(deeds)]).code, 0);
    assert_eq!((item(&world, deeds), owned(&world, 3)), (None, vec![]));
    assert_eq!(world.act(1, &[mint_item(deeds, 3, 8, "")]).code, 0);
    fresh(&world, 3, 8);
    fresh(&branch, 3, 7);
}

#[test]
fn attack_27_a_lock_that_ended_pays_again() {
    let mut world = world();
    let good = promise(Asset::Coin);
    let first = locked(&world.act(1, &lock(&good)))[0];
    // Claimed twice in one transaction, with another lock's funds at hand.
    let second = locked(&world.act(1, &lock(&good)))[0];
    let code = world.act(3, &[claim(first), claim(first)]).code;
    assert_eq!(code, 256 + locks::refusal::ABSENT);
    // Twice in a block, once claimed and once refunded at the deadline.
    let claims = |seq| Tx::by(3, seq).limit(100_000).act(0, locks::ID, claim(first).1).forge();
    let before = world.balance(2);
    let done = world.block(&[claims(1), claims(2)]).unwrap();
    let codes: Vec<_> = done.receipts.iter().map(|receipt| receipt.code).collect();
    assert_eq!(codes, [0, 256 + locks::refusal::ABSENT]);
    assert_eq!(world.balance(2), before + 500);
    // Made anew, it is another lock: what ended stays ended.
    let third = locked(&world.act(1, &lock(&good)))[0];
    assert_ne!(third, first);
    assert_eq!(world.act(3, &[claim(first)]).code, 256 + locks::refusal::ABSENT);
    world.env.height = 500;
    let refund = |id| (locks::ID, locks::Call::Refund { id }.encode());
    assert_eq!(world.act(3, &[refund(second), refund(third)]).code, 0);
    assert_eq!(world.act(3, &[refund(third)]).code, 256 + locks::refusal::ABSENT);
    let own = Policy::Module(locks::ID).address();
    assert_eq!(world.balance_of(own), 0);
    assert_eq!(world.counted(), 3 * RICH);
}

#[test]
fn attack_27_a_claim_undone_by_a_branch_can_still_be_refunded() {
    let mut world = world();
    let id = locked(&world.act(1, &lock(&promise(Asset::Coin))))[0];
    let mut branch = world.clone();
    assert_eq!(world.act(3, &[claim(id)]).code, 0);
    branch.env.height = 500;
    let before = branch.balance(1);
    let refund = (locks::ID, locks::Call::Refund { id }.encode());
    assert_eq!(branch.act(3, &[refund]).code, 0);
    assert_eq!(branch.balance(1), before + 500);
    assert_eq!((world.counted(), branch.counted()), (3 * RICH, 3 * RICH));
}

/// Assets and collections are no accounts; what lives at an address is a key, a policy, or a module.
#[test]
fn attack_32_an_address_is_funded_before_something_lives_there() {
    let mut world = world();
    let own = Policy::Module(locks::ID).address();
    let gift = |amount| Call::pay(own, Amount(amount)).encode();
    // The locks' account, before the first lock: no lock fails for it, none is worth more.
    assert_eq!(world.act(3, &[(assets::ID, gift(10_000))]).code, 0);
    let id = locked(&world.act(1, &lock(&promise(Asset::Coin))))[0];
    assert_eq!(world.balance_of(own), 10_500);
    let before = world.balance(2);
    assert_eq!(world.act(3, &[claim(id)]).code, 0);
    assert_eq!((world.balance(2), world.balance_of(own)), (before + 500, 10_000));

    // Units of an asset that is not there yet: its id can be foreseen, but nobody holds any.
    let foreseen = {
        let mut ahead = world.clone();
        issue(&mut ahead, 70, 1)
    };
    assert_eq!(world.assets(3, send(foreseen, 3, 1)), 256 + refusal::UNKNOWN);
    assert_eq!(
        world.assets(3, Call::Freeze { asset: foreseen, account: address(1) }),
        256 + refusal::UNKNOWN
    );
    // Nor can another take its place: the issuer is part of the id.
    let taken = world.act(3, &[(assets::ID, new(9, 3).encode())]);
    assert_eq!(taken.code, 0);
    assert_eq!(issue(&mut world, 70, 1), foreseen);
    assert_eq!((world.units(1, foreseen), supply(&world, foreseen)), (70, 70));

    // An account of two keys that nobody has revealed yet holds assets and items until they sign.
    let policy = common::several(2, &[4, 5]);
    let to = policy.address();
    let deeds = create(&mut world);
    let (asset, memo) = (Asset::Issued(foreseen), Memo::default());
    let units = Call::Transfer { asset, to, amount: Amount(70), memo: memo.clone() };
    let (id, content, metadata) = ((deeds, 1), Hash::ZERO, Text::default());
    let deed = unique::Call::Mint { id, to, content, metadata };
    let coins = Call::pay(to, Amount(1_000_000));
    let funding =
        [(assets::ID, units.encode()), (unique::ID, deed.encode()), (assets::ID, coins.encode())];
    assert_eq!(world.act(1, &funding).code, 0);
    let nonce = Nonce { lane: 0, seq: 0 };
    let spend = Tx::by(1, 0).nobody().hand(to, nonce, policy, &[4, 5]).limit(100_000);
    let spend = spend.act(0, assets::ID, send(foreseen, 3, 70).encode());
    let spend = spend.act(0, unique::ID, send_item(deeds, 3).1);
    assert_eq!(world.block(&[spend.sign()]).unwrap().receipts[0].code, 0);
    assert_eq!((world.units(3, foreseen), owned(&world, 3)), (70, vec![(deeds, 1)]));
}
