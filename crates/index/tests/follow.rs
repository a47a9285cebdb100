//! Following a node: far behind, ahead, across a wide fork, and where the node cannot say enough.
#![allow(clippy::unwrap_used, clippy::arithmetic_side_effects, clippy::panic)]
mod common;

use common::draw::Draw;
use common::{COUNCIL, World, action, catch_up, deeds, dump, oracle, params, pay, sign};
use isonomy_chain::{Archive, StoreFailed};
use isonomy_crypto::Hash;
use isonomy_index::{
    BATCH_CHANGES, ChangeError, Index, IndexError, RETRY_MAX, RETRY_MIN, Source, Stopped,
};
use isonomy_ledger::Receipt;
use isonomy_store::Store;
use isonomy_types::{Body, Encode, Entry, Params};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use tempfile::TempDir;

fn open(world: &World) -> (TempDir, Index) {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index.redb"), &world.genesis).unwrap();
    (dir, index)
}

/// An archive that lacks something of a block.
struct Lacks {
    whole: Arc<dyn Archive>,
    what: &'static str,
    of: u64,
}

impl Lacks {
    fn hides(&self, what: &str, id: &Hash) -> bool {
        let height = self.whole.entry(id).unwrap().map(|entry| entry.header.height);
        what == self.what && height == Some(self.of)
    }
}

impl Archive for Lacks {
    fn body(&self, id: &Hash) -> Result<Option<Body>, StoreFailed> {
        if self.hides("the body", id) { Ok(None) } else { self.whole.body(id) }
    }

    fn headers(&self, _: &[Hash], _: usize, _: usize) -> Result<Vec<Entry>, StoreFailed> {
        panic!("nobody asks")
    }

    fn entry_at(&self, height: u64) -> Result<Option<Entry>, StoreFailed> {
        let hidden = self.what == "the header" && height == self.of;
        if hidden { Ok(None) } else { self.whole.entry_at(height) }
    }

    fn entry(&self, id: &Hash) -> Result<Option<Entry>, StoreFailed> {
        self.whole.entry(id)
    }

    fn transaction(&self, _: &Hash) -> Result<Option<(Hash, u32)>, StoreFailed> {
        panic!("nobody asks")
    }

    fn receipts(&self, id: &Hash) -> Result<Option<Vec<Receipt>>, StoreFailed> {
        match self.what {
            "nothing" => Err(failed()),
            _ if self.hides("the receipts", id) => Ok(None),
            _ => self.whole.receipts(id),
        }
    }
}

fn failed() -> StoreFailed {
    StoreFailed { why: "the disk is gone".into() }
}

fn lacking(world: &World, what: &'static str, of: u64) -> Source {
    let archive: Arc<dyn Archive> = Arc::new(Lacks { whole: world.store.archive(), what, of });
    Source { archive: Box::new(move || Ok(archive.clone())), ..world.source() }
}

#[test]
fn an_index_catches_up_in_batches() {
    let mut world = World::new();
    for height in 0..600 {
        world.extend(&[]);
        if height % 50 == 0 {
            world.flush(10);
        }
    }
    let (_dir, index) = open(&world);
    let source = world.source();
    let mut heights = Vec::new();
    while index.step(&source).unwrap() {
        heights.push(index.tip().unwrap().height);
    }
    let batch = BATCH_CHANGES as u64;
    assert_eq!(heights, [batch, 2 * batch, 600]);
    assert_eq!(index.tip_at(600).unwrap().unwrap().id, world.best());
    assert_eq!(index.tip_at(601).unwrap(), None);
}

#[test]
fn a_wide_fork_is_crossed_in_batches() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let (source, root) = (world.source(), world.best());
    let mut other = root;
    for _ in 0..300 {
        world.extend(&[]);
    }
    for _ in 0..301 {
        other = world.grow(other, &[]);
    }
    catch_up(&index, &source);
    assert!(world.adopt(other));
    let mut heights = Vec::new();
    while index.step(&source).unwrap() {
        heights.push(index.tip().unwrap().height);
    }
    // Back by a batch, back by the rest and on by what has room, on by the rest.
    let batch = BATCH_CHANGES as u64;
    assert_eq!(heights, [300 - batch, batch - (300 - batch), 301]);
    assert_eq!(index.tip().unwrap().id, world.best());
}

