//! A tree of which most lies in a store does what one in memory does, and reads no more than it needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
use isonomy_ledger::*;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Pages = BTreeMap<Vec<u8>, Value>;

/// What a store keeps of one state.
#[derive(Default)]
struct Kept {
    pairs: BTreeMap<Key, Value>,
    pages: Pages,
    reads: AtomicUsize,
}

impl View for Kept {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        Ok(self.pairs.get(key).cloned())
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        let span = span.clone();
        let within = move |(key, _): &(&Key, &Value)| span.contains(key);
        let pairs = self.pairs.iter().filter(within).map(|(k, v)| Ok((k.clone(), v.clone())));
        match order {
            Order::Up => Box::new(pairs),
            Order::Down => Box::new(pairs.collect::<Vec<_>>().into_iter().rev()),
        }
    }

    fn tree_page(&self, at: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(self.pages.get(at).cloned())
    }
}

impl Kept {
    /// As a store takes in what it is told.
    fn after(&self, before: &StateTree, after: &StateTree, layer: &Layer) -> Self {
        let (mut pairs, mut pages) = (self.pairs.clone(), self.pages.clone());
        for (key, value) in &layer.writes {
            match value {
                Some(value) => pairs.insert(key.into(), value.into()),
                None => pairs.remove(key),
            };
        }
        let mut last: Option<Vec<u8>> = None;
        let written = after.pages_since(before, |at, page| {
            assert!(last.as_deref().is_none_or(|last| last < at), "in order");
            last = Some(at.to_vec());
            let now = tree_page_forks(page).unwrap();
            if let Some(old) = pages.insert(at.to_vec(), page.into()) {
                for gone in tree_page_forks(&old).unwrap() {
                    if now.contains(&gone) {
                        continue;
                    }
                    pages.retain(|other, _| !other.starts_with(&[at, &[gone]].concat()));
                }
            }
            Ok::<_, Infallible>(())
        });
        written.unwrap();
        Self { pairs, pages, reads: AtomicUsize::new(0) }
    }

    fn reads(&self) -> usize {
        self.reads.swap(0, Ordering::Relaxed)
    }
}

/// All pages of a tree in memory.
fn all_pages(tree: &StateTree) -> Pages {
    let none = StateTree::default();
    Kept::default().after(&none, tree, &Layer::default()).pages
}

fn key(number: u32) -> Key {
    Key::from(number.to_be_bytes())
}

/// Writes of `value` to `keys`; no value is a removal.
fn layer(keys: impl IntoIterator<Item = u32>, value: Option<u32>) -> Layer {
    let value = value.map(|value| Value::from(value.to_be_bytes()));
    Layer { writes: keys.into_iter().map(|number| (key(number), value.clone())).collect() }
}

/// A state of so many keys, its tree in memory, and what a store keeps of both.
fn state(keys: u32) -> (StateTree, Arc<Kept>) {
    let all = layer(0..keys, Some(0));
    let tree = StateTree::default().update(&all).unwrap();
    let kept = Arc::new(Kept::default().after(&StateTree::default(), &tree, &all));
    (tree, kept)
}

fn proof(tree: &StateTree, keys: &[u32]) -> Result<Vec<u8>, ReadFailed> {
    let keys: Vec<_> = keys.iter().map(|number| number.to_be_bytes()).collect();
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    match tree.prove(&keys) {
        Ok(proof) => Ok(isonomy_types::Encode::encode(&proof)),
        Err(ProveError::Read(failed)) => Err(failed),
        Err(other) => panic!("{other}"),
    }
}

/// One version of the state: its tree as a chain has it, and all in memory.
#[derive(Clone)]
struct Version {
    parent: usize,
    tree: StateTree,
    model: StateTree,
    layer: Layer,
}

