use super::failure::{Failure, guarded};
use super::tables::{PAGES, STATE};
use isonomy_ledger::{Key, Order, Pair, ReadFailed, Span, Value, View};
use redb::{OwnedAccessGuard, ReadOnlyTable, ReadableDatabase, StorageError};
use std::any::Any;
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// The state as it was when this was made. Its pages are kept for as long as it lives; writers do
/// not wait for it.
pub(super) struct Snapshot {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    pages: ReadOnlyTable<&'static [u8], &'static [u8]>,
    /// Keeps others from writing in the directory.
    _lock: Arc<dyn Any + Send + Sync>,
}

type Bytes = OwnedAccessGuard<&'static [u8]>;

impl Snapshot {
    pub(super) fn new(
        database: &impl ReadableDatabase,
        lock: Arc<dyn Any + Send + Sync>,
    ) -> Result<Self, Failure> {
        let transaction = database.begin_read()?;
        let (table, pages) = (transaction.open_table(STATE)?, transaction.open_table(PAGES)?);
        Ok(Self { table, pages, _lock: lock })
    }
}

impl View for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        get(&self.table, key)
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        if span.to.as_ref().is_some_and(|to| *to <= span.from) {
            return Box::new(std::iter::empty());
        }
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = (Bound::Included(&*span.from), to);
        let pairs = guarded(|| Ok::<_, Failure>(self.table.range_owned::<&[u8]>(range)?));
        match (pairs, order) {
            (Ok(pairs), Order::Up) => Box::new(Guarded(Some(pairs.map(pair)))),
            (Ok(pairs), Order::Down) => Box::new(Guarded(Some(pairs.rev().map(pair)))),
            (Err(_), _) => Box::new(std::iter::once(Err(ReadFailed))),
        }
    }

    fn tree_page(&self, at: &[u8]) -> Result<Option<Value>, ReadFailed> {
        get(&self.pages, at)
    }
}

fn get(table: &ReadOnlyTable<&[u8], &[u8]>, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
    let found = guarded(|| Ok::<_, Failure>(table.get_owned(key)?));
    let found = found.map_err(|_| ReadFailed)?;
    Ok(found.map(|value| Value::from(value.value())))
}

/// Ends with an error where the database panics on damage.
struct Guarded<I>(Option<I>);

impl<I: Iterator<Item = Result<Pair, ReadFailed>>> Iterator for Guarded<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<Self::Item> {
        let pairs = self.0.as_mut()?;
        let next = catch_unwind(AssertUnwindSafe(|| pairs.next()));
        next.unwrap_or_else(|_| {
            self.0 = None;
            Some(Err(ReadFailed))
        })
    }
}

fn pair(read: Result<(Bytes, Bytes), StorageError>) -> Result<Pair, ReadFailed> {
    let (key, value) = read.map_err(|_| ReadFailed)?;
    Ok((Key::from(key.value()), Value::from(value.value())))
}
