//! Issued assets, unique items and conditional payments, as a node tells of them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Hosts, full, miner, serve};
use isonomy_client::api::{Deadline, ItemId, Rights, code};
use isonomy_client::{Client, ClientError};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Call, Issue};
use isonomy_ledger::locks::{self, LocksEvent, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, Create, UniqueEvent};
use isonomy_rpc::{PAGE_MAX, Source};
use isonomy_sim::coin::Coin;
use isonomy_types::{Address, Amount, Decode, Encode, ModuleId};

const NOBODY: Address = Address(Hash::from_bytes([9; 32]));

struct World {
    hosts: Hosts,
    node: Client,
    coin: Coin,
}

impl World {
    async fn new() -> Self {
        let coin = full(3);
        let hosts = Hosts::on(|| full(3), vec![miner(&coin, 0)]);
        let modules = coin.spec.modules.clone();
        let (_, node) = serve(Source { modules, ..hosts.source(0) }).await;
        Self { hosts, node, coin }
    }

    /// Hands over without waiting for a block.
    async fn send(&mut self, wallet: usize, module: ModuleId, call: &impl Encode) -> Hash {
        let signed = self.coin.wallets[wallet].call(module, call.encode());
        self.node.submit(&signed).await.unwrap().id
    }

    /// What the module said of it once it was done.
    async fn done<T: Decode>(&mut self, wallet: usize, module: ModuleId, call: &impl Encode) -> T {
        let id = self.send(wallet, module, call).await;
        self.hosts.mine(0, 3);
        let receipt = self.node.transaction(id).await.unwrap().receipt.unwrap();
        assert_eq!(receipt.code, 0);
        let said = receipt.events.iter().find(|event| event.module == module).unwrap();
        T::decode_exact(&said.payload).unwrap()
    }

    fn address(&self, wallet: usize) -> Address {
        self.coin.wallets[wallet].address()
    }
}

fn issue(symbol: &str, amount: u128, to: Address) -> Call {
    let rights = assets::Rights { mint: true, burn: false, freeze: true };
    Call::Issue(Issue {
        symbol: symbol.to_owned().try_into().unwrap(),
        name: "A boat".to_owned().try_into().unwrap(),
        decimals: 2,
        cap: Some(Amount(1_000)),
        rights,
        amount: Amount(amount),
        to,
    })
}

fn not_found(error: &ClientError, words: &str) {
    let ClientError::Refused { code: code::NOT_FOUND, message } = error else {
        panic!("{error:?}")
    };
    assert!(message.contains(words), "{message}");
}

#[tokio::test]
async fn an_assets_terms_supply_and_holders_are_told() {
    let mut world = World::new().await;
    let (alice, unknown) = (world.address(1), Hash::ZERO);
    let said = world.done(1, assets::ID, &issue("DEED", 100, NOBODY)).await;
    let AssetsEvent::Issue { asset: id, .. } = said else { panic!("{said:?}") };
    let asset = world.node.asset(id).await.unwrap();
    assert_eq!((asset.id, asset.issuer, asset.decimals), (id, alice, 2));
    assert_eq!((&*asset.symbol, &*asset.name), ("DEED", "A boat"));
    assert_eq!((asset.cap, asset.supply), (Some(Amount(1_000)), Amount(100)));
    assert_eq!(asset.rights, Rights { mint: true, burn: false, freeze: true });
    let before = asset.at.height;

    let minted = Call::Mint { asset: id, to: alice, amount: Amount(7) };
    world.send(1, assets::ID, &minted).await;
    world.send(1, assets::ID, &Call::Freeze { asset: id, account: NOBODY }).await;
    let rights = assets::Rights { mint: true, ..assets::Rights::default() };
    let _: AssetsEvent = world.done(1, assets::ID, &Call::Renounce { asset: id, rights }).await;
    let now = world.node.asset(id).await.unwrap();
    assert_eq!((now.supply, now.rights.mint), (Amount(107), false));
    let held = world.node.balance(NOBODY, Some(id)).await.unwrap();
    assert_eq!((held.balance, held.frozen), (Amount(100), true));
    let held = world.node.balance(alice, Some(id)).await.unwrap();
    assert_eq!((held.balance, held.frozen), (Amount(7), false));
    let held = world.node.balance(alice, Some(unknown)).await.unwrap();
    assert_eq!((held.balance, held.frozen), (Amount::ZERO, false));

    // At the height of the first answer nothing of that has happened.
    let then = world.node.at_height(before);
    assert_eq!(then.asset(id).await.unwrap(), asset);
    assert!(!then.balance(NOBODY, Some(id)).await.unwrap().frozen);
    assert_eq!(then.holdings(alice, None).await.unwrap().holdings, []);
    let holdings = world.node.holdings(alice, None).await.unwrap();
    assert_eq!((holdings.holdings[0].asset, holdings.holdings[0].amount), (id, Amount(7)));
    assert_eq!(holdings.next, None);
    not_found(&world.node.asset(unknown).await.unwrap_err(), "no asset 0000");
    let gone = world.node.at_height(before - 1).asset(id).await;
    assert!(gone.is_err() || gone.unwrap().at.height == before - 1);
}

