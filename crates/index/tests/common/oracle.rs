//! What an index must answer: found by a search of the whole branch, and in the state.
use super::draw::Draw;
use super::{World, address};
use isonomy_crypto::Hash;
use isonomy_index::{EventEntry, HistoryEntry, Index, Place, Roles};
use isonomy_ledger::assets::{self, Asset, AssetsEvent};
use isonomy_ledger::unique::{self, UniqueEvent};
use isonomy_ledger::{Event, Order, Span, locks};
use isonomy_types::*;
use std::collections::{BTreeMap, BTreeSet};

/// Every address and every key that anything was ever said of, and some that nothing was.
fn asked(world: &World) -> (BTreeSet<Address>, BTreeSet<Vec<u8>>) {
    let mut keys = BTreeSet::from([b"nothing".to_vec()]);
    let mut addresses: BTreeSet<_> = (0..40).map(address).collect();
    addresses.insert(Policy::Module(locks::ID).address());
    let receipts = world.known.values().flat_map(|known| &known.receipts);
    for event in receipts.flat_map(|receipt| receipt.events.iter()) {
        keys.extend(event.keys.iter().map(|key| key.to_vec()));
    }
    for key in &keys {
        addresses.extend(Hash::try_from_slice(key).map(Address));
    }
    (addresses, keys)
}

trait TryFromSlice: Sized {
    fn try_from_slice(bytes: &[u8]) -> Option<Self>;
}

impl TryFromSlice for Hash {
    fn try_from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self::from_bytes(bytes.try_into().ok()?))
    }
}

fn roles(event: &Event, of: Address) -> u8 {
    let mut roles = 0;
    let mut is = |whom: Address, role: u8| roles |= if whom == of { role } else { 0 };
    match event.module {
        assets::ID => match AssetsEvent::decode_exact(&event.payload).unwrap() {
            AssetsEvent::Transfer { from, to, .. } => {
                is(from, 4);
                is(to, 8);
            }
            AssetsEvent::Reward { to, .. } | AssetsEvent::Mint { to, .. } => is(to, 8),
            AssetsEvent::Burn { from, .. } => is(from, 4),
            AssetsEvent::Issue { issuer, .. } => is(issuer, 16),
            AssetsEvent::Freeze { account, .. } | AssetsEvent::Thaw { account, .. } => {
                is(account, 16);
            }
            AssetsEvent::HandOver { to, .. } => is(to, 16),
            AssetsEvent::Renounce { .. } => {}
        },
        unique::ID => match UniqueEvent::decode_exact(&event.payload).unwrap() {
            UniqueEvent::Transfer { from, to, .. } => {
                is(from, 4);
                is(to, 8);
            }
            UniqueEvent::Mint { to, .. } => is(to, 8),
            UniqueEvent::Burn { from, .. } => is(from, 4),
            UniqueEvent::Create { issuer, .. } => is(issuer, 16),
            UniqueEvent::HandOver { to, .. } => is(to, 16),
            UniqueEvent::Renounce { .. } => {}
        },
        // Maker and payee, not the lock's id.
        locks::ID => {
            for key in &event.keys[..2] {
                is(Address(Hash::from_bytes((**key).try_into().unwrap())), 16);
            }
        }
        _ => {
            for key in event.keys.iter() {
                if let Ok(key) = <[u8; 32]>::try_from(&**key) {
                    is(Address(Hash::from_bytes(key)), 16);
                }
            }
        }
    }
    roles
}

/// Youngest first.
fn history(world: &World, branch: &[Hash], of: Address) -> Vec<HistoryEntry> {
    let mut found = Vec::new();
    for (block, known) in branch.iter().map(|id| (*id, &world.known[id])).skip(1) {
        let header = &known.header;
        for index in 0..=known.body.len() {
            let receipt = known.receipts.get(index);
            let events = receipt.iter().flat_map(|receipt| receipt.events.iter());
            let mut all = events.fold(0, |all, event| all | roles(&event, of));
            let transaction = known.body.get(index);
            match transaction {
                Some(transaction) => {
                    let signers = &transaction.intent().signers;
                    all |= u8::from(signers[0].account == of);
                    all |= u8::from(signers.iter().any(|signer| signer.account == of)) * 2;
                }
                None => all |= u8::from(header.producer == of) * 32,
            }
            if all != 0 {
                found.push(HistoryEntry {
                    transaction: transaction.map(|transaction| transaction.id()),
                    block,
                    height: header.height,
                    index: index as u32,
                    time: header.time,
                    roles: Roles(all),
                    code: receipt.map_or(0, |receipt| receipt.code),
                });
            }
        }
    }
    found.reverse();
    found
}

