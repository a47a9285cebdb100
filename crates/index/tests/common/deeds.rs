//! Transactions of every kind.
use super::draw::Draw;
use super::{PEOPLE, Shared, TALKER, Words, World, action, address, sign};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, AssetsEvent, Issue};
use isonomy_ledger::locks::{self, Deadline, LocksEvent, Preimage, Promise, deposit};
use isonomy_ledger::unique::{self, UniqueEvent};
use isonomy_ledger::{Memo, Receipt, account};
use isonomy_types::*;
use std::collections::BTreeMap;

/// Candidates for a block on `parent`. Some fail, some may not stand in a block at all.
pub fn some(world: &World, draw: &mut Draw, parent: Hash) -> Vec<Shared> {
    let chain = world.chain();
    let (view, base) = (chain.view(&parent).unwrap(), chain.params_after(&parent).unwrap());
    let (height, base) = (chain.trail(&parent).unwrap().height, base.base_price());
    drop(chain);
    let mut next = BTreeMap::new();
    let mut seq = |n: u8| {
        let stored = || {
            let lanes = account(&*view, &address(n)).unwrap().lanes;
            lanes.first().map_or(0, |(_, next)| *next)
        };
        let next = next.entry(n).or_insert_with(stored);
        *next += 1;
        *next - 1
    };
    let mut all = Vec::new();
    for _ in 0..draw.below(14) {
        let payer = draw.below(PEOPLE.into()) as u8;
        let mut hands = vec![(payer, seq(payer))];
        let other = draw.below(PEOPLE.into()) as u8;
        if draw.once_in(4) && other != payer {
            hands.push((other, seq(other)));
        }
        let mut actions = Vec::new();
        for _ in 0..1 + draw.below(3) {
            let by = draw.below(hands.len() as u64) as u8;
            actions.extend(deed(world, draw, hands[usize::from(by)].0, by, height));
        }
        let price = base + draw.below(3);
        all.push(sign(&hands, actions, price, 25_000 + draw.below(3) * 15_000));
    }
    all
}

fn someone(draw: &mut Draw) -> Address {
    address(draw.below(30) as u8)
}

fn deed(world: &World, draw: &mut Draw, me: u8, by: u8, height: u64) -> Vec<Action> {
    let module = [assets::ID, assets::ID, assets::ID, assets::ID, unique::ID, locks::ID, TALKER];
    let module = *draw.pick(&module);
    let payloads = match module {
        assets::ID => vec![(module, asset(world, draw, me).encode())],
        unique::ID => vec![(module, item(world, draw).encode())],
        TALKER => vec![(module, words(draw).encode())],
        _ => lock(world, draw, height),
    };
    payloads.into_iter().map(|(module, payload)| action(by, module, payload)).collect()
}

fn amount(draw: &mut Draw) -> Amount {
    Amount(*draw.pick(&[1, 2, 500, 1_000_000, 1_000_000_000_000, u128::MAX - 1, u128::MAX]))
}

fn asset(world: &World, draw: &mut Draw, me: u8) -> assets::Call {
    use assets::Call;
    let id = *draw.pick(&world.assets);
    let rights = assets::Rights { mint: draw.once_in(2), burn: true, freeze: draw.once_in(3) };
    match draw.below(12) {
        0 => Call::Issue(Issue {
            symbol: "M".to_string().try_into().unwrap(),
            name: "Metal".to_string().try_into().unwrap(),
            decimals: 0,
            cap: None,
            rights,
            amount: amount(draw),
            to: address(me),
        }),
        1 => Call::Mint { asset: id, to: someone(draw), amount: amount(draw) },
        2 => Call::Burn { asset: id, amount: amount(draw) },
        3 => Call::Freeze { asset: id, account: someone(draw) },
        4 => Call::HandOver { asset: id, to: someone(draw) },
        5 | 6 => Call::pay(someone(draw), Amount(u128::from(draw.below(1_000)) + 1)),
        7 => Call::pay(address(me), Amount(7)),
        8 => Call::pay(someone(draw), amount(draw)),
        _ => {
            let (asset, memo) = (Asset::Issued(id), Memo::default());
            Call::Transfer { asset, to: someone(draw), amount: amount(draw), memo }
        }
    }
}

fn item(world: &World, draw: &mut Draw) -> unique::Call {
    use unique::Call;
    let collection = *draw.pick(&world.collections);
    let id = (collection, draw.below(3));
    match draw.below(4) {
        0 => Call::Create(unique::Create {
            name: "Boats".to_string().try_into().unwrap(),
            cap: None,
            metadata_bytes: 10,
            rights: unique::Rights { mint: true, burn: true },
        }),
        1 => Call::Mint { id, to: someone(draw), content: Hash::ZERO, metadata: Text::default() },
        2 => Call::Transfer { id, to: someone(draw), memo: Memo::default() },
        _ => Call::Burn { id },
    }
}

/// Keys of all lengths, some of them an address, some of them twice.
fn words(draw: &mut Draw) -> Words {
    let key = |draw: &mut Draw| match draw.below(4) {
        0 => someone(draw).0.as_bytes().to_vec(),
        1 => Vec::new(),
        2 => b"word".to_vec(),
        _ => vec![draw.below(2) as u8; draw.below(65) as usize],
    };
    let one = |draw: &mut Draw| {
        let keys = (0..draw.below(4)).map(|_| key(draw)).collect();
        (keys, vec![1; draw.below(40) as usize])
    };
    (0..1 + draw.below(3)).map(|_| one(draw)).collect()
}

fn lock(world: &World, draw: &mut Draw, height: u64) -> Vec<(ModuleId, Vec<u8>)> {
    let (id, preimage) = (*draw.pick(&world.locks), Preimage([1; 32]));
    match draw.below(3) {
        0 => vec![(locks::ID, locks::Call::Claim { id, preimage }.encode())],
        1 => vec![(locks::ID, locks::Call::Refund { id }.encode())],
        _ => {
            let expires = Deadline::Height(height + 1 + draw.below(6));
            let (amount, hash) = (Amount(9), preimage.hash());
            let promise = Promise { asset: Asset::Coin, amount, to: someone(draw), hash, expires };
            let (paid, lock) = (deposit(&promise), locks::Call::Lock(promise));
            vec![(assets::ID, paid.encode()), (locks::ID, lock.encode())]
        }
    }
}

impl World {
    /// Of what there is now.
    pub fn learn(&mut self, receipts: &[Receipt]) {
        for event in receipts.iter().flat_map(|receipt| receipt.events.iter()) {
            match event.module {
                assets::ID => {
                    if let Ok(AssetsEvent::Issue { asset, .. }) = <_>::decode_exact(&event.payload)
                    {
                        self.assets.push(asset);
                    }
                }
                unique::ID => {
                    if let Ok(UniqueEvent::Create { collection, .. }) =
                        <_>::decode_exact(&event.payload)
                    {
                        self.collections.push(collection);
                    }
                }
                locks::ID => {
                    if let Ok(LocksEvent::Lock { id, .. }) = <_>::decode_exact(&event.payload) {
                        self.locks.push(id);
                    }
                }
                _ => {}
            }
        }
    }
}
