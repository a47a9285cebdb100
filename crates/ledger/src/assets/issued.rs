use super::balance::{give, positive, sum, take};
use super::{Asset, AssetsEvent, DECIMALS_MAX, Description, Issue, Rights, emit, refusal};
use crate::shared::{is_name, next_id};
use crate::{Context, Fault, Map};
use alloc::{format, vec::Vec};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Amount, Encode};

const ID: Domain = Domain::new("isonomy asset 1");

const DESCRIPTIONS: Map<Hash, Description> = Map::new(3);
/// Absent unless true.
const FROZEN: Map<(Hash, Address), bool> = Map::new(5);
/// How many assets an account has issued.
const COUNTERS: Map<Address, u64> = Map::new(6);

pub(super) fn find(ctx: &mut Context<'_>, id: Hash) -> Result<Option<Description>, Fault> {
    DESCRIPTIONS.get(ctx, &id)
}

fn get(ctx: &mut Context<'_>, id: Hash) -> Result<Description, Fault> {
    find(ctx, id)?.ok_or_else(|| Fault::refused(refusal::UNKNOWN, format!("no asset is {id}")))
}

/// The asset, if the caller issued it.
fn own(ctx: &mut Context<'_>, id: Hash) -> Result<Description, Fault> {
    let (caller, asset) = (ctx.caller().ok_or(Fault::NoCaller)?, get(ctx, id)?);
    let issuer = asset.issuer;
    if caller != issuer {
        let why = format!("{caller} is not {id}'s issuer, which is {issuer}");
        return Err(Fault::refused(refusal::NOT_ISSUER, why));
    }
    Ok(asset)
}

fn right(held: bool, name: &str) -> Result<(), Fault> {
    if held {
        return Ok(());
    }
    let why = format!("the right to {name} was never declared or was renounced");
    Err(Fault::refused(refusal::NO_RIGHT, why))
}

fn limited(supply: Amount, cap: Option<Amount>) -> Result<(), Fault> {
    match cap {
        Some(cap) if supply > cap => {
            Err(Fault::refused(refusal::CAP, format!("a supply of {supply}, the cap is {cap}")))
        }
        _ => Ok(()),
    }
}

impl Issue {
    /// Whether any chain would take it, so that whoever signs it need not pay to learn it.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the code of [`refusal`] that the call would fail with.
    pub fn check(&self) -> Result<(), Fault> {
        let Self { symbol, name, decimals, cap, rights, amount, .. } = self;
        let (symbol, name) = (&**symbol, &**name);
        let letter = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if symbol.is_empty() || !symbol.bytes().all(letter) {
            let why = format!("the symbol {symbol:?} is not 1 to 12 of A to Z and 0 to 9");
            return Err(Fault::refused(refusal::SYMBOL, why));
        }
        if !is_name(name) {
            let why = format!("the name {name:?} is blank or has control characters");
            return Err(Fault::refused(refusal::NAME, why));
        }
        if *decimals > DECIMALS_MAX {
            let why = format!("{decimals} decimals, limit {DECIMALS_MAX}");
            return Err(Fault::refused(refusal::DECIMALS, why));
        }
        if !rights.mint {
            positive(*amount)?;
        }
        cap.map_or(Ok(()), positive)?;
        limited(*amount, *cap)
    }
}

/// Returns the id, encoded.
pub(super) fn issue(ctx: &mut Context<'_>, issue: Issue) -> Result<Vec<u8>, Fault> {
    issue.check()?;
    let issuer = ctx.caller().ok_or(Fault::NoCaller)?;
    let id = next_id(ctx, &ID, &COUNTERS, issuer)?;
    let Issue { symbol, name, decimals, cap, rights, amount, to } = issue;
    let supply = amount;
    let asset = Description { issuer, symbol, name, decimals, cap, rights, supply };
    DESCRIPTIONS.set(ctx, &id, &asset)?;
    emit(ctx, &[issuer.0.as_bytes(), id.as_bytes()], &AssetsEvent::Issue { asset: id, issuer })?;
    if amount > Amount::ZERO {
        give(ctx, to, Asset::Issued(id), amount)?;
        minted(ctx, id, to, amount)?;
    }
    Ok(id.encode())
}

pub(super) fn mint(
    ctx: &mut Context<'_>,
    id: Hash,
    to: Address,
    amount: Amount,
) -> Result<(), Fault> {
    positive(amount)?;
    let mut asset = own(ctx, id)?;
    right(asset.rights.mint, "mint")?;
    unfrozen(ctx, id, asset.rights, to)?;
    asset.supply = sum(asset.supply, amount)?;
    limited(asset.supply, asset.cap)?;
    DESCRIPTIONS.set(ctx, &id, &asset)?;
    give(ctx, to, Asset::Issued(id), amount)?;
    minted(ctx, id, to, amount)
}

