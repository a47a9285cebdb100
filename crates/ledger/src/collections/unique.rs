use super::{Indexed, Map, Range, indexed::missing};
use crate::{Context, Fault, Page};
use isonomy_types::{Decode, Encode};

/// A map and an index of it, in step whatever happens: no two keys share what they are found by.
///
/// ```
/// use borsh::{BorshDeserialize, BorshSerialize};
/// use isonomy_ledger::{Context, Fault, Indexed, UniqueMap};
/// use isonomy_types::{Address, Text};
///
/// #[derive(BorshSerialize, BorshDeserialize)]
/// struct Profile {
///     name: Text<32>,
/// }
///
/// impl Indexed for Profile {
///     type By = Text<32>;
///     fn by(&self) -> Text<32> {
///         self.name.clone()
///     }
/// }
///
/// const NAME_TAKEN: u16 = 0;
/// const PROFILES: UniqueMap<Address, Profile> = UniqueMap::new(0, 1, NAME_TAKEN);
///
/// fn who(ctx: &mut Context<'_>, name: &Text<32>) -> Result<Option<Address>, Fault> {
///     Ok(PROFILES.find(ctx, name)?.map(|(address, _)| address))
/// }
/// ```
pub struct UniqueMap<K, V: Indexed> {
    map: Map<K, V>,
    index: Map<V::By, K>,
    taken: u16,
}

impl<K: Encode + Decode, V: Indexed> UniqueMap<K, V> {
    /// Names the places of map and index, and the module's code of [`Fault::Refused`] for what is
    /// found by something taken. No two collections of a module share a prefix.
    ///
    /// # Panics
    /// As [`Map::new`], and if the two prefixes are one.
    #[must_use]
    pub const fn new(prefix: u8, index: u8, taken: u16) -> Self {
        assert!(prefix != index, "the index needs a place of its own");
        Self { map: Map::new(prefix), index: Map::new(index), taken }
    }

    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// As [`Map::get`].
    pub fn get(&self, ctx: &mut Context<'_>, key: &K) -> Result<Option<V>, Fault> {
        self.map.get(ctx, key)
    }

    /// The entry found by `by`, if there is one.
    ///
    /// # Errors
    /// As [`Map::get`].
    pub fn find(&self, ctx: &mut Context<'_>, by: &V::By) -> Result<Option<(K, V)>, Fault> {
        let Some(key) = self.index.get(ctx, by)? else { return Ok(None) };
        let value = self.map.get(ctx, &key)?.ok_or_else(missing)?;
        Ok(Some((key, value)))
    }

    /// Puts `value` under `key`, and returns what it replaces. In a savepoint.
    ///
    /// # Errors
    /// The refusal, if another key is found by the same; as [`Map::get`], [`Map::set`] and
    /// [`Context::savepoint`]. Nothing has changed then.
    pub fn insert(&self, ctx: &mut Context<'_>, key: &K, value: &V) -> Result<Option<V>, Fault> {
        ctx.savepoint(|ctx| {
            let (before, by) = (self.map.get(ctx, key)?, value.by());
            let old = before.as_ref().map(Indexed::by);
            if old.as_ref().map(Encode::encode) != Some(by.encode()) {
                if self.index.get(ctx, &by)?.is_some() {
                    return Err(Fault::refused(self.taken, "another is found by the same"));
                }
                old.map_or(Ok(()), |old| self.index.remove(ctx, &old))?;
                self.index.set(ctx, &by, key)?;
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
                self.index.remove(ctx, &before.by())?;
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
}
