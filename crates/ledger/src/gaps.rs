//! Removals of earlier blocks are passed once an execution.
use crate::merge::{Source, Write};
use crate::{Key, Order, ReadFailed, Span, View};
use alloc::collections::BTreeMap;

/// Removals one after the other that are remembered as a gap. Fewer are passed each time: that costs
/// less than [`cost::READ`](crate::cost::READ) stands for.
const GAP_MIN: usize = 16;

/// Stretches of the state below an execution that hold removals and nothing else, by their first
/// key; the value is their last. They do not overlap. That state does not change, so they stay true.
#[derive(Default)]
pub(crate) struct Gaps(BTreeMap<Key, Key>);

impl Gaps {
    /// The last gap that has a key from `first` to `last`.
    fn last_within(&self, first: &Key, last: &Key) -> Option<(Key, Key)> {
        let (low, high) = self.0.range(..=last.clone()).next_back()?;
        (high >= first).then(|| (low.clone(), high.clone()))
    }

    /// Adds a gap, and joins those that it touches.
    fn add(&mut self, (mut first, mut last): (Key, Key)) {
        while let Some((low, high)) = self.last_within(&first, &last) {
            self.0.remove(&low);
            (first, last) = (first.min(low), last.max(high));
        }
        self.0.insert(first, last);
    }
}

/// The pairs of a span as a view holds them. A gap it knows is leapt over, one it finds is kept.
pub(crate) struct Leaping<'a> {
    view: &'a dyn View,
    span: Span,
    order: Order,
    steps: Source<'a>,
    gaps: &'a mut Gaps,
}

impl<'a> Leaping<'a> {
    pub(crate) fn new(view: &'a dyn View, span: Span, order: Order, gaps: &'a mut Gaps) -> Self {
        let steps = view.steps(&span, order);
        Self { view, span, order, steps, gaps }
    }

    /// Goes on behind a gap.
    fn leap(&mut self, (first, last): &(Key, Key)) {
        match self.order {
            Order::Up => self.span.from = [last, &[0_u8][..]].concat(),
            Order::Down => self.span.to = Some(first.to_vec()),
        }
        self.steps = self.view.steps(&self.span, self.order);
    }
}

impl Iterator for Leaping<'_> {
    type Item = Result<Write, ReadFailed>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut passed, mut run) = (0_usize, None::<(Key, Key)>);
        let found = loop {
            let removed = match self.steps.next() {
                Some(Ok((key, None))) => key,
                found => break found,
            };
            let known = self.gaps.last_within(&removed, &removed);
            let (first, last) = known.clone().unwrap_or_else(|| (removed.clone(), removed));
            run = Some(match run {
                Some((low, high)) => (low.min(first), high.max(last)),
                None => (first, last),
            });
            match known {
                Some(gap) => self.leap(&gap),
                None => passed = passed.saturating_add(1),
            }
        };
        if let Some(gap) = run.filter(|_| passed >= GAP_MIN) {
            self.gaps.add(gap);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Empty, Layer, Stack};
    use alloc::{sync::Arc, vec, vec::Vec};

    fn keys(gaps: &Gaps) -> Vec<(u8, u8)> {
        gaps.0.iter().map(|(first, last)| (first[0], last[0])).collect()
    }

    fn key(number: u8) -> Key {
        [number].into()
    }

    #[test]
    fn gaps_that_touch_are_one() {
        let mut gaps = Gaps::default();
        for (add, want) in [
            ((10, 20), vec![(10, 20)]),
            ((40, 50), vec![(10, 20), (40, 50)]),
            ((60, 60), vec![(10, 20), (40, 50), (60, 60)]),
            ((12, 15), vec![(10, 20), (40, 50), (60, 60)]),
            ((50, 55), vec![(10, 20), (40, 55), (60, 60)]),
            ((5, 10), vec![(5, 20), (40, 55), (60, 60)]),
            ((30, 70), vec![(5, 20), (30, 70)]),
            ((0, 255), vec![(0, 255)]),
        ] {
            gaps.add((key(add.0), key(add.1)));
            assert_eq!(keys(&gaps), want, "{add:?}");
        }
    }

    #[test]
    fn scans_find_the_same_over_gaps_and_remember_them() {
        let live = [0_u8, 50, 51, 60, 200];
        let write = |number: u8| (key(number), live.contains(&number).then(|| [1].into()));
        let layer = Layer { writes: (0..=200).map(write).collect() };
        let stack = Stack { layers: vec![Arc::new(layer)], base: Arc::new(Empty) };
        let mut gaps = Gaps::default();
        for (from, to) in [(0, 201), (30, 40), (30, 201), (0, 130), (61, 62), (201, 30), (0, 0)] {
            for order in [Order::Up, Order::Down, Order::Up] {
                let span = Span { from: vec![from], to: Some(vec![to]) };
                let mut want: Vec<u8> =
                    live.into_iter().filter(|key| (from..to).contains(key)).collect();
                if order == Order::Down {
                    want.reverse();
                }
                let scan = Leaping::new(&stack, span, order, &mut gaps);
                let found: Vec<u8> = scan.map(|step| step.unwrap().0[0]).collect();
                assert_eq!(found, want, "{from}..{to} {order:?}");
            }
        }
        assert_eq!(keys(&gaps), [(1, 49), (61, 199)], "nine removals are no gap");
    }
}
