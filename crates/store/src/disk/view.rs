use super::Opened;
use super::tables::STATE;
use isonomy_ledger::{Key, Order, Pair, ReadFailed, Span, Value, View};
use redb::{OwnedAccessGuard, ReadOnlyTable, ReadableDatabase, StorageError};
use std::ops::Bound;
use std::sync::Arc;

/// The state as it was when this was made. Its pages are kept for as long as it lives; writers do
/// not wait for it.
pub(super) struct Snapshot {
    table: ReadOnlyTable<&'static [u8], &'static [u8]>,
    /// Keeps others from writing in the directory.
    _opened: Arc<Opened>,
}

type Bytes = OwnedAccessGuard<&'static [u8]>;

impl Snapshot {
    pub(super) fn new(opened: &Arc<Opened>) -> Result<Self, super::Failure> {
        let table = opened.database.begin_read()?.open_table(STATE)?;
        Ok(Self { table, _opened: opened.clone() })
    }
}

impl View for Snapshot {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        let found = self.table.get_owned(key).map_err(|_| ReadFailed)?;
        Ok(found.map(|value| Value::from(value.value())))
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
        match (self.table.range_owned::<&[u8]>((Bound::Included(&*span.from), to)), order) {
            (Ok(pairs), Order::Up) => Box::new(pairs.map(pair)),
            (Ok(pairs), Order::Down) => Box::new(pairs.rev().map(pair)),
            (Err(_), _) => Box::new(std::iter::once(Err(ReadFailed))),
        }
    }
}

fn pair(read: Result<(Bytes, Bytes), StorageError>) -> Result<Pair, ReadFailed> {
    let (key, value) = read.map_err(|_| ReadFailed)?;
    Ok((Key::from(key.value()), Value::from(value.value())))
}
