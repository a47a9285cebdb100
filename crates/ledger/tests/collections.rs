//! Sets, indexed maps and pages, against plain maps that are copied for every savepoint.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use borsh::{BorshDeserialize, BorshSerialize};
use common::{Tx, World};
use isonomy_ledger::*;
use isonomy_types::*;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const HERE: ModuleId = 5;
const TAKEN: u16 = 3;

/// Of one or two bytes and of any length, so that keys and what they are found by can be each
/// other's prefixes before they are encoded.
type Word = Vec<u8>;

#[derive(Clone, PartialEq, Debug, BorshSerialize, BorshDeserialize)]
struct Parcel {
    owner: Word,
    weight: u8,
}

impl Indexed for Parcel {
    type By = Word;
    fn by(&self) -> Word {
        self.owner.clone()
    }
}

const SET: Set<Word> = Set::new(1);
const MANY: IndexedMap<Word, Parcel> = IndexedMap::new(2, 3);
const ONE: UniqueMap<Word, Parcel> = UniqueMap::new(4, 5, TAKEN);

/// Does in its call what a test wants.
struct Does<F>(F);

impl<F: Fn(&mut Context<'_>) -> Result<(), Fault> + Send + Sync> Module for Does<F> {
    fn call(&self, ctx: &mut Context<'_>, _: &[u8]) -> Result<Vec<u8>, Fault> {
        (self.0)(ctx).map(|()| Vec::new())
    }

    fn describe(&self, _: &[u8]) -> String {
        "as told".into()
    }
}

fn run(does: impl Fn(&mut Context<'_>) -> Result<(), Fault> + Send + Sync + 'static) -> Receipt {
    let modules = Modules::default().with(HERE, Does(does)).unwrap();
    let tx = Tx::by(1, 0).act(0, HERE, Vec::new()).limit(9_000_000).forge();
    World::bare(modules).block(&[tx]).unwrap().receipts[0].clone()
}

#[derive(Clone, Debug)]
enum Op {
    Put(Word),
    Drop(Word),
    Insert(bool, Word, Parcel),
    Remove(bool, Word),
    /// A savepoint whose failure is swallowed.
    Savepoint(Vec<Op>, bool),
}

/// The same on paper. Maps by encoding, since that is their order.
#[derive(Clone, Default, PartialEq, Debug)]
struct Model {
    set: BTreeSet<Vec<u8>>,
    many: BTreeMap<Vec<u8>, Parcel>,
    one: BTreeMap<Vec<u8>, Parcel>,
}

impl Model {
    fn run(&mut self, ctx: &mut Context<'_>, ops: &[Op]) -> Result<(), Fault> {
        ops.iter().try_for_each(|op| self.step(ctx, op))
    }

    fn step(&mut self, ctx: &mut Context<'_>, op: &Op) -> Result<(), Fault> {
        match op {
            Op::Put(key) => assert_eq!(SET.insert(ctx, key)?, self.set.insert(key.encode())),
            Op::Drop(key) => {
                assert_eq!(SET.contains(ctx, key)?, self.set.contains(&key.encode()));
                assert_eq!(SET.remove(ctx, key)?, self.set.remove(&key.encode()));
            }
            Op::Insert(false, key, item) => {
                let before = self.many.insert(key.encode(), item.clone());
                assert_eq!(MANY.insert(ctx, key, item)?, before);
            }
            Op::Remove(false, key) => {
                assert_eq!(MANY.remove(ctx, key)?, self.many.remove(&key.encode()));
            }
            Op::Insert(true, key, item) => {
                let mut others = self.one.iter().filter(|(other, _)| **other != key.encode());
                let done = ONE.insert(ctx, key, item);
                if others.any(|(_, other)| other.owner == item.owner) {
                    assert_eq!(done.unwrap_err().code(), 256 + TAKEN);
                } else {
                    assert_eq!(done?, self.one.insert(key.encode(), item.clone()));
                }
            }
            Op::Remove(true, key) => {
                assert_eq!(ONE.remove(ctx, key)?, self.one.remove(&key.encode()));
            }
            Op::Savepoint(ops, fail) => {
                let copy = self.clone();
                let done = ctx.savepoint(|ctx| {
                    self.run(ctx, ops)?;
                    if *fail { Err(Fault::NoCaller) } else { Ok(()) }
                });
                if done.is_err() {
                    *self = copy;
                }
            }
        }
        Ok(())
    }

    /// Every pair that the module may hold, index entries included.
    fn pairs(&self) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let under = |prefix: u8, parts: &[&[u8]]| [&[prefix][..], &parts.concat()].concat();
        let mut pairs = BTreeMap::new();
        pairs.extend(self.set.iter().map(|key| (under(1, &[key]), vec![1])));
        for (key, item) in &self.many {
            pairs.insert(under(2, &[key]), item.encode());
            pairs.insert(under(3, &[&item.owner.encode(), key]), vec![1]);
        }
        for (key, item) in &self.one {
            pairs.insert(under(4, &[key]), item.encode());
            pairs.insert(under(5, &[&item.owner.encode()]), key.clone());
        }
        pairs
    }

    fn check(&self, ctx: &mut Context<'_>) -> Result<(), Fault> {
        let found = ctx.scan(&Span::all(), Order::Up, usize::MAX)?.into_iter();
        let found: BTreeMap<_, _> = found.map(|(key, value)| (key, value.to_vec())).collect();
        assert_eq!(found, self.pairs());
        for owner in words() {
            let mine = |item: &&Parcel| item.owner == owner;
            let want: Vec<_> = self.many.values().filter(mine).cloned().collect();
            let found = MANY.page_by(ctx, &owner, &Range::default())?;
            assert_eq!(found.into_iter().map(|(_, item)| item).collect::<Vec<_>>(), want);
            let want = self.one.iter().find(|(_, item)| mine(item));
            let found = ONE.find(ctx, &owner)?.map(|(key, item)| (key.encode(), item));
            assert_eq!(found, want.map(|(key, item)| (key.clone(), item.clone())));
        }
        for key in words() {
            assert_eq!(MANY.get(ctx, &key)?.as_ref(), self.many.get(&key.encode()));
            assert_eq!(ONE.get(ctx, &key)?.as_ref(), self.one.get(&key.encode()));
        }
        Ok(())
    }
}

