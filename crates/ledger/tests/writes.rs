//! What a block wrote, beside a plain map.
#![allow(clippy::unwrap_used)]
use isonomy_ledger::{Joined, Key, Layer, Span, Value, Writes};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

type Model = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Keys that often begin alike, some of them the same, some alike beyond what a search compares first.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(0..3_u8, 0..4), vec(0..2_u8, 7..10)]
}

fn value() -> impl Strategy<Value = Option<Vec<u8>>> {
    prop::option::of(vec(any::<u8>(), 1..40))
}

fn owned((key, value): (&Vec<u8>, &Option<Vec<u8>>)) -> (Key, Option<Value>) {
    (key.as_slice().into(), value.as_deref().map(Value::from))
}

fn is(writes: &Writes, model: &Model) -> bool {
    let plain = || model.iter().map(|(key, value)| (&**key, value.as_deref()));
    writes.iter().eq(plain())
        && writes.iter().rev().eq(plain().rev())
        && writes.keys().eq(plain().map(|(key, _)| key))
        && writes.values().eq(plain().map(|(_, value)| value))
        && (writes.len(), writes.is_empty()) == (model.len(), model.is_empty())
}

proptest! {
    #[test]
    fn of_one_key_the_last_write_counts(all in vec((key(), value()), 0..40)) {
        let writes: Writes = all.iter().map(|(key, value)| owned((key, value))).collect();
        let model: Model = all.iter().cloned().collect();
        prop_assert!(is(&writes, &model), "{writes:?}");
        for key in all.iter().map(|(key, _)| key).chain([&vec![1], &vec![9]]) {
            prop_assert_eq!(writes.get(key), model.get(key).map(Option::as_deref));
        }
        // However they came about, they are the same.
        let mut single = Writes::default();
        all.iter().for_each(|(key, value)| {
            let (key, value) = owned((key, value));
            single.insert(key, value);
        });
        prop_assert_eq!(single, writes);
    }

    #[test]
    fn blocks_joined_are_blocks_laid_one_over_the_other(
        blocks in prop_oneof![
            vec(btree_map(key(), value(), 0..6), 0..9),
            vec(btree_map(key(), value(), 0..3), 60..80),
        ],
    ) {
        let layer = |model: &Model| Arc::new(Layer { writes: model.iter().map(owned).collect() });
        let joined = Layer::joined(&blocks.iter().map(layer).collect::<Vec<_>>());
        let model: Model = blocks.into_iter().flatten().collect();
        prop_assert!(is(&joined.writes, &model), "{joined:?}");
    }

    /// In whatever parts, and however often.
    #[test]
    fn layers_joined_again_are_all_of_them_joined_at_once(
        blocks in vec(btree_map(key(), value(), 0..6), 1..12),
        parts in vec(1..5_usize, 12),
    ) {
        let layer = |model: &Model| Arc::new(Layer { writes: model.iter().map(owned).collect() });
        let layers: Vec<_> = blocks.iter().map(layer).collect();
        let (mut rest, mut joined) = (&layers[..], Vec::<Joined>::new());
        for part in parts {
            let (older, newer) = rest.split_at(part.min(rest.len()));
            rest = newer;
            let mut ones = older.iter().rev().cloned().map(Joined::one);
            joined.extend(ones.next().map(|newest| newest.over(&ones.collect::<Vec<_>>())));
        }
        joined.reverse();
        let all = joined[0].clone().over(&joined[1..]);
        prop_assert_eq!(all.blocks(), layers.len() as u64);
        prop_assert_eq!(&**all.layer(), &Layer::joined(&layers));
    }

    #[test]
    fn a_newer_layer_lies_over_an_older(
        older in btree_map(key(), value(), 0..20),
        newer in btree_map(key(), value(), 0..20),
    ) {
        let layer = |model: &Model| Layer { writes: model.iter().map(owned).collect() };
        let mut both = layer(&older);
        both.cover(&layer(&newer));
        let model: Model = older.into_iter().chain(newer).collect();
        prop_assert!(is(&both.writes, &model), "{both:?}");
        prop_assert_eq!(both, layer(&model));
    }

    #[test]
    fn a_span_is_found_wherever_its_ends_lie(
        model in btree_map(key(), value(), 0..20),
        from in key(),
        to in prop::option::of(key()),
    ) {
        let writes: Writes = model.iter().map(owned).collect();
        let span = Span { from, to };
        let want: Vec<_> = model.keys().filter(|key| span.contains(key)).collect();
        let found: Vec<_> = writes.within(&span).map(|(key, _)| key).collect();
        prop_assert_eq!(found, want);
    }
}
