use crate::{Order, Pair, ReadFailed, Span, View};
use alloc::vec::Vec;
use isonomy_crypto::{Domain, Hash};

const KEY: Domain = Domain::new("isonomy state key 1");
const VALUE: Domain = Domain::new("isonomy state value 1");
const LEAF: Domain = Domain::new("isonomy state leaf 1");
const NODE: Domain = Domain::new("isonomy state node 1");

/// The root over a whole state: of a binary tree in which a pair's place is its key's hash, read
/// from the highest bit.
///
/// A leaf binds the hash of the key and the hash of the value. A leaf alone in its subtree stands
/// for it, and a subtree without leaves is [`Hash::ZERO`], so the root is a function of the pairs
/// and of nothing else. Reads every pair.
///
/// # Errors
/// When the view fails.
pub fn state_root(view: &dyn View) -> Result<Hash, ReadFailed> {
    let leaf = |pair: Result<Pair, _>| {
        pair.map(|(key, value)| {
            let path = KEY.hash(&key);
            (path, LEAF.join(&[path, VALUE.hash(&value)]))
        })
    };
    let pairs = view.scan(&Span::all(), Order::Up);
    let mut leaves = pairs.map(leaf).collect::<Result<Vec<_>, _>>()?;
    leaves.sort_unstable();
    // A view that names a key twice is broken; two equal paths would never part.
    if leaves.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        return Err(ReadFailed);
    }
    Ok(subtree(&leaves, 0))
}

/// The hash over `leaves`, which share the first `depth` bits of their paths.
fn subtree(leaves: &[(Hash, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => Hash::ZERO,
        [(_, leaf)] => *leaf,
        _ => {
            let (left, right) =
                leaves.split_at(leaves.partition_point(|(path, _)| !bit(path, depth)));
            let below = depth.saturating_add(1);
            NODE.join(&[subtree(left, below), subtree(right, below)])
        }
    }
}

fn bit(path: &Hash, index: usize) -> bool {
    let byte = path.as_bytes().get(index / 8);
    byte.is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}
