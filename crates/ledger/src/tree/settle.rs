//! What of a tree stays in memory, and what of it a store is to write.
use super::fork::{Below, FORK_WIDTH, Fork};
use super::page;
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;

/// `below` without its forks of at most `most` leaves. Nothing if it has none.
pub(super) fn settle(below: &Below, most: usize) -> Option<Below> {
    let Below::Fork(fork) = below else { return None };
    if fork.len <= most {
        return Some(Below::Stored { len: fork.len });
    }
    replace(fork, |place| settle(&fork.below[place], most))
}

/// `own` with all that it has in common with `other` taken from there. Nothing if it is there already.
pub(super) fn follow(own: (&Hash, &Below), other: (&Hash, &Below)) -> Option<Below> {
    if own.0 == other.0 {
        return (!own.1.is(other.1)).then(|| other.1.clone());
    }
    let (Below::Fork(own), Below::Fork(other)) = (own.1, other.1) else { return None };
    replace(own, |place| {
        let own = (&own.hashes[place], &own.below[place]);
        follow(own, (&other.hashes[place], &other.below[place]))
    })
}

/// The fork with new children of the same leaves, if there are any.
fn replace(fork: &Fork, child: impl Fn(usize) -> Option<Below>) -> Option<Below> {
    let mut copy = None;
    for place in 0..FORK_WIDTH {
        if let Some(below) = child(place) {
            copy.get_or_insert_with(|| fork.copy()).below[place] = below;
        }
    }
    copy.map(|fork| Below::Fork(Arc::new(fork)))
}

/// Walks what differs between two versions, in the order of places.
pub(super) struct Since<W> {
    pub(super) at: Vec<u8>,
    pub(super) write: W,
}

impl<E, W: FnMut(&[u8], &[u8]) -> Result<(), E>> Since<W> {
    /// Writes `new`, which differs from `old`, and what differs below. Without `old`, it all does.
    pub(super) fn subtree(&mut self, new: &Below, old: Option<&Below>) -> Result<(), E> {
        if matches!(new, Below::Few(_)) && !self.at.is_empty() {
            return Ok(());
        }
        let Some(page) = page::encode(new) else { return Ok(()) };
        (self.write)(&self.at, &page)?;
        let Below::Fork(fork) = new else { return Ok(()) };
        let old = match old {
            Some(Below::Fork(old)) => Some(old),
            _ => None,
        };
        for (place, (hash, new)) in (0..).zip(fork.hashes.iter().zip(&fork.below)) {
            let at = usize::from(place);
            if old.is_none_or(|old| old.hashes[at] != *hash) {
                self.at.push(place);
                self.subtree(new, old.map(|old| &old.below[at]))?;
                self.at.pop();
            }
        }
        Ok(())
    }
}
