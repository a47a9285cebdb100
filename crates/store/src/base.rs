//! A state in memory with the pages of its tree.
use crate::{keep::vanished, state::State};
use isonomy_chain::Flush;
use isonomy_ledger::{Layer, Order, Pair, ReadFailed, Span, Steps, Value, View};

/// A snapshot costs what two of [`State`] do.
#[derive(Clone, Default)]
pub(crate) struct Base {
    state: State,
    /// By place.
    pages: State,
}

impl Base {
    pub(crate) fn push(&mut self, flush: &Flush) -> Result<(), ReadFailed> {
        let mut pages = Vec::new();
        flush.tree.pages_since(&flush.before, |at, page| {
            let old = self.pages.get(at)?;
            let gone = old.map(|old| vanished(at, &old, page)).transpose()?;
            for place in gone.into_iter().flatten() {
                for page in self.pages.scan(&Span::prefix(&place), Order::Up) {
                    pages.push((page?.0, None));
                }
            }
            pages.push((at.into(), Some(page.into())));
            Ok(())
        })?;
        self.pages.push(&Layer { writes: pages.into_iter().collect() });
        self.state.push(&flush.layer);
        Ok(())
    }
}

impl View for Base {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.state.get(key)
    }

    fn get_all(
        &self,
        keys: &[&[u8]],
        found: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), ReadFailed> {
        self.state.get_all(keys, found)
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        self.state.scan(span, order)
    }

    fn steps<'a>(&'a self, span: &Span, order: Order) -> Steps<'a> {
        self.state.steps(span, order)
    }

    fn tree_page(&self, at: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.pages.get(at)
    }
}