fn minted(ctx: &mut Context<'_>, id: Hash, to: Address, amount: Amount) -> Result<(), Fault> {
    let event = AssetsEvent::Mint { asset: id, to, amount };
    emit(ctx, &[to.0.as_bytes(), id.as_bytes()], &event)
}

pub(super) fn burn(ctx: &mut Context<'_>, id: Hash, amount: Amount) -> Result<(), Fault> {
    positive(amount)?;
    let (from, mut asset) = (ctx.caller().ok_or(Fault::NoCaller)?, get(ctx, id)?);
    right(asset.rights.burn, "burn")?;
    unfrozen(ctx, id, asset.rights, from)?;
    take(ctx, from, Asset::Issued(id), amount)?;
    // Cannot fall short: the supply is the sum of what all hold.
    asset.supply = asset.supply.checked_sub(amount).unwrap_or_default();
    DESCRIPTIONS.set(ctx, &id, &asset)?;
    emit(ctx, &[from.0.as_bytes(), id.as_bytes()], &AssetsEvent::Burn { asset: id, from, amount })
}

/// Whether `account` may neither give nor receive now.
pub(super) fn is_frozen(ctx: &mut Context<'_>, id: Hash, account: Address) -> Result<bool, Fault> {
    let rights = find(ctx, id)?.map(|asset| asset.rights).unwrap_or_default();
    Ok(rights.freeze && FROZEN.get(ctx, &(id, account))?.unwrap_or_default())
}

fn unfrozen(
    ctx: &mut Context<'_>,
    id: Hash,
    rights: Rights,
    account: Address,
) -> Result<(), Fault> {
    if rights.freeze && FROZEN.get(ctx, &(id, account))?.unwrap_or_default() {
        let why = format!("{account} is frozen for the asset {id}");
        return Err(Fault::refused(refusal::FROZEN, why));
    }
    Ok(())
}

/// Whether the asset exists and both may move it.
pub(super) fn movable(
    ctx: &mut Context<'_>,
    id: Hash,
    from: Address,
    to: Address,
) -> Result<(), Fault> {
    let rights = get(ctx, id)?.rights;
    unfrozen(ctx, id, rights, from)?;
    unfrozen(ctx, id, rights, to)
}

pub(super) fn freeze(ctx: &mut Context<'_>, id: Hash, account: Address) -> Result<(), Fault> {
    let rights = own(ctx, id)?.rights;
    right(rights.freeze, "freeze")?;
    unfrozen(ctx, id, rights, account)?;
    FROZEN.set(ctx, &(id, account), &true)?;
    emit(ctx, &[account.0.as_bytes(), id.as_bytes()], &AssetsEvent::Freeze { asset: id, account })
}

pub(super) fn thaw(ctx: &mut Context<'_>, id: Hash, account: Address) -> Result<(), Fault> {
    right(own(ctx, id)?.rights.freeze, "freeze")?;
    if FROZEN.get(ctx, &(id, account))?.is_none() {
        let why = format!("{account} is not frozen for the asset {id}");
        return Err(Fault::refused(refusal::NOT_FROZEN, why));
    }
    FROZEN.remove(ctx, &(id, account))?;
    emit(ctx, &[account.0.as_bytes(), id.as_bytes()], &AssetsEvent::Thaw { asset: id, account })
}

pub(super) fn renounce(ctx: &mut Context<'_>, id: Hash, rights: Rights) -> Result<(), Fault> {
    let mut asset = own(ctx, id)?;
    let Rights { mint, burn, freeze } = rights;
    if rights == Rights::default() {
        return Err(Fault::refused(refusal::NO_RIGHT, "no right is named"));
    }
    let held = &mut asset.rights;
    let pairs = [
        (mint, &mut held.mint, "mint"),
        (burn, &mut held.burn, "burn"),
        (freeze, &mut held.freeze, "freeze"),
    ];
    for (_, held, name) in pairs.into_iter().filter(|(ends, ..)| *ends) {
        right(*held, name)?;
        *held = false;
    }
    DESCRIPTIONS.set(ctx, &id, &asset)?;
    emit(ctx, &[id.as_bytes()], &AssetsEvent::Renounce { asset: id, rights })
}

pub(super) fn hand_over(ctx: &mut Context<'_>, id: Hash, to: Address) -> Result<(), Fault> {
    let asset = Description { issuer: to, ..own(ctx, id)? };
    DESCRIPTIONS.set(ctx, &id, &asset)?;
    emit(ctx, &[to.0.as_bytes(), id.as_bytes()], &AssetsEvent::HandOver { asset: id, to })
}
