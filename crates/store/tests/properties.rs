//! Random histories: both backends and a naive model must show the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::arithmetic_side_effects)]
mod common;

use common::{Block, Pairs, certificate, first, flush, genesis, hash, keep, open, pairs, record};
use isonomy_chain::{Append, Archive, Recovered};
use isonomy_ledger::{Layer, state_root};
use isonomy_store::{Disk, Memory, Store};
use proptest::prelude::*;
use std::sync::Arc;

#[derive(Clone, Debug)]
enum Step {
    /// Blocks appended in one call, each on one of those known.
    Blocks(Vec<(prop::sample::Index, u64)>),
    Record {
        /// Above the tip.
        height: u64,
    },
    /// Of a block known, or of a stranger.
    Certificate(Option<prop::sample::Index>),
    /// Up to one of the blocks above the tip.
    Flush(prop::sample::Index, Vec<(u8, Option<u8>)>),
    Reopen,
    Unwind(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    let recent = index().prop_flat_map(|at| (Just(at), 0..3u64));
    let writes = prop::collection::vec((0..12u8, prop::option::weighted(0.7, any::<u8>())), 0..8);
    prop_oneof![
        6 => prop::collection::vec(recent, 1..4).prop_map(Step::Blocks),
        3 => (0..6u64).prop_map(|height| Step::Record { height }),
        3 => prop::option::weighted(0.8, index()).prop_map(Step::Certificate),
        4 => (index(), writes).prop_map(|(at, writes)| Step::Flush(at, writes)),
        2 => Just(Step::Reopen),
        1 => (0..3u64).prop_map(Step::Unwind),
    ]
}

/// The simplest thing that says what a store should hold. It knows no medium.
struct Model {
    /// Every block there is, genesis first.
    blocks: Vec<Block>,
    logged: Vec<bool>,
    /// Tips that were flushed and not taken back, with the state after each. Never empty.
    flushed: Vec<(usize, Pairs)>,
    log: Vec<Append>,
}

impl Model {
    fn new() -> Self {
        let state = Pairs::from([(b"genesis".to_vec(), b"state".to_vec())]);
        Self {
            blocks: vec![first()],
            logged: vec![false],
            flushed: vec![(0, state)],
            log: Vec::new(),
        }
    }

    fn tip(&self) -> &Block {
        &self.blocks[self.flushed.last().unwrap().0]
    }

    fn position(&self, id: isonomy_crypto::Hash) -> Option<usize> {
        self.blocks.iter().position(|block| block.id() == id)
    }

    /// The way down from a block to genesis, oldest first.
    fn way(&self, mut at: usize) -> Vec<usize> {
        let mut way = vec![at];
        while at != 0 {
            at = self.position(self.blocks[at].trail.parent).unwrap();
            way.push(at);
        }
        way.reverse();
        way
    }

    /// What leads from the tip to `at`, if it is above the tip.
    fn path(&self, at: usize) -> Option<Vec<usize>> {
        let tip = self.flushed.last().unwrap().0;
        let way = self.way(at);
        let from = way.iter().position(|block| *block == tip)?;
        Some(way[from + 1..].to_vec()).filter(|path| !path.is_empty())
    }

    fn prune(&mut self) {
        let height = self.tip().trail.height;
        let mut above = Vec::new();
        self.log.retain(|append| match append {
            Append::Block { entry, .. } if entry.header.height > height => {
                above.push(entry.header.id());
                true
            }
            Append::Block { .. } => false,
            Append::Certificate { id, .. } => above.contains(id),
            Append::Record { height: of, .. } => *of > height,
        });
    }
}

/// The model and the two media, fed the same.
struct World {
    model: Model,
    memory: Memory,
    disk: Option<Disk>,
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let disk = Some(open(dir.path()));
        Self { model: Model::new(), memory: Memory::new(&genesis()), disk, dir }
    }

    fn on_each<T>(&mut self, act: impl Fn(&mut dyn Store) -> T) -> [T; 2] {
        [act(&mut self.memory), act(self.disk.as_mut().unwrap())]
    }

    fn append(&mut self, entries: Vec<Append>) {
        self.on_each(|store| store.append(&entries).unwrap());
        self.model.log.extend(entries);
    }

    fn act(&mut self, step: Step) {
        let salt = self.model.blocks.len() as u64;
        match step {
            Step::Blocks(parents) => self.grow(&parents, salt),
            Step::Record { height } => {
                let height = self.model.tip().trail.height + height;
                self.append(vec![record(height, &salt.to_le_bytes())]);
            }
            Step::Certificate(of) => {
                let known = of.map(|at| at.get(&self.model.blocks).id());
                let id = known.unwrap_or_else(|| hash(salt));
                self.append(vec![Append::Certificate { id, certificate: certificate(salt) }]);
            }
            Step::Flush(at, writes) => self.flush(&at, &writes),
            Step::Reopen => {
                self.disk = None;
                self.disk = Some(open(self.dir.path()));
            }
            Step::Unwind(depth) => self.unwind(depth),
        }
    }

