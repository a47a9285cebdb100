//! Subtrees: immutable, shared by every version of the state that holds them.
use super::leaf::{Leaf, halves, join, root_over};
use alloc::{sync::Arc, vec::Vec};
use isonomy_crypto::Hash;

/// Leaves that lie in one piece of memory, without nodes between them. Hashing their few nodes again
/// costs about what reading them would, and a tree of single leaves takes more than twice the bytes a
/// key. More would save little, and let paths ground to part late cost more for each write.
pub(super) const FEW_MAX: usize = 8;

/// A new leaf's hash, or a removal.
pub(super) struct Write {
    pub(super) path: Hash,
    pub(super) leaf: Option<Hash>,
}

/// The leaves whose paths start with the same bits, as many as the subtree is deep. Its shape, too,
/// is a function of the leaves alone.
#[derive(Clone, Default)]
pub(super) struct Subtree {
    /// Lies above, beside its sibling's: a node is hashed without looking at untouched children.
    pub(super) hash: Hash,
    pub(super) len: usize,
    below: Below,
}

#[derive(Clone)]
enum Below {
    /// At most [`FEW_MAX`], by path.
    Few(Arc<[Leaf]>),
    /// More.
    Fork(Arc<[Subtree; 2]>),
}

impl Default for Below {
    fn default() -> Self {
        Self::Few(Arc::default())
    }
}

impl Subtree {
    /// Over `leaves`, by path, no path twice.
    pub(super) fn of(leaves: &[Leaf], depth: usize) -> Self {
        if leaves.len() <= FEW_MAX {
            return Self::few(root_over(leaves, depth), leaves.into());
        }
        let (left, right) = halves(leaves, |leaf| &leaf.path, depth);
        let below = depth.saturating_add(1);
        Self::fork(Self::of(left, below), Self::of(right, below))
    }

    /// After `writes`, by path, no path twice. What they do not touch is shared. Goes no deeper than
    /// the 256 bits of a path, since different paths part before.
    pub(super) fn update(&self, writes: &[Write], depth: usize) -> Self {
        if writes.is_empty() {
            return self.clone();
        }
        match &self.below {
            Below::Few(leaves) => {
                let after = merge(leaves, writes);
                if after == **leaves { self.clone() } else { Self::of(&after, depth) }
            }
            Below::Fork(old) => {
                let [old_left, old_right] = &**old;
                let (left, right) = halves(writes, |write| &write.path, depth);
                let below = depth.saturating_add(1);
                let left = old_left.update(left, below);
                let right = old_right.update(right, below);
                if left.hash == old_left.hash && right.hash == old_right.hash {
                    return self.clone();
                }
                Self::fork(left, right)
            }
        }
    }

    fn few(hash: Hash, leaves: Arc<[Leaf]>) -> Self {
        Self { hash, len: leaves.len(), below: Below::Few(leaves) }
    }

    /// One node above two halves. It is none if few leaves are left below it.
    fn fork(left: Self, right: Self) -> Self {
        let len = left.len.saturating_add(right.len);
        let (Below::Few(ones), Below::Few(others)) = (&left.below, &right.below) else {
            return Self::node(len, left, right);
        };
        if len > FEW_MAX {
            return Self::node(len, left, right);
        }
        let leaves: Arc<[Leaf]> = ones.iter().chain(&**others).copied().collect();
        let hash = match &*leaves {
            [] => Hash::ZERO,
            [leaf] => leaf.hash,
            _ => join(left.hash, right.hash),
        };
        Self::few(hash, leaves)
    }

    fn node(len: usize, left: Self, right: Self) -> Self {
        let hash = join(left.hash, right.hash);
        Self { hash, len, below: Below::Fork(Arc::new([left, right])) }
    }
}

/// `leaves` after `writes`, both by path.
fn merge(leaves: &[Leaf], writes: &[Write]) -> Vec<Leaf> {
    let mut after = Vec::with_capacity(leaves.len().saturating_add(writes.len()));
    let mut old = leaves.iter().copied().peekable();
    for Write { path, leaf } in writes {
        while let Some(before) = old.next_if(|old| old.path < *path) {
            after.push(before);
        }
        old.next_if(|old| old.path == *path);
        after.extend(leaf.map(|hash| Leaf { path: *path, hash }));
    }
    after.extend(old);
    after
}

#[cfg(test)]
impl Subtree {
    pub(super) fn halves(&self) -> Option<&[Self; 2]> {
        match &self.below {
            Below::Few(_) => None,
            Below::Fork(halves) => Some(halves),
        }
    }

    pub(super) fn leaves(&self) -> Option<&[Leaf]> {
        match &self.below {
            Below::Few(leaves) => Some(leaves),
            Below::Fork(_) => None,
        }
    }

    /// Where it lies in memory.
    pub(super) fn place(&self) -> usize {
        match &self.below {
            Below::Few(leaves) => leaves.as_ptr().addr(),
            Below::Fork(halves) => Arc::as_ptr(halves).addr(),
        }
    }
}
