use crate::tree::leaf::{leaves, root_over};
use crate::{ReadFailed, View};
use isonomy_crypto::Hash;

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
