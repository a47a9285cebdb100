use crate::{Joined, Layer};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use core::ops::{Bound, RangeBounds};

/// A key of the state. The first two bytes are the owning module's id, big-endian.
pub type Key = Arc<[u8]>;
/// A value of the state, 1 to [`VALUE_BYTES_MAX`](crate::VALUE_BYTES_MAX) bytes.
pub type Value = Arc<[u8]>;
/// A key and its value.
pub type Pair = (Key, Value);

/// What a scan passes, in its order: see [`View::steps`].
pub type Steps<'a> = Box<dyn Iterator<Item = Result<(Key, Option<Value>), ReadFailed>> + 'a>;

/// The medium failed or holds bytes that nobody wrote. Never a verdict on a block.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the state could not be read")]
pub struct ReadFailed;

/// The direction of a scan.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// From the lowest key to the highest.
    Up,
    /// From the highest key to the lowest.
    Down,
}

/// Keys from `from` up to and without `to`; no `to` means to the end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Span {
    /// The lowest key.
    pub from: Vec<u8>,
    /// The lowest key above, if there is an end. At or below `from`, the span is empty.
    pub to: Option<Vec<u8>>,
}

impl Span {
    /// All keys.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// All keys that start with `prefix`.
    #[must_use]
    pub fn prefix(prefix: &[u8]) -> Self {
        let mut to = prefix.to_vec();
        while to.pop_if(|last| *last == u8::MAX).is_some() {}
        let ends = to.last_mut().map(|last| *last = last.saturating_add(1)).is_some();
        Self { from: prefix.to_vec(), to: ends.then_some(to) }
    }

    /// Whether `key` lies within.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        *key >= *self.from && self.to.as_ref().is_none_or(|to| *key < **to)
    }

    /// For a map's range, which panics where the span is empty: `None` there.
    pub(crate) fn bounds(&self) -> Option<impl RangeBounds<[u8]>> {
        let to = self.to.as_deref();
        let ends = to.is_none_or(|to| *to > *self.from);
        let to = to.map_or(Bound::Unbounded, Bound::Excluded);
        ends.then_some((Bound::Included(&*self.from), to))
    }
}

/// One immutable state. Cheap to share, readable from any thread while blocks are imported.
pub trait View: Send + Sync {
    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// When the medium fails.
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed>;

    /// Tells the values under many keys, in their order. A view overrides it that finds many faster
    /// than one by one, because they need not wait for each other.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    fn get_all(
        &self,
        keys: &[&[u8]],
        found: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), ReadFailed> {
        keys.iter().try_for_each(|key| {
            found(self.get(key)?.as_deref());
            Ok(())
        })
    }

    /// The pairs of `span` in strict order, each key once. Lazy, so that views can be stacked
    /// without buffers. After an error nothing that follows means anything.
    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a>;

    /// As [`scan`](Self::scan), with the keys at which it passes a removal: `None`. A view that keeps
    /// removals says so, and whoever scans it often need not pass them each time.
    fn steps<'a>(&'a self, span: &Span, order: Order) -> Steps<'a> {
        Box::new(self.scan(span, order).map(|pair| pair.map(|(key, value)| (key, Some(value)))))
    }

    /// The page of this state's tree at a place, if the view keeps the tree's pages: see
    /// [`StateTree::pages_since`](crate::StateTree::pages_since). Most do not.
    ///
    /// # Errors
    /// When the medium fails.
    fn tree_page(&self, _at: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(None)
    }

    /// What the block after this state wrote, joined with what the blocks before it wrote, if whoever
    /// made the view wants that: see [`Executed::joined`](crate::Executed::joined). Most do not.
    fn join(&self, _newest: &Arc<Layer>) -> Option<Joined> {
        None
    }
}

/// The state before genesis.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Empty;

impl View for Empty {
    fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(None)
    }

    fn scan<'a>(
        &'a self,
        _: &Span,
        _: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        Box::new(core::iter::empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_holds_what_starts_with_it_and_nothing_else() {
        let table: [(&[u8], &[u8], bool); 10] = [
            (b"", b"", true),
            (b"", b"\xff\xff", true),
            (b"a", b"a", true),
            (b"a", b"a\xff\xff", true),
            (b"a", b"b", false),
            (b"a", b"", false),
            (b"a\xff", b"a\xff\x01", true),
            (b"a\xff", b"b", false),
            (b"\xff\xff", b"\xff\xff\xff", true),
            (b"\xff\xff", b"\xff\xfe", false),
        ];
        for (prefix, key, within) in table {
            assert_eq!(Span::prefix(prefix).contains(key), within, "{prefix:?} {key:?}");
        }
    }

    #[test]
    fn a_span_is_half_open() {
        let span = Span { from: b"b".to_vec(), to: Some(b"d".to_vec()) };
        let within = [b"a", b"b", b"c", b"d"].map(|key| span.contains(key));
        assert_eq!(within, [false, true, true, false]);
    }
}
