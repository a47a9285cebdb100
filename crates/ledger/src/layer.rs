use crate::filter::Mark;
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
        Self::newest_first(layers.iter().rev())
    }

    fn newest_first<'a>(layers: impl Iterator<Item = &'a Arc<Self>>) -> Self {
        let writes: Vec<_> = layers.map(|layer| &layer.writes).collect();
        Self { writes: Writes::joined(&writes) }
    }

    /// Lays the writes of a `newer` block over these.
    pub fn cover(&mut self, newer: &Self) {
        self.writes = Writes::joined(&[&newer.writes, &self.writes]);
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

/// What some blocks wrote, one after the other, in one layer: a read looks at it once, not once for
/// each of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Joined {
    layer: Arc<Layer>,
    blocks: u64,
}

impl Joined {
    /// What one block wrote.
    #[must_use]
    pub const fn one(layer: Arc<Layer>) -> Self {
        Self { layer, blocks: 1 }
    }

    /// With what the blocks before wrote, the newest first. A removal stays one, as the state below
    /// may hold the key.
    #[must_use]
    pub fn over(self, older: &[Self]) -> Self {
        if older.is_empty() {
            return self;
        }
        let blocks = older.iter().fold(self.blocks, |sum, one| sum.saturating_add(one.blocks));
        let layers = core::iter::once(&self).chain(older).map(|joined| &joined.layer);
        Self { layer: Arc::new(Layer::newest_first(layers)), blocks }
    }

    /// What they wrote.
    #[must_use]
    pub const fn layer(&self) -> &Arc<Layer> {
        &self.layer
    }

    /// How many they are: one at least.
    #[must_use]
    pub const fn blocks(&self) -> u64 {
        self.blocks
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
        self.written(key).map_or_else(|| self.base.get(key), |value| Ok(value.map(Value::from)))
    }

    fn get_all(
        &self,
        keys: &[&[u8]],
        found: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), ReadFailed> {
        let above: Vec<_> = keys.iter().map(|key| self.written(key)).collect();
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
    /// What the newest layer that writes under `key` holds there, if one does.
    fn written(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        let mark = Mark::of(key);
        self.layers.iter().find_map(|layer| layer.writes.get_marked(key, mark))
    }

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
