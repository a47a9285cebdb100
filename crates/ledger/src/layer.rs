use crate::gaps::{Gaps, Leaping};
use crate::merge::{Merge, Source, merge};
use crate::{Key, Order, Pair, ReadFailed, Span, Steps, Value, View};
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
        present(self.merged(span, order))
    }

    fn steps<'a>(&'a self, span: &Span, order: Order) -> Steps<'a> {
        Box::new(self.merged(span, order))
    }
}

impl Stack {
    fn merged(&self, span: &Span, order: Order) -> Merge<'_> {
        let layers = self.layers.iter().map(AsRef::as_ref);
        over(layers, self.base.steps(span, order), span, order)
    }
}

/// The state of an execution under way: one layer that still grows.
pub(crate) struct Draft {
    pub(crate) layer: Layer,
    pub(crate) base: Arc<dyn View>,
}

impl Draft {
    /// What a scan pays for: the pairs, and the removals that this block wrote.
    pub(crate) fn steps<'a>(&'a self, span: &Span, order: Order, gaps: &'a mut Gaps) -> Merge<'a> {
        let base = Leaping::new(&*self.base, span.clone(), order, gaps);
        over(core::iter::once(&self.layer), Box::new(base), span, order)
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
        let base = self.base.steps(span, order);
        present(over(core::iter::once(&self.layer), base, span, order))
    }
}

/// Scans `layers`, newest first, over `base`.
fn over<'a>(
    layers: impl Iterator<Item = &'a Layer>,
    base: Source<'a>,
    span: &Span,
    order: Order,
) -> Merge<'a> {
    let mut sources: Vec<Source<'a>> = layers.map(|layer| layer.scan(span, order)).collect();
    sources.push(base);
    merge(sources, order)
}

/// The pairs alone.
fn present<'a>(merge: Merge<'a>) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
    let pair = |(key, value): (Key, Option<Value>)| value.map(|value| (key, value));
    Box::new(merge.filter_map(move |write| write.map(pair).transpose()))
}
