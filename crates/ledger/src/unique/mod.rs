//! Unique assets: collections of items, each with one owner.
//!
//! An item binds a hash of what it stands for, and a few words of metadata. Its number is its issuer's
//! choice. Whoever creates a collection declares how many items it may have at one time, how long their
//! metadata may be, and the rights on it, which can be renounced: once `mint` is gone, what exists is
//! all there will be.
//!
//! The number of a burned item is free again as long as its issuer may mint: who wants to know that an
//! item is the one he saw compares its content. An exchange needs no allowances, see
//! [`assets`](crate::assets).
mod describe;
mod items;
pub mod refusal;
mod wire;

pub use wire::{
    Call, Collection, Create, Item, ItemId, METADATA_BYTES_MAX, Query, Rights, UniqueEvent,
};

use crate::shared::{Memo, is_name, next_id, payload};
use crate::{Context, Fault, Map, Module};
use alloc::{format, string::String, vec::Vec};
use isonomy_crypto::{Domain, Hash};
use isonomy_types::{Address, Encode, ModuleId};

/// The id under which chains of this toolkit register it.
pub const ID: ModuleId = 2;

const COLLECTION: Domain = Domain::new("isonomy collection 1");
const COLLECTIONS: Map<Hash, Collection> = Map::new(0);
/// How many collections an account has created.
const COUNTERS: Map<Address, u64> = Map::new(4);

/// The module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unique;

impl Module for Unique {
    fn call(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let call = payload(bytes)?;
        let caller = ctx.caller().ok_or(Fault::NoCaller)?;
        match call {
            Call::Create(new) => return create(ctx, caller, new),
            Call::Mint { id, to, content, metadata } => {
                mint(ctx, caller, id, Item { owner: to, content, metadata })
            }
            Call::Transfer { id, to, memo } => transfer(ctx, id, caller, to, memo),
            Call::Burn { id } => burn(ctx, id, caller),
            Call::Renounce { collection, rights } => renounce(ctx, caller, collection, rights),
            Call::HandOver { collection, to } => {
                let next = Collection { issuer: to, ..own(ctx, caller, collection)? };
                COLLECTIONS.set(ctx, &collection, &next)?;
                let keys: &[&[u8]] = &[to.0.as_bytes(), collection.as_bytes()];
                emit(ctx, keys, &UniqueEvent::HandOver { collection, to })
            }
        }?;
        Ok(Vec::new())
    }

    fn query(&self, ctx: &mut Context<'_>, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(match payload(bytes)? {
            Query::Collection(id) => COLLECTIONS.get(ctx, &id)?.encode(),
            Query::Item(id) => items::find(ctx, id)?.encode(),
            Query::Owned { of, after } => items::owned(ctx, of, after)?.encode(),
        })
    }

    fn describe(&self, bytes: &[u8]) -> String {
        match payload(bytes) {
            Ok(call) => describe::describe(&call),
            Err(_) => "a call to the unique assets that cannot be read".into(),
        }
    }
}

fn get(ctx: &mut Context<'_>, id: Hash) -> Result<Collection, Fault> {
    let found = COLLECTIONS.get(ctx, &id)?;
    found.ok_or_else(|| Fault::refused(refusal::UNKNOWN, format!("no collection is {id}")))
}

/// The collection, if the caller issued it.
fn own(ctx: &mut Context<'_>, caller: Address, id: Hash) -> Result<Collection, Fault> {
    let collection = get(ctx, id)?;
    let issuer = collection.issuer;
    if caller != issuer {
        let why = format!("{caller} is not {id}'s issuer, which is {issuer}");
        return Err(Fault::refused(refusal::NOT_ISSUER, why));
    }
    Ok(collection)
}

fn right(held: bool, name: &str) -> Result<(), Fault> {
    if held {
        return Ok(());
    }
    let why = format!("the right to {name} was never declared or was renounced");
    Err(Fault::refused(refusal::NO_RIGHT, why))
}

fn within(got: usize, limit: u16) -> Result<(), Fault> {
    if got > limit.into() {
        let why = format!("{got} bytes of metadata, limit {limit}");
        return Err(Fault::refused(refusal::METADATA, why));
    }
    Ok(())
}

