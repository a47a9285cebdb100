//! What the toolkit's modules say in their events. Another module's event concerns whoever its keys
//! may name.
use crate::rows::{Roles, Sums};
use isonomy_crypto::Hash;
use isonomy_ledger::assets::{self, Asset, AssetsEvent};
use isonomy_ledger::unique::{self, UniqueEvent};
use isonomy_ledger::{Event, locks};
use isonomy_types::{Address, Decode};

/// Accounts at the head of every lock's event: its maker and its payee.
const LOCK_ACCOUNTS: usize = 2;

/// Whom an event concerns, and how.
pub(crate) fn parties(event: &Event) -> Vec<(Address, Roles)> {
    let known = match event.module {
        assets::ID => AssetsEvent::decode_exact(&event.payload).ok().map(of_assets),
        unique::ID => UniqueEvent::decode_exact(&event.payload).ok().map(of_unique),
        locks::ID => Some(named(event, LOCK_ACCOUNTS)),
        _ => None,
    };
    known.unwrap_or_else(|| named(event, usize::MAX))
}

/// Those of the first so many keys that can be addresses.
fn named(event: &Event, most: usize) -> Vec<(Address, Roles)> {
    let address = |key: &[u8]| Some(Address(Hash::from_bytes(key.try_into().ok()?)));
    let keys = event.keys.iter().take(most);
    keys.filter_map(|key| Some((address(key)?, Roles::EVENT))).collect()
}

fn of_assets(event: AssetsEvent) -> Vec<(Address, Roles)> {
    match event {
        AssetsEvent::Transfer { from, to, .. } => vec![(from, Roles::FROM), (to, Roles::TO)],
        AssetsEvent::Reward { to, .. } | AssetsEvent::Mint { to, .. } => vec![(to, Roles::TO)],
        AssetsEvent::Burn { from, .. } => vec![(from, Roles::FROM)],
        AssetsEvent::Issue { issuer: whom, .. }
        | AssetsEvent::Freeze { account: whom, .. }
        | AssetsEvent::Thaw { account: whom, .. }
        | AssetsEvent::HandOver { to: whom, .. } => vec![(whom, Roles::EVENT)],
        AssetsEvent::Renounce { .. } => Vec::new(),
    }
}

fn of_unique(event: UniqueEvent) -> Vec<(Address, Roles)> {
    match event {
        UniqueEvent::Transfer { from, to, .. } => vec![(from, Roles::FROM), (to, Roles::TO)],
        UniqueEvent::Mint { to, .. } => vec![(to, Roles::TO)],
        UniqueEvent::Burn { from, .. } => vec![(from, Roles::FROM)],
        UniqueEvent::Create { issuer: whom, .. } | UniqueEvent::HandOver { to: whom, .. } => {
            vec![(whom, Roles::EVENT)]
        }
        UniqueEvent::Renounce { .. } => Vec::new(),
    }
}

/// What of coins and units an event moves. Beside events, fees alone move any.
pub(crate) fn moves(event: &Event, sums: &mut Sums) {
    if event.module != assets::ID {
        return;
    }
    match AssetsEvent::decode_exact(&event.payload) {
        Ok(AssetsEvent::Transfer { asset, from, to, amount, .. }) => {
            sums.less(asset, from, amount);
            sums.more(asset, to, amount);
        }
        Ok(AssetsEvent::Reward { to, amount }) => sums.more(Asset::Coin, to, amount),
        Ok(AssetsEvent::Mint { asset, to, amount }) => sums.more(Asset::Issued(asset), to, amount),
        Ok(AssetsEvent::Burn { asset, from, amount }) => {
            sums.less(Asset::Issued(asset), from, amount);
        }
        _ => {}
    }
}