/// A node that has just started executes its log again: until it is there, nothing is taken back.
#[test]
fn an_index_waits_for_a_node_that_starts() {
    let (mut world, mut draw) = (World::new(), Draw(2));
    let (_dir, index) = open(&world);
    for _ in 0..20 {
        let candidates = deeds::some(&world, &mut draw, world.best());
        world.extend(&candidates);
    }
    catch_up(&index, &world.source());
    let rows = dump(&index);
    let branch = world.branch(world.best());
    // The same chain anew, of which nothing was flushed.
    let mut again = World::new();
    let source = again.source();
    for id in &branch[1..] {
        assert!(!index.step(&source).unwrap());
        assert_eq!(dump(&index), rows);
        let body = world.known[id].body.clone();
        assert_eq!(again.extend(&body), *id);
    }
    // It goes another way after all.
    let other = again.grow(branch[15], &[pay(0, 1_000, 1, 1)]);
    again.adopt(other);
    catch_up(&index, &source);
    oracle::compare(&again, &index, &mut draw);
}

#[test]
fn what_a_node_does_not_keep_stops_the_index_there() {
    for (what, of) in [("the receipts", 3), ("the body", 4), ("the header", 2)] {
        let mut world = World::new();
        for seq in 0..8 {
            world.extend(&[pay(0, seq, 1, 5)]);
        }
        world.flush(1);
        let (_dir, index) = open(&world);
        let source = lacking(&world, what, of);
        let error = index.step(&source).unwrap_err();
        assert!(matches!(error, IndexError::NotKept { height, .. } if height == of), "{error}");
        let want = format!(
            "the node does not keep {what} of block {of}, which an index needs: fetch the chain \
             anew in another directory, with the index from its first start on, or do without an \
             index"
        );
        assert_eq!(error.to_string(), want);
        // Not a part of it is there, and it says so.
        assert_eq!(index.tip().unwrap().height, 0);
        index.follow(source);
        assert_eq!(index.failed(), Some(want));
    }
}

#[test]
fn an_archive_that_fails_is_told() {
    let mut world = World::new();
    world.extend(&[]);
    world.flush(0);
    let (_dir, index) = open(&world);
    let error = index.step(&lacking(&world, "nothing", 0)).unwrap_err();
    assert_eq!(error.to_string(), "the store failed: the disk is gone");
}

/// It says so meanwhile, waits longer each time and no longer than the longest, and starts with the
/// shortest again when it was well in between.
#[test]
fn an_archive_that_fails_for_a_while_does_not_stop_the_index() {
    let mut world = World::new();
    let height = BATCH_CHANGES as u64 + 8;
    for _ in 0..height {
        world.extend(&[]);
    }
    world.flush(1);
    let (_dir, index) = open(&world);
    let (index, told) = (Arc::new(index), Arc::new(Mutex::new(Vec::new())));
    let (looking, tell, waiting) = (index.clone(), told.clone(), index.clone());
    let (ill, whole, asked) = (lacking(&world, "nothing", 0), world.source(), AtomicUsize::new(0));
    let source = Source {
        // Nine steps fail, one takes a batch, the next fails, then all is well.
        archive: Box::new(move || match asked.fetch_add(1, Ordering::SeqCst) + 1 {
            1..=9 | 11 => (ill.archive)(),
            _ => (whole.archive)(),
        }),
        pause: Box::new(move |pause| {
            let at = looking.tip().unwrap().height;
            tell.lock().unwrap().push((pause, at, looking.failed().unwrap()));
            Ok(())
        }),
        wait: Box::new(move || {
            assert_eq!((waiting.failed(), waiting.tip().unwrap().height), (None, height));
            Err(Stopped)
        }),
        ..world.source()
    };
    index.follow(source);
    let told = told.lock().unwrap();
    let longer = (0..9).map(|n| (RETRY_MIN.saturating_mul(1 << n).min(RETRY_MAX), 0));
    let want: Vec<_> = longer.chain([(RETRY_MIN, BATCH_CHANGES as u64)]).collect();
    let got: Vec<_> = told.iter().map(|(pause, at, _)| (*pause, *at)).collect();
    assert_eq!(got, want);
    assert_eq!((got[0].0, got[8].0), (RETRY_MIN, RETRY_MAX));
    let why = "the store failed: the disk is gone. The index tries again by itself; see that";
    assert!(told.iter().all(|(.., failed)| failed.starts_with(why)), "{told:?}");
    oracle::compare(&world, &index, &mut Draw(1));
}