fn words() -> Vec<Word> {
    vec![vec![], vec![0], vec![0, 0], vec![1], vec![1, 0], vec![255], vec![255, 255, 255]]
}

fn word() -> impl Strategy<Value = Word> {
    prop::sample::select(words())
}

fn op() -> impl Strategy<Value = Op> {
    let item = || (word(), 0..3u8).prop_map(|(owner, weight)| Parcel { owner, weight });
    let leaf = prop_oneof![
        2 => word().prop_map(Op::Put),
        1 => word().prop_map(Op::Drop),
        6 => (any::<bool>(), word(), item()).prop_map(|(one, key, item)| Op::Insert(one, key, item)),
        2 => (any::<bool>(), word()).prop_map(|(one, key)| Op::Remove(one, key)),
    ];
    leaf.prop_recursive(3, 24, 8, |op| {
        (prop::collection::vec(op, 0..8), any::<bool>())
            .prop_map(|(ops, fail)| Op::Savepoint(ops, fail))
    })
}

fn range() -> impl Strategy<Value = Range<u8>> {
    let bound = || prop::option::of(0..40u8);
    let order = prop_oneof![Just(Order::Up), Just(Order::Down)];
    (bound(), bound(), bound(), order, 0..9usize)
        .prop_map(|(from, to, after, order, limit)| Range { from, to, order, after, limit })
}

