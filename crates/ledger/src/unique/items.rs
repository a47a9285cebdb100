//! Items, and the index of what each account owns.
use super::{Item, ItemId, METADATA_BYTES_MAX, refusal};
use crate::collections::page;
use crate::shared::Page;
use crate::{Context, Fault, Map, Range};
use alloc::{format, vec::Vec};
use isonomy_crypto::Hash;
use isonomy_types::{Address, Encode, Text};

/// A number in big-endian bytes, so that keys stand in order.
type Number = [u8; 8];

/// Apart from the contents, so that an item moves at the same low cost whatever it says.
const OWNERS: Map<(Hash, Number), Address> = Map::new(1);
const CONTENTS: Map<(Hash, Number), (Hash, Text<METADATA_BYTES_MAX>)> = Map::new(2);
/// The first byte of the keys of [`OWNED`].
const OWNED_PREFIX: u8 = 3;
/// True for each item of an owner.
const OWNED: Map<(Address, Hash, Number), bool> = Map::new(OWNED_PREFIX);

const fn key((collection, number): ItemId) -> (Hash, Number) {
    (collection, number.to_be_bytes())
}

/// Under which events about an item are found: its collection, then its number, big-endian.
pub(super) fn name(id: ItemId) -> Vec<u8> {
    key(id).encode()
}

pub(super) fn owner(ctx: &mut Context<'_>, id: ItemId) -> Result<Option<Address>, Fault> {
    OWNERS.get(ctx, &key(id))
}

pub(super) fn find(ctx: &mut Context<'_>, id: ItemId) -> Result<Option<Item>, Fault> {
    let Some(owner) = owner(ctx, id)? else { return Ok(None) };
    let (content, metadata) = CONTENTS.get(ctx, &key(id))?.unwrap_or_default();
    Ok(Some(Item { owner, content, metadata }))
}

pub(super) fn insert(ctx: &mut Context<'_>, id: ItemId, item: &Item) -> Result<(), Fault> {
    if owner(ctx, id)?.is_some() {
        let why = format!("item {} of the collection {} is there already", id.1, id.0);
        return Err(Fault::refused(refusal::EXISTS, why));
    }
    CONTENTS.set(ctx, &key(id), &(item.content, item.metadata.clone()))?;
    put(ctx, id, item.owner)
}

fn put(ctx: &mut Context<'_>, id: ItemId, owner: Address) -> Result<(), Fault> {
    let (collection, number) = key(id);
    OWNERS.set(ctx, &(collection, number), &owner)?;
    OWNED.set(ctx, &(owner, collection, number), &true)
}

/// Takes an item out of its owner's hands, if that is `from`.
fn take(ctx: &mut Context<'_>, id: ItemId, from: Address) -> Result<(), Fault> {
    let (collection, number) = key(id);
    let owner = owner(ctx, id)?.ok_or_else(|| {
        let why = format!("the collection {collection} has no item {}", id.1);
        Fault::refused(refusal::ABSENT, why)
    })?;
    if owner != from {
        let why = format!("{from} does not own item {} of {collection}, {owner} does", id.1);
        return Err(Fault::refused(refusal::NOT_OWNER, why));
    }
    OWNED.remove(ctx, &(from, collection, number))
}

pub(super) fn shift(
    ctx: &mut Context<'_>,
    id: ItemId,
    from: Address,
    to: Address,
) -> Result<(), Fault> {
    take(ctx, id, from)?;
    put(ctx, id, to)
}

pub(super) fn remove(ctx: &mut Context<'_>, id: ItemId, from: Address) -> Result<(), Fault> {
    take(ctx, id, from)?;
    OWNERS.remove(ctx, &key(id))?;
    CONTENTS.remove(ctx, &key(id))
}

pub(super) fn owned(
    ctx: &mut Context<'_>,
    of: Address,
    after: Option<ItemId>,
) -> Result<Page<ItemId>, Fault> {
    let prefix = [&[OWNED_PREFIX], &*of.encode()].concat();
    let range = Range { after: after.map(key), ..Range::default() };
    let id = |(collection, number): (Hash, Number), _: &[u8]| {
        Ok((collection, u64::from_be_bytes(number)))
    };
    page(ctx, &prefix, &range, id)
}