#[tokio::test]
async fn many_holdings_come_in_pages_of_one_state() {
    let mut world = World::new().await;
    for number in 0..35 {
        for wallet in [1, 2] {
            world.send(wallet, assets::ID, &issue("DEED", number + 1, NOBODY)).await;
        }
    }
    world.hosts.mine(0, 4);
    let first = world.node.holdings(NOBODY, None).await.unwrap();
    assert_eq!(first.holdings.len(), PAGE_MAX);
    assert_eq!(first.next, Some(first.holdings[PAGE_MAX - 1].asset));
    // What comes between two pages is in none of them.
    world.send(1, assets::ID, &issue("LATE", 1, NOBODY)).await;
    world.hosts.mine(0, 3);
    let then = world.node.at_height(first.at.height);
    let second = then.holdings(NOBODY, first.next).await.unwrap();
    assert_eq!((second.at, second.next), (first.at, None));
    let all = [first.holdings, second.holdings].concat();
    assert!(all.is_sorted_by_key(|holding| holding.asset));
    assert_eq!(all.len(), 70);
    assert_eq!(all.iter().map(|holding| holding.amount.0).sum::<u128>(), 2 * 35 * 36 / 2);
}

#[tokio::test]
async fn collections_items_and_their_owners_are_told() {
    let mut world = World::new().await;
    let name = "Deeds".to_owned().try_into().unwrap();
    let rights = unique::Rights { mint: true, burn: true };
    let create = Create { name, cap: Some(200), metadata_bytes: 32, rights };
    let said = world.done(1, unique::ID, &unique::Call::Create(create)).await;
    let UniqueEvent::Create { collection, .. } = said else { panic!("{said:?}") };
    let content = Hash::from_bytes([5; 32]);
    for number in 0..=PAGE_MAX as u64 {
        let metadata = format!("boat {number}").try_into().unwrap();
        let id = (collection, number);
        if number == 40 {
            // No account may have more than 64 transactions waiting.
            world.hosts.mine(0, 2);
        }
        world.send(1, unique::ID, &unique::Call::Mint { id, to: NOBODY, content, metadata }).await;
    }
    world.hosts.mine(0, 4);
    let told = world.node.collection(collection).await.unwrap();
    assert_eq!((told.id, told.issuer, &*told.name), (collection, world.address(1), "Deeds"));
    assert_eq!((told.cap, told.metadata_bytes, told.items), (Some(200), 32, PAGE_MAX as u64 + 1));
    assert_eq!(told.rights, Rights { mint: true, burn: true, freeze: false });
    let id = ItemId { collection, number: 3 };
    let item = world.node.item(id).await.unwrap();
    assert_eq!((item.id, item.owner, item.content), (id, NOBODY, content));
    assert_eq!(item.metadata, "boat 3");

    let first = world.node.items(NOBODY, None).await.unwrap();
    assert_eq!(first.items.len(), PAGE_MAX);
    let then = world.node.at_height(first.at.height);
    let second = then.items(NOBODY, first.next).await.unwrap();
    assert_eq!((second.at, second.next), (first.at, None));
    let numbers = first.items.iter().chain(&second.items).map(|item| item.number);
    assert!(numbers.eq(0..=PAGE_MAX as u64));

    let absent = ItemId { collection, number: 500 };
    not_found(&world.node.item(absent).await.unwrap_err(), "no item 500 of the collection");
    not_found(&world.node.collection(Hash::ZERO).await.unwrap_err(), "no collection 0000");
}

#[tokio::test]
async fn locks_are_told_until_they_end() {
    let mut world = World::new().await;
    let (maker, secret) = (world.address(1), Preimage([7; 32]));
    let promise = Promise {
        asset: Asset::Coin,
        amount: Amount(500),
        to: NOBODY,
        hash: secret.hash(),
        expires: locks::Deadline::Height(900),
    };
    assert_eq!(world.node.locks(maker, None).await.unwrap().locks, []);
    let mut ids = Vec::new();
    for _ in 0..2 {
        world.send(1, assets::ID, &deposit(&promise)).await;
        let said = world.done(1, locks::ID, &locks::Call::Lock(promise.clone())).await;
        let LocksEvent::Lock { id, .. } = said else { panic!("{said:?}") };
        ids.push(id);
    }
    let lock = world.node.lock(ids[0]).await.unwrap().lock;
    assert_eq!((lock.id, lock.maker, lock.to, lock.hash), (ids[0], maker, NOBODY, secret.hash()));
    assert_eq!((lock.asset, lock.amount), (None, Amount(500)));
    assert_eq!(lock.expires, Deadline::Height(900));
    let made = world.node.locks(maker, None).await.unwrap();
    assert_eq!(made.locks.iter().map(|lock| lock.id).collect::<Vec<_>>(), [ids[1], ids[0]]);
    assert_eq!((made.next, made.locks[1]), (None, lock));

    let claim = locks::Call::Claim { id: ids[0], preimage: secret };
    let _: LocksEvent = world.done(2, locks::ID, &claim).await;
    not_found(&world.node.lock(ids[0]).await.unwrap_err(), "no lock");
    let left = world.node.locks(maker, None).await.unwrap();
    assert_eq!(left.locks, [made.locks[0]]);
    let then = world.node.at_height(made.at.height);
    assert_eq!(then.lock(ids[0]).await.unwrap().lock, lock);
    assert_eq!(then.locks(maker, Some(1)).await.unwrap().locks, [lock]);
}

#[tokio::test]
async fn a_chain_without_a_module_says_so() {
    let coin = Coin::new(2).unwrap();
    let hosts = Hosts::start(2, vec![miner(&coin, 0)]);
    let (_, node) = serve(hosts.source(0)).await;
    let item = ItemId { collection: Hash::ZERO, number: 0 };
    for (error, words) in [
        (node.collection(Hash::ZERO).await.map(drop), "this chain has no module 2"),
        (node.item(item).await.map(drop), "this chain has no module 2"),
        (node.items(NOBODY, None).await.map(drop), "this chain has no module 2"),
        (node.lock(Hash::ZERO).await.map(drop), "this chain has no module 3"),
        (node.locks(NOBODY, None).await.map(drop), "this chain has no module 3"),
    ] {
        not_found(&error.unwrap_err(), words);
    }
}
