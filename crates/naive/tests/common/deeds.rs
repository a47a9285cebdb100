//! Calls to the assets, the unique assets and the locks, valid and not.
use super::draw::Draw;
use super::people::{ADDRESSES, PEOPLE, address};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset};
use isonomy_ledger::{locks, unique};
use isonomy_naive::{State, assets as naive_assets, locks as naive_locks, unique as naive_unique};
use isonomy_types::*;

/// What one deed calls: modules and payloads, in order.
pub type Calls = Vec<(ModuleId, Vec<u8>)>;

/// Some deed of `by` in this state, at this height.
pub fn deed(draw: &mut Draw, state: &State, height: u64, by: Address) -> Calls {
    match draw.below(12) {
        0..=5 => vec![(assets::ID, on_assets(draw, state, by).encode())],
        6..=8 => vec![(unique::ID, on_unique(draw, state, by).encode())],
        _ => on_locks(draw, state, height),
    }
}

/// Anyone, often enough oneself.
fn someone(draw: &mut Draw, by: Address) -> Address {
    if draw.once_in(5) { by } else { address(draw.below(PEOPLE as u64) as usize) }
}

/// One of those that are the caller's own, most of the time.
fn one_of<T: Clone>(draw: &mut Draw, all: &[T], own: impl Fn(&T) -> bool) -> Option<T> {
    let mine: Vec<T> = all.iter().filter(|one| own(one)).cloned().collect();
    let from = if mine.is_empty() || draw.once_in(6) { all } else { &mine };
    (!from.is_empty()).then(|| draw.pick(from).clone())
}

pub fn amount(draw: &mut Draw, held: u128) -> Amount {
    Amount(match draw.below(16) {
        0 => 0,
        1 => u128::MAX,
        2 => held,
        3 => held.saturating_add(1),
        4 => held / 2,
        _ => u128::from(draw.below(5_000)) + 1,
    })
}

fn rights(draw: &mut Draw) -> assets::Rights {
    let mut likely = || !draw.once_in(4);
    assets::Rights { mint: likely(), burn: likely(), freeze: likely() }
}

fn issue(draw: &mut Draw, by: Address) -> assets::Call {
    let cap = [None, None, Some(10_000), Some(u128::MAX), Some(0)];
    assets::Call::Issue(assets::Issue {
        symbol: Text::try_from(String::from(
            *draw.pick(&["GOLD", "GOLD", "A1", "A1", "A1", "", "low"]),
        ))
        .unwrap(),
        name: Text::try_from(String::from(*draw.pick(&[
            "Gold",
            "Gold",
            "Two words",
            "Two words",
            " \u{a0}",
        ])))
        .unwrap(),
        decimals: *draw.pick(&[0, 8, 8, 38, 38, 39]),
        cap: draw.pick(&cap).map(Amount),
        rights: rights(draw),
        amount: Amount(*draw.pick(&[0, 5_000, 5_000, 5_000, 5_000, 10_001, u128::MAX])),
        to: someone(draw, by),
    })
}

fn on_assets(draw: &mut Draw, state: &State, by: Address) -> assets::Call {
    let issued = naive_assets::issued(state);
    let found = one_of(draw, &issued, |(_, asset)| asset.issuer == by);
    let Some((asset, _)) = found.filter(|_| issued.len() > 4 || !draw.once_in(3)) else {
        return issue(draw, by);
    };
    let asset = if draw.once_in(40) { Hash::ZERO } else { asset };
    let (held, to) = (naive_assets::holds(state, &by, Some(asset)), someone(draw, by));
    let amount = amount(draw, held);
    match draw.below(20) {
        0 => issue(draw, by),
        1..=4 => assets::Call::Mint { asset, to, amount },
        5..=7 => assets::Call::Burn { asset, amount },
        8..=10 => assets::Call::Freeze { asset, account: address(draw.below(2) as usize) },
        11 | 12 => assets::Call::Thaw { asset, account: address(draw.below(2) as usize) },
        13 => {
            let one = draw.below(12);
            let rights = assets::Rights { mint: one == 0, burn: one == 1, freeze: one == 2 };
            assets::Call::Renounce { asset, rights }
        }
        14 => assets::Call::HandOver { asset, to },
        _ => {
            let memo = *draw.pick(&["", "for the boat"]);
            let memo = Text::try_from(String::from(memo)).unwrap();
            assets::Call::Transfer { asset: Asset::Issued(asset), to, amount, memo }
        }
    }
}

