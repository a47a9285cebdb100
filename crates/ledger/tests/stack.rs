//! A stack of layers reads like one map.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_ledger::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

type Model = BTreeMap<Vec<u8>, Vec<u8>>;
type Writes = Vec<(Vec<u8>, Option<Vec<u8>>)>;

fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(7), Just(255)], 0..4)
}

fn writes() -> impl Strategy<Value = Writes> {
    let value = proptest::option::weighted(0.6, proptest::collection::vec(any::<u8>(), 1..3));
    proptest::collection::vec((key(), value), 0..12)
}

fn layer(writes: &Writes) -> Layer {
    let shared = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| {
        (Key::from(&**key), value.as_deref().map(Value::from))
    };
    Layer { writes: writes.iter().map(shared).collect() }
}

/// The oldest layer first.
fn model(layers: &[Writes]) -> Model {
    let mut all = Model::new();
    for (key, value) in layers.iter().flatten() {
        match value {
            Some(value) => all.insert(key.clone(), value.clone()),
            None => all.remove(key),
        };
    }
    all
}

fn stack(layers: &[Writes], base: usize) -> Stack {
    let (below, above) = layers.split_at(base.min(layers.len()));
    let over = |layers: &[Writes], base| {
        let layers = layers.iter().rev().map(|writes| Arc::new(layer(writes))).collect();
        Stack { layers, base }
    };
    over(above, Arc::new(over(below, Arc::new(Empty))))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_stack_reads_like_one_map(
        layers in proptest::collection::vec(writes(), 0..6),
        base in 0usize..4,
        from in key(),
        to in proptest::option::of(key()),
    ) {
        let (stack, model) = (stack(&layers, base), model(&layers));
        for key in layers.iter().flatten().map(|(key, _)| key).chain([&from]) {
            let got = stack.get(key).unwrap();
            prop_assert_eq!(got.as_deref(), model.get(key).map(Vec::as_slice));
        }
        let keys: Vec<&[u8]> = layers.iter().flatten().map(|(key, _)| &**key).chain([&*from]).collect();
        let mut found = Vec::new();
        stack.get_all(&keys, &mut |value| found.push(value.map(<[u8]>::to_vec))).unwrap();
        let want: Vec<_> = keys.iter().map(|key| model.get(*key).cloned()).collect();
        prop_assert_eq!(found, want);
        for span in [Span { from: from.clone(), to }, Span::all(), Span::prefix(&from)] {
            let within = |(key, _): &(&Vec<u8>, &Vec<u8>)| {
                **key >= span.from && span.to.as_ref().is_none_or(|to| *key < to)
            };
            let mut want: Vec<_> =
                model.iter().filter(within).map(|(k, v)| (k.clone(), v.clone())).collect();
            prop_assert_eq!(scan(&stack, &span, Order::Up), want.clone());
            want.reverse();
            prop_assert_eq!(scan(&stack, &span, Order::Down), want);
        }
    }

    /// Flushing a layer into the one below changes nothing that can be read.
    #[test]
    fn a_covered_layer_reads_like_both(older in writes(), newer in writes()) {
        let mut both = layer(&older);
        both.cover(&layer(&newer));
        let two = stack(&[older.clone(), newer.clone()], 0);
        let one = Stack { layers: vec![Arc::new(both)], base: Arc::new(Empty) };
        let (span, up) = (Span::all(), Order::Up);
        prop_assert_eq!(scan(&one, &span, up), scan(&two, &span, up));
        prop_assert_eq!(state_root(&one).unwrap(), state_root(&two).unwrap());
    }
}

fn scan(view: &dyn View, span: &Span, order: Order) -> Vec<(Vec<u8>, Vec<u8>)> {
    let plain = |pair: Result<Pair, _>| pair.map(|(key, value)| (key.to_vec(), value.to_vec()));
    view.scan(span, order).map(plain).collect::<Result<_, _>>().unwrap()
}

/// Endless pairs, and a count of those that were pulled.
struct Endless(AtomicUsize);

impl View for Endless {
    fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(None)
    }

    fn scan<'a>(
        &'a self,
        _: &Span,
        _: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let pair = |n: u64| {
            self.0.fetch_add(1, Relaxed);
            Ok((Key::from(n.to_be_bytes()), Value::from([1])))
        };
        Box::new((0..).map(pair))
    }
}

#[test]
fn a_scan_pulls_one_pair_ahead_and_no_more() {
    let base = Arc::new(Endless(AtomicUsize::new(0)));
    let removed: Writes = (0..5u64).map(|n| (n.to_be_bytes().to_vec(), None)).collect();
    let stack = Stack { layers: vec![Arc::new(layer(&removed))], base: base.clone() };
    let found: Vec<_> = stack.scan(&Span::all(), Order::Up).take(3).collect();
    assert_eq!(found.len(), 3);
    assert_eq!(found[0].as_ref().unwrap().0[..], 5u64.to_be_bytes());
    assert_eq!(base.0.load(Relaxed), 9, "five hidden, three found, one ahead");
}

/// Two pairs, then a failure.
struct Broken;

impl View for Broken {
    fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Err(ReadFailed)
    }

    fn scan<'a>(
        &'a self,
        _: &Span,
        _: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let pair = |n: u8| Ok((Key::from([n]), Value::from([n])));
        Box::new([pair(1), pair(2), Err(ReadFailed), pair(4)].into_iter())
    }
}

#[test]
fn a_scan_ends_at_the_first_failure() {
    let own = layer(&vec![(vec![0], Some(vec![0])), (vec![9], Some(vec![9]))]);
    let stack = Stack { layers: vec![Arc::new(own)], base: Arc::new(Broken) };
    let found: Vec<_> = stack.scan(&Span::all(), Order::Up).collect();
    let keys: Vec<_> = found.iter().map(|pair| pair.as_ref().map(|(key, _)| key[0])).collect();
    assert_eq!(keys[..2], [Ok(0), Ok(1)], "what is certain comes first");
    assert_eq!(keys[keys.len() - 1], Err(&ReadFailed), "{keys:?}");
    assert!(!keys.contains(&Ok(9)), "nothing after a failure: {keys:?}");
    assert_eq!(state_root(&stack), Err(ReadFailed));
    assert_eq!(stack.get(&[5]), Err(ReadFailed));
    assert!(stack.get(&[9]).unwrap().is_some(), "a layer answers for itself");
}

#[test]
fn a_span_that_ends_before_it_starts_is_empty() {
    let stack = stack(&[vec![(vec![1], Some(vec![1])), (vec![2], Some(vec![2]))]], 0);
    for (from, to) in [(2, 1), (1, 1)] {
        let span = Span { from: vec![from], to: Some(vec![to]) };
        assert!(scan(&stack, &span, Order::Up).is_empty());
        assert!(scan(&stack, &span, Order::Down).is_empty());
    }
}
