//! What a module keeps, with types: an item, a map, a set, a map with an index.
mod indexed;
mod range;
mod set;
mod unique;

pub use indexed::{Indexed, IndexedMap};
pub use range::Range;
pub(crate) use range::page;
pub use set::Set;
pub use unique::UniqueMap;

use crate::short::Short;
use crate::{Context, Fault, Order, Page, Span};
use alloc::vec::Vec;
use core::marker::PhantomData;
use isonomy_types::{Decode, Encode, ModuleId};

/// One typed value of a module, under a one-byte prefix.
pub struct Item<V>(Map<(), V>);

impl<V: Encode + Decode> Item<V> {
    /// Names the place. No two collections of a module share a prefix.
    ///
    /// # Panics
    /// As [`Map::new`].
    #[must_use]
    pub const fn new(prefix: u8) -> Self {
        Self(Map::new(prefix))
    }

    /// The value, if there is one.
    ///
    /// # Errors
    /// As [`Context::get`], and [`Fault::Stored`].
    pub fn get(&self, ctx: &mut Context<'_>) -> Result<Option<V>, Fault> {
        self.0.get(ctx, &())
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// As [`Context::set`].
    pub fn set(&self, ctx: &mut Context<'_>, value: &V) -> Result<(), Fault> {
        self.0.set(ctx, &(), value)
    }

    /// Removes the value.
    ///
    /// # Errors
    /// As [`Context::remove`].
    pub fn remove(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        self.0.remove(ctx, &())
    }
}

/// Typed keys to typed values of a module, under a one-byte prefix.
///
/// Entries are ordered by their keys' encoding, in which integers are little-endian: a key that is to
/// be scanned in the order of its numbers holds their big-endian bytes.
pub struct Map<K, V> {
    prefix: u8,
    kind: PhantomData<fn(K) -> V>,
}

impl<K: Encode + Decode, V: Encode + Decode> Map<K, V> {
    /// Names the place. No two collections of a module share a prefix.
    ///
    /// # Panics
    /// If `V` is of size zero: its encoding would be empty, which is a removal. In a `const` that is
    /// a build error.
    #[must_use]
    pub const fn new(prefix: u8) -> Self {
        assert!(size_of::<V>() > 0, "a value without bytes cannot be stored");
        Self { prefix, kind: PhantomData }
    }

    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// As [`Context::get`], and [`Fault::Stored`].
    pub fn get(&self, ctx: &mut Context<'_>, key: &K) -> Result<Option<V>, Fault> {
        let key = ctx.key_under(self.prefix, key)?;
        ctx.get_at(&key)
    }

    /// Puts `value` under `key`.
    ///
    /// # Errors
    /// As [`Context::set`].
    pub fn set(&self, ctx: &mut Context<'_>, key: &K, value: &V) -> Result<(), Fault> {
        let key = ctx.key_under(self.prefix, key)?;
        ctx.set_at(&key, &Short::of(value))
    }

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    /// As [`Context::remove`].
    pub fn remove(&self, ctx: &mut Context<'_>, key: &K) -> Result<(), Fault> {
        ctx.remove(&self.key(key))
    }

    /// Replaces the value under `key` by what `change` makes of it; `None` removes it. Costs a
    /// [`get`](Self::get) and a [`set`](Self::set).
    ///
    /// # Errors
    /// As both, and what `change` returns.
    pub fn update(
        &self,
        ctx: &mut Context<'_>,
        key: &K,
        change: impl FnOnce(Option<V>) -> Result<Option<V>, Fault>,
    ) -> Result<(), Fault> {
        let key = ctx.key_under(self.prefix, key)?;
        let after = change(ctx.get_at(&key)?)?;
        ctx.set_at(&key, &after.as_ref().map_or_else(Short::new, Short::of))
    }

    /// At most `limit` entries that come after the key `after`, or from the start.
    ///
    /// # Errors
    /// As [`Context::scan`], and [`Fault::Stored`].
    pub fn scan(
        &self,
        ctx: &mut Context<'_>,
        after: Option<&K>,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(K, V)>, Fault> {
        let mut span = Span::prefix(&[self.prefix]);
        match (after.map(|key| self.key(key)), order) {
            (Some(key), Order::Up) => {
                match range::successor(&key, ctx.env().params.key_bytes as usize) {
                    Some(next) => span.from = next,
                    None => span.to = Some(Vec::new()),
                }
            }
            (Some(key), Order::Down) => span.to = Some(key.to_vec()),
            (None, _) => {}
        }
        let pairs = ctx.scan(&span, order, limit)?;
        let typed = |(key, value): &(Vec<u8>, crate::Value)| {
            Ok((K::decode_exact(key.get(1..).unwrap_or_default())?, V::decode_exact(value)?))
        };
        pairs.iter().map(typed).collect::<Result<_, _>>().map_err(Fault::Stored)
    }

    /// The entries of `range`, a page at a time.
    ///
    /// ```
    /// use isonomy_ledger::{Context, Fault, Map, Order, Range};
    ///
    /// /// Bids by price, big-endian so that they stand in the order of the price.
    /// const BIDS: Map<[u8; 8], u64> = Map::new(0);
    ///
    /// /// The three best bids that come after a price.
    /// fn best(ctx: &mut Context<'_>, after: Option<[u8; 8]>) -> Result<Vec<u64>, Fault> {
    ///     let range = Range { order: Order::Down, limit: 3, after, ..Range::default() };
    ///     let page = BIDS.page(ctx, &range)?;
    ///     Ok(page.iter().map(|(_, bid)| *bid).collect())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Context::scan`], and [`Fault::Stored`].
    pub fn page(&self, ctx: &mut Context<'_>, range: &Range<K>) -> Result<Page<(K, V)>, Fault> {
        let typed = |key: K, value: &[u8]| Ok((key, V::decode_exact(value)?));
        range::page(ctx, &[self.prefix], range, typed)
    }

    /// The key as the module sees it.
    pub(crate) fn key(&self, key: &K) -> Short {
        Short::new().with(&[self.prefix]).encoding(key)
    }

    /// The key as the state sees it, if `module` is who keeps the map.
    pub(crate) fn key_of(&self, module: ModuleId, key: &K) -> Short {
        Short::key(module, self.prefix, key)
    }
}
