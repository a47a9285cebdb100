//! Leaves, and the hash over some: what the tree and the naive root share.
use crate::{Order, Pair, ReadFailed, Span, View};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, STATE_LEAF, STATE_NODE, state_path, state_value};

/// One pair of the state.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Leaf {
    /// The key's hash.
    pub(crate) path: Hash,
    /// Binds path and value.
    pub(crate) hash: Hash,
}

impl Leaf {
    fn new(key: &[u8], value: &[u8]) -> Self {
        let path = path(key);
        Self { path, hash: leaf_hash(path, value) }
    }
}

pub(crate) fn path(key: &[u8]) -> Hash {
    state_path(key)
}

pub(crate) fn leaf_hash(path: Hash, value: &[u8]) -> Hash {
    STATE_LEAF.join(&[path, state_value(value)])
}

/// Every pair's leaf, by path.
///
/// # Errors
/// When the view fails or names a key twice: two equal paths would never part.
pub(crate) fn leaves(view: &dyn View) -> Result<Vec<Leaf>, ReadFailed> {
    let pairs = view.scan(&Span::all(), Order::Up);
    let leaf = |pair: Result<Pair, _>| pair.map(|(key, value)| Leaf::new(&key, &value));
    let mut leaves = pairs.map(leaf).collect::<Result<Vec<_>, _>>()?;
    leaves.sort_unstable();
    let twice = |pair: &[Leaf]| matches!(pair, [a, b] if a.path == b.path);
    if leaves.windows(2).any(twice) { Err(ReadFailed) } else { Ok(leaves) }
}

/// The hash over `leaves`, which are sorted and share the first `depth` bits of their paths.
pub(crate) fn root_over(leaves: &[Leaf], depth: usize) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [leaf] => leaf.hash,
        _ => {
            let (left, right) = halves(leaves, |leaf| &leaf.path, depth);
            let below = depth.saturating_add(1);
            join(root_over(left, below), root_over(right, below))
        }
    }
}

/// What has a zero at bit `depth` of its path, and what has a one.
pub(crate) fn halves<T>(sorted: &[T], path: impl Fn(&T) -> &Hash, depth: usize) -> (&[T], &[T]) {
    sorted.split_at(sorted.partition_point(|item| !bit(path(item), depth)))
}

/// One compression.
pub(crate) fn join(left: Hash, right: Hash) -> Hash {
    #[cfg(test)]
    super::tests::count_join();
    STATE_NODE.join(&[left, right])
}

fn bit(path: &Hash, index: usize) -> bool {
    let byte = path.as_bytes().get(index / 8);
    byte.is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}