/// Youngest first.
fn events(world: &World, branch: &[Hash], key: &[u8]) -> Vec<EventEntry> {
    let mut found = Vec::new();
    for (block, known) in branch.iter().map(|id| (*id, &world.known[id])) {
        for (index, receipt) in known.receipts.iter().enumerate() {
            for (at, event) in receipt.events.iter().enumerate() {
                if event.keys.iter().any(|other| **other == *key) {
                    let height = known.header.height;
                    let place = Place { height, index: index as u32, event: at as u32 };
                    let transaction = known.body.get(index).map(|transaction| transaction.id());
                    found.push(EventEntry { transaction, block, place, event });
                }
            }
        }
    }
    found.reverse();
    found
}

/// Out of the raw state after the best block.
fn holders(world: &World) -> BTreeMap<Asset, BTreeMap<Address, Amount>> {
    let chain = world.chain();
    let view = chain.view(&chain.best().id).unwrap();
    let mut held: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
    let hash = |key: &[u8], at: usize| Hash::from_bytes(key[at..at + 32].try_into().unwrap());
    for pair in view.scan(&Span::prefix(&[0, 1]), Order::Up) {
        let (key, value) = pair.unwrap();
        let asset = match (key[2], key.len()) {
            (0, 35) => Asset::Coin,
            (4, 67) => Asset::Issued(hash(&key, 35)),
            _ => continue,
        };
        let amount = Amount::decode_exact(&value).unwrap();
        held.entry(asset).or_default().insert(Address(hash(&key, 3)), amount);
    }
    held
}

/// Asks the index everything, in pages of many lengths, and compares. It must stand on best.
pub fn compare(world: &World, index: &Index, draw: &mut Draw) {
    let best = world.best();
    assert_eq!(index.tip().unwrap().id, best);
    let branch = world.branch(best);
    let (addresses, keys) = asked(world);
    for of in addresses {
        assert_eq!(all_history(index, of, best, draw), history(world, &branch, of), "{of}");
    }
    for key in keys {
        let want = events(world, &branch, &key);
        let modules = [None, Some(1), Some(2), Some(8)];
        let module = *draw.pick(&modules);
        let of = |entry: &EventEntry| module.is_none_or(|module| module == entry.event.module);
        let want: Vec<_> = want.into_iter().filter(of).collect();
        assert_eq!(all_events(index, module, &key, best, draw), want, "{key:?}");
    }
    let held = holders(world);
    let issued = world.assets.iter().map(|id| Asset::Issued(*id));
    for asset in issued.chain([Asset::Coin]) {
        let want = held.get(&asset).cloned().unwrap_or_default();
        assert_eq!(all_holders(index, asset, best, draw), want, "{asset:?}");
    }
}

pub fn all_history(index: &Index, of: Address, at: Hash, draw: &mut Draw) -> Vec<HistoryEntry> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let limit = 1 + draw.below(20) as usize;
        let page = index.history(of, before, limit).unwrap();
        assert!(page.entries.len() <= limit && page.at.id == at);
        all.extend(page.entries);
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

pub fn all_events(
    index: &Index,
    module: Option<ModuleId>,
    key: &[u8],
    at: Hash,
    draw: &mut Draw,
) -> Vec<EventEntry> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let limit = 1 + draw.below(20) as usize;
        let page = index.events(module, key, before, limit).unwrap();
        assert!(page.entries.len() <= limit && page.at.id == at);
        all.extend(page.entries);
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

fn all_holders(
    index: &Index,
    asset: Asset,
    at: Hash,
    draw: &mut Draw,
) -> BTreeMap<Address, Amount> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let limit = 1 + draw.below(20) as usize;
        let found = index.holders(asset, after, limit).unwrap();
        assert!(found.page.entries.len() <= limit && found.page.at.id == at);
        all.extend(found.page.entries);
        after = found.page.next;
        if after.is_none() {
            assert_eq!(found.count, all.len() as u64);
            assert!(all.is_sorted_by(|(a, _), (b, _)| a < b));
            return all.into_iter().collect();
        }
    }
}