impl Create {
    /// Whether any chain would take it, so that whoever signs it need not pay to learn it.
    ///
    /// # Errors
    /// [`Fault::Refused`] with the code of [`refusal`] that the call would fail with.
    pub fn check(&self) -> Result<(), Fault> {
        if !is_name(&self.name) {
            let why = format!("the name {:?} is blank or has control characters", &*self.name);
            return Err(Fault::refused(refusal::NAME, why));
        }
        if self.cap == Some(0) {
            return Err(Fault::refused(refusal::CAP, "a cap of 0 items, must be at least 1"));
        }
        within(self.metadata_bytes.into(), METADATA_BYTES_MAX as u16)
    }
}

/// Returns the id, encoded.
fn create(ctx: &mut Context<'_>, issuer: Address, new: Create) -> Result<Vec<u8>, Fault> {
    new.check()?;
    let Create { name, cap, metadata_bytes, rights } = new;
    let id = next_id(ctx, &COLLECTION, &COUNTERS, issuer)?;
    let collection = Collection { issuer, name, cap, metadata_bytes, rights, items: 0 };
    COLLECTIONS.set(ctx, &id, &collection)?;
    let event = UniqueEvent::Create { collection: id, issuer };
    emit(ctx, &[issuer.0.as_bytes(), id.as_bytes()], &event)?;
    Ok(id.encode())
}

fn mint(ctx: &mut Context<'_>, caller: Address, id: ItemId, item: Item) -> Result<(), Fault> {
    let mut collection = own(ctx, caller, id.0)?;
    right(collection.rights.mint, "mint")?;
    within(item.metadata.len(), collection.metadata_bytes)?;
    let limit = collection.cap.unwrap_or(u64::MAX);
    if collection.items >= limit {
        let why = format!("one more than {} items, the cap is {limit}", collection.items);
        return Err(Fault::refused(refusal::CAP, why));
    }
    // Cannot saturate: it is below the limit.
    collection.items = collection.items.saturating_add(1);
    COLLECTIONS.set(ctx, &id.0, &collection)?;
    items::insert(ctx, id, &item)?;
    let (to, content) = (item.owner, item.content);
    let event = UniqueEvent::Mint { id, to, content };
    emit(ctx, &[to.0.as_bytes(), id.0.as_bytes(), &items::name(id)], &event)
}

fn transfer(
    ctx: &mut Context<'_>,
    id: ItemId,
    from: Address,
    to: Address,
    memo: Memo,
) -> Result<(), Fault> {
    items::shift(ctx, id, from, to)?;
    let keys: &[&[u8]] = &[from.0.as_bytes(), to.0.as_bytes(), id.0.as_bytes(), &items::name(id)];
    emit(ctx, keys, &UniqueEvent::Transfer { id, from, to, memo })
}

fn burn(ctx: &mut Context<'_>, id: ItemId, from: Address) -> Result<(), Fault> {
    let mut collection = get(ctx, id.0)?;
    right(collection.rights.burn, "burn")?;
    items::remove(ctx, id, from)?;
    // Cannot fall short: the item was one of them.
    collection.items = collection.items.saturating_sub(1);
    COLLECTIONS.set(ctx, &id.0, &collection)?;
    let keys: &[&[u8]] = &[from.0.as_bytes(), id.0.as_bytes(), &items::name(id)];
    emit(ctx, keys, &UniqueEvent::Burn { id, from })
}

fn renounce(ctx: &mut Context<'_>, caller: Address, id: Hash, rights: Rights) -> Result<(), Fault> {
    let mut collection = own(ctx, caller, id)?;
    if rights == Rights::default() {
        return Err(Fault::refused(refusal::NO_RIGHT, "no right is named"));
    }
    let (Rights { mint, burn }, held) = (rights, &mut collection.rights);
    let pairs = [(mint, &mut held.mint, "mint"), (burn, &mut held.burn, "burn")];
    for (_, held, name) in pairs.into_iter().filter(|(ends, ..)| *ends) {
        right(*held, name)?;
        *held = false;
    }
    COLLECTIONS.set(ctx, &id, &collection)?;
    emit(ctx, &[id.as_bytes()], &UniqueEvent::Renounce { collection: id, rights })
}

fn emit(ctx: &mut Context<'_>, keys: &[&[u8]], event: &UniqueEvent) -> Result<(), Fault> {
    ctx.emit_keyed(keys, &event.encode())
}
