//! A data directory: looked at first, then opened. Or rewound.
use crate::{NodeError, Spec, identity};
use isonomy_chain::{Flush, Tip};
use isonomy_crypto::Hash;
use isonomy_host::{Identity, StartError, check_clock};
use isonomy_ledger::{Order, Pair, ReadFailed, Span, StateTree, Value, View};
use isonomy_store::{Disk, Peeked, Store, UNDO_BLOCKS};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Opens it, or makes it. What must be refused is refused before anything is written, unless a
/// crash left the database to be repaired.
pub(crate) fn open(dir: &Path, genesis: &Flush) -> Result<(Disk, Identity), NodeError> {
    let found = Disk::peek(dir, genesis)?;
    let tip = found.as_ref().map_or(&genesis.tip, |found| &found.tip);
    check_clock(&tip.header)?;
    if let Some(Peeked { tip, view }) = &found {
        check_root(dir, tip, StateTree::stored(view.clone()).map(|tree| tree.root()))?;
    }
    let identity = identity::read(dir)?;
    let seen = found.is_some();
    drop(found);
    let mut store = Disk::open(dir, genesis)?;
    if !seen {
        let recovered = store.recover().map_err(StartError::Store)?;
        check_root(dir, &recovered.tip, Ok(recovered.tree.root()))?;
    }
    let identity = identity.map_or_else(|| identity::create(dir), Ok)?;
    Ok((store, identity))
}

/// The top of the tree, by which all of the tree below is checked as it is read: with a wrong one,
/// honest blocks would look invalid.
fn check_root(dir: &Path, tip: &Tip, root: Result<Hash, ReadFailed>) -> Result<(), NodeError> {
    let damaged = |why| NodeError::State { dir: dir.into(), why };
    let want = tip.header.state_root;
    let got = root.map_err(|_| damaged("it cannot be read".into()))?;
    if got == want {
        return Ok(());
    }
    let height = tip.header.height;
    Err(damaged(format!("its root is {got}, block {height} commits {want}")))
}

/// The height of the state that a stopped node stored. Changes nothing, unless a crash left the
/// database to be repaired.
///
/// # Errors
/// [`NodeError::Empty`] if no node ran there; else as [`Node::start`](crate::Node::start).
pub fn stored_height(spec: &Spec, dir: &Path) -> Result<u64, NodeError> {
    let genesis = spec.coin()?.genesis;
    match Disk::peek(dir, &genesis)? {
        Some(found) => Ok(found.tip.header.height),
        None => {
            Ok(existing(dir, &genesis)?.recover().map_err(StartError::Store)?.tip.header.height)
        }
    }
}

/// What [`check`] found in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checked {
    /// The height of the block after which the state is.
    pub height: u64,
    /// Keys of the state.
    pub pairs: usize,
}

/// Compares the whole stored state of a stopped node, pair by pair, with the tree that its block
/// commits. Reads both whole, in bounded memory. Changes nothing, unless a crash left the database to
/// be repaired. `told` hears how many of all keys are compared.
///
/// # Errors
/// [`NodeError::State`] with the first key that differs, and [`NodeError::Empty`] if no node ran
/// there; else as [`Node::start`](crate::Node::start).
pub fn check(
    spec: &Spec,
    dir: &Path,
    told: impl Fn(usize, usize) + Send + Sync,
) -> Result<Checked, NodeError> {
    let genesis = spec.coin()?.genesis;
    let Peeked { tip, view } = match Disk::peek(dir, &genesis)? {
        Some(found) => found,
        None => {
            let found = existing(dir, &genesis)?.recover().map_err(StartError::Store)?;
            Peeked { tip: found.tip, view: found.view }
        }
    };
    let damaged = |why: String| NodeError::State { dir: dir.into(), why };
    let tree = StateTree::stored(view.clone()).map_err(|why| damaged(why.to_string()))?;
    check_root(dir, &tip, Ok(tree.root()))?;
    let (all, done) = (tree.len(), AtomicUsize::new(0));
    let passed = || told(done.fetch_add(1, Ordering::Relaxed).saturating_add(1), all);
    let watched = Watched { view: &*view, passed };
    tree.compare(&watched).map_err(|why| damaged(why.to_string()))?;
    Ok(Checked { height: tip.header.height, pairs: tree.len() })
}

/// A state of which somebody hears whenever a scan passes a pair.
struct Watched<'a, F> {
    view: &'a dyn View,
    passed: F,
}

impl<F: Fn() + Send + Sync> View for Watched<'_, F> {
    fn get(&self, key: &[u8]) -> Result<Option<Value>, ReadFailed> {
        self.view.get(key)
    }

    fn scan<'a>(
        &'a self,
        span: &Span,
        order: Order,
    ) -> Box<dyn Iterator<Item = Result<Pair, ReadFailed>> + 'a> {
        Box::new(self.view.scan(span, order).inspect(|_| (self.passed)()))
    }
}

