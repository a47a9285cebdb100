//! The state root is a function of the pairs, of each of them, and of nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_crypto::{Domain, Hash, state_path, state_value};
use isonomy_ledger::*;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

type Pairs = BTreeMap<Vec<u8>, Vec<u8>>;

fn root(pairs: &Pairs) -> Hash {
    let write =
        |(key, value): (&Vec<u8>, &Vec<u8>)| (Key::from(&**key), Some(Value::from(&**value)));
    let layer = Layer { writes: pairs.iter().map(write).collect() };
    state_root(&Stack { layers: vec![Arc::new(layer)], base: Arc::new(Empty) }).unwrap()
}

/// The definition, written once more without sorting or slicing: paths are texts of bits.
fn naive(pairs: &Pairs) -> Hash {
    let hash = |name: &'static str, parts: &[&[u8]]| Domain::new(name).hash(&parts.concat());
    let mut leaves = BTreeMap::new();
    for (key, value) in pairs {
        let (key, value) = (state_path(key), state_value(value));
        let leaf = hash("isonomy state leaf 1", &[key.as_bytes(), value.as_bytes()]);
        let bits: String = key.as_bytes().iter().map(|byte| format!("{byte:08b}")).collect();
        leaves.insert(bits, leaf);
    }
    fn at(prefix: String, leaves: &BTreeMap<String, Hash>) -> Hash {
        let below: Vec<_> = leaves.iter().filter(|(bits, _)| bits.starts_with(&prefix)).collect();
        if below.len() < 2 {
            return below.first().map_or(Hash::ZERO, |(_, leaf)| **leaf);
        }
        let (left, right) = (at(format!("{prefix}0"), leaves), at(format!("{prefix}1"), leaves));
        Domain::new("isonomy state node 1").hash(&[*left.as_bytes(), *right.as_bytes()].concat())
    }
    at(String::new(), &leaves)
}

fn pairs() -> impl Strategy<Value = Pairs> {
    let bytes = |least| proptest::collection::vec(any::<u8>(), least..5);
    proptest::collection::btree_map(bytes(0), bytes(1), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_root_is_the_naive_definition(pairs in pairs()) {
        prop_assert_eq!(root(&pairs), naive(&pairs));
    }

    /// However the pairs came to be, in one layer or in many, first right or first wrong.
    #[test]
    fn the_root_knows_no_history(pairs in pairs(), detours in pairs(), split in 0usize..40) {
        let write = |(key, value): (&Vec<u8>, &Vec<u8>)| {
            (Key::from(&**key), Some(Value::from(&**value)))
        };
        let old = Layer { writes: detours.iter().map(write).collect() };
        let mut wipe = Layer::default();
        wipe.writes.extend(detours.keys().map(|key| (Key::from(&**key), None)));
        let late = Layer { writes: pairs.iter().skip(split).map(write).collect() };
        let early = Layer { writes: pairs.iter().take(split).map(write).collect() };
        let layers = [early, late, wipe, old].map(Arc::new).to_vec();
        let stack = Stack { layers, base: Arc::new(Empty) };
        prop_assert_eq!(state_root(&stack).unwrap(), root(&pairs));
    }

    #[test]
    fn the_root_sees_every_key_and_every_value(pairs in pairs(), at in any::<prop::sample::Index>()) {
        prop_assume!(!pairs.is_empty());
        let before = root(&pairs);
        let (key, value) = pairs.iter().nth(at.index(pairs.len())).unwrap();
        let changed = |change: &dyn Fn(&mut Pairs)| {
            let mut pairs = pairs.clone();
            change(&mut pairs);
            root(&pairs)
        };
        let value = value.clone();
        prop_assert_ne!(before, changed(&|pairs| drop(pairs.remove(key))));
        prop_assert_ne!(before, changed(&|pairs| pairs.get_mut(key).unwrap()[0] ^= 1));
        prop_assert_ne!(before, changed(&|pairs| pairs.get_mut(key).unwrap().push(0)));
        let longer = [&**key, &[0, 0, 0, 0, 0]].concat();
        prop_assert_ne!(before, changed(&|pairs| {
            pairs.remove(key);
            pairs.insert(longer.clone(), value.clone());
        }));
    }
}

#[test]
fn a_key_and_its_value_do_not_swap() {
    let one = |key: &[u8], value: &[u8]| root(&Pairs::from([(key.to_vec(), value.to_vec())]));
    assert_ne!(one(b"a", b"b"), one(b"b", b"a"));
    assert_ne!(one(b"ab", b"c"), one(b"a", b"bc"));
}

#[test]
fn attack_02_a_node_posing_as_a_leaf() {
    // The value is the children of the root, joined: were domains shared, the lone leaf would be it.
    let two: Pairs = [(vec![1], vec![1]), (vec![2], vec![2])].into();
    let halves: Vec<_> =
        two.iter().map(|(k, v)| root(&Pairs::from([(k.clone(), v.clone())]))).collect();
    for order in [[0, 1], [1, 0]] {
        let joined = order.map(|half| *halves[half].as_bytes()).concat();
        assert_ne!(root(&Pairs::from([(joined.clone(), joined)])), root(&two));
    }
}

/// A view that names a key twice.
struct Stutter;

impl View for Stutter {
    fn get(&self, _: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(None)
    }

    fn scan<'a>(
        &'a self,
        _: &Span,
        _: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        Box::new((0..2).map(|n| Ok((Key::from([1]), Value::from([n])))))
    }
}

#[test]
fn a_view_that_stutters_is_broken() {
    assert_eq!(state_root(&Stutter), Err(ReadFailed));
}
