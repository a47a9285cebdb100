//! The tree has the root of the naive definition, whatever was written, taken away and written
//! again, on whichever branch; and no version changes another.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_crypto::{Hash, state_path};
use isonomy_ledger::*;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

type Model = BTreeMap<Key, Value>;

/// Keys whose paths begin alike: neighbours out of many, and some that stand alone.
static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let many = (0..60_000_u32).map(|n| (state_path(&n.to_be_bytes()), n));
    let mut many: Vec<(Hash, u32)> = many.collect();
    many.sort();
    let bits = |a: &Hash, b: &Hash| {
        let mut pairs = a.as_bytes().iter().zip(b.as_bytes()).map(|(a, b)| a ^ b);
        let bytes = pairs.by_ref().take_while(|differ| *differ == 0).count();
        bytes * 8
            + a.as_bytes()
                .iter()
                .zip(b.as_bytes())
                .map(|(a, b)| a ^ b)
                .nth(bytes)
                .map_or(0, |differ| differ.leading_zeros() as usize)
    };
    let closest = |width: usize| {
        let runs = many.windows(width);
        runs.max_by_key(|run| bits(&run[0].0, &run[width - 1].0)).unwrap().to_vec()
    };
    let (pair, run) = (closest(2), closest(20));
    assert!(bits(&pair[0].0, &pair[1].0) > 24 && bits(&run[0].0, &run[19].0) > 10);
    let alone = many.iter().step_by(3_000).copied();
    let all = pair.iter().chain(&run).copied().chain(alone);
    all.map(|(_, n)| Key::from(n.to_be_bytes())).collect()
});

/// A key's place among [`KEYS`], and a new value or none.
type Writes = Vec<(Index, Option<u8>)>;

fn writes(most: usize) -> impl Strategy<Value = Writes> {
    let value = proptest::option::weighted(0.6, 0..4_u8);
    proptest::collection::vec((any::<Index>(), value), 0..most)
}

fn layer(writes: &Writes) -> Layer {
    let write = |(key, value): &(Index, Option<u8>)| {
        (key.get(&KEYS).clone(), value.map(|value| Value::from([value])))
    };
    Layer { writes: writes.iter().map(write).collect() }
}

fn apply(model: &mut Model, layer: &Layer) {
    for (key, value) in &layer.writes {
        match value {
            Some(value) => model.insert(key.into(), value.into()),
            None => model.remove(key),
        };
    }
}

fn view(model: &Model) -> Stack {
    let writes = model.iter().map(|(key, value)| (key.clone(), Some(value.clone())));
    Stack { layers: vec![Arc::new(Layer { writes: writes.collect() })], base: Arc::new(Empty) }
}

fn check(tree: &StateTree, model: &Model) {
    let view = view(model);
    assert_eq!(tree.root(), state_root(&view).unwrap());
    assert_eq!((tree.len(), tree.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(StateTree::of(&view).unwrap().root(), tree.root());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// Each step grows out of any version so far, not only the newest. At the end every version
    /// still takes the same writes to the same root: nothing below its root moved.
    #[test]
    fn random_histories_of_forks(
        steps in proptest::collection::vec((any::<Index>(), writes(30)), 1..14),
        last in writes(30),
    ) {
        let mut versions = vec![(StateTree::default(), Model::new())];
        for (from, writes) in steps {
            let (tree, mut model) = from.get(&versions).clone();
            let layer = layer(&writes);
            apply(&mut model, &layer);
            let tree = tree.update(&layer).unwrap();
            check(&tree, &model);
            versions.push((tree, model));
        }
        let last = layer(&last);
        for (tree, mut model) in versions {
            check(&tree, &model);
            apply(&mut model, &last);
            check(&tree.update(&last).unwrap(), &model);
        }
    }

    /// Two batches are their sum, and a batch is its writes one by one.
    #[test]
    fn how_writes_are_cut_does_not_matter(
        first in writes(60),
        older in writes(20),
        newer in writes(20),
    ) {
        let start = StateTree::default().update(&layer(&first)).unwrap();
        let mut both = layer(&older);
        both.cover(&layer(&newer));
        let root = start.update(&both).unwrap().root();
        let twice = start.update(&layer(&older)).unwrap().update(&layer(&newer)).unwrap();
        prop_assert_eq!(twice.root(), root);
        let singles = both.writes.iter().map(|(key, value)| {
            Layer { writes: [(key.into(), value.map(Into::into))].into() }
        });
        prop_assert_eq!(singles.fold(start, |tree, one| tree.update(&one).unwrap()).root(), root);
    }

    /// A tree built from a view goes on as one that grew.
    #[test]
    fn a_built_tree_goes_on_like_a_grown_one(first in writes(60), then in writes(30)) {
        let (first, then) = (layer(&first), layer(&then));
        let mut model = Model::new();
        apply(&mut model, &first);
        let built = StateTree::of(&view(&model)).unwrap().update(&then).unwrap();
        apply(&mut model, &then);
        check(&built, &model);
        prop_assert_eq!(built.root(), StateTree::default().update(&first).unwrap().update(&then).unwrap().root());
    }
}

#[test]
fn a_large_state_comes_and_goes() {
    let write = |n: u32, value: Option<u8>| {
        (Key::from(n.to_be_bytes()), value.map(|value| Value::from([value])))
    };
    let (mut model, mut tree) = (Model::new(), StateTree::default());
    let batches: [&mut dyn Iterator<Item = (Key, Option<Value>)>; 5] = [
        &mut (0..5_000).map(|n| write(n, Some(1))),
        &mut (2_000..7_000).map(|n| write(n, Some(2))),
        &mut (0..6_990).map(|n| write(n, None)),
        &mut (0..300).map(|n| write(n, Some(3))),
        &mut (0..7_000).map(|n| write(n, None)),
    ];
    for batch in batches {
        let layer = Layer { writes: batch.collect() };
        apply(&mut model, &layer);
        tree = tree.update(&layer).unwrap();
        check(&tree, &model);
    }
    assert_eq!((tree.root(), model.len()), (Hash::ZERO, 0));
}

/// A view that cannot be read, or names a key twice, has no tree.
#[test]
fn a_tree_of_a_broken_view_is_refused() {
    struct Broken(Vec<Result<u8, ReadFailed>>);
    impl View for Broken {
        fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
            Ok(None)
        }

        fn scan<'a>(
            &'a self,
            _: &Span,
            _: Order,
        ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
            let pair = |n: &Result<u8, ReadFailed>| n.map(|n| (Key::from([n]), Value::from([n])));
            Box::new(self.0.iter().map(pair))
        }
    }
    assert_eq!(StateTree::of(&Broken(vec![Ok(1), Ok(2)])).unwrap().len(), 2);
    for pairs in [vec![Err(ReadFailed)], vec![Ok(1), Err(ReadFailed)], vec![Ok(1), Ok(1)]] {
        assert_eq!(StateTree::of(&Broken(pairs)).err(), Some(ReadFailed));
    }
}

#[test]
fn a_tree_prints_its_root_and_length() {
    let tree = StateTree::default();
    assert_eq!(format!("{tree:?}"), format!("StateTree({:?}, 0 pairs)", Hash::ZERO));
}