#[derive(Clone, Debug)]
enum Step {
    /// A block on any version.
    Write(Index, Vec<(u16, Option<u8>)>),
    /// A large block, so that the tree grows and shrinks by levels.
    Many(Index, u16, Option<u8>),
    /// Any version that stands on the base is stored.
    Flush(Index),
    /// Memory is lost.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let write = (0..1_200_u16, proptest::option::weighted(0.6, any::<u8>()));
    let many = (any::<Index>(), 0..1_200_u16, proptest::option::weighted(0.5, any::<u8>()));
    prop_oneof![
        4 => (any::<Index>(), proptest::collection::vec(write, 0..12))
            .prop_map(|(at, writes)| Step::Write(at, writes)),
        2 => many.prop_map(|(at, from, value)| Step::Many(at, from, value)),
        3 => any::<Index>().prop_map(Step::Flush),
        1 => Just(Step::Restart),
    ]
}

struct World {
    kept: Arc<Kept>,
    /// The base first, parents before children.
    versions: Vec<Version>,
    most: usize,
}

impl World {
    fn write(&mut self, at: &Index, layer: Layer) {
        let parent = at.index(self.versions.len());
        let Version { tree, model, .. } = &self.versions[parent];
        let (tree, model) = (tree.update(&layer).unwrap(), model.update(&layer).unwrap());
        self.versions.push(Version { parent, tree, model, layer });
    }

    /// As a chain does: the new base settles, and what stands on it follows.
    fn flush(&mut self, at: usize) {
        let mut way = vec![at];
        while *way.last().unwrap() != 0 {
            way.push(self.versions[*way.last().unwrap()].parent);
        }
        for pair in way.windows(2).rev() {
            let (from, to) = (&self.versions[pair[1]], &self.versions[pair[0]]);
            self.kept = Arc::new(self.kept.after(&from.tree, &to.tree, &to.layer));
        }
        assert_eq!(self.kept.pages, all_pages(&self.versions[at].model), "exactly its pages");
        let base = self.versions[at].tree.reading(self.kept.clone());
        let settled = base.settled(self.most);
        let mut stays = BTreeMap::from([(at, 0)]);
        let base = settled.clone().unwrap_or(base);
        let mut after = vec![Version { parent: 0, tree: base, ..self.versions[at].clone() }];
        for (index, version) in self.versions.iter().enumerate() {
            let Some(&parent) = stays.get(&version.parent).filter(|_| index != at && index > 0)
            else {
                continue;
            };
            let before: &StateTree = &after[parent].tree;
            let tree = match settled {
                Some(_) => version.tree.following(before),
                None => version.tree.reading(self.kept.clone()),
            };
            stays.insert(index, after.len());
            after.push(Version { parent, tree, ..version.clone() });
        }
        self.versions = after;
        let whole = self.versions[0].model.forks_in_memory();
        let held = self.versions[0].tree.forks_in_memory();
        assert!(held <= whole.min(self.most * 8), "{held} of {whole}, limit {}", self.most);
    }