fn create(draw: &mut Draw) -> unique::Call {
    let mint = !draw.once_in(6);
    unique::Call::Create(unique::Create {
        name: Text::try_from(String::from(
            *draw.pick(&["Stones", "Stones", "Stones", "Stones", "\t"]),
        ))
        .unwrap(),
        cap: *draw.pick(&[None, None, Some(2), Some(5), Some(5), Some(0)]),
        metadata_bytes: *draw.pick(&[8, 8, 8, 1_024, 1_024, 1_025]),
        rights: unique::Rights { mint, burn: !draw.once_in(4) },
    })
}

fn on_unique(draw: &mut Draw, state: &State, by: Address) -> unique::Call {
    let (all, items) = (naive_unique::collections(state), naive_unique::items(state));
    let found = one_of(draw, &all, |(_, collection)| collection.issuer == by);
    let Some((collection, _)) = found.filter(|_| all.len() > 4 || !draw.once_in(3)) else {
        return create(draw);
    };
    let owned = one_of(draw, &items, |(_, owner)| *owner == by).map(|(id, _)| id);
    let (id, to) = (owned.unwrap_or((collection, 9)), someone(draw, by));
    let collection = if draw.once_in(40) { Hash::ZERO } else { collection };
    match draw.below(14) {
        0 => create(draw),
        1..=5 => {
            let metadata = *draw.pick(&["short", "short", "longer than it may be"]);
            let metadata = Text::try_from(String::from(metadata)).unwrap();
            let id = (collection, draw.below(8));
            unique::Call::Mint { id, to, content: collection, metadata }
        }
        6 | 7 => unique::Call::Burn { id },
        8 => {
            let one = draw.below(8);
            let rights = unique::Rights { mint: one == 0, burn: one == 1 };
            unique::Call::Renounce { collection, rights }
        }
        9 => unique::Call::HandOver { collection, to },
        _ => unique::Call::Transfer { id, to, memo: Text::default() },
    }
}

/// Secrets are few, so that the right one is easily found.
fn secret(n: u64) -> locks::Preimage {
    locks::Preimage([n as u8; 32])
}

fn on_locks(draw: &mut Draw, state: &State, height: u64) -> Calls {
    let all = naive_locks::locks(state);
    if all.is_empty() || draw.once_in(3) {
        return lock(draw, state, height);
    }
    let (id, lock) = draw.pick(&all).clone();
    let call = if draw.once_in(2) {
        let opens = (0..8).find(|n| secret(*n).hash() == lock.hash).filter(|_| !draw.once_in(6));
        locks::Call::Claim { id, preimage: secret(opens.unwrap_or(9)) }
    } else {
        locks::Call::Refund { id: if draw.once_in(20) { Hash::ZERO } else { id } }
    };
    vec![(locks::ID, call.encode())]
}

/// Most of the time with the funds.
fn lock(draw: &mut Draw, state: &State, height: u64) -> Calls {
    let issued = naive_assets::issued(state);
    let asset = match issued.is_empty() || draw.once_in(2) {
        true => Asset::Coin,
        false => Asset::Issued(draw.pick(&issued).0),
    };
    let promise = locks::Promise {
        asset,
        amount: amount(draw, 1_000),
        to: *draw.pick(&ADDRESSES),
        hash: secret(draw.below(8)).hash(),
        expires: match draw.below(4) {
            0 => locks::Deadline::Time(Wall(1_000 + draw.below(2_000))),
            _ => locks::Deadline::Height(height + draw.below(8)),
        },
    };
    let deposit = (assets::ID, locks::deposit(&promise).encode());
    let locked = (locks::ID, locks::Call::Lock(promise).encode());
    if draw.once_in(8) { vec![locked] } else { vec![deposit, locked] }
}
