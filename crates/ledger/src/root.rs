use crate::{Order, Pair, ReadFailed, Span, View};
use alloc::vec::Vec;
use isonomy_crypto::{Hash, STATE_LEAF, STATE_NODE, state_path, state_value};

/// The root over a whole state: of a binary tree in which a pair's place is its key's hash, read
/// from the highest bit.
///
/// A leaf binds the hash of the key and the hash of the value. A leaf alone in its subtree stands
/// for it, and a subtree without leaves is [`Hash::ZERO`], so the root is a function of the pairs
/// and of nothing else.
///
/// This is the definition, for tests and for people: it reads every pair each time. Execution keeps
/// a [`StateTree`](crate::StateTree).
///
/// # Errors
/// When the view fails.
pub fn state_root(view: &dyn View) -> Result<Hash, ReadFailed> {
    Ok(root_over(&leaves(view)?, 0))
}

/// One pair of the state: its path, which is the key's hash, and the value's hash.
pub(crate) type Leaf = [Hash; 2];

/// Every pair's leaf, by path.
///
/// # Errors
/// When the view fails or names a key twice: two equal paths would never part.
fn leaves(view: &dyn View) -> Result<Vec<Leaf>, ReadFailed> {
    let pairs = view.scan(&Span::all(), Order::Up);
    let leaf = |pair: Result<Pair, _>| pair.map(|(k, v)| [state_path(&k), state_value(&v)]);
    let mut leaves = pairs.map(leaf).collect::<Result<Vec<_>, _>>()?;
    leaves.sort_unstable();
    let twice = |pair: &[Leaf]| matches!(pair, [[a, _], [b, _]] if a == b);
    if leaves.windows(2).any(twice) { Err(ReadFailed) } else { Ok(leaves) }
}

/// The hash over `leaves`, which are sorted and share the first `depth` bits of their paths.
pub(crate) fn root_over(leaves: &[Leaf], depth: usize) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [leaf] => STATE_LEAF.join(leaf),
        _ => {
            let one = leaves.partition_point(|[path, _]| !bit(path, depth));
            let (left, right) = leaves.split_at(one);
            let below = depth.saturating_add(1);
            STATE_NODE.join(&[root_over(left, below), root_over(right, below)])
        }
    }
}

pub(crate) fn bit(path: &Hash, index: usize) -> bool {
    let byte = path.as_bytes().get(index / 8);
    byte.is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}
