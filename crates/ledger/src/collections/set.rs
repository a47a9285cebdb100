use super::{Map, Range, range};
use crate::{Context, Fault, Page};
use isonomy_types::{Decode, Encode};

/// Typed keys that are there or not, under a one-byte prefix of a module. Ordered as in a
/// [`Map`](crate::Map).
///
/// ```
/// use isonomy_ledger::{Context, Fault, Set};
/// use isonomy_types::Address;
///
/// const MEMBERS: Set<Address> = Set::new(0);
///
/// fn join(ctx: &mut Context<'_>, who: Address) -> Result<(), Fault> {
///     if MEMBERS.insert(ctx, &who)? { Ok(()) } else { Err(Fault::refused(0, "a member already")) }
/// }
/// ```
pub struct Set<K>(Map<K, bool>);

impl<K: Encode + Decode> Set<K> {
    /// Names the place. No two collections of a module share a prefix.
    #[must_use]
    pub const fn new(prefix: u8) -> Self {
        Self(Map::new(prefix))
    }

    /// Whether `key` is there.
    ///
    /// # Errors
    /// As [`Context::get`], and [`Fault::Stored`].
    pub fn contains(&self, ctx: &mut Context<'_>, key: &K) -> Result<bool, Fault> {
        Ok(self.0.get(ctx, key)?.is_some())
    }

    /// Puts `key` there. True if it was not.
    ///
    /// # Errors
    /// As [`Context::get`] and [`Context::set`].
    pub fn insert(&self, ctx: &mut Context<'_>, key: &K) -> Result<bool, Fault> {
        let new = !self.contains(ctx, key)?;
        if new {
            self.0.set(ctx, key, &true)?;
        }
        Ok(new)
    }

    /// Takes `key` away. True if it was there.
    ///
    /// # Errors
    /// As [`Context::get`] and [`Context::remove`].
    pub fn remove(&self, ctx: &mut Context<'_>, key: &K) -> Result<bool, Fault> {
        let old = self.contains(ctx, key)?;
        if old {
            self.0.remove(ctx, key)?;
        }
        Ok(old)
    }

    /// The keys of `range`, a page at a time.
    ///
    /// # Errors
    /// As [`Context::scan`], and [`Fault::Stored`].
    pub fn page(&self, ctx: &mut Context<'_>, range: &Range<K>) -> Result<Page<K>, Fault> {
        range::page(ctx, &[self.0.prefix], range, |key, _| Ok(key))
    }
}