    fn check(&self) {
        for Version { tree, model, .. } in &self.versions {
            assert_eq!((tree.root(), tree.len()), (model.root(), model.len()));
            for keys in [&[7][..], &[0, 150, 300, 1_199, 3_000]] {
                assert_eq!(proof(tree, keys), proof(model, keys));
            }
        }
        assert_eq!(self.versions[0].tree.compare(&*self.kept), Ok(()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn histories_over_a_store_are_those_in_memory(
        steps in proptest::collection::vec(step(), 1..24),
        most in 1..12_usize,
    ) {
        let (model, kept) = state(1_200);
        let tree = StateTree::stored(kept.clone()).unwrap();
        let base = Version { parent: 0, tree, model, layer: Layer::default() };
        let mut world = World { kept, versions: vec![base], most };
        for step in steps {
            match step {
                Step::Write(at, writes) => {
                    let write = |(number, value): (u16, Option<u8>)| {
                        (key(number.into()), value.map(|value| Value::from([value])))
                    };
                    world.write(&at, Layer { writes: writes.into_iter().map(write).collect() });
                }
                Step::Many(at, from, value) => {
                    world.write(&at, layer(u32::from(from)..1_200, value.map(u32::from)));
                }
                Step::Flush(at) => world.flush(at.index(world.versions.len())),
                Step::Restart => {
                    world.versions.truncate(1);
                    world.versions[0].tree = StateTree::stored(world.kept.clone()).unwrap();
                }
            }
            world.check();
        }
    }
}

/// More than a hundred times as many forks as stay.
#[test]
fn a_tree_far_larger_than_memory_reads_what_it_touches() {
    const KEYS: u32 = 100_000;
    const MOST: usize = 4;
    let (whole, kept) = state(KEYS);
    let forks = whole.forks_in_memory();
    let tree = whole.reading(kept.clone()).settled(MOST).unwrap();
    let held = tree.forks_in_memory();
    assert!(held <= 2 * MOST && forks > 100 * held, "{held} of {forks}");
    assert_eq!(kept.reads(), 0);

    for count in [1, 10, 100, 500] {
        let some = layer((0..count).map(|n| n * (KEYS / count)), Some(1));
        let (after, model) = (tree.update(&some).unwrap(), whole.update(&some).unwrap());
        let reads = kept.reads();
        assert_eq!(after.root(), model.root());
        let brought = after.forks_in_memory() - held;
        assert!(reads > 0 && reads <= brought, "{reads} reads for {brought} forks");
        assert!(brought <= count as usize * 7, "{brought} forks for {count} keys");
        let mut pages = 0;
        let counted = after.pages_since(&tree, |_, _| {
            pages += 1;
            Ok::<_, Infallible>(())
        });
        counted.unwrap();
        assert!(pages >= reads && pages <= brought + held, "{pages} pages");

        let keys: Vec<u32> = (0..count).map(|n| n * (KEYS / count)).collect();
        assert_eq!(proof(&tree, &keys).unwrap(), proof(&whole, &keys).unwrap());
        assert!(kept.reads() <= brought, "a proof reads what an update does");
    }
    // Nothing of that stayed.
    assert_eq!(tree.forks_in_memory(), held);

    let nothing = tree.update(&layer(0..10, Some(0))).unwrap();
    assert_eq!((nothing.root(), nothing.forks_in_memory()), (tree.root(), held));
}

#[test]
fn a_start_reads_one_page() {
    for keys in [0, 1, 16, 17, 50_000] {
        let (whole, kept) = state(keys);
        let tree = StateTree::stored(kept.clone()).unwrap();
        assert_eq!((tree.root(), tree.len(), kept.reads()), (whole.root(), keys as usize, 1));
        assert!(tree.forks_in_memory() <= 1);
    }
}

/// Whatever is damaged, no wrong answer comes of it: an error, or what the whole tree says.
#[test]
fn damaged_pages_are_found() {
    const KEYS: u32 = 400;
    let (whole, kept) = state(KEYS);
    let all: Vec<u32> = (0..KEYS).collect();
    let change = layer((0..KEYS).step_by(3), None);
    let want = (proof(&whole, &all).unwrap(), whole.update(&change).unwrap().root());
    let mut refused = 0_usize;
    let mut check = |pages: Pages| {
        let view = Arc::new(Kept { pages, ..Kept::default() });
        let Ok(tree) = StateTree::stored(view) else { return refused += 1 };
        if tree.root() != whole.root() {
            return refused += 1;
        }
        match (proof(&tree, &all), tree.update(&change)) {
            (Ok(proof), Ok(after)) => assert!((proof, after.root()) == want),
            (Err(ReadFailed), Err(ReadFailed)) => refused += 1,
            other => panic!("{:?}", other.1),
        }
    };
    let inner = kept.pages.keys().next_back().unwrap().clone();
    let mut cases = 0;
    for at in [Vec::new(), inner] {
        let page = kept.pages[&at].to_vec();
        let mut with = |page: Option<Vec<u8>>| {
            let mut pages = kept.pages.clone();
            pages.remove(&at);
            pages.extend(page.map(|page| (at.clone(), page.into())));
            check(pages);
            cases += 1;
        };
        for place in 0..page.len() {
            let mut flipped = page.clone();
            flipped[place] ^= 1 << (place % 8);
            with(Some(flipped));
        }
        for len in (0..page.len()).step_by(7) {
            with(Some(page[..len].to_vec()));
        }
        with(Some([&page[..], &[0]].concat()));
        with(None);
    }
    assert_eq!(refused, cases, "every damage shows");
}

#[test]
fn a_page_of_another_place_or_time_is_found() {
    let (whole, kept) = state(2_000);
    let mut pages = kept.pages.clone();
    let places: Vec<_> = pages.keys().filter(|at| at.len() == 1).cloned().collect();
    let page = pages[&places[0]].clone();
    pages.insert(places[1].clone(), page);
    let view = Arc::new(Kept { pages, ..Kept::default() });
    let tree = StateTree::stored(view).unwrap();
    assert_eq!(tree.update(&layer(0..1_200, Some(1))).err(), Some(ReadFailed));

    let after = whole.update(&layer(0..1_200, Some(1))).unwrap();
    let mut pages = all_pages(&after);
    pages.insert(places[0].clone(), kept.pages[&places[0]].clone());
    let tree = StateTree::stored(Arc::new(Kept { pages, ..Kept::default() })).unwrap();
    assert_eq!(tree.root(), after.root());
    assert_eq!(tree.update(&layer(0..1_200, Some(2))).err(), Some(ReadFailed));
}

#[test]
fn without_pages_nothing_is_read() {
    let (whole, kept) = state(1_000);
    let tree = whole.reading(kept).settled(1).unwrap().reading(Arc::new(Empty));
    assert_eq!(tree.root(), whole.root());
    assert_eq!(tree.update(&layer(0..10, Some(1))).err(), Some(ReadFailed));
    assert_eq!(proof(&tree, &[1]).err(), Some(ReadFailed));
}

#[test]
fn comparing_names_the_first_key_that_differs() {
    let (_, kept) = state(3_000);
    let tree = StateTree::stored(kept.clone()).unwrap();
    let with = |numbers: &[u32], value: Option<&[u8]>| {
        let mut pairs = kept.pairs.clone();
        for number in numbers {
            match value {
                Some(value) => drop(pairs.insert(key(*number), value.into())),
                None => drop(pairs.remove(&key(*number))),
            }
        }
        tree.compare(&Kept { pairs, ..Kept::default() })
    };
    assert_eq!(with(&[], None), Ok(()));
    let differs = |number| Err(CompareError::Differs { key: key(number) });
    assert_eq!(with(&[2_000, 700, 1_500], Some(b"changed")), differs(700));
    assert_eq!(with(&[9_000], Some(b"new")), differs(9_000));
    assert_eq!(with(&[5, 6], None), Err(CompareError::Missing { got: 2_998, limit: 3_000 }));
    let said = with(&[258], Some(b"changed")).unwrap_err().to_string();
    assert!(said.contains("00000102"), "{said}");
    let lost = tree.reading(Arc::new(Empty));
    assert_eq!(lost.compare(&*kept), Err(CompareError::Read(ReadFailed)));
    let none = CompareError::Missing { got: 0, limit: 3_000 };
    assert_eq!(lost.compare(&Empty), Err(none));
}

#[test]
fn a_page_names_the_places_of_those_below_it() {
    for keys in [1, 60, 70, 5_000] {
        let (tree, _) = state(keys);
        let pages = all_pages(&tree);
        for (at, page) in &pages {
            let below = |place: &u8| pages.contains_key(&[&at[..], &[*place]].concat()[..]);
            let want: Vec<u8> = (0..8).filter(below).collect();
            assert_eq!(tree_page_forks(page), Ok(want), "{at:?} of {keys}");
            assert!((0..page.len()).all(|end| tree_page_forks(&page[..end]).is_err()));
            assert!(tree_page_forks(&[&page[..], &[0]].concat()).is_err());
        }
    }
    for none in [&[1, 0, 255][..], &[1, 2, 0], &[2, 0, 0], &[]] {
        assert!(tree_page_forks(&[none, &[0; 40]].concat()).is_err(), "{none:?}");
    }
    assert!(tree_page_forks(&[&[1, 0, 65][..], &[0; 65 * 64]].concat()).is_err());
}
