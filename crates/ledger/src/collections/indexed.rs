use super::{Map, Range, range};
use crate::{Context, Fault, Page};
use alloc::{string::String, vec::Vec};
use isonomy_types::{Decode, DecodeError, Encode};

/// A value that is also found by something in it: an item by its owner.
pub trait Indexed: Encode + Decode {
    /// What it is found by.
    type By: Encode + Decode;

    /// Reads that out of the value. The same value always gives the same.
    fn by(&self) -> Self::By;
}

/// A map and an index of it, in step whatever happens: many keys may share what they are found by.
///
/// A map has one index. For a second, keep a [`Set`](crate::Set) of `(what, key)` beside it.
///
/// ```
/// use borsh::{BorshDeserialize, BorshSerialize};
/// use isonomy_ledger::{Context, Fault, Indexed, IndexedMap, Range};
/// use isonomy_types::Address;
///
/// #[derive(BorshSerialize, BorshDeserialize)]
/// struct Boat {
///     owner: Address,
///     tons: u32,
/// }
///
/// impl Indexed for Boat {
///     type By = Address;
///     fn by(&self) -> Address {
///         self.owner
///     }
/// }
///
/// const BOATS: IndexedMap<u64, Boat> = IndexedMap::new(0, 1);
///
/// fn tons(ctx: &mut Context<'_>, owner: Address) -> Result<u32, Fault> {
///     let boats = BOATS.page_by(ctx, &owner, &Range::default())?;
///     Ok(boats.iter().fold(0, |sum, (_, boat)| sum.saturating_add(boat.tons)))
/// }
/// ```
pub struct IndexedMap<K, V> {
    map: Map<K, V>,
    index: u8,
}

impl<K: Encode + Decode, V: Indexed> IndexedMap<K, V> {
    /// Names the places of map and index. No two collections of a module share a prefix.
    ///
    /// # Panics
    /// As [`Map::new`], and if the two prefixes are one.
    #[must_use]
    pub const fn new(prefix: u8, index: u8) -> Self {
        assert!(prefix != index, "the index needs a place of its own");
        Self { map: Map::new(prefix), index }
    }

    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// As [`Map::get`].
    pub fn get(&self, ctx: &mut Context<'_>, key: &K) -> Result<Option<V>, Fault> {
        self.map.get(ctx, key)
    }

    /// Puts `value` under `key`, and returns what it replaces. In a savepoint.
    ///
    /// # Errors
    /// As [`Map::get`], [`Map::set`] and [`Context::savepoint`]; nothing has changed then.
    pub fn insert(&self, ctx: &mut Context<'_>, key: &K, value: &V) -> Result<Option<V>, Fault> {
        ctx.savepoint(|ctx| {
            let (before, place) = (self.map.get(ctx, key)?, self.place(key, value));
            let moved = before.as_ref().map(|before| self.place(key, before));
            if moved.as_ref() != Some(&place) {
                moved.map_or(Ok(()), |old| ctx.remove(&old))?;
                ctx.set(&place, &true.encode())?;
            }
            self.map.set(ctx, key, value)?;
            Ok(before)
        })
    }

    /// Removes `key`, and returns what was there. In a savepoint.
    ///
    /// # Errors
    /// As [`Map::get`], [`Map::remove`] and [`Context::savepoint`]; nothing has changed then.
    pub fn remove(&self, ctx: &mut Context<'_>, key: &K) -> Result<Option<V>, Fault> {
        ctx.savepoint(|ctx| {
            let before = self.map.get(ctx, key)?;
            if let Some(before) = &before {
                ctx.remove(&self.place(key, before))?;
                self.map.remove(ctx, key)?;
            }
            Ok(before)
        })
    }

    /// The entries whose keys are in `range`, a page at a time.
    ///
    /// # Errors
    /// As [`Map::page`].
    pub fn page(&self, ctx: &mut Context<'_>, range: &Range<K>) -> Result<Page<(K, V)>, Fault> {
        self.map.page(ctx, range)
    }

    /// The entries found by `by` whose keys are in `range`, a page at a time.
    ///
    /// # Errors
    /// As [`Map::page`].
    pub fn page_by(
        &self,
        ctx: &mut Context<'_>,
        by: &V::By,
        range: &Range<K>,
    ) -> Result<Page<(K, V)>, Fault> {
        let prefix = [&[self.index][..], &by.encode()].concat();
        let keys = range::page(ctx, &prefix, range, |key, _| Ok(key))?;
        let mut entries = Vec::new();
        for key in keys {
            let value = self.map.get(ctx, &key)?.ok_or_else(missing)?;
            entries.push((key, value));
        }
        Ok(Page::truncated(entries))
    }

    /// Where the index names the entry. An encoding ends by itself, so that of what it is found by is
    /// no prefix of another's.
    fn place(&self, key: &K, value: &V) -> Vec<u8> {
        [&[self.index][..], &value.by().encode(), &key.encode()].concat()
    }
}

/// An index names what is not there: somebody wrote under the collection's prefixes.
pub(super) fn missing() -> Fault {
    Fault::Stored(DecodeError(String::from("lacks what its index names")))
}
