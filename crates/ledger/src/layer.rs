use crate::merge::{Merge, Source, merge};
use crate::{Key, Order, Pair, ReadFailed, Span, Steps, Value, View, Writes};
use alloc::{boxed::Box, sync::Arc, vec::Vec};

/// What one block wrote. Knows no parent, so that a new base frees the old one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Layer {
    /// New values by key. `None` is a removal.
    pub writes: Writes,
}

impl Layer {
    /// What blocks wrote one after the other, the oldest first.
    #[must_use]
    pub fn joined(layers: &[Arc<Self>]) -> Self {
        match layers {
            [] => Self::default(),
            [one] => Self::clone(one),
            // In halves, so that a write is copied a few times and not once a block.
            _ => {
                let (older, newer) = layers.split_at(layers.len() / 2);
                let mut both = Self::joined(older);
                both.cover(&Self::joined(newer));
                both
            }
        }
    }

    /// Lays the writes of a `newer` block over these.
    pub fn cover(&mut self, newer: &Self) {
        self.writes = self.writes.covered(&newer.writes);
    }

    fn scan(&self, span: &Span, order: Order) -> Source<'_> {
        let within = self.writes.within(span);
        let owned = |(key, value): (&[u8], Option<&[u8]>)| Ok((key.into(), value.map(Value::from)));
        match order {
            Order::Up => Box::new(within.map(owned)),
            Order::Down => Box::new(within.rev().map(owned)),
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
        found.map_or_else(|| self.base.get(key), |value| Ok(value.map(Value::from)))
    }

    fn get_all(
        &self,
        keys: &[&[u8]],
        found: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), ReadFailed> {
        let written = |key: &&[u8]| self.layers.iter().find_map(|layer| layer.writes.get(key));
        let above: Vec<_> = keys.iter().map(written).collect();
        let mut rest = above.iter();
        let mut tell = |below: Option<Option<&[u8]>>| {
            // What the layers hold, up to the next key that is left to the base.
            for write in rest.by_ref() {
                match (write, below) {
                    (Some(value), _) => found(*value),
                    (None, Some(value)) => return found(value),
                    (None, None) => return,
                }
            }
        };
        let missing = keys.iter().zip(&above).filter(|(_, above)| above.is_none());
        let missing: Vec<_> = missing.map(|(key, _)| *key).collect();
        self.base.get_all(&missing, &mut |value| tell(Some(value)))?;
        tell(None);
        Ok(())
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
        let layers = self.layers.iter().map(|layer| layer.scan(span, order));
        over(layers, self.base.steps(span, order), order)
    }
}

/// Scans writes, newest first, over `base`.
pub(crate) fn over<'a>(
    writes: impl IntoIterator<Item = Source<'a>>,
    base: Source<'a>,
    order: Order,
) -> Merge<'a> {
    let mut sources: Vec<Source<'a>> = writes.into_iter().collect();
    sources.push(base);
    merge(sources, order)
}

/// The pairs alone.
fn present<'a>(merge: Merge<'a>) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
    let pair = |(key, value): (Key, Option<Value>)| value.map(|value| (key, value));
    Box::new(merge.filter_map(move |write| write.map(pair).transpose()))
}
