use super::{Asset, ID, refusal};
use crate::collections::page;
use crate::shared::Page;
use crate::short::Short;
use crate::{Context, Fault, Map, Range};
use alloc::{format, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Amount, Decode, Encode};

/// Of the coin. Absent at zero.
const COINS: Map<Address, Amount> = Map::new(0);
/// The first byte of the keys of [`UNITS`].
const UNITS_PREFIX: u8 = 4;
/// Of issued assets, by holder and asset. Absent at zero.
const UNITS: Map<(Address, Hash), Amount> = Map::new(UNITS_PREFIX);

/// Where an account's coins stand.
pub(super) fn coins_key(of: &Address) -> Short {
    COINS.key(of)
}

/// The whole key under which the state holds what an account has of an asset, on a chain that
/// registers this module as [`ID`]. [`StateTree::prove`](crate::StateTree::prove) takes it, and so
/// does whoever verifies the proof.
///
/// # Bytes
/// ```text
/// the coin          00 01 · 00 · 32 bytes the account
/// an issued asset   00 01 · 04 · 32 bytes the account · 32 bytes the asset's id
/// ```
/// The first two are the module's id. The value is the [`Amount`], 16 bytes, little-endian. An
/// account that has none has no such key: a balance of zero is proved by absence.
#[must_use]
pub fn balance_key(of: Address, asset: Asset) -> Vec<u8> {
    let own = match asset {
        Asset::Coin => COINS.key(&of),
        Asset::Issued(id) => UNITS.key(&(of, id)),
    };
    [&ID.to_be_bytes()[..], &*own].concat()
}

pub(super) fn get(ctx: &mut Context<'_>, of: Address, asset: Asset) -> Result<Amount, Fault> {
    let held = match asset {
        Asset::Coin => COINS.get(ctx, &of)?,
        Asset::Issued(id) => UNITS.get(ctx, &(of, id))?,
    };
    Ok(held.unwrap_or_default())
}

fn change(
    ctx: &mut Context<'_>,
    of: Address,
    asset: Asset,
    change: impl FnOnce(Amount) -> Result<Amount, Fault>,
) -> Result<(), Fault> {
    let kept = |held: Option<Amount>| {
        let held = change(held.unwrap_or_default())?;
        Ok(Some(held).filter(|held| *held > Amount::ZERO))
    };
    match asset {
        Asset::Coin => COINS.update(ctx, &of, kept),
        Asset::Issued(id) => UNITS.update(ctx, &(of, id), kept),
    }
}

pub(super) fn take(
    ctx: &mut Context<'_>,
    from: Address,
    asset: Asset,
    amount: Amount,
) -> Result<(), Fault> {
    let short = |held| {
        Fault::refused(refusal::NOT_ENOUGH, format!("{from} holds {held} {asset}, needs {amount}"))
    };
    change(ctx, from, asset, |held| held.checked_sub(amount).ok_or_else(|| short(held)))
}

pub(super) fn give(
    ctx: &mut Context<'_>,
    to: Address,
    asset: Asset,
    amount: Amount,
) -> Result<(), Fault> {
    change(ctx, to, asset, |held| sum(held, amount))
}

/// So much and so much more, if there can be so much.
pub(super) fn sum(one: Amount, other: Amount) -> Result<Amount, Fault> {
    one.checked_add(other).ok_or_else(|| {
        let limit = Amount::MAX;
        Fault::refused(refusal::OVERFLOW, format!("{one} and {other} are more than {limit}"))
    })
}

pub(super) fn positive(amount: Amount) -> Result<(), Fault> {
    match amount {
        Amount::ZERO => Err(Fault::refused(refusal::ZERO, "an amount of 0, must be at least 1")),
        _ => Ok(()),
    }
}

pub(super) fn holdings(
    ctx: &mut Context<'_>,
    of: Address,
    after: Option<Hash>,
) -> Result<Page<(Hash, Amount)>, Fault> {
    let prefix = [&[UNITS_PREFIX], &*of.encode()].concat();
    let range = Range { after, ..Range::default() };
    page(ctx, &prefix, &range, |id, held| Ok((id, Amount::decode_exact(held)?)))
}