/// What of `keys` is in `range`, in its order.
fn within(keys: &BTreeSet<u8>, range: &Range<u8>) -> Vec<u8> {
    let bounds = |key: &&u8| {
        range.from.is_none_or(|from| **key >= from) && range.to.is_none_or(|to| **key < to)
    };
    let keys = keys.iter().filter(bounds).copied();
    match range.order {
        Order::Up => keys.filter(|key| range.after.is_none_or(|after| *key > after)).collect(),
        Order::Down => {
            keys.rev().filter(|key| range.after.is_none_or(|after| *key < after)).collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Map and index stay in step through savepoints that fail and that do not, and the state holds
    /// nothing beside them.
    #[test]
    fn collections_are_the_plain_maps(ops in prop::collection::vec(op(), 1..24)) {
        let receipt = run(move |ctx| {
            let mut model = Model::default();
            model.run(ctx, &ops)?;
            model.check(ctx)
        });
        prop_assert_eq!(receipt.code, 0);
    }

    /// Page by page, a range gives each key within once, in its order, and its end is known.
    #[test]
    fn pages_make_up_the_range(
        keys in prop::collection::btree_set(0..40u8, 0..30),
        range in range(),
        owners in 1..4u8,
    ) {
        let receipt = run(move |ctx| {
            const KEYS: Set<u8> = Set::new(7);
            const OWNED: IndexedMap<u8, Owned> = IndexedMap::new(8, 9);
            for key in &keys {
                KEYS.insert(ctx, key)?;
                OWNED.insert(ctx, key, &Owned(*key % owners))?;
            }
            let pages = |ctx: &mut Context<'_>, by: Option<u8>| {
                let (mut range, mut found) = (range.clone(), Vec::<u8>::new());
                loop {
                    let page: Vec<u8> = match by {
                        None => KEYS.page(ctx, &range)?.into_iter().collect(),
                        Some(by) => {
                            let page = OWNED.page_by(ctx, &by, &range)?;
                            page.into_iter().map(|(key, _)| key).collect()
                        }
                    };
                    let limit = range.limit.max(1);
                    assert!(page.len() <= limit);
                    found.extend(&page);
                    if page.len() < limit {
                        return Ok::<_, Fault>(found);
                    }
                    range.after = page.last().copied();
                }
            };
            assert_eq!(pages(ctx, None)?, within(&keys, &range));
            for by in 0..owners {
                let mine = keys.iter().filter(|key| *key % owners == by).copied().collect();
                assert_eq!(pages(ctx, Some(by))?, within(&mine, &range));
            }
            Ok(())
        });
        prop_assert_eq!(receipt.code, 0);
    }
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Owned(u8);

impl Indexed for Owned {
    type By = u8;
    fn by(&self) -> u8 {
        self.0
    }
}

#[test]
fn a_page_is_bounded_whatever_is_asked() {
    const KEYS: Set<[u8; 2]> = Set::new(7);
    let receipt = run(|ctx| {
        for n in 0..=PAGE_MAX as u16 {
            KEYS.insert(ctx, &n.to_be_bytes())?;
        }
        let page = KEYS.page(ctx, &Range { limit: usize::MAX, ..Range::default() })?;
        assert_eq!(page.len(), PAGE_MAX);
        let after = page.last().copied();
        let rest = KEYS.page(ctx, &Range { after, ..Range::default() })?;
        assert_eq!(rest.len(), 1);
        let least = KEYS.page(ctx, &Range { limit: 0, ..Range::default() })?;
        assert_eq!(least.len(), 1, "or a loop over pages would never end");
        Ok(())
    });
    assert_eq!(receipt.code, 0);
}

/// No key goes on from one of the greatest length, be it the chain's own: a cursor there must not
/// ask for one.
#[test]
fn a_cursor_may_be_a_key_of_the_greatest_length() {
    fn page<const N: usize>(ctx: &mut Context<'_>) -> Result<(), Fault>
    where
        [u8; N]: BorshSerialize + BorshDeserialize,
    {
        let (set, keys) = (Set::<[u8; N]>::new(u8::MAX), [[0; N], [1; N], [255; N]]);
        let map = Map::<[u8; N], bool>::new(u8::MAX - 1);
        for key in &keys {
            set.insert(ctx, key)?;
            map.set(ctx, key, &true)?;
        }
        for (index, key) in keys.into_iter().enumerate() {
            let up = map.scan(ctx, Some(&key), Order::Up, 99)?;
            assert!(up.iter().map(|(key, _)| key).eq(&keys[index + 1..]));
            let up = set.page(ctx, &Range { after: Some(key), ..Range::default() })?;
            assert_eq!(up[..], keys[index + 1..]);
            let order = Order::Down;
            let down = set.page(ctx, &Range { after: Some(key), order, ..Range::default() })?;
            assert_eq!(down.len(), index);
        }
        Ok(())
    }
    assert_eq!(run(page::<{ KEY_BYTES_MAX - 1 }>).code, 0);
    let modules = Modules::default().with(HERE, Does(page::<{ KEY_BYTES_MIN - 1 }>)).unwrap();
    let mut world = World::bare(modules);
    world.env.params.key_bytes = KEY_BYTES_MIN as u32;
    let tx = Tx::by(1, 0).act(0, HERE, Vec::new()).limit(9_000_000).forge();
    assert_eq!(world.block(&[tx]).unwrap().receipts[0].code, 0);
}

/// A module that goes on after a refused insertion finds map and index as they were.
#[test]
fn an_insertion_that_fails_half_way_changes_nothing() {
    const WIDE: IndexedMap<Word, Wide> = IndexedMap::new(7, 8);
    const NAMED: UniqueMap<Word, Wide> = UniqueMap::new(9, 10, TAKEN);
    let receipt = run(|ctx| {
        let (key, small) = (vec![1], Wide(vec![2], Vec::new()));
        WIDE.insert(ctx, &key, &small)?;
        NAMED.insert(ctx, &key, &small)?;
        let before = ctx.scan(&Span::all(), Order::Up, 99)?;
        let long_place = Wide(vec![3; KEY_BYTES_MAX], Vec::new());
        let long_value = Wide(vec![4], vec![0; VALUE_BYTES_MAX]);
        for (wide, code) in [(long_place, 9), (long_value, 10)] {
            assert_eq!(WIDE.insert(ctx, &key, &wide).err().map(|fault| fault.code()), Some(code));
            assert_eq!(NAMED.insert(ctx, &key, &wide).err().map(|fault| fault.code()), Some(code));
            assert_eq!(ctx.scan(&Span::all(), Order::Up, 99)?, before);
        }
        Ok(())
    });
    assert_eq!(receipt.code, 0);
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Wide(Word, Vec<u8>);

impl Indexed for Wide {
    type By = Word;
    fn by(&self) -> Word {
        self.0.clone()
    }
}

/// Whoever writes under a collection's prefixes breaks it, and is told so.
#[test]
fn an_index_that_names_what_is_not_there_is_a_fault() {
    const OWNED: IndexedMap<u8, Owned> = IndexedMap::new(8, 9);
    const ALONE: UniqueMap<u8, Owned> = UniqueMap::new(10, 11, TAKEN);
    let stored = Fault::Stored(DecodeError(String::new())).code();
    let receipt = run(|ctx| {
        OWNED.insert(ctx, &7, &Owned(1))?;
        ctx.remove(&[8, 7])?;
        OWNED.page_by(ctx, &1, &Range::default()).map(drop)
    });
    assert_eq!(receipt.code, stored);
    let receipt = run(|ctx| {
        ALONE.insert(ctx, &7, &Owned(1))?;
        ctx.remove(&[10, 7])?;
        ALONE.find(ctx, &1).map(drop)
    });
    assert_eq!(receipt.code, stored);
}

/// At the last level no savepoint opens: the insertion is refused before it writes.
#[test]
fn at_the_greatest_depth_an_insertion_is_refused_whole() {
    fn down(ctx: &mut Context<'_>, levels: u8) -> Result<(), Fault> {
        if levels > 0 {
            return ctx.savepoint(|ctx| down(ctx, levels - 1));
        }
        let fault = MANY.insert(ctx, &vec![1], &Parcel { owner: vec![2], weight: 0 }).err();
        assert_eq!(fault, Some(Fault::Depth { got: DEPTH_MAX + 1, limit: DEPTH_MAX }));
        assert!(ctx.scan(&Span::all(), Order::Up, 9)?.is_empty());
        Ok(())
    }
    assert_eq!(run(|ctx| down(ctx, DEPTH_MAX)).code, 0);
}