/// Takes the stored state of a stopped node back to `height`, or to a little less: flushes are undone
/// whole. Answers with the height where it stands then.
///
/// For a node that halted since a heavier branch forks off below what it stored: rewound to below
/// the fork, it follows that branch. The blocks above are fetched from peers again; one that no peer
/// has is lost.
///
/// # Errors
/// [`NodeError::Reach`] if too many blocks lie above `height`, and [`NodeError::Empty`] if no node ran
/// there: then nothing changes. Else as [`Node::start`](crate::Node::start).
pub fn rewind(spec: &Spec, dir: &Path, height: u64) -> Result<u64, NodeError> {
    let genesis = spec.coin()?.genesis;
    drop(Disk::peek(dir, &genesis)?);
    let mut disk = existing(dir, &genesis)?;
    if !disk.unwind(height).map_err(StartError::Store)? {
        let tip = disk.recover().map_err(StartError::Store)?.tip.header.height;
        return Err(NodeError::Reach { got: height, tip, limit: UNDO_BLOCKS });
    }
    let recovered = disk.recover().map_err(StartError::Store)?;
    check_root(dir, &recovered.tip, Ok(recovered.tree.root()))?;
    Ok(recovered.tip.header.height)
}

/// Opens a directory, and makes none.
fn existing(dir: &Path, genesis: &Flush) -> Result<Disk, NodeError> {
    if !Disk::exists(dir, genesis)? {
        return Err(NodeError::Empty { dir: dir.into() });
    }
    Ok(Disk::open(dir, genesis)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::WorkSpec;
    use isonomy_ledger::Key;
    use isonomy_types::{Amount, Params};
    use std::collections::BTreeMap;

    fn spec() -> Spec {
        Spec {
            version: crate::SPEC_VERSION,
            name: "a test".into(),
            time: 1_700_000_000_000,
            reward: Amount(50),
            work: WorkSpec { hashes: 50, interval_ms: 100, half_life_ms: 10_000 },
            params: Params::default(),
            allocations: BTreeMap::from([(Default::default(), Amount(7))]),
        }
    }

    fn genesis() -> Flush {
        spec().coin().unwrap().genesis
    }

    #[test]
    fn checking_names_the_first_key_that_differs() {
        let dir = tempfile::tempdir().unwrap();
        let (sound, damaged) = (dir.path().join("sound"), dir.path().join("damaged"));
        let mut flush = genesis();
        drop(Disk::open(&sound, &flush).unwrap());
        let pairs = flush.layer.writes.len();
        let told = AtomicUsize::new(0);
        let tell = |done, all| {
            assert_eq!(all, pairs);
            assert_eq!(told.fetch_add(1, Ordering::Relaxed) + 1, done);
        };
        assert_eq!(check(&spec(), &sound, tell).unwrap(), Checked { height: 0, pairs });
        assert_eq!(told.into_inner(), pairs);

        // The medium changes two values, and no page of the tree.
        let last_two: Vec<_> = flush.layer.writes.keys().rev().take(2).map(Key::from).collect();
        for key in &last_two {
            flush.layer.writes.insert(key.clone(), Some(b"damaged".as_slice().into()));
        }
        drop(Disk::open(&damaged, &flush).unwrap());
        let error = check(&spec(), &damaged, |_, _| {}).unwrap_err().to_string();
        let first: String = last_two[1].iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(error.contains(&first) && error.contains("is damaged"), "{error}");
        let missing = check(&spec(), &dir.path().join("missing"), |_, _| {});
        assert!(matches!(missing, Err(NodeError::Empty { .. })));
    }

    #[test]
    fn a_tree_that_is_not_what_its_block_commits_is_refused() {
        let Flush { tree, tip, .. } = genesis();
        let dir = Path::new("data");
        check_root(dir, &tip, Ok(tree.root())).unwrap();
        for root in [Ok(StateTree::default().root()), Err(ReadFailed)] {
            let error = check_root(dir, &tip, root).unwrap_err().to_string();
            assert!(error.contains("data is damaged"), "{error}");
            assert!(error.contains("fetch the chain anew"), "{error}");
        }
    }

    /// A crash before the directory had its name left a lock, and nothing to rewind.
    #[test]
    fn rewinding_makes_no_store() {
        let (dir, genesis) = (tempfile::tempdir().unwrap(), genesis());
        let missing = dir.path().join("missing");
        assert!(matches!(existing(&missing, &genesis), Err(NodeError::Empty { .. })));
        assert!(!missing.exists());
        std::fs::write(dir.path().join("LOCK"), b"").unwrap();
        assert!(matches!(existing(dir.path(), &genesis), Err(NodeError::Empty { .. })));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        drop(open(dir.path(), &genesis).unwrap());
        assert!(existing(dir.path(), &genesis).is_ok());
    }

    #[test]
    fn a_refused_key_leaves_the_database_as_it_was() {
        let (dir, genesis) = (tempfile::tempdir().unwrap(), genesis());
        drop(open(dir.path(), &genesis).unwrap());
        std::fs::write(dir.path().join("node.key"), b"short").unwrap();
        let state = || std::fs::read(dir.path().join("state.redb")).unwrap();
        let before = state();
        assert!(matches!(open(dir.path(), &genesis), Err(NodeError::Key(_))));
        assert!(state() == before);
    }
}
