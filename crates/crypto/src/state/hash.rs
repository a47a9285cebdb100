//! What the state tree hashes.
use crate::block::{self, BLOCK_BYTES, Batch, Block};
use crate::{Domain, Hash};

/// A leaf of the state tree: `STATE_LEAF.join(&[path, value])`, of [`state_path`] and
/// [`state_value`].
///
/// A leaf alone in its subtree stands for it, at whatever depth; so it binds its whole path.
pub const STATE_LEAF: Domain = Domain::new("isonomy state leaf 1");

/// An inner node of the state tree: `STATE_NODE.join(&[left, right])`. A subtree without leaves is
/// [`Hash::ZERO`].
pub const STATE_NODE: Domain = Domain::new("isonomy state node 1");

const KEY: Bytes = Bytes {
    short: Domain::new("isonomy state key short 1"),
    long: Domain::new("isonomy state key 1"),
};
const VALUE: Bytes = Bytes {
    short: Domain::new("isonomy state value short 1"),
    long: Domain::new("isonomy state value 1"),
};

/// A key's place in the state tree, its bits read from the highest of the first byte.
///
/// At most 63 bytes are hashed as one block: their number in a byte, themselves, zeros. That is
/// injective and as many keys as the processor's vectors take are hashed at once. A longer key is
/// hashed whole, under a domain of its own.
pub fn state_path(key: &[u8]) -> Hash {
    KEY.hash(key)
}

/// [`state_path`] of each key, given to `out` in the order of the keys. Costs a fraction for short
/// keys.
pub fn state_paths<'a>(keys: impl IntoIterator<Item = &'a [u8]>, out: impl FnMut(Hash)) {
    KEY.hash_all(keys, out);
}

/// A value's digest in the state tree, made like [`state_path`] under other domains.
pub fn state_value(value: &[u8]) -> Hash {
    VALUE.hash(value)
}

/// [`state_value`] of each value, given to `out` in the order of the values. Costs a fraction for
/// short values.
pub fn state_values<'a>(values: impl IntoIterator<Item = &'a [u8]>, out: impl FnMut(Hash)) {
    VALUE.hash_all(values, out);
}

/// Byte strings of any length, most of them short.
struct Bytes {
    short: Domain,
    long: Domain,
}

impl Bytes {
    fn hash(&self, bytes: &[u8]) -> Hash {
        match framed(bytes) {
            Some(block) => block::hash_short(&self.short.0, &block, 64),
            None => self.long.hash(bytes),
        }
    }

    fn hash_all<'a>(&self, all: impl IntoIterator<Item = &'a [u8]>, out: impl FnMut(Hash)) {
        let all = all.into_iter();
        if all.size_hint().1.is_some_and(|most| most < block::MANY_MIN) {
            return all.map(|bytes| self.hash(bytes)).for_each(out);
        }
        let mut batch = Batch::new(&self.short.0, out);
        for bytes in all {
            match framed(bytes) {
                Some(block) => batch.push(block),
                None => batch.pass(self.long.hash(bytes)),
            }
        }
        batch.flush();
    }
}

/// Length, bytes, zeros; `None` when they do not fit in a block.
fn framed(bytes: &[u8]) -> Option<Block> {
    let mut block = [0; BLOCK_BYTES];
    let (len, room) = block.split_first_mut()?;
    room.get_mut(..bytes.len())?.copy_from_slice(bytes);
    *len = u8::try_from(bytes.len()).ok()?;
    Some(block)
}
