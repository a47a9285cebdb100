//! A data directory: looked at first, then opened.
use crate::{NodeError, identity};
use isonomy_chain::{Flush, Tip};
use isonomy_host::{Identity, check_clock};
use isonomy_ledger::{View, state_root};
use isonomy_store::{Disk, Peeked, Store};
use std::path::Path;

/// Opens it, or makes it. What must be refused is refused before anything is written, unless a
/// crash left the database to be repaired.
pub(crate) fn open(dir: &Path, genesis: &Flush) -> Result<(Disk, Identity), NodeError> {
    let found = Disk::peek(dir, genesis)?;
    let tip = found.as_ref().map_or(&genesis.tip, |found| &found.tip);
    check_clock(&tip.header)?;
    if let Some(Peeked { tip, view }) = &found {
        check_state(dir, tip, &**view)?;
    }
    let identity = identity::read(dir)?;
    let seen = found.is_some();
    drop(found);
    let mut store = Disk::open(dir, genesis)?;
    if !seen {
        let recovered = store.recover().map_err(isonomy_host::StartError::Store)?;
        check_state(dir, &recovered.tip, &*recovered.view)?;
    }
    let identity = identity.map_or_else(|| identity::create(dir), Ok)?;
    Ok((store, identity))
}

/// Damage that nothing else shows: with a wrong state, honest blocks would look invalid.
fn check_state(dir: &Path, tip: &Tip, view: &dyn View) -> Result<(), NodeError> {
    let damaged = |why| NodeError::State { dir: dir.into(), why };
    let want = tip.header.state_root;
    let got = state_root(view).map_err(|_| damaged("it cannot be read".into()))?;
    if got == want {
        return Ok(());
    }
    let height = tip.header.height;
    Err(damaged(format!("its root is {got}, block {height} commits {want}")))
}