/// It is in its pause when the node stops: it ends, and what is wrong is still said.
#[test]
fn a_node_that_stops_ends_the_pause() {
    let mut world = World::new();
    world.extend(&[]);
    world.flush(0);
    let (_dir, index) = open(&world);
    let source = Source { pause: Box::new(|_| Err(Stopped)), ..lacking(&world, "nothing", 0) };
    index.follow(source);
    assert!(index.failed().unwrap().contains("tries again"));
    assert_eq!(index.tip().unwrap().height, 0);
}

/// Once they are flushed nobody knows what a module decided; before, the node does.
#[test]
fn params_that_a_module_decided_are_followed_from_memory_alone() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let source = world.source();
    let decided = Params { burned_per_mille: 1_000, base_fee: 3_000, ..params() };
    let decide = vec![action(0, COUNCIL, decided.encode())];
    world.extend(&[sign(&[(0, 0)], decide, 50, 40_000)]);
    world.extend(&[pay(1, 0, 2, 5), pay(2, 0, 3, 5)]);
    catch_up(&index, &source);
    oracle::compare(&world, &index, &mut Draw(1));
    world.flush(0);
    world.extend(&[pay(1, 1, 2, 5)]);
    catch_up(&index, &source);
    oracle::compare(&world, &index, &mut Draw(2));
    let (_dir, late) = open(&world);
    let error = late.step(&source).unwrap_err();
    assert!(matches!(error, IndexError::Change(ChangeError::Params { height: 1 })), "{error}");
    assert!(error.to_string().contains("from the first start of a node on"), "{error}");
    assert_eq!(late.tip().unwrap().height, 0);
}

/// On a thread of its own, woken when best moves, until the node stops.
#[test]
fn an_index_follows_until_the_node_stops() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let (moved, waiting) = mpsc::channel();
    let wait = Box::new(move || waiting.recv().map_err(|_| Stopped));
    let source = Source { wait, ..world.source() };
    let ended = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            index.follow(source);
            ended.fetch_add(1, Ordering::SeqCst);
        });
        for seq in 0..5 {
            world.extend(&[pay(0, seq, 1, 5)]);
            moved.send(()).unwrap();
            while index.tip().unwrap().id != world.best() {
                std::thread::yield_now();
            }
        }
        assert_eq!(ended.load(Ordering::SeqCst), 0);
        drop(moved);
    });
    assert_eq!((ended.load(Ordering::SeqCst), index.failed()), (1, None));
    oracle::compare(&world, &index, &mut Draw(1));
}

/// What the node drops between two looks is found by the next.
#[test]
fn a_branch_that_vanishes_between_two_looks_is_passed_over() {
    let mut world = World::new();
    let (_dir, index) = open(&world);
    let root = world.best();
    let one = world.grow(root, &[pay(0, 0, 1, 5)]);
    let other = world.grow(root, &[pay(0, 0, 2, 5)]);
    let over = world.grow(other, &[]);
    world.adopt(one);
    let (looks, whole) = (AtomicUsize::new(0), world.source());
    let world = Arc::new(std::sync::Mutex::new(world));
    let far = world.clone();
    let look = Box::new(move |look: isonomy_index::Look| {
        // The second look is for the block that the first one named.
        if looks.fetch_add(1, Ordering::SeqCst) == 1 {
            let mut world = far.lock().unwrap();
            world.adopt(over);
            world.flush(0);
        }
        (whole.look)(look)
    });
    let source = Source { look, ..world.lock().unwrap().source() };
    assert!(!index.step(&source).unwrap());
    catch_up(&index, &source);
    oracle::compare(&world.lock().unwrap(), &index, &mut Draw(1));
}
