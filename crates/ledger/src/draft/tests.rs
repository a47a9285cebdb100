//! Drafts beside a map and copies of it.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
use super::*;
use crate::{Empty, Pair, Stack};
use alloc::collections::BTreeSet;
use proptest::collection::vec;
use proptest::prelude::*;

type Map = BTreeMap<Vec<u8>, Vec<u8>>;

/// What a module, and the block around it, can do to a draft.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, usize),
    Mark,
    RollBack,
    /// Forgets the marks.
    Settle,
    /// Forgets them too: nothing is read ahead while one is set.
    Expect(Vec<u8>),
    Scan(u8, u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..24u8, prop_oneof![Just(0), Just(9), 40..60usize]).prop_map(|(k, v)| Step::Put(k, v)),
        2 => Just(Step::Mark),
        2 => Just(Step::RollBack),
        1 => Just(Step::Settle),
        1 => vec(0..24u8, 0..6).prop_map(Step::Expect),
        2 => (0..25u8, 0..25u8, any::<bool>()).prop_map(|(from, to, up)| Step::Scan(from, to, up)),
    ]
}

/// Keys that share long beginnings, and differ in length.
fn key(number: u8) -> Vec<u8> {
    let mut key = vec![7; usize::from(number % 3) * 16];
    key.push(number);
    key
}

fn base(keys: &[u8]) -> (Arc<dyn View>, Map) {
    let model: Map = keys.iter().map(|number| (key(*number), vec![number ^ 1; 5])).collect();
    let write = |(key, value): (&Vec<u8>, &Vec<u8>)| (Key::from(&**key), Some((&**value).into()));
    let layers = vec![Arc::new(Layer { writes: model.iter().map(write).collect() })];
    (Arc::new(Stack { layers, base: Arc::new(Empty) }), model)
}

fn pairs(steps: Merge<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let plain = |(key, value): Pair| (key.to_vec(), value.to_vec());
    let present = steps.filter_map(|step| {
        let (key, value) = step.unwrap();
        value.map(|value| plain((key, value)))
    });
    present.collect()
}

fn scanned(draft: &mut Draft, gaps: &mut Gaps, model: &Map, (from, to, up): (u8, u8, bool)) {
    let order = if up { Order::Up } else { Order::Down };
    let span = Span { from: key(from), to: (to < 24).then(|| key(to)) };
    let within = model.iter().filter(|(key, _)| span.contains(key));
    let mut want: Vec<_> = within.map(|(key, value)| (key.clone(), value.clone())).collect();
    if !up {
        want.reverse();
    }
    assert_eq!(pairs(draft.steps(&span, order, gaps)), want);
}

fn check(draft: &mut Draft, model: &Map) {
    for key in (0..24).map(key) {
        let want = model.get(&key);
        assert_eq!(draft.get(&key).unwrap().as_deref(), want.map(|value| &**value));
        assert!(draft.read(&key, |value| value == want.map(|value| &**value)).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_draft_is_a_map_that_can_be_taken_back(
        below in vec(0..24u8, 0..12),
        steps in vec(step(), 0..60),
        seed in any::<[u8; 32]>(),
    ) {
        let (view, mut model) = base(&below);
        let before = model.clone();
        let mut draft = Draft::new(view, Hash::from_bytes(seed));
        let mut gaps = Gaps::default();
        let (mut marks, mut written) = (Vec::new(), BTreeSet::new());
        for step in steps {
            match step {
                Step::Put(number, len) => {
                    draft.put(&key(number), &vec![number; len]);
                    written.insert(key(number));
                    if len == 0 {
                        model.remove(&key(number));
                    } else {
                        model.insert(key(number), vec![number; len]);
                    }
                }
                Step::Mark => marks.push((draft.written(), model.clone(), written.clone())),
                Step::RollBack => if let Some((mark, map, keys)) = marks.pop() {
                    draft.roll_back(mark);
                    (model, written) = (map, keys);
                },
                Step::Settle => {
                    draft.settle();
                    marks.clear();
                }
                Step::Expect(numbers) => {
                    draft.settle();
                    marks.clear();
                    let mut keys = Keys::default();
                    numbers.iter().for_each(|number| keys.push(&[&key(*number)]));
                    draft.expect(&keys).unwrap();
                }
                Step::Scan(from, to, up) => {
                    scanned(&mut draft, &mut gaps, &model, (from, to, up));
                }
            }
            check(&mut draft, &model);
        }
        // Exactly what was written and not taken back is in the layer, also if it changed nothing.
        let layer = draft.layer();
        prop_assert!(layer.writes.keys().eq(written.iter().map(|key| &**key)));
        let mut after = before;
        for (key, value) in &layer.writes {
            match value {
                Some(value) => after.insert(key.to_vec(), value.to_vec()),
                None => after.remove(key),
            };
        }
        prop_assert_eq!(after, model);
    }
}

#[test]
fn where_keys_fall_depends_on_the_seed() {
    let places = |seed| {
        let spread = Spread::seeded(Hash::from_bytes([seed; 32]));
        (0..64u8).map(|number| spread.hash(&key(number)) % 64).collect::<Vec<_>>()
    };
    assert_ne!(places(1), places(2));
    let distinct: BTreeSet<_> = places(1).into_iter().collect();
    assert!(distinct.len() > 24, "{} places for 64 keys", distinct.len());
}

#[test]
fn the_head_of_a_key_is_in_the_keys_order() {
    let keys: [&[u8]; 6] = [b"", b"\0", b"a", b"a\0", b"aaaaaaaaaaaaaaaaa", b"b"];
    assert!(keys.windows(2).all(|pair| sort::head(pair[0]) <= sort::head(pair[1])));
}
