//! Forks that a view keeps, brought back where a way leads through them.
use super::fork::{Below, Fork, Subtree, slot};
use super::page;
use crate::{ReadFailed, View};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;

/// The top of the tree of which `view` keeps the pages; of an empty state where it keeps none.
pub(super) fn top(view: &dyn View) -> Result<Subtree, ReadFailed> {
    let page = view.tree_page(&[])?;
    page.map_or_else(|| Ok(Subtree::default()), |page| page::decode(&page, 0))
}

/// `top` with all forks in memory that lead to `paths`, which are sorted. Nothing if they are there.
pub(super) fn load(
    top: &Subtree,
    view: Option<&dyn View>,
    paths: &[Hash],
) -> Result<Option<Subtree>, ReadFailed> {
    let mut load = Load { view, at: Vec::new() };
    let below = load.subtree(&top.below, &top.hash, paths)?;
    Ok(below.map(|below| Subtree { hash: top.hash, below }))
}

struct Load<'a> {
    view: Option<&'a dyn View>,
    /// The way from the root: the place in each fork.
    at: Vec<u8>,
}

impl Load<'_> {
    /// No deeper than a path has bits, since the forks above hold more than one path.
    fn subtree(
        &mut self,
        below: &Below,
        hash: &Hash,
        paths: &[Hash],
    ) -> Result<Option<Below>, ReadFailed> {
        match below {
            Below::Few(_) => Ok(None),
            Below::Fork(fork) => self.fork(fork, paths),
            Below::Stored { len } => match self.read(hash, *len)? {
                Below::Fork(fork) => {
                    let loaded = self.fork(&fork, paths)?;
                    Ok(Some(loaded.unwrap_or(Below::Fork(fork))))
                }
                _ => Err(ReadFailed),
            },
        }
    }

    fn fork(&mut self, fork: &Fork, paths: &[Hash]) -> Result<Option<Below>, ReadFailed> {
        let depth = super::depth(&self.at);
        let mut copy = None;
        for here in paths.chunk_by(|path, next| slot(path, depth) == slot(next, depth)) {
            let place = here.first().map_or(0, |path| slot(path, depth));
            self.at.push(u8::try_from(place).unwrap_or_default());
            let below = self.subtree(&fork.below[place], &fork.hashes[place], here)?;
            self.at.pop();
            if let Some(below) = below {
                copy.get_or_insert_with(|| fork.copy()).below[place] = below;
            }
        }
        Ok(copy.map(|fork| Below::Fork(Arc::new(fork))))
    }

    fn read(&self, hash: &Hash, len: usize) -> Result<Below, ReadFailed> {
        let page = self.view.ok_or(ReadFailed)?.tree_page(&self.at)?.ok_or(ReadFailed)?;
        let found = page::decode(&page, super::depth(&self.at))?;
        let same = found.hash == *hash && found.below.len() == len;
        if same { Ok(found.below) } else { Err(ReadFailed) }
    }
}