    /// On blocks among the last few, so that there are both long branches and forks.
    fn grow(&mut self, parents: &[(prop::sample::Index, u64)], salt: u64) {
        let mut entries = Vec::new();
        for (at, fork) in parents {
            let from = self.model.blocks.len().saturating_sub(4);
            let child = at.get(&self.model.blocks[from..]).child(salt * 3 + fork);
            if self.model.position(child.id()).is_none() {
                entries.push(child.append());
                self.model.blocks.push(child);
                self.model.logged.push(true);
            }
        }
        self.append(entries);
    }

    fn flush(&mut self, at: &prop::sample::Index, writes: &[(u8, Option<u8>)]) {
        let Some(path) = self.model.path(at.index(self.model.blocks.len())) else { return };
        let mut layer = Layer::default();
        let mut state = self.model.flushed.last().unwrap().1.clone();
        for (key, value) in writes {
            layer.writes.insert(Arc::from([*key]), value.map(|value| Arc::from([value])));
            match value {
                Some(value) => state.insert(vec![*key], vec![*value]),
                None => state.remove(&vec![*key]),
            };
        }
        let blocks: Vec<_> = path.iter().map(|at| self.model.blocks[*at].clone()).collect();
        let flush = flush(&blocks, layer);
        let views = self.on_each(|store| keep(store, &flush).unwrap());
        for view in views {
            assert_eq!(pairs(&*view), state);
        }
        self.model.flushed.push((*path.last().unwrap(), state));
        self.model.prune();
    }

    fn unwind(&mut self, depth: u64) {
        let height = self.model.tip().trail.height.saturating_sub(depth);
        assert_eq!(self.on_each(|store| store.unwind(height).unwrap()), [true; 2]);
        while self.model.tip().trail.height > height {
            self.model.flushed.pop();
            self.model.log.clear();
        }
    }

    fn check(&mut self) {
        let [memory, disk] = self.on_each(|store| (store.recover().unwrap(), store.archive()));
        for (recovered, archive) in [&memory, &disk] {
            self.check_recovered(recovered);
            self.check_archive(&**archive);
        }
        assert_eq!([&memory.0.log, &disk.0.log], [&self.model.log; 2]);
    }

    fn check_recovered(&self, recovered: &Recovered) {
        let (tip, state) = self.model.flushed.last().unwrap();
        let way = self.model.way(*tip);
        let trails: Vec<_> = way.iter().map(|at| self.model.blocks[*at].trail.clone()).collect();
        let (last, below) = trails.split_last().unwrap();
        assert_eq!((&recovered.tip.trail, &recovered.below[..]), (last, below));
        assert_eq!(recovered.tip.header, self.model.blocks[*tip].entry.header);
        assert_eq!(&pairs(&*recovered.view), state);
        assert_eq!(recovered.tree.root(), state_root(&*recovered.view).unwrap());
        assert_eq!(recovered.tree.compare(&*recovered.view), Ok(()));
    }

    fn check_archive(&self, archive: &dyn Archive) {
        let way = self.model.way(self.model.flushed.last().unwrap().0);
        for (at, block) in self.model.blocks.iter().enumerate() {
            let flushed = way.contains(&at);
            let entry = flushed.then(|| block.entry.clone());
            assert_eq!(archive.entry(&block.id()).unwrap(), entry);
            assert_eq!(archive.receipts(&block.id()).unwrap(), flushed.then(|| block.receipts()));
            let body = self.model.logged[at].then(|| block.body.clone());
            assert_eq!(archive.body(&block.id()).unwrap(), body);
            for (id, index) in block.transactions().iter().zip(0..) {
                let place = flushed.then(|| (block.id(), index));
                assert_eq!(archive.transaction(id).unwrap(), place);
            }
            let after: Vec<_> = way.iter().map(|at| self.model.blocks[*at].entry.clone()).collect();
            let from = way.iter().position(|other| *other == at).map_or(after.len(), |at| at + 1);
            let headers = archive.headers(&[hash(0), block.id()], usize::MAX, 3).unwrap();
            assert_eq!(headers, after[from..].iter().take(3).cloned().collect::<Vec<_>>());
        }
        for height in 0..=way.len() {
            let entry = way.get(height).map(|at| self.model.blocks[*at].entry.clone());
            assert_eq!(archive.entry_at(height as u64).unwrap(), entry);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn both_backends_agree_with_the_model(steps in prop::collection::vec(step(), 1..24)) {
        let mut world = World::new();
        for step in steps {
            world.act(step);
            world.check();
        }
        world.act(Step::Reopen);
        world.check();
    }
}
