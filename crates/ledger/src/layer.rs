use crate::merge::{Merge, Source, merge};
use crate::{Key, Order, Pair, ReadFailed, Span, Value, View};
use alloc::{boxed::Box, collections::BTreeMap, sync::Arc, vec::Vec};
use core::ops::Bound;

/// What one block wrote. Knows no parent, so that a new base frees the old one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layer {
    /// New values by key. `None` is a removal.
    pub writes: BTreeMap<Key, Option<Value>>,
}

impl Layer {
    /// Lays the writes of a `newer` block over these.
    pub fn cover(&mut self, newer: &Self) {
        let writes = newer.writes.iter();
        self.writes.extend(writes.map(|(key, value)| (key.clone(), value.clone())));
    }

    fn scan(&self, span: &Span, order: Order) -> Source<'_> {
        if span.to.as_ref().is_some_and(|to| *to <= span.from) {
            return Box::new(core::iter::empty());
        }
        let to = span.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = self.writes.range::<[u8], _>((Bound::Included(&*span.from), to));
        let owned = |(key, value): (&Key, &Option<Value>)| Ok((key.clone(), value.clone()));
        match order {
            Order::Up => Box::new(range.map(owned)),
            Order::Down => Box::new(range.rev().map(owned)),
        }
    }
}

/// A state: layers, newest first, over a base.
#[derive(Clone)]
pub struct Stack {
    /// What blocks wrote since the base, the newest first.
    pub layers: Vec<Arc<Layer>>,
    /// The state below.
    pub base: Arc<dyn View>,
}

impl View for Stack {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        let found = self.layers.iter().find_map(|layer| layer.writes.get(key));
        found.map_or_else(|| self.base.get(key), |value| Ok(value.clone()))
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        present(over(self.layers.iter().map(AsRef::as_ref), &*self.base, span, order))
    }
}

/// The state of an execution under way: one layer that still grows.
pub(crate) struct Draft {
    pub(crate) layer: Layer,
    pub(crate) base: Arc<dyn View>,
}

impl Draft {
    /// What a scan passes: the pairs, and the removals that this block wrote.
    pub(crate) fn steps(&self, span: &Span, order: Order) -> Merge<'_> {
        over(core::iter::once(&self.layer), &*self.base, span, order)
    }
}

impl View for Draft {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        let found = self.layer.writes.get(key);
        found.map_or_else(|| self.base.get(key), |value| Ok(value.clone()))
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        present(self.steps(span, order))
    }
}

/// Scans `layers`, newest first, over `base`.
fn over<'a>(
    layers: impl Iterator<Item = &'a Layer>,
    base: &'a dyn View,
    span: &Span,
    order: Order,
) -> Merge<'a> {
    let mut sources: Vec<Source<'a>> = layers.map(|layer| layer.scan(span, order)).collect();
    let present = |pair: Result<Pair, _>| pair.map(|(key, value)| (key, Some(value)));
    sources.push(Box::new(base.scan(span, order).map(present)));
    merge(sources, order)
}

/// The pairs alone.
fn present<'a>(merge: Merge<'a>) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
    let pair = |(key, value): (Key, Option<Value>)| value.map(|value| (key, value));
    Box::new(merge.filter_map(move |write| write.map(pair).transpose()))
}
