//! The state in memory: tables over tables.
use crate::table::{AT_ONCE, Table};
use isonomy_ledger::{Layer, Order, Pair, ReadFailed, Span, Spread, Steps, Value, View};
use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::iter::Peekable;
use std::sync::Arc;

/// Tables, newest first, each less than half as large as the next: a flush costs what it writes
/// and, now and then, a merge; and a snapshot costs a pointer a table.
#[derive(Clone)]
pub(crate) struct State {
    tables: VecDeque<Arc<Table>>,
    /// Nobody who chooses keys knows its words, so nobody makes them fall together.
    spread: Spread,
}

impl Default for State {
    fn default() -> Self {
        let word = || RandomState::new().hash_one(());
        Self { tables: VecDeque::new(), spread: Spread::new([word(), word()]) }
    }
}

impl State {
    pub(crate) fn push(&mut self, layer: &Layer) {
        let mut newest = Table::new(layer, self.spread, !self.tables.is_empty());
        while self.tables.front().is_some_and(|next| next.len() / 2 <= newest.len()) {
            let Some(next) = self.tables.pop_front() else { break };
            newest = next.cover(&newest, !self.tables.is_empty());
        }
        self.tables.push_front(Arc::new(newest));
    }

    /// The newest write under a key, by the hash of the key.
    fn find(&self, hash: u64, key: &[u8]) -> Option<&[u8]> {
        let found = self.tables.iter().find_map(|table| table.get(hash, key));
        found.filter(|value| !value.is_empty())
    }

    fn hash(&self, key: &[u8]) -> u64 {
        self.spread.hash(key)
    }

    fn merged(&self, span: &Span, order: Order) -> Merge<'_> {
        let tables = self.tables.iter().map(|table| table.scan(span, order).peekable());
        Merge { tables: tables.collect(), order }
    }
}

impl View for State {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(self.find(self.hash(key), key).map(Value::from))
    }

    fn get_all(
        &self,
        keys: &[&[u8]],
        found: &mut dyn FnMut(Option<&[u8]>),
    ) -> Result<(), ReadFailed> {
        for keys in keys.chunks(AT_ONCE) {
            let mut hashes = [0; AT_ONCE];
            hashes.iter_mut().zip(keys).for_each(|(hash, key)| *hash = self.hash(key));
            self.tables.iter().for_each(|table| table.touch(&hashes));
            hashes.into_iter().zip(keys).for_each(|(hash, key)| found(self.find(hash, key)));
        }
        Ok(())
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let present = self.merged(span, order).filter(|(_, value)| !value.is_empty());
        Box::new(present.map(|(key, value)| Ok((key.into(), value.into()))))
    }

    /// With the removals that no merge has dropped yet.
    fn steps<'a>(&'a self, span: &Span, order: Order) -> Steps<'a> {
        let value = |value: &[u8]| (!value.is_empty()).then(|| value.into());
        Box::new(self.merged(span, order).map(move |(key, bytes)| Ok((key.into(), value(bytes)))))
    }
}

type Write<'a> = (&'a [u8], &'a [u8]);

/// Writes of several tables in order; of one key the newest counts.
struct Merge<'a> {
    /// Newest first.
    tables: Vec<Peekable<Box<dyn Iterator<Item = Write<'a>> + 'a>>>,
    order: Order,
}

impl<'a> Iterator for Merge<'a> {
    type Item = Write<'a>;

    fn next(&mut self) -> Option<Write<'a>> {
        let keys = self.tables.iter_mut().filter_map(|table| Some(table.peek()?.0));
        let next = match self.order {
            Order::Up => keys.min(),
            Order::Down => keys.max(),
        }?;
        let same = |table: &mut Peekable<_>| table.next_if(|write: &Write<'_>| write.0 == next);
        self.tables.iter_mut().filter_map(same).fold(None, |newest, write| newest.or(Some(write)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use isonomy_ledger::Key;
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Map = BTreeMap<Vec<u8>, Vec<u8>>;

    fn key(number: u8) -> Vec<u8> {
        vec![number / 3; usize::from(number)]
    }

    fn layer(writes: &BTreeMap<u8, Option<u8>>) -> Layer {
        let write = |(number, len): (&u8, &Option<u8>)| {
            let value = len.map(|len| Value::from(vec![*number; usize::from(len)]));
            (Key::from(key(*number)), value)
        };
        Layer { writes: writes.iter().map(write).collect() }
    }

    fn check(state: &State, model: &Map) {
        let keys: Vec<_> = (0..40).map(key).collect();
        let want: Vec<_> = keys.iter().map(|key| model.get(key).cloned()).collect();
        let keys: Vec<_> = keys.iter().map(|key| &**key).collect();
        let mut all = Vec::new();
        state.get_all(&keys, &mut |value| all.push(value.map(<[u8]>::to_vec))).unwrap();
        assert_eq!(all, want);
        for (key, want) in keys.iter().zip(&want) {
            assert_eq!(state.get(key).unwrap().as_deref(), want.as_deref());
        }
        let ends = [0, 7, 21, 39].map(key);
        for (from, to) in ends.iter().flat_map(|from| ends.iter().map(move |to| (from, to))) {
            let span = Span { from: from.clone(), to: Some(to.clone()) };
            let within = model.iter().filter(|(key, _)| span.contains(key));
            let want: Vec<_> = within.map(|(key, value)| (key.clone(), value.clone())).collect();
            let scan = |order| {
                let pairs = state.scan(&span, order).map(Result::unwrap);
                pairs.map(|(key, value)| (key.to_vec(), value.to_vec())).collect::<Vec<_>>()
            };
            let mut steps: Vec<_> = state.steps(&span, Order::Up).map(Result::unwrap).collect();
            assert!(
                steps.is_sorted_by(|a, b| a.0 < b.0)
                    && steps.iter().all(|step| span.contains(&step.0))
            );
            steps.retain(|(_, value)| value.is_some());
            let there = |(key, value): &(Key, Option<Value>)| {
                (key.to_vec(), value.as_deref().unwrap_or_default().to_vec())
            };
            assert_eq!(steps.iter().map(there).collect::<Vec<_>>(), want);
            assert_eq!(scan(Order::Up), want);
            assert_eq!(scan(Order::Down).into_iter().rev().collect::<Vec<_>>(), want);
        }
    }

    proptest! {
        #[test]
        fn a_state_is_a_map_and_its_snapshots_stay(
            layers in vec(btree_map(0..40u8, prop::option::of(1..90u8), 0..20), 1..12),
        ) {
            let (mut state, mut model, mut held) = (State::default(), Map::new(), Vec::new());
            for writes in &layers {
                let layer = layer(writes);
                state.push(&layer);
                for (key, value) in &layer.writes {
                    match value {
                        Some(value) => model.insert(key.to_vec(), value.to_vec()),
                        None => model.remove(key),
                    };
                }
                let sizes: Vec<_> = state.tables.iter().map(|table| table.len()).collect();
                prop_assert!(sizes.windows(2).all(|pair| pair[0] < pair[1]), "{sizes:?}");
                held.push((state.clone(), model.clone()));
            }
            held.iter().for_each(|(state, model)| check(state, model));
            let bottom = state.tables.back().map_or(0, |table| table.len());
            prop_assert!(state.tables.len() > 1 || bottom == model.len(), "removals at the bottom");
        }
    }

    #[test]
    fn no_state_finds_nothing() {
        check(&State::default(), &Map::new());
    }
}
